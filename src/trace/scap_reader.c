/* .scap captures as a source: blocks, sections, events. See scap_reader.h. */
#include "trace/scap_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "trace/layout.h"
#include "trace/scap_meta.h"
#include "trace/trace_guess.h"

/* A block is held in memory as a whole. */
#define MAX_BLOCK ((uint32_t)256 << 20)
/* No event has so many; each costs more memory than file. */
#define MAX_PARAMS 1024
/* Metadata is held in memory, expanded: what one section may have of it. */
#define MAX_META ((uint64_t)512 << 20)
/* Messages about damage, after which they are only counted. */
#define MAX_MESSAGES 20
/* Behind damage only blocks up to this are searched for: a larger one is more likely chance. */
#define MAX_FOUND ((uint32_t)16 << 20)

struct scap_reader {
	struct source source;
	struct input *in;
	struct snapshot snap;
	bool in_meta;                  /* the section's snapshot is still being collected */
	bool ending;                   /* nothing more can be read */
	bool resync;                   /* search for the next block behind damage */
	uint64_t resyncs, passed_over; /* places, and bytes between blocks there */
	bool done;
	int result;     /* to be returned at the end: 0, -EBADMSG, -errno */
	size_t pending; /* bytes of the block behind the record just delivered */
	uint64_t meta_bytes;
	uint64_t events, section_events;
	uint64_t skipped, skipped_at;
	uint32_t skipped_type;
	uint64_t newer, longer; /* entries, events with bytes that are not known */
	unsigned messages, unsaid;
	VEC(struct param) params;
	/* The thread that event_wants.pass() was last called for. */
	int64_t told_tid;
	uint32_t told_epoch;
	bool told;
};

struct block {
	uint32_t type, len;
	enum scap_kind kind;
	uint8_t version;
	bool flags, large;
};

static const char *kind_name(enum scap_kind kind)
{
	switch (kind) {
	case SCAP_KIND_SHB:
		return "section header";
	case SCAP_KIND_MI:
		return "machine information";
	case SCAP_KIND_IL:
		return "interface list";
	case SCAP_KIND_UL:
		return "user list";
	case SCAP_KIND_PL:
		return "process list";
	case SCAP_KIND_FDL:
		return "descriptor list";
	case SCAP_KIND_EV:
		return "event";
	case SCAP_KIND_UNKNOWN:
		break;
	}
	return "unknown";
}

static void block_of(uint32_t type, uint32_t len, struct block *b)
{
	*b = (struct block){ .type = type, .len = len };
	switch (type) {
#define BLOCK(number, k, ver, with_flags, is_large) \
	case number:                                \
		b->kind = SCAP_KIND_##k;            \
		b->version = (ver);                 \
		b->flags = (with_flags);            \
		b->large = (is_large);              \
		break;
		SCAP_BLOCKS(BLOCK)
#undef BLOCK
	}
}

