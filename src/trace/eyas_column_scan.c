/*
 * Which events of a block are delivered, and when they were.
 *
 * Most events of a trace are passed over here, so what is done for each of them counts. It is done
 * for some hundreds at a time, in a loop of some twenty instructions an event: scan() adds up the
 * times and notes the events that somebody may look at, the sights. What there is to decide about
 * one is decided when its turn comes, and what there is to be told of threads is told then, too, in
 * the order of the events.
 */
#include <assert.h>
#include <errno.h>

#include "base/compiler.h"
#include "base/varint.h"
#include "trace/eyas_column_impl.h"
#include "trace/layout.h"

#define SCAN_EVENTS 512 /* at a time: their sights stay in the first cache */
#define AHEAD       16  /* values are brought into the cache together: one or two lines of it */
#define MANY_VALUES 16384

/* Time since the event before whose upper bytes stand at the end of the stream. */
static uint64_t long_time(struct eyas_column_reader *r, uint8_t low)
{
	return (uint64_t)unzigzag(varint_get(&r->long_times)) << 8 | low;
}

/* Value k of a column of integers is one that is wanted. */
static inline bool value_is_wanted(const struct event_want *want, const struct eyas_look *look,
				   uint64_t k)
{
	const struct eyas_column *col = look->value;
	uint64_t v = (number_at(col->data, look->width, k) ^ col->flip) - col->flip;

	v &= look->value_cut;
	return v >= want->n_values || (want->values[v / 64] >> v % 64 & 1);
}

/* The thread is told that events of it are passed over, if it does not know; `told`: that it does.
 */
static inline void tell_thread(struct eyas_column_reader *r, const struct event_wants *wants,
			       unsigned thread, uint32_t told)
{
	if (r->told.v[thread] != told && wants->pass(wants->arg, r->tids.v[thread]))
		r->told.v[thread] = told;
}

/* Numbers 0 to n-1 are none that is wanted. */
static inline bool none_is_wanted(const struct event_want *want, const uint8_t *data,
				  unsigned width, uint64_t n)
{
	for (uint64_t k = 0; k < n; k++) {
		uint32_t v = number_at(data, width, k);

		if (v >= want->n_values || (want->values[v / 64] >> v % 64 & 1))
			return false;
	}
	return true;
}

/*
 * Likewise, of numbers of two bytes, when there are many, as in the large blocks of a packed trace:
 * a third of the instructions, but for the table.
 */
static bool none_of_many_is_wanted(struct eyas_column_reader *r, const struct event_want *want,
				   const uint8_t *data, uint64_t n)
{
	uint8_t *wanted, any = 0;
	uint64_t k = 0;

	vec_reserve(&r->wanted, UINT16_MAX + 1);
	wanted = r->wanted.v;
	memset(wanted, 1, UINT16_MAX + 1);
	for (unsigned v = 0; v < want->n_values; v++)
		wanted[v] = want->values[v / 64] >> v % 64 & 1;
	for (; !any && n - k >= 4; k += 4)
		any = wanted[get_le16(data + 2 * k)] | wanted[get_le16(data + 2 * k + 2)] |
		      wanted[get_le16(data + 2 * k + 4)] | wanted[get_le16(data + 2 * k + 6)];
	return !any && none_is_wanted(want, data + 2 * k, 2, n - k);
}

/* None of a shape's events in the block has a value that is wanted. */
static bool no_value_is_wanted(struct eyas_column_reader *r, const struct eyas_shape_reader *s)
{
	const struct eyas_column *col = &r->columns.v[s->value];
	const struct event_want *want = &r->wants->of[s->type];
	const struct param *param = &r->params.v[s->params + col->param];
	unsigned width = col->coding == EYAS_NARROW ? col->width : param->n;

	if (col->flip || (width != 1 && width != 2))
		return false;
	if (width == 2 && s->count >= MANY_VALUES)
		return none_of_many_is_wanted(r, want, col->data, s->count);
	return width == 1 ? none_is_wanted(want, col->data, 1, s->count)
			  : none_is_wanted(want, col->data, 2, s->count);
}

