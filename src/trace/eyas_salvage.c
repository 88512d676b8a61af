/* A damaged .eyas trace as a source: see eyas_salvage.h. */
#include "trace/eyas_salvage.h"

#include <errno.h>

#include "trace/eyas_reader.h"
#include "trace/eyas_salvage_gaps.h"
#include "trace/eyas_salvage_scan.h"

/*
 * Good blocks that follow each other are a run. Each run is read as a trace of its own by the
 * reader that reads all traces: the bytes are those of the file, but for the headers, which are
 * written anew so that numbers and chain are whole.
 */
struct run {
	struct strbuf bytes; /* made, and not yet read: from `done` on */
	size_t done;
	uint64_t copy_at, copy_n; /* streams to be copied from the file */
	bool begun;
	size_t next, end; /* blocks of the trace */
	uint64_t seq, next_num;
	uint8_t previous[BLAKE2B_SIZE];
	VEC(size_t) served; /* by their number in the run: which block it is */
	uint64_t bad;       /* number of the block that could not be taken apart; UINT64_MAX none */
	uint64_t delivered; /* events */
};

struct salvage {
	struct source source;
	int fd;
	struct salvage_scan scan;
	struct salvage_report report;
	char *provenance;
	struct diag quiet; /* what the reader says of runs: told in other words by the report */

	size_t trace, block, gap; /* what comes next */
	struct source *inner;
	struct run run;
	int error; /* of a read */

	/* For traces whose header is lost: the features it is taken to have had, by trial. */
	uint32_t features;
	size_t tried; /* block (+ 1) that did not fit them */
};

static struct salvage *salvage_of(struct source *s)
{
	return (struct salvage *)s;
}

static struct salvage_trace *trace_in_hand(struct salvage *s)
{
	return &s->scan.traces.v[s->trace];
}

/* ---- the bytes of a run */

static void add_header(struct salvage *s, struct eyas_block *b)
{
	struct run *r = &s->run;
	size_t start = r->bytes.n;

	b->seq = r->seq++;
	memcpy(b->previous, r->previous, sizeof(b->previous));
	eyas_block_encode(b, &r->bytes);
	blake2b_hash(r->bytes.s + start, r->bytes.n - start, r->previous);
}

/* A block's header frame as it is in the file. */
static int load_header(struct salvage *s, const struct salvage_block *k, struct strbuf *frame,
		       struct eyas_block *ret)
{
	char *p = strbuf_reserve(frame, EYAS_FRAME_FIXED);
	int r = salvage_read(s->fd, p, EYAS_FRAME_FIXED, k->offset);
	size_t n = r ? 0 : eyas_frame_size((const uint8_t *)p);

	if (!r && !n)
		r = -EIO; /* the file has changed meanwhile */
	if (!r)
		r = salvage_read(s->fd, strbuf_reserve(frame, n), n, k->offset);
	if (!r && eyas_block_decode((const uint8_t *)frame->s, n, ret))
		r = -EIO;
	return r;
}

static bool has_header(const struct salvage_trace *t)
{
	return t->blocks.v[0].kind == EYAS_HEADER && t->blocks.v[0].good;
}

/* The header block of the trace, or, when that is lost, one like this eyas writes. */
static int begin_run(struct salvage *s)
{
	const struct salvage_block *first = &trace_in_hand(s)->blocks.v[0];
	struct strbuf frame = STRBUF_INIT, fields = STRBUF_INIT;
	struct eyas_block b = { .kind = EYAS_HEADER };
	int r = 0;

	if (has_header(trace_in_hand(s))) {
		r = load_header(s, first, &frame, &b);
	} else {
		eyas_header_fields_encode(&(struct eyas_header_fields){ .major = EYAS_VERSION_MAJOR,
									.minor = EYAS_VERSION_MINOR,
									.incompatible =
										s->features },
					  &fields);
		b.fields = strbuf_str(&fields);
	}
	if (!r)
		add_header(s, &b);
	s->run.begun = true;
	strbuf_release(&frame);
	strbuf_release(&fields);
	return r;
}

static bool is_copied(unsigned kind)
{
	return kind != EYAS_HEADER && kind != EYAS_INDEX && kind != EYAS_FOOTER &&
	       kind != EYAS_CHECKPOINT;
}

static int add_block(struct salvage *s, size_t which)
{
	const struct salvage_block *k = &trace_in_hand(s)->blocks.v[which];
	struct strbuf frame = STRBUF_INIT, fields = STRBUF_INIT;
	struct run *run = &s->run;
	struct eyas_block b;
	uint64_t streams = 0;
	int r = load_header(s, k, &frame, &b);

	if (!r) {
		strbuf_addstr(&fields, b.fields);
		if (b.kind == EYAS_EVENTS) {
			put_le64((uint8_t *)fields.s, run->next_num);
			run->next_num += k->count;
		}
		b.fields = strbuf_str(&fields);
		vec_reserve(&run->served, run->seq + 1);
		run->served.n = run->seq + 1;
		run->served.v[run->seq] = which;
		add_header(s, &b);
		for (size_t i = 0; i < b.n_streams; i++)
			streams += b.streams[i].stored;
		run->copy_at = k->offset + k->total - streams;
		run->copy_n = streams;
		s->source.position = k->offset + k->total;
	}
	strbuf_release(&frame);
	strbuf_release(&fields);
	return r;
}

