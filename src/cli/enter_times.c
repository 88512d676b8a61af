/* How long system calls took; see enter_times.h. */
#include "cli/enter_times.h"

#include <stdlib.h>

#include "base/hashmap.h"
#include "base/vec.h"

/* Threads in a call at once; beyond that all is forgotten, and those calls' times are not known. */
#define MAX_THREADS 262144

struct enter {
	uint16_t type;
	bool open;
	uint64_t ts;
};

struct enter_times {
	struct source source;
	struct source *inner;
	struct u64map by_tid; /* number in `enters` + 1 */
	VEC(struct enter) enters;
	bool known;
	uint64_t ns;
};

static void call_began(struct enter_times *t, const struct event *ev)
{
	uintptr_t at = (uintptr_t)u64map_get(&t->by_tid, (uint64_t)ev->tid);
	struct enter e = { ev->type, true, ev->ts };

	if (at) {
		t->enters.v[at - 1] = e;
		return;
	}
	if (t->enters.n >= MAX_THREADS) {
		u64map_clear(&t->by_tid);
		t->enters.n = 0;
	}
	vec_push(&t->enters, e);
	u64map_put(&t->by_tid, (uint64_t)ev->tid, (void *)(uintptr_t)t->enters.n);
}

static void call_ended(struct enter_times *t, const struct event *ev)
{
	uintptr_t at = (uintptr_t)u64map_get(&t->by_tid, (uint64_t)ev->tid);
	struct enter *e;

	if (!at)
		return;
	e = &t->enters.v[at - 1];
	if (e->open && e->type == (ev->type ^ 1) && ev->ts >= e->ts) {
		t->known = true;
		t->ns = ev->ts - e->ts;
	}
	e->open = false;
}

/* Enters of system calls only: other even numbers are events with one side. */
static bool is_call(const struct event *ev)
{
	return ev->tid >= 0 && ev->info && (ev->info->category & EC_SYSCALL);
}

static int next(struct source *s, struct record *ret)
{
	struct enter_times *t = (struct enter_times *)s;
	int r = source_next(t->inner, ret);

	t->known = false;
	s->position = t->inner->position;
	if (r != 1)
		return r;
	if (ret->kind == RECORD_SNAPSHOT) {
		u64map_clear(&t->by_tid);
		t->enters.n = 0;
	} else if (ret->kind == RECORD_EVENT && is_call(&ret->event)) {
		if (ret->event.info->exit)
			call_ended(t, &ret->event);
		else
			call_began(t, &ret->event);
	}
	return r;
}

static void close_both(struct source *s)
{
	struct enter_times *t = (struct enter_times *)s;

	source_close(t->inner);
	u64map_free(&t->by_tid);
	vec_free(&t->enters);
	free(t);
}

struct enter_times *enter_times_new(struct source *inner, struct source **ret_source)
{
	static const struct source_ops ops = { .next = next, .close = close_both };
	struct enter_times *t = xcalloc(1, sizeof(*t));

	t->inner = inner;
	t->source = *inner;
	t->source.ops = &ops;
	*ret_source = &t->source;
	return t;
}

bool enter_times_last(const struct enter_times *t, uint64_t *ret_ns)
{
	if (t->known)
		*ret_ns = t->ns;
	return t->known;
}
