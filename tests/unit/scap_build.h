/*
 * scap_build: .scap blocks by hand, for tests. Each function appends to a strbuf; a block is begun,
 * its body appended, and ended.
 */
#ifndef EYAS_SCAP_BUILD_H
#define EYAS_SCAP_BUILD_H

#include "base/cursor.h"
#include "unit.h"

static inline void b8(struct strbuf *b, unsigned v)
{
	strbuf_addc(b, (char)v);
}

static inline void b16(struct strbuf *b, unsigned v)
{
	put_le16((uint8_t *)strbuf_reserve(b, 2), (uint16_t)v);
	b->n += 2;
}

static inline void b32(struct strbuf *b, uint32_t v)
{
	put_le32((uint8_t *)strbuf_reserve(b, 4), v);
	b->n += 4;
}

static inline void b64(struct strbuf *b, uint64_t v)
{
	put_le64((uint8_t *)strbuf_reserve(b, 8), v);
	b->n += 8;
}

static inline void btext(struct strbuf *b, const char *z)
{
	b16(b, (unsigned)strlen(z));
	strbuf_adds(b, z);
}

/* A type and room for the length; returns where the block begins. */
static inline size_t block_begin(struct strbuf *b, uint32_t type)
{
	size_t at = b->n;

	b32(b, type);
	b32(b, 0);
	return at;
}

static inline void block_end(struct strbuf *b, size_t at)
{
	uint32_t n;

	while ((b->n - at) % 4)
		b8(b, 0);
	n = (uint32_t)(b->n - at + 4);
	put_le32((uint8_t *)b->s + at + 4, n);
	b32(b, n);
}

static inline void build_shb(struct strbuf *b)
{
	size_t at = block_begin(b, 0x0A0D0D0A);

	b32(b, 0x1A2B3C4D);
	b16(b, 1);
	b16(b, 2);
	b64(b, UINT64_MAX);
	block_end(b, at);
}

/* An event with parameters of one length each, filled with its letter; version 1 or 2. */
static inline void build_event(struct strbuf *b, uint32_t block, unsigned version, bool with_flags,
			       uint32_t flags, unsigned type, unsigned n, const unsigned *lens,
			       bool wide)
{
	size_t at = block_begin(b, block);
	uint32_t len = (version == 2 ? 26 : 22) + n * (wide ? 4 : 2);

	for (unsigned i = 0; i < n; i++)
		len += lens[i];
	b16(b, 3);
	if (with_flags)
		b32(b, flags);
	b64(b, 1000);
	b64(b, 42);
	b32(b, len);
	b16(b, type);
	if (version == 2)
		b32(b, n);
	for (unsigned i = 0; i < n; i++) {
		if (wide)
			b32(b, lens[i]);
		else
			b16(b, lens[i]);
	}
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < lens[i]; k++)
			b8(b, 'a' + i);
	block_end(b, at);
}

/* A close exit, version 2. */
static inline void build_close(struct strbuf *b)
{
	static const unsigned lens[] = { 8, 8 };

	build_event(b, 0x216, 2, false, 0, 5, 2, lens, false);
}

#endif
