#include "trace/script_writer.h"

#include <errno.h>
#include <inttypes.h>

#include "base/text.h"
#include "trace/script_event.h"
#include "trace/script_snapshot.h"

#define FLUSH_AT (64u << 10)

struct script_writer {
	struct sink sink;
	struct byte_sink out;
	struct strbuf text;
	uint64_t ts;
	int error;
};

static struct script_writer *writer_of(struct sink *k)
{
	return (struct script_writer *)k;
}

static int flush(struct script_writer *w)
{
	if (!w->error && w->text.n)
		w->error = w->out.write(w->out.arg, w->text.s, w->text.n);
	strbuf_reset(&w->text);
	return w->error;
}

static void loss_print(const struct loss *l, struct strbuf *out)
{
	strbuf_adds(out, "loss count=");
	if (l->count == UINT64_MAX)
		strbuf_adds(out, "unknown");
	else
		strbuf_addu(out, l->count);
	if (l->from_ts) {
		strbuf_adds(out, " from=");
		script_print_time(out, l->from_ts);
	}
	if (l->to_ts) {
		strbuf_adds(out, " to=");
		script_print_time(out, l->to_ts);
	}
	if (l->cpu != UINT16_MAX)
		strbuf_addf(out, " cpu=%u", l->cpu);
	if (l->cause >= LOSS_N)
		strbuf_addf(out, " cause=%u", l->cause);
	else if (l->cause)
		strbuf_addf(out, " cause=%s", script_causes[l->cause]);
	strbuf_addc(out, '\n');
}

static void note_print(const struct note *n, struct strbuf *out)
{
	strbuf_adds(out, "note");
	if (n->ts) {
		strbuf_adds(out, " time=");
		script_print_time(out, n->ts);
	}
	if (n->author.n) {
		strbuf_adds(out, " author=");
		script_quote(out, n->author);
	}
	if (n->first_num || n->last_num)
		strbuf_addf(out, " first=%" PRIu64 " last=%" PRIu64, n->first_num, n->last_num);
	if (n->from_ts || n->to_ts) {
		strbuf_adds(out, " from=");
		script_print_time(out, n->from_ts);
		strbuf_adds(out, " to=");
		script_print_time(out, n->to_ts);
	}
	strbuf_adds(out, " text=");
	script_quote(out, n->text);
	strbuf_addc(out, '\n');
}

static int writer_put(struct sink *k, const struct record *r)
{
	struct script_writer *w = writer_of(k);

	switch (r->kind) {
	case RECORD_SNAPSHOT:
		strbuf_adds(&w->text, "snapshot\n");
		script_snapshot_print(r->snapshot, &w->text);
		break;
	case RECORD_EVENT:
		script_event_print(&r->event, w->ts, &w->text);
		w->ts = r->event.ts;
		break;
	case RECORD_LOSS:
		loss_print(&r->loss, &w->text);
		break;
	case RECORD_NOTE:
		note_print(&r->note, &w->text);
		break;
	}
	return w->text.n >= FLUSH_AT ? flush(w) : w->error;
}

static void writer_free(struct script_writer *w)
{
	strbuf_release(&w->text);
	free(w);
}

static int writer_finish(struct sink *k)
{
	struct script_writer *w = writer_of(k);
	int r = flush(w);

	if (r)
		byte_sink_abort(&w->out);
	else
		r = byte_sink_finish(&w->out);
	writer_free(w);
	return r;
}

static void writer_abort(struct sink *k)
{
	byte_sink_abort(&writer_of(k)->out);
	writer_free(writer_of(k));
}

static const struct sink_ops writer_ops = {
	.put = writer_put,
	.finish = writer_finish,
	.abort = writer_abort,
};

struct sink *script_writer_new(const struct byte_sink *out, const char *provenance,
			       struct diag *diag)
{
	struct script_writer *w = xcalloc(1, sizeof(*w));

	w->sink.ops = &writer_ops;
	w->sink.diag = diag;
	w->out = *out;
	strbuf_init(&w->text);
	strbuf_adds(&w->text, "eyas-script 1\n");
	if (provenance) {
		struct str p = str_of(provenance);
		bool plain = p.n && p.p[0] == '{' && p.p[p.n - 1] == '}' && utf8_valid(p);

		for (size_t i = 0; i < p.n; i++)
			plain = plain && (unsigned char)p.p[i] >= 0x20;
		strbuf_adds(&w->text, "provenance ");
		if (plain)
			strbuf_addstr(&w->text, p);
		else
			script_quote(&w->text, p);
		strbuf_addc(&w->text, '\n');
	}
	return &w->sink;
}

struct sink *script_writer_create(struct outfile *out, const struct trace_create_options *opt,
				  struct diag *diag)
{
	struct byte_sink b = byte_sink_of_outfile(out);

	return script_writer_new(&b, opt->provenance, diag);
}
