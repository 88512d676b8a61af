/*
 * alert: one rule match, as text and as JSON; sinks that take them.
 *
 * Layer: output. rule-language.md section 6 says what the forms look like. Nothing printed depends on the
 * host: times are UTC, control characters are escaped.
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
	bool iso_time;         /* ISO 8601 prefix in text */
	bool no_output, no_fields, no_tags; /* leave these JSON members out */
	bool message;          /* add the JSON member `message` (output without prefix) */
	struct str hostname;   /* JSON member; empty: left out */
};

/* One line without the newline. */
void alert_text(const struct alert *a, const struct alert_options *opt, struct strbuf *out);
void alert_json(const struct alert *a, const struct alert_options *opt, struct strbuf *out);

/* A taker of finished alert lines. */
struct alert_sink;
struct alert_sink_ops {
	/* 0 or -errno. */
	int (*put)(struct alert_sink *k, const struct alert *a, struct str line);
	/* Flushes and closes; 0 or -errno; frees the sink. */
	int (*finish)(struct alert_sink *k);
};
struct alert_sink {
	const struct alert_sink_ops *ops;
};

#endif
