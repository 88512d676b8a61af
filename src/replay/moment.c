/* The state at moments of a trace; see moment.h. */
#include "replay/moment.h"

#include <stdlib.h>

#include "base/timefmt.h"
#include "base/xalloc.h"
#include "replay/going.h"

bool moment_parse(struct str text, struct moment *ret)
{
	unsigned long long n;
	uint64_t ts;

	if (str_eqz(text, "end")) {
		*ret = (struct moment){ MOMENT_END, 0 };
		return true;
	}
	if (str_to_u64(text, &n)) {
		if (!n)
			return false;
		*ret = (struct moment){ MOMENT_EVENT, n };
		return true;
	}
	if (!time_parse(text, &ts))
		return false;
	*ret = (struct moment){ MOMENT_TIME, ts };
	return true;
}

struct moments {
	const struct moment *m;
	size_t n, left;
	bool *done, *shown;
	struct state *st;
	moment_fn fn;
	void *arg;
	struct replay_stats *stats;
};

static uint64_t events_of(const struct moments *ms)
{
	return ms->stats->events;
}

static void show(struct moments *ms, size_t i, enum moment_place place)
{
	const struct moment *m = &ms->m[i];

	ms->shown[i] = true;
	state_settle(ms->st);
	ms->fn(ms->arg, i, ms->st, m->kind == MOMENT_TIME ? m->value : ms->stats->last_ts, place);
}

static void finish(struct moments *ms, size_t i)
{
	ms->done[i] = true;
	ms->left--;
}

/* Shows the moments that lie before an event at `ts`, which was not yet taken. */
static void reach(struct moments *ms, uint64_t ts)
{
	for (size_t i = 0; i < ms->n; i++) {
		const struct moment *m = &ms->m[i];

		if (ms->done[i])
			continue;
		if (m->kind == MOMENT_EVENT && events_of(ms) >= m->value) {
			show(ms, i, MOMENT_INSIDE);
			finish(ms, i);
		} else if (m->kind == MOMENT_TIME && ts > m->value) {
			/* Shown already, when a section ended before the moment. */
			if (!ms->shown[i])
				show(ms, i, events_of(ms) ? MOMENT_INSIDE : MOMENT_BEFORE);
			finish(ms, i);
		} else {
			ms->shown[i] = false;
		}
	}
}

/* A new section is about to replace the state: whether it does so before or after a time is only
 * known at its first event. */
static void leave_section(struct moments *ms)
{
	for (size_t i = 0; i < ms->n; i++) {
		const struct moment *m = &ms->m[i];

		if (ms->done[i] || ms->shown[i])
			continue;
		if (m->kind == MOMENT_TIME)
			show(ms, i, MOMENT_INSIDE);
		else if (m->kind == MOMENT_EVENT && events_of(ms) >= m->value) {
			show(ms, i, MOMENT_INSIDE);
			finish(ms, i);
		}
	}
}

static int nothing(void *arg, struct event_ctx *ctx)
{
	(void)arg;
	(void)ctx;
	return 0;
}

/* What must be looked at for these moments: from the first of them on. With a time and a number
 * beside each other it is not known which is first. */
static struct replay_select needed(const struct moment *m, size_t n)
{
	struct replay_select sel = { 0 };
	bool has_time = false, has_number = false;

	for (size_t i = 0; i < n; i++) {
		uint64_t v = m[i].value;

		if (m[i].kind == MOMENT_TIME) {
			sel.since = has_time && sel.since < v ? sel.since : v;
			has_time = true;
		} else if (m[i].kind == MOMENT_EVENT) {
			sel.first_num = has_number && sel.first_num < v ? sel.first_num : v;
			has_number = true;
		}
	}
	if (has_time && has_number)
		sel = (struct replay_select){ 0 };
	else if (!has_time && !has_number)
		sel.since = UINT64_MAX; /* the end: any checkpoint lies before it */
	return sel;
}

static int walk(struct moments *ms, struct replay_walk *w)
{
	uint64_t ts;
	int r = 0;

	while (ms->left && (r = replay_walk_peek(w, &ts)) == 1) {
		if (replay_walk_at_event(w))
			reach(ms, ts);
		else if (replay_walk_at_section(w) && events_of(ms))
			leave_section(ms);
		if (!ms->left)
			break;
		r = replay_walk_step(w);
		if (r)
			break;
	}
	return r < 0 ? r : 0;
}

int moment_replay(const char *path, const struct moment *m, size_t n, moment_fn fn,
		  moment_progress_fn progress, void *arg, struct diag *diag,
		  struct replay_stats *stats)
{
	struct moments ms = { .m = m, .n = n, .left = n, .fn = fn, .arg = arg };
	const struct replay_visitor v = { .arg = arg, .event = nothing, .progress = progress };
	struct replay_select sel = needed(m, n);
	struct replay_going g;
	int r = replay_going_open_near(&g, path, &sel, &v, diag);

	if (r)
		return r;
	ms.st = g.state;
	ms.stats = &g.stats;
	ms.done = xcalloc(n + 1, sizeof(*ms.done));
	ms.shown = xcalloc(n + 1, sizeof(*ms.shown));
	r = walk(&ms, g.walk);
	for (size_t i = 0; i < n; i++) {
		bool there = m[i].kind == MOMENT_END ||
			     (m[i].kind == MOMENT_EVENT && events_of(&ms) >= m[i].value) ||
			     (m[i].kind == MOMENT_TIME && g.stats.last_ts >= m[i].value);

		if (!ms.done[i] && !ms.shown[i])
			show(&ms, i, there ? MOMENT_INSIDE : MOMENT_BEHIND);
	}
	free(ms.done);
	free(ms.shown);
	replay_going_close(&g);
	*stats = g.stats;
	return r;
}