/* Where number i that settles a shape's events is; false: it cannot be had without a branch. */
static bool find_number(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
			unsigned i, struct eyas_look *look)
{
	struct eyas_number *ret = &look->numbers[i];
	const struct eyas_column *col;

	look->cut[i] = UINT64_MAX;

	if (s->numbers[i].column == SIZE_MAX) {
		*ret = (struct eyas_number){ s->numbers[i].same, UINT64_MAX, 0, 0 };
		return true;
	}
	col = &r->columns.v[s->numbers[i].column];
	ret->data = col->data;
	ret->step = col->coding == EYAS_NARROW ? col->width : col->size;
	ret->mask = UINT64_MAX >> (64 - 8 * ret->step);
	ret->flip = col->flip;
	/* Of fewer than 8 bytes it is unsigned: what a sign has filled is cut again. */
	look->cut[i] = UINT64_MAX >> (64 - 8 * r->params.v[s->params + col->param].n);
	look->must_cut |= col->flip && look->cut[i] != UINT64_MAX;
	/* 8 bytes are read at each; a column that is last in its stream may have fewer. */
	return (s->count - 1) * ret->step + 8 <= col->room;
}

static void find_settling(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
			  struct eyas_look *ret)
{
	const struct param *same;

	for (unsigned i = 0; i < s->n_numbers; i++)
		if (!find_number(r, s, i, ret))
			return;
	ret->n = s->n_numbers;
	if (s->text && s->text_column != SIZE_MAX) {
		ret->text_column = &r->columns.v[s->text_column];
	} else if (s->text) {
		same = &r->params.v[s->params + s->text - 1];
		ret->text = (struct str){ (const char *)same->p, same->n };
	}
}

/* What of a value decides whether the event is wanted. */
static void find_value(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
		       struct eyas_look *ret)
{
	const struct eyas_column *col = &r->columns.v[s->value];
	uint32_t n = r->params.v[s->params + col->param].n;

	if (n != 1 && n != 2 && n != 4) {
		ret->how = WANT_ALL;
		return;
	}
	ret->value = col;
	ret->width = col->coding == EYAS_NARROW ? col->width : n;
	ret->value_cut = UINT64_MAX >> (64 - 8 * n);
}

static uint8_t act_of(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
		      const struct eyas_look *look)
{
	if (r->whole || look->how != WANT_ALL)
		return EYAS_DECIDE;
	if (look->n == 2 && !s->text && !look->must_cut)
		return EYAS_SETTLE_BY_TWO;
	return look->n ? EYAS_SETTLE : EYAS_DELIVER;
}

void eyas_column_scan_look(struct eyas_column_reader *r)
{
	vec_reserve(&r->looks, r->shapes.n);
	for (size_t i = 0; i < r->shapes.n; i++) {
		struct eyas_shape_reader *s = &r->shapes.v[i];
		struct eyas_look *look = &r->looks.v[i];

		if (s->how == WANT_VALUES && r->wants && no_value_is_wanted(r, s))
			s->how = WANT_NONE;
		*look = (struct eyas_look){
			.times = (uint32_t)s->times,
			.type = s->type,
			.how = s->how,
			.text = STR(""),
		};
		if (s->how == WANT_VALUES)
			find_value(r, s, look);
		find_settling(r, s, look);
		look->act = act_of(r, s, look);
		r->scan.v[i].pass_end = r->whole || s->how != WANT_NONE ? 0 : r->ends.v[i];
	}
}

/* An event somebody may look at. */
static inline struct eyas_sight *note(struct eyas_sight *to, uint64_t ts, uint32_t k,
				      unsigned shape, uint32_t pos)
{
	*to++ = (struct eyas_sight){ ts, k, (uint16_t)shape, (uint16_t)pos };
	return to;
}

/* The least, or greatest, time of some events. */
static inline struct eyas_sight *note_time(struct eyas_sight *to, uint64_t ts)
{
	return note(to, ts, 0, EYAS_SIGHT_TIME, EYAS_NO_EVENT);
}

/* All n events of the scan have been seen, or the next one is malformed. */
static inline void note_end(struct eyas_sight *to, uint32_t n, bool bad)
{
	note(to, 0, n, bad ? EYAS_SIGHT_BAD : EYAS_SIGHT_END, EYAS_NO_EVENT);
}

/* All events before r->next have been seen. */
static void no_sights(struct eyas_column_reader *r)
{
	/* Of an event there is at most a time before it, itself, and a time behind it. */
	vec_reserve(&r->sights, 3 * SCAN_EVENTS + 4);
	note_end(r->sights.v, 0, false);
	r->sight = r->sights.v;
	r->scanned_from = r->scanned = r->next;
}

