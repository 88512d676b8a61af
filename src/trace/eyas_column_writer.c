#include <assert.h>

#include "trace/eyas_columns.h"
#include "base/varint.h"

#define N_CPUS (UINT16_MAX + 1)
/* A column's buffer that has grown over this is given back after its block. */
#define KEEP_COLUMN (64u << 10)
/*
 * So many shapes in a block, or kept for the next, say that the events are noise: start over, lest
 * looking for one takes long.
 */
#define KEEP_SHAPES 2048

struct shape_column {
	enum eyas_column_class class;
	uint32_t size; /* of EYAS_FIXED */
	struct strbuf data, lengths;
};

struct eyas_shape {
	struct eyas_shape *next; /* of the same type */
	uint16_t type;
	uint32_t delivery, n_params;
	uint32_t id;    /* in this block */
	uint64_t count; /* events in this block; 0: no id yet */
	struct shape_column columns[];
};

static void column_reset(struct strbuf *sb)
{
	if (sb->cap > KEEP_COLUMN)
		strbuf_release(sb);
	else
		strbuf_reset(sb);
}

static void shape_free(struct eyas_shape *s)
{
	for (size_t i = 0; i < s->n_params; i++) {
		strbuf_release(&s->columns[i].data);
		strbuf_release(&s->columns[i].lengths);
	}
	free(s);
}

static void forget_shapes(struct eyas_column_writer *w)
{
	size_t pos = 0;
	uint64_t key;
	void *value;

	while (u64map_next(&w->by_type, &pos, &key, &value)) {
		struct eyas_shape *s = value, *next;

		for (; s; s = next) {
			next = s->next;
			shape_free(s);
		}
	}
	u64map_clear(&w->by_type);
	w->n_shapes = 0;
}

void eyas_column_writer_init(struct eyas_column_writer *w)
{
	memset(w, 0, sizeof(*w));
	strbuf_init(&w->times);
	w->cpu_last = xcalloc(N_CPUS, sizeof(*w->cpu_last));
}

void eyas_column_writer_free(struct eyas_column_writer *w)
{
	forget_shapes(w);
	u64map_free(&w->by_type);
	u64map_free(&w->tid_index);
	vec_free(&w->used);
	vec_free(&w->shapes);
	vec_free(&w->cpus);
	vec_free(&w->threads);
	vec_free(&w->tids);
	strbuf_release(&w->times);
	free(w->cpu_last);
}

bool eyas_column_writer_full(const struct eyas_column_writer *w)
{
	return w->used.n >= KEEP_SHAPES || w->tids.n >= EYAS_MAX_TIDS ||
	       w->shapes.n >= EYAS_MAX_BLOCK_EVENTS ||
	       w->n_columns + EYAS_MAX_PARAMS > EYAS_MAX_COLUMNS;
}

/* What was read or written: nothing that tells how the system changed. */
static bool is_payload(const struct event_info *info, const struct param_info *p)
{
	return p->type == PT_BYTEBUF && (info->flags & (EF_READS_FROM_FD | EF_WRITES_TO_FD));
}

static enum eyas_column_class classify(const struct event_info *info, size_t i, uint32_t n)
{
	const struct param_info *p = info && i < info->n_params ? &info->params[i] : NULL;

	if (n == 0)
		return EYAS_FIXED;
	if (!p)
		return EYAS_VARYING;
	if (n == param_type_size(p->type))
		return EYAS_FIXED;
	return is_payload(info, p) ? EYAS_PAYLOAD : EYAS_VARYING;
}

static bool shape_fits(const struct eyas_shape *s, const struct event *ev,
		       const struct event_info *info)
{
	if (s->delivery != ev->delivery || s->n_params != ev->n_params)
		return false;
	for (size_t i = 0; i < s->n_params; i++) {
		enum eyas_column_class class = classify(info, i, ev->params[i].n);

		if (s->columns[i].class != class ||
		    (class == EYAS_FIXED && s->columns[i].size != ev->params[i].n))
			return false;
	}
	return true;
}

static struct eyas_shape *shape_get(struct eyas_column_writer *w, const struct event *ev)
{
	const struct event_info *info = event_info(ev->type);
	struct eyas_shape *first = u64map_get(&w->by_type, ev->type), *s;

	for (s = first; s; s = s->next)
		if (shape_fits(s, ev, info))
			return s;
	s = xcalloc(1, sizeof(*s) + ev->n_params * sizeof(s->columns[0]));
	s->type = ev->type;
	s->delivery = ev->delivery;
	s->n_params = ev->n_params;
	for (size_t i = 0; i < s->n_params; i++) {
		struct shape_column *c = &s->columns[i];

		c->class = classify(info, i, ev->params[i].n);
		c->size = c->class == EYAS_FIXED ? ev->params[i].n : 0;
		strbuf_init(&c->data);
		strbuf_init(&c->lengths);
	}
	s->next = first;
	u64map_put(&w->by_type, ev->type, s);
	w->n_shapes++;
	return s;
}

/* 0 for the thread that last ran on this CPU, else its place in the block's table, from 1. */
static uint16_t thread_code(struct eyas_column_writer *w, uint16_t cpu, int64_t tid)
{
	uint32_t last = w->cpu_last[cpu];
	uintptr_t index;

	if (last && w->tids.v[last - 1] == tid)
		return 0;
	index = (uintptr_t)u64map_get(&w->tid_index, (uint64_t)tid);
	if (!index) {
		vec_push(&w->tids, tid);
		index = w->tids.n;
		u64map_put(&w->tid_index, (uint64_t)tid, (void *)index);
	}
	w->cpu_last[cpu] = (uint32_t)index;
	return (uint16_t)index;
}

