/*
 * varint: unsigned LEB128 numbers, and zigzag for signed ones.
 *
 * Layer: base. Seven bits a byte, least significant first, the top bit set on all but the last.
 */
#ifndef EYAS_VARINT_H
#define EYAS_VARINT_H

#include "base/cursor.h"
#include "base/strbuf.h"

static inline uint64_t zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

static inline int64_t unzigzag(uint64_t v)
{
	uint64_t u = v >> 1 ^ (v & 1 ? UINT64_MAX : 0);
	int64_t r;

	memcpy(&r, &u, sizeof(r));
	return r;
}

static inline void varint_add(struct strbuf *sb, uint64_t v)
{
	char *p = strbuf_reserve(sb, 10);
	size_t n = 0;

	while (v >= 0x80) {
		p[n++] = (char)(v | 0x80);
		v >>= 7;
	}
	p[n++] = (char)v;
	sb->n += n;
	sb->s[sb->n] = '\0';
}

static inline void varint_add_str(struct strbuf *sb, struct str s)
{
	varint_add(sb, s.n);
	strbuf_addstr(sb, s);
}

/* As cursor_varint(), inline while the end of the buffer is far: times and lengths are most
 * numbers. */
static inline uint64_t varint_get(struct cursor *c)
{
	if (!c->bad && c->n - c->off >= 8) {
		const uint8_t *p = c->p + c->off;
		uint64_t v = p[0] & 0x7f;
		unsigned k = 0;

		while (p[k] & 0x80 && k < 7) {
			k++;
			v |= (uint64_t)(p[k] & 0x7f) << 7 * k;
		}
		if (!(p[k] & 0x80)) {
			c->off += k + 1;
			return v;
		}
	}
	return cursor_varint(c);
}

/* A length and that many bytes. */
static inline struct str varint_get_str(struct cursor *c)
{
	uint64_t n = cursor_varint(c);

	if (n > cursor_left(c)) {
		c->bad = true;
		return (struct str){ "", 0 };
	}
	return cursor_bytes(c, (size_t)n);
}

#endif
