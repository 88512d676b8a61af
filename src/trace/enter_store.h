/*
 * enter_store: the last enter event of each thread, kept for its exit.
 *
 * Layer: trace, private to layout.c. One slot a thread; a new enter overwrites it. Slots and their
 * memory are reused, and bounded in number and bytes: beyond that the slot that was made first
 * gives way, counted.
 */
#ifndef EYAS_ENTER_STORE_H
#define EYAS_ENTER_STORE_H

#include "base/hashmap.h"
#include "base/strbuf.h"
#include "event/event.h"

#define ENTER_STORE_MAX_THREADS 65536
#define ENTER_STORE_MAX_BYTES   (64U << 20)
#define ENTER_STORE_NONE        UINT16_MAX /* type of a slot that holds nothing */

struct enter_slot {
	int64_t tid;
	uint16_t type;
	uint16_t n_params;
	struct param params[EVENT_MAX_PARAMS];
	uint8_t *bytes;
	size_t cap;
};

struct enter_store {
	struct u64map by_tid;
	struct enter_slot **slots;
	size_t n_slots, n_alloc, hand; /* hand: the next slot to give way */
	size_t bytes;                  /* sum of the slots' cap */
	struct enter_slot *last;       /* of the last look-up */
	uint64_t evicted;              /* enters forgotten for want of room */
};

void enter_store_init(struct enter_store *s);
void enter_store_free(struct enter_store *s);
/* Forgets all enters; memory is kept. */
void enter_store_clear(struct enter_store *s);
/* Copies an enter event; at most EVENT_MAX_PARAMS parameters of it. */
void enter_store_put(struct enter_store *s, const struct event *ev);
/* The enter a thread is in, or NULL. Good until the next put. */
struct enter_slot *enter_store_get(struct enter_store *s, int64_t tid);
/* Appends all of it, also what decides which slot gives way; same store, same bytes. */
void enter_store_save(const struct enter_store *s, struct strbuf *out);
/* Restores that into an empty store; false when the bytes are damaged. */
bool enter_store_restore(struct enter_store *s, struct cursor *from);
/* Its exit has come. The bytes stay readable until the next put. */
static inline void enter_store_release(struct enter_slot *slot)
{
	slot->type = ENTER_STORE_NONE;
}

#endif
