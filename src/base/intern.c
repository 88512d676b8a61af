#include "base/intern.h"

#include <stdlib.h>

#include "base/hashmap.h"
#include "base/xalloc.h"

#define SWEEP_FROM (8u << 20)

struct intern {
	struct istr **buckets;
	size_t n_buckets; /* a power of two */
	size_t n, bytes, bytes_after_sweep;
	uint32_t round;
	struct istr *empty;
};

struct intern *intern_new(void)
{
	struct intern *in = xcalloc(1, sizeof(*in));

	in->n_buckets = 1024;
	in->buckets = xcalloc(in->n_buckets, sizeof(*in->buckets));
	in->empty = xcalloc(1, sizeof(struct istr) + 1);
	in->empty->hash = hash_bytes("", 0);
	return in;
}

static void istr_free(struct istr *s)
{
	free(s->memo);
	free(s);
}

void intern_free(struct intern *in)
{
	if (!in)
		return;
	for (size_t i = 0; i < in->n_buckets; i++) {
		struct istr *s = in->buckets[i];

		while (s) {
			struct istr *next = s->next;

			istr_free(s);
			s = next;
		}
	}
	free(in->buckets);
	istr_free(in->empty);
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
	s = xmalloc(sizeof(*s) + n + 1);
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
			istr_free(s);
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
