/*
 * eyas slice: a part of a trace that replays by itself.
 *
 * What the state needs of the events that are left out comes along, marked as for the state only:
 * replay takes them in and shows them to nobody. So the state at each event is what it was.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "base/timefmt.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/minimize.h"
#include "cli/progress.h"
#include "cli/select_option.h"
#include "cli/slice_select.h"
#include "trace/provenance.h"
#include "trace/trace.h"

#define CONTEXT_NS UINT64_C(5000000000)

enum { OPT_PID = 256, OPT_ALERT, OPT_CONTEXT, OPT_MINIMIZE };

static const struct option_row rows[] = {
	{ 'o', "output", "OUT", "the trace to write" },
	{ 'f', "force", NULL, "replace OUT if it exists" },
	SELECT_OPTION_ROWS,
	{ OPT_PID, "pid", "PID", "only this process and what it started (repeatable)" },
	{ OPT_ALERT, "alert", "N", "what is around the Nth alert that the rules raise" },
	{ OPT_CONTEXT, "context", "SPAN", "so much before and behind the alert (default: 5s)" },
	{ OPT_MINIMIZE, "minimize", "RULE",
	  "as little as there need be for RULE still to raise an alert" },
	{ 'r', "rules", "PATH",
	  "rules for --alert and --minimize: a file or a directory (repeatable)" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas slice [OPTION]... -o OUT TRACE",
	"Copies a part of a trace to a new one that replays by itself: by time, by number, a process with its\n"
	"tree, or an alert with what was around it.",
	rows,
	NULL,
};

struct slice {
	struct slice_plan plan;
	const char *to, *minimize;
	bool force, has_context;
	struct diag diag;
	struct sink *sink;
	struct slice_prune *prune; /* or NULL: all processes before the cut are kept */
	struct slice_select select;
	uint64_t num; /* events that took a number in the copy */
	uint64_t taken, for_state, read;
};

static int put(struct slice *k, const struct record *rec)
{
	return k->sink->ops->put(k->sink, rec);
}

static int put_record(struct slice *k, struct record *rec)
{
	enum slice_use use = slice_select_next(&k->select, rec);

	if (use == SLICE_LEAVE)
		return 0;
	if (rec->kind == RECORD_EVENT) {
		k->taken += use == SLICE_TAKE;
		k->for_state += use == SLICE_STATE;
		if (k->select.numbered)
			event_numbers_copied(&k->select.numbers, ++k->num);
	}
	return put(k, rec);
}

/* Notes stand behind what they are about: those on events that were not taken are left out. */
static int put_note(struct slice *k, struct record *rec)
{
	bool placed = rec->note.first_num != 0;

	event_numbers_note(&k->select.numbers, &rec->note);
	return placed && !rec->note.first_num ? 0 : put(k, rec);
}

/* All that is to be copied; the reader's result, or *ret_write the writer's. */
static int copy(struct slice *k, struct source *src, int *ret_write)
{
	struct progress progress;
	struct record rec;
	int r = 0, w = 0;

	progress_begin(&progress);
	while (!w && (r = source_next(src, &rec)) == 1) {
		progress_show(&progress, src, ++k->read);
		switch (rec.kind) {
		case RECORD_EVENT:
		case RECORD_SNAPSHOT:
			w = put_record(k, &rec);
			break;
		case RECORD_NOTE:
			w = put_note(k, &rec);
			break;
		case RECORD_LOSS:
			if (!k->select.ended)
				w = put(k, &rec);
			break;
		}
	}
	progress_end(&progress);
	*ret_write = w;
	return w ? 0 : r;
}

static void json_number(struct json_writer *w, const char *key, uint64_t v)
{
	if (!v)
		return;
	json_key(w, key);
	json_u64(w, v);
}

