#include "trace/eyas_reader.h"

#include <errno.h>
#include <zstd.h>

#include "base/arena.h"
#include "trace/eyas_columns.h"
#include "trace/eyas_format.h"
#include "trace/eyas_snapshot.h"
#include "base/varint.h"

struct eyas_reader {
	struct source source;
	struct input *in;
	ZSTD_DCtx *zstd;
	struct arena texts; /* provenance: lives as long as the source */
	bool skip_payload;
	struct eyas_watch watch; /* its functions are NULL when nobody looks on */

	/* The block whose header has been read. */
	bool have_block, any_block, ended;
	int deferred; /* an error behind the first block, found on opening */
	struct eyas_block block;
	struct strbuf fields; /* a copy of block.fields */
	uint64_t block_at;    /* its offset */
	uint8_t next_previous[BLAKE2B_SIZE];
	uint64_t next_seq, next_num;
	bool joined; /* the next block is the first that is read: what was before is not known */
	uint64_t end_at; /* where not to read on; UINT64_MAX: nowhere */

	struct strbuf streams[EYAS_MAX_STREAMS]; /* by stream kind, unpacked */
	struct strbuf unknown;                   /* one of another kind, while it is checked */
	bool in_events;
	struct eyas_events_fields events;
	const struct event_wants *wants; /* that the block in hand was begun with, or NULL */
	uint32_t features;               /* of the trace */
	struct strbuf upgraded[3];       /* HEADS, TIMES, SMALL of a block of version 1.0 */
	struct eyas_column_reader columns;
	struct cursor losses;
	uint64_t loss_at; /* events of the block before the next loss; UINT64_MAX: no more */
	struct loss loss;
	struct snapshot snapshot;
};

static struct eyas_reader *reader_of(struct source *s)
{
	return (struct eyas_reader *)s;
}

bool eyas_reader_probe(struct str head)
{
	return eyas_magic_matches(head.p, head.n) || eyas_magic_mangled(head.p, head.n);
}

/* The block in hand is known; else it is about the one that should come next. */
static bool block_known(const struct eyas_reader *r)
{
	return r->have_block || r->in_events;
}

static unsigned long long block_number(const struct eyas_reader *r)
{
	return block_known(r) ? r->block.seq : r->next_seq;
}

static void tell_bad(struct eyas_reader *r, const char *what)
{
	if (r->watch.bad)
		r->watch.bad(r->watch.arg, block_number(r), block_known(r) ? r->block.kind : 0,
			     r->block_at, what);
}

/* The input failed or ended inside the block at block_at. */
static int cut(struct eyas_reader *r, const char *what)
{
	int err = input_report(r->in, r->source.diag);

	r->ended = true;
	tell_bad(r, "the trace is cut: it ends inside this block");
	if (err)
		return err;
	diag_add_at(r->source.diag, DIAG_ERROR, "TRACE_CUT", r->source.name, r->block_at,
		    "the trace is cut: it ends inside block %llu (%s), which begins here%s",
		    block_number(r), what, input_offset_kind(r->in));
	return -EBADMSG;
}

static int damaged(struct eyas_reader *r, const char *what)
{
	bool known = block_known(r);

	tell_bad(r, what);
	diag_add_at(r->source.diag, DIAG_ERROR, "TRACE_DAMAGED", r->source.name, r->block_at,
		    "the trace is damaged: block %llu%s%s%s, which begins here%s: %s",
		    block_number(r), known ? " (" : "",
		    known ? eyas_block_kind_name(r->block.kind) : "", known ? ")" : "",
		    input_offset_kind(r->in), what);
	r->ended = true;
	r->in_events = false;
	return -EBADMSG;
}

