/*
 * eyas recover: what is good of a damaged trace, as a whole one.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/progress.h"
#include "cli/select_option.h"
#include "cli/spool.h"
#include "trace/eyas_reader.h"
#include "trace/eyas_salvage.h"
#include "trace/provenance.h"
#include "trace/scap_reader.h"
#include "trace/trace.h"

/* So many gaps are told in the provenance; the report tells all. */
#define MAX_TOLD 1000

/* Of a pipe, or of gzip'd data unpacked, in a file meanwhile. */
#define SPOOL_MAX (UINT64_C(16) << 30)

enum { OPT_JSON = 256, OPT_SPOOL };

static const struct option_row rows[] = {
	{ 'o', "output", "OUT", "the trace to write" },
	{ 'f', "force", NULL, "replace OUT if it exists" },
	{ OPT_JSON, "json", NULL, "the report as one JSON object" },
	{ OPT_SPOOL, "spool", "MIB",
	  "at most so many MiB of a pipe or of gzip'd data are kept in a file meanwhile\n"
	  "(default: 16384)" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas recover [OPTION]... -o OUT TRACE",
	"Copies every good block of a damaged trace to a new one, and says exactly what is missing. Exit 3 when\n"
	"something is.",
	rows,
	NULL,
};

struct recover {
	const char *from, *to;
	bool force, json;
	struct diag diag;
	int spool; /* file for a pipe or gzip'd data, or -1 */
	uint64_t spool_max;
	bool cut; /* the gzip data is damaged */
	struct input *in;
	struct source *src;
	const struct salvage_report *report; /* NULL: not an .eyas trace */
	uint64_t events, snapshots, notes;   /* copied */
	uint64_t lost;                       /* by damage; unknown ones are in lost_unknown */
	uint64_t lost_unknown;               /* records */
	uint64_t places, bytes;              /* passed over in a .scap */
	bool damaged;
};

/* ---- opening */

/* Finds out what the file is and makes a source of it: 0 or an exit_status. */
static int open_damaged(struct recover *k)
{
	struct input *in;
	int r = input_open(k->from, &k->diag, &in);

	if (r)
		return exit_of_trace(r);
	input_need(in, 64);
	if (!eyas_reader_probe(str_mem(in->p, in->n)) && scap_reader_probe(str_mem(in->p, in->n))) {
		r = scap_reader_open(in, &k->diag, &k->src);
		if (!r)
			scap_reader_resync(k->src);
		return exit_of_trace(r);
	}
	if (eyas_magic_mangled(in->p, in->n))
		return exit_of_trace(trace_open_input(in, &k->diag, &k->src));
	k->in = in;
	r = k->spool < 0 ? 0 : spool_fill(k->spool, in, k->spool_max, &k->diag, &k->cut);
	if (r)
		return EXIT_FAILED;
	r = eyas_salvage_open(k->spool < 0 ? in->fd : k->spool, k->from, &k->diag, &k->src,
			      &k->report);
	return r == -ENOENT ? EXIT_DAMAGED : exit_of_trace(r);
}

/* ---- telling */

static void add_events(struct strbuf *out, const struct salvage_gap *g)
{
	if (g->events == UINT64_MAX)
		strbuf_addf(out, "events from %" PRIu64 " on, nobody knows how many", g->first_num);
	else if (g->events == 1)
		strbuf_addf(out, "event %" PRIu64, g->first_num);
	else if (g->events)
		strbuf_addf(out, "events %" PRIu64 " to %" PRIu64 " (%" PRIu64 ")", g->first_num,
			    g->first_num + g->events - 1, g->events);
	else
		strbuf_adds(out, "no events");
}

static void add_times(struct strbuf *out, const struct salvage_gap *g)
{
	if (!g->events || (!g->from_ts && !g->to_ts))
		return;
	strbuf_adds(out, g->exact_times ? ", of " : ", between ");
	if (g->from_ts)
		time_iso8601(out, g->from_ts, "Z");
	else
		strbuf_adds(out, "the beginning");
	strbuf_adds(out, g->exact_times ? " to " : " and ");
	if (g->to_ts)
		time_iso8601(out, g->to_ts, "Z");
	else
		strbuf_adds(out, "the end");
}

static void text_gap(const struct recover *k, const struct salvage_gap *g, struct strbuf *out)
{
	strbuf_adds(out, "  missing      ");
	if (k->report->traces > 1)
		strbuf_addf(out, "trace %zu, ", g->trace + 1);
	if (g->first_block == g->last_block)
		strbuf_addf(out, "block %" PRIu64, g->first_block);
	else if (g->last_block == UINT64_MAX)
		strbuf_addf(out, "blocks from %" PRIu64 " on", g->first_block);
	else
		strbuf_addf(out, "blocks %" PRIu64 " to %" PRIu64, g->first_block, g->last_block);
	if (g->kind)
		strbuf_addf(out, " (%s)", eyas_block_kind_name(g->kind));
	strbuf_addf(out, " at byte %" PRIu64 ": ", g->offset);
	add_events(out, g);
	add_times(out, g);
	if (g->maybe_snapshot && !g->events)
		strbuf_adds(out,
			    g->kind == EYAS_SNAPSHOT ? ", but a snapshot" : ", maybe a snapshot");
	strbuf_addc(out, '\n');
}

static void text_report(const struct recover *k, struct strbuf *out)
{
	const struct salvage_report *r = k->report;

	text_escape(out, str_of(k->from));
	strbuf_adds(out, k->damaged ? ": damaged\n" : ": nothing is missing\n");
	if (r) {
		strbuf_addf(out, "  blocks       %" PRIu64 " good", r->good);
		if (r->doubled)
			strbuf_addf(out, "; %" PRIu64 " more are there twice", r->doubled);
		if (r->moved)
			strbuf_addf(out, "; %" PRIu64 " were not in their place", r->moved);
		if (r->headless)
			strbuf_addf(out, "; the header block of %zu of %zu traces is missing",
				    r->headless, r->traces);
		if (r->unfinished)
			strbuf_adds(out, "; there is no footer: it was cut behind a block, or not "
					 "recorded to its end");
		strbuf_addc(out, '\n');
		for (size_t i = 0; i < r->gaps.n; i++)
			text_gap(k, &r->gaps.v[i], out);
	} else if (k->places) {
		strbuf_addf(out,
			    "  missing      %" PRIu64 " bytes at %" PRIu64
			    " places, nobody knows how many events\n",
			    k->bytes, k->places);
	}
	strbuf_addf(out,
		    "  copied       %" PRIu64 " events, %" PRIu64 " snapshots, %" PRIu64 " notes\n",
		    k->events, k->snapshots, k->notes);
	strbuf_addf(out, "  lost         %" PRIu64 " events%s\n", k->lost,
		    k->lost_unknown ? ", and some that nobody can count" : "");
}

static void json_count(struct json_writer *w, const char *key, uint64_t v)
{
	json_key(w, key);
	if (v == UINT64_MAX)
		json_nil(w);
	else
		json_u64(w, v);
}

static void json_gaps(const struct recover *k, struct json_writer *w, size_t max)
{
	const struct salvage_report *r = k->report;

	json_key(w, "missing");
	json_begin_array(w);
	for (size_t i = 0; i < r->gaps.n && i < max; i++) {
		const struct salvage_gap *g = &r->gaps.v[i];

		json_begin_object(w);
		json_count(w, "trace", g->trace);
		json_count(w, "first_block", g->first_block);
		json_count(w, "last_block", g->last_block);
		if (g->kind) {
			json_key(w, "kind");
			json_strz(w, eyas_block_kind_name(g->kind));
		}
		json_count(w, "offset", g->offset);
		json_count(w, "first_event", g->first_num);
		json_count(w, "events", g->events);
		json_count(w, "from_ts", g->from_ts);
		json_count(w, "to_ts", g->to_ts);
		json_key(w, "exact_times");
		json_bool(w, g->exact_times);
		json_key(w, "maybe_snapshot");
		json_bool(w, g->maybe_snapshot);
		json_end_object(w);
	}
	json_end_array(w);
}

static void json_blocks(const struct recover *k, struct json_writer *w, size_t max)
{
	const struct salvage_report *r = k->report;

	json_count(w, "good_blocks", r->good);
	json_count(w, "doubled_blocks", r->doubled);
	json_count(w, "moved_blocks", r->moved);
	json_count(w, "traces", r->traces);
	json_count(w, "headless", r->headless);
	json_count(w, "unfinished", r->unfinished);
	json_gaps(k, w, max);
}

static void json_report(const struct recover *k, struct strbuf *out)
{
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "trace");
	json_strz(&w, k->from);
	json_key(&w, "format");
	json_strz(&w, k->src->format);
	json_key(&w, "damaged");
	json_bool(&w, k->damaged);
	if (k->report) {
		json_blocks(k, &w, SIZE_MAX);
	} else {
		json_count(&w, "places", k->places);
		json_count(&w, "bytes", k->bytes);
	}
	json_count(&w, "events", k->events);
	json_count(&w, "snapshots", k->snapshots);
	json_count(&w, "notes", k->notes);
	json_count(&w, "lost", k->lost);
	json_key(&w, "lost_unknown");
	json_bool(&w, k->lost_unknown != 0);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}

