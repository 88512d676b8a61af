/*
 * near_miss: how near a rule came to firing, over many events.
 *
 * Layer: cli. Events on which a rule did not fire fall into groups by what would have had to be
 * different; a group keeps how many there were, the values that stood in the way, and one example.
 */
#ifndef EYAS_NEAR_MISS_H
#define EYAS_NEAR_MISS_H

#include "cli/explained.h"

struct near_group {
	uint64_t events;
	uint32_t away;             /* comparisons that would have to be different */
	struct explained *example; /* the first */
	struct strmap values;      /* "NODE VALUE" to its count (a number as pointer) */
	uint64_t other_values;     /* over the bound */
	struct str key;
};

struct stopper {
	uint64_t events;
	uint32_t node;
};

struct near_miss {
	const struct rule *rule;
	const struct rule_tree *tree;
	uint64_t candidates;      /* events of the rule's types */
	uint64_t fired, taken;    /* taken: of those, by an earlier rule under first-match */
	VEC(uint64_t) fired_nums; /* the first of them */
	struct explained *fired_example;
	struct u64map takers;            /* rule id plus one to how often */
	VEC(struct near_group *) groups; /* near_miss_sort(): nearest first */
	struct strmap by_key;
	uint64_t other_groups;     /* events that fell into no group: there were too many */
	uint64_t *stops;           /* by node: misses in which it stood in the way */
	VEC(struct stopper) order; /* near_miss_sort(): those that did, the most often first */
	struct arena arena;
	uint8_t *res;
};

void near_miss_init(struct near_miss *m, const struct rule *r, const struct rule_tree *t);
void near_miss_free(struct near_miss *m);
/*
 * Takes the event in hand, after program_begin(), if it is one of the rule's types; returns whether
 * the rule matched. `ids` are the n conditions that match.
 */
bool near_miss_event(struct near_miss *m, struct corpus *c, const int *ids, size_t n);
/* The same of any event. */
bool near_miss_take(struct near_miss *m, struct corpus *c, const int *ids, size_t n);
void near_miss_sort(struct near_miss *m);
/* The node of the comparison that stood in the way as the n-th most often (from 0), or NULL. */
const struct rule_node *near_miss_stopper(const struct near_miss *m, uint32_t n);
/* The values at one node of a group: up to `max`, the most frequent first, "was A (3), B". */
void near_group_values(const struct near_group *g, uint32_t node, unsigned max, struct strbuf *out);
void near_group_values_json(const struct near_group *g, uint32_t node, struct json_writer *w);
/* A group in some lines, indented; and as a value (an object). */
void near_group_text(const struct near_group *g, unsigned indent, struct strbuf *out);
void near_group_json(const struct near_group *g, struct json_writer *w);

#endif
