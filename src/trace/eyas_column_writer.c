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

enum column_class { CLASS_FIXED, CLASS_VARYING, CLASS_PAYLOAD };

struct shape_column {
	enum column_class class;
	uint32_t size;  /* of CLASS_FIXED */
	uint32_t fixed; /* that which a value of the parameter's type has; 0: any */
	struct strbuf data;
	struct strbuf lengths; /* of the others: each 4 bytes, host order */
};

struct eyas_shape {
	struct eyas_shape *next; /* of the same type */
	uint16_t type;
	bool seldom;
	uint32_t delivery, n_params;
	uint32_t id;    /* in this block */
	uint64_t count; /* events in this block; 0: no id yet */
	uint64_t times; /* where its next time goes, while the block is put together */
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
	memset(w->recent, 0, sizeof(w->recent));
	w->n_shapes = 0;
}

void eyas_column_writer_init(struct eyas_column_writer *w)
{
	memset(w, 0, sizeof(*w));
	strbuf_init(&w->long_times);
	w->cpu_last = xcalloc(N_CPUS, sizeof(*w->cpu_last));
}

void eyas_column_writer_free(struct eyas_column_writer *w)
{
	forget_shapes(w);
	u64map_free(&w->by_type);
	u64map_free(&w->tid_index);
	vec_free(&w->used);
	vec_free(&w->shapes);
	vec_free(&w->times);
	vec_free(&w->runs);
	vec_free(&w->tids);
	strbuf_release(&w->long_times);
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

/*
 * What hardly any rule looks at, and no state follows from, although it happens all the time. One
 * type that the state does look at would have all of them unpacked (test_replay.c sees to that).
 */
static bool is_seldom(const struct event_info *info)
{
	/* A read or a write may be the first on a socket; an ioctl may give a terminal. */
	if (!info || !info->exit || info->type == EVT_SYSCALL_IOCTL_3_X ||
	    info->flags & (EF_CREATES_FD | EF_DESTROYS_FD | EF_MODIFIES_STATE | EF_READS_FROM_FD |
			   EF_WRITES_TO_FD))
		return false;
	switch (info->category & ~(uint32_t)EC_SOURCE_MASK) {
	case EC_FILE: /* stat, lseek, getdents: what is done with a name has no descriptor */
		return info->flags & EF_USES_FD;
	case EC_IPC:
	case EC_MEMORY:
	case EC_SLEEP:
	case EC_SIGNAL:
	case EC_TIME:
	case EC_IO_READ:
	case EC_IO_WRITE:
	case EC_IO_OTHER:
	case EC_WAIT:
		return true;
	default:
		return false;
	}
}

/* The size of parameter i when it is one of a fixed size, else 0. */
static uint32_t fixed_size(const struct event_info *info, size_t i)
{
	return info && i < info->n_params ? param_type_size(info->params[i].type) : 0;
}

static enum column_class classify(const struct event_info *info, size_t i, uint32_t n)
{
	const struct param_info *p = info && i < info->n_params ? &info->params[i] : NULL;

	if (n == 0 || n == fixed_size(info, i))
		return CLASS_FIXED;
	return p && is_payload(info, p) ? CLASS_PAYLOAD : CLASS_VARYING;
}

/* The shape's columns are those that classify() gives the event's parameters. */
static bool shape_fits(const struct eyas_shape *s, const struct event *ev)
{
	if (s->delivery != ev->delivery || s->n_params != ev->n_params)
		return false;
	for (size_t i = 0; i < s->n_params; i++) {
		const struct shape_column *c = &s->columns[i];
		uint32_t n = ev->params[i].n;

		/* which of the other two it is is for its type to say */
		if (c->class == CLASS_FIXED ? n != c->size : n == 0 || n == c->fixed)
			return false;
	}
	return true;
}

static struct eyas_shape *shape_find(struct eyas_column_writer *w, const struct event *ev)
{
	const struct event_info *info = event_info(ev->type);
	struct eyas_shape *first = u64map_get(&w->by_type, ev->type), *s;

	for (s = first; s; s = s->next)
		if (shape_fits(s, ev))
			return s;
	s = xcalloc(1, sizeof(*s) + ev->n_params * sizeof(s->columns[0]));
	s->type = ev->type;
	s->delivery = ev->delivery;
	s->n_params = ev->n_params;
	s->seldom = is_seldom(info);
	for (size_t i = 0; i < s->n_params; i++) {
		struct shape_column *c = &s->columns[i];

		c->class = classify(info, i, ev->params[i].n);
		c->size = c->class == CLASS_FIXED ? ev->params[i].n : 0;
		c->fixed = fixed_size(info, i);
		strbuf_init(&c->data);
		strbuf_init(&c->lengths);
	}
	s->next = first;
	u64map_put(&w->by_type, ev->type, s);
	w->n_shapes++;
	return s;
}

/* Nearly always that of the last event of the type. */
static struct eyas_shape *shape_get(struct eyas_column_writer *w, const struct event *ev)
{
	struct eyas_shape **recent = ev->type < EVENT_N_TYPES ? &w->recent[ev->type] : NULL;
	struct eyas_shape *s;

	if (recent && *recent && shape_fits(*recent, ev))
		return *recent;
	s = shape_find(w, ev);
	if (recent)
		*recent = s;
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

/* The event belongs to the run before, or begins one. */
static void add_to_run(struct eyas_column_writer *w, const struct event *ev)
{
	struct eyas_run *run = w->runs.n ? &w->runs.v[w->runs.n - 1] : NULL;
	uint16_t code = thread_code(w, ev->cpu, ev->tid);

	if (!run || code || run->cpu != ev->cpu || run->n == EYAS_MAX_RUN) {
		struct eyas_run begun = { .cpu = ev->cpu, .thread = code };

		vec_push(&w->runs, begun);
		run = &w->runs.v[w->runs.n - 1];
	}
	run->n++;
	if (ev->cpu > UINT8_MAX)
		w->wide_cpu = true;
}

static void add_time(struct eyas_column_writer *w, uint64_t ts)
{
	struct eyas_events_fields *f = &w->fields;
	uint64_t since, code;

	if (f->count++ == 0)
		f->first_ts = f->last_ts = f->min_ts = f->max_ts = ts;
	since = code = ts - f->last_ts;
	if (since >> 8 >= EYAS_TIME_ESCAPE) {
		code = (uint64_t)EYAS_TIME_ESCAPE << 8 | (since & 0xff);
		varint_add(&w->long_times, eyas_time_rest(since));
	}
	vec_push(&w->times, (uint16_t)code);
	f->last_ts = ts;
	if (ts < f->min_ts)
		f->min_ts = ts;
	if (ts > f->max_ts)
		f->max_ts = ts;
}

/* As strbuf_add(), for values that mostly have one of four sizes: a copy of known size is one load
 * and one store. */
static inline void append(struct strbuf *sb, const void *p, size_t n)
{
	char *to = strbuf_reserve(sb, n);

	switch (n) {
	case 1:
		memcpy(to, p, 1);
		break;
	case 2:
		memcpy(to, p, 2);
		break;
	case 4:
		memcpy(to, p, 4);
		break;
	case 8:
		memcpy(to, p, 8);
		break;
	default:
		memcpy(to, p, n);
	}
	sb->n += n;
	sb->s[sb->n] = '\0';
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
		w->types[ev->type / 8] |= (uint8_t)(1u << ev->type % 8);
		if (ev->type > w->max_type)
			w->max_type = ev->type;
	}
	vec_push(&w->shapes, (uint16_t)s->id);
	add_to_run(w, ev);
	add_time(w, ev->ts);
	for (size_t i = 0; i < s->n_params; i++) {
		struct shape_column *c = &s->columns[i];

		if (ev->params[i].n)
			append(&c->data, ev->params[i].p, ev->params[i].n);
		if (c->class != CLASS_FIXED)
			append(&c->lengths, &ev->params[i].n, sizeof(ev->params[i].n));
		raw += ev->params[i].n;
	}
	w->raw += raw;
}

/* Describes a shape and puts its columns into the streams. */
static void add_shape(struct eyas_column_writer *w, const struct eyas_shape *s,
		      struct strbuf *const *streams)
{
	struct strbuf *heads = streams[EYAS_STREAM_HEADS];
	struct strbuf *small = streams[s->seldom ? EYAS_STREAM_SELDOM_SMALL : EYAS_STREAM_SMALL];
	size_t room = EYAS_MAX_TABLE_ENTRIES - w->n_entries, was = room;

	varint_add(heads, s->type);
	varint_add(heads, s->delivery);
	varint_add(heads, s->count);
	varint_add(heads, s->n_params);
	for (size_t i = 0; i < s->n_params; i++) {
		const struct shape_column *c = &s->columns[i];
		struct eyas_values v = {
			.data = strbuf_str(&c->data),
			.lengths = strbuf_str(&c->lengths),
			.size = c->size,
			.n = s->count,
			.flags = s->seldom ? EYAS_SELDOM : 0,
			.payload = c->class == CLASS_PAYLOAD,
		};
		unsigned strings = v.payload   ? EYAS_STREAM_PAYLOAD
				   : s->seldom ? EYAS_STREAM_SELDOM_STRINGS
					       : EYAS_STREAM_STRINGS;

		eyas_column_code(&v, w->tables, &room, heads, small, streams[strings]);
	}
	w->n_entries += was - room;
}

/* The low bytes of all runs' numbers, then, if they have any, the upper ones. */
static void add_runs(struct eyas_column_writer *w, struct strbuf *heads)
{
	size_t n = w->runs.n;
	bool wide_tid = w->tids.n > 255;
	char *p;

	varint_add(heads, w->tids.n);
	for (size_t i = 0; i < w->tids.n; i++)
		varint_add(heads, zigzag(w->tids.v[i]));
	strbuf_addc(heads, w->wide_cpu ? 1 : 0);
	varint_add(heads, n);
	p = strbuf_reserve(heads, 6 * n);
	for (unsigned shift = 0; shift <= 8; shift += 8)
		for (size_t i = 0; i < n; i++)
			*p++ = (char)(w->runs.v[i].n >> shift);
	for (unsigned shift = 0; shift <= (w->wide_cpu ? 8 : 0); shift += 8)
		for (size_t i = 0; i < n; i++)
			*p++ = (char)(w->runs.v[i].cpu >> shift);
	for (unsigned shift = 0; shift <= (wide_tid ? 8 : 0); shift += 8)
		for (size_t i = 0; i < n; i++)
			*p++ = (char)(w->runs.v[i].thread >> shift);
	heads->n = (size_t)(p - heads->s);
	*p = '\0';
}

/* The shape of each event. */
static void add_ids(struct eyas_column_writer *w, struct strbuf *heads)
{
	size_t n = w->shapes.n;
	char *p = strbuf_reserve(heads, 2 * n);

	for (unsigned shift = 0; shift <= (w->used.n > 256 ? 8 : 0); shift += 8)
		for (size_t i = 0; i < n; i++)
			*p++ = (char)(w->shapes.v[i] >> shift);
	heads->n = (size_t)(p - heads->s);
	*p = '\0';
}

/* The times of each shape together: what takes long, takes long again. */
static void add_times(struct eyas_column_writer *w, struct strbuf *times)
{
	size_t n = w->times.n;
	uint64_t at = 0;
	char *p = strbuf_reserve(times, 2 * n);

	for (size_t k = 0; k < w->used.n; k++) {
		w->used.v[k]->times = at;
		at += w->used.v[k]->count;
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t to = w->used.v[w->shapes.v[i]]->times++;

		p[to] = (char)w->times.v[i];
		p[n + to] = (char)(w->times.v[i] >> 8);
	}
	times->n += 2 * n;
	strbuf_addstr(times, strbuf_str(&w->long_times));
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
	for (size_t i = 0; i < w->runs.n; i++)
		w->cpu_last[w->runs.v[i].cpu] = 0;
	w->used.n = w->shapes.n = w->times.n = w->runs.n = w->tids.n = 0;
	column_reset(&w->long_times);
	u64map_clear(&w->tid_index);
	memset(w->types, 0, sizeof(w->types));
	memset(&w->fields, 0, sizeof(w->fields));
	w->max_type = 0;
	w->raw = w->n_columns = w->n_entries = 0;
	w->wide_cpu = false;
}

void eyas_column_writer_take(struct eyas_column_writer *w, struct strbuf *const *streams)
{
	struct strbuf *heads = streams[EYAS_STREAM_HEADS];

	varint_add(heads, w->used.n);
	for (size_t k = 0; k < w->used.n; k++)
		add_shape(w, w->used.v[k], streams);
	add_runs(w, heads);
	add_ids(w, heads);
	add_times(w, streams[EYAS_STREAM_TIMES]);
	begin_next(w);
}