static int check_version(struct eyas_reader *r)
{
	struct eyas_header_fields h;

	if (!eyas_header_fields_decode(strbuf_str(&r->fields), &h))
		return damaged(r, "its fields are malformed");
	if (h.major == EYAS_VERSION_MAJOR && !(h.incompatible & ~EYAS_FEATURES_KNOWN)) {
		r->features = h.incompatible;
		return 0;
	}
	r->ended = true;
	if (h.major != EYAS_VERSION_MAJOR)
		diag_add_at(r->source.diag, DIAG_ERROR, "TRACE_VERSION", r->source.name,
			    r->block_at,
			    "the trace has format version %u.%u, this eyas reads version %u: use a "
			    "newer eyas",
			    h.major, h.minor, EYAS_VERSION_MAJOR);
	else
		diag_add_at(
			r->source.diag, DIAG_ERROR, "TRACE_VERSION", r->source.name, r->block_at,
			"the trace needs features (bits 0x%x) that this eyas does not have: use a "
			"newer eyas",
			h.incompatible & ~EYAS_FEATURES_KNOWN);
	return -EPROTONOSUPPORT;
}

/* Is the block where the one before it said it would be? A HEADER begins a trace anew. */
static const char *check_chain(struct eyas_reader *r)
{
	static const uint8_t zero[BLAKE2B_SIZE];
	const struct eyas_block *b = &r->block;

	if (r->joined) {
		r->joined = false;
		return NULL;
	}
	if (b->kind == EYAS_HEADER) {
		if (b->seq != 0 || memcmp(b->previous, zero, sizeof(zero)))
			return "a header block in the middle of a trace";
		r->next_num = 1;
		return NULL;
	}
	if (!r->any_block)
		return "the trace does not begin with a header block";
	if (b->seq != r->next_seq)
		return "blocks before it are missing or in the wrong order";
	if (memcmp(b->previous, r->next_previous, BLAKE2B_SIZE))
		return "the block before it was altered (the chain of hashes is broken)";
	return NULL;
}

static void note_position(struct eyas_reader *r)
{
	r->source.position = r->in->position;
	r->source.size = r->in->size;
}

/* Reads the next block's header: 1, 0 at the end of the trace, or -errno. */
static int header_read(struct eyas_reader *r)
{
	const char *wrong;
	size_t n;
	int err;

	r->have_block = false;
	r->block_at = r->in->offset;
	if (!input_need(r->in, EYAS_FRAME_FIXED)) {
		err = r->in->n ? cut(r, "its header") : input_report(r->in, r->source.diag);
		r->ended = true;
		return err;
	}
	n = eyas_frame_size(r->in->p);
	if (!n)
		return damaged(r, "no block begins here");
	if (!input_need(r->in, n))
		return cut(r, "its header");
	wrong = eyas_block_decode(r->in->p, n, &r->block);
	if (wrong)
		return damaged(r, wrong);
	r->have_block = true;
	strbuf_reset(&r->fields);
	strbuf_addstr(&r->fields, r->block.fields);
	r->block.fields = strbuf_str(&r->fields);
	wrong = check_chain(r);
	if (wrong)
		return damaged(r, wrong);
	blake2b_hash(r->in->p, n, r->next_previous);
	r->next_seq = r->block.seq + 1;
	r->any_block = true;
	input_consume(r->in, n);
	note_position(r);
	if (r->block.kind == EYAS_HEADER) {
		err = check_version(r);
		return err ? err : 1;
	}
	return 1;
}

static int hash_check(struct eyas_reader *r, const struct eyas_stream *s)
{
	uint8_t hash[BLAKE2B_SIZE];

	blake2b_hash(r->in->p, (size_t)s->stored, hash);
	if (memcmp(hash, s->hash, sizeof(hash)))
		return damaged(r, "its data was altered (the hash of a stream is wrong)");
	return 0;
}

/* Passes over one stream without looking at it. */
static int stream_skip(struct eyas_reader *r, uint64_t n)
{
	while (n) {
		size_t take;

		if (!input_need(r->in, 1))
			return cut(r, eyas_block_kind_name(r->block.kind));
		take = r->in->n < n ? r->in->n : (size_t)n;
		input_consume(r->in, take);
		n -= take;
	}
	return 0;
}

