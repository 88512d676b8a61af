#include <errno.h>

#include "base/varint.h"
#include "trace/eyas_columns.h"
#include "trace/layout.h"

#define N_CPUS (UINT16_MAX + 1)

struct eyas_column {
	uint8_t coding;
	uint8_t width;       /* of a narrow value, a length, or the number of a table's entry */
	uint8_t data_stream; /* of `data` */
	uint8_t aux_stream;  /* of `aux` */
	uint32_t param;
	uint32_t size;       /* of a plain value */
	uint32_t entry;      /* TABLE: its first in the reader's entries */
	uint32_t n_entries;  /* TABLE */
	uint64_t data_at;    /* in its stream */
	uint64_t data_n;     /* bytes */
	uint64_t aux_at;     /* VARYING: lengths; TABLE: those of the entries, then the numbers */
	const uint8_t *data; /* NARROW, PLAIN: the values */
	const uint8_t *aux;
	uint64_t next, pos; /* VARYING: bytes before value `next` */
	uint64_t flip;      /* NARROW: the sign bit of signed ones */
	uint8_t value[8];   /* NARROW: the last one, whole */
};

struct eyas_shape_reader {
	const struct event_info *info;
	uint64_t count, next; /* events of it in the block; those read */
	uint32_t delivery, n_params;
	uint16_t type;
	uint8_t how;             /* its events are wanted: enum event_want_how */
	size_t value;            /* WANT_VALUES: the column of the value */
	size_t first, n_columns; /* of its columns */
	size_t params;           /* of its parameters */
	uint64_t times;          /* in the planes of times */
	const uint8_t *low, *high;
};

/* Where the next column of each stream begins, while the shapes are read. */
struct placing {
	uint64_t at[EYAS_MAX_STREAMS];
	const uint64_t *raw;
};

void eyas_column_reader_init(struct eyas_column_reader *r)
{
	memset(r, 0, sizeof(*r));
	r->cpu_last = xcalloc(N_CPUS, sizeof(*r->cpu_last));
	/* a block may have none of these: there is an address all the same */
	vec_reserve(&r->columns, 1);
	vec_reserve(&r->params, 1);
	vec_reserve(&r->entries, 1);
}

void eyas_column_reader_free(struct eyas_column_reader *r)
{
	vec_free(&r->shapes);
	vec_free(&r->columns);
	vec_free(&r->params);
	vec_free(&r->entries);
	vec_free(&r->tids);
	vec_free(&r->told);
	free(r->cpu_last);
}

/* n bytes of a stream for a column; false when it has no more. */
static bool place(struct placing *p, unsigned stream, uint64_t n, uint64_t *ret_at)
{
	if (n > p->raw[stream] - p->at[stream])
		return false;
	*ret_at = p->at[stream];
	p->at[stream] += n;
	return true;
}

static bool is_width(unsigned n)
{
	return n == 1 || n == 2 || n == 4;
}

