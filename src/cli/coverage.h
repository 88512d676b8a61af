/*
 * coverage: what a corpus exercises of the rules, and the forms it is told in.
 *
 * Layer: cli. Counted as in coverage of programs: a comparison counts when it is reached, in the
 * order in which the condition is written; both its outcomes should be seen.
 */
#ifndef EYAS_COVERAGE_H
#define EYAS_COVERAGE_H

#include "cli/corpus.h"

struct cover_rule {
	const struct rule *rule;
	const struct rule_tree *tree;     /* NULL: too large */
	uint64_t candidates, fired;       /* events of its types; matches */
	uint64_t *seen_true, *seen_false; /* by node */
	uint64_t **items; /* by node: hits of each item; NULL: has none that are alternatives */
};

struct coverage {
	struct corpus *corpus;
	VEC(struct cover_rule) rules;
	uint64_t events;
	size_t uncounted; /* comparisons whose items are not counted: there are too many */
};

struct coverage_sum {
	size_t rules, fired;
	size_t outcomes, outcomes_seen; /* two a comparison */
	size_t items, items_seen;       /* alternatives of comparisons with lists */
	size_t exceptions, exceptions_seen;
};

/* Of one rule, added to *ret. */
void coverage_sum(const struct cover_rule *r, struct coverage_sum *ret);
double coverage_percent(size_t part, size_t whole); /* 100 of nothing */

/* Each appends a whole document. */
void coverage_text(const struct coverage *c, bool missing, struct strbuf *out);
void coverage_json(const struct coverage *c, struct strbuf *out);
void coverage_lcov(const struct coverage *c, struct strbuf *out);
void coverage_html(const struct coverage *c, struct strbuf *out);
/* ATT&CK Navigator layer, version 4.5, from the rules' T tags. */
void coverage_navigator(const struct coverage *c, struct strbuf *out);

#endif
