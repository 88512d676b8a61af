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
/* Room for `extra` more bytes; returns where they go. */
char *strbuf_reserve(struct strbuf *sb, size_t extra);
/* Cuts the content to `n` bytes (no more than it has). */
void strbuf_truncate(struct strbuf *sb, size_t n);

void strbuf_addc(struct strbuf *sb, char c);
void strbuf_add(struct strbuf *sb, const void *p, size_t n);
void strbuf_adds(struct strbuf *sb, const char *z);
void strbuf_addstr(struct strbuf *sb, struct str s);
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