static int stream_unpack(struct eyas_reader *r, const struct eyas_stream *s)
{
	struct strbuf *to = s->kind < EYAS_MAX_STREAMS ? &r->streams[s->kind] : &r->unknown;
	size_t n;

	if (s->raw / EYAS_MAX_RATIO > s->stored ||
	    s->stored > ZSTD_compressBound(EYAS_MAX_BLOCK_RAW))
		return damaged(r, "the size of a stream is impossible");
	if (!input_need(r->in, (size_t)s->stored))
		return cut(r, eyas_block_kind_name(r->block.kind));
	if (r->watch.begin && hash_check(r, s))
		return -EBADMSG;
	strbuf_reset(to);
	n = ZSTD_decompressDCtx(r->zstd, strbuf_reserve(to, (size_t)s->raw), (size_t)s->raw,
				r->in->p, (size_t)s->stored);
	if (ZSTD_isError(n) || n != s->raw)
		return damaged(r, "its data is damaged (a stream does not unpack to what it was)");
	to->n = n;
	input_consume(r->in, (size_t)s->stored);
	return 0;
}

/* Forgets the streams of the block before; 0, or damage when this one's table is impossible. */
static int streams_begin(struct eyas_reader *r)
{
	uint64_t total = 0;
	uint32_t seen = 0;

	for (size_t k = 0; k < EYAS_MAX_STREAMS; k++)
		strbuf_reset(&r->streams[k]);
	for (size_t i = 0; i < r->block.n_streams; i++) {
		const struct eyas_stream *s = &r->block.streams[i];

		if (s->raw > EYAS_MAX_BLOCK_RAW - total)
			return damaged(r, "the sizes of its streams are impossible");
		total += s->raw;
		if (s->kind >= EYAS_MAX_STREAMS)
			continue;
		if (seen & 1u << s->kind)
			return damaged(r, "it has two streams of one kind");
		seen |= 1u << s->kind;
	}
	return 0;
}

/* The next stream: unpacked if `want` (bits by stream kind) names it, else passed over. */
static int stream_read(struct eyas_reader *r, const struct eyas_stream *s, uint32_t want)
{
	bool wanted = r->watch.begin || (s->kind < EYAS_MAX_STREAMS && (want & 1u << s->kind));

	return wanted ? stream_unpack(r, s) : stream_skip(r, s->stored);
}

/* All streams of the block have been read. */
static int streams_end(struct eyas_reader *r)
{
	const char *wrong = NULL;

	note_position(r);
	if (r->watch.begin)
		wrong = r->watch.begin(r->watch.arg, &r->block, r->block_at, r->next_previous,
				       r->streams);
	return wrong ? damaged(r, wrong) : 0;
}

/* Unpacks the streams of the block that `want` names; skips the others. */
static int streams_read(struct eyas_reader *r, uint32_t want)
{
	int err = streams_begin(r);

	for (size_t i = 0; !err && i < r->block.n_streams; i++)
		err = stream_read(r, &r->block.streams[i], want);
	return err ? err : streams_end(r);
}

static struct str stream(const struct eyas_reader *r, enum eyas_stream_kind kind)
{
	return strbuf_str(&r->streams[kind]);
}

/* Makes the next loss of the block known. False when the stream is malformed. */
static bool loss_next(struct eyas_reader *r)
{
	struct cursor *c = &r->losses;
	uint64_t at, cpu, cause;

	if (!c->bad && !cursor_left(c)) {
		r->loss_at = UINT64_MAX;
		return true;
	}
	at = cursor_varint(c);
	r->loss.count = cursor_varint(c) - 1;
	r->loss.from_ts = cursor_varint(c);
	r->loss.to_ts = cursor_varint(c);
	cpu = cursor_varint(c);
	cause = cursor_varint(c);
	if (c->bad || at > r->events.count || at < r->columns.next || cpu > UINT16_MAX ||
	    cause > UINT16_MAX)
		return false;
	r->loss_at = at;
	r->loss.cpu = (uint16_t)cpu;
	r->loss.cause = (uint16_t)cause;
	return true;
}