/* What the new trace says of itself. */
static void make_provenance(const struct recover *k, struct strbuf *out)
{
	static const uint8_t none[16];
	struct strbuf entry = STRBUF_INIT, uuid = STRBUF_INIT;
	struct json_writer w;

	json_init(&w, &entry);
	json_begin_object(&w);
	json_key(&w, "command");
	json_strz(&w, "recover");
	json_key(&w, "format");
	json_strz(&w, k->src->format);
	if (k->report) {
		if (memcmp(k->report->uuid, none, sizeof(none)) != 0) {
			provenance_uuid(k->report->uuid, &uuid);
			json_key(&w, "uuid");
			json_str(&w, strbuf_str(&uuid));
		}
		json_blocks(k, &w, MAX_TOLD);
	}
	json_end_object(&w);
	provenance_derive(k->src->provenance, strbuf_str(&entry), out);
	strbuf_release(&entry);
	strbuf_release(&uuid);
}

/* ---- copying */

static void count(struct recover *k, const struct record *rec)
{
	switch (rec->kind) {
	case RECORD_EVENT:
		k->events++;
		break;
	case RECORD_SNAPSHOT:
		k->snapshots++;
		break;
	case RECORD_NOTE:
		k->notes++;
		break;
	case RECORD_LOSS:
		if (rec->loss.cause != LOSS_DAMAGE)
			break;
		if (rec->loss.count == UINT64_MAX)
			k->lost_unknown++;
		else
			k->lost += rec->loss.count;
		break;
	}
}

