/*
 * alert_doc: an alert as a document of another schema: ECS (Elastic Common Schema 8.11) or OCSF
 * (Open Cybersecurity Schema Framework 1.6.0, class Detection Finding).
 *
 * Layer: output. What goes where are the rows of alert_ecs.def and alert_ocsf.def: a place in the
 * document and the field, text or function its value comes from. A value that is missing leaves
 * out its place.
 */
#ifndef EYAS_ALERT_DOC_H
#define EYAS_ALERT_DOC_H

#include "output/alert.h"

/* Each appends one JSON object without a newline. `with_trace` and `hostname` of the options count;
 * those that leave out members do for output_fields, which no schema knows. */
void alert_ecs(const struct alert *a, const struct alert_options *opt, struct strbuf *out);
void alert_ocsf(const struct alert *a, const struct alert_options *opt, struct strbuf *out);
/* What the analyzer itself has to say, in the same schemas. */
void internal_alert_ecs(const struct internal_alert *a, const struct alert_options *opt,
			struct strbuf *out);
void internal_alert_ocsf(const struct internal_alert *a, const struct alert_options *opt,
			 struct strbuf *out);

#endif