void eyas_column_scan_begin(struct eyas_column_reader *r)
{
	size_t n = r->shape_high ? EYAS_MAX_SHAPES + 1 : UINT8_MAX + 1;

	no_sights(r);
	vec_reserve(&r->scan, n);
	vec_reserve(&r->ends, n);
	/* Of a number that no shape has, all events are too many. */
	memset(r->scan.v, 0, n * sizeof(*r->scan.v));
	memset(r->ends.v, 0, n * sizeof(*r->ends.v));
	for (size_t i = 0; i < r->shapes.n; i++) {
		const struct eyas_shape_reader *s = &r->shapes.v[i];

		r->scan.v[i].next = (uint32_t)s->times;
		r->ends.v[i] = (uint32_t)(s->times + s->count);
	}
	eyas_column_scan_look(r);
}

/* What the planes of times say of their k-th event. */
static inline uint64_t time_in_planes(const struct eyas_column_reader *r, uint32_t k)
{
	return (uint64_t)r->time_high[k] << 8 | r->time_low[k];
}

/* The time since the event before; r->long_times may turn bad. */
static uint64_t time_since(struct eyas_column_reader *r, uint32_t k)
{
	return r->time_high[k] == EYAS_TIME_ESCAPE ? long_time(r, r->time_low[k])
						   : time_in_planes(r, k);
}

/* How far a scan has come. */
struct scan {
	struct eyas_sight *to; /* the next sight */
	uint64_t ts;           /* of the last event */
	uint32_t i, end;       /* events, from r->scanned_from */
};

/*
 * The rest of a time that is not in the planes, if it has two bytes and is not less than the one
 * before, as nearly all are.
 */
static inline bool short_rest(struct cursor *c, uint64_t *ret)
{
	const uint8_t *p = c->p + c->off;

	if (c->bad || c->n - c->off < 2 || (p[0] & 0x81) != 0x80 || p[1] & 0x80)
		return false;
	*ret = (p[0] & 0x7f) >> 1 | (uint64_t)p[1] << 6;
	c->off += 2;
	return true;
}

/*
 * The sights of the next events, until one comes whose time may be less than the one before, or
 * that is malformed. No calls in this loop, and `high` (r->shape_high) known when it is compiled:
 * so all of it is in registers, 20 instructions an event that is passed over instead of 30. Of a
 * sight whose time is not in the planes, the time before it is told, too.
 */
SPECIALISED struct scan scan_ascending(struct eyas_column_reader *r, struct scan x,
				       const uint8_t *high)
{
	const uint8_t *low = r->shape_low + r->scanned_from;
	const uint8_t *end = low + x.end, *p = low + x.i;
	const uint8_t *time_low = r->time_low, *time_high = r->time_high;
	struct eyas_scan_shape *shapes = r->scan.v;
	const uint32_t *ends = r->ends.v;

	high = high ? high + r->scanned_from : NULL;
	for (; p < end; p++) {
		size_t id = high ? *p | (size_t)high[p - low] << 8 : *p;
		struct eyas_scan_shape *s = &shapes[id];
		uint64_t k = s->next, rest;

		if (k < s->pass_end) {
			rest = time_high[k];
			if (rest == EYAS_TIME_ESCAPE && !short_rest(&r->long_times, &rest))
				break;
			s->next++;
			x.ts += rest << 8 | time_low[k];
			continue;
		}
		if (k >= ends[id])
			break;
		rest = time_high[k];
		if (rest == EYAS_TIME_ESCAPE) {
			if (!short_rest(&r->long_times, &rest))
				break;
			x.to = note_time(x.to, x.ts);
		}
		s->next++;
		x.ts += rest << 8 | time_low[k];
		x.to = note(x.to, x.ts, (uint32_t)k, (unsigned)id, (uint32_t)(p - low));
	}
	x.i = (uint32_t)(p - low);
	return x;
}

static NOINLINE struct scan scan_narrow(struct eyas_column_reader *r, struct scan x)
{
	return scan_ascending(r, x, NULL);
}

static NOINLINE struct scan scan_wide(struct eyas_column_reader *r, struct scan x)
{
	return scan_ascending(r, x, r->shape_high);
}

/*
 * One event, with the times before and after it when its own is not in the planes: it alone may be
 * less than the one before. In a block with events that may be dropped once they were delivered,
 * whose times are not to be told, each time is told, of others. False: it is malformed.
 */
