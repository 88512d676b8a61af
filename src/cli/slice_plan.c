#include "cli/slice_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/exit_status.h"
#include "cli/progress.h"
#include "fields/field.h"
#include "rules/program.h"
#include "rules/ruleset.h"
#include "trace/trace.h"

/* Events of CPUs may stand out of order by less than this. */
#define SKEW_NS UINT64_C(1000000000)

/* The first reading. */
struct reading {
	struct slice_plan *plan;
	struct u64map pid_of;  /* tid -> pid + 1, of all threads that had an event */
	struct u64map trees;   /* pids that belong to the trees */
	struct u64map parents; /* pids of their ancestors */
	struct corpus corpus;
	struct program_run *run;
	struct field_env env;
	struct arena arena;
	int *ids;
	uint64_t alerts;
	struct progress progress;
};

static char in_set; /* any address but NULL */

static void set_add(struct u64map *m, int64_t v)
{
	u64map_put(m, (uint64_t)v, &in_set);
}

static bool set_has(const struct u64map *m, int64_t v)
{
	return u64map_get(m, (uint64_t)v) != NULL;
}

static bool is_root(const struct slice_plan *p, int64_t pid)
{
	for (size_t i = 0; i < p->pids.n; i++)
		if (p->pids.v[i] == pid)
			return true;
	return false;
}

struct ancestry {
	struct reading *r;
	bool below;
};

static bool look_up(void *arg, struct thread *anc)
{
	struct ancestry *a = arg;

	a->below |= set_has(&a->r->trees, anc->pid) || is_root(a->r->plan, anc->pid);
	return !a->below;
}

static bool add_parent(void *arg, struct thread *anc)
{
	struct reading *r = arg;

	if (!set_has(&r->trees, anc->pid))
		set_add(&r->parents, anc->pid);
	return true;
}

static void see_thread(struct reading *r, const struct event_ctx *ctx)
{
	const struct thread *t = ctx->thread;
	struct ancestry a = { .r = r };

	if (!t || t->pid < 0)
		return;
	u64map_put(&r->pid_of, (uint64_t)t->tid, (void *)(uintptr_t)(t->pid + 1));
	if (set_has(&r->trees, t->pid))
		return;
	a.below = is_root(r->plan, t->pid);
	if (!a.below)
		thread_walk_ancestors(ctx->st, t, look_up, &a);
	if (!a.below)
		return;
	set_add(&r->trees, t->pid);
	thread_walk_ancestors(ctx->st, t, add_parent, r);
}

/* >0 when the alert that was asked for has been found. */
static int see_alerts(struct reading *r, struct event_ctx *ctx)
{
	struct slice_plan *p = r->plan;
	struct strbuf sb = STRBUF_INIT;
	struct str name;
	size_t n;

	r->env.ctx = ctx;
	/* As `eyas replay` does unless told otherwise: the first rule of an event. */
	n = program_match(r->run, &r->env, true, r->ids);
	if (r->alerts + n < p->alert) {
		r->alerts += n;
		return 0;
	}
	name = ruleset_rule_by_id(r->corpus.rules, r->ids[p->alert - r->alerts - 1])->name;
	strbuf_addstr(&sb, name);
	p->alert_rule = strbuf_detach(&sb);
	p->alert_num = ctx->ev->num;
	p->alert_ts = ctx->ev->ts;
	r->alerts = p->alert;
	return p->pids.n ? 0 : 1;
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct reading *r = arg;

	arena_reset(&r->arena);
	if (r->plan->pids.n)
		see_thread(r, ctx);
	return r->plan->alert > r->alerts ? see_alerts(r, ctx) : 0;
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *st)
{
	struct reading *r = arg;

	progress_visit(&r->progress, src, st->raw);
}

/* Threads by the processes they were of. */
static void collect(struct reading *r)
{
	size_t pos = 0;
	uint64_t tid;
	void *v;

	while (u64map_next(&r->pid_of, &pos, &tid, &v)) {
		int64_t pid = (int64_t)(uintptr_t)v - 1;

		if (set_has(&r->trees, pid))
			set_add(&r->plan->taken, (int64_t)tid);
		else if (set_has(&r->parents, pid))
			set_add(&r->plan->kin, (int64_t)tid);
	}
	pos = 0;
	while (u64map_next(&r->parents, &pos, &tid, &v))
		if (!set_has(&r->plan->taken, (int64_t)tid))
			set_add(&r->plan->kin, (int64_t)tid);
}

