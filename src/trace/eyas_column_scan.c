/*
 * Which events of a block are delivered, and when they were.
 *
 * Most events of a trace are passed over here, so what is done for each of them counts. It is done
 * for some hundreds at a time, in a loop of some fifteen instructions an event: scan() adds up the
 * times and notes the events that somebody may look at, the sights. What there is to decide about
 * one is decided when its turn comes, and what there is to be told of threads is told then, too, in
 * the order of the events.
 */
#include <errno.h>

#include "base/varint.h"
#include "trace/eyas_column_impl.h"

#define SCAN_EVENTS 512 /* at a time: their sights stay in the first cache */

/* In place of a sight's shape: */
#define SIGHT_END UINT32_MAX       /* none: all events of the scan have been seen */
#define SIGHT_BAD (UINT32_MAX - 1) /* the event is malformed */

/* The next run of events of one thread. */
static bool run_begin(struct eyas_column_reader *r)
{
	unsigned code;

	if (r->run == r->n_runs)
		return false;
	r->run_left = plane_get(r->run_low, r->run_high, r->run);
	r->cpu = (uint16_t)plane_get(r->cpu_low, r->cpu_high, r->run);
	code = plane_get(r->tid_low, r->tid_high, r->run);
	r->run++;
	if (code)
		r->cpu_last[r->cpu] = code;
	else
		code = r->cpu_last[r->cpu];
	if (code == 0 || code > r->tids.n)
		return false;
	r->thread = code - 1;
	r->tid = r->tids.v[code - 1];
	return true;
}

/* Time since the event before whose upper bytes stand at the end of the stream. */
static uint64_t long_time(struct eyas_column_reader *r, uint8_t low)
{
	return (uint64_t)unzigzag(varint_get(&r->long_times)) << 8 | low;
}

/* Value k of a column of integers is one that is wanted. */
static inline bool value_is_wanted(const struct event_want *want, const struct eyas_column *col,
				   const struct param *param, uint64_t k)
{
	uint64_t v;

	if (param->n != 1 && param->n != 2 && param->n != 4)
		return true;
	if (col->coding == EYAS_NARROW)
		v = (number_at(col->data, col->width, k) ^ col->flip) - col->flip;
	else
		v = number_at(col->data, param->n, k);
	v &= UINT64_MAX >> (64 - 8 * param->n);
	return v >= want->n_values || (want->values[v / 64] >> v % 64 & 1);
}