static bool scan_one(struct eyas_column_reader *r, struct scan *x)
{
	unsigned id = plane_get(r->shape_low, r->shape_high, r->scanned_from + x->i);
	struct eyas_scan_shape *s = &r->scan.v[id];
	const struct eyas_shape_reader *shape;
	uint32_t k = s->next;
	uint64_t since;

	if (k >= r->ends.v[id])
		return false;
	shape = &r->shapes.v[id];
	since = time_since(r, k);
	if (r->long_times.bad)
		return false;
	if (!r->odd && x->i > 0)
		x->to = note_time(x->to, x->ts);
	x->ts += since;
	s->next = k + 1;
	if (k >= s->pass_end)
		x->to = note(x->to, x->ts, k, id, x->i);
	if (layout_is_plain(shape->info, shape->n_params))
		x->to = note_time(x->to, x->ts);
	x->i++;
	return true;
}

/*
 * The sights of the next events before number `end` of the block, behind the one that is returned;
 * the last says why they end.
 */
static NOINLINE const struct eyas_sight *scan(struct eyas_column_reader *r, uint64_t end)
{
	struct scan x = { .to = r->sights.v + 1, .ts = r->ts };
	bool good = true;

	x.end = (uint32_t)(end - r->scanned < SCAN_EVENTS ? end - r->scanned : SCAN_EVENTS);
	r->scanned_from = r->scanned;
	/* The first one's time may be less than the last of the block before. */
	if (r->scanned == 0)
		good = scan_one(r, &x);
	while (good && x.i < x.end) {
		if (!r->odd)
			x = r->shape_high ? scan_wide(r, x) : scan_narrow(r, x);
		if (x.i < x.end)
			good = scan_one(r, &x);
	}
	if (!r->odd && x.i > 0)
		x.to = note_time(x.to, x.ts);
	note_end(x.to, x.i, !good);
	r->scanned = r->scanned_from + x.i;
	r->ts = x.ts;
	return r->sights.v;
}

/*
 * The run of event `pos`, when the events from number `next` up to that one are passed over; `run`
 * is that of event `next`, or the one before.
 */
static inline const struct eyas_run_at *go_on(struct eyas_column_reader *r,
					      const struct eyas_run_at *run, uint64_t next,
					      uint64_t pos, const struct event_wants *wants,
					      uint32_t told)
{
	if (next < pos && next < run->end)
		tell_thread(r, wants, run->thread, told);
	while (run->end <= pos) {
		uint32_t begin = run->end;

		run++;
		if (begin < pos)
			tell_thread(r, wants, run->thread, told);
	}
	return run;
}

/* The numbers of the k-th event of a shape; without a loop, which would cost as much again. */
static inline void get_numbers(struct eyas_look *look, uint64_t k)
{
	int64_t *v = look->values;
	const struct eyas_number *n = look->numbers;

	static_assert(EVENT_WANT_NUMBERS == 7, "a case for each");
	switch (look->n) {
	case 7:
		v[6] = eyas_number_get(&n[6], k);
		FALLTHROUGH;
	case 6:
		v[5] = eyas_number_get(&n[5], k);
		FALLTHROUGH;
	case 5:
		v[4] = eyas_number_get(&n[4], k);
		FALLTHROUGH;
	case 4:
		v[3] = eyas_number_get(&n[3], k);
		FALLTHROUGH;
	case 3:
		v[2] = eyas_number_get(&n[2], k);
		FALLTHROUGH;
	case 2:
		v[1] = eyas_number_get(&n[1], k);
		FALLTHROUGH;
	default:
		v[0] = eyas_number_get(&n[0], k);
	}
}

/* The k-th event of a shape is nothing any more once its numbers are told. */
static inline bool settle(const struct eyas_column_reader *r, const struct event_wants *wants,
			  struct eyas_look *look, int64_t tid, uint64_t k)
{
	if (look->text_column && !eyas_column_text(r, look->text_column, k, &look->text))
		return false;
	get_numbers(look, k);
	if (look->must_cut)
		for (unsigned i = 0; i < look->n; i++)
			look->values[i] &= (int64_t)look->cut[i];
	return wants->settle(wants->arg, look->type, tid, look->values, look->text);
}

