/*
 * intern: one copy of each string, compared by address.
 *
 * Layer: base. A pool of strings that live until a sweep in which they were not
 * marked. The owner of the pool (the state engine) knows every place that holds
 * one, marks those, and sweeps when intern_wants_sweep() says so: no
 * reference counts, memory bounded by what is live. Each string has a slot for
 * what the rule engine remembers about it.
 */
#ifndef EYAS_INTERN_H
#define EYAS_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct istr {
	uint32_t n;    /* bytes, without the NUL that follows them */
	uint32_t mark; /* of the last sweep it survived */
	uint64_t hash;
	struct istr *next;
	void *memo; /* the rule engine's; freed with free() when the string goes */
	char s[];
};

struct intern;

struct intern *intern_new(void);
void intern_free(struct intern *in);
/* The pool's copy; good while it is marked at each sweep. */
const struct istr *intern_get(struct intern *in, const void *p, size_t n);
/* The pool's copy if there is one, else NULL. */
const struct istr *intern_find(struct intern *in, const void *p, size_t n);
/* The empty string, which is never swept. */
const struct istr *intern_empty(struct intern *in);
/* Bytes held by the pool have doubled since the last sweep (and are over 8 MiB). */
bool intern_wants_sweep(const struct intern *in);
/* Begins a round of marking. */
void intern_mark_begin(struct intern *in);
/* Keeps `s` (NULL is ignored) over the sweep that ends this round. */
void intern_mark(struct intern *in, const struct istr *s);
/* Frees all strings not marked in this round. */
void intern_sweep(struct intern *in);
/* Number of strings and bytes in the pool. */
size_t intern_count(const struct intern *in);
size_t intern_bytes(const struct intern *in);

static inline struct str istr_str(const struct istr *s)
{
	return (struct str){ s->s, s->n };
}

#endif