static ssize_t run_read(void *arg, void *buf, size_t n)
{
	struct salvage *s = arg;
	struct run *run = &s->run;
	int r = 0;

	while (!r && run->done == run->bytes.n && !run->copy_n) {
		strbuf_reset(&run->bytes);
		run->done = 0;
		if (!run->begun) {
			r = begin_run(s);
		} else if (run->next < run->end) {
			size_t which = run->next++;

			if (is_copied(trace_in_hand(s)->blocks.v[which].kind))
				r = add_block(s, which);
		} else {
			return 0;
		}
	}
	if (!r && run->done < run->bytes.n) {
		if (n > run->bytes.n - run->done)
			n = run->bytes.n - run->done;
		memcpy(buf, run->bytes.s + run->done, n);
		run->done += n;
		return (ssize_t)n;
	}
	if (!r) {
		if (n > run->copy_n)
			n = (size_t)run->copy_n;
		r = salvage_read(s->fd, buf, n, run->copy_at);
	}
	if (r) {
		s->error = r == -ENODATA ? -EIO : r;
		errno = -s->error;
		return -1;
	}
	run->copy_at += n;
	run->copy_n -= n;
	return (ssize_t)n;
}

/* ---- runs, and what is between them */

static void note_bad(void *arg, uint64_t seq, unsigned kind, uint64_t offset, const char *what)
{
	struct salvage *s = arg;

	(void)kind;
	(void)offset;
	(void)what;
	s->run.bad = seq;
}

static void run_close(struct salvage *s)
{
	source_close(s->inner);
	s->inner = NULL;
}

/* The blocks from s->block on that follow each other, as a source. 0 or -errno. */
static int run_open(struct salvage *s)
{
	const struct salvage_trace *t = trace_in_hand(s);
	struct eyas_watch watch = { .arg = s, .bad = note_bad };
	struct run *run = &s->run;
	size_t end = s->block + 1;
	int r;

	while (end < t->blocks.n && t->blocks.v[end].good &&
	       t->blocks.v[end].seq == t->blocks.v[end - 1].seq + 1)
		end++;
	strbuf_reset(&run->bytes);
	run->done = 0;
	run->copy_n = 0;
	run->begun = false;
	run->next = s->block;
	run->end = end;
	run->seq = run->delivered = 0;
	run->next_num = 1;
	run->served.n = 0;
	run->bad = UINT64_MAX;
	memset(run->previous, 0, sizeof(run->previous));
	s->block = end;
	r = eyas_reader_open_watched(input_from(s->source.name, run_read, s), &s->quiet, &watch,
				     &s->inner);
	if (r)
		s->inner = NULL;
	else if (!s->provenance && s->inner->provenance)
		s->provenance = xstrdup(s->inner->provenance);
	s->source.provenance = s->provenance;
	return r;
}

/* A block that is as it was written and cannot be taken apart all the same. */
static void give_up_block(struct salvage *s)
{
	struct run *run = &s->run;
	struct salvage_gap g = { .trace = s->trace };
	const struct salvage_block *k;
	uint64_t before = 0;
	size_t which;

	if (run->bad >= run->served.n || !run->bad)
		return;
	which = run->served.v[run->bad];
	k = &trace_in_hand(s)->blocks.v[which];
	if (!has_header(trace_in_hand(s)) && k->kind == EYAS_EVENTS && !run->delivered) {
		s->features ^= EYAS_FEATURE_CODED;
		s->block = which;
		if (s->tried != which + 1) {
			s->tried = which + 1;
			return;
		}
	}
	for (uint64_t i = 1; i < run->bad; i++)
		before += trace_in_hand(s)->blocks.v[run->served.v[i]].count;
	g.first_block = g.last_block = k->seq;
	g.offset = k->offset;
	g.kind = k->kind;
	g.maybe_snapshot = k->kind == EYAS_SNAPSHOT;
	before = run->delivered > before ? run->delivered - before : 0;
	g.events = k->count > before ? k->count - before : 0;
	g.first_num = k->first_num + before;
	g.from_ts = k->min_ts;
	g.to_ts = k->max_ts;
	s->report.good--;
	vec_reserve(&s->report.gaps, s->report.gaps.n + 1);
	memmove(&s->report.gaps.v[s->gap + 1], &s->report.gaps.v[s->gap],
		(s->report.gaps.n - s->gap) * sizeof(g));
	s->report.gaps.v[s->gap] = g;
	s->report.gaps.n++;
	s->block = which + 1;
}

/* The next gap, if it comes before the block in hand: 1 when it gives a record. */
static bool gap_is_next(const struct salvage *s)
{
	const struct salvage_trace *t = &s->scan.traces.v[s->trace];
	const struct salvage_gap *g;

	if (s->gap >= s->report.gaps.n)
		return false;
	g = &s->report.gaps.v[s->gap];
	return g->trace == s->trace &&
	       (s->block >= t->blocks.n || g->first_block < t->blocks.v[s->block].seq);
}

