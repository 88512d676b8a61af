/*
 * mutant: a rule's condition, weakened or broken in one small way.
 *
 * Layer: testing. Made from the compiled tree, macros and lists in place; trees share what they
 * have in common with the original, which is not written to. Everything lives in the caller's
 * arena.
 */
#ifndef EYAS_MUTANT_H
#define EYAS_MUTANT_H

#include "rules/ruleset.h"

/* X(NAME, word in reports) */
#define MUTATION_LIST(X)          \
	X(DISABLED, "disabled")   \
	X(DROPPED, "dropped")     \
	X(NEGATED, "negated")     \
	X(UNNEGATED, "unnegated") \
	X(SWAPPED, "swapped")     \
	X(ITEM, "item")           \
	X(COMPARISON, "comparison")

enum mutation_kind {
#define X(name, word) MUTATION_##name,
	MUTATION_LIST(X)
#undef X
		MUTATION_N
};

#define MUTANT_ITEMS_MAX 100   /* of one list: the rest are like them */
#define MUTANTS_MAX      20000 /* of one rule */

struct mutant {
	enum mutation_kind kind;
	const struct ast *at;   /* the piece of the original */
	const struct ast *tree; /* NULL: it never fires */
	const char *text;       /* what was done */
	int id;                 /* in the program; -1: none */
	bool invalid;           /* it does not compile */
	bool equivalent;        /* the same as the rule, or as a mutant before it */
	bool noticed;
};

typedef VEC(struct mutant) mutants;

const char *mutation_word(enum mutation_kind k);
/* Appends all mutants of a condition, in the order of its text. */
void mutants_make(const struct ast *cond, struct arena *a, mutants *ret);

#endif
