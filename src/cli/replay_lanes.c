/* `eyas replay` in one thread: all traces, those of different kinds merged by time. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/parallel.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/replay_impl.h"
#include "replay/going.h"
#include "trace/trace.h"

#define LOSS_TITLE "Falco internal: syscall event drop"
#define AHEAD_MIN  (256 << 10) /* bytes of a file for which a thread is worth it */

/* What is read one after the other: traces of one kind. Lanes are merged by time. */
struct lane {
	struct lanes *all;
	VEC(const char *) traces;
	VEC(struct source *) open; /* by position in traces: opened early, or NULL */
	size_t next;               /* trace to open next */

	/* Of the trace (or the sequence of traces) in hand. */
	const char *trace;
	bool begun, has_pass;
	struct replay_pass pass;
	struct replay_going going;
};

enum { LANE_SYSCALL, LANE_K8S_AUDIT, N_LANES };

struct lanes {
	struct replay *r;
	struct lane v[N_LANES];
	struct loss_policy *loss;
	bool stop;
};

/* Takes the actions of a second that lost too many events. */
static void act_on_loss(struct lane *l, const struct loss_second *sec)
{
	struct replay *r = l->all->r;
	const struct internal_field fields[] = {
		{ "n_drops", sec->lost },
		{ "n_evts", sec->seen },
	};
	struct strbuf text = STRBUF_INIT, line = STRBUF_INIT;

	strbuf_addf(&text, LOSS_TITLE ". %llu system calls dropped in last second.",
		    (unsigned long long)sec->lost);
	if (r->opt.loss.actions & LOSS_ACTION_ALERT) {
		struct internal_alert a = {
			.ts = sec->ts,
			.priority = PRIORITY_DEBUG,
			.rule = STR(LOSS_TITLE),
			.text = strbuf_str(&text),
			.fields = fields,
			.n_fields = sizeof(fields) / sizeof(fields[0]),
			.trace = l->trace,
		};

		internal_alert_line(&a, &r->opt.alert, &line);
		replay_put(r, strbuf_str(&line));
	}
	if (r->opt.loss.actions & LOSS_ACTION_LOG)
		replay_say(r, strbuf_str(&text));
	if (r->opt.loss.actions & LOSS_ACTION_EXIT) {
		replay_sayf(
			r,
			"eyas replay: stopped: too many events were lost in a second: %llu (--on-loss exit)",
			(unsigned long long)sec->lost);
		l->all->stop = true;
	}
	strbuf_release(&text);
	strbuf_release(&line);
}

static int put_line(void *arg, struct str line)
{
	struct replay *r = arg;

	replay_put(r, line);
	return r->write_error;
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct lane *l = arg;
	struct loss_second sec;
	int e;

	if (loss_policy_event(l->all->loss, ctx->ev->ts, &sec))
		act_on_loss(l, &sec);
	e = replay_pass_event(&l->pass, ctx);
	if (e)
		return e;
	return l->all->stop ? 1 : 0;
}

static enum open_verdict on_open(void *arg, const struct state_open *o)
{
	struct lane *l = arg;

	return replay_pass_open(&l->pass, o);
}

static bool on_use(void *arg, const struct state_use *u)
{
	struct lane *l = arg;

	return replay_pass_use(&l->pass, u);
}

static void on_loss(void *arg, const struct loss *loss)
{
	struct lane *l = arg;

	loss_policy_loss(l->all->loss, loss);
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *st)
{
	struct lane *l = arg;
	struct replay *r = l->all->r;

	replay_show_progress(r, src, st, r->summary.alerts.total + l->pass.counts.total);
}

/* Another trace goes on with the state of the one before. */
static int open_behind(struct lane *l, struct source *opened, const struct replay_visitor *v)
{
	struct replay *r = l->all->r;
	struct state *state = l->going.state;
	int e;

	if (!state)
		return replay_going_open(&l->going, l->trace, opened, &r->opt.select, v, &r->diag);
	l->going.src = opened;
	e = opened ? 0 : trace_open(l->trace, &r->diag, &l->going.src);
	if (e)
		return e;
	l->going.stats = (struct replay_stats){ 0 };
	l->going.walk = replay_walk_new(l->going.src, state, &r->opt.select, v, &l->going.stats);
	return 0;
}

/* With a thread left over, it gunzips what is worth it. */
static bool goes_ahead(const struct replay *r, const char *path)
{
	struct stat st;

	return parallel_jobs(r->opt.jobs) > 1 && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size >= AHEAD_MIN && trace_format_of_file(path) == TRACE_SCAP;
}

static int open_trace(struct lane *l, struct source *opened)
{
	const struct replay_visitor v = {
		.arg = l,
		/* What is lost is compared with all events of its second. */
		.wants = l->all->r->opt.loss.actions ? NULL : &l->all->r->wants,
		.event = on_event,
		.open = on_open,
		.use = on_use,
		.loss = on_loss,
		.progress = on_progress,
	};
	struct replay *r = l->all->r;
	int e = 0;

	if (!opened && goes_ahead(r, l->trace))
		e = trace_open_ahead(l->trace, &r->diag, &opened);
	if (e)
		return e;
	/* What was lost before has a say in what is done about losses. */
	if (r->opt.as_one || opened || r->opt.loss.actions)
		return open_behind(l, opened, &v);
	return replay_going_open_near(&l->going, l->trace, &r->opt.select, &v, &r->diag);
}

