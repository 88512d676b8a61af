/*
 * eyas merge: several traces as one, section by section.
 *
 * A section is a snapshot and the events up to the next: what the state is built from. Sections are
 * copied whole, in the order in which they begin, so that what was recorded on one host never meets
 * the state of another.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/progress.h"
#include "cli/select_option.h"
#include "trace/event_numbers.h"
#include "trace/eyas_snapshot.h"
#include "trace/provenance.h"
#include "trace/trace.h"

#define MAX_INPUTS 1024
#define MAX_BEFORE 4096 /* losses and notes in front of a section's first event */

static const struct option_row rows[] = {
	{ 'o', "output", "OUT", "the trace to write" },
	{ 'f', "force", NULL, "replace OUT if it exists" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas merge [OPTION]... -o OUT TRACE...",
	"Puts the parts of a rotated recording, or recordings of several hosts, together to one trace: section by\n"
	"section, in the order of time.",
	rows,
	NULL,
};

/* One of the traces, stopped at the first event of a section. */
struct merge_input {
	const char *path;
	struct source *src;
	struct record rec; /* that event, when there is one */
	bool has_event, has_snapshot, ended;
	bool numbered;          /* the event takes a number */
	int result;             /* of the last read */
	struct strbuf snapshot; /* of the section, as bytes; empty: it has none */
	struct arena texts;
	VEC(struct record) before; /* losses and notes in front of it */
	struct event_numbers numbers;
	uint64_t sections, events;
};

/* When a host was recorded so far. */
struct merge_host {
	char *name;
	uint64_t boot_ts, last_ts;
	const char *path; /* of the trace that was last */
};

struct merge {
	const char *to;
	bool force;
	struct diag *diag;
	struct merge_input *in;
	size_t n;
	VEC(struct merge_host) hosts;
	struct sink *sink;
	uint64_t num; /* events that took a number in the output */
	uint64_t records;
	struct progress progress;
};

static void keep_before(struct merge_input *in, const struct record *rec)
{
	struct record copy = *rec;

	if (rec->kind == RECORD_NOTE) {
		copy.note.text = arena_str(&in->texts, rec->note.text);
		copy.note.author = arena_str(&in->texts, rec->note.author);
	}
	vec_push(&in->before, copy);
}

/* Of two snapshots behind each other the later one holds. */
static void keep_snapshot(struct merge_input *in)
{
	strbuf_reset(&in->snapshot);
	eyas_snapshot_encode(in->rec.snapshot, &in->snapshot);
	in->has_snapshot = true;
}

/* Reads to the first event of the section in hand, or to the next section's snapshot. */
static void read_before(struct merge_input *in)
{
	while (!in->ended && !in->has_event && in->before.n < MAX_BEFORE) {
		in->result = source_next(in->src, &in->rec);
		if (in->result != 1) {
			in->ended = true;
			return;
		}
		in->numbered = event_numbers_read(&in->numbers, &in->rec);
		if (in->rec.kind == RECORD_EVENT)
			in->has_event = true;
		else if (in->rec.kind == RECORD_SNAPSHOT)
			keep_snapshot(in);
		else {
			keep_before(in, &in->rec);
		}
	}
}

static int put(struct merge *m, const struct record *rec)
{
	return m->sink->ops->put(m->sink, rec);
}

static struct merge_host *host_of(struct merge *m, const struct snapshot *s)
{
	struct strbuf name = STRBUF_INIT;
	struct merge_host *h = NULL;

	strbuf_addstr(&name, s->machine.hostname);
	for (size_t i = 0; i < m->hosts.n && !h; i++)
		if (strcmp(m->hosts.v[i].name, name.s) == 0 &&
		    m->hosts.v[i].boot_ts == s->machine.boot_ts)
			h = &m->hosts.v[i];
	if (!h) {
		h = vec_add(&m->hosts);
		h->boot_ts = s->machine.boot_ts;
		h->name = strbuf_detach(&name);
	}
	strbuf_release(&name);
	return h;
}

/* Two recordings of one host at the same time hold the same events. */
static int check_overlap(struct merge *m, const struct merge_host *h, const struct merge_input *in)
{
	struct strbuf text = STRBUF_INIT;

	/* Of a host without a name nobody knows whether it is the same. */
	if (!h->name[0] || !in->has_event || !h->path || h->path == in->path ||
	    in->rec.event.ts >= h->last_ts)
		return 0;
	strbuf_adds(&text, "it begins (");
	time_iso8601(&text, in->rec.event.ts, "Z");
	strbuf_adds(&text, ") before ");
	text_escape(&text, str_of(h->path));
	strbuf_adds(&text, " ends (");
	time_iso8601(&text, h->last_ts, "Z");
	strbuf_adds(&text, "), and both are of the host ");
	text_escape(&text, str_of(h->name));
	strbuf_adds(&text, ": events would be there twice");
	diag_add(m->diag, DIAG_ERROR, "MERGE_OVERLAP", "%s", text.s)->file = in->path;
	strbuf_release(&text);
	return -EEXIST;
}

/* The snapshot of the section in hand, with a machine, since that of another host must not stay. */
static int put_snapshot(struct merge *m, struct merge_input *in, struct merge_host **ret_host)
{
	struct snapshot s;
	int r = 0;

	snapshot_init(&s);
	if (in->snapshot.n && !eyas_snapshot_decode(strbuf_str(&in->snapshot), &s))
		r = -EINVAL;
	if (!s.machine.present) {
		s.machine.present = true;
		s.machine.n_cpus = UINT32_MAX;
	}
	*ret_host = host_of(m, &s);
	if (!r)
		r = check_overlap(m, *ret_host, in);
	if (!r)
		r = put(m, &(struct record){ .kind = RECORD_SNAPSHOT, .snapshot = &s });
	in->sections++;
	snapshot_free(&s);
	return r;
}

static int put_other(struct merge *m, struct merge_input *in, struct record *rec)
{
	if (rec->kind == RECORD_NOTE)
		event_numbers_note(&in->numbers, &rec->note);
	return put(m, rec);
}

/* Copies the section in hand: its snapshot, what was in front of its first event, and its events.
 */
static int copy_section(struct merge *m, struct merge_input *in)
{
	struct merge_host *host;
	int r = put_snapshot(m, in, &host);
	size_t at = (size_t)(host - m->hosts.v);

	for (size_t i = 0; !r && i < in->before.n; i++)
		r = put_other(m, in, &in->before.v[i]);
	in->before.n = 0;
	in->has_snapshot = false;
	strbuf_reset(&in->snapshot);
	arena_reset(&in->texts);
	while (!r) {
		if (in->has_event) {
			struct merge_host *h = &m->hosts.v[at];

			if (in->rec.event.ts > h->last_ts)
				h->last_ts = in->rec.event.ts;
			h->path = in->path;
			in->events++;
			in->has_event = false;
			r = put(m, &in->rec);
			if (in->numbered)
				event_numbers_copied(&in->numbers, ++m->num);
			progress_show(&m->progress, in->src, ++m->records);
		}
		if (r || in->ended)
			break;
		in->result = source_next(in->src, &in->rec);
		in->ended = in->result != 1;
		if (in->ended)
			break;
		in->numbered = event_numbers_read(&in->numbers, &in->rec);
		if (in->rec.kind == RECORD_SNAPSHOT) {
			keep_snapshot(in);
			break;
		}
		in->has_event = in->rec.kind == RECORD_EVENT;
		if (!in->has_event)
			r = put_other(m, in, &in->rec);
	}
	return r;
}

/* There is something left to copy, and when it begins. */
static bool has_section(const struct merge_input *in, uint64_t *ret_ts)
{
	*ret_ts = in->has_event ? in->rec.event.ts : 0;
	return in->has_event || in->has_snapshot || in->before.n;
}

static int copy_all(struct merge *m)
{
	int r = 0;

	progress_begin(&m->progress);
	while (!r) {
		struct merge_input *next = NULL;
		uint64_t least = 0, ts;

		for (size_t i = 0; i < m->n; i++) {
			struct merge_input *in = &m->in[i];

			read_before(in);
			if (has_section(in, &ts) && (!next || ts < least)) {
				next = in;
				least = ts;
			}
		}
		if (!next)
			break;
		r = copy_section(m, next);
	}
	progress_end(&m->progress);
	return r;
}

/* Where the parts come from; each keeps the provenance it had. */
static void make_provenance(const struct merge *m, struct strbuf *out)
{
	struct strbuf entry = STRBUF_INIT;
	struct json_writer w;

	json_init(&w, &entry);
	json_begin_object(&w);
	json_key(&w, "command");
	json_strz(&w, "merge");
	json_key(&w, "sources");
	json_begin_array(&w);
	for (size_t i = 0; i < m->n; i++) {
		const struct merge_input *in = &m->in[i];
		const char *slash = strrchr(in->path, '/');

		json_begin_object(&w);
		json_key(&w, "name");
		json_strz(&w, slash ? slash + 1 : in->path);
		json_key(&w, "format");
		json_strz(&w, in->src->format);
		if (in->src->provenance) {
			json_key(&w, "provenance");
			json_raw(&w, str_of(in->src->provenance));
		}
		json_end_object(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
	provenance_derive(NULL, strbuf_str(&entry), out);
	strbuf_release(&entry);
}

/* What was put together, on standard error: standard output may be the trace. */
static void report(const struct merge *m)
{
	struct strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < m->n; i++) {
		text_escape(&out, str_of(m->in[i].path));
		strbuf_addf(&out, ": %" PRIu64 " event%s in %" PRIu64 " section%s\n",
			    m->in[i].events, m->in[i].events == 1 ? "" : "s", m->in[i].sections,
			    m->in[i].sections == 1 ? "" : "s");
	}
	fputs(out.s, stderr);
	strbuf_release(&out);
}

/* An exit_status. */
static int merge(struct merge *m)
{
	struct trace_create_options opt = { .format = TRACE_EYAS, .overwrite = m->force };
	struct strbuf text = STRBUF_INIT;
	int r = 0, status = EXIT_DONE;

	for (size_t i = 0; i < m->n; i++) {
		struct merge_input *in = &m->in[i];

		r = trace_open(in->path, m->diag, &in->src);
		if (r)
			return exit_of_trace(r);
	}
	make_provenance(m, &text);
	opt.provenance = text.s;
	r = trace_create(m->to, &opt, m->diag, &m->sink);
	strbuf_release(&text);
	if (r)
		return r == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	r = copy_all(m);
	for (size_t i = 0; i < m->n && !r; i++)
		if (m->in[i].result == -EBADMSG)
			status = EXIT_DAMAGED;
		else if (m->in[i].result < 0)
			r = m->in[i].result;
	if (r)
		m->sink->ops->abort(m->sink);
	else
		r = m->sink->ops->finish(m->sink);
	if (r)
		return r == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	report(m);
	return status;
}

static int merge_paths(struct merge *m, char *const *paths, size_t n)
{
	struct diag diag;
	int status;

	diag_init(&diag);
	m->diag = &diag;
	m->n = n;
	m->in = xcalloc(n, sizeof(*m->in));
	for (size_t i = 0; i < n; i++) {
		m->in[i].path = paths[i];
		strbuf_init(&m->in[i].snapshot);
		arena_init(&m->in[i].texts);
		event_numbers_init(&m->in[i].numbers);
	}
	status = merge(m);
	for (size_t i = 0; i < n; i++) {
		source_close(m->in[i].src);
		strbuf_release(&m->in[i].snapshot);
		arena_destroy(&m->in[i].texts);
		vec_free(&m->in[i].before);
		event_numbers_free(&m->in[i].numbers);
	}
	for (size_t i = 0; i < m->hosts.n; i++)
		free(m->hosts.v[i].name);
	vec_free(&m->hosts);
	free(m->in);
	diag_print(&diag, stderr);
	diag_free(&diag);
	return status;
}

int cmd_merge(int argc, char **argv)
{
	struct merge m = { 0 };
	struct option_state st;
	int key, status;

	option_init(&st, &spec, argc, argv);
	while ((key = option_next(&st)) >= 0) {
		if (key == 'o')
			m.to = st.arg;
		else if (key == 'f')
			m.force = true;
	}
	if (key != OPTION_END) {
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	} else if (st.operands.n < 2 || !m.to) {
		status = option_usage_error(&st, "give two or more traces, and -o with a new name");
	} else if (st.operands.n > MAX_INPUTS) {
		status =
			option_usage_error(&st, "at most %d traces are merged at once", MAX_INPUTS);
	} else if (strcmp(m.to, "-") == 0 && isatty(STDOUT_FILENO)) {
		status = option_usage_error(&st,
					    "a trace is not written to a terminal; name a file");
	} else {
		confine_to_create(
			&(struct confine_rules){ .read = (const char *const *)st.operands.v,
						 .n_read = st.operands.n },
			m.to);
		status = merge_paths(&m, st.operands.v, st.operands.n);
	}
	option_free(&st);
	return status;
}