static void damage(struct scap_reader *r, uint64_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Says what is damaged at an offset of the stream, and remembers it for the end. */
static void damage(struct scap_reader *r, uint64_t at, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	va_list ap;

	if (!r->result)
		r->result = -EBADMSG;
	if (r->messages == MAX_MESSAGES) {
		r->unsaid++;
		return;
	}
	r->messages++;
	va_start(ap, fmt);
	strbuf_vaddf(&sb, fmt, ap);
	va_end(ap);
	if (r->in->gzip)
		strbuf_adds(&sb, "; the offset counts uncompressed bytes");
	diag_add_at(r->source.diag, DIAG_ERROR, "TRACE_DAMAGED", r->source.name, at, "%s", sb.s);
	strbuf_release(&sb);
}

/* Damage behind which nothing can be trusted. */
static void stop(struct scap_reader *r)
{
	r->ending = true;
}

/* The stream ended where more was needed. */
static void cut(struct scap_reader *r, const char *what, uint64_t needed)
{
	struct input *in = r->in;

	stop(r);
	if (in->error) {
		r->result = input_report(in, r->source.diag);
		return;
	}
	damage(r, in->offset,
	       "the trace is cut: %s of %" PRIu64
	       " bytes begins here and only %zu bytes of it are there; "
	       "everything before it was read",
	       what, needed, in->n);
}

/* The header of the next block; false at the end, clean or not. */
static bool peek_block(struct scap_reader *r, struct block *ret)
{
	struct input *in = r->in;

	if (!input_need(in, SCAP_BLOCK_HEAD)) {
		if (in->n || in->error)
			cut(r, "a block header", SCAP_BLOCK_HEAD);
		else
			stop(r);
		return false;
	}
	block_of(get_le32(in->p), get_le32(in->p + 4), ret);
	return true;
}

/* What follows the block looks like a block, or is the end. */
static bool followed_by_block(struct scap_reader *r, uint32_t len)
{
	struct block next;

	if (!input_need(r->in, (size_t)len + SCAP_BLOCK_HEAD))
		return r->in->n == len && !r->in->error;
	block_of(get_le32(r->in->p + len), get_le32(r->in->p + len + 4), &next);
	return next.kind != SCAP_KIND_UNKNOWN;
}

/* Brings the whole block into memory and checks its frame; false when reading ends here. */
static bool load_block(struct scap_reader *r, const struct block *b)
{
	struct input *in = r->in;
	char what[48];

	if (b->len < SCAP_BLOCK_MIN) {
		damage(r, in->offset,
		       "a block of type 0x%x claims a length of %u bytes, less than its own frame of 12; "
		       "what follows cannot be read",
		       b->type, b->len);
		stop(r);
		return false;
	}
	if (b->len > MAX_BLOCK) {
		damage(r, in->offset,
		       "a block of type 0x%x claims a length of %u bytes, more than the limit of 256 MiB; "
		       "what follows cannot be read",
		       b->type, b->len);
		stop(r);
		return false;
	}
	if (!input_need(in, b->len)) {
		snprintf(what, sizeof(what), "a block (%s)", kind_name(b->kind));
		cut(r, what, b->len);
		return false;
	}
	if (get_le32(in->p + b->len - 4) == b->len)
		return true;
	if (followed_by_block(r, b->len)) {
		damage(r, in->offset,
		       "a block (%s) has the length %u in front and %u behind; the one in front was "
		       "taken, since a block follows it",
		       kind_name(b->kind), b->len, get_le32(in->p + b->len - 4));
		return true;
	}
	damage(r, in->offset,
	       "a block (%s) has the length %u in front and %u behind, and no block follows; what "
	       "follows cannot be read",
	       kind_name(b->kind), b->len, get_le32(in->p + b->len - 4));
	stop(r);
	return false;
}

/* Section header: 0 when it can be read on; else said. */
static int section_begin(struct scap_reader *r)
{
	struct input *in = r->in;
	struct cursor c;
	struct block b;
	uint32_t magic;
	uint16_t major;

	/* Before the length, which would be in the wrong order too. */
	if (input_need(in, 12) && get_le32(in->p + 8) == SCAP_MAGIC_SWAPPED) {
		damage(r, in->offset,
		       "the section header is big-endian; .scap exists in little-endian only (or this "
		       "is a network capture, pcapng)");
		stop(r);
		return r->result;
	}
	if (!peek_block(r, &b))
		return r->result;
	if (!load_block(r, &b))
		return r->result;
	c = cursor_of(in->p + SCAP_BLOCK_HEAD, b.len - SCAP_BLOCK_MIN);
	magic = cursor_u32(&c);
	major = cursor_u16(&c);
	cursor_skip(&c, 2 + 8);
	if (c.bad || magic != SCAP_MAGIC) {
		damage(r, in->offset,
		       "the section header has the magic number 0x%x instead of 0x%x", magic,
		       SCAP_MAGIC);
		stop(r);
		return r->result;
	}
	if (major > SCAP_MAJOR) {
		damage(r, in->offset,
		       "the trace is of .scap format version %u; this eyas reads version 1: a newer eyas "
		       "is needed",
		       major);
		stop(r);
		return r->result;
	}
	/* Options behind the fixed part (comments) are passed over with the block. */
	input_consume(in, b.len);
	snapshot_reset(&r->snap);
	r->in_meta = true;
	r->meta_bytes = 0;
	r->section_events = 0;
	return 0;
}

/* A metadata block, or the part of one that is there. */
static void read_meta(struct scap_reader *r, const struct block *b, size_t have)
{
	struct input *in = r->in;
	struct scap_meta_result p = { 0 };
	size_t end = have < b->len ? have : b->len - 4;

	r->meta_bytes += end;
	if (r->meta_bytes > MAX_META) {
		damage(r, in->offset,
		       "more than 512 MiB of processes and descriptors in one section; the "
		       "rest of them is left out");
		return;
	}
	scap_meta_parse(b->kind, b->version,
			cursor_of(in->p + SCAP_BLOCK_HEAD, end - SCAP_BLOCK_HEAD), &r->snap, &p);
	r->newer += p.newer;
	if (p.problem && have >= b->len)
		damage(r, in->offset + SCAP_BLOCK_HEAD + p.at,
		       "%s (in the %s); the entries before it are kept, reading goes on behind the block",
		       p.problem, kind_name(b->kind));
}

/* Parameters as lengths and bytes; NULL, or what is wrong. */
static const char *read_params(struct scap_reader *r, struct cursor *c, uint32_t n, bool wide,
			       struct event *ev)
{
	size_t width = wide ? 4 : 2;
	const uint8_t *lens;

	if (n > MAX_PARAMS)
		return "it claims more than 1024 parameters";
	lens = cursor_take(c, n * width);
	if (!lens)
		return "its parameter lengths do not fit";
	vec_reserve(&r->params, (size_t)n + 1);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t len = wide ? get_le32(lens + 4 * i) : get_le16(lens + 2 * i);
		const uint8_t *p = cursor_take(c, len);

		if (!p)
			return "its parameters do not fit";
		r->params.v[i] = (struct param){ p, len };
	}
	ev->n_params = n;
	ev->params = r->params.v;
	r->longer += cursor_left(c) != 0;
	return NULL;
}

