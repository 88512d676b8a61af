/* Which records of a trace a slice has: see slice_select.h. */
#include "cli/slice_select.h"

#include <assert.h>

#include "base/strbuf.h"
#include "trace/eyas_snapshot.h"

void slice_select_init(struct slice_select *s, const struct slice_plan *plan,
		       const struct slice_prune *prune)
{
	*s = (struct slice_select){ .plan = plan, .prune = prune };
	state_wants(&s->wants, true);
	event_numbers_init(&s->numbers);
	snapshot_init(&s->snapshot);
}

void slice_select_free(struct slice_select *s)
{
	event_numbers_free(&s->numbers);
	u64map_free(&s->seen);
	snapshot_free(&s->snapshot);
}

/* The state has need of it: it may change it, or is the first to speak of its thread. */
static bool is_needed(struct slice_select *s, const struct event *ev)
{
	bool dates = !s->dated && ev->tid >= 0;

	/* Times are told from the first event of a section on. */
	s->dated |= dates;
	if (dates)
		return true;
	if (s->prune && !slice_prune_keeps(s->prune, ev, s->numbers.last))
		return false;
	if (!ev->info || !layout_is_plain(ev->info, ev->n_params) || event_is_wanted(&s->wants, ev))
		return true;
	return ev->tid >= 0 && !u64map_get(&s->seen, (uint64_t)ev->tid);
}

static enum slice_use select_event(struct slice_select *s, struct event *ev)
{
	enum slice_use use = slice_plan_use(s->plan, ev, s->numbers.last, &s->ended);

	if (s->ended || use == SLICE_LEAVE || (use == SLICE_STATE && !is_needed(s, ev)))
		return SLICE_LEAVE;
	if (use == SLICE_STATE)
		ev->delivery |= EVENT_STATE_ONLY;
	if (ev->tid >= 0)
		u64map_put(&s->seen, (uint64_t)ev->tid, s);
	return use;
}

/* Rows are taken out of a copy: the source's own is not ours to change. */
static enum slice_use select_snapshot(struct slice_select *s, struct record *rec)
{
	struct strbuf bytes = STRBUF_INIT;
	bool good;

	eyas_snapshot_encode(rec->snapshot, &bytes);
	snapshot_reset(&s->snapshot);
	good = eyas_snapshot_decode(strbuf_str(&bytes), &s->snapshot);
	assert(good);
	strbuf_release(&bytes);
	rec->snapshot = &s->snapshot;
	slice_plan_snapshot(s->plan, &s->snapshot);
	if (s->prune)
		slice_prune_snapshot(s->prune, s->numbers.last, &s->snapshot);
	s->dated = false;
	u64map_clear(&s->seen);
	for (size_t i = 0; i < s->snapshot.threads.n; i++)
		u64map_put(&s->seen, s->snapshot.threads.v[i].tid, s);
	return SLICE_TAKE;
}

enum slice_use slice_select_next(struct slice_select *s, struct record *rec)
{
	s->numbered = event_numbers_read(&s->numbers, rec);
	if (s->ended)
		return SLICE_LEAVE;
	return rec->kind == RECORD_EVENT ? select_event(s, &rec->event) : select_snapshot(s, rec);
}
