#include "base/str.h"

#include <limits.h>

static unsigned char lower(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

ptrdiff_t str_find(struct str hay, struct str needle)
{
	const char *p;

	if (needle.n == 0)
		return 0;
	p = hay.n ? memmem(hay.p, hay.n, needle.p, needle.n) : NULL;
	return p ? p - hay.p : -1;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

ptrdiff_t str_find_nocase(struct str hay, struct str needle)
{
	if (needle.n == 0)
		return 0;
	for (size_t i = 0; i + needle.n <= hay.n; i++)
		if (lower(hay.p[i]) == lower(needle.p[0]) &&
		    str_eq_nocase((struct str){ hay.p + i, needle.n }, needle))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t str_chr(struct str s, char c)
{
	const char *p = s.n ? memchr(s.p, c, s.n) : NULL;

	return p ? p - s.p : -1;
}

ptrdiff_t str_rchr(struct str s, char c)
{
	const char *p = s.n ? memrchr(s.p, c, s.n) : NULL;

	return p ? p - s.p : -1;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_split(struct str *rest, char sep, struct str *ret_piece)
{
	ptrdiff_t at;

	if (!rest->p)
		return false;
	at = str_chr(*rest, sep);
	if (at < 0) {
		*ret_piece = *rest;
		*rest = (struct str){ NULL, 0 };
	} else {
		*ret_piece = (struct str){ rest->p, (size_t)at };
		*rest = str_from(*rest, (size_t)at + 1);
	}
	return true;
}

bool str_to_u64(struct str s, unsigned long long *ret)
{
	unsigned long long v = 0;

	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, 10ull, &v) ||
		    __builtin_add_overflow(v, (unsigned long long)(s.p[i] - '0'), &v))
			return false;
	}
	*ret = v;
	return true;
}

bool str_to_i64(struct str s, long long *ret)
{
	unsigned long long v;
	bool negative = s.n && s.p[0] == '-';

	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_from(s, 1);
	if (!str_to_u64(s, &v) || v > (unsigned long long)LLONG_MAX + negative)
		return false;
	*ret = negative ? (long long)(0 - v) : (long long)v;
	return true;
}

unsigned str_distance(struct str a, struct str b, unsigned max)
{
	unsigned row[65];

	if (a.n > 64 || b.n > 64 || a.n > b.n + max || b.n > a.n + max)
		return max + 1;
	for (unsigned j = 0; j <= b.n; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0], least = i;

		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned change = diagonal + (lower(a.p[i - 1]) != lower(b.p[j - 1]));
			unsigned best = row[j] < row[j - 1] ? row[j] : row[j - 1];

			diagonal = row[j];
			row[j] = change < best + 1 ? change : best + 1;
			least = row[j] < least ? row[j] : least;
		}
		/* A row never has less than the one before: this is farther than anybody asks for.
		 */
		if (least > max)
			return max + 1;
	}
	return row[b.n] > max ? max + 1 : row[b.n];
}
