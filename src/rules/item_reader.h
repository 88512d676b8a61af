/*
 * item_reader: reading one item of a rules file.
 *
 * Layer: rules; only the files that read items include it: item_reader.c (values, keys, append and
 * override), item_exceptions.c, item_rule.c, rule_items.c (lists, macros, files). A function that
 * finds something wrong adds a problem to the file and clears `ok`; reading goes on as far as it
 * makes sense.
 */
#ifndef EYAS_ITEM_READER_H
#define EYAS_ITEM_READER_H

#include "rules/ruleset_internal.h"

/* What reading one item needs at hand. */
struct item_reader {
	struct ruleset *rs;
	struct arena *a;
	struct load_file *f;
	const struct ynode *item;
	const struct load_place *place; /* of the item, with its name when known */
	bool ok;
};

enum override_op { OVERRIDE_NONE, OVERRIDE_APPEND, OVERRIDE_REPLACE };
enum want { OPTIONAL, REQUIRED };

typedef VEC(struct exception) exception_vec;

/* Keys of a rule: X(id, key, may be appended, may be replaced). */
#define RULE_KEYS(X)                                       \
	X(CONDITION, "condition", 1, 1)                    \
	X(OUTPUT, "output", 1, 1)                          \
	X(DESC, "desc", 1, 1)                              \
	X(PRIORITY, "priority", 0, 1)                      \
	X(CAPTURE, "capture", 0, 1)                        \
	X(CAPTURE_DURATION, "capture_duration", 0, 1)      \
	X(TAGS, "tags", 1, 1)                              \
	X(EXCEPTIONS, "exceptions", 1, 1)                  \
	X(ENABLED, "enabled", 0, 1)                        \
	X(WARN_EVTTYPES, "warn_evttypes", 0, 1)            \
	X(SKIP_IF_UNKNOWN, "skip-if-unknown-filter", 0, 1) \
	X(SOURCE, "source", 0, 0)

enum {
#define X(id, key, append, replace) KEY_##id,
	RULE_KEYS(X)
#undef X
		KEY_N
};

/* Problems at a place, at the item (LOAD_ERR_VALIDATE), and warnings. */
void item_error(struct item_reader *r, enum load_code code, const struct load_place *place,
		const char *message);
void item_invalid(struct item_reader *r, const char *message);
void item_warn(struct item_reader *r, enum load_code code, const struct load_place *place,
	       const char *message);

/* The node of a key that must not be empty; NULL when absent or after an error. */
const struct ynode *item_value(struct item_reader *r, const struct ynode *map,
			       const struct load_place *place, const char *key, enum want want);
/* Values of keys, of a given map or of the item; false when absent or after an error. */
bool item_scalar_at(struct item_reader *r, const struct ynode *map, const struct load_place *place,
		    const char *key, enum want want, struct str *ret);
bool item_scalar(struct item_reader *r, const char *key, enum want want, struct str *ret);
bool item_bool(struct item_reader *r, const char *key, enum want want, bool *ret);
bool item_u32(struct item_reader *r, const char *key, uint32_t *ret);
bool item_priority(struct item_reader *r, enum priority *ret);
/* Adds the scalars of a sequence to `v`; `kind` names one of them in problems. */
bool item_strings(struct item_reader *r, const char *key, enum want want, const char *kind,
		  str_vec *v);
/* The condition's text and place. */
bool item_condition(struct item_reader *r, const char *kind, enum want want, struct str *ret,
		    const struct load_place **ret_place);

/* Warns of keys that a list, macro or rule does not know, or has twice. */
void item_check_keys(struct item_reader *r, const char *kind);
/* The value of `append`, with the warning that it is deprecated. */
bool item_append_flag(struct item_reader *r);
/* Fills ops[] for n keys; false when there is no override, or an error. */
bool item_overrides(struct item_reader *r, size_t n, const char *(*name)(size_t),
		    bool (*allows)(size_t, enum override_op), enum override_op *ops);
/* Whether a list, or macro, is to be appended; false after an error. */
bool item_append_or_override(struct item_reader *r, bool is_list, bool *ret_append);
/* The error that an item has both. */
void item_append_and_override(struct item_reader *r);
/* Keys of a rule by KEY_ number: the name, and whether they can be overridden so. */
const char *item_rule_key(size_t i);
bool item_rule_key_allows(size_t i, enum override_op op);
/* Puts a blank and `add` behind *text, which has room for *cap bytes in the arena (0: not its own
 * yet). */
void item_join(struct arena *a, struct str *text, size_t *cap, struct str add);
/* Notes that what begins at `from` of a joined condition stands at `place`. */
void item_add_part(struct arena *a, struct text_part **parts, size_t from,
		   const struct load_place *place);

/* item_exceptions.c: reads `exceptions`, false when there are none; adds them to those of a rule
 * (emptying `add`). */
bool item_exceptions(struct item_reader *r, bool append, exception_vec *out);
void item_append_exceptions(struct item_reader *r, struct rule_info *ri, exception_vec *add);
void item_free_exceptions(exception_vec *v);

/* item_rule.c: a rule item in any of its forms. */
void item_read_rule(struct item_reader *r, struct str name);

#endif
