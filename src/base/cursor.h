/*
 * cursor: the only way foreign bytes are read.
 *
 * Layer: base. A cursor walks a buffer it does not own. A read past the end
 * returns zero (or an empty run), sets `bad` and reads nothing more, so a parser
 * may read a whole structure and look at `bad` once. All integers are
 * little-endian whatever the host; `_be` reads network order.
 */
#ifndef EYAS_CURSOR_H
#define EYAS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct cursor {
	const uint8_t *p;
	size_t n, off;
	bool bad;
};

static inline struct cursor cursor_of(const void *p, size_t n)
{
	return (struct cursor){ (const uint8_t *)p, n, 0, false };
}

static inline size_t cursor_left(const struct cursor *c)
{
	return c->bad ? 0 : c->n - c->off;
}

/* The next n bytes, borrowed from the buffer; NULL and bad when there are fewer. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t n)
{
	if (c->bad || c->n - c->off < n) {
		c->bad = true;
		return NULL;
	}
	c->off += n;
	return c->p + (c->off - n);
}

static inline void cursor_skip(struct cursor *c, size_t n)
{
	(void)cursor_take(c, n);
}

static inline uint16_t get_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t get_le64(const uint8_t *p)
{
	return (uint64_t)get_le32(p) | (uint64_t)get_le32(p + 4) << 32;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 1);
	return p ? p[0] : 0;
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);
	return p ? get_le16(p) : 0;
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 4);
	return p ? get_le32(p) : 0;
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 8);
	return p ? get_le64(p) : 0;
}

static inline int64_t cursor_i64(struct cursor *c)
{
	return (int64_t)cursor_u64(c);
}

/* An unsigned LEB128 number of at most 64 bits; longer is bad. */
uint64_t cursor_varint(struct cursor *c);

/* n bytes as a borrowed run; empty when bad. */
static inline struct str cursor_bytes(struct cursor *c, size_t n)
{
	const uint8_t *p = cursor_take(c, n);
	return p ? str_mem(p, n) : (struct str){ "", 0 };
}

/* A u16 length and that many bytes. */
static inline struct str cursor_str16(struct cursor *c)
{
	return cursor_bytes(c, cursor_u16(c));
}

/* Writers of the same encodings, into memory that has room. */
static inline void put_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void put_le32(uint8_t *p, uint32_t v)
{
	put_le16(p, (uint16_t)v);
	put_le16(p + 2, (uint16_t)(v >> 16));
}

static inline void put_le64(uint8_t *p, uint64_t v)
{
	put_le32(p, (uint32_t)v);
	put_le32(p + 4, (uint32_t)(v >> 32));
}

#endif