/* That it is a slice, and of what. */
static void make_provenance(const struct slice *k, const struct source *src, struct strbuf *out)
{
	const struct slice_plan *p = &k->plan;
	const char *slash = strrchr(p->path, '/');
	struct strbuf entry = STRBUF_INIT;
	struct json_writer w;

	json_init(&w, &entry);
	json_begin_object(&w);
	json_key(&w, "command");
	json_strz(&w, "slice");
	json_key(&w, "of");
	json_strz(&w, slash ? slash + 1 : p->path);
	json_key(&w, "format");
	json_strz(&w, src->format);
	json_optional_time(&w, "since", p->select.since);
	json_optional_time(&w, "until", p->select.until);
	json_number(&w, "first_event", p->select.first_num);
	json_number(&w, "last_event", p->select.last_num);
	if (p->pids.n) {
		json_key(&w, "pids");
		json_begin_array(&w);
		for (size_t i = 0; i < p->pids.n; i++)
			json_i64(&w, p->pids.v[i]);
		json_end_array(&w);
	}
	if (p->alert) {
		json_key(&w, "alert");
		json_begin_object(&w);
		json_number(&w, "number", p->alert);
		json_key(&w, "rule");
		json_strz(&w, p->alert_rule);
		json_number(&w, "event", p->alert_num);
		json_optional_time(&w, "time", p->alert_ts);
		json_end_object(&w);
	}
	if (k->minimize) {
		json_key(&w, "minimize");
		json_strz(&w, k->minimize);
	}
	json_end_object(&w);
	if (k->minimize)
		provenance_derive_short(src->provenance, strbuf_str(&entry), out);
	else
		provenance_derive(src->provenance, strbuf_str(&entry), out);
	strbuf_release(&entry);
}

/* Only these formats have a place for that it is a slice. */
static struct trace_create_options create_options(const struct slice *k)
{
	return (struct trace_create_options){
		.format = str_ends(str_of(k->to), STR(".eyt")) ? TRACE_SCRIPT : TRACE_EYAS,
		.overwrite = k->force,
	};
}

/* Processes that were gone at the cut are left out, if that makes no difference there. */
static void prune(struct slice *k)
{
	const struct replay_select *s = &k->plan.select;
	struct stat st;

	if ((!s->since && s->first_num < 2) || k->plan.pids.n || stat(k->plan.path, &st) < 0 ||
	    !S_ISREG(st.st_mode))
		return;
	if (slice_prune_make(&k->plan, &k->prune) == 0 && !slice_prune_holds(k->prune)) {
		slice_prune_free(k->prune);
		k->prune = NULL;
	}
}

/* An exit_status. */
static int write_slice(struct slice *k)
{
	struct trace_create_options opt = create_options(k);
	struct strbuf provenance = STRBUF_INIT;
	struct source *src;
	int r, w;

	r = trace_open(k->plan.path, &k->diag, &src);
	if (r)
		return exit_of_trace(r);
	make_provenance(k, src, &provenance);
	opt.provenance = provenance.s;
	w = trace_create(k->to, &opt, &k->diag, &k->sink);
	strbuf_release(&provenance);
	if (w) {
		source_close(src);
		return w == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	}
	slice_select_init(&k->select, &k->plan, k->prune);
	r = copy(k, src, &w);
	if (w || (r && r != -EBADMSG))
		k->sink->ops->abort(k->sink);
	else
		w = k->sink->ops->finish(k->sink);
	slice_select_free(&k->select);
	source_close(src);
	if (w)
		return EXIT_FAILED;
	fprintf(stderr, "%" PRIu64 " events, and %" PRIu64 " more for the state only\n", k->taken,
		k->for_state);
	if (k->plan.alert)
		fprintf(stderr, "alert %" PRIu64 " is of the rule \"%s\"\n", k->plan.alert,
			k->plan.alert_rule);
	return exit_of_trace(r);
}

/* The smallest part in which a rule still raises an alert; an exit_status. */
static int write_minimal(struct slice *k)
{
	struct trace_create_options opt = create_options(k);
	struct strbuf provenance = STRBUF_INIT;
	struct corpus corpus = { 0 };
	const struct rule *rule = NULL;
	uint64_t from, to;
	struct source *src;
	int r, status = corpus_load(&corpus, "eyas slice", &k->plan.rules, k->plan.rules.rules.v,
				    k->plan.rules.rules.n);

	if (!status) {
		rule = corpus_rule(&corpus, k->minimize);
		status = rule ? EXIT_DONE : EXIT_USAGE;
	}
	if (!status)
		status = exit_of_trace(trace_open(k->plan.path, &k->diag, &src));
	if (status) {
		corpus_free(&corpus);
		return status;
	}
	make_provenance(k, src, &provenance);
	opt.provenance = provenance.s;
	r = trace_create(k->to, &opt, &k->diag, &k->sink);
	strbuf_release(&provenance);
	if (r) {
		source_close(src);
		corpus_free(&corpus);
		return r == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	}
	r = minimize(&corpus, rule, src, k->sink, &from, &to);
	if (r && r != -EBADMSG)
		k->sink->ops->abort(k->sink);
	else if (k->sink->ops->finish(k->sink))
		r = -EIO;
	source_close(src);
	corpus_free(&corpus);
	if (r == -ENOENT)
		diag_add(&k->diag, DIAG_ERROR, "SLICE_NO_ALERT",
			 "the rule \"%s\" raises no alert on this trace", k->minimize)
			->file = k->plan.path;
	else if (r == -E2BIG)
		diag_add(
			&k->diag, DIAG_ERROR, "SLICE_TOO_LARGE",
			"more than %d events and rows of snapshots: cut out what is around the alert "
			"first (--alert)",
			MINIMIZE_MAX)
			->file = k->plan.path;
	else if (!r || r == -EBADMSG)
		fprintf(stderr, "%" PRIu64 " of %" PRIu64 " events are left\n", to, from);
	return r == -ENOENT || r == -E2BIG ? EXIT_USAGE : exit_of_trace(r);
}

