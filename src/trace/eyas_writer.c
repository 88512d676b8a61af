#include "trace/eyas_writer.h"

#include <assert.h>
#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "trace/eyas_columns.h"
#include "trace/eyas_index.h"
#include "trace/eyas_schema.h"
#include "trace/eyas_snapshot.h"
#include "base/varint.h"

#define DEFAULT_LEVEL 3

struct pending_stream {
	enum eyas_stream_kind kind;
	struct strbuf raw;
};

struct eyas_writer {
	struct sink sink;
	struct byte_sink out;
	ZSTD_CCtx *zstd;
	int level;
	uint64_t block_bytes, block_events;
	char *provenance;
	uint8_t uuid[16];
	bool has_uuid, begun;
	int error; /* the first failure stays */

	struct eyas_column_writer columns;
	struct strbuf losses; /* LOSS stream of the block being gathered */
	uint64_t lost;
	struct eyas_schema schema;

	struct pending_stream streams[EYAS_MAX_STREAMS];
	size_t n_streams;
	struct strbuf frame, packed, fields;
	uint8_t previous[BLAKE2B_SIZE];
	uint64_t seq, offset;
	struct eyas_summary summary;
	uint64_t shown_before; /* the block being gathered */
	uint64_t *type_counts;
};

static struct eyas_writer *writer_of(struct sink *k)
{
	return (struct eyas_writer *)k;
}

static int fail(struct eyas_writer *w, int err)
{
	if (!w->error)
		w->error = err;
	return w->error;
}

/* An empty stream of the block being put together. */
static struct strbuf *stream_add(struct eyas_writer *w, enum eyas_stream_kind kind)
{
	struct pending_stream *s = &w->streams[w->n_streams++];

	assert(w->n_streams <= EYAS_MAX_STREAMS);
	s->kind = kind;
	strbuf_reset(&s->raw);
	return &s->raw;
}

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

/* Packs one stream behind w->packed. */
static int pack(struct eyas_writer *w, const struct pending_stream *from, struct eyas_stream *ret)
{
	size_t bound = ZSTD_compressBound(from->raw.n), n;
	char *to = strbuf_reserve(&w->packed, bound);

	n = ZSTD_compress2(w->zstd, to, bound, from->raw.s, from->raw.n);
	if (ZSTD_isError(n))
		return ZSTD_getErrorCode(n) == ZSTD_error_memory_allocation ? -ENOMEM : -EIO;
	w->packed.n += n;
	ret->kind = from->kind;
	ret->stored = n;
	ret->raw = from->raw.n;
	blake2b_hash(to, n, ret->hash);
	w->summary.raw_bytes += from->raw.n;
	return 0;
}

/* Writes the block whose streams and fields have been put together; empty streams are left out. */
static int block_write(struct eyas_writer *w, enum eyas_block_kind kind, unsigned flags)
{
	struct eyas_block b = { .kind = (uint16_t)kind, .flags = (uint16_t)flags, .seq = w->seq };
	uint64_t raw = 0;
	int r;

	if (w->error)
		return w->error;
	for (size_t i = 0; i < w->n_streams; i++)
		raw += w->streams[i].raw.n;
	if (raw > EYAS_MAX_BLOCK_RAW) {
		diag_add(w->sink.diag, DIAG_ERROR, "TRACE_TOO_LARGE",
			 "one event or snapshot is over 1 GiB: the .eyas format cannot hold it");
		return fail(w, -E2BIG);
	}
	strbuf_reset(&w->frame);
	strbuf_reset(&w->packed);
	memcpy(b.previous, w->previous, sizeof(b.previous));
	b.fields = strbuf_str(&w->fields);
	for (size_t i = 0; i < w->n_streams; i++) {
		if (!w->streams[i].raw.n)
			continue;
		r = pack(w, &w->streams[i], &b.streams[b.n_streams++]);
		if (r)
			return fail(w, r);
	}
	eyas_block_encode(&b, &w->frame);
	blake2b_hash(w->frame.s, w->frame.n, w->previous);
	r = w->out.write(w->out.arg, w->frame.s, w->frame.n);
	if (!r && w->packed.n)
		r = w->out.write(w->out.arg, w->packed.s, w->packed.n);
	if (r)
		return fail(w, r);
	w->offset += w->frame.n + w->packed.n;
	w->seq++;
	w->n_streams = 0;
	strbuf_reset(&w->fields);
	return 0;
}

static struct eyas_index_entry *index_add(struct eyas_writer *w, enum eyas_block_kind kind)
{
	struct eyas_index_entry *e = vec_add(&w->summary.blocks);

