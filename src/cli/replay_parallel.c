/*
 * `eyas replay` in several threads: what replay/runs.h does with the rules of a replay.
 *
 * The first run writes its alerts, the others keep theirs. Whoever is first has also whatever
 * belongs to the whole replay to itself: the sinks, the summary, standard error.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/parallel.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/replay_impl.h"
#include "replay/runs.h"
#include "trace/trace.h"

#define HAND_ON ((size_t)64 << 10) /* bytes of alerts that a run gathers */

struct replay_parallel {
	struct replay *r;
	int status;
	struct runs_client client;
	struct runs *runs;
	unsigned threads;
};

/* A run's own. */
struct own {
	struct replay *r;
	struct run *run;
	struct replay_pass pass;
	struct strbuf pending; /* lines that are not written */
	size_t kept;           /* of them, those that run_keeps() knows of */
};

/* The run is the first: writes what it has. */
static void write_pending(struct own *own)
{
	if (own->pending.n && !run_is_cancelled(own->run)) {
		own->pending.n--;
		replay_put(own->r, strbuf_str(&own->pending));
	}
	strbuf_reset(&own->pending);
	own->kept = 0;
	run_keeps_none(own->run);
	if (own->r->write_error)
		run_stop_others(own->run);
}

/* Writes, or keeps and waits; true when it has written. */
static bool hand_on(struct own *own)
{
	bool first = run_keeps(own->run, own->pending.n);

	own->kept = own->pending.n;
	if (first)
		write_pending(own);
	return first;
}

static int put_line(void *arg, struct str line)
{
	struct own *own = arg;

	strbuf_addstr(&own->pending, line);
	strbuf_addc(&own->pending, '\n');
	if (own->pending.n - own->kept >= HAND_ON && hand_on(own))
		return own->r->write_error;
	return 0;
}

static void *begin(void *arg, struct run *run, const char *path)
{
	struct replay_parallel *p = arg;
	struct own *own = xcalloc(1, sizeof(*own));

	own->r = p->r;
	own->run = run;
	strbuf_init(&own->pending);
	replay_pass_init(&own->pass, &p->r->shared, path, put_line, own);
	return own;
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct own *own = arg;

	return replay_pass_event(&own->pass, ctx);
}

static enum open_verdict on_open(void *arg, const struct state_open *o)
{
	struct own *own = arg;

	return replay_pass_open(&own->pass, o);
}

static bool on_use(void *arg, const struct state_use *u)
{
	struct own *own = arg;

	return replay_pass_use(&own->pass, u);
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *st)
{
	struct own *own = arg;
	struct replay *r = own->r;

	if (hand_on(own))
		replay_show_progress(r, src, st, r->summary.alerts.total + own->pass.counts.total);
}

static void end(void *arg)
{
	struct own *own = arg;

	program_run_free(own->pass.run);
	own->pass.run = NULL;
}

static void take(void *arg, void *mine, const struct run_result *res)
{
	struct replay_parallel *p = arg;
	struct replay *r = p->r;
	struct own *own = mine;

	if (res->opened) {
		write_pending(own);
		replay_summary_count(&r->summary, &own->pass.counts);
	}
	progress_end(&r->progress);
	replay_tell_all(r, res->diag);
	if (!res->ended_it)
		return;
	if (!res->opened) {
		p->status = replay_worst(p->status, exit_of_trace(res->e));
		return;
	}
	p->status = replay_worst(p->status, replay_ended(r, res->path, res->e));
	replay_summary_add(&r->summary, res->stats, res->state_stats);
}

static void drop(void *arg, void *mine)
{
	struct own *own = mine;

	(void)arg;
	replay_pass_free(&own->pass);
	strbuf_release(&own->pending);
	free(own);
}

/* Plain files of one kind: nothing is merged by time, nothing has to be taken as it comes. */
static bool apart(const struct replay_options *o)
{
	size_t n_audit = 0;
	struct stat st;

	for (size_t i = 0; i < o->traces.n; i++) {
		const char *path = o->traces.v[i];

		if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
			return false;
		if (str_eqz(str_of(path), "-"))
			return false;
		if (o->traces.n > 1)
			n_audit += trace_format_of_file(path) == TRACE_K8S_AUDIT;
	}
	return !n_audit || n_audit == o->traces.n;
}

struct replay_parallel *replay_parallel_new(struct replay *r)
{
	const struct replay_options *o = &r->opt;
	unsigned threads = parallel_jobs(o->jobs);
	struct replay_parallel *p;

	/* What is done about losses, and what goes on from trace to trace, has one order. */
	if (threads < 2 || o->loss.actions || o->as_one || !apart(o))
		return NULL;
	p = xcalloc(1, sizeof(*p));
	p->r = r;
	p->status = EXIT_DONE;
	p->threads = threads;
	p->client = (struct runs_client){
		.arg = p,
		.select = &o->select,
		.wants = &r->wants,
		.begin = begin,
		.event = on_event,
		.open = on_open,
		.use = on_use,
		.progress = on_progress,
		.end = end,
		.take = take,
		.drop = drop,
	};
	p->runs = runs_new(&p->client, (const char *const *)o->traces.v, o->traces.n);
	runs_prepare(p->runs);
	return p;
}

int replay_parallel_run(struct replay_parallel *p)
{
	if (ruleset_remembers(p->r->rules))
		runs_keep_whole(p->runs);
	if (!runs_divide(p->runs))
		return -1;
	runs_walk(p->runs, p->threads);
	return p->status;
}

void replay_parallel_free(struct replay_parallel *p)
{
	if (!p)
		return;
	runs_free(p->runs);
	free(p);
}
