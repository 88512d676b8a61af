/*
 * arena: memory that is given back all at once.
 *
 * Layer: base. Allocations are 16-byte aligned and live until the arena is
 * reset or destroyed; nothing is freed alone. A reset keeps the first chunk, so
 * an arena that is reset after each event stops calling malloc.
 */
#ifndef EYAS_ARENA_H
#define EYAS_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *first, *cur;
	uint8_t *next, *end;
	size_t used; /* bytes handed out since the last reset */
};

#define ARENA_INIT ((struct arena){ 0 })

/* An empty arena; the first allocation takes the first chunk. */
void arena_init(struct arena *a);
/* Everything allocated from it is gone; the memory is kept for the next round. */
void arena_reset(struct arena *a);
/* Gives all memory back; the arena is then as after arena_init(). */
void arena_destroy(struct arena *a);

/* `size` bytes, not cleared. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));
/* `n` times `size` bytes, cleared. */
void *arena_calloc(struct arena *a, size_t n, size_t size) __attribute__((returns_nonnull));
/* Copies, with a NUL behind them that is not counted. */
char *arena_memdup(struct arena *a, const void *p, size_t n) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *a, const char *s) __attribute__((returns_nonnull));
struct str arena_str(struct arena *a, struct str s);
/* Formatted text in the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