	e->kind = (uint16_t)kind;
	e->offset = w->offset;
	return e;
}

/* A version 8 UUID (RFC 9562: vendor-specific) of what the trace begins with. */
static void make_uuid(struct eyas_writer *w, struct str first)
{
	uint8_t hash[BLAKE2B_SIZE];
	struct blake2b b;

	if (w->has_uuid)
		return;
	blake2b_init(&b);
	if (w->provenance)
		blake2b_update(&b, w->provenance, strlen(w->provenance));
	blake2b_update(&b, first.p, first.n);
	blake2b_final(&b, hash);
	memcpy(w->uuid, hash, sizeof(w->uuid));
	w->uuid[6] = (uint8_t)((w->uuid[6] & 0x0f) | 0x80);
	w->uuid[8] = (uint8_t)((w->uuid[8] & 0x3f) | 0x80);
}

/* Header and provenance, in front of the first block, which is made of the bytes `first`. */
static int begin(struct eyas_writer *w, struct str first)
{
	struct eyas_header_fields h = { .major = EYAS_VERSION_MAJOR,
					.minor = EYAS_VERSION_MINOR,
					.incompatible = EYAS_FEATURE_CODED };
	int r;

	if (w->begun)
		return w->error;
	w->begun = true;
	make_uuid(w, first);
	memcpy(h.uuid, w->uuid, sizeof(h.uuid));
	eyas_header_fields_encode(&h, &w->fields);
	r = block_write(w, EYAS_HEADER, 0);
	if (!r && w->provenance) {
		strbuf_adds(stream_add(w, EYAS_STREAM_DATA), w->provenance);
		r = block_write(w, EYAS_PROVENANCE, EYAS_BLOCK_OPTIONAL);
	}
	return r;
}

/* A block whose only stream is `data`, with its entry in the index. */
static int data_block_write(struct eyas_writer *w, enum eyas_block_kind kind, unsigned flags,
			    struct strbuf *data)
{
	int r = begin(w, strbuf_str(data));

	if (r)
		return r;
	index_add(w, kind);
	strbuf_addstr(stream_add(w, EYAS_STREAM_DATA), strbuf_str(data));
	return block_write(w, kind, flags);
}

/* The types of the gathered block that no block has described so far. */
static int schema_write(struct eyas_writer *w)
{
	struct strbuf *text = stream_add(w, EYAS_STREAM_DATA);

	for (unsigned t = 0; t <= w->columns.max_type; t++)
		if (w->columns.types[t / 8] & 1u << t % 8)
			eyas_schema_add(&w->schema, t, text);
	if (text->n)
		return block_write(w, EYAS_SCHEMA, EYAS_BLOCK_OPTIONAL);
	w->n_streams = 0;
	return 0;
}

/* What the UUID of a trace is made of that begins with events: their times. */
static int begin_events(struct eyas_writer *w)
{
	struct strbuf times = STRBUF_INIT;
	int r;

	if (w->begun)
		return w->error;
	eyas_add64(&times, w->columns.fields.first_ts);
	for (size_t i = 0; i < w->columns.times.n; i++)
		eyas_add16(&times, w->columns.times.v[i]);
	r = begin(w, strbuf_str(w->columns.times.n ? &times : &w->losses));
	strbuf_release(&times);
	return r;
}

static int events_write(struct eyas_writer *w)
{
	struct eyas_events_fields f = w->columns.fields;
	static const enum eyas_stream_kind kinds[] = {
		/* HEADS first: a reader sees from them which others it needs */
		EYAS_STREAM_HEADS,   EYAS_STREAM_TIMES,        EYAS_STREAM_SMALL,
		EYAS_STREAM_STRINGS, EYAS_STREAM_SELDOM_SMALL, EYAS_STREAM_SELDOM_STRINGS,
		EYAS_STREAM_PAYLOAD,
	};
	struct strbuf *streams[EYAS_MAX_STREAMS] = { NULL };
	struct eyas_index_entry *e;
	int r;

	if (!f.count && !w->losses.n)
		return w->error;
	r = begin_events(w);
	if (!r && f.count)
		r = schema_write(w);
	if (r)
		return r;
	f.first_num = w->summary.events + 1;
	f.lost = w->lost;
	f.shown = w->summary.shown - w->shown_before;
	w->shown_before = w->summary.shown;
	f.types = f.count ? str_mem(w->columns.types, w->columns.max_type / 8 + 1) : STR("");
	eyas_events_fields_encode(&f, &w->fields);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		streams[kinds[i]] = stream_add(w, kinds[i]);
	eyas_column_writer_take(&w->columns, streams);
	strbuf_addstr(stream_add(w, EYAS_STREAM_LOSS), strbuf_str(&w->losses));
	strbuf_reset(&w->losses);
	e = index_add(w, EYAS_EVENTS);
	e->first_num = f.first_num;
	e->count = f.count;
	e->min_ts = f.min_ts;
	e->max_ts = f.max_ts;
	e->lost = f.lost;
	if (f.count) {
		if (!w->summary.events || f.min_ts < w->summary.min_ts)
			w->summary.min_ts = f.min_ts;
		if (!w->summary.events || f.max_ts > w->summary.max_ts)
			w->summary.max_ts = f.max_ts;
	}
	w->summary.events += f.count;
	w->summary.lost = saturating_add(w->summary.lost, w->lost);
	w->lost = 0;
	return block_write(w, EYAS_EVENTS, 0);
}