/* What a note says of events by the numbers they had, by those they have now. */
static void renumber_note(const struct recover *k, struct note *n)
{
	uint64_t gone = 0;

	if (!k->report || !n->first_num)
		return;
	for (size_t i = 0; i < k->report->gaps.n; i++) {
		const struct salvage_gap *g = &k->report->gaps.v[i];

		if (!g->events || g->first_num > n->last_num)
			continue;
		/* Among them, or behind an unknown number of them: nobody knows which it means. */
		if (g->events == UINT64_MAX || g->trace ||
		    g->first_num + g->events > n->first_num) {
			n->first_num = n->last_num = 0;
			return;
		}
		gone += g->events;
	}
	n->first_num -= gone;
	n->last_num -= gone;
}

/* All records; the reader's result, or *ret_write the writer's. */
static int copy(struct recover *k, struct sink *sink, int *ret_write)
{
	struct progress p;
	struct record rec;
	uint64_t n = 0;
	int r, w = 0;

	progress_begin(&p);
	while (!w && (r = source_next(k->src, &rec)) == 1) {
		count(k, &rec);
		if (rec.kind == RECORD_NOTE)
			renumber_note(k, &rec.note);
		w = sink->ops->put(sink, &rec);
		progress_show(&p, k->src, ++n);
	}
	progress_end(&p);
	*ret_write = w;
	return w ? 0 : r;
}

