/* Walking one trace; see replay.h. */
#include "replay/replay.h"

#include <errno.h>
#include <stdlib.h>

#include "base/compiler.h"
#include "base/varint.h"
#include "base/xalloc.h"
#include "state/state_save.h"
#include "trace/layout.h"

#define PROGRESS_EVERY \
	8192 /* records: often enough for a clock to decide, seldom enough to cost nothing */

struct replay_walk {
	struct source *src;
	struct state *st;
	struct layout *layout;
	struct replay_select sel;
	bool bounded; /* by any of that */
	struct replay_visitor v;
	struct replay_stats *stats;
	struct record rec;
	bool has_rec;
	uint64_t progress_at;       /* raw events */
	bool has_wants;             /* the visitor does not look at all events: */
	struct event_wants shown;   /* those it looks at */
	struct event_wants wants;   /* and those, with what the state needs */
	struct event_wants outside; /* what the state needs of events that are not selected */
	struct event_wants *now;    /* of the two, for the events ahead; NULL: see them all */
	bool ready;                 /* the section has begun, nothing is in the way of `now` */
};

/* The events of CPUs may stand a little out of order: a time never ends the walk, a number does. */
static bool selected(const struct replay_select *sel, const struct event *ev)
{
	if (ev->ts < sel->since || ev->num < sel->first_num)
		return false;
	return !sel->until || ev->ts < sel->until;
}

static void count_events(struct replay_stats *stats, uint64_t n, uint64_t min_ts, uint64_t max_ts)
{
	stats->events += n;
	if (min_ts < stats->first_ts || (!stats->first_ts && min_ts <= max_ts))
		stats->first_ts = min_ts;
	if (max_ts > stats->last_ts)
		stats->last_ts = max_ts;
}

/* What the source passed over since its last record. All of it was plain and visible, and selected
 * or not as `now` says. */
static inline void count_passed(struct replay_walk *w)
{
	const struct events_passed *p = &w->src->passed;

	state_pass(w->st, p->count);
	w->stats->raw += p->count;
	if (w->now == &w->wants)
		w->stats->visited += p->count;
	count_events(w->stats, p->count, p->min_ts, p->max_ts);
	w->src->passed.count = 0;
}

static bool has_bounds(const struct replay_select *sel)
{
	return sel->since || sel->until || sel->first_num || sel->last_num;
}

/*
 * As what up to n events behind number `last`, between these times, may be passed over; NULL where
 * some of them are selected, or the walk is to end: each has to be looked at.
 */
static struct event_wants *wants_ahead(struct replay_walk *w, uint64_t last, uint64_t n,
				       uint64_t min_ts, uint64_t max_ts)
{
	const struct replay_select *sel = &w->sel;

	if (sel->last_num && last + n > sel->last_num)
		return NULL;
	if (max_ts < sel->since || (sel->until && min_ts >= sel->until) ||
	    last + n < sel->first_num)
		return &w->outside;
	if (min_ts < sel->since || (sel->until && max_ts >= sel->until) ||
	    last + 1 < sel->first_num)
		return NULL;
	return &w->wants;
}

static void on_ahead(void *arg, uint64_t n, uint64_t min_ts, uint64_t max_ts)
{
	struct replay_walk *w = arg;

	if (w->src->passed.count)
		count_passed(w);
	w->now = wants_ahead(w, state_last_num(w->st), n, min_ts, max_ts);
	w->src->wants = w->ready ? w->now : NULL;
}

/* The visitor may look at the event, as far as its type says. */
static bool is_shown(const struct replay_walk *w, const struct event *ev)
{
	return !w->has_wants || ev->type >= EVENT_N_TYPES || w->shown.of[ev->type].how != WANT_NONE;
}

static void count_loss(struct replay_stats *stats, const struct loss *loss)
{
	uint64_t n = loss->count == UINT64_MAX ? 1 : loss->count;

	stats->loss_records++;
	stats->losses_unknown += loss->count == UINT64_MAX;
	stats->lost += n;
	stats->lost_by_cause[loss->cause < LOSS_N ? loss->cause : LOSS_UNKNOWN] += n;
}

/* What is wanted from now on. */
static void set_wants(struct replay_walk *w, bool ready, uint32_t epoch)
{
	w->wants.epoch = w->outside.epoch = epoch;
	w->ready = ready;
	w->src->wants = ready ? w->now : NULL;
}