/* The description of a column that has bytes in a stream; `code` is without EYAS_SELDOM. */
static bool read_stored(struct eyas_column_reader *r, struct cursor *c, unsigned code, bool seldom,
			const struct eyas_shape_reader *s, struct param *param, struct placing *at)
{
	struct eyas_column *col = vec_add(&r->columns);
	uint8_t small = seldom ? EYAS_STREAM_SELDOM_SMALL : EYAS_STREAM_SMALL;
	uint64_t n = 0, aux;

	col->coding = (uint8_t)code;
	col->aux_stream = small;
	col->data_stream = small;
	if (code == EYAS_PLAIN) {
		n = cursor_varint(c);
		if (n == 0 || n > UINT16_MAX)
			return false;
		col->size = (uint32_t)n;
		*param = (struct param){ NULL, col->size };
		return place(at, small, s->count * n, &col->data_at);
	}
	if (code == EYAS_NARROW) {
		n = cursor_u8(c);
		col->width = cursor_u8(c);
		if (col->width & EYAS_SIGNED) {
			col->width &= (uint8_t)~EYAS_SIGNED;
			col->flip = 1;
		}
		if (!is_width(col->width) || n <= col->width || n > sizeof(col->value))
			return false;
		col->flip <<= 8 * col->width - 1;
		*param = (struct param){ NULL, (uint32_t)n };
		return place(at, small, s->count * col->width, &col->data_at);
	}
	col->data_stream = code == EYAS_PAYLOAD ? EYAS_STREAM_PAYLOAD
			   : seldom             ? EYAS_STREAM_SELDOM_STRINGS
						: EYAS_STREAM_STRINGS;
	col->data_n = cursor_varint(c);
	aux = s->count;
	if (code == EYAS_TABLE) {
		n = cursor_varint(c);
		if (n == 0 || n > EYAS_MAX_TABLE || n > EYAS_MAX_TABLE_ENTRIES - r->entries.n)
			return false;
		col->entry = (uint32_t)r->entries.n;
		col->n_entries = (uint32_t)n;
		r->entries.n += (size_t)n; /* made room for when they are known to be there */
		aux = n;
	}
	col->width = cursor_u8(c);
	if (!is_width(col->width) || !place(at, small, aux * col->width, &col->aux_at))
		return false;
	if (code == EYAS_TABLE && !place(at, small, s->count * (n > 256 ? 2 : 1), &aux))
		return false;
	return place(at, col->data_stream, col->data_n, &col->data_at);
}

static bool read_column(struct eyas_column_reader *r, struct cursor *c, struct eyas_shape_reader *s,
			uint32_t i, struct placing *at)
{
	struct param *param = &r->params.v[s->params + i];
	unsigned code = cursor_u8(c);
	bool seldom = code & EYAS_SELDOM;
	uint64_t n;

	code &= ~EYAS_SELDOM;
	*param = (struct param){ (const uint8_t *)"", 0 };
	switch (code) {
	case EYAS_ABSENT:
		return true;
	case EYAS_SAME:
		n = cursor_varint(c);
		if (n == 0 || n > UINT16_MAX)
			return false;
		*param = (struct param){ cursor_take(c, (size_t)n), (uint32_t)n };
		return param->p != NULL;
	case EYAS_PLAIN:
	case EYAS_NARROW:
	case EYAS_VARYING:
	case EYAS_TABLE:
	case EYAS_PAYLOAD:
		if (!read_stored(r, c, code, seldom, s, param, at))
			return false;
		r->columns.v[r->columns.n - 1].param = i;
		s->n_columns++;
		return true;
	default:
		return false;
	}
}

/* The type is in the set that the block's header says. */
static bool type_is_said(const struct eyas_events_fields *f, uint64_t type)
{
	return type / 8 < f->types.n && (uint8_t)f->types.p[type / 8] & 1u << type % 8;
}

static bool read_shapes(struct eyas_column_reader *r, struct cursor *c,
			const struct eyas_events_fields *f, struct placing *at)
{
	uint64_t n = cursor_varint(c), total = 0;

	if (n > EYAS_MAX_SHAPES || n > cursor_left(c))
		return false;
	r->shapes.n = r->columns.n = r->params.n = r->entries.n = 0;
	for (uint64_t k = 0; k < n; k++) {
		struct eyas_shape_reader *s = vec_add(&r->shapes);
		uint64_t type = cursor_varint(c), delivery = cursor_varint(c), n_params;

		s->count = cursor_varint(c);
		n_params = cursor_varint(c);
		if (c->bad || type > UINT16_MAX || delivery > UINT32_MAX || s->count == 0 ||
		    s->count > r->count - total || n_params > EYAS_MAX_PARAMS ||
		    n_params > EYAS_MAX_COLUMNS - r->params.n || n_params > cursor_left(c) ||
		    !type_is_said(f, type))
			return false;
		s->times = total;
		total += s->count;
		s->type = (uint16_t)type;
		s->delivery = (uint32_t)delivery;
		s->n_params = (uint32_t)n_params;
		s->info = event_info(s->type);
		s->first = r->columns.n;
		s->params = r->params.n;
		vec_reserve(&r->params, r->params.n + (size_t)n_params);
		r->params.n += (size_t)n_params;
		for (uint32_t i = 0; i < n_params; i++)
			if (!read_column(r, c, s, i, at))
				return false;
	}
	return !c->bad && total == r->count;
}

