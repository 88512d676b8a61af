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

enum alert_form {
	ALERT_TEXT,
	ALERT_JSON, /* as falco prints it */
	ALERT_ECS,  /* Elastic Common Schema (alert_doc.h) */
	ALERT_OCSF, /* OCSF Detection Finding (alert_doc.h) */
};

struct alert_options {
	enum alert_form form;
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

/* Appends one line, in the form that the options say, without the newline. */
void alert_line(const struct alert *a, const struct alert_options *opt, struct strbuf *out);
void internal_alert_line(const struct internal_alert *a, const struct alert_options *opt,
			 struct strbuf *out);

/* The same in one form. */
void alert_text(const struct alert *a, const struct alert_options *opt, struct strbuf *out);
void alert_json(const struct alert *a, const struct alert_options *opt, struct strbuf *out);
void internal_alert_text(const struct internal_alert *a, const struct alert_options *opt,
			 struct strbuf *out);
void internal_alert_json(const struct internal_alert *a, const struct alert_options *opt,
			 struct strbuf *out);

#endif
