/*
 * stand_in: field values given by hand.
 *
 * Layer: rules. A condition or format can be evaluated without an event: values given by name
 * ("proc.name", "proc.aname[2]") take the place of the real fields, and fields that do not exist
 * can be declared with a type. Used by `eyas filter eval --set`, its batch mode and tests of rules.
 */
#ifndef EYAS_STAND_IN_H
#define EYAS_STAND_IN_H

#include "base/hashmap.h"
#include "base/vec.h"
#include "fields/field.h"

struct stand_in {
	struct field_def def; /* first: extractors get here from a field_ref */
	struct str text;      /* as conditions name it, with its argument */
	bool has_value;
	VEC(struct value) values;
};

struct stand_ins {
	struct arena arena;
	struct strmap by_text; /* struct stand_in */
	bool others_missing;   /* real fields that are not given have no value */
};

void stand_ins_init(struct stand_ins *s);
void stand_ins_free(struct stand_ins *s);

/*
 * Declares `text`. With type 0 its type, list-ness and the like are those of the real field; then
 * an unknown name is an error: NULL, with a sentence in *ret_error.
 */
struct stand_in *stand_in_add(struct stand_ins *s, struct str text, uint8_t type, uint16_t flags,
			      const char **ret_error);
/* Gives it a value (one more, of a list) from text: numbers in decimal, addresses as text,
 * everything else as it is. NULL, or what is wrong. */
const char *stand_in_value(struct stand_ins *s, struct stand_in *in, struct str value);
/* It has a value, of no elements so far. */
void stand_in_present(struct stand_in *in);

/* As field_resolve(), looking here first. `s` may be NULL. */
const char *stand_in_resolve(const struct stand_ins *s, struct str name, bool has_arg,
			     struct str arg, struct arena *a, struct field_ref *ret);

#endif
