/*
 * rule_trace: a rule's tree evaluated on one event, every part recorded.
 *
 * Layer: rules. Comparisons are the engine's own nodes of the ruleset's program, so the result at
 * the root is what program_eval() gives for the rule. "Reached" is meant in the order in which the
 * condition is written: a part behind one that decided already is not. Its value is known all the
 * same, unless looking would change something (evt.deltatime and the like).
 */
#ifndef EYAS_RULE_TRACE_H
#define EYAS_RULE_TRACE_H

#include "rules/rule_tree.h"

enum trace_bit {
	TRACE_TRUE = 1 << 0,
	TRACE_REACHED = 1 << 1,
	TRACE_KNOWN = 1 << 2,  /* TRACE_TRUE means something */
	TRACE_NEEDED = 1 << 3, /* rule_trace_blockers(): has to change */
};

/*
 * Evaluates on the event that program_begin() told `run` of; one byte per node goes to ret[], which
 * has room for t->n_nodes. With reached_only, parts that are not reached are not evaluated. Returns
 * the value of the root.
 */
bool rule_trace(const struct rule_tree *t, struct program_run *run, bool reached_only,
		uint8_t *ret);
/*
 * The smallest set of comparisons that would have to come out differently for the root to have the
 * other value: their number, each marked TRACE_NEEDED in res[].
 */
uint32_t rule_trace_blockers(const struct rule_tree *t, uint8_t *res);
/*
 * The top-level clauses: what is joined by "and", through macros. Their number; *ret_held: how many
 * of them are true.
 */
uint32_t rule_trace_clauses(const struct rule_tree *t, const uint8_t *res, uint32_t *ret_held);

/* What the two sides of a comparison were. */
struct check_sides {
	bool left_present, has_right, right_present;
	struct strbuf left, right; /* as text; released by check_sides_release() */
};
void check_sides(const struct rule_node *n, const struct rule_trees *ts, struct program_run *run,
		 struct check_sides *ret);
void check_sides_release(struct check_sides *s);

/* Makes what check_items() needs for this comparison. */
void check_items_prepare(struct rule_node *n, struct rule_trees *ts);
/* Which items of a comparison with constants the left side satisfies: calls `hit` with the number
 * of each. */
void check_items(const struct rule_node *n, struct rule_trees *ts, struct program_run *run,
		 void (*hit)(void *arg, uint32_t item), void *arg);

#endif
