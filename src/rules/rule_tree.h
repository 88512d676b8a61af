/*
 * rule_tree: a rule's condition as its author wrote it, each part with the place it comes from.
 *
 * Layer: rules. What the engine runs has its macros, lists and exceptions replaced and shared; to
 * tell a person why a rule fired or did not, they are needed again. A tree is made when it is asked
 * for, from what the ruleset keeps anyway, so that loading and matching pay nothing for it. Its
 * comparisons are conditions of the ruleset's own program: they are the engine's nodes, and cannot
 * give other results. Trees live until rule_trees_free(), which comes before ruleset_free().
 */
#ifndef EYAS_RULE_TREE_H
#define EYAS_RULE_TREE_H

#include "event/plugin.h"
#include "rules/ruleset.h"

#define RULE_TREE_MAX_NODES  100000
#define RULE_TREES_MAX_ITEMS 4000000 /* beyond, a comparison has no items */

enum rule_node_kind {
	RULE_AND,
	RULE_OR,
	RULE_NOT,       /* kids[0] */
	RULE_MACRO,     /* name; kids[0] is its condition */
	RULE_EXCEPTION, /* name; kids[0] is its condition */
	RULE_CHECK,     /* a comparison */
};

struct rule_origin {
	const char *file;
	uint32_t line, col; /* from 1; 0: not known */
};

/* A constant on the right side of a comparison. */
struct rule_item {
	struct str text;
	struct str list; /* the list it came from, as the condition names it; empty: none */
};

struct rule_node {
	enum rule_node_kind kind;
	uint32_t number; /* in the tree: a node comes before its kids */
	struct str name; /* RULE_MACRO, RULE_EXCEPTION */
	struct str text; /* RULE_CHECK: with lists by name */
	struct rule_origin at;
	const struct rule_node *parent; /* NULL: the root */
	uint32_t n_kids;
	struct rule_node **kids;
	/* RULE_CHECK */
	const struct ast *check;
	int condition;   /* its number in the program */
	bool by_type;    /* follows from the event's type alone */
	bool stateful;   /* evaluating it changes what it is next time */
	bool takes_list; /* in, intersects, pmatch or a modifier: items are alternatives */
	uint32_t n_items;
	const struct rule_item *items;
	struct path_set **item_paths; /* rule_trace.c: of pmatch, by item; check_items_prepare() */
};

struct rule_tree {
	const struct rule *rule;
	struct rule_node **nodes; /* by number; nodes[0] is the root */
	uint32_t n_nodes;
	bool stateful;            /* a comparison is */
	struct event_set types;   /* that the condition can accept */
	enum event_source source; /* of the events it sees */
};

struct rule_trees;

/* After ruleset_build(); adds to the ruleset's program, which must not be built again. */
struct rule_trees *rule_trees_new(struct ruleset *rs);
void rule_trees_free(struct rule_trees *ts);
/* The tree of a rule that was compiled, made once. NULL when it would have too many nodes. */
const struct rule_tree *rule_trees_get(struct rule_trees *ts, const struct rule *r);
struct program *rule_trees_program(const struct rule_trees *ts);

/* The event is of the rule's source; and of a type that its condition can accept. */
bool rule_tree_sees(const struct rule_tree *t, const struct event *ev);
bool rule_tree_takes(const struct rule_tree *t, const struct event *ev);

/* Where an item of a list stands; of a list in that list, where it stands there. */
struct rule_origin rule_trees_item_origin(struct rule_trees *ts, struct str list, struct str item);
/* Where a list is defined. */
struct rule_origin rule_trees_list_origin(struct rule_trees *ts, struct str list);
/* Where the rule's item begins. */
struct rule_origin rule_trees_rule_origin(const struct rule *r);

/* The name of a rule like `name` that exists (any case, part of the name, or misspelt); empty:
 * none. */
struct str ruleset_nearest_rule(const struct ruleset *rs, struct str name);

#endif
