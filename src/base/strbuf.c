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

char *strbuf_reserve(struct strbuf *sb, size_t extra)
{
	if (sb->cap - sb->n <= extra || !sb->cap) {
		size_t cap = sb->cap ? sb->cap * 2 : 64;

		while (cap - sb->n <= extra)
			cap *= 2;
		sb->s = xrealloc(sb->cap ? sb->s : NULL, cap);
		sb->s[sb->n] = '\0';
		sb->cap = cap;
	}
	return sb->s + sb->n;
}

void strbuf_truncate(struct strbuf *sb, size_t n)
{
	if (n < sb->n)
		sb->n = n;
	if (sb->cap)
		sb->s[sb->n] = '\0';
}

void strbuf_addc(struct strbuf *sb, char c)
{
	char *p = strbuf_reserve(sb, 1);

	p[0] = c;
	p[1] = '\0';
	sb->n++;
}

void strbuf_add(struct strbuf *sb, const void *p, size_t n)
{
	char *q;

	if (!n)
		return;
	q = strbuf_reserve(sb, n);
	memcpy(q, p, n);
	q[n] = '\0';
	sb->n += n;
}

void strbuf_adds(struct strbuf *sb, const char *z)
{
	strbuf_add(sb, z, strlen(z));
}

void strbuf_addstr(struct strbuf *sb, struct str s)
{
	strbuf_add(sb, s.p, s.n);
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

void strbuf_addu_pad(struct strbuf *sb, uint64_t v, unsigned width)
{
	char buf[64];
	char *p = buf + sizeof(buf);

	if (width > sizeof(buf))
		width = sizeof(buf);
	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	while ((size_t)(buf + sizeof(buf) - p) < width)
		*--p = '0';
	strbuf_add(sb, p, (size_t)(buf + sizeof(buf) - p));
}

void strbuf_addu(struct strbuf *sb, uint64_t v)
{
	strbuf_addu_pad(sb, v, 1);
}

void strbuf_addi(struct strbuf *sb, int64_t v)
{
	if (v < 0) {
		strbuf_addc(sb, '-');
		strbuf_addu(sb, 0 - (uint64_t)v);
	} else {
		strbuf_addu(sb, (uint64_t)v);
	}
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