/*
 * The number of parameters of an event whose header does not tell it: that many lengths and the
 * bytes they cover make up the body. There is at most one such number. -1 if none.
 */
static int count_params(struct cursor c)
{
	size_t total = 0, body = cursor_left(&c);
	int n = 0;

	while (total < body) {
		total += 2u + cursor_u16(&c);
		if (c.bad)
			return -1;
		n++;
	}
	return total == body ? n : -1;
}

/* An event block's body; NULL, or what is wrong with it. */
static const char *read_event(struct scap_reader *r, const struct block *b, struct event *ev)
{
	struct cursor c = cursor_of(r->in->p + SCAP_BLOCK_HEAD, b->len - SCAP_BLOCK_MIN);
	size_t head = b->version >= 2 ? SCAP_EV_HEAD_V2 : SCAP_EV_HEAD_V1;
	uint32_t len, n = 0;
	bool wide = false;
	int counted;

	ev->num = 0;
	ev->cpu = cursor_u16(&c);
	ev->delivery = b->flags ? cursor_u32(&c) : 0;
	ev->ts = cursor_u64(&c);
	ev->tid = cursor_i64(&c);
	len = cursor_u32(&c);
	ev->type = cursor_u16(&c);
	if (b->version >= 2)
		n = cursor_u32(&c);
	if (c.bad)
		return "it is shorter than an event's header";
	ev->info = event_info(ev->type);
	if (b->version < 2 &&
	    (ev->type == SCAP_NOTIFICATION_E || ev->type == SCAP_INFRASTRUCTURE_EVENT_E) &&
	    len >= head + 3)
		len -= 3;
	if (len < head || len - head > cursor_left(&c))
		return "its length does not fit its block";
	c = cursor_of(c.p + c.off, len - head);
	if (b->version < 2) {
		counted = count_params(c);
		if (counted < 0)
			return "its parameters do not add up to its length";
		n = (uint32_t)counted;
	} else if (ev->info) {
		wide = ev->info->flags & EF_LARGE_PAYLOAD;
	} else {
		/* Of a type not in the table, only the block's number tells; keep it for a copy. */
		wide = b->large;
		if (wide)
			ev->delivery |= SCAP_EVF_LARGE;
	}
	return read_params(r, &c, n, wide, ev);
}