static int read_through(struct reading *r)
{
	struct replay_visitor v = { .arg = r, .event = on_event, .progress = on_progress };
	const struct replay_select all = { 0 };
	struct replay_stats stats = { 0 };
	struct state_options so;
	struct source *src;
	struct state *st;
	struct diag diag;
	int err;

	diag_init(&diag);
	err = trace_open(r->plan->path, &diag, &src);
	if (err) {
		diag_print(&diag, stderr);
		diag_free(&diag);
		return exit_of_trace(err);
	}
	state_options_default(&so);
	st = state_new(&so);
	if (r->plan->alert) {
		r->run = program_run_new(ruleset_program(r->corpus.rules));
		r->ids = xcalloc(ruleset_count(r->corpus.rules) + 1, sizeof(*r->ids));
		r->env = (struct field_env){ .arena = &r->arena, .memory = field_state_new() };
	}
	progress_begin(&r->progress);
	err = replay_run(src, st, &all, &v, &stats);
	progress_end(&r->progress);
	if (r->plan->alert) {
		program_run_free(r->run);
		field_state_free(r->env.memory);
		free(r->ids);
	}
	state_free(st);
	source_close(src);
	/* Damage is told when the trace is copied. */
	diag_free(&diag);
	return err < 0 && err != -EBADMSG ? EXIT_FAILED : EXIT_DONE;
}

static int use_alert(struct slice_plan *p, const struct reading *r)
{
	if (!p->alert)
		return EXIT_DONE;
	if (!p->alert_rule) {
		fprintf(stderr, "eyas slice: %s: there is no alert %llu: these rules raise %llu\n",
			p->path, (unsigned long long)p->alert, (unsigned long long)r->alerts);
		return EXIT_USAGE;
	}
	p->select.since = p->alert_ts > p->context ? p->alert_ts - p->context : 1;
	p->select.until = p->alert_ts + p->context + 1;
	return EXIT_DONE;
}

int slice_plan_make(struct slice_plan *p)
{
	struct reading r = { .plan = p };
	int status = EXIT_DONE;

	if (!p->pids.n && !p->alert)
		return EXIT_DONE;
	if (p->alert)
		status = corpus_load(&r.corpus, "eyas slice", &p->rules, p->rules.rules.v,
				     p->rules.rules.n);
	if (!status)
		status = read_through(&r);
	if (!status)
		collect(&r);
	if (!status)
		status = use_alert(p, &r);
	if (!status && p->pids.n && !p->taken.n) {
		fprintf(stderr, "eyas slice: %s: there is no event of this process\n", p->path);
		status = EXIT_USAGE;
	}
	if (p->alert)
		corpus_free(&r.corpus);
	u64map_free(&r.pid_of);
	u64map_free(&r.trees);
	u64map_free(&r.parents);
	arena_destroy(&r.arena);
	return status;
}

void slice_plan_free(struct slice_plan *p)
{
	vec_free(&p->pids);
	u64map_free(&p->taken);
	u64map_free(&p->kin);
	corpus_options_free(&p->rules);
	free(p->alert_rule);
}

enum slice_use slice_plan_use(const struct slice_plan *p, const struct event *ev, uint64_t num,
			      bool *ret_ended)
{
	const struct replay_select *s = &p->select;

	*ret_ended = (s->last_num && num > s->last_num) ||
		     (s->until && ev->ts >= s->until && ev->ts - s->until >= SKEW_NS);
	/* What is of no thread may speak of users and containers. */
	if (p->pids.n && (ev->tid < 0 || !set_has(&p->taken, ev->tid)))
		return ev->tid < 0 || set_has(&p->kin, ev->tid) ? SLICE_STATE : SLICE_LEAVE;
	if (ev->ts < s->since || num < s->first_num || (s->last_num && num > s->last_num) ||
	    (s->until && ev->ts >= s->until))
		return SLICE_STATE;
	return SLICE_TAKE;
}

static bool keeps(const struct slice_plan *p, uint64_t tid, uint64_t pid)
{
	return set_has(&p->taken, (int64_t)tid) || set_has(&p->kin, (int64_t)tid) ||
	       set_has(&p->taken, (int64_t)pid) || set_has(&p->kin, (int64_t)pid);
}

void slice_plan_snapshot(const struct slice_plan *p, struct snapshot *s)
{
	struct u64map kept = { 0 };
	size_t n = 0;

	if (!p->pids.n)
		return;
	for (size_t i = 0; i < s->threads.n; i++) {
		if (!keeps(p, s->threads.v[i].tid, s->threads.v[i].pid))
			continue;
		set_add(&kept, (int64_t)s->threads.v[i].tid);
		s->threads.v[n++] = s->threads.v[i];
	}
	s->threads.n = n;
	n = 0;
	for (size_t i = 0; i < s->fds.n; i++)
		if (set_has(&kept, (int64_t)s->fds.v[i].tid))
			s->fds.v[n++] = s->fds.v[i];
	s->fds.n = n;
	n = 0;
	for (size_t i = 0; i < s->fd_tids.n; i++)
		if (set_has(&kept, (int64_t)s->fd_tids.v[i]))
			s->fd_tids.v[n++] = s->fd_tids.v[i];
	s->fd_tids.n = n;
	u64map_free(&kept);
}