static const char unfit[] = "its streams do not fit together";

/* A block of version 1.0: turned into today's layout once it is unpacked. */
static int events_begin_1_0(struct eyas_reader *r)
{
	struct str streams[EYAS_MAX_STREAMS];
	uint64_t raw[EYAS_MAX_STREAMS];
	uint32_t want = UINT32_MAX;
	int err;

	if (r->skip_payload)
		want &= ~(1u << EYAS_STREAM_PAYLOAD);
	err = streams_read(r, want);
	if (err)
		return err;
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		streams[k] = stream(r, k);
	for (size_t i = 0; i < 3; i++)
		strbuf_reset(&r->upgraded[i]);
	if (!eyas_columns_upgrade(&r->events, streams, &r->upgraded[0], &r->upgraded[1],
				  &r->upgraded[2]))
		return damaged(r, unfit);
	streams[EYAS_STREAM_HEADS] = strbuf_str(&r->upgraded[0]);
	streams[EYAS_STREAM_TIMES] = strbuf_str(&r->upgraded[1]);
	streams[EYAS_STREAM_SMALL] = strbuf_str(&r->upgraded[2]);
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		raw[k] = streams[k].n;
	for (size_t i = 0; i < r->block.n_streams; i++)
		if (r->block.streams[i].kind == EYAS_STREAM_PAYLOAD)
			raw[EYAS_STREAM_PAYLOAD] = r->block.streams[i].raw;
	r->wants = r->source.wants;
	if (!eyas_column_reader_heads(&r->columns, &r->events, streams[EYAS_STREAM_HEADS], raw,
				      r->wants) ||
	    !eyas_column_reader_begin(&r->columns, streams, want))
		return damaged(r, unfit);
	return 0;
}

/* HEADS, which come before the streams that they are about, tell which of those are needed. */
static int events_begin_coded(struct eyas_reader *r)
{
	struct str streams[EYAS_MAX_STREAMS];
	uint64_t raw[EYAS_MAX_STREAMS] = { 0 };
	uint32_t present = 0, want = 1u << EYAS_STREAM_HEADS | 1u << EYAS_STREAM_LOSS;
	bool begun = false, passed = false;
	int err = streams_begin(r);

	if (err)
		return err;
	for (size_t i = 0; i < r->block.n_streams; i++)
		if (r->block.streams[i].kind < EYAS_MAX_STREAMS)
			raw[r->block.streams[i].kind] = r->block.streams[i].raw;
	for (size_t i = 0; i < r->block.n_streams; i++) {
		const struct eyas_stream *s = &r->block.streams[i];

		err = stream_read(r, s, want);
		if (err)
			return err;
		if (s->kind < EYAS_MAX_STREAMS && want & 1u << s->kind)
			present |= 1u << s->kind;
		if (s->kind != EYAS_STREAM_HEADS || begun)
			continue;
		begun = true;
		r->wants = r->source.wants;
		if (!eyas_column_reader_heads(&r->columns, &r->events, stream(r, s->kind), raw,
					      r->wants))
			return damaged(r, unfit);
		if (!r->wants && r->source.dated && eyas_column_reader_begins_plain(&r->columns)) {
			r->source.dated(r->source.dated_arg, r->events.first_ts);
			r->wants = r->source.wants;
			eyas_column_reader_begins_with(&r->columns, r->wants);
		}
		/* losses stand between events */
		passed = r->wants && !raw[EYAS_STREAM_LOSS] &&
			 eyas_column_reader_pass_all(&r->columns, r->source.wants, &r->events,
						     &r->source.passed);
		if (passed)
			continue;
		want |= r->columns.needed | 1u << EYAS_STREAM_TIMES;
		if (r->skip_payload)
			want &= ~(1u << EYAS_STREAM_PAYLOAD);
	}
	err = streams_end(r);
	if (err)
		return err;
	if (passed)
		return 0;
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		streams[k] = stream(r, k);
	if (!begun || !eyas_column_reader_begin(&r->columns, streams, present))
		return damaged(r, unfit);
	return 0;
}

