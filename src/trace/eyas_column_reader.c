#include <errno.h>

#include "trace/eyas_columns.h"
#include "trace/layout.h"
#include "base/varint.h"

#define N_CPUS (UINT16_MAX + 1)

struct eyas_column {
	struct cursor data, lengths;
	uint32_t size; /* of EYAS_FIXED */
	bool varies, skipped;
};

struct eyas_shape_reader {
	const struct event_info *info;
	uint64_t count; /* events of it in the block */
	uint32_t delivery, n_params;
	uint16_t type;
	bool plain;   /* its events may be passed over */
	size_t first; /* of its columns */
};

void eyas_column_reader_init(struct eyas_column_reader *r)
{
	memset(r, 0, sizeof(*r));
	r->cpu_last = xcalloc(N_CPUS, sizeof(*r->cpu_last));
}

void eyas_column_reader_free(struct eyas_column_reader *r)
{
	vec_free(&r->shapes);
	vec_free(&r->columns);
	vec_free(&r->tids);
	vec_free(&r->params);
	vec_free(&r->told);
	free(r->cpu_last);
}

/* What the shape table says; the places of the columns follow when their stream is walked. */
static bool read_column(struct eyas_column_reader *r, struct cursor *c,
			enum eyas_column_class *class, uint64_t *ret_bytes, uint64_t *ret_lengths,
			uint64_t count)
{
	struct eyas_column *col = vec_add(&r->columns);
	uint64_t code = cursor_varint(c);

	col->data = col->lengths = cursor_of("", 0);
	*class = code & 3;
	*ret_lengths = 0;
	if (*class == EYAS_FIXED) {
		if (code >> 2 > UINT16_MAX)
			return false;
		col->size = (uint32_t)(code >> 2);
		*ret_bytes = count * col->size;
		return true;
	}
	if (*class != EYAS_VARYING && *class != EYAS_PAYLOAD)
		return false;
	col->varies = true;
	col->skipped = *class == EYAS_PAYLOAD && r->no_payload;
	*ret_bytes = code >> 2;
	*ret_lengths = cursor_varint(c);
	return true;
}

static bool take_run(struct cursor *from, uint64_t n, struct cursor *ret)
{
	if (n > cursor_left(from))
		return false;
	*ret = cursor_of(from->p + from->off, (size_t)n);
	cursor_skip(from, (size_t)n);
	return true;
}

/*
 * Shapes and their columns. The lengths come behind everything else in HEADS, so their sizes are
 * kept in the cursors until then.
 */
static bool read_shapes(struct eyas_column_reader *r, struct cursor *c,
			const struct eyas_columns *streams)
{
	struct cursor from[] = {
		[EYAS_FIXED] = cursor_of(streams->small.p, streams->small.n),
		[EYAS_VARYING] = cursor_of(streams->strings.p, streams->strings.n),
		[EYAS_PAYLOAD] = cursor_of(streams->payload.p, streams->payload.n),
	};
	uint64_t n = cursor_varint(c), total = 0;
	size_t max_params = 0;

	if (n > EYAS_MAX_SHAPES || n > cursor_left(c))
		return false;
	r->shapes.n = r->columns.n = 0;
	for (uint64_t k = 0; k < n; k++) {
		struct eyas_shape_reader *s = vec_add(&r->shapes);
		uint64_t type = cursor_varint(c), delivery = cursor_varint(c), n_params;

		s->count = cursor_varint(c);
		n_params = cursor_varint(c);
		if (c->bad || type > UINT16_MAX || delivery > UINT32_MAX || s->count == 0 ||
		    s->count > r->count - total || n_params > EYAS_MAX_PARAMS ||
		    n_params > EYAS_MAX_COLUMNS - r->columns.n)
			return false;
		total += s->count;
		s->type = (uint16_t)type;
		s->delivery = (uint32_t)delivery;
		s->n_params = (uint32_t)n_params;
		s->info = event_info(s->type);
		s->first = r->columns.n;
		s->plain = !s->delivery && layout_is_plain(s->info, s->n_params);
		if (n_params > max_params)
			max_params = (size_t)n_params;
		for (size_t i = 0; i < n_params; i++) {
			enum eyas_column_class class;
			uint64_t bytes, lengths;
			struct eyas_column *col;

			if (!read_column(r, c, &class, &bytes, &lengths, s->count))
				return false;
			col = &r->columns.v[s->first + i];
			if (!col->skipped && !take_run(&from[class], bytes, &col->data))
				return false;
			col->lengths.n = (size_t)lengths;
		}
	}
	vec_reserve(&r->params, max_params ? max_params : 1);
	return !c->bad && total == r->count;
}

static bool read_tids(struct eyas_column_reader *r, struct cursor *c)
{
	uint64_t n = cursor_varint(c);

	if (n > EYAS_MAX_TIDS || n > cursor_left(c))
		return false;
	r->tids.n = 0;
	r->told.n = 0;
	vec_push(&r->told, 0);
	for (uint64_t i = 0; i < n; i++) {
		vec_push(&r->tids, unzigzag(cursor_varint(c)));
		vec_push(&r->told, 0);
	}
	return !c->bad;
}

static void read_planes(const struct eyas_column_reader *r, struct cursor *c, bool wide,
			const uint8_t **low, const uint8_t **high)
{
	*low = cursor_take(c, (size_t)r->count);
	*high = wide ? cursor_take(c, (size_t)r->count) : NULL;
}

static inline unsigned plane_get(const uint8_t *low, const uint8_t *high, uint64_t i)
{
	return high ? low[i] | (unsigned)high[i] << 8 : low[i];
}

