/* What HEADS of an events block say: shapes and where their columns are, threads, runs. */
#include "base/compiler.h"
#include "base/varint.h"
#include "trace/eyas_column_impl.h"
#include "trace/layout.h"

/* Where the next column of each stream begins, while the shapes are read. */
struct placing {
	uint64_t at[EYAS_MAX_STREAMS];
	const uint64_t *raw;
};

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

/* The planes of the runs; the upper ones of `cpu` and `tid` may be missing. */
struct run_planes {
	const uint8_t *n_low, *n_high, *cpu_low, *cpu_high, *tid_low, *tid_high;
};

/*
 * The runs; false: they are malformed, or not of as many events as the block has. A run has four
 * events on average: always inline, so that where there are no upper planes nobody asks for them.
 */
SPECIALISED bool resolve_runs(struct eyas_column_reader *r, size_t n_runs, struct run_planes p)
{
	struct eyas_run_at *runs = r->runs.v;
	uint32_t *cpu_last = r->cpu_last;
	uint64_t n_tids = r->tids.n, total = 0;

	for (size_t i = 0; i < n_runs; i++) {
		unsigned n = p.n_low[i] | (unsigned)p.n_high[i] << 8;
		unsigned cpu = plane_get(p.cpu_low, p.cpu_high, i);
		unsigned code = plane_get(p.tid_low, p.tid_high, i);

		/* 0: the same thread as before on this CPU */
		if (code == 0)
			code = cpu_last[cpu];
		cpu_last[cpu] = code;
		if (n == 0 || code == 0 || code > n_tids)
			return false;
		total += n;
		runs[i] = (struct eyas_run_at){ (uint32_t)total, (uint16_t)(code - 1),
						(uint16_t)cpu };
	}
	return total == r->count;
}

static bool read_runs(struct eyas_column_reader *r, struct cursor *c)
{
	bool wide_cpu = cursor_u8(c) & 1;
	struct run_planes p;
	uint64_t n_runs;

	memset(r->cpu_last, 0, r->n_cpus * sizeof(*r->cpu_last));
	r->n_cpus = wide_cpu ? N_CPUS : UINT8_MAX + 1;
	n_runs = cursor_varint(c);
	if (n_runs > r->count)
		return false;
	read_planes(c, n_runs, true, &p.n_low, &p.n_high);
	read_planes(c, n_runs, wide_cpu, &p.cpu_low, &p.cpu_high);
	read_planes(c, n_runs, r->tids.n > 255, &p.tid_low, &p.tid_high);
	if (c->bad)
		return false;
	r->runs.n = (size_t)n_runs;
	vec_reserve(&r->runs, r->runs.n + 1);
	r->runs.v[r->runs.n] = (struct eyas_run_at){ UINT32_MAX, 0, 0 };
	r->run = r->runs.v;
	if (p.cpu_high)
		return resolve_runs(r, r->runs.n, p);
	p.cpu_high = NULL;
	if (p.tid_high)
		return resolve_runs(r, r->runs.n, p);
	p.tid_high = NULL;
	return resolve_runs(r, r->runs.n, p);
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

/* The column of a parameter; SIZE_MAX: it is the same in all events, or empty, or missing. */
static size_t column_of(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
			unsigned param)
{
	for (size_t i = s->first; i < s->first + s->n_columns; i++)
		if (r->columns.v[i].param == param)
			return i;
	return SIZE_MAX;
}

/* Where the numbers of a parameter are; false when it does not have this size in all events. */
static bool find_number(const struct eyas_column_reader *r, struct eyas_shape_reader *s,
			struct event_number_param want, size_t *ret_column, uint8_t *ret_same)
{
	struct event ev = { .n_params = s->n_params, .params = r->params.v + s->params };
	struct event_want one = { .n_numbers = 1, .numbers = { want } };
	const struct eyas_column *col;
	int64_t same;

	*ret_column = column_of(r, s, want.param);
	if (*ret_column != SIZE_MAX) {
		col = &r->columns.v[*ret_column];
		return (col->coding == EYAS_PLAIN || col->coding == EYAS_NARROW) &&
		       ev.params[want.param].n == want.size;
	}
	if (!event_numbers(&one, &ev, &same))
		return false;
	put_le64(ret_same, (uint64_t)same);
	return true;
}

/* Where the numbers and the text are that the shape's events can be settled by, if they can. */
static void find_numbers(const struct eyas_column_reader *r, struct eyas_shape_reader *s,
			 const struct event_want *want)
{
	for (unsigned i = 0; i < want->n_numbers; i++)
		if (!find_number(r, s, want->numbers[i], &s->numbers[i].column, s->numbers[i].same))
			return;
	if (want->text) {
		s->text_column = column_of(r, s, want->text - 1u);
		if (want->text > s->n_params ||
		    (s->text_column != SIZE_MAX &&
		     r->columns.v[s->text_column].coding == EYAS_NARROW))
			return;
	}
	s->text = want->text;
	s->n_numbers = want->n_numbers;
}

static bool may_leave_out(const struct event_want *want, unsigned param)
{
	return want && want->params && (param >= 32 || !(want->params & 1u << param));
}

static void set_wants(struct eyas_column_reader *r, const struct event_wants *wants)
{
	/* Events without a thread are always delivered: their columns must be there. */
	r->whole = false;
	for (size_t i = 0; i < r->tids.n; i++)
		r->whole |= r->tids.v[i] < 0;
	r->wants = wants;
	r->odd = false;
	if (wants && wants->texts_gone)
		wants->texts_gone(wants->arg);
	r->needed = 0;
	for (size_t k = 0; k < r->shapes.n; k++) {
		struct eyas_shape_reader *s = &r->shapes.v[k];
		struct eyas_column *col = r->columns.v + s->first;
		const struct event_want *want = NULL;

		s->how = shape_how(r, s, wants);
		s->n_numbers = s->text = 0;
		if (!layout_is_plain(s->info, s->n_params)) {
			r->odd = true;
		} else if (wants && !s->delivery) {
			want = &wants->of[s->type];
			find_numbers(r, s, want);
		}
		for (size_t i = 0; i < s->n_columns; i++, col++) {
			col->left_out = may_leave_out(want, col->param);
			if (!col->left_out && (r->whole || s->how != WANT_NONE))
				r->needed |= 1u << col->data_stream | 1u << col->aux_stream;
		}
	}
}

bool eyas_column_reader_begins_plain(const struct eyas_column_reader *r)
{
	const struct eyas_shape_reader *s;
	unsigned id;

	if (!r->count)
		return false;
	id = plane_get(r->shape_low, r->shape_high, 0);
	s = id < r->shapes.n ? &r->shapes.v[id] : NULL;
	return s && !s->delivery && layout_is_plain(s->info, s->n_params) && s->info->exit &&
	       s->info->category & EC_SYSCALL;
}

void eyas_column_reader_begins_with(struct eyas_column_reader *r, const struct event_wants *wants)
{
	set_wants(r, wants);
}

void eyas_column_reader_wants(struct eyas_column_reader *r, const struct event_wants *wants)
{
	set_wants(r, wants);
	eyas_column_scan_look(r);
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
	set_wants(r, wants);
	return true;
}