static int events_begin(struct eyas_reader *r)
{
	struct str losses;
	int err;

	if (!eyas_events_fields_decode(strbuf_str(&r->fields), &r->events))
		return damaged(r, "its fields are malformed");
	if (r->events.first_num != r->next_num)
		return damaged(r, "events before it are missing");
	if (r->source.ahead && r->events.count)
		r->source.ahead(r->source.ahead_arg, r->events.count, r->events.min_ts,
				r->events.max_ts);
	err = r->features & EYAS_FEATURE_CODED ? events_begin_coded(r) : events_begin_1_0(r);
	if (err)
		return err;
	losses = stream(r, EYAS_STREAM_LOSS);
	r->losses = cursor_of(losses.p, losses.n);
	if (!loss_next(r))
		return damaged(r, unfit);
	r->next_num += r->events.count;
	r->in_events = true;
	return 0;
}

/* The next event or loss of the block: 1, 0 when it is used up, or -EBADMSG. */
static int events_next(struct eyas_reader *r, struct record *ret)
{
	uint64_t end = r->loss_at < r->columns.count ? r->loss_at : r->columns.count;
	int n;

	if (r->source.wants && !r->wants) {
		r->wants = r->source.wants;
		eyas_column_reader_wants(&r->columns, r->wants);
	}
	n = eyas_column_reader_next(&r->columns, end, r->source.wants, &r->source.passed,
				    &ret->event);
	if (n < 0)
		return damaged(r, "an event in it is malformed");
	ret->kind = RECORD_EVENT;
	if (n || r->loss_at != r->columns.next)
		return n;
	ret->kind = RECORD_LOSS;
	ret->loss = r->loss;
	return loss_next(r) ? 1 : damaged(r, "its record of losses is malformed");
}

static int events_end(struct eyas_reader *r)
{
	const char *wrong = r->watch.end ? r->watch.end(r->watch.arg) : NULL;

	r->in_events = false;
	r->have_block = true;
	if (wrong)
		return damaged(r, wrong);
	r->have_block = false;
	return 0;
}

static int snapshot_read(struct eyas_reader *r, struct record *ret)
{
	int err = streams_read(r, 1u << EYAS_STREAM_DATA);

	if (err)
		return err;
	snapshot_reset(&r->snapshot);
	if (!eyas_snapshot_decode(stream(r, EYAS_STREAM_DATA), &r->snapshot))
		return damaged(r, "the snapshot is malformed");
	ret->kind = RECORD_SNAPSHOT;
	ret->snapshot = &r->snapshot;
	return 1;
}

static int note_read(struct eyas_reader *r, struct record *ret)
{
	int err = streams_read(r, 1u << EYAS_STREAM_DATA);
	struct str data = stream(r, EYAS_STREAM_DATA);
	struct cursor c = cursor_of(data.p, data.n);

	if (err)
		return err;
	ret->kind = RECORD_NOTE;
	ret->note.ts = cursor_u64(&c);
	ret->note.text = cursor_bytes(&c, cursor_left(&c));
	if (c.bad || !eyas_note_fields_decode(strbuf_str(&r->fields), &ret->note))
		return damaged(r, "the note is malformed");
	return 1;
}

static int provenance_read(struct eyas_reader *r)
{
	int err = streams_read(r, 1u << EYAS_STREAM_DATA);
	struct str text = stream(r, EYAS_STREAM_DATA);

	if (!err)
		r->source.provenance = arena_memdup(&r->texts, text.p, text.n);
	return err;
}

