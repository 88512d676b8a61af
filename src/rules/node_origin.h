/*
 * node_origin: which macro, file and line a piece of a compiled condition comes from.
 *
 * Layer: rules. Compiled conditions are trees with macros and lists in place; their leaves are the
 * ones that were parsed, so a leaf tells the macro it stands in, and its text the place there. Good
 * until the ruleset is compiled anew.
 */
#ifndef EYAS_NODE_ORIGIN_H
#define EYAS_NODE_ORIGIN_H

#include "rules/ruleset.h"

struct node_origins;

struct node_origin {
	const char *file;
	uint32_t line, col; /* from 0 */
	struct str macro;   /* it stands in; empty: in the rule itself */
};

struct node_origins *node_origins_new(const struct ruleset *rs);
void node_origins_free(struct node_origins *o);
/* Where the first comparison of a tree of this rule stands; as near as can be said. */
void node_origin_find(const struct node_origins *o, const struct rule *rule, const struct ast *n,
		      struct node_origin *ret);

#endif
