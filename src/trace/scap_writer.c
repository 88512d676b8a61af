/* A sink that makes a .scap capture: see scap_writer.h. */
#include "trace/scap_writer.h"

#include <errno.h>
#include <inttypes.h>

#include "trace/scap_meta.h"

#define DEFAULT_LEVEL 6

struct scap_writer {
	struct sink sink;
	struct outfile *out;
	struct strbuf block; /* the block being made */
	bool began;          /* a section header was written */
	bool provenance;
	uint64_t losses, notes;   /* records that were left out */
	uint64_t mounts, cgroups; /* rows of snapshots that were */
	bool namespaces;          /* some thread's mount namespace was */
	uint64_t cut_strings;     /* texts of the snapshot that were longer than a length can say */
	uint64_t cut_params;      /* the same of events */
	uint64_t long_events;     /* longer than other readers accept */
};

/* Begins a block; the caller appends its body and calls end_block(). */
static void begin_block(struct scap_writer *w, uint32_t type)
{
	strbuf_reset(&w->block);
	put_le32((uint8_t *)strbuf_reserve(&w->block, SCAP_BLOCK_HEAD), type);
	w->block.n = SCAP_BLOCK_HEAD;
}

/* Padding, both lengths, and out. A block of 4 GiB cannot be said. */
static int end_block(struct scap_writer *w)
{
	struct strbuf *b = &w->block;
	size_t total = ((b->n + 3) & ~(size_t)3) + 4;

	if (total > UINT32_MAX) {
		diag_add(w->sink.diag, DIAG_ERROR, "TRACE_SCAP_LIMIT",
			 "a block of 4 GiB or more cannot be written to .scap; write .eyas");
		return -EFBIG;
	}
	while (b->n + 4 < total)
		strbuf_addc(b, 0);
	put_le32((uint8_t *)b->s + 4, (uint32_t)total);
	put_le32((uint8_t *)strbuf_reserve(b, 4), (uint32_t)total);
	b->n += 4;
	return outfile_write(w->out, b->s, b->n);
}

static int put_section(struct scap_writer *w)
{
	uint8_t body[SCAP_SHB_LEN - SCAP_BLOCK_MIN];

	put_le32(body, SCAP_MAGIC);
	put_le16(body + 4, SCAP_MAJOR);
	put_le16(body + 6, SCAP_MINOR);
	put_le64(body + 8, UINT64_MAX); /* length of the section: unknown */
	w->began = true;
	begin_block(w, SCAP_SHB);
	strbuf_add(&w->block, body, sizeof(body));
	return end_block(w);
}

/* One list for each run of threads that have the same fields. */
static int put_threads(struct scap_writer *w, const struct snapshot *s)
{
	int r = 0;

	for (size_t i = 0; i < s->threads.n && !r;) {
		unsigned version = scap_thread_version(s->threads.v[i].has);

		begin_block(w, scap_thread_block(version));
		for (; i < s->threads.n && scap_thread_version(s->threads.v[i].has) == version; i++)
			w->cut_strings += scap_put_thread(&w->block, &s->threads.v[i], version);
		r = end_block(w);
	}
	return r;
}

/* The list of one thread: its descriptors from *pos on. */
static int put_fd_list(struct scap_writer *w, const struct snapshot *s, uint64_t tid, size_t *pos)
{
	begin_block(w, SCAP_FDL_V2);
	put_le64((uint8_t *)strbuf_reserve(&w->block, 8), tid);
	w->block.n += 8;
	for (; *pos < s->fds.n && s->fds.v[*pos].tid == tid; ++*pos)
		w->cut_strings += scap_put_fd(&w->block, &s->fds.v[*pos]);
	return end_block(w);
}

static int put_fds(struct scap_writer *w, const struct snapshot *s)
{
	size_t pos = 0;
	int r = 0;

	for (size_t i = 0; i < s->fd_tids.n && !r; i++)
		r = put_fd_list(w, s, s->fd_tids.v[i], &pos);
	/* Of threads that the list of lists does not name in this order. */
	while (pos < s->fds.n && !r)
		r = put_fd_list(w, s, s->fds.v[pos].tid, &pos);
	return r;
}

static int put_snapshot(struct scap_writer *w, const struct snapshot *s)
{
	int r = put_section(w);

	if (!r && s->machine.present) {
		begin_block(w, SCAP_MI);
		scap_put_machine(&w->block, &s->machine);
		if (s->machine.hostname.n > SCAP_HOSTNAME_LEN)
			w->cut_strings++;
		r = end_block(w);
	}
	if (!r && s->ifaces.n) {
		begin_block(w, SCAP_IL_V2);
		for (size_t i = 0; i < s->ifaces.n; i++)
			w->cut_strings += scap_put_iface(&w->block, &s->ifaces.v[i]);
		r = end_block(w);
	}
	if (!r && s->users.n + s->groups.n) {
		begin_block(w, SCAP_UL_V2);
		for (size_t i = 0; i < s->users.n; i++)
			w->cut_strings += scap_put_user(&w->block, &s->users.v[i]);
		for (size_t i = 0; i < s->groups.n; i++)
			w->cut_strings += scap_put_group(&w->block, &s->groups.v[i]);
		r = end_block(w);
	}
	if (!r)
		r = put_threads(w, s);
	w->mounts += s->mounts.n;
	w->cgroups += s->cgroups.n;
	for (size_t i = 0; i < s->threads.n && !w->namespaces; i++)
		w->namespaces = s->threads.v[i].mnt_ns;
	return r ? r : put_fds(w, s);
}

