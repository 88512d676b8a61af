/*
 * regex: the regular expressions of conditions; wraps PCRE2.
 *
 * Layer: rules. POSIX-extended syntax as RE2 reads it in POSIX mode, over UTF-8 text, matching the
 * whole of it. What cannot be matched in linear time (back references, look-around) is refused, and
 * matching is bounded: no trace can stall a replay.
 */
#ifndef EYAS_REGEX_H
#define EYAS_REGEX_H

#include "base/arena.h"
#include "base/strbuf.h"

struct regex;
struct regex_scratch;

/* NULL and a message (in `a`) when the expression is malformed. The caller frees. */
struct regex *regex_new(struct str pattern, struct arena *a, const char **ret_error);
/* The same to be looked for with regex_find(), in bytes of any kind. */
struct regex *regex_new_to_find(struct str pattern, struct arena *a, const char **ret_error);
void regex_free(struct regex *re);

/* Memory that matching needs, one per run. */
struct regex_scratch *regex_scratch_new(void);
void regex_scratch_free(struct regex_scratch *s);
/*
 * Whether the whole text matches; bytes that are not UTF-8 count as U+FFFD. A match that would
 * cost more than the limit counts as none and is counted in the scratch.
 */
bool regex_match(const struct regex *re, struct regex_scratch *s, struct str text);
/*
 * The first match that is not empty, the longest there, at or behind byte `from` of an expression
 * of regex_new_to_find(): 1 and the bytes [*ret_from, *ret_to); 0 when there is none; -1 when it
 * was given up.
 */
int regex_find(const struct regex *re, struct regex_scratch *s, struct str text, size_t from,
	       size_t *ret_from, size_t *ret_to);
/* How many matches were given up. */
uint64_t regex_given_up(const struct regex_scratch *s);

/* An expression that says no more than =, contains, startswith or endswith would. */
bool regex_is_trivial(struct str pattern);

#endif