/* It must stand where it says; what it holds is for eyas_reader_seek(). */
static int checkpoint_skip(struct eyas_reader *r)
{
	struct eyas_checkpoint cp;

	if (!eyas_checkpoint_fields_decode(strbuf_str(&r->fields), &cp))
		return damaged(r, "its fields are malformed");
	if (cp.next_num != r->next_num)
		return damaged(r, "events before it are missing");
	return streams_read(r, 0);
}

/* Handles the block whose header has been read: 1 and a record, 0 when it gives none, -errno. */
static int block_read(struct eyas_reader *r, struct record *ret)
{
	r->have_block = true;
	switch (r->block.kind) {
	case EYAS_EVENTS:
		return events_begin(r);
	case EYAS_SNAPSHOT:
		return snapshot_read(r, ret);
	case EYAS_NOTE:
		return note_read(r, ret);
	case EYAS_PROVENANCE:
		return provenance_read(r);
	case EYAS_CHECKPOINT:
		return checkpoint_skip(r);
	case EYAS_HEADER:
	case EYAS_SCHEMA: /* for readers without the event table */
	case EYAS_INDEX:
	case EYAS_FOOTER:
		return streams_read(r, 0);
	default:
		if (r->block.flags & EYAS_BLOCK_OPTIONAL)
			return streams_read(r, 0);
		return damaged(r, "it is of a kind this eyas does not know: use a newer eyas");
	}
}

/* The next record that is not of the block in hand, or is not an event. */
static int reader_go_on(struct eyas_reader *r, struct record *ret)
{
	int n = r->deferred;

	r->deferred = 0;
	if (n)
		return n;
	for (;;) {
		if (r->in_events) {
			n = events_next(r, ret);
			if (n)
				return n;
			n = events_end(r);
			if (n)
				return n;
		}
		if (r->ended)
			return 0;
		if (!r->have_block) {
			n = header_read(r);
			if (n <= 0)
				return n;
			if (r->block_at >= r->end_at) {
				r->ended = true;
				return 0;
			}
		}
		n = block_read(r, ret);
		r->have_block = false;
		if (n)
			return n;
	}
}

static int reader_next(struct source *s, struct record *ret)
{
	struct eyas_reader *r = reader_of(s);
	int n = r->in_events && !r->deferred ? events_next(r, ret) : 0;

	return n ? n : reader_go_on(r, ret);
}

static void reader_close(struct source *s)
{
	struct eyas_reader *r = reader_of(s);

	for (size_t i = 0; i < EYAS_MAX_STREAMS; i++)
		strbuf_release(&r->streams[i]);
	strbuf_release(&r->unknown);
	for (size_t i = 0; i < 3; i++)
		strbuf_release(&r->upgraded[i]);
	strbuf_release(&r->fields);
	eyas_column_reader_free(&r->columns);
	snapshot_free(&r->snapshot);
	arena_destroy(&r->texts);
	ZSTD_freeDCtx(r->zstd);
	input_close(r->in);
	free(r);
}

static const struct source_ops reader_ops = {
	.next = reader_next,
	.close = reader_close,
};

/* Header and provenance; the header of the block behind them, or its error, is kept for next(). */
static int open_read(struct eyas_reader *r)
{
	int n = header_read(r);

	if (n <= 0)
		return n < 0 ? n : -EBADMSG;
	n = block_read(r, NULL);
	r->have_block = false;
	if (n < 0)
		return n;
	n = header_read(r);
	if (n == 1 && r->block.kind == EYAS_PROVENANCE) {
		n = block_read(r, NULL);
		r->have_block = false;
	}
	r->deferred = n < 0 ? n : 0;
	return 0;
}

int eyas_reader_open_watched(struct input *in, struct diag *diag, const struct eyas_watch *watch,
			     struct source **ret)
{
	struct eyas_reader *r = xcalloc(1, sizeof(*r));
	int err;

