/*
 * keep_rules: whether rules raise the same alerts on a trace and on what was made of it.
 *
 * Layer: cli. All rules are looked at on each event. Alerts are the same when they are of the same
 * rule, event and time; their texts can differ.
 */
#ifndef EYAS_KEEP_RULES_H
#define EYAS_KEEP_RULES_H

#include "cli/corpus.h"
#include "event/source.h"

#define KEEP_RULES_SHOWN 20

/* An alert; its text as a hash. */
struct kept_alert {
	uint64_t num, ts, text;
	int rule;
};

typedef VEC(struct kept_alert) kept_alerts;

struct keep_rules {
	struct corpus_options options;
	struct corpus corpus;
	kept_alerts before, after;
	uint64_t lost, gained, texts_differ;
	/* Alerts that are lost (0) or gained (1), the first of them. */
	struct {
		struct kept_alert alert;
		bool gained;
	} shown[KEEP_RULES_SHOWN];
	size_t n_shown;
};

/* Loads the rules in k->options; an exit_status. To be freed in any case. */
int keep_rules_load(struct keep_rules *k, const char *command);
void keep_rules_free(struct keep_rules *k);
/* Changes the text of an alert of the trace as the trace was changed: appends the new one. */
typedef void keep_rules_text_fn(void *arg, struct str text, struct strbuf *out);
/*
 * The alerts on a trace; what source_next() returned last. `change` may be NULL.
 */
int keep_rules_walk(struct keep_rules *k, struct source *src, keep_rules_text_fn *change, void *arg,
		    kept_alerts *out);
/* Compares them; false when some are lost or gained. */
bool keep_rules_compare(struct keep_rules *k);
struct str keep_rules_name(const struct keep_rules *k, const struct kept_alert *a);

#endif
