#include <errno.h>

#include "base/varint.h"
#include "trace/eyas_column_impl.h"

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

static uint8_t fetch_of(const struct eyas_column *col)
{
	switch (col->coding) {
	case EYAS_PLAIN:
		return FETCH_PLAIN;
	case EYAS_NARROW:
		return col->width == 1   ? FETCH_NARROW_1
		       : col->width == 2 ? FETCH_NARROW_2
					 : FETCH_NARROW_4;
	case EYAS_TABLE:
		return col->n_entries > 256 ? FETCH_TABLE_2 : FETCH_TABLE_1;
	default:
		return FETCH_VARYING;
	}
}

/* A column's place, where the shape remembers it. */
static void column_moves(struct eyas_shape_reader *s, size_t from, size_t to)
{
	if (s->how == WANT_VALUES && s->value == from)
		s->value = to;
	for (unsigned i = 0; i < s->n_numbers; i++)
		if (s->numbers[i].column == from)
			s->numbers[i].column = to;
}

/* Finds the columns of a shape in their streams; those that are not there are left out. */
static bool begin_shape(struct eyas_column_reader *r, struct eyas_shape_reader *s,
			const struct str *streams, uint32_t present)
{
	struct eyas_column *to = r->columns.v + s->first, *from = to;
	struct param *params = r->params.v + s->params;

	for (size_t i = 0; i < s->n_columns; i++, from++) {
		struct param *p = &params[from->param];

		if (from->left_out || !(present & 1u << from->data_stream) ||
		    !(present & 1u << from->aux_stream)) {
			*p = (struct param){ (const uint8_t *)"", 0 };
			if (!from->left_out) {
				s->n_numbers = 0;
				if (s->how == WANT_VALUES)
					s->how = WANT_ALL;
			}
			continue;
		}
		column_moves(s, (size_t)(from - r->columns.v), (size_t)(to - r->columns.v));
		*to = *from;
		to->data = (const uint8_t *)streams[to->data_stream].p + to->data_at;
		to->aux = (const uint8_t *)streams[to->aux_stream].p + to->aux_at;
		to->fetch = fetch_of(to);
		if (to->coding == EYAS_NARROW)
			p->p = to->value;
		if (to->coding == EYAS_TABLE) {
			if (!begin_table(r, to))
				return false;
			to->aux += (uint64_t)to->n_entries * to->width;
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

static inline bool table_get(const struct eyas_column_reader *r, const struct eyas_column *col,
			     uint32_t i, struct param *p)
{
	if (i >= col->n_entries)
		return false;
	*p = r->entries.v[col->entry + i];
	return true;
}

static inline void narrow_set(struct eyas_column *col, uint64_t v)
{
	put_le64(col->value, (v ^ col->flip) - col->flip);
}

/* The parameters of the k-th event of a shape. */
static inline bool columns_get(const struct eyas_column_reader *r,
			       const struct eyas_shape_reader *s, uint64_t k, struct param *params)
{
	struct eyas_column *col = r->columns.v + s->first, *end = col + s->n_columns;
	bool good = true;

	for (; col < end; col++) {
		switch (col->fetch) {
		case FETCH_PLAIN:
			params[col->param].p = col->data + k * col->size;
			break;
		case FETCH_NARROW_1:
			narrow_set(col, col->data[k]);
			break;
		case FETCH_NARROW_2:
			narrow_set(col, get_le16(col->data + 2 * k));
			break;
		case FETCH_NARROW_4:
			narrow_set(col, get_le32(col->data + 4 * k));
			break;
		case FETCH_TABLE_1:
			good &= table_get(r, col, col->aux[k], &params[col->param]);
			break;
		case FETCH_TABLE_2:
			good &= table_get(r, col, get_le16(col->aux + 2 * k), &params[col->param]);
			break;
		default:
			good &= varying_get(col, k, &params[col->param]);
			break;
		}
	}
	return good;
}

/* Value k of a column of numbers: of 8 bytes, or an unsigned one of fewer. */
static inline int64_t number_of(const struct eyas_column *col, unsigned size, uint64_t k)
{
	uint64_t v;

	switch (col->fetch) {
	case FETCH_NARROW_1:
		v = (col->data[k] ^ col->flip) - col->flip;
		break;
	case FETCH_NARROW_2:
		v = (get_le16(col->data + 2 * k) ^ col->flip) - col->flip;
		break;
	case FETCH_NARROW_4:
		v = (get_le32(col->data + 4 * k) ^ col->flip) - col->flip;
		break;
	default:
		v = size == 8 ? get_le64(col->data + 8 * k) : number_at(col->data, size, k);
	}
	return (int64_t)(v & UINT64_MAX >> (64 - 8 * size));
}

/* The k-th event of a shape, of the run in hand, is nothing any more once its numbers are told. */
static inline bool settle(const struct eyas_column_reader *r, const struct event_wants *wants,
			  const struct eyas_shape_reader *s, uint64_t k)
{
	const struct event_want *want = &wants->of[s->type];
	int64_t v[EVENT_WANT_NUMBERS];

	for (unsigned i = 0; i < s->n_numbers; i++)
		v[i] = s->numbers[i].column == SIZE_MAX
			       ? s->numbers[i].same
			       : number_of(&r->columns.v[s->numbers[i].column],
					   want->numbers[i].size, k);
	return wants->settle(wants->arg, s->type, r->tid, v);
}

/* What an event of a shape calls for. */
enum step { STEP_PASS, STEP_SETTLED, STEP_DELIVER };

static inline enum step step_of(const struct eyas_column_reader *r,
				const struct event_wants *wants, const struct eyas_shape_reader *s,
				uint64_t k)
{
	const struct eyas_column *col;

	if (s->how == WANT_NONE)
		return STEP_PASS;
	if (s->how == WANT_VALUES) {
		col = &r->columns.v[s->value];
		if (!value_is_wanted(&wants->of[s->type], col,
				     &r->params.v[s->params + col->param], k))
			return STEP_PASS;
	}
	return s->n_numbers && settle(r, wants, s, k) ? STEP_SETTLED : STEP_DELIVER;
}

static int deliver(struct eyas_column_reader *r, const struct eyas_shape_reader *s, uint64_t k,
		   struct event *ret)
{
	struct param *params = r->params.v + s->params;

	if (!columns_get(r, s, k, params))
		return -EBADMSG;
	/* An exit leaves a thread as it was told: nothing is left of an enter event. */
	if (!s->info || !s->info->exit)
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

/*
 * The events of the run in hand, from r->next on and before `end`, up to one that is to be
 * delivered: 1 and its shape and number there; 0 when there is none; -EBADMSG. Most events of a
 * trace are passed over here: what is done for each of them counts.
 */
static int scan_run(struct eyas_column_reader *r, uint64_t end, struct event_wants *wants,
		    struct events_passed *passed, struct eyas_shape_reader **ret_s,
		    uint64_t *ret_k)
{
	const uint8_t *low = r->shape_low, *high = r->shape_high;
	uint64_t i = r->next, ts = r->ts, min = UINT64_MAX, max = 0, first = i;
	bool told = false, all = !wants || r->tid < 0;
	int result = 0;

	for (; i < end; i++) {
		unsigned id = plane_get(low, high, i);
		struct eyas_shape_reader *s = r->shapes.v + id;
		enum step step;
		uint64_t k;

		if (id >= r->shapes.n || s->next >= s->count) {
			result = -EBADMSG;
			break;
		}
		k = s->next++;
		if (s->high[k] != EYAS_TIME_ESCAPE)
			ts += (uint64_t)s->high[k] << 8 | s->low[k];
		else
			ts += long_time(r, s->low[k]);
		step = all ? STEP_DELIVER : step_of(r, wants, s, k);
		if (step == STEP_DELIVER) {
			*ret_s = s;
			*ret_k = k;
			result = 1;
			break;
		}
		if (step == STEP_PASS && !told) {
			tell_thread(r, wants);
			told = true;
		}
		min = ts < min ? ts : min;
		max = ts > max ? ts : max;
	}
	if (i > first)
		events_passed_add(passed, i - first, min, max);
	i += result == 1;
	r->run_left -= (unsigned)(i - first);
	r->next = i;
	r->ts = ts;
	return result;
}

int eyas_column_reader_next(struct eyas_column_reader *r, uint64_t end, struct event_wants *wants,
			    struct events_passed *passed, struct event *ret)
{
	struct eyas_shape_reader *s = NULL;
	uint64_t k = 0;
	int result = 0;

	while (result == 0 && r->next < end) {
		if (r->run_left == 0 && !run_begin(r))
			return -EBADMSG;
		result = scan_run(r, end - r->next < r->run_left ? end : r->next + r->run_left,
				  wants, passed, &s, &k);
	}
	if (r->long_times.bad)
		return -EBADMSG;
	return result == 1 ? deliver(r, s, k, ret) : result;
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