	if (watch)
		r->watch = *watch;

	r->source.ops = &reader_ops;
	r->source.name = in->name;
	r->source.format = "eyas";
	r->source.diag = diag;
	r->in = in;
	r->zstd = ZSTD_createDCtx();
	r->next_num = 1;
	r->end_at = UINT64_MAX;
	strbuf_init(&r->fields);
	strbuf_init(&r->unknown);
	for (size_t i = 0; i < EYAS_MAX_STREAMS; i++)
		strbuf_init(&r->streams[i]);
	for (size_t i = 0; i < 3; i++)
		strbuf_init(&r->upgraded[i]);
	arena_init(&r->texts);
	snapshot_init(&r->snapshot);
	eyas_column_reader_init(&r->columns);
	input_need(in, 16);
	if (eyas_magic_mangled(in->p, in->n)) {
		diag_add_at(
			diag, DIAG_ERROR, "TRACE_DAMAGED", in->name, 0,
			"the trace was damaged by a copy in text mode (line ends were changed): "
			"copy it again in binary mode");
		err = -EBADMSG;
	} else {
		err = r->zstd ? open_read(r) : -ENOMEM;
	}
	if (err) {
		reader_close(&r->source);
		return err;
	}
	*ret = &r->source;
	return 0;
}

int eyas_reader_open(struct input *in, struct diag *diag, struct source **ret)
{
	return eyas_reader_open_watched(in, diag, NULL, ret);
}

void eyas_reader_skip_payload(struct source *s)
{
	if (s->ops == &reader_ops)
		reader_of(s)->skip_payload = true;
}

/* Reads the checkpoint block at the input's place. */
static int checkpoint_read(struct eyas_reader *r, struct eyas_checkpoint *ret)
{
	int n = header_read(r);

	if (n <= 0)
		return n < 0 ? n : -EBADMSG;
	if (r->block.kind != EYAS_CHECKPOINT || !r->block.n_streams ||
	    r->block.streams[0].raw > EYAS_MAX_CHECKPOINT ||
	    !eyas_checkpoint_fields_decode(strbuf_str(&r->fields), ret))
		return -EBADMSG;
	n = streams_read(r, 1u << EYAS_STREAM_DATA);
	r->have_block = false;
	ret->data = stream(r, EYAS_STREAM_DATA);
	r->next_num = ret->next_num;
	return n;
}

int eyas_reader_seek(struct source *s, uint64_t offset, struct eyas_checkpoint *ret)
{
	struct eyas_reader *r = reader_of(s);
	struct diag *diag = s->diag, unsaid;
	int err = s->ops == &reader_ops ? input_seek(r->in, offset) : -ESPIPE;

	if (err)
		return err;
	r->in_events = r->have_block = r->ended = false;
	r->deferred = 0;
	r->joined = true;
	diag_init(&unsaid);
	s->diag = &unsaid;
	err = checkpoint_read(r, ret);
	s->diag = diag;
	diag_free(&unsaid);
	return err;
}

void eyas_reader_end_at(struct source *s, uint64_t offset)
{
	if (s->ops == &reader_ops)
		reader_of(s)->end_at = offset;
}

bool eyas_reader_at_end(const struct source *s)
{
	const struct eyas_reader *r = (const struct eyas_reader *)s;
	struct eyas_checkpoint cp;

	return s->ops == &reader_ops && r->have_block && r->block_at == r->end_at &&
	       r->block.kind == EYAS_CHECKPOINT &&
	       eyas_checkpoint_fields_decode(r->block.fields, &cp) && cp.next_num == r->next_num;
}

bool eyas_reader_go_on(struct source *s, uint64_t offset)
{
	struct eyas_reader *r = reader_of(s);

	if (s->ops != &reader_ops || !r->have_block)
		return false;
	r->ended = false;
	r->end_at = offset;
	return true;
}
