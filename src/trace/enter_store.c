#include "trace/enter_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void enter_store_init(struct enter_store *s)
{
	memset(s, 0, sizeof(*s));
}

void enter_store_clear(struct enter_store *s)
{
	for (size_t i = 0; i < s->n_slots; i++)
		s->slots[i]->type = ENTER_STORE_NONE;
}

void enter_store_free(struct enter_store *s)
{
	for (size_t i = 0; i < s->n_slots; i++) {
		free(s->slots[i]->bytes);
		free(s->slots[i]);
	}
	free(s->slots);
	u64map_free(&s->by_tid);
	memset(s, 0, sizeof(*s));
}

static struct enter_slot *find(struct enter_store *s, int64_t tid)
{
	if (!s->last || s->last->tid != tid)
		s->last = u64map_get(&s->by_tid, (uint64_t)tid);
	return s->last;
}

struct enter_slot *enter_store_get(struct enter_store *s, int64_t tid)
{
	struct enter_slot *slot = find(s, tid);

	return slot && slot->type != ENTER_STORE_NONE ? slot : NULL;
}

/* Empties the slot whose turn it is. */
static struct enter_slot *evict(struct enter_store *s)
{
	struct enter_slot *slot = s->slots[s->hand];

	s->hand = (s->hand + 1) % s->n_slots;
	s->evicted += slot->type != ENTER_STORE_NONE;
	slot->type = ENTER_STORE_NONE;
	return slot;
}

static struct enter_slot *slot_for(struct enter_store *s, int64_t tid)
{
	struct enter_slot *slot = find(s, tid);

	if (slot)
		return slot;
	if (s->n_slots < ENTER_STORE_MAX_THREADS) {
		if (s->n_slots == s->n_alloc) {
			s->n_alloc = s->n_alloc ? s->n_alloc * 2 : 64;
			s->slots = xreallocarray(s->slots, s->n_alloc, sizeof(*s->slots));
		}
		slot = xcalloc(1, sizeof(*slot));
		s->slots[s->n_slots++] = slot;
	} else {
		slot = evict(s);
		u64map_del(&s->by_tid, (uint64_t)slot->tid);
	}
	slot->tid = tid;
	slot->type = ENTER_STORE_NONE;
	u64map_put(&s->by_tid, (uint64_t)tid, slot);
	s->last = slot;
	return slot;
}

/* Room for n bytes in a slot; others give way when all of them hold too much. */
static void reserve(struct enter_store *s, struct enter_slot *slot, size_t n)
{
	size_t cap = slot->cap ? slot->cap : 64;

	if (n <= slot->cap)
		return;
	while (cap < n)
		cap *= 2;
	for (size_t i = 0; i < s->n_slots && s->bytes + cap > ENTER_STORE_MAX_BYTES; i++) {
		struct enter_slot *victim = evict(s);

		s->bytes -= victim->cap;
		free(victim->bytes);
		victim->bytes = NULL;
		victim->cap = 0;
	}
	s->bytes += cap - slot->cap;
	free(slot->bytes);
	slot->bytes = xmalloc(cap);
	slot->cap = cap;
}

void enter_store_put(struct enter_store *s, const struct event *ev)
{
	struct enter_slot *slot = slot_for(s, ev->tid);
	unsigned n = ev->n_params < EVENT_MAX_PARAMS ? ev->n_params : EVENT_MAX_PARAMS;
	size_t bytes = 0;
	uint8_t *at;

	for (unsigned i = 0; i < n; i++)
		bytes += ev->params[i].n;
	reserve(s, slot, bytes + 1); /* never without memory, so that `at` is an address */
	at = slot->bytes;
	for (unsigned i = 0; i < n; i++) {
		if (ev->params[i].n)
			memcpy(at, ev->params[i].p, ev->params[i].n);
		slot->params[i] = (struct param){ at, ev->params[i].n };
		at += ev->params[i].n;
	}
	slot->n_params = (uint16_t)n;
	slot->type = ev->type;
}
