/*
 * judge: whether the alerts of a replay are what a test expects.
 *
 * Layer: testing. Works on alerts that were kept, so that one replay serves any number of tests and
 * mutants. A verdict borrows the test's outcomes and the alerts.
 */
#ifndef EYAS_JUDGE_H
#define EYAS_JUDGE_H

#include "testing/test_file.h"

struct fired_field {
	struct str name;
	bool present;
	struct str text; /* bytes that are not UTF-8 replaced, as in alerts */
};

/* An alert that was raised. */
struct fired {
	const struct rule *rule;
	uint64_t num, ts; /* of its event */
	struct str hostname, output;
	const struct fired_field *fields;
	size_t n_fields;
};

struct mismatch {
	const char *what; /* "priority", "source", "hostname", "output", or NULL: a field */
	struct str field;
	const struct matcher *matcher; /* of a field or the output; else NULL */
	struct str expected;           /* without a matcher */
	bool present;
	bool unknown; /* not one of the alert's fields at all */
	struct str got;
	const struct ynode *node; /* what to rewrite, without a matcher */
};

typedef VEC(struct mismatch) mismatches;

struct outcome_verdict {
	const struct outcome *outcome;
	uint64_t matched; /* alerts that are as described */
	uint64_t of_rule; /* alerts of its rule */
	bool ok;
	const struct fired *nearest; /* not as described, with the fewest differences; or NULL */
	mismatches differences;      /* of the nearest */
};

struct verdict {
	bool ok;
	VEC(struct outcome_verdict) outcomes;
	VEC(const struct fired *) unexpected; /* with `others: none`, and in baselines */
};

/* A judge has memory for regular expressions. */
struct judge;
struct judge *judge_new(void);
void judge_free(struct judge *j);
/*
 * Compares; `ret` (may be NULL: only whether it passes) is filled and must be freed by
 * verdict_free().
 */
bool judge_alerts(struct judge *j, const struct rule_test *t, const struct fired *const *alerts,
		  size_t n, struct verdict *ret);
void verdict_free(struct verdict *v);
/* "1 alert", "at least 1 alert", "no alert", "2 to 3 alerts": what an outcome asks for. */
void outcome_count_text(const struct outcome *o, bool is_baseline, struct strbuf *out);

#endif