/* The next trace of a lane that can be opened; false when there is none left. */
static bool open_next(struct lane *l, int *status)
{
	struct replay *r = l->all->r;
	int e = -1;

	while (e && l->next < l->traces.n) {
		struct source *opened = l->open.v[l->next];

		l->trace = l->traces.v[l->next];
		l->open.v[l->next++] = NULL;
		e = open_trace(l, opened);
		replay_tell(r);
		if (e)
			*status = replay_worst(*status, exit_of_trace(e));
	}
	if (e)
		return false;
	if (!l->has_pass)
		replay_pass_init(&l->pass, &r->shared, l->trace, put_line, r);
	l->pass.trace = l->trace;
	l->has_pass = l->begun = true;
	return true;
}

/* Forgets everything that belongs to a trace. */
static void drop_pass(struct lane *l)
{
	if (l->has_pass) {
		replay_summary_count(&l->all->r->summary, &l->pass.counts);
		replay_pass_free(&l->pass);
	}
	l->has_pass = false;
	replay_going_close(&l->going);
}

/* A trace is at its end, or left; `e` is what ended it. */
static void close_trace(struct lane *l, int e, int *status)
{
	struct replay *r = l->all->r;

	replay_walk_free(l->going.walk);
	l->going.walk = NULL;
	progress_end(&r->progress);
	replay_tell(r);
	*status = replay_worst(*status, replay_ended(r, l->trace, e));
	if (r->opt.as_one && l->next < l->traces.n) {
		replay_summary_add(&r->summary, &l->going.stats, NULL);
		source_close(l->going.src);
		l->going.src = NULL;
	} else {
		replay_summary_add(&r->summary, &l->going.stats, state_stats(l->going.state));
		drop_pass(l);
	}
	l->begun = false;
}

/* The lane's next record is there, *ret_ts is its time; false when all its traces are read. */
static bool lane_peek(struct lane *l, uint64_t *ret_ts, int *status)
{
	int e;

	for (;;) {
		if (!l->begun && !open_next(l, status))
			return false;
		e = replay_walk_peek(l->going.walk, ret_ts);
		if (e == 1)
			return true;
		close_trace(l, e, status);
	}
}

/* Takes the records of the only lane with traces: there is nothing to be merged. */
static int run_lane(struct lane *l)
{
	int status = EXIT_DONE, e;

	while (!l->all->stop && !l->all->r->write_error && open_next(l, &status)) {
		e = replay_walk_rest(l->going.walk);
		close_trace(l, e < 0 ? e : 0, &status);
	}
	return status;
}

/* Takes the records of all lanes in order of time; of equal times, the first lane's first. */
static int run_lanes(struct lanes *all)
{
	size_t n_traces = 0;
	int status = EXIT_DONE, e;

	for (size_t i = 0; i < N_LANES; i++)
		n_traces += all->v[i].traces.n;
	for (size_t i = 0; i < N_LANES; i++)
		if (all->v[i].traces.n == n_traces)
			return run_lane(&all->v[i]);
	while (!all->stop && !all->r->write_error) {
		struct lane *first = NULL;
		uint64_t first_ts = 0, ts;

		for (size_t i = 0; i < N_LANES; i++) {
			if (!lane_peek(&all->v[i], &ts, &status))
				continue;
			if (!first || ts < first_ts) {
				first = &all->v[i];
				first_ts = ts;
			}
		}
		if (!first)
			break;
		e = replay_walk_step(first->going.walk);
		if (e)
			close_trace(first, e < 0 ? e : 0, &status);
	}
	for (size_t i = 0; i < N_LANES; i++)
		if (all->v[i].begun)
			close_trace(&all->v[i], 0, &status);
	return status;
}

/* What is read from it to look at it is gone. */
static bool is_pipe(const char *path)
{
	struct stat st;

	return str_eqz(str_of(path), "-") || (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

/*
 * Puts each trace in the lane of its kind. What can be read only once is opened for that, and stays
 * open. With traces of one kind only there is nothing to be merged: no need to look.
 */
static int fill_lanes(struct lanes *all)
{
	struct replay *r = all->r;
	size_t n = r->opt.traces.n;
	int status = EXIT_DONE, e;

	for (size_t i = 0; i < n; i++) {
		const char *path = r->opt.traces.v[i];
		struct source *src = NULL;
		struct lane *l = &all->v[LANE_SYSCALL];

		if (n > 1 && !is_pipe(path)) {
			if (trace_format_of_file(path) == TRACE_K8S_AUDIT)
				l = &all->v[LANE_K8S_AUDIT];
		} else if (n > 1) {
			e = trace_open(path, &r->diag, &src);
			replay_tell(r);
			if (e) {
				status = replay_worst(status, exit_of_trace(e));
				continue;
			}
			if (strcmp(src->format, "k8s_audit") == 0)
				l = &all->v[LANE_K8S_AUDIT];
		}
		vec_push(&l->traces, path);
		vec_push(&l->open, src);
	}
	return status;
}

static void free_lanes(struct lanes *all)
{
	for (size_t i = 0; i < N_LANES; i++) {
		struct lane *l = &all->v[i];

		/* When the last of several traces that go on with each other could not be opened.
		 */
		drop_pass(l);
		for (size_t k = 0; k < l->open.n; k++)
			source_close(l->open.v[k]);
		vec_free(&l->open);
		vec_free(&l->traces);
	}
}

int replay_lanes(struct replay *r)
{
	struct lanes *all = xcalloc(1, sizeof(*all));
	int status;

	all->r = r;
	all->loss = &r->opt.loss;
	for (size_t i = 0; i < N_LANES; i++)
		all->v[i].all = all;
	status = fill_lanes(all);
	status = replay_worst(status, run_lanes(all));
	free_lanes(all);
	free(all);
	return status;
}