/* What is wanted of the next event, too, when a state that was restored knows what it has to. */
static void set_wants_at_once(struct replay_walk *w)
{
	if (w->has_wants && state_first_ts(w->st))
		set_wants(w, true, state_epoch(w->st));
}

/* The section's first event is an exit: with its time the state has what makes it begin. */
static void on_dated(void *arg, uint64_t ts)
{
	struct replay_walk *w = arg;

	state_begin_section(w->st, ts);
	set_wants(w, true, state_epoch(w->st));
}

/* 0 to go on, else as replay_visitor.event(). */
static inline int walk_converted(struct replay_walk *w, struct event *ev)
{
	struct event_ctx ctx;
	uint32_t epoch;
	int r = 0;

	state_begin(w->st, ev, &ctx);
	count_events(w->stats, 1, ev->ts, ev->ts);
	if (w->bounded && w->sel.last_num && ev->num > w->sel.last_num) {
		r = 1;
	} else if (ctx.visible && (!w->bounded || selected(&w->sel, ev))) {
		w->stats->visited++;
		if (is_shown(w, ev))
			r = w->v.event(w->v.arg, &ctx);
	}
	state_end(w->st, &ctx);
	if (w->has_wants) {
		epoch = state_epoch(w->st);
		if (!w->ready || epoch != w->wants.epoch)
			set_wants(w, ctx.first_ts != 0, epoch);
	}
	return r;
}

/* Of its own: nearly all events are plain, and those are not copied. */
static NOINLINE int walk_odd(struct replay_walk *w, const struct event *ev)
{
	struct event converted;

	if (layout_convert(w->layout, ev, &converted) == LAYOUT_DROP)
		return 0;
	return walk_converted(w, &converted);
}

static int walk_event(struct replay_walk *w, struct event *ev)
{
	w->stats->raw++;
	if (w->v.progress && w->stats->raw >= w->progress_at) {
		w->progress_at = w->stats->raw + PROGRESS_EVERY;
		w->v.progress(w->v.arg, w->src, w->stats);
	}
	return layout_is_plain(ev->info, ev->n_params) ? walk_converted(w, ev) : walk_odd(w, ev);
}

static int walk_record(struct replay_walk *w, struct record *rec)
{
	switch (rec->kind) {
	case RECORD_SNAPSHOT:
		w->stats->sections++;
		w->src->wants = NULL;
		w->ready = false;
		layout_reset(w->layout);
		state_load(w->st, rec->snapshot);
		return w->v.snapshot ? w->v.snapshot(w->v.arg, rec->snapshot) : 0;
	case RECORD_LOSS:
		count_loss(w->stats, &rec->loss);
		if (w->v.loss)
			w->v.loss(w->v.arg, &rec->loss);
		return 0;
	case RECORD_EVENT:
		return walk_event(w, &rec->event);
	case RECORD_NOTE:
		return 0;
	}
	return 0;
}

struct replay_walk *replay_walk_new(struct source *src, struct state *st,
				    const struct replay_select *sel, const struct replay_visitor *v,
				    struct replay_stats *stats)
{
	struct replay_walk *w = xcalloc(1, sizeof(*w));

	w->src = src;
	w->st = st;
	w->layout = layout_new();
	w->sel = *sel;
	w->bounded = has_bounds(sel);
	w->v = *v;
	w->stats = stats;
	w->progress_at = PROGRESS_EVERY;
	if (v->wants)
		replay_walk_wants(w, v->wants);
	return w;
}

static void wants_of_walk(struct replay_walk *w, struct event_wants *ret, bool memory)
{
	state_wants(ret, memory);
	ret->pass = state_pass_thread;
	ret->settle = state_settle_numbers;
	ret->texts_gone = state_texts_gone;
	ret->arg = w->st;
}

void replay_walk_wants(struct replay_walk *w, const struct event_wants *wants)
{
	w->has_wants = true;
	w->shown = *wants;
	wants_of_walk(w, &w->wants, wants->memory);
	event_wants_merge(&w->wants, wants);
	if (w->v.open)
		state_want_opens(&w->wants);
	state_judge_opens(w->st, w->v.open, w->v.arg);
	if (w->v.use)
		state_want_uses(&w->wants);
	state_judge_uses(w->st, wants, w->v.use, w->v.arg);
	w->now = &w->wants;
	if (w->bounded) {
		/* Until it is said what is ahead. */
		w->now = NULL;
		wants_of_walk(w, &w->outside, wants->memory);
		w->src->ahead = on_ahead;
		w->src->ahead_arg = w;
	}
	w->src->dated = on_dated;
	w->src->dated_arg = w;
	set_wants_at_once(w);
}

