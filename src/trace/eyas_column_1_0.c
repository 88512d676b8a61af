/*
 * Events blocks of format 1.0: the columns are those of today without their codings, the thread
 * and CPU of each event stand in planes, times and lengths are varints.
 */
#include "trace/eyas_columns.h"
#include "base/varint.h"

/* Lengths in a block: 1.0 closed one at 1 MiB, and each is at least a byte of that. */
#define MAX_LENGTHS (UINT32_C(1) << 24)

enum { OLD_FIXED = 0, OLD_VARYING = 1, OLD_PAYLOAD = 2 };

struct old_column {
	unsigned class;
	uint32_t size;
	uint64_t bytes, lengths; /* of the column; of its lengths in HEADS */
};

struct old_shape {
	uint64_t type, delivery, count, n_params;
	size_t first;        /* of its columns */
	uint64_t times_next; /* where its next time goes */
};

struct old_block {
	const struct eyas_events_fields *f;
	struct cursor heads, small;
	VEC(struct old_shape) shapes;
	VEC(struct old_column) columns;
	VEC(uint32_t) lengths; /* of one column */
	uint64_t n_lengths;
	struct str tids; /* the table of threads, as it stands there */
	uint64_t n_tids;
	bool wide_cpu;
	const uint8_t *shape_low, *shape_high, *cpu_low, *cpu_high, *tid_low, *tid_high;
};

static bool read_column(struct old_block *b)
{
	struct old_column *col = vec_add(&b->columns);
	uint64_t code = cursor_varint(&b->heads);

	col->class = code & 3;
	col->bytes = code >> 2;
	if (col->class == OLD_FIXED) {
		col->size = (uint32_t)col->bytes;
		return col->bytes <= UINT16_MAX;
	}
	col->lengths = cursor_varint(&b->heads);
	return col->class == OLD_VARYING || col->class == OLD_PAYLOAD;
}

static bool read_shapes(struct old_block *b)
{
	uint64_t n = cursor_varint(&b->heads), total = 0;

	if (n > EYAS_MAX_SHAPES || n > cursor_left(&b->heads))
		return false;
	for (uint64_t k = 0; k < n; k++) {
		struct old_shape *s = vec_add(&b->shapes);

		s->type = cursor_varint(&b->heads);
		s->delivery = cursor_varint(&b->heads);
		s->count = cursor_varint(&b->heads);
		s->n_params = cursor_varint(&b->heads);
		s->first = b->columns.n;
		s->times_next = total;
		if (b->heads.bad || s->count == 0 || s->count > b->f->count - total ||
		    s->n_params > EYAS_MAX_PARAMS || s->n_params > EYAS_MAX_COLUMNS - b->columns.n)
			return false;
		total += s->count;
		for (uint64_t i = 0; i < s->n_params; i++)
			if (!read_column(b))
				return false;
	}
	return !b->heads.bad && total == b->f->count;
}

static void read_planes(struct old_block *b, bool wide, const uint8_t **low, const uint8_t **high)
{
	*low = cursor_take(&b->heads, (size_t)b->f->count);
	*high = wide ? cursor_take(&b->heads, (size_t)b->f->count) : NULL;
}

static unsigned plane_get(const uint8_t *low, const uint8_t *high, uint64_t i)
{
	return high ? low[i] | (unsigned)high[i] << 8 : low[i];
}

static bool read_events(struct old_block *b)
{
	size_t at = b->heads.off;

	b->n_tids = cursor_varint(&b->heads);
	if (b->n_tids > EYAS_MAX_TIDS || b->n_tids > cursor_left(&b->heads))
		return false;
	for (uint64_t i = 0; i < b->n_tids; i++)
		(void)cursor_varint(&b->heads);
	b->tids = str_mem(b->heads.p + at, b->heads.off - at);
	b->wide_cpu = cursor_u8(&b->heads) & 1;
	read_planes(b, b->shapes.n > 256, &b->shape_low, &b->shape_high);
	read_planes(b, b->wide_cpu, &b->cpu_low, &b->cpu_high);
	read_planes(b, b->n_tids > 255, &b->tid_low, &b->tid_high);
	return !b->heads.bad;
}

/* A column of class 1 or 2: its lengths become numbers of the same width. */
static bool write_varying(struct old_block *b, const struct old_column *col, uint64_t count,
			  struct strbuf *heads, struct strbuf *small)
{
	struct cursor c;
	uint64_t max = 0;
	unsigned width;
	const uint8_t *p = cursor_take(&b->heads, (size_t)col->lengths);

	if (!p || count > MAX_LENGTHS - b->n_lengths || count > col->lengths)
		return false;
	b->n_lengths += count;
	c = cursor_of(p, (size_t)col->lengths);
	b->lengths.n = 0;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t n = varint_get(&c);

