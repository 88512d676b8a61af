#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define ALIGN         16u
#define FIRST_CHUNK   4096u
#define LARGEST_CHUNK (1u << 20)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size; /* of data */
	_Alignas(ALIGN) uint8_t data[];
};

void arena_init(struct arena *a)
{
	*a = ARENA_INIT;
}

static void use_chunk(struct arena *a, struct arena_chunk *c)
{
	a->cur = c;
	a->next = c->data;
	a->end = c->data + c->size;
}

void arena_reset(struct arena *a)
{
	if (a->first)
		use_chunk(a, a->first);
	a->used = 0;
}

void arena_destroy(struct arena *a)
{
	struct arena_chunk *c = a->first;

	while (c) {
		struct arena_chunk *next = c->next;

		free(c);
		c = next;
	}
	*a = ARENA_INIT;
}

/* Chunks behind the current one are kept by a reset: take the next that is large enough. */
static void next_chunk(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->cur ? a->cur->next : NULL;
	size_t want;

	if (c && c->size >= size) {
		use_chunk(a, c);
		return;
	}
	want = a->cur ? a->cur->size * 2 : FIRST_CHUNK;
	if (want > LARGEST_CHUNK)
		want = LARGEST_CHUNK;
	if (want < size)
		want = size;
	c = xmalloc(sizeof(*c) + want);
	c->size = want;
	if (a->cur) {
		c->next = a->cur->next;
		a->cur->next = c;
	} else {
		c->next = NULL;
		a->first = c;
	}
	use_chunk(a, c);
}

void *arena_alloc(struct arena *a, size_t size)
{
	uint8_t *p;

	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if ((size_t)(a->end - a->next) < size)
		next_chunk(a, size);
	p = a->next;
	a->next += size;
	a->used += size;
	return p;
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	size_t total;
	void *p;

	if (__builtin_mul_overflow(n, size, &total))
		total = SIZE_MAX / 2; /* fails in xmalloc with its message */
	p = arena_alloc(a, total);
	memset(p, 0, total);
	return p;
}

char *arena_memdup(struct arena *a, const void *p, size_t n)
{
	char *q = arena_alloc(a, n + 1);

	if (n)
		memcpy(q, p, n);
	q[n] = '\0';
	return q;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_memdup(a, s, strlen(s));
}

struct str arena_str(struct arena *a, struct str s)
{
	return (struct str){ arena_memdup(a, s.p, s.n), s.n };
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	s = arena_alloc(a, (size_t)(n < 0 ? 0 : n) + 1);
	s[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(s, (size_t)(n < 0 ? 0 : n) + 1, fmt, ap);
	va_end(ap);
	return s;
}