/* As source_next(), with what was passed over before it counted. */
static inline int next_record(struct replay_walk *w)
{
	int r = source_next(w->src, &w->rec);

	if (w->src->passed.count)
		count_passed(w);
	if (r == -EBADMSG)
		w->stats->damaged = true;
	return r;
}

int replay_walk_peek(struct replay_walk *w, uint64_t *ret_ts)
{
	int r = w->has_rec ? 1 : next_record(w);

	w->has_rec = r == 1;
	if (r == 1)
		*ret_ts = w->rec.kind == RECORD_EVENT ? w->rec.event.ts : 0;
	return r;
}

int replay_walk_rest(struct replay_walk *w)
{
	int r = w->has_rec ? 1 : next_record(w), stop = 0;

	w->has_rec = false;
	while (r == 1 && !stop) {
		stop = w->rec.kind == RECORD_EVENT ? walk_event(w, &w->rec.event)
						   : walk_record(w, &w->rec);
		if (!stop)
			r = next_record(w);
	}
	return stop ? stop : r;
}

bool replay_walk_at_event(const struct replay_walk *w)
{
	return w->has_rec && w->rec.kind == RECORD_EVENT;
}

bool replay_walk_at_section(const struct replay_walk *w)
{
	return w->has_rec && w->rec.kind == RECORD_SNAPSHOT;
}

int replay_walk_step(struct replay_walk *w)
{
	w->has_rec = false;
	return walk_record(w, &w->rec);
}

/* All but what this walk has shown, and how its input ended. */
static void save_stats(const struct replay_stats *s, struct strbuf *out)
{
	varint_add(out, s->events);
	varint_add(out, s->raw);
	varint_add(out, s->lost);
	varint_add(out, s->loss_records);
	varint_add(out, s->losses_unknown);
	for (size_t i = 0; i < LOSS_N; i++)
		varint_add(out, s->lost_by_cause[i]);
	varint_add(out, s->first_ts);
	varint_add(out, s->last_ts);
	varint_add(out, s->sections);
}

static void restore_stats(struct replay_stats *s, struct cursor *c)
{
	s->events = cursor_varint(c);
	s->raw = cursor_varint(c);
	s->lost = cursor_varint(c);
	s->loss_records = cursor_varint(c);
	s->losses_unknown = cursor_varint(c);
	for (size_t i = 0; i < LOSS_N; i++)
		s->lost_by_cause[i] = cursor_varint(c);
	s->first_ts = cursor_varint(c);
	s->last_ts = cursor_varint(c);
	s->sections = (unsigned)cursor_varint(c);
}

void replay_walk_save(const struct replay_walk *w, bool lasting, struct strbuf *out)
{
	if (lasting)
		state_save_lasting(w->st, out);
	else
		state_save(w->st, out);
	layout_save(w->layout, out);
	save_stats(w->stats, out);
}

int replay_walk_restore(struct replay_walk *w, struct str bytes)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	int r = state_restore(w->st, &c);

	if (r)
		return r;
	if (!layout_restore(w->layout, &c))
		return -EBADMSG;
	restore_stats(w->stats, &c);
	if (c.bad || cursor_left(&c))
		return -EBADMSG;
	set_wants_at_once(w);
	return 0;
}

void replay_walk_free(struct replay_walk *w)
{
	const struct layout_stats *ls = layout_stats(w->layout);

	w->stats->guessed += ls->guessed;
	w->stats->unknown_types += ls->unknown_type;
	layout_free(w->layout);
	w->src->wants = NULL;
	w->src->ahead = NULL;
	w->src->dated = NULL;
	free(w);
}

int replay_run(struct source *src, struct state *st, const struct replay_select *sel,
	       const struct replay_visitor *v, struct replay_stats *stats)
{
	struct replay_walk *w = replay_walk_new(src, st, sel, v, stats);
	int r = replay_walk_rest(w);

	replay_walk_free(w);
	return r < 0 ? r : 0;
}
