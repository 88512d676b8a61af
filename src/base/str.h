/*
 * str: a borrowed run of bytes.
 *
 * Layer: base. The bytes may hold anything, NUL included, and are not
 * terminated. A struct str owns nothing; whoever hands one out says how long it
 * lives.
 */
#ifndef EYAS_STR_H
#define EYAS_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* The text of a string literal. */
#define STR(lit) ((struct str){ (lit), sizeof(lit) - 1 })

/* Arguments for "%.*s". */
#define STR_FMT(s) (int)(s).n, (s).p

static inline struct str str_of(const char *z)
{
	return (struct str){ z, strlen(z) };
}

static inline struct str str_mem(const void *p, size_t n)
{
	return (struct str){ (const char *)p, n };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_eqz(struct str a, const char *z)
{
	/* Most are told apart by their first byte, without the length of z. */
	return a.n ? a.p[0] == z[0] && str_eq(a, str_of(z)) : !z[0];
}

static inline bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	       (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* The part from byte `from` on; empty when `from` is past the end. */
static inline struct str str_from(struct str s, size_t from)
{
	if (from > s.n)
		from = s.n;
	return (struct str){ s.p + from, s.n - from };
}

/* Bytewise order, shorter first on a tie; <0, 0, >0. */
int str_cmp(struct str a, struct str b);

/* Position of `needle` in `hay`, or -1. An empty needle is found at 0. */
ptrdiff_t str_find(struct str hay, struct str needle);

/* As str_find() and str_eq(), ASCII letters compared without case. */
ptrdiff_t str_find_nocase(struct str hay, struct str needle);
bool str_eq_nocase(struct str a, struct str b);

/* Position of the first / last byte `c`, or -1. */
ptrdiff_t str_chr(struct str s, char c);
ptrdiff_t str_rchr(struct str s, char c);

/* Without ASCII white space at both ends. */
struct str str_trim(struct str s);

/*
 * The next piece of *rest up to `sep`, which is consumed. False when *rest was
 * used up (its p is then NULL). "a,,b" gives "a", "", "b"; "" gives "".
 */
bool str_split(struct str *rest, char sep, struct str *ret_piece);

/* The whole of `s` as a decimal integer. False (ret untouched) when it is not. */
bool str_to_u64(struct str s, unsigned long long *ret);
bool str_to_i64(struct str s, long long *ret);

/* Edit distance, for "did you mean"; at most `max` + 1. */
unsigned str_distance(struct str a, struct str b, unsigned max);

#endif
