/*
 * rule_place: places in rules files, from what the loader keeps.
 *
 * Layer: rules; private to rule_tree.c. The loader keeps where a value begins and ends; where
 * inside it a word stands is found by looking at the file's text again, when somebody asks.
 */
#ifndef EYAS_RULE_PLACE_H
#define EYAS_RULE_PLACE_H

#include "rules/rule_tree.h"
#include "rules/ruleset_internal.h"

struct rule_origin place_origin(const struct load_place *p);
/*
 * The place of byte `idx` of the text that stands at `p`, a plain, quoted or block scalar: all its
 * forms keep the order of what is not blank.
 */
struct rule_origin place_in_scalar(const struct load_place *p, struct str text, size_t idx);

/* Items of lists by list and text, read from the files once. */
struct place_index {
	bool made;
	struct strmap items; /* "list\0item" to struct rule_origin */
};
struct rule_origin place_index_item(struct place_index *ix, const struct ruleset *rs,
				    struct arena *a, struct str list, struct str item);
void place_index_free(struct place_index *ix);

#endif