static void add_time(struct eyas_column_writer *w, uint64_t ts)
{
	struct eyas_events_fields *f = &w->fields;

	if (f->count++ == 0)
		f->first_ts = f->last_ts = f->min_ts = f->max_ts = ts;
	varint_add(&w->times, zigzag((int64_t)(ts - f->last_ts)));
	f->last_ts = ts;
	if (ts < f->min_ts)
		f->min_ts = ts;
	if (ts > f->max_ts)
		f->max_ts = ts;
}

void eyas_column_writer_add(struct eyas_column_writer *w, const struct event *ev)
{
	struct eyas_shape *s = shape_get(w, ev);
	size_t raw = 8 + ev->n_params;

	assert(!eyas_column_writer_full(w));
	if (s->count++ == 0) {
		s->id = (uint32_t)w->used.n;
		vec_push(&w->used, s);
		w->n_columns += s->n_params;
	}
	vec_push(&w->shapes, (uint16_t)s->id);
	vec_push(&w->cpus, ev->cpu);
	vec_push(&w->threads, thread_code(w, ev->cpu, ev->tid));
	if (ev->cpu > UINT8_MAX)
		w->wide_cpu = true;
	add_time(w, ev->ts);
	w->types[ev->type / 8] |= (uint8_t)(1u << ev->type % 8);
	if (ev->type > w->max_type)
		w->max_type = ev->type;
	for (size_t i = 0; i < s->n_params; i++) {
		struct shape_column *c = &s->columns[i];

		if (ev->params[i].n)
			strbuf_add(&c->data, ev->params[i].p, ev->params[i].n);
		if (c->class != EYAS_FIXED)
			varint_add(&c->lengths, ev->params[i].n);
		raw += ev->params[i].n;
	}
	w->raw += raw;
}

/* All low bytes, then, if there are any, all high bytes. */
static void add_planes(struct strbuf *out, const uint16_t *v, size_t n, bool wide)
{
	char *p = strbuf_reserve(out, 2 * n);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)v[i];
	out->n += n;
	for (size_t i = 0; wide && i < n; i++)
		p[n + i] = (char)(v[i] >> 8);
	out->n += wide ? n : 0;
}

static void add_shape(struct strbuf *heads, const struct eyas_shape *s)
{
	varint_add(heads, s->type);
	varint_add(heads, s->delivery);
	varint_add(heads, s->count);
	varint_add(heads, s->n_params);
	for (size_t i = 0; i < s->n_params; i++) {
		const struct shape_column *c = &s->columns[i];

		if (c->class == EYAS_FIXED) {
			varint_add(heads, (uint64_t)c->size << 2 | EYAS_FIXED);
		} else {
			varint_add(heads, (uint64_t)c->data.n << 2 | c->class);
			varint_add(heads, c->lengths.n);
		}
	}
}

static void begin_next(struct eyas_column_writer *w)
{
	for (size_t k = 0; k < w->used.n; k++) {
		struct eyas_shape *s = w->used.v[k];

		s->count = 0;
		for (size_t i = 0; i < s->n_params; i++) {
			column_reset(&s->columns[i].data);
			column_reset(&s->columns[i].lengths);
		}
	}
	if (w->n_shapes > KEEP_SHAPES)
		forget_shapes(w);
	for (size_t i = 0; i < w->cpus.n; i++)
		w->cpu_last[w->cpus.v[i]] = 0;
	w->used.n = w->shapes.n = w->cpus.n = w->threads.n = w->tids.n = 0;
	u64map_clear(&w->tid_index);
	memset(w->types, 0, sizeof(w->types));
	memset(&w->fields, 0, sizeof(w->fields));
	w->max_type = 0;
	w->raw = w->n_columns = 0;
	w->wide_cpu = false;
}

void eyas_column_writer_take(struct eyas_column_writer *w, struct strbuf *heads,
			     struct strbuf *times, struct strbuf *small, struct strbuf *strings,
			     struct strbuf *payload)
{
	struct strbuf *streams[] = {
		[EYAS_FIXED] = small,
		[EYAS_VARYING] = strings,
		[EYAS_PAYLOAD] = payload,
	};
	size_t n = w->shapes.n;

	varint_add(heads, w->used.n);
	for (size_t i = 0; i < w->used.n; i++)
		add_shape(heads, w->used.v[i]);
	varint_add(heads, w->tids.n);
	for (size_t i = 0; i < w->tids.n; i++)
		varint_add(heads, zigzag(w->tids.v[i]));
	strbuf_addc(heads, w->wide_cpu ? 1 : 0);
	add_planes(heads, w->shapes.v, n, w->used.n > 256);
	add_planes(heads, w->cpus.v, n, w->wide_cpu);
	add_planes(heads, w->threads.v, n, w->tids.n > 255);
	for (size_t k = 0; k < w->used.n; k++) {
		struct eyas_shape *s = w->used.v[k];

		for (size_t i = 0; i < s->n_params; i++) {
			strbuf_addstr(heads, strbuf_str(&s->columns[i].lengths));
			strbuf_addstr(streams[s->columns[i].class],
				      strbuf_str(&s->columns[i].data));
		}
	}
	strbuf_addstr(times, strbuf_str(&w->times));
	column_reset(&w->times);
	begin_next(w);
}