/* Every event has a shape in the table, and each shape as many events as it says. */
static bool shapes_add_up(struct eyas_column_reader *r)
{
	bool good = true;

	for (uint64_t i = 0; i < r->count; i++) {
		unsigned id = plane_get(r->shape_low, r->shape_high, i);

		if (id >= r->shapes.n || r->shapes.v[id].count-- == 0)
			return false;
	}
	for (size_t k = 0; k < r->shapes.n; k++)
		good &= r->shapes.v[k].count == 0;
	return good;
}

bool eyas_column_reader_begin(struct eyas_column_reader *r, const struct eyas_events_fields *f,
			      const struct eyas_columns *streams)
{
	struct cursor c = cursor_of(streams->heads.p, streams->heads.n);
	bool wide_cpu;

	/* Each event has at least one byte in each of three planes. */
	if (f->count > EYAS_MAX_BLOCK_EVENTS || f->count * 3 > streams->heads.n)
		return false;
	r->count = f->count;
	r->next = 0;
	r->ts = f->first_ts;
	r->no_payload = streams->no_payload;
	r->times = cursor_of(streams->times.p, streams->times.n);
	memset(r->cpu_last, 0, N_CPUS * sizeof(*r->cpu_last));
	if (!read_shapes(r, &c, streams) || !read_tids(r, &c))
		return false;
	wide_cpu = cursor_u8(&c) & 1;
	read_planes(r, &c, r->shapes.n > 256, &r->shape_low, &r->shape_high);
	read_planes(r, &c, wide_cpu, &r->cpu_low, &r->cpu_high);
	read_planes(r, &c, r->tids.n > 255, &r->tid_low, &r->tid_high);
	if (c.bad || !shapes_add_up(r))
		return false;
	for (size_t i = 0; i < r->columns.n; i++) {
		struct eyas_column *col = &r->columns.v[i];

		if (col->varies && !take_run(&c, col->lengths.n, &col->lengths))
			return false;
	}
	return true;
}

static bool thread_of(struct eyas_column_reader *r, unsigned cpu, unsigned code, int64_t *ret)
{
	if (code)
		r->cpu_last[cpu] = code;
	else
		code = r->cpu_last[cpu];
	if (code == 0 || code > r->tids.n)
		return false;
	r->told.v[code] = 0;
	r->last_code = code;
	*ret = r->tids.v[code - 1];
	return true;
}

/* The event at hand need not be delivered, and its thread has been told. */
static bool may_pass(struct eyas_column_reader *r, struct event_wants *wants,
		     const struct eyas_shape_reader *s)
{
	const struct event_want *want = &wants->of[s->type];
	unsigned cpu = plane_get(r->cpu_low, r->cpu_high, r->next);
	unsigned code = plane_get(r->tid_low, r->tid_high, r->next);

	if (want->how == WANT_VALUES) {
		struct param p[EVENT_MAX_PARAMS] = { { NULL, 0 } };
		struct event ev = { .type = s->type, .n_params = s->n_params, .params = p };
		const struct eyas_column *col = &r->columns.v[s->first + want->param];

		if (want->param >= s->n_params || col->varies ||
		    cursor_left(&col->data) < col->size)
			return false;
		p[want->param] = (struct param){ col->data.p + col->data.off, col->size };
		if (event_is_wanted(wants, &ev))
			return false;
	}
	code = code ? code : r->cpu_last[cpu];
	if (!code || code > r->tids.n || r->tids.v[code - 1] < 0)
		return false;
	if (r->told.v[code] != wants->epoch + 1 && wants->pass(wants->arg, r->tids.v[code - 1]))
		r->told.v[code] = wants->epoch + 1;
	return true;
}

bool eyas_column_reader_pass(struct eyas_column_reader *r, struct event_wants *wants, uint64_t end,
			     struct events_passed *passed)
{
	struct event ev;

	while (r->next < end) {
		const struct eyas_shape_reader *s =
			&r->shapes.v[plane_get(r->shape_low, r->shape_high, r->next)];

		if (!s->plain || wants->of[s->type].how == WANT_ALL || !may_pass(r, wants, s))
			return true;
		if (eyas_column_reader_next(r, &ev) != 1)
			return false;
		r->told.v[r->last_code] = wants->epoch + 1;
		events_passed_add(passed, ev.ts);
	}
	return true;
}

int eyas_column_reader_next(struct eyas_column_reader *r, struct event *ret)
{
	const struct eyas_shape_reader *s;
	struct eyas_column *col;
	struct param *p = r->params.v;
	uint64_t i = r->next;
	unsigned cpu;
	bool bad = false;

	if (i == r->count)
		return 0;
	s = &r->shapes.v[plane_get(r->shape_low, r->shape_high, i)];
	cpu = plane_get(r->cpu_low, r->cpu_high, i);
	if (!thread_of(r, cpu, plane_get(r->tid_low, r->tid_high, i), &ret->tid))
		return -EBADMSG;
	r->ts += (uint64_t)unzigzag(varint_get(&r->times));
	/* an event without parameters may be all there is: there are no columns then */
	col = s->n_params ? &r->columns.v[s->first] : NULL;
	for (uint32_t k = 0; k < s->n_params; k++, col++, p++) {
		uint64_t n = col->size;

		if (col->varies) {
			n = varint_get(&col->lengths);
			bad |= col->lengths.bad || n > UINT32_MAX;
			if (col->skipped)
				n = 0;
		}
		p->p = cursor_take(&col->data, (size_t)n);
		p->n = (uint32_t)n;
		bad |= col->data.bad;
	}
	if (bad || r->times.bad)
		return -EBADMSG;
	r->next++;
	ret->ts = r->ts;
	ret->num = 0;
	ret->type = s->type;
	ret->cpu = (uint16_t)cpu;
	ret->delivery = s->delivery;
	ret->n_params = s->n_params;
	ret->params = r->params.v;
	ret->info = s->info;
	return 1;
}
