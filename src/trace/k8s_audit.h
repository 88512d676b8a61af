/*
 * k8s_audit: audit logs of a Kubernetes API server as a source of raw events.
 *
 * Layer: trace. A line is an audit event (kind Event), an EventList, or an array of those, as the
 * log backend and the webhook backend of the API server write them and Falco's k8saudit plugin
 * reads them. Each audit event is a PLUGINEVENT of that plugin with its JSON as the payload, its
 * time the stageTimestamp. A line that is not JSON, is cut, or goes over a bound is told with its
 * number, counted as a lost event and left out; the stream goes on and ends with -EBADMSG. JSON
 * that is no audit event is told and left out.
 */
#ifndef EYAS_K8S_AUDIT_H
#define EYAS_K8S_AUDIT_H

#include "event/source.h"

struct input;

#define K8S_AUDIT_LINE_MAX (16u << 20) /* bytes of a line that is looked at */

/* These first bytes are those of JSON text: an object or array. */
bool k8s_audit_probe(struct str head);
/* Owns `in` from here on, also when it fails. 0 or -errno. */
int k8s_audit_open(struct input *in, struct diag *diag, struct source **ret);

#endif