/* Nothing is to be done about the k-th event of a shape, one of a thread. */
static inline bool is_passed(struct eyas_column_reader *r, const struct event_wants *wants,
			     uint32_t told, struct eyas_look *look, unsigned thread, uint64_t k)
{
	if (look->act == EYAS_SETTLE_BY_TWO) {
		look->values[0] = eyas_number_get(&look->numbers[0], k);
		look->values[1] = eyas_number_get(&look->numbers[1], k);
		return wants->settle(wants->arg, look->type, r->tids.v[thread], look->values,
				     STR(""));
	}
	if (look->act != EYAS_SETTLE) {
		if (look->act == EYAS_DELIVER || r->tids.v[thread] < 0)
			return false;
		if (look->how == WANT_NONE || (look->how == WANT_VALUES &&
					       !value_is_wanted(&wants->of[look->type], look, k))) {
			tell_thread(r, wants, thread, told);
			return true;
		}
		if (!look->n)
			return false;
	}
	return settle(r, wants, look, r->tids.v[thread], k);
}

static inline int deliver(struct eyas_column_reader *r, const struct eyas_shape_reader *s,
			  const struct eyas_run_at *run, uint64_t k, uint64_t ts, struct event *ret)
{
	struct param *params = r->params.v + s->params;

	if (!eyas_columns_get(r, s, k, params))
		return -EBADMSG;
	/* An exit leaves a thread as it was told: nothing is left of an enter event. */
	if (!s->info || !s->info->exit)
		r->told.v[run->thread] = 0;
	ret->ts = ts;
	ret->num = 0;
	ret->tid = r->tids.v[run->thread];
	ret->type = s->type;
	ret->cpu = run->cpu;
	ret->delivery = s->delivery;
	ret->n_params = s->n_params;
	ret->params = params;
	ret->info = s->info;
	return 1;
}

int eyas_column_reader_next(struct eyas_column_reader *r, uint64_t end, struct event_wants *wants,
			    struct events_passed *passed, struct event *ret)
{
	const struct eyas_sight *g = r->sight;
	const struct eyas_run_at *run = r->run;
	uint64_t min = UINT64_MAX, max = 0, next = r->next, pos, k = 0;
	uint32_t told = wants ? wants->epoch + 1 : 0;
	struct eyas_look *look;
	int result;

	for (;; g++) {
		if (g->pos == EYAS_NO_EVENT) {
			if (g->shape == EYAS_SIGHT_TIME) {
				min = g->ts < min ? g->ts : min;
				max = g->ts > max ? g->ts : max;
				continue;
			}
			pos = r->scanned_from + g->k;
			run = go_on(r, run, next, pos, wants, told);
			next = pos;
			result = g->shape == EYAS_SIGHT_BAD ? -EBADMSG : 0;
			if (result || pos >= end)
				break;
			g = scan(r, end);
			continue;
		}
		pos = r->scanned_from + g->pos;
		if (pos != next || pos == run->end) {
			run = go_on(r, run, next, pos, wants, told);
			next = pos;
		}
		look = &r->looks.v[g->shape];
		k = g->k - look->times;
		if (k % AHEAD == 0)
			eyas_columns_ahead(r, &r->shapes.v[g->shape], k + AHEAD, AHEAD);
		result = 1;
		if (!is_passed(r, wants, told, look, run->thread, k))
			break;
		next++;
	}
	if (next > r->next) {
		/* Of the event before this one, unless it is a sight of its own. */
		if (result == 1 && !r->odd && r->time_high[g->k] != EYAS_TIME_ESCAPE) {
			uint64_t before = g->ts - time_in_planes(r, g->k);

			max = before > max ? before : max;
		}
		events_passed_add(passed, next - r->next, min, max);
	}
	r->run = run;
	r->next = next + (result == 1);
	r->sight = g + (result == 1);
	return result == 1 ? deliver(r, &r->shapes.v[g->shape], run, k, g->ts, ret) : result;
}

bool eyas_column_reader_pass_all(struct eyas_column_reader *r, struct event_wants *wants,
				 const struct eyas_events_fields *f, struct events_passed *passed)
{
	if (!r->count)
		return false;
	for (size_t i = 0; i < r->tids.n; i++)
		if (r->tids.v[i] < 0)
			return false;
	for (size_t k = 0; k < r->shapes.n; k++)
		if (r->shapes.v[k].how != WANT_NONE)
			return false;
	for (size_t i = 0; i < r->runs.n; i++)
		tell_thread(r, wants, r->runs.v[i].thread, wants->epoch + 1);
	r->run = r->runs.v + r->runs.n;
	r->next = r->count;
	no_sights(r);
	events_passed_add(passed, r->count, f->min_ts, f->max_ts);
	return true;
}