static int put_event(struct eyas_writer *w, const struct event *ev)
{
	uint64_t size = 0;
	int r;

	for (uint32_t i = 0; i < ev->n_params; i++)
		size += ev->params[i].n;
	if (ev->n_params > EYAS_MAX_PARAMS) {
		diag_add(w->sink.diag, DIAG_ERROR, "TRACE_TOO_LARGE",
			 "an event has %u parameters: the .eyas format holds at most %u",
			 ev->n_params, EYAS_MAX_PARAMS);
		return fail(w, -E2BIG);
	}
	/* An event that would make the block much too large gets its own. */
	if (w->columns.raw && w->columns.raw + size > 2 * w->block_bytes) {
		r = events_write(w);
		if (r)
			return r;
	}
	eyas_column_writer_add(&w->columns, ev);
	w->type_counts[ev->type]++;
	if (!(ev->delivery & EVENT_STATE_ONLY))
		w->summary.shown++;
	if (w->columns.raw < w->block_bytes && w->columns.fields.count < w->block_events &&
	    !eyas_column_writer_full(&w->columns))
		return w->error;
	return events_write(w);
}

static int put_loss(struct eyas_writer *w, const struct loss *l)
{
	varint_add(&w->losses, w->columns.fields.count);
	varint_add(&w->losses, l->count + 1); /* unknown is 0 */
	varint_add(&w->losses, l->from_ts);
	varint_add(&w->losses, l->to_ts);
	varint_add(&w->losses, l->cpu);
	varint_add(&w->losses, l->cause);
	w->lost = saturating_add(w->lost, l->count);
	w->summary.losses++;
	return w->losses.n > w->block_bytes ? events_write(w) : w->error;
}

static int put_snapshot(struct eyas_writer *w, const struct snapshot *s)
{
	struct strbuf data = STRBUF_INIT;
	int r = events_write(w);

	if (!r) {
		eyas_snapshot_encode(s, &data);
		w->summary.snapshots++;
		r = data_block_write(w, EYAS_SNAPSHOT, 0, &data);
	}
	strbuf_release(&data);
	return r;
}

static int put_note(struct eyas_writer *w, const struct note *n)
{
	struct strbuf data = STRBUF_INIT;
	int r = events_write(w);

	if (!r) {
		eyas_add64(&data, n->ts);
		strbuf_addstr(&data, n->text);
		w->summary.notes++;
		r = begin(w, strbuf_str(&data));
		if (!r)
			eyas_note_fields_encode(n, &w->fields);
	}
	if (!r) {
		r = data_block_write(w, EYAS_NOTE, EYAS_BLOCK_OPTIONAL, &data);
	}
	strbuf_release(&data);
	return r;
}

static int writer_put(struct sink *k, const struct record *rec)
{
	struct eyas_writer *w = writer_of(k);

	if (w->error)
		return w->error;
	switch (rec->kind) {
	case RECORD_EVENT:
		return put_event(w, &rec->event);
	case RECORD_LOSS:
		return put_loss(w, &rec->loss);
	case RECORD_SNAPSHOT:
		return put_snapshot(w, rec->snapshot);
	case RECORD_NOTE:
		return put_note(w, &rec->note);
	}
	return -EINVAL;
}

static int end_write(struct eyas_writer *w)
{
	struct eyas_footer_fields f;
	struct strbuf *index, *stats;
	uint64_t at = w->offset;
	int r;

	for (unsigned t = 0; t <= UINT16_MAX; t++)
		if (w->type_counts[t]) {
			struct eyas_type_count c = { (uint16_t)t, w->type_counts[t] };

			vec_push(&w->summary.types, c);
		}
	index = stream_add(w, EYAS_STREAM_DATA);
	stats = stream_add(w, EYAS_STREAM_STATS);
	eyas_index_encode(&w->summary, index, stats);
	r = block_write(w, EYAS_INDEX, EYAS_BLOCK_OPTIONAL);
	if (r)
		return r;
	f.index_back = w->offset - at;
	f.trace_length = w->offset;
	eyas_footer_fields_encode(&f, &w->fields);
	return block_write(w, EYAS_FOOTER, EYAS_BLOCK_OPTIONAL);
}