static int take_option(struct slice *k, const struct option_state *st, int key)
{
	unsigned long long n;
	int64_t pid = 0;
	int status;

	switch (key) {
	case 'o':
		k->to = st->arg;
		return 0;
	case 'f':
		k->force = true;
		return 0;
	case 'r':
		vec_push(&k->plan.rules.rules, st->arg);
		return 0;
	case OPT_PID:
		status = option_pid(st, &pid);
		vec_push(&k->plan.pids, pid);
		return status;
	case OPT_ALERT:
		if (!str_to_u64(str_of(st->arg), &n) || !n)
			return option_usage_error(st, "alerts are numbered from 1, not '%s'",
						  st->arg);
		k->plan.alert = n;
		return 0;
	case OPT_MINIMIZE:
		k->minimize = st->arg;
		return 0;
	case OPT_CONTEXT:
		k->has_context = true;
		if (!duration_parse(str_of(st->arg), &k->plan.context))
			return option_usage_error(st, "'%s' is not a span such as 5s or 200ms",
						  st->arg);
		return 0;
	}
	return option_select(st, key, &k->plan.select);
}

static bool selects(const struct replay_select *s)
{
	return s->since || s->until || s->first_num || s->last_num;
}

/* 0, EXIT_USAGE, or -1 to end quietly. */
static int parse(struct slice *k, struct option_state *st)
{
	const struct slice_plan *p = &k->plan;
	struct stat s;
	int key, status = 0;

	while (!status && (key = option_next(st)) >= 0)
		status = take_option(k, st, key);
	status = option_outcome(key, status);
	if (status)
		return status;
	if (st->operands.n != 1 || !k->to)
		return option_usage_error(st, "give a trace, and -o with a new name");
	if (k->minimize && (selects(&p->select) || p->pids.n || p->alert))
		return option_usage_error(st, "--minimize is for all of a trace: cut it out first");
	if (!k->minimize && !selects(&p->select) && !p->pids.n && !p->alert)
		return option_usage_error(st, "say what to take: a time, events, --pid or --alert");
	if (p->alert && selects(&p->select))
		return option_usage_error(st,
					  "--alert is a selection of its own; --context widens it");
	if ((p->alert || k->minimize) != (p->rules.rules.n > 0))
		return option_usage_error(st,
					  "--rules is for --alert or --minimize, which need it");
	if (k->has_context && !p->alert)
		return option_usage_error(st, "--context is for --alert");
	if (strcmp(k->to, "-") == 0 && isatty(STDOUT_FILENO))
		return option_usage_error(st, "a trace is not written to a terminal; name a file");
	k->plan.path = st->operands.v[0];
	if ((p->pids.n || p->alert) &&
	    (strcmp(p->path, "-") == 0 || (stat(p->path, &s) == 0 && !S_ISREG(s.st_mode))))
		return option_usage_error(st,
					  "--pid and --alert read the trace twice: give a file");
	return 0;
}

int cmd_slice(int argc, char **argv)
{
	struct slice k = { .plan = { .context = CONTEXT_NS } };
	VEC(const char *) readable = { 0 };
	struct option_state st;
	int status;

	option_init(&st, &spec, argc, argv);
	status = parse(&k, &st);
	if (!status) {
		vec_push(&readable, k.plan.path);
		for (size_t i = 0; i < k.plan.rules.rules.n; i++)
			vec_push(&readable, k.plan.rules.rules.v[i]);
		confine_to_create(&(struct confine_rules){ readable.v, readable.n }, k.to);
		diag_init(&k.diag);
		if (k.minimize) {
			status = write_minimal(&k);
		} else {
			status = slice_plan_make(&k.plan);
			if (!status) {
				prune(&k);
				status = write_slice(&k);
				slice_prune_free(k.prune);
			}
		}
		diag_print(&k.diag, stderr);
		diag_free(&k.diag);
	}
	vec_free(&readable);
	slice_plan_free(&k.plan);
	option_free(&st);
	return status < 0 ? EXIT_DONE : status;
}
