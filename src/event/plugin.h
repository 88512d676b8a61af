/*
 * plugin: whose events a PLUGINEVENT is, and which source an event belongs to.
 *
 * Layer: event. In the .scap ecosystem events that are no system calls come from plugins: a
 * PLUGINEVENT holds the number of the plugin (assigned once for all, in the registry of
 * falcosecurity/plugins) and a payload. A rule sees the events of its own source only.
 */
#ifndef EYAS_PLUGIN_H
#define EYAS_PLUGIN_H

#include "event/event.h"

#define PLUGIN_K8SAUDIT 1 /* its payload is one audit event of a Kubernetes API server, in JSON */

enum event_source {
	SOURCE_SYSCALL,   /* system calls and everything a recorder of them writes */
	SOURCE_K8S_AUDIT, /* audit events of a Kubernetes API server */
	SOURCE_N,
	SOURCE_OTHER = SOURCE_N, /* of a plugin that is not known */
};

/* "syscall", "k8s_audit"; NULL for SOURCE_OTHER. */
const char *event_source_name(enum event_source s);
/* The source of this name; SOURCE_OTHER when there is none. */
enum event_source event_source_by_name(struct str name);
/* The sources by name, in order, NULL behind the last. */
extern const char *const event_source_names[];

enum event_source event_source_of(const struct event *ev);
/* Name of the plugin an event comes from; NULL when it comes from none or one that is not known. */
const char *event_plugin_name(const struct event *ev);
/* The payload of a PLUGINEVENT; empty for other events. */
struct str event_plugin_data(const struct event *ev);

#endif