static void writer_free(struct eyas_writer *w)
{
	eyas_column_writer_free(&w->columns);
	eyas_schema_reset(&w->schema);
	eyas_summary_free(&w->summary);
	for (size_t i = 0; i < EYAS_MAX_STREAMS; i++)
		strbuf_release(&w->streams[i].raw);
	strbuf_release(&w->losses);
	strbuf_release(&w->frame);
	strbuf_release(&w->packed);
	strbuf_release(&w->fields);
	ZSTD_freeCCtx(w->zstd);
	free(w->provenance);
	free(w->type_counts);
	free(w);
}

static int writer_finish(struct sink *k)
{
	struct eyas_writer *w = writer_of(k);
	int r = events_write(w);

	if (!r)
		r = begin(w, STR(""));
	if (!r)
		r = end_write(w);
	if (r)
		byte_sink_abort(&w->out);
	else
		r = byte_sink_finish(&w->out);
	writer_free(w);
	return r;
}

static void writer_abort(struct sink *k)
{
	struct eyas_writer *w = writer_of(k);

	byte_sink_abort(&w->out);
	writer_free(w);
}

static const struct sink_ops writer_ops = {
	.put = writer_put,
	.finish = writer_finish,
	.abort = writer_abort,
};

struct sink *eyas_writer_new(const struct byte_sink *out, const struct eyas_writer_options *opt,
			     struct diag *diag)
{
	struct eyas_writer *w = xcalloc(1, sizeof(*w));

	w->sink.ops = &writer_ops;
	w->sink.diag = diag;
	w->out = *out;
	w->level = opt->level ? opt->level : DEFAULT_LEVEL;
	w->block_bytes = opt->block_bytes ? opt->block_bytes : EYAS_BLOCK_RAW;
	w->block_events = opt->block_events ? opt->block_events : UINT64_MAX;
	w->provenance = opt->provenance ? xstrdup(opt->provenance) : NULL;
	if (opt->uuid) {
		memcpy(w->uuid, opt->uuid, sizeof(w->uuid));
		w->has_uuid = true;
	}
	w->type_counts = xcalloc(UINT16_MAX + 1, sizeof(*w->type_counts));
	eyas_column_writer_init(&w->columns);
	w->columns.tables = opt->tight;
	for (size_t i = 0; i < EYAS_MAX_STREAMS; i++)
		strbuf_init(&w->streams[i].raw);
	strbuf_init(&w->losses);
	strbuf_init(&w->frame);
	strbuf_init(&w->packed);
	strbuf_init(&w->fields);
	w->zstd = ZSTD_createCCtx();
	if (!w->zstd) {
		fail(w, -ENOMEM);
	} else {
		ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, w->level);
		ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1);
	}
	return &w->sink;
}

int eyas_writer_flush(struct sink *k)
{
	struct eyas_writer *w = writer_of(k);
	int r = events_write(w);

	return r ? r : byte_sink_flush(&w->out);
}

int eyas_writer_checkpoint(struct sink *k, const struct eyas_checkpoint *cp)
{
	struct eyas_writer *w = writer_of(k);
	struct eyas_checkpoint c = *cp;
	int r = events_write(w);

	if (!r)
		r = begin(w, cp->data);
	if (r || cp->data.n > EYAS_MAX_CHECKPOINT)
		return r;
	c.next_num = w->summary.events + 1;
	eyas_checkpoint_fields_encode(&c, &w->fields);
	index_add(w, EYAS_CHECKPOINT);
	strbuf_addstr(stream_add(w, EYAS_STREAM_DATA), cp->data);
	return block_write(w, EYAS_CHECKPOINT, EYAS_BLOCK_OPTIONAL);
}

uint64_t eyas_writer_offset(const struct sink *k)
{
	return ((const struct eyas_writer *)k)->offset;
}

uint64_t eyas_writer_waiting(const struct sink *k)
{
	return ((const struct eyas_writer *)k)->columns.fields.count;
}

struct sink *eyas_writer_create(struct outfile *out, const struct trace_create_options *opt,
				struct diag *diag)
{
	struct byte_sink o = byte_sink_of_outfile(out);
	struct eyas_writer_options e = {
		.level = opt->compression > 0 ? opt->compression : 0,
		.provenance = opt->provenance,
	};

	return eyas_writer_new(&o, &e, diag);
}