		if (n > UINT32_MAX)
			return false;
		if (n > max)
			max = n;
		vec_push(&b->lengths, (uint32_t)n);
	}
	width = max <= UINT8_MAX ? 1 : max <= UINT16_MAX ? 2 : 4;
	strbuf_addc(heads, col->class == OLD_PAYLOAD ? EYAS_PAYLOAD : EYAS_VARYING);
	varint_add(heads, col->bytes);
	strbuf_addc(heads, (char)width);
	for (uint64_t i = 0; i < count; i++) {
		uint8_t le[4];

		put_le32(le, b->lengths.v[i]);
		strbuf_add(small, le, width);
	}
	return !c.bad;
}

static bool write_column(struct old_block *b, const struct old_column *col, uint64_t count,
			 struct strbuf *heads, struct strbuf *small)
{
	if (col->class != OLD_FIXED)
		return write_varying(b, col, count, heads, small);
	if (!col->size) {
		strbuf_addc(heads, EYAS_ABSENT);
		return true;
	}
	if (count > cursor_left(&b->small) / col->size)
		return false;
	strbuf_addc(heads, EYAS_PLAIN);
	varint_add(heads, col->size);
	strbuf_addstr(small, cursor_bytes(&b->small, (size_t)(count * col->size)));
	return true;
}

static bool write_shapes(struct old_block *b, struct strbuf *heads, struct strbuf *small)
{
	varint_add(heads, b->shapes.n);
	for (size_t k = 0; k < b->shapes.n; k++) {
		const struct old_shape *s = &b->shapes.v[k];

		varint_add(heads, s->type);
		varint_add(heads, s->delivery);
		varint_add(heads, s->count);
		varint_add(heads, s->n_params);
		for (uint64_t i = 0; i < s->n_params; i++)
			if (!write_column(b, &b->columns.v[s->first + i], s->count, heads, small))
				return false;
	}
	return true;
}

/* Each event a run of its own, its thread named as it was: by the one before on its CPU. */
static void write_events(struct old_block *b, struct strbuf *heads)
{
	size_t n = (size_t)b->f->count;
	char *ones;

	strbuf_addstr(heads, b->tids);
	strbuf_addc(heads, b->wide_cpu ? 1 : 0);
	varint_add(heads, n);
	ones = strbuf_reserve(heads, 2 * n);
	memset(ones, 1, n);
	memset(ones + n, 0, n);
	heads->n += 2 * n;
	heads->s[heads->n] = '\0';
	strbuf_add(heads, b->cpu_low, n);
	if (b->cpu_high)
		strbuf_add(heads, b->cpu_high, n);
	strbuf_add(heads, b->tid_low, n);
	if (b->tid_high)
		strbuf_add(heads, b->tid_high, n);
	strbuf_add(heads, b->shape_low, n);
	if (b->shape_high)
		strbuf_add(heads, b->shape_high, n);
}

static bool write_times(struct old_block *b, struct str old, struct strbuf *times)
{
	struct cursor c = cursor_of(old.p, old.n);
	struct strbuf rest = STRBUF_INIT;
	size_t n = (size_t)b->f->count;
	char *p = strbuf_reserve(times, 2 * n);
	bool good = true;

	memset(p, 0, 2 * n);
	for (size_t i = 0; good && i < n; i++) {
		unsigned id = plane_get(b->shape_low, b->shape_high, i);
		uint64_t since = (uint64_t)unzigzag(varint_get(&c)), to;
		struct old_shape *s;

		good = id < b->shapes.n && b->shapes.v[id].count > 0;
		if (!good)
			break;
		s = &b->shapes.v[id];
		s->count--;
		to = s->times_next++;
		p[to] = (char)since;
		if (since >> 8 < EYAS_TIME_ESCAPE) {
			p[n + to] = (char)(since >> 8);
		} else {
			p[n + to] = (char)EYAS_TIME_ESCAPE;
			varint_add(&rest, eyas_time_rest(since));
		}
	}
	times->n += 2 * n;
	strbuf_addstr(times, strbuf_str(&rest));
	strbuf_release(&rest);
	return good && !c.bad;
}

bool eyas_columns_upgrade(const struct eyas_events_fields *f, const struct str *streams,
			  struct strbuf *heads, struct strbuf *times, struct strbuf *small)
{
	struct str old_heads = streams[EYAS_STREAM_HEADS], old_small = streams[EYAS_STREAM_SMALL];
	struct old_block b = {
		.f = f,
		.heads = cursor_of(old_heads.p, old_heads.n),
		.small = cursor_of(old_small.p, old_small.n),
	};
	bool good = false;

	/* Each event has a byte in each of three planes. */
	if (f->count <= EYAS_MAX_BLOCK_EVENTS && f->count * 3 <= old_heads.n)
		good = read_shapes(&b) && read_events(&b) && write_shapes(&b, heads, small);
	if (good) {
		write_events(&b, heads);
		good = write_times(&b, streams[EYAS_STREAM_TIMES], times);
	}
	vec_free(&b.shapes);
	vec_free(&b.columns);
	vec_free(&b.lengths);
	return good;
}