static bool read_tids(struct eyas_column_reader *r, struct cursor *c)
{
	uint64_t n = cursor_varint(c);

	if (n > EYAS_MAX_TIDS || n > cursor_left(c))
		return false;
	r->tids.n = r->told.n = 0;
	for (uint64_t i = 0; i < n; i++) {
		vec_push(&r->tids, unzigzag(cursor_varint(c)));
		vec_push(&r->told, 0);
	}
	return !c->bad;
}

/* All low bytes, then, if there are any, all upper ones. */
static void read_planes(struct cursor *c, uint64_t n, bool wide, const uint8_t **low,
			const uint8_t **high)
{
	*low = cursor_take(c, (size_t)n);
	*high = wide ? cursor_take(c, (size_t)n) : NULL;
}

static inline unsigned plane_get(const uint8_t *low, const uint8_t *high, uint64_t i)
{
	return high ? low[i] | (unsigned)high[i] << 8 : low[i];
}

/* The runs, and that they are of as many events as the block has. */
static bool read_runs(struct eyas_column_reader *r, struct cursor *c)
{
	bool wide_cpu = cursor_u8(c) & 1;
	uint64_t total = 0;

	memset(r->cpu_last, 0, r->n_cpus * sizeof(*r->cpu_last));
	r->n_cpus = wide_cpu ? N_CPUS : UINT8_MAX + 1;
	r->n_runs = cursor_varint(c);
	if (r->n_runs > r->count)
		return false;
	read_planes(c, r->n_runs, true, &r->run_low, &r->run_high);
	read_planes(c, r->n_runs, wide_cpu, &r->cpu_low, &r->cpu_high);
	read_planes(c, r->n_runs, r->tids.n > 255, &r->tid_low, &r->tid_high);
	if (c->bad)
		return false;
	for (uint64_t i = 0; i < r->n_runs; i++) {
		unsigned n = plane_get(r->run_low, r->run_high, i);

		if (n == 0)
			return false;
		total += n;
	}
	r->run = r->run_left = 0;
	return total == r->count;
}

/* Whether events of a shape are wanted, as far as can be said without its columns. */
static uint8_t shape_how(struct eyas_column_reader *r, struct eyas_shape_reader *s,
			 const struct event_wants *wants)
{
	const struct event_want *want;
	const struct eyas_column *col = r->columns.v + s->first;
	struct event ev = { .type = s->type, .n_params = s->n_params };

	if (!wants || s->delivery || !layout_is_plain(s->info, s->n_params))
		return WANT_ALL;
	want = &wants->of[s->type];
	if (want->how != WANT_VALUES)
		return want->how;
	for (size_t i = 0; i < s->n_columns; i++, col++) {
		if (col->param != want->param)
			continue;
		s->value = s->first + i;
		return col->coding == EYAS_PLAIN || col->coding == EYAS_NARROW ? WANT_VALUES
									       : WANT_ALL;
	}
	/* the same value, or none, in all of them */
	ev.params = r->params.v + s->params;
	return event_is_wanted(wants, &ev) ? WANT_ALL : WANT_NONE;
}

void eyas_column_reader_wants(struct eyas_column_reader *r, const struct event_wants *wants)
{
	bool whole = false;

	/* Events without a thread are always delivered: their columns must be there. */
	for (size_t i = 0; i < r->tids.n; i++)
		whole |= r->tids.v[i] < 0;
	r->needed = 0;
	for (size_t k = 0; k < r->shapes.n; k++) {
		struct eyas_shape_reader *s = &r->shapes.v[k];
		const struct eyas_column *col = r->columns.v + s->first;

		s->how = shape_how(r, s, wants);
		for (size_t i = 0; (whole || s->how != WANT_NONE) && i < s->n_columns; i++, col++)
			r->needed |= 1u << col->data_stream | 1u << col->aux_stream;
	}
}

