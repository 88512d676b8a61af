#include "base/glob.h"

#include <stdint.h>

static char fold_char(char c, bool fold)
{
	return fold && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/*
 * One bracket expression at p[at] == '['. Returns the position behind its ']', or 0 when it is not
 * closed (the '[' is then an ordinary character).
 */
static size_t match_set(struct str p, size_t at, char c, bool fold, bool *ret_match)
{
	size_t i = at + 1;
	bool negate = false, match = false, first = true;

	if (i < p.n && (p.p[i] == '!' || p.p[i] == '^')) {
		negate = true;
		i++;
	}
	for (; i < p.n; first = false) {
		unsigned char lo, hi, u = (unsigned char)c;

		if (p.p[i] == ']' && !first) {
			*ret_match = match != negate;
			return i + 1;
		}
		if (p.p[i] == '\\' && i + 1 < p.n)
			i++;
		lo = hi = (unsigned char)fold_char(p.p[i++], fold);
		if (i + 1 < p.n && p.p[i] == '-' && p.p[i + 1] != ']') {
			i++;
			if (p.p[i] == '\\' && i + 1 < p.n)
				i++;
			hi = (unsigned char)fold_char(p.p[i++], fold);
		}
		if (u >= lo && u <= hi)
			match = true;
	}
	return 0;
}

/* One pattern element other than '*' against one byte; returns where the pattern goes on. */
static bool match_one(struct str p, size_t *at, char c, bool fold)
{
	size_t i = *at;

	c = fold_char(c, fold);
	if (p.p[i] == '?') {
		*at = i + 1;
		return true;
	}
	if (p.p[i] == '[') {
		bool match;
		size_t end = match_set(p, i, c, fold, &match);

		if (end) {
			*at = end;
			return match;
		}
	}
	if (p.p[i] == '\\' && i + 1 < p.n)
		i++;
	*at = i + 1;
	return fold_char(p.p[i], fold) == c;
}

/* Only `*` is special elsewhere: the byte itself. */
static bool match_byte(struct str p, size_t *at, char c, bool fold)
{
	(void)fold;
	return p.p[(*at)++] == c;
}

/* `one` matches one pattern element other than '*' against one byte and moves behind it. */
static bool match(struct str pattern, struct str text, bool fold,
		  bool (*one)(struct str p, size_t *at, char c, bool fold))
{
	size_t p = 0, t = 0, star = SIZE_MAX, star_t = 0;

	/* Going back to the last '*' only is enough: an earlier one can match no more. */
	while (t < text.n) {
		size_t next = p;

		if (p < pattern.n && pattern.p[p] == '*') {
			star = ++p;
			star_t = t;
		} else if (p < pattern.n && one(pattern, &next, text.p[t], fold)) {
			p = next;
			t++;
		} else if (star != SIZE_MAX) {
			p = star;
			t = ++star_t;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

bool glob_match(struct str pattern, struct str text, bool fold)
{
	return match(pattern, text, fold, match_one);
}

bool wildcard_match(struct str pattern, struct str text)
{
	return match(pattern, text, false, match_byte);
}
