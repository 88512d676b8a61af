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

/* The k-th event of a shape, of the run in hand, need not be delivered. */
static inline bool may_pass(const struct eyas_column_reader *r, const struct event_wants *wants,
			    const struct eyas_shape_reader *s, uint64_t k)
{
	const struct eyas_column *col;

	if (s->how == WANT_ALL || r->tid < 0)
		return false;
	if (s->how == WANT_NONE)
		return true;
	col = &r->columns.v[s->value];
	return !value_is_wanted(&wants->of[s->type], col, &r->params.v[s->params + col->param], k);
}

int eyas_column_reader_next(struct eyas_column_reader *r, uint64_t end, struct event_wants *wants,
			    struct events_passed *passed, struct event *ret)
{
	uint64_t i = r->next, ts = r->ts, min = UINT64_MAX, max = 0, k = 0;
	struct eyas_shape_reader *s = NULL;
	struct param *params;
	int result = 0;

	for (;; i++) {
		unsigned id;

		if (i == end)
			break;
		result = -EBADMSG;
		id = plane_get(r->shape_low, r->shape_high, i);
		if (id >= r->shapes.n || (r->run_left == 0 && !run_begin(r)))
			break;
		s = &r->shapes.v[id];
		k = s->next++;
		if (k >= s->count)
			break;
		if (s->high[k] != EYAS_TIME_ESCAPE)
			ts += (uint64_t)s->high[k] << 8 | s->low[k];
		else
			ts += long_time(r, s->low[k]);
		r->run_left--;
		result = 1;
		if (!wants || !may_pass(r, wants, s, k))
			break;
		tell_thread(r, wants);
		min = ts < min ? ts : min;
		max = ts > max ? ts : max;
		result = 0;
	}
	if (i > r->next)
		events_passed_add(passed, i - r->next, min, max);
	r->next = i;
	r->ts = ts;
	if (r->long_times.bad)
		result = -EBADMSG;
	if (result != 1)
		return result;
	params = r->params.v + s->params;
	if (!columns_get(r, s, k, params))
		return -EBADMSG;
	r->next++;
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