static int print(const struct recover *k, const struct strbuf *out)
{
	FILE *f = strcmp(k->to, "-") == 0 ? stderr : stdout;

	if (fwrite(out->s, 1, out->n, f) == out->n && fflush(f) == 0)
		return EXIT_DONE;
	perror("eyas recover: cannot write");
	return EXIT_FAILED;
}

static int copy_to(struct recover *k)
{
	struct trace_create_options opt = { .overwrite = k->force };
	struct strbuf text = STRBUF_INIT;
	struct sink *sink;
	int r, w, status;

	make_provenance(k, &text);
	opt.provenance = text.s;
	w = trace_create(k->to, &opt, &k->diag, &sink);
	strbuf_reset(&text);
	if (w) {
		strbuf_release(&text);
		return w == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	}
	r = copy(k, sink, &w);
	if (!k->report)
		scap_reader_resynced(k->src, &k->places, &k->bytes);
	/* What could be read of it is what there is to be had. */
	if (w || (r && r != -EBADMSG))
		sink->ops->abort(sink);
	else
		w = sink->ops->finish(sink);
	k->damaged = r == -EBADMSG || k->cut ||
		     (k->report && (k->report->gaps.n || k->report->doubled || k->report->moved ||
				    k->report->bad_bytes));
	status = w ? EXIT_FAILED : exit_of_trace(r);
	if (status == EXIT_DONE && k->damaged)
		status = EXIT_DAMAGED;
	if (status == EXIT_DONE || status == EXIT_DAMAGED) {
		if (k->json)
			json_report(k, &text);
		else
			text_report(k, &text);
		if (print(k, &text) != EXIT_DONE)
			status = EXIT_FAILED;
	}
	strbuf_release(&text);
	return status;
}

static int recover(struct recover *k)
{
	int status = open_damaged(k);

	if (status == EXIT_DONE)
		status = copy_to(k);
	source_close(k->src);
	input_close(k->in);
	return status;
}

/* Opens what can only be opened before it gives everything up. */
static int run(struct recover *k)
{
	const char *readable[] = { k->from };
	bool needed = spool_is_needed(k->from);
	int status = EXIT_FAILED;

	diag_init(&k->diag);
	if (needed)
		k->spool = spool_open(k->to, &k->diag);
	if (!needed || k->spool >= 0) {
		confine_to_create(&(struct confine_rules){ readable, 1 }, k->to);
		status = recover(k);
	}
	if (k->spool >= 0)
		close(k->spool);
	diag_print(&k->diag, stderr);
	diag_free(&k->diag);
	return status;
}

static int take_option(struct recover *k, const struct option_state *st, int key)
{
	unsigned long long mib;

	switch (key) {
	case 'o':
		k->to = st->arg;
		break;
	case 'f':
		k->force = true;
		break;
	case OPT_JSON:
		k->json = true;
		break;
	case OPT_SPOOL:
		if (!str_to_u64(str_of(st->arg), &mib) || !mib || mib > UINT64_MAX >> 20)
			return option_usage_error(st, "'%s' is not a number of MiB", st->arg);
		k->spool_max = (uint64_t)mib << 20;
	}
	return 0;
}

int cmd_recover(int argc, char **argv)
{
	struct recover k = { .spool = -1, .spool_max = SPOOL_MAX };
	struct option_state st;
	int key, status = 0;

	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take_option(&k, &st, key);
	status = option_outcome(key, status);
	if (!status && (st.operands.n != 1 || !k.to))
		status = option_usage_error(&st, "give the damaged trace, and -o with a new name");
	else if (!status && strcmp(k.to, "-") == 0 && isatty(STDOUT_FILENO))
		status = option_usage_error(&st,
					    "a trace is not written to a terminal; name a file");
	if (!status) {
		k.from = st.operands.v[0];
		status = run(&k);
	}
	option_free(&st);
	return status < 0 ? EXIT_DONE : status;
}