static int put_event(struct scap_writer *w, const struct event *ev)
{
	const struct event_info *info = event_info(ev->type);
	bool large = info ? (info->flags & EF_LARGE_PAYLOAD) : (ev->delivery & SCAP_EVF_LARGE);
	uint32_t flags = ev->delivery & ~SCAP_EVF_LARGE;
	size_t width = large ? 4 : 2, cap = large ? UINT32_MAX : UINT16_MAX;
	size_t head = SCAP_EV_HEAD_V2 + width * ev->n_params, len = head;
	uint8_t *p;

	for (uint32_t i = 0; i < ev->n_params; i++)
		len += ev->params[i].n < cap ? ev->params[i].n : cap;
	if (len > UINT32_MAX) {
		diag_add(w->sink.diag, DIAG_ERROR, "TRACE_SCAP_LIMIT",
			 "an event of 4 GiB or more cannot be written to .scap; write .eyas");
		return -EFBIG;
	}
	if (len > SCAP_FOREIGN_MAX_EVENT && !large)
		w->long_events++;
	if (large)
		begin_block(w, flags ? SCAP_EVF_V2_LARGE : SCAP_EV_V2_LARGE);
	else
		begin_block(w, flags ? SCAP_EVF_V2 : SCAP_EV_V2);
	p = (uint8_t *)strbuf_reserve(&w->block, 6 + len);
	put_le16(p, ev->cpu);
	p += 2;
	if (flags) {
		put_le32(p, flags);
		p += 4;
	}
	put_le64(p, ev->ts);
	put_le64(p + 8, (uint64_t)ev->tid);
	put_le32(p + 16, (uint32_t)len);
	put_le16(p + 20, ev->type);
	put_le32(p + 22, ev->n_params);
	p += SCAP_EV_HEAD_V2;
	for (uint32_t i = 0; i < ev->n_params; i++, p += width) {
		uint32_t n = ev->params[i].n;

		if (large) {
			put_le32(p, n);
		} else {
			w->cut_params += n > cap;
			put_le16(p, n < cap ? (uint16_t)n : UINT16_MAX);
		}
	}
	for (uint32_t i = 0; i < ev->n_params; i++) {
		size_t n = ev->params[i].n < cap ? ev->params[i].n : cap;

		if (n)
			memcpy(p, ev->params[i].p, n);
		p += n;
	}
	w->block.n = (size_t)(p - (uint8_t *)w->block.s);
	return end_block(w);
}

static int writer_put(struct sink *k, const struct record *rec)
{
	struct scap_writer *w = (struct scap_writer *)k;
	int r;

	switch (rec->kind) {
	case RECORD_SNAPSHOT:
		return put_snapshot(w, rec->snapshot);
	case RECORD_EVENT:
		r = w->began ? 0 : put_section(w);
		return r ? r : put_event(w, &rec->event);
	case RECORD_LOSS:
		w->losses++;
		break;
	case RECORD_NOTE:
		w->notes++;
		break;
	}
	return 0;
}

/* One note for each kind of thing that .scap has no place for. */
static void tell_left_out(const struct scap_writer *w)
{
	static const char code[] = "TRACE_SCAP_LEFT_OUT";
	struct diag *d = w->sink.diag;

	if (w->losses)
		diag_add(d, DIAG_NOTE, code,
			 "loss records left out, for which .scap has no place: %" PRIu64,
			 w->losses);
	if (w->notes)
		diag_add(d, DIAG_NOTE, code,
			 "notes left out, for which .scap has no place: %" PRIu64, w->notes);
	if (w->mounts || w->namespaces)
		diag_add(
			d, DIAG_NOTE, code,
			"mounts, and which mount namespace a thread is in, left out, for which .scap "
			"has no place: %" PRIu64,
			w->mounts);
	if (w->cgroups)
		diag_add(d, DIAG_NOTE, code,
			 "control groups left out, for which .scap has no place: %" PRIu64,
			 w->cgroups);
	if (w->provenance)
		diag_add(d, DIAG_NOTE, code, "provenance left out, for which .scap has no place");
	if (w->cut_strings)
		diag_add(d, DIAG_WARNING, code,
			 "texts of the snapshot cut to the 65,535 bytes that .scap can "
			 "hold: %" PRIu64,
			 w->cut_strings);
	if (w->cut_params)
		diag_add(d, DIAG_WARNING, code,
			 "parameters of events cut to the 65,535 bytes that .scap can "
			 "hold: %" PRIu64,
			 w->cut_params);
	if (w->long_events)
		diag_add(d, DIAG_WARNING, code,
			 "events longer than 64 KiB, which eyas reads and other readers "
			 "of .scap do not: %" PRIu64,
			 w->long_events);
}

static int writer_finish(struct sink *k)
{
	struct scap_writer *w = (struct scap_writer *)k;
	int r = w->began ? 0 : put_section(w);

	if (r)
		outfile_abort(w->out);
	else
		r = outfile_finish(w->out);
	if (!r)
		tell_left_out(w);
	strbuf_release(&w->block);
	free(w);
	return r;
}

static void writer_abort(struct sink *k)
{
	struct scap_writer *w = (struct scap_writer *)k;

	outfile_abort(w->out);
	strbuf_release(&w->block);
	free(w);
}

static const struct sink_ops writer_ops = { writer_put, writer_finish, writer_abort };

struct sink *scap_writer_new(struct outfile *out, const struct trace_create_options *opt,
			     struct diag *diag)
{
	struct scap_writer *w = xcalloc(1, sizeof(*w));

	w->sink = (struct sink){ .ops = &writer_ops, .diag = diag };
	w->out = out;
	w->provenance = opt->provenance != NULL;
	strbuf_init(&w->block);
	if (opt->compression >= 0)
		outfile_gzip(out, opt->compression ? opt->compression : DEFAULT_LEVEL);
	return &w->sink;
}