bool eyas_column_reader_heads(struct eyas_column_reader *r, const struct eyas_events_fields *f,
			      struct str heads, const uint64_t *raw,
			      const struct event_wants *wants)
{
	struct cursor c = cursor_of(heads.p, heads.n);
	struct placing at = { .raw = raw };

	/* Each event has a byte in one plane, and two more of its time. */
	if (f->count > EYAS_MAX_BLOCK_EVENTS || f->count > heads.n ||
	    f->count * 2 > raw[EYAS_STREAM_TIMES])
		return false;
	r->count = f->count;
	r->next = 0;
	r->ts = f->first_ts;
	if (!read_shapes(r, &c, f, &at) || !read_tids(r, &c) || !read_runs(r, &c))
		return false;
	read_planes(&c, r->count, r->shapes.n > 256, &r->shape_low, &r->shape_high);
	if (c.bad || cursor_left(&c))
		return false;
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		if (EYAS_COLUMN_STREAMS & 1u << k && at.at[k] != raw[k])
			return false;
	eyas_column_reader_wants(r, wants);
	return true;
}

static inline uint32_t number_at(const uint8_t *p, unsigned width, uint64_t i)
{
	switch (width) {
	case 1:
		return p[i];
	case 2:
		return get_le16(p + 2 * i);
	default:
		return get_le32(p + 4 * i);
	}
}

/* The entries of a table, which are all in the stream. */
static bool begin_table(struct eyas_column_reader *r, const struct eyas_column *col)
{
	struct param *e = r->entries.v + col->entry;
	uint64_t pos = 0;

	for (uint32_t i = 0; i < col->n_entries; i++) {
		e[i].n = number_at(col->aux, col->width, i);
		if (e[i].n > col->data_n - pos)
			return false;
		e[i].p = col->data + pos;
		pos += e[i].n;
	}
	return true;
}

/* Finds the columns of a shape in their streams; those that are not there are left out. */
static bool begin_shape(struct eyas_column_reader *r, struct eyas_shape_reader *s,
			const struct str *streams, uint32_t present)
{
	struct eyas_column *to = r->columns.v + s->first, *from = to;
	struct param *params = r->params.v + s->params;

	for (size_t i = 0; i < s->n_columns; i++, from++) {
		struct param *p = &params[from->param];

		if (!(present & 1u << from->data_stream) || !(present & 1u << from->aux_stream)) {
			*p = (struct param){ (const uint8_t *)"", 0 };
			if (s->how == WANT_VALUES)
				s->how = WANT_ALL;
			continue;
		}
		if (s->how == WANT_VALUES && s->value == (size_t)(from - r->columns.v))
			s->value = (size_t)(to - r->columns.v);
		*to = *from;
		to->data = (const uint8_t *)streams[to->data_stream].p + to->data_at;
		to->aux = (const uint8_t *)streams[to->aux_stream].p + to->aux_at;
		if (to->coding == EYAS_NARROW)
			p->p = to->value;
		if (to->coding == EYAS_TABLE) {
			if (!begin_table(r, to))
				return false;
			to->aux += (uint64_t)to->n_entries * to->width;
			to->width = to->n_entries > 256 ? 2 : 1;
		}
		to++;
	}
	s->n_columns = (size_t)(to - (r->columns.v + s->first));
	return true;
}

bool eyas_column_reader_begin(struct eyas_column_reader *r, const struct str *streams,
			      uint32_t present)
{
	struct str times = streams[EYAS_STREAM_TIMES];
	const uint8_t *low = (const uint8_t *)times.p;

	vec_reserve(&r->entries, r->entries.n);
	r->long_times = cursor_of(times.p, times.n);
	cursor_skip(&r->long_times, (size_t)(2 * r->count));
	if (r->long_times.bad)
		return false;
	for (size_t i = 0; i < r->shapes.n; i++) {
		struct eyas_shape_reader *s = &r->shapes.v[i];

		s->low = low + s->times;
		s->high = low + r->count + s->times;
		if (!begin_shape(r, s, streams, present))
			return false;
	}
	return true;
}

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

