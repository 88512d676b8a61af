/*
 * macro_expand: macros in a condition's tree replaced by their trees.
 *
 * Layer: rules. A macro may use those defined before it was last touched (index below its
 * visibility); rules see all. Each macro is expanded once and its tree shared by all users, so a
 * result is a graph without cycles: walk it, do not write to it. What it would be as a tree is
 * bounded in size and depth.
 */
#ifndef EYAS_MACRO_EXPAND_H
#define EYAS_MACRO_EXPAND_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "rules/condition.h"

#define MACRO_MAX_DEPTH 1000
#define MACRO_MAX_NODES (4u << 20)

struct macro_def {
	struct str name;
	uint32_t index, visibility;
	const struct ast *raw;  /* as parsed; NULL: did not parse, using it is no further error */
	const struct ast *full; /* expanded; NULL until then, or when it cannot be */
	uint32_t size, depth;   /* of `full` as a tree */
	bool used;
	enum { MACRO_NEW, MACRO_BUSY, MACRO_DONE, MACRO_BAD } state;
};

enum macro_problem { MACRO_OK, MACRO_UNDEFINED, MACRO_LOOP, MACRO_TOO_LARGE, MACRO_BROKEN };

struct macro_error {
	enum macro_problem problem;
	struct text_pos pos; /* in the text of the tree that was given */
	struct str name;     /* the macro */
	const char *chain;   /* of a loop: "a -> b -> a", in the arena */
};

/*
 * Expands `n`; `map` finds a struct macro_def by name. Returns NULL with *ret_error filled when a
 * macro is undefined or invisible, part of a loop, or one that failed itself (MACRO_BROKEN:
 * reported already).
 */
const struct ast *macro_expand(const struct ast *n, const struct strmap *map, uint32_t visibility,
			       struct arena *a, struct macro_error *ret_error);
/* Expands a macro itself, once; the same results. */
const struct ast *macro_expand_def(struct macro_def *def, const struct strmap *map, struct arena *a,
				   struct macro_error *ret_error);

#endif
