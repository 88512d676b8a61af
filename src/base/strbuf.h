/*
 * strbuf: a growing buffer of bytes.
 *
 * Layer: base. `s` is always NUL-terminated (the NUL is not in `n`), also when
 * empty and never allocated. The owner releases it.
 */
#ifndef EYAS_STRBUF_H
#define EYAS_STRBUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct strbuf {
	char *s;
	size_t n, cap;
};

extern char strbuf_empty[1];

#define STRBUF_INIT ((struct strbuf){ strbuf_empty, 0, 0 })

void strbuf_init(struct strbuf *sb);
/* Frees the bytes; the buffer is empty and usable again. */
void strbuf_release(struct strbuf *sb);
/* Forgets the content, keeps the memory. */
void strbuf_reset(struct strbuf *sb);
/* The bytes as a malloc'ed string that the caller frees; the buffer is empty then. */
char *strbuf_detach(struct strbuf *sb);
/* What strbuf_reserve() does when the room is not there yet. */
char *strbuf_grow(struct strbuf *sb, size_t extra);
/* Room for `extra` more bytes; returns where they go. */
static inline char *strbuf_reserve(struct strbuf *sb, size_t extra)
{
	return sb->cap - sb->n > extra ? sb->s + sb->n : strbuf_grow(sb, extra);
}
/* Cuts the content to `n` bytes (no more than it has). */
void strbuf_truncate(struct strbuf *sb, size_t n);

static inline void strbuf_addc(struct strbuf *sb, char c)
{
	char *p = strbuf_reserve(sb, 1);

	p[0] = c;
	p[1] = '\0';
	sb->n++;
}

void strbuf_add(struct strbuf *sb, const void *p, size_t n);

static inline void strbuf_adds(struct strbuf *sb, const char *z)
{
	strbuf_add(sb, z, strlen(z));
}

static inline void strbuf_addstr(struct strbuf *sb, struct str s)
{
	strbuf_add(sb, s.p, s.n);
}

void strbuf_addf(struct strbuf *sb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *sb, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Numbers, without going through printf: decimal, and lower-case hexadecimal. */
void strbuf_addu(struct strbuf *sb, uint64_t v);
void strbuf_addi(struct strbuf *sb, int64_t v);
void strbuf_addx(struct strbuf *sb, uint64_t v);
/* Decimal with leading zeros up to `width` digits. */
void strbuf_addu_pad(struct strbuf *sb, uint64_t v, unsigned width);

static inline struct str strbuf_str(const struct strbuf *sb)
{
	return (struct str){ sb->s, sb->n };
}

#endif