static inline bool varying_get(struct eyas_column *col, uint64_t k, struct param *p)
{
	uint32_t n;

	for (; col->next < k; col->next++)
		col->pos += number_at(col->aux, col->width, col->next);
	n = number_at(col->aux, col->width, k);
	if (col->pos > col->data_n || n > col->data_n - col->pos)
		return false;
	*p = (struct param){ col->data + col->pos, n };
	col->pos += n;
	col->next++;
	return true;
}

/* Value k of a column. */
static inline bool column_get(const struct eyas_column_reader *r, struct eyas_column *col,
			      uint64_t k, struct param *p)
{
	uint64_t v;
	uint32_t i;

	switch (col->coding) {
	case EYAS_PLAIN:
		p->p = col->data + k * col->size;
		return true;
	case EYAS_NARROW:
		v = number_at(col->data, col->width, k);
		put_le64(col->value, (v ^ col->flip) - col->flip);
		return true;
	case EYAS_TABLE:
		i = number_at(col->aux, col->width, k);
		if (i >= col->n_entries)
			return false;
		*p = r->entries.v[col->entry + i];
		return true;
	default:
		return varying_get(col, k, p);
	}
}

int eyas_column_reader_next(struct eyas_column_reader *r, struct event *ret)
{
	struct eyas_shape_reader *s;
	struct eyas_column *col;
	struct param *params;
	unsigned id;
	uint64_t k;
	bool good = true;

	if (r->next == r->count)
		return 0;
	id = plane_get(r->shape_low, r->shape_high, r->next);
	if (id >= r->shapes.n || (r->run_left == 0 && !run_begin(r)))
		return -EBADMSG;
	s = &r->shapes.v[id];
	k = s->next++;
	if (k >= s->count)
		return -EBADMSG;
	if (s->high[k] != EYAS_TIME_ESCAPE)
		r->ts += (uint64_t)s->high[k] << 8 | s->low[k];
	else
		r->ts += long_time(r, s->low[k]);
	params = r->params.v + s->params;
	col = r->columns.v + s->first;
	for (size_t i = s->n_columns; i; i--, col++)
		good &= column_get(r, col, k, &params[col->param]);
	if (!good || r->long_times.bad)
		return -EBADMSG;
	r->next++;
	r->run_left--;
	r->told.v[r->thread] = 0;
	ret->ts = r->ts;
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

bool eyas_column_reader_pass(struct eyas_column_reader *r, struct event_wants *wants, uint64_t end,
			     struct events_passed *passed)
{
	uint64_t next = r->next, ts = r->ts, min = UINT64_MAX, max = 0;
	bool good = true;

	while (next < end) {
		unsigned id = plane_get(r->shape_low, r->shape_high, next);
		struct eyas_shape_reader *s;
		uint64_t k;

		good = id < r->shapes.n && (r->run_left || run_begin(r));
		if (!good)
			break;
		s = &r->shapes.v[id];
		if (s->how == WANT_ALL || r->tid < 0)
			break;
		k = s->next;
		good = k < s->count;
		if (!good)
			break;
		if (s->how == WANT_VALUES) {
			const struct eyas_column *col = &r->columns.v[s->value];

			if (value_is_wanted(&wants->of[s->type], col,
					    &r->params.v[s->params + col->param], k))
				break;
		}
		tell_thread(r, wants);
		s->next++;
		if (s->high[k] != EYAS_TIME_ESCAPE)
			ts += (uint64_t)s->high[k] << 8 | s->low[k];
		else
			ts += long_time(r, s->low[k]);
		min = ts < min ? ts : min;
		max = ts > max ? ts : max;
		r->run_left--;
		next++;
	}
	if (next > r->next)
		events_passed_add(passed, next - r->next, min, max);
	r->next = next;
	r->ts = ts;
	return good && !r->long_times.bad;
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