/* A whole block of a known type begins here, with the same length at both ends. */
static bool block_begins(struct scap_reader *r)
{
	struct event ev;
	struct block b;

	if (!input_need(r->in, SCAP_BLOCK_MIN))
		return false;
	block_of(get_le32(r->in->p), get_le32(r->in->p + 4), &b);
	if (b.kind == SCAP_KIND_UNKNOWN || b.len < SCAP_BLOCK_MIN || b.len > MAX_FOUND ||
	    !input_need(r->in, b.len) || get_le32(r->in->p + b.len - 4) != b.len)
		return false;
	return b.kind != SCAP_KIND_EV || !read_event(r, &b, &ev);
}

/* Searches for the next block behind damage: true when reading goes on there. */
static bool find_block(struct scap_reader *r)
{
	struct input *in = r->in;
	uint64_t from = in->offset;

	while (input_need(in, SCAP_BLOCK_MIN + 1)) {
		input_consume(in, 1);
		if (!block_begins(r))
			continue;
		r->ending = false;
		r->resyncs++;
		r->passed_over += in->offset - from;
		return true;
	}
	return false;
}

/* What was between blocks is lost, nobody knows how much. */
static int give_damage(struct record *ret)
{
	ret->kind = RECORD_LOSS;
	ret->loss = (struct loss){ .count = UINT64_MAX, .cpu = UINT16_MAX, .cause = LOSS_DAMAGE };
	return 1;
}

static int give_snapshot(struct scap_reader *r, struct record *ret)
{
	r->in_meta = false;
	ret->kind = RECORD_SNAPSHOT;
	ret->snapshot = &r->snap;
	return 1;
}

static int give_event(struct scap_reader *r, const struct block *b, struct record *ret)
{
	const char *what;

	r->pending = b->len;
	what = read_event(r, b, &ret->event);
	if (what) {
		damage(r, r->in->offset,
		       "an event cannot be read: %s; it is left out, reading goes on "
		       "behind it",
		       what);
		ret->kind = RECORD_LOSS;
		ret->loss = (struct loss){ .count = 1, .cpu = UINT16_MAX, .cause = LOSS_DAMAGE };
		return 1;
	}
	ret->kind = RECORD_EVENT;
	r->events++;
	r->section_events++;
	return 1;
}

/*
 * An event that nobody needs is passed over. It was read all the same: that it is whole must not
 * depend on the rules.
 */
static bool pass_event(struct scap_reader *r, const struct event *ev)
{
	struct event_wants *w = r->source.wants;

	if (!w || ev->delivery || ev->tid < 0 || !layout_is_plain(ev->info, ev->n_params) ||
	    event_is_wanted(w, ev)) {
		r->told &= ev->info && ev->info->exit;
		return false;
	}
	if (!r->told || r->told_tid != ev->tid || r->told_epoch != w->epoch) {
		r->told = w->pass(w->arg, ev->tid);
		r->told_tid = ev->tid;
		r->told_epoch = w->epoch;
	}
	events_passed_add(&r->source.passed, 1, ev->ts, ev->ts);
	return true;
}

static void skip_block(struct scap_reader *r, const struct block *b)
{
	if (b->kind != SCAP_KIND_UNKNOWN) {
		damage(r, r->in->offset,
		       "a block (%s) stands among the events, where only events and section headers may "
		       "be; it is left out",
		       kind_name(b->kind));
		return;
	}
	if (!r->skipped++) {
		r->skipped_type = b->type;
		r->skipped_at = r->in->offset;
	}
}

/* Everything was delivered: the closing messages, and the result, once. */
static int finish(struct scap_reader *r)
{
	struct diag *diag = r->source.diag;

	r->done = true;
	if (r->unsaid)
		diag_add(diag, DIAG_ERROR, "TRACE_DAMAGED", "%u more damaged places are not listed",
			 r->unsaid)
			->file = r->source.name;
	if (r->skipped)
		diag_add_at(diag, DIAG_WARNING, "TRACE_UNKNOWN_BLOCK", r->source.name,
			    r->skipped_at,
			    "blocks left out whose type this eyas does not know: %" PRIu64
			    "; the first "
			    "has type 0x%x",
			    r->skipped, r->skipped_type);
	if (r->newer)
		diag_add(diag, DIAG_WARNING, "TRACE_NEWER",
			 "entries of the snapshot with newer fields, which "
			 "this eyas does not know and leaves out: %" PRIu64,
			 r->newer)
			->file = r->source.name;
	if (r->longer)
		diag_add(diag, DIAG_WARNING, "TRACE_NEWER",
			 "events with bytes behind their parameters, which "
			 "are left out: %" PRIu64,
			 r->longer)
			->file = r->source.name;
	if (!r->events && !r->result)
		diag_add(diag, DIAG_NOTE, "TRACE_NO_EVENTS", "the trace has no events")->file =
			r->source.name;
	return r->result;
}

