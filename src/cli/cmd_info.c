/*
 * eyas info: what is in traces.
 */
#include <unistd.h>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/counting_source.h"
#include "cli/note_list.h"
#include "cli/progress.h"
#include "cli/select_option.h"
#include "cli/trace_summary.h"
#include "replay/history.h"
#include "replay/replay.h"
#include "trace/eyas_index.h"
#include "trace/trace.h"

#define TOP_TYPES 15

enum { OPT_JSON = 256, OPT_SCAN };

static const struct option_row rows[] = {
	{ OPT_JSON, "json", NULL, "one JSON object a trace" },
	{ 'a', "all", NULL, "list all event types, not only the most frequent" },
	{ OPT_SCAN, "scan", NULL, "read the whole trace, and count events by process" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas info [OPTION]... TRACE...",
	"Tells what is in each trace: format, span, host, events by type and CPU, the snapshot, what was\n"
	"lost and what is damaged.",
	rows,
	NULL,
};

struct info_options {
	bool json, all, scan;
};

static int print(const struct strbuf *out)
{
	if (fwrite(out->s, 1, out->n, stdout) == out->n && fflush(stdout) == 0)
		return EXIT_DONE;
	perror("eyas info: cannot write");
	return EXIT_FAILED;
}

/* The index of an .eyas trace that has one and is all of the file; false: it must be read through.
 */
static bool read_index(const struct source *src, struct eyas_summary *ret)
{
	int fd;

	if (strcmp(src->format, "eyas") != 0 || !src->size)
		return false;
	fd = eyas_summary_open(src->name, ret);
	if (fd < 0)
		return false;
	close(fd);
	if (!ret->trace_start)
		return true;
	eyas_summary_free(ret);
	return false;
}

/* Counts the records of a source, and the events by process. */
struct counting {
	struct counting_source source;
	struct trace_summary *sum;
	struct history history;
	struct state *state;
	struct progress progress;
};

static int count_event(void *arg, struct event_ctx *ctx)
{
	struct counting *c = arg;

	if (history_event(&c->history, ctx) != HISTORY_NONE)
		c->sum->process_events++;
	return 0;
}

static int count_snapshot(void *arg, const struct snapshot *snap)
{
	struct counting *c = arg;

	(void)snap; /* the state has loaded it */
	history_snapshot(&c->history, c->state);
	return 0;
}

static void count_progress(void *arg, const struct source *src, const struct replay_stats *stats)
{
	struct counting *c = arg;

	(void)src; /* the one that counts: the one it reads knows how far it is */
	progress_visit(&c->progress, c->source.inner, stats->raw);
}

/* Counts all records, and the events by process; the reader's result. `c` is to be freed. */
static int count_all(struct counting *c, struct source *src, struct trace_summary *sum)
{
	struct replay_visitor v = {
		.arg = c,
		.event = count_event,
		.snapshot = count_snapshot,
		.progress = count_progress,
	};
	const struct replay_select all = { 0 };
	struct replay_stats stats = { 0 };
	struct state_options so;

	counting_source_init(&c->source, src, sum);
	c->sum = sum;
	history_init(&c->history);
	state_options_default(&so);
	c->state = state_new(&so);
	sum->history = &c->history;
	return replay_run(&c->source.source, c->state, &all, &v, &stats);
}

static void counting_free(struct counting *c)
{
	history_free(&c->history);
	state_free(c->state);
}

/* Counts all records, or takes the index and reads only up to the snapshot, or the first event when
 * there is none; the reader's result. */
static int sum_up(struct source *src, const struct info_options *opt, struct counting *counting,
		  struct trace_summary *sum)
{
	struct eyas_summary index = { 0 };
	bool has_index = read_index(src, &index), indexed = has_index && !opt->scan;
	struct record rec;
	uint64_t n = 0;
	int r = 0;

	progress_begin(&counting->progress);
	if (opt->scan)
		r = count_all(counting, src, sum);
	while (!opt->scan && (r = source_next(src, &rec)) == 1) {
		if (indexed && rec.kind != RECORD_SNAPSHOT)
			break;
		trace_summary_add(sum, &rec);
		progress_show(&counting->progress, src, ++n);
		if (indexed)
			break;
	}
	progress_end(&counting->progress);
	if (has_index) {
		trace_summary_take_checkpoints(sum, &index);
		if (indexed && r >= 0)
			trace_summary_take_index(sum, &index);
		eyas_summary_free(&index);
	}
	return r < 0 ? r : 0;
}

/* One trace; an exit_status. */
static int info(const char *path, const struct info_options *opt)
{
	struct strbuf out = STRBUF_INIT;
	struct trace_summary sum;
	struct note_list notes;
	struct source *src;
	struct diag diag;
	struct counting counting = { .sum = NULL };
	int r, status;

	diag_init(&diag);
	r = trace_open(path, &diag, &src);
	if (!r) {
		trace_summary_init(&sum, src);
		note_list_read(&notes, path);
		sum.note_list = &notes;
		r = sum_up(src, opt, &counting, &sum);
		sum.damaged = r == -EBADMSG;
		sum.bytes = src->size ? src->size : src->position;
		if (opt->json)
			trace_summary_json(&sum, &diag, &out);
		else
			trace_summary_text(&sum, opt->all ? 0 : TOP_TYPES, &out);
		trace_summary_free(&sum);
		note_list_free(&notes);
		if (opt->scan)
			counting_free(&counting);
		source_close(src);
	}
	status = print(&out);
	diag_print(&diag, stderr);
	if (status == EXIT_DONE)
		status = exit_of_trace(r);
	diag_free(&diag);
	strbuf_release(&out);
	return status;
}

/* The worst of two: could not do it, wrong usage, damaged, done. */
static int worse(int a, int b)
{
	static const int rank[] = {
		[EXIT_DONE] = 0, [EXIT_DAMAGED] = 1, [EXIT_USAGE] = 2, [EXIT_FAILED] = 3
	};

	return rank[a] < rank[b] ? b : a;
}

int cmd_info(int argc, char **argv)
{
	struct info_options opt = { 0 };
	struct confine_rules readable;
	struct option_state st;
	int key, status = EXIT_DONE;

	option_init(&st, &spec, argc, argv);
	while ((key = option_next(&st)) >= 0) {
		if (key == OPT_JSON)
			opt.json = true;
		else if (key == 'a')
			opt.all = true;
		else if (key == OPT_SCAN)
			opt.scan = true;
	}
	readable = (struct confine_rules){ .read = (const char *const *)st.operands.v,
					   .n_read = st.operands.n };
	confine(&readable);
	if (key != OPTION_END)
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	else if (!st.operands.n)
		status = option_usage_error(&st, "give a trace");
	else
		for (size_t i = 0; i < st.operands.n; i++)
			status = worse(status, info(st.operands.v[i], &opt));
	option_free(&st);
	return status;
}
