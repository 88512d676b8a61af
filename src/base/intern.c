#include "base/intern.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/hashmap.h"
#include "base/xalloc.h"

#define SWEEP_FROM (8u << 20)
#define ALIGN      16u
#define CHUNK      (64u << 10) /* bytes of strings that are asked for at once */

/* Longer strings have a chunk of their own; so has every string where each is watched. */
#ifdef __SANITIZE_ADDRESS__
#define SHARED_MAX 0u
#else
#define SHARED_MAX 1024u
#endif

/* Strings one behind the other, of any size: what was swept, too, until it is used again. */
struct chunk {
	struct chunk *next, *prev;
	size_t used;
	_Alignas(ALIGN) uint8_t data[];
};

struct intern {
	struct istr **buckets;
	size_t n_buckets; /* a power of two */
	size_t n, bytes, bytes_after_sweep;
	uint32_t round;
	struct istr *empty;
	struct chunk *shared, *own;                 /* one string each: own */
	struct istr *swept[SHARED_MAX / ALIGN + 1]; /* in `shared`, by size */
};

/* What a string of n bytes occupies. */
static size_t size_of(size_t n)
{
	return (sizeof(struct istr) + n + 1 + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static struct chunk *chunk_new(struct chunk **list, size_t size)
{
	struct chunk *c = xmalloc(sizeof(*c) + size);

	*c = (struct chunk){ .next = *list };
	if (*list)
		(*list)->prev = c;
	*list = c;
	return c;
}

static struct istr *istr_alloc(struct intern *in, size_t n)
{
	size_t size = size_of(n);
	struct chunk *c = in->shared;
	struct istr *s;

	if (size > SHARED_MAX) {
		c = chunk_new(&in->own, size);
	} else if (in->swept[size / ALIGN]) {
		s = in->swept[size / ALIGN];
		in->swept[size / ALIGN] = s->next;
		return s;
	} else if (!c || CHUNK - c->used < size) {
		c = chunk_new(&in->shared, CHUNK);
	}
	s = (struct istr *)(c->data + c->used);
	c->used += size;
	return s;
}

/* Its memo goes; what it occupied is for another. */
static void istr_free(struct intern *in, struct istr *s)
{
	size_t size = size_of(s->n);
	struct chunk *c;

	free(s->memo);
	s->memo = NULL;
	if (size <= SHARED_MAX) {
		s->next = in->swept[size / ALIGN];
		in->swept[size / ALIGN] = s;
		return;
	}
	c = (struct chunk *)((uint8_t *)s - offsetof(struct chunk, data));
	if (c->prev)
		c->prev->next = c->next;
	else
		in->own = c->next;
	if (c->next)
		c->next->prev = c->prev;
	free(c);
}

/* All of its strings, whether they were swept or not. */
static void chunks_free(struct chunk *c)
{
	while (c) {
		struct chunk *next = c->next;

		for (size_t at = 0; at < c->used;) {
			struct istr *s = (struct istr *)(c->data + at);

			free(s->memo);
			at += size_of(s->n);
		}
		free(c);
		c = next;
	}
}

struct intern *intern_new(void)
{
	struct intern *in = xcalloc(1, sizeof(*in));

	in->n_buckets = 1024;
	in->buckets = xcalloc(in->n_buckets, sizeof(*in->buckets));
	in->empty = xcalloc(1, sizeof(struct istr) + 1);
	in->empty->hash = hash_bytes("", 0);
	return in;
}

void intern_free(struct intern *in)
{
	if (!in)
		return;
	chunks_free(in->shared);
	chunks_free(in->own);
	free(in->buckets);
	free(in->empty->memo);
	free(in->empty);
	free(in);
}

static void grow(struct intern *in)
{
	size_t n = in->n_buckets * 2;
	struct istr **buckets = xcalloc(n, sizeof(*buckets));

	for (size_t i = 0; i < in->n_buckets; i++) {
		struct istr *s = in->buckets[i];

		while (s) {
			struct istr *next = s->next;

			s->next = buckets[s->hash & (n - 1)];
			buckets[s->hash & (n - 1)] = s;
			s = next;
		}
	}
	free(in->buckets);
	in->buckets = buckets;
	in->n_buckets = n;
}

static struct istr *find(const struct intern *in, const void *p, size_t n, uint64_t h)
{
	for (struct istr *s = in->buckets[h & (in->n_buckets - 1)]; s; s = s->next)
		if (s->hash == h && s->n == n && memcmp(s->s, p, n) == 0)
			return s;
	return NULL;
}

const struct istr *intern_find(struct intern *in, const void *p, size_t n)
{
	return n ? find(in, p, n, hash_bytes(p, n)) : in->empty;
}

const struct istr *intern_get(struct intern *in, const void *p, size_t n)
{
	uint64_t h;
	struct istr *s;

	if (!n)
		return in->empty;
	h = hash_bytes(p, n);
	s = find(in, p, n, h);
	if (s)
		return s;
	if (in->n >= in->n_buckets)
		grow(in);
	s = istr_alloc(in, n);
	*s = (struct istr){ .n = (uint32_t)n, .mark = in->round, .hash = h };
	memcpy(s->s, p, n);
	s->s[n] = '\0';
	s->next = in->buckets[h & (in->n_buckets - 1)];
	in->buckets[h & (in->n_buckets - 1)] = s;
	in->n++;
	in->bytes += sizeof(*s) + n + 1;
	return s;
}

const struct istr *intern_empty(struct intern *in)
{
	return in->empty;
}

bool intern_wants_sweep(const struct intern *in)
{
	return in->bytes > SWEEP_FROM && in->bytes > 2 * in->bytes_after_sweep;
}

void intern_mark_begin(struct intern *in)
{
	in->round++;
}

void intern_mark(struct intern *in, const struct istr *s)
{
	/* The mark is the pool's own; the rest of the string is not written after creation. */
	if (s)
		((struct istr *)(uintptr_t)s)->mark = in->round;
}

void intern_sweep(struct intern *in)
{
	for (size_t i = 0; i < in->n_buckets; i++) {
		struct istr **at = &in->buckets[i];

		while (*at) {
			struct istr *s = *at;

			if (s->mark == in->round) {
				at = &s->next;
				continue;
			}
			*at = s->next;
			in->n--;
			in->bytes -= sizeof(*s) + s->n + 1;
			istr_free(in, s);
		}
	}
	in->bytes_after_sweep = in->bytes;
}

size_t intern_count(const struct intern *in)
{
	return in->n;
}

size_t intern_bytes(const struct intern *in)
{
	return in->bytes;
}
