/* Walking one trace; see replay.h. */
#include "replay/replay.h"

#include <errno.h>

#include "trace/layout.h"

#define PROGRESS_EVERY \
	8192 /* records: often enough for a clock to decide, seldom enough to cost nothing */

struct walk {
	struct source *src;
	struct state *st;
	struct layout *layout;
	const struct replay_select *sel;
	const struct replay_visitor *v;
	struct replay_stats *stats;
};

/* The events of CPUs may stand a little out of order: a time never ends the walk, a number does. */
static bool selected(const struct replay_select *sel, const struct event *ev)
{
	if (ev->ts < sel->since || ev->num < sel->first_num)
		return false;
	return !sel->until || ev->ts < sel->until;
}

static void count_event(struct replay_stats *stats, const struct event *ev)
{
	stats->events++;
	if (!stats->first_ts || ev->ts < stats->first_ts)
		stats->first_ts = ev->ts;
	if (ev->ts > stats->last_ts)
		stats->last_ts = ev->ts;
}

/* 0 to go on, else as replay_visitor.event(). */
static int walk_event(struct walk *w, const struct event *raw)
{
	struct event_ctx ctx;
	struct event ev;
	int r = 0;

	if (layout_convert(w->layout, raw, &ev) == LAYOUT_DROP)
		return 0;
	state_begin(w->st, &ev, &ctx);
	count_event(w->stats, &ev);
	if (w->sel->last_num && ev.num > w->sel->last_num) {
		r = 1;
	} else if (ctx.visible && selected(w->sel, &ev)) {
		w->stats->visited++;
		r = w->v->event(w->v->arg, &ctx);
	}
	state_end(w->st, &ctx);
	return r;
}

static int walk_record(struct walk *w, const struct record *rec)
{
	switch (rec->kind) {
	case RECORD_SNAPSHOT:
		w->stats->sections++;
		layout_reset(w->layout);
		state_load(w->st, rec->snapshot);
		return w->v->snapshot ? w->v->snapshot(w->v->arg, rec->snapshot) : 0;
	case RECORD_LOSS:
		w->stats->loss_records++;
		w->stats->lost += rec->loss.count == UINT64_MAX ? 1 : rec->loss.count;
		if (w->v->loss)
			w->v->loss(w->v->arg, &rec->loss);
		return 0;
	case RECORD_EVENT:
		w->stats->raw++;
		if (w->v->progress && w->stats->raw % PROGRESS_EVERY == 0)
			w->v->progress(w->v->arg, w->src, w->stats);
		return walk_event(w, &rec->event);
	case RECORD_NOTE:
		return 0;
	}
	return 0;
}

int replay_run(struct source *src, struct state *st, const struct replay_select *sel,
	       const struct replay_visitor *v, struct replay_stats *stats)
{
	struct walk w = { src, st, layout_new(), sel, v, stats };
	const struct layout_stats *ls;
	struct record rec;
	int r, stop = 0;

	while ((r = source_next(src, &rec)) == 1) {
		stop = walk_record(&w, &rec);
		if (stop)
			break;
	}
	ls = layout_stats(w.layout);
	stats->guessed += ls->guessed;
	stats->unknown_types += ls->unknown_type;
	layout_free(w.layout);
	if (stop)
		return stop < 0 ? stop : 0;
	if (r == -EBADMSG)
		stats->damaged = true;
	return r < 0 ? r : 0;
}
