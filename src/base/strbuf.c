#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"

char strbuf_empty[1];

void strbuf_init(struct strbuf *sb)
{
	*sb = STRBUF_INIT;
}

void strbuf_release(struct strbuf *sb)
{
	if (sb->cap)
		free(sb->s);
	*sb = STRBUF_INIT;
}

void strbuf_reset(struct strbuf *sb)
{
	strbuf_truncate(sb, 0);
}

char *strbuf_detach(struct strbuf *sb)
{
	char *s = sb->cap ? sb->s : xstrdup("");

	*sb = STRBUF_INIT;
	return s;
}

char *strbuf_grow(struct strbuf *sb, size_t extra)
{
	size_t cap = sb->cap ? sb->cap * 2 : 64;

	while (cap - sb->n <= extra)
		cap *= 2;
	sb->s = xrealloc(sb->cap ? sb->s : NULL, cap);
	sb->s[sb->n] = '\0';
	sb->cap = cap;
	return sb->s + sb->n;
}

void strbuf_truncate(struct strbuf *sb, size_t n)
{
	if (n < sb->n)
		sb->n = n;
	if (sb->cap)
		sb->s[sb->n] = '\0';
}

/* Most of what is added is a word: two copies of fixed size that overlap are cheaper than a call.
 */
static inline void copy(char *to, const char *from, size_t n)
{
	if (n > 16) {
		memcpy(to, from, n);
	} else if (n >= 8) {
		uint64_t first, last;

		memcpy(&first, from, 8);
		memcpy(&last, from + n - 8, 8);
		memcpy(to, &first, 8);
		memcpy(to + n - 8, &last, 8);
	} else if (n >= 4) {
		uint32_t first, last;

		memcpy(&first, from, 4);
		memcpy(&last, from + n - 4, 4);
		memcpy(to, &first, 4);
		memcpy(to + n - 4, &last, 4);
	} else if (n) {
		to[0] = from[0];
		to[n / 2] = from[n / 2];
		to[n - 1] = from[n - 1];
	}
}

void strbuf_add(struct strbuf *sb, const void *p, size_t n)
{
	char *q;

	if (!n)
		return;
	q = strbuf_reserve(sb, n);
	copy(q, p, n);
	q[n] = '\0';
	sb->n += n;
}

void strbuf_vaddf(struct strbuf *sb, const char *fmt, va_list ap)
{
	va_list copy;
	int n;

	va_copy(copy, ap);
	n = vsnprintf(NULL, 0, fmt, copy);
	va_end(copy);
	if (n <= 0)
		return;
	strbuf_reserve(sb, (size_t)n);
	vsnprintf(sb->s + sb->n, (size_t)n + 1, fmt, ap);
	sb->n += (size_t)n;
}

void strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(sb, fmt, ap);
	va_end(ap);
}

/* Digits of v in decimal, 1 for 0: from its length in bits, which is right or one too many. */
static unsigned count_digits(uint64_t v)
{
	static const uint64_t powers[] = {
		0,
		10,
		100,
		1000,
		10000,
		100000,
		1000000,
		10000000,
		100000000,
		1000000000,
		10000000000,
		100000000000,
		1000000000000,
		10000000000000,
		100000000000000,
		1000000000000000,
		10000000000000000,
		100000000000000000,
		1000000000000000000,
		10000000000000000000u,
	};
	unsigned bits = 64 - (unsigned)__builtin_clzll(v | 1);
	unsigned n = bits * 1233 >> 12; /* bits * log10(2) */

	return n + (v >= powers[n]);
}

static const char two_digits[] = "00010203040506070809"
				 "10111213141516171819"
				 "20212223242526272829"
				 "30313233343536373839"
				 "40414243444546474849"
				 "50515253545556575859"
				 "60616263646566676869"
				 "70717273747576777879"
				 "80818283848586878889"
				 "90919293949596979899";

/* Writes exactly n digits, the last ones of v. */
static void put_digits(char *p, unsigned n, uint64_t v)
{
	while (n >= 2) {
		n -= 2;
		memcpy(p + n, two_digits + v % 100 * 2, 2);
		v /= 100;
	}
	if (n)
		p[0] = (char)('0' + v % 10);
}

void strbuf_addu_pad(struct strbuf *sb, uint64_t v, unsigned width)
{
	unsigned n = count_digits(v);
	char *p;

	if (n < width)
		n = width;
	p = strbuf_reserve(sb, n);
	put_digits(p, n, v);
	p[n] = '\0';
	sb->n += n;
}

void strbuf_addu(struct strbuf *sb, uint64_t v)
{
	strbuf_addu_pad(sb, v, 1);
}

void strbuf_addi(struct strbuf *sb, int64_t v)
{
	if (v < 0)
		strbuf_addc(sb, '-');
	strbuf_addu_pad(sb, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 1);
}

void strbuf_addx(struct strbuf *sb, uint64_t v)
{
	static const char digits[] = "0123456789abcdef";
	char buf[16];
	char *p = buf + sizeof(buf);

	do {
		*--p = digits[v & 15];
		v >>= 4;
	} while (v);
	strbuf_add(sb, p, (size_t)(buf + sizeof(buf) - p));
}