/* The thread of the run knows that events of it are passed over. */
static inline void tell_thread(struct eyas_column_reader *r, const struct event_wants *wants)
{
	uint32_t *told = &r->told.v[r->thread];

	if (*told != wants->epoch + 1 && wants->pass(wants->arg, r->tid))
		*told = wants->epoch + 1;
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

/* None of a shape's events in the block has a value that is wanted. */
static bool no_value_is_wanted(const struct eyas_column_reader *r,
			       const struct eyas_shape_reader *s)
{
	const struct eyas_column *col = &r->columns.v[s->value];
	const struct event_want *want = &r->wants->of[s->type];
	const struct param *param = &r->params.v[s->params + col->param];
	unsigned width = col->coding == EYAS_NARROW ? col->width : param->n;

	if (col->flip || (width != 1 && width != 2))
		return false;
	return width == 1 ? none_is_wanted(want, col->data, 1, s->count)
			  : none_is_wanted(want, col->data, 2, s->count);
}

static bool find_number(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
			unsigned i, struct eyas_number *ret)
{
	const struct eyas_column *col;

	if (s->numbers[i].column == SIZE_MAX) {
		*ret = (struct eyas_number){ s->numbers[i].same, UINT64_MAX, 0, UINT64_MAX, 0 };
		return true;
	}
	col = &r->columns.v[s->numbers[i].column];
	ret->data = col->data;
	ret->step = col->coding == EYAS_NARROW ? col->width : col->size;
	ret->mask = UINT64_MAX >> (64 - 8 * ret->step);
	ret->flip = col->flip;
	ret->cut = UINT64_MAX >> (64 - 8 * r->params.v[s->params + col->param].n);
	/* 8 bytes are read at each; a column that is last in its stream may have fewer. */
	return (s->count - 1) * ret->step + 8 <= col->room;
}

static void find_settling(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
			  struct eyas_settling *ret)
{
	const struct param *same;

	ret->n = 0;
	ret->text_column = NULL;
	ret->text = STR("");
	if (s->text && s->text_column != SIZE_MAX) {
		ret->text_column = &r->columns.v[s->text_column];
	} else if (s->text) {
		same = &r->params.v[s->params + s->text - 1];
		ret->text = (struct str){ (const char *)same->p, same->n };
	}
	for (unsigned i = 0; i < s->n_numbers; i++)
		if (!find_number(r, s, i, &ret->v[i]))
			return;
	ret->n = s->n_numbers;
}

void eyas_column_scan_look(struct eyas_column_reader *r)
{
	vec_reserve(&r->settling, r->shapes.n);
	for (size_t i = 0; i < r->shapes.n; i++) {
		struct eyas_shape_reader *s = &r->shapes.v[i];

		if (s->how == WANT_VALUES && r->wants && no_value_is_wanted(r, s))
			s->how = WANT_NONE;
		r->scan.v[i].look = r->whole || s->how != WANT_NONE;
		find_settling(r, s, &r->settling.v[i]);
	}
}

void eyas_column_scan_begin(struct eyas_column_reader *r)
{
	size_t n = r->shape_high ? EYAS_MAX_SHAPES + 1 : UINT8_MAX + 1;

	r->sights.n = r->sight = 0;
	r->scanned = r->next;
	vec_reserve(&r->scan, n);
	/* Of a number that no shape has, all events are too many. */
	memset(r->scan.v, 0, n * sizeof(*r->scan.v));
	for (size_t i = 0; i < r->shapes.n; i++) {
		const struct eyas_shape_reader *s = &r->shapes.v[i];

		r->scan.v[i].next = (uint32_t)s->times;
		r->scan.v[i].end = (uint32_t)(s->times + s->count);
	}
	eyas_column_scan_look(r);
}

/* The sights of the next events before number `end` of the block; the last one says why it ends. */
static void scan(struct eyas_column_reader *r, uint64_t end)
{
	const uint8_t *low = r->shape_low, *high = r->shape_high;
	const uint8_t *time_low = r->time_low, *time_high = r->time_high;
	struct eyas_scan_shape *shapes = r->scan.v;
	struct eyas_sight *to;
	uint64_t i = r->scanned, ts = r->ts, min = UINT64_MAX, max = 0;

	if (end - i > SCAN_EVENTS)
		end = i + SCAN_EVENTS;
	vec_reserve(&r->sights, SCAN_EVENTS + 1);
	to = r->sights.v;
	*to = (struct eyas_sight){ .shape = SIGHT_END };
	for (; i < end; i++) {
		unsigned id = plane_get(low, high, i);
		struct eyas_scan_shape *s = &shapes[id];
		uint32_t k = s->next;

		if (k >= s->end) {
			to->shape = SIGHT_BAD;
			break;
		}
		s->next = k + 1;
		if (time_high[k] != EYAS_TIME_ESCAPE) {
			ts += (uint64_t)time_high[k] << 8 | time_low[k];
		} else {
			ts += long_time(r, time_low[k]);
			if (r->long_times.bad) {
				to->shape = SIGHT_BAD;
				break;
			}
		}
		if (!s->look) {
			min = ts < min ? ts : min;
			max = ts > max ? ts : max;
			continue;
		}
		*to++ = (struct eyas_sight){ ts, min, max, (uint32_t)i, k, id };
		to->shape = SIGHT_END;
		min = UINT64_MAX;
		max = 0;
	}
	to->min = min;
	to->max = max;
	to->pos = (uint32_t)i;
	r->sights.n = (size_t)(to - r->sights.v) + 1;
	r->sight = 0;
	r->scanned = i;
	r->ts = ts;
}

/* The k-th event of a shape, of the run in hand, is nothing any more once its numbers are told. */
static inline bool settle(const struct eyas_column_reader *r, const struct event_wants *wants,
			  const struct eyas_settling *by, unsigned type, uint64_t k)
{
	int64_t v[EVENT_WANT_NUMBERS];
	struct str text = by->text;

	if (by->text_column && !eyas_column_text(r, by->text_column, k, &text))
		return false;
	for (uint32_t i = 0; i < by->n; i++)
		v[i] = eyas_number_get(&by->v[i], k);
	return wants->settle(wants->arg, type, r->tid, v, text);
}

/* Nothing is to be done about an event of the run in hand. */
static inline bool is_passed(struct eyas_column_reader *r, const struct event_wants *wants,
			     uint32_t shape, uint64_t k)
{
	const struct eyas_shape_reader *s = &r->shapes.v[shape];
	const struct eyas_settling *by = &r->settling.v[shape];
	const struct eyas_column *col;
	bool pass = s->how == WANT_NONE;

	if (s->how == WANT_VALUES) {
		col = &r->columns.v[s->value];
		pass = !value_is_wanted(&wants->of[s->type], col,
					&r->params.v[s->params + col->param], k);
	}
	if (pass)
		tell_thread(r, wants);
	return pass || (by->n && settle(r, wants, by, s->type, k));
}

static int deliver(struct eyas_column_reader *r, const struct eyas_shape_reader *s, uint64_t k,
		   uint64_t ts, struct event *ret)
{
	struct param *params = r->params.v + s->params;

	if (!eyas_columns_get(r, s, k, params))
		return -EBADMSG;
	/* An exit leaves a thread as it was told: nothing is left of an enter event. */
	if (!s->info || !s->info->exit)
		r->told.v[r->thread] = 0;
	ret->ts = ts;
	ret->num = 0;
	ret->tid = r->tid;
	ret->type = s->type;
	ret->cpu = r->cpu;
	ret->delivery = s->delivery;
	ret->n_params = s->n_params;
	ret->params = params;
	ret->info = s->info;
	return 1;
}

/* Passes over the events before number `pos`; false when the runs are malformed. */
static bool pass_until(struct eyas_column_reader *r, uint64_t pos, const struct event_wants *wants)
{
	while (r->next < pos) {
		uint64_t n = pos - r->next;

		if (r->run_left == 0 && !run_begin(r))
			return false;
		tell_thread(r, wants);
		if (n > r->run_left)
			n = r->run_left;
		r->run_left -= (unsigned)n;
		r->next += n;
	}
	return true;
}

int eyas_column_reader_next(struct eyas_column_reader *r, uint64_t end, struct event_wants *wants,
			    struct events_passed *passed, struct event *ret)
{
	uint64_t first = r->next, min = UINT64_MAX, max = 0;
	const struct eyas_sight *g;
	uint64_t k = 0;
	int result;

	for (;;) {
		result = 0;
		if (r->sight == r->sights.n) {
			if (r->next >= end)
				break;
			scan(r, end);
		}
		g = &r->sights.v[r->sight++];
		min = g->min < min ? g->min : min;
		max = g->max > max ? g->max : max;
		result = -EBADMSG;
		if (g->pos > r->next && !pass_until(r, g->pos, wants))
			break;
		if (g->shape == SIGHT_END)
			continue;
		if (g->shape == SIGHT_BAD || (r->run_left == 0 && !run_begin(r)))
			break;
		k = g->k - r->shapes.v[g->shape].times;
		result = 1;
		if (!wants || r->tid < 0 || !is_passed(r, wants, g->shape, k))
			break;
		r->run_left--;
		r->next++;
		min = g->ts < min ? g->ts : min;
		max = g->ts > max ? g->ts : max;
	}
	if (r->next > first)
		events_passed_add(passed, r->next - first, min, max);
	if (result != 1)
		return result;
	r->run_left--;
	r->next++;
	return deliver(r, &r->shapes.v[g->shape], k, g->ts, ret);
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
	while (r->run < r->n_runs) {
		if (!run_begin(r)) {
			r->run = r->run_left = 0;
			memset(r->cpu_last, 0, r->n_cpus * sizeof(*r->cpu_last));
			return false;
		}
		tell_thread(r, wants);
	}
	r->next = r->count;
	events_passed_add(passed, r->count, f->min_ts, f->max_ts);
	return true;
}