static int scap_next(struct source *s, struct record *ret)
{
	struct scap_reader *r = (struct scap_reader *)s;
	struct input *in = r->in;
	struct block b;

	if (r->done)
		return 0;
	if (r->pending) {
		input_consume(in, r->pending);
		r->pending = 0;
	}
	while (!r->ending) {
		s->position = in->position;
		if (!peek_block(r, &b))
			break;
		if (b.kind == SCAP_KIND_SHB) {
			if (r->in_meta)
				return give_snapshot(r, ret);
			if (section_begin(r) && r->ending)
				break;
			continue;
		}
		if (b.kind == SCAP_KIND_EV && r->in_meta)
			return give_snapshot(r, ret);
		if (!load_block(r, &b)) {
			/* Of a list that is cut, the entries that are there. */
			if (r->in_meta && b.kind != SCAP_KIND_UNKNOWN && b.len <= MAX_BLOCK &&
			    in->ended && in->n < b.len && in->n > SCAP_BLOCK_HEAD)
				read_meta(r, &b, in->n);
			if (!r->resync || in->error || !find_block(r))
				break;
			/* A snapshot comes before what is lost of it. */
			if (!r->in_meta)
				return give_damage(ret);
			continue;
		}
		if (b.kind == SCAP_KIND_EV) {
			int n = give_event(r, &b, ret);

			if (ret->kind != RECORD_EVENT || !pass_event(r, &ret->event))
				return n;
			input_consume(in, r->pending);
			r->pending = 0;
			continue;
		}
		if (b.kind == SCAP_KIND_UNKNOWN || !r->in_meta)
			skip_block(r, &b);
		else
			read_meta(r, &b, b.len);
		input_consume(in, b.len);
	}
	if (r->in_meta)
		return give_snapshot(r, ret);
	s->position = in->position;
	return finish(r);
}

static void scap_close(struct source *s)
{
	struct scap_reader *r = (struct scap_reader *)s;

	input_close(r->in);
	snapshot_free(&r->snap);
	vec_free(&r->params);
	free(r);
}

static const struct source_ops scap_ops = { scap_next, scap_close };

bool scap_reader_probe(struct str head)
{
	static const uint8_t shb[4] = { 0x0a, 0x0d, 0x0d, 0x0a };
	struct cursor c = cursor_of(head.p, head.n);
	uint32_t magic;

	if (!head.n || memcmp(head.p, shb, head.n < 4 ? head.n : 4) != 0)
		return false;
	cursor_skip(&c, 8);
	magic = cursor_u32(&c);
	if (c.bad || magic == SCAP_MAGIC_SWAPPED)
		return true;
	return magic == SCAP_MAGIC && !trace_is_pcapng(head);
}

int scap_reader_open(struct input *in, struct diag *diag, struct source **ret)
{
	struct scap_reader *r = xcalloc(1, sizeof(*r));
	int err;

	r->source = (struct source){
		.ops = &scap_ops, .name = in->name, .format = "scap", .diag = diag, .size = in->size
	};
	r->in = in;
	snapshot_init(&r->snap);
	err = section_begin(r);
	if (err) {
		scap_close(&r->source);
		return err;
	}
	*ret = &r->source;
	return 0;
}

void scap_reader_resync(struct source *s)
{
	if (s->ops == &scap_ops)
		((struct scap_reader *)s)->resync = true;
}

void scap_reader_resynced(const struct source *s, uint64_t *ret_places, uint64_t *ret_bytes)
{
	const struct scap_reader *r = (const struct scap_reader *)s;

	*ret_places = r->resyncs;
	*ret_bytes = r->passed_over;
}
