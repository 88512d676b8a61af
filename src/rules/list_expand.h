/*
 * list_expand: list names in a condition's text replaced by their items.
 *
 * Layer: rules. The language defines substitution on text (rule-language.md section 1): for each
 * list in the order of definition, each word equal to its name becomes its items. Here all lists
 * are looked up in one walk over the words; a word that a list brought in may only be a list
 * defined later, so each list has one expansion, made when first needed. Time is linear in the text
 * and in what is put in.
 *
 * A list of thousands that stands in thousands of conditions would still cost their product. Where
 * a large list stands as an element of a list of values, list_expand_shared() leaves a mark in its
 * place, and list_fill_shared() puts the values, parsed once, into the tree.
 */
#ifndef EYAS_LIST_EXPAND_H
#define EYAS_LIST_EXPAND_H

#include "base/arena.h"
#include "base/str.h"
#include "rules/condition.h"

#define LIST_EXPAND_MAX (32u << 20) /* bytes of one expanded text */

struct list_expander;

/* The arena holds the expander and all texts it gives. */
struct list_expander *list_expander_new(struct arena *a);
/* Adds a list (in order of definition); items are copied and quoted where needed. *used is set when
 * a text uses it. */
void list_expander_add(struct list_expander *le, struct str name, const struct str *items, size_t n,
		       bool *used);
/* Sets *used also of lists that came in through others. */
void list_expander_mark_used(struct list_expander *le);
/* Frees what is not in the arena. */
void list_expander_done(struct list_expander *le);
/* The text with all lists replaced (itself when there is none); false when it would become too
 * large. */
bool list_expand(struct list_expander *le, struct str text, struct str *ret);

/* Where a list was put: its text is at from..to of the result, and stands for in_from..in_to. */
struct list_segment {
	size_t from, to, in_from, in_to;
	struct str list;
};
struct list_map {
	struct list_segment *v; /* by position */
	size_t n, cap;
};
/* As list_expand(), telling where lists were put (the caller frees map->v). False when it would
 * become too large, or where lists were put cannot be said. */
bool list_expand_mapped(struct list_expander *le, struct str text, struct str *ret,
			struct list_map *map);
/* As list_expand() with marks for large lists, *ret_marks of them. False when there are none, or it
 * would become too large. `map` (NULL: none) as above. */
bool list_expand_shared(struct list_expander *le, struct str text, struct str *ret,
			size_t *ret_marks, struct list_map *map);
/* The values that a marked element stands for; NULL when it is none. */
const struct ast *list_shared_values(struct list_expander *le, const struct ast *value);
/*
 * Replaces the marks in a tree parsed from such a text by the lists' values. False when they are
 * not all where values stand: then the text has to be parsed in full.
 */
bool list_fill_shared(struct list_expander *le, struct ast *n, size_t marks);

#endif
