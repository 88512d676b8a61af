#include "trace/enter_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/varint.h"
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

void enter_store_save(const struct enter_store *s, struct strbuf *out)
{
	varint_add(out, s->n_slots);
	for (size_t i = 0; i < s->n_slots; i++) {
		const struct enter_slot *slot = s->slots[i];

		varint_add(out, zigzag(slot->tid));
		varint_add(out, slot->cap);
		varint_add(out, slot->type);
		if (slot->type == ENTER_STORE_NONE)
			continue;
		varint_add(out, slot->n_params);
		for (unsigned k = 0; k < slot->n_params; k++)
			varint_add_str(out, str_mem(slot->params[k].p, slot->params[k].n));
	}
	varint_add(out, s->hand);
	varint_add(out, s->evicted);
}

static bool restore_slot(struct enter_slot *slot, struct cursor *from)
{
	size_t used = 0, n;

	slot->type = (uint16_t)cursor_varint(from);
	if (slot->type == ENTER_STORE_NONE)
		return true;
	n = (size_t)cursor_varint(from);
	if (n > EVENT_MAX_PARAMS || !slot->cap)
		return false;
	for (size_t k = 0; k < n; k++) {
		struct str v = varint_get_str(from);

		if (v.n > slot->cap - used)
			return false;
		memcpy(slot->bytes + used, v.p, v.n);
		slot->params[k] = (struct param){ slot->bytes + used, (uint32_t)v.n };
		used += v.n;
	}
	slot->n_params = (uint16_t)n;
	return true;
}

bool enter_store_restore(struct enter_store *s, struct cursor *from)
{
	uint64_t n = cursor_varint(from);

	if (n > ENTER_STORE_MAX_THREADS || n > cursor_left(from) / 3)
		return false;
	for (uint64_t i = 0; i < n; i++) {
		int64_t tid = unzigzag(cursor_varint(from));
		uint64_t cap = cursor_varint(from);
		struct enter_slot *slot;

		/* A single enter may be larger than all may be; such a store is not gone on with.
		 */
		if (from->bad || u64map_get(&s->by_tid, (uint64_t)tid) ||
		    cap > ENTER_STORE_MAX_BYTES - s->bytes)
			return false;
		slot = slot_for(s, tid);
		slot->cap = (size_t)cap;
		s->bytes += slot->cap;
		if (cap)
			slot->bytes = xmalloc(slot->cap);
		if (!restore_slot(slot, from))
			return false;
	}
	s->hand = (size_t)cursor_varint(from);
	s->evicted = cursor_varint(from);
	return !from->bad && (s->hand < s->n_slots || !s->hand);
}