static bool gap_record(struct salvage *s, struct record *ret)
{
	const struct salvage_gap *g = &s->report.gaps.v[s->gap++];

	if (!g->events && !g->maybe_snapshot)
		return false;
	ret->kind = RECORD_LOSS;
	ret->loss = (struct loss){ .count = g->events,
				   .from_ts = g->from_ts,
				   .to_ts = g->to_ts,
				   .cpu = UINT16_MAX,
				   .cause = LOSS_DAMAGE };
	return true;
}

static int salvage_next(struct source *src, struct record *ret)
{
	struct salvage *s = salvage_of(src);
	int r;

	for (;;) {
		if (s->inner) {
			r = source_next(s->inner, ret);
			if (r == 1) {
				s->run.delivered += ret->kind == RECORD_EVENT;
				return 1;
			}
			if (s->error)
				return s->error;
			if (r == -EBADMSG)
				give_up_block(s);
			run_close(s);
			continue;
		}
		if (s->trace == s->scan.traces.n)
			return 0;
		while (s->block < trace_in_hand(s)->blocks.n &&
		       !trace_in_hand(s)->blocks.v[s->block].good)
			s->block++;
		if (gap_is_next(s)) {
			if (gap_record(s, ret))
				return 1;
		} else if (s->block < trace_in_hand(s)->blocks.n) {
			r = run_open(s);
			if (s->error)
				return s->error;
			if (r == -EBADMSG)
				give_up_block(s);
			else if (r)
				return r;
		} else {
			s->trace++;
			s->block = 0;
		}
	}
}

static void salvage_close(struct source *src)
{
	struct salvage *s = salvage_of(src);

	if (s->inner)
		run_close(s);
	salvage_scan_free(&s->scan);
	vec_free(&s->report.gaps);
	vec_free(&s->run.served);
	strbuf_release(&s->run.bytes);
	diag_free(&s->quiet);
	free(s->provenance);
	free(s);
}

static const struct source_ops salvage_ops = {
	.next = salvage_next,
	.close = salvage_close,
};

/* Counts, gaps, and the first trace's UUID. */
static int make_report(struct salvage *s)
{
	struct salvage_report *rep = &s->report;
	int r = 0;

	rep->doubled = s->scan.doubled;
	rep->traces = s->scan.traces.n;
	rep->bad_bytes = s->scan.size - s->scan.good_bytes;
	for (size_t i = 0; !r && i < s->scan.traces.n; i++) {
		const struct salvage_trace *t = &s->scan.traces.v[i];

		for (size_t k = 0; k < t->blocks.n; k++)
			rep->good += t->blocks.v[k].good;
		if (!has_header(t)) {
			rep->headless++;
		} else if (i == 0) {
			struct strbuf frame = STRBUF_INIT;
			struct eyas_header_fields h;
			struct eyas_block b;

			r = load_header(s, &t->blocks.v[0], &frame, &b);
			if (!r && eyas_header_fields_decode(b.fields, &h))
				memcpy(rep->uuid, h.uuid, sizeof(rep->uuid));
			strbuf_release(&frame);
		}
		if (!r)
			r = salvage_gaps(s->fd, &s->scan, i, rep);
	}
	return r;
}

/* The first run is opened already, for the provenance. */
static int open_first(struct salvage *s)
{
	if (gap_is_next(s) || !trace_in_hand(s)->blocks.v[0].good)
		return 0;
	return run_open(s);
}

int eyas_salvage_open(int fd, const char *name, struct diag *diag, struct source **ret,
		      const struct salvage_report **ret_report)
{
	struct salvage *s = xcalloc(1, sizeof(*s));
	int r;

	s->source = (struct source){
		.ops = &salvage_ops, .name = name, .format = "eyas", .diag = diag
	};
	s->fd = fd;
	strbuf_init(&s->run.bytes);
	diag_init(&s->quiet);
	s->features = EYAS_FEATURE_CODED;
	r = salvage_scan(fd, &s->scan);
	s->source.size = s->scan.size;
	if (!r)
		r = make_report(s);
	if (!r && s->report.good)
		r = open_first(s);
	if (r == -EPROTONOSUPPORT) {
		diag_add(diag, DIAG_ERROR, "TRACE_VERSION", "%s", s->quiet.items.v[0].message)
			->file = name;
	} else if (r) {
		diag_add(diag, DIAG_ERROR, "TRACE_READ", "cannot read the trace: %s", strerror(-r))
			->file = name;
	} else if (!s->report.good) {
		diag_add(diag, DIAG_ERROR, "TRACE_NOTHING_LEFT",
			 "there is not one good block of an .eyas trace in this file")
			->file = name;
		r = -ENOENT;
	}
	if (r) {
		salvage_close(&s->source);
		return r;
	}
	*ret = &s->source;
	*ret_report = &s->report;
	return 0;
}
