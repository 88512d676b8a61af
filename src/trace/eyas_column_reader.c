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
	vec_free(&r->runs);
	vec_free(&r->scan);
	vec_free(&r->ends);
	vec_free(&r->looks);
	vec_free(&r->wanted);
	vec_free(&r->sights);
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

/* For a column of n values. */
static uint8_t fetch_of(const struct eyas_column *col, uint64_t n)
{
	switch (col->coding) {
	case EYAS_PLAIN:
		return FETCH_PLAIN;
	case EYAS_NARROW:
		return (n - 1) * col->width + 8 <= col->room ? FETCH_NARROW : FETCH_NARROW_LAST;
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
	if (s->text && s->text_column == from)
		s->text_column = to;
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
		to->room = streams[to->data_stream].n - to->data_at;
		to->fetch = fetch_of(to, s->count);
		to->at = to->coding == EYAS_VARYING || to->coding == EYAS_PAYLOAD ? to->aux
										  : to->data;
		to->step = to->coding == EYAS_PLAIN ? to->size : to->width;
		if (to->coding == EYAS_NARROW) {
			p->p = to->value;
			to->mask = UINT64_MAX >> (64 - 8 * to->width);
		}
		if (to->coding == EYAS_TABLE) {
			if (!begin_table(r, to))
				return false;
			to->aux += (uint64_t)to->n_entries * to->width;
			to->at = to->aux;
			to->step = to->n_entries > 256 ? 2 : 1;
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
	r->time_low = low;
	r->time_high = low + r->count;
	for (size_t i = 0; i < r->shapes.n; i++)
		if (!begin_shape(r, &r->shapes.v[i], streams, present))
			return false;
	eyas_column_scan_begin(r);
	return true;
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
	return true;
}

static inline bool table_get(const struct eyas_column_reader *r, const struct eyas_column *col,
			     uint32_t i, struct param *p)
{
	if (i >= col->n_entries)
		return false;
	*p = r->entries.v[col->entry + i];
	return true;
}

bool eyas_column_text(const struct eyas_column_reader *r, struct eyas_column *col, uint64_t k,
		      struct str *ret)
{
	const uint8_t *p = col->at + k * col->step;
	struct param value = { p, col->size };
	bool good = true;

	if (col->fetch == FETCH_TABLE_1)
		good = table_get(r, col, *p, &value);
	else if (col->fetch == FETCH_TABLE_2)
		good = table_get(r, col, get_le16(p), &value);
	else if (col->fetch == FETCH_VARYING)
		good = varying_get(col, k, &value);
	*ret = (struct str){ (const char *)value.p, value.n };
	return good;
}

static inline void narrow_set(struct eyas_column *col, uint64_t v)
{
	put_le64(col->value, (v ^ col->flip) - col->flip);
}

void eyas_columns_ahead(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
			uint64_t k, unsigned n)
{
	const struct eyas_column *col = r->columns.v + s->first, *end = col + s->n_columns;

	if (k >= s->count)
		return;
	for (; col < end; col++) {
		const uint8_t *p = col->at + k * col->step;

		__builtin_prefetch(p);
		if (n * col->step > 64)
			__builtin_prefetch(p + 64);
	}
}

bool eyas_columns_get(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
		      uint64_t k, struct param *params)
{
	struct eyas_column *col = r->columns.v + s->first, *end = col + s->n_columns;
	bool good = true;

	/* By how many there are of each kind: two of three are narrow. */
	for (; col < end; col++) {
		const uint8_t *p = col->at + k * col->step;

		if (col->fetch == FETCH_NARROW)
			narrow_set(col, get_le64(p) & col->mask);
		else if (col->fetch == FETCH_PLAIN)
			params[col->param].p = p;
		else if (col->fetch == FETCH_TABLE_1)
			good &= table_get(r, col, *p, &params[col->param]);
		else if (col->fetch == FETCH_TABLE_2)
			good &= table_get(r, col, get_le16(p), &params[col->param]);
		else if (col->fetch == FETCH_VARYING)
			good &= varying_get(col, k, &params[col->param]);
		else
			narrow_set(col, number_at(col->data, col->width, k));
	}
	return good;
}
