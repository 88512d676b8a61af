/*
 * alert: one rule match, or one message of the analyzer itself, as text and as JSON.
 *
 * Layer: output. The forms are those of rule-language.md section 6 (what falco prints), so that
 * what reads Falco's alerts reads these. Nothing printed depends on the host: times are UTC, the
 * host's name is printed only when it was given, control characters are escaped.
 */
#ifndef EYAS_ALERT_H
#define EYAS_ALERT_H

#include "rules/ruleset.h"

struct alert {
	const struct rule *rule;
	const struct field_env *env; /* the event it fired on */
	const char *trace;           /* name of the trace it comes from, or NULL */
};

struct alert_options {
	bool json;
	bool iso_time; /* ISO 8601 in front of the text, and as the name of the time field */
	bool no_output, no_fields, no_tags; /* leave these JSON members out */
	bool message;        /* add the JSON member `message` (output without what is in front) */
	bool with_trace;     /* text: "TRACE: " in front; JSON: the member `trace` */
	struct str hostname; /* JSON member; empty: left out */
};

/* Something the analyzer itself has to say in the stream of alerts (source "internal"). */
struct internal_alert {
	uint64_t ts; /* ns */
	enum priority priority;
	struct str rule; /* a fixed title, also the first words of the text */
	struct str text;
	const struct internal_field {
		const char *name;
		uint64_t value;
	} * fields; /* in bytewise order of their names */
	size_t n_fields;
	const char *trace;
};

/* Each appends one line without the newline. */
void alert_text(const struct alert *a, const struct alert_options *opt, struct strbuf *out);
void alert_json(const struct alert *a, const struct alert_options *opt, struct strbuf *out);
void internal_alert_text(const struct internal_alert *a, const struct alert_options *opt,
			 struct strbuf *out);
void internal_alert_json(const struct internal_alert *a, const struct alert_options *opt,
			 struct strbuf *out);

#endif
