/*
 * `eyas replay` in several threads: whole traces, and parts of traces that have checkpoints.
 *
 * A run is what one thread does of one trace: it begins at the beginning or behind a checkpoint and
 * goes on until the trace ends or another run has begun. A thread with nothing to do begins with
 * the next trace, or else takes the second half of what is left to the run that has most. So there
 * are few beginnings, which cost most. A run that comes to where the next one began compares what
 * it knows with what that one began with: when they differ the checkpoint was not right, the later
 * runs of the trace are forgotten, and this one goes on. What comes out is so what one thread would
 * give, whatever a checkpoint says.
 *
 * Runs are listed in the order of their output. The first of them writes; the others keep what they
 * have to say, and wait when all of them together keep too much. Whoever is first has also whatever
 * belongs to the whole replay to itself: the sinks, the summary, standard error.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/debug.h"
#include "base/parallel.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/replay_impl.h"
#include "replay/going.h"
#include "trace/blake2b.h"
#include "trace/eyas_reader.h"
#include "trace/trace.h"

#define HAND_ON  ((size_t)64 << 10) /* bytes of alerts that a run gathers */
#define KEEP_MAX ((size_t)32 << 20) /* bytes that all runs but the first keep together */

/* A trace. */
struct job {
	const char *path;
	struct replay_places places;
	size_t first;   /* place that ends the first part */
	size_t n_parts; /* 0: not known yet */
	bool whole;     /* not to be divided (any more) */
	bool read;      /* `places` have been read */

	/* Of the runs that have been taken. */
	bool over;
	uint64_t visited;
};

enum phase { BEGINNING, BEGUN, REFUSED };

struct run {
	struct run *next; /* in order of output */
	struct job *job;
	struct threads *all;
	size_t part;  /* the one in hand */
	size_t limit; /* the part not to be begun */
	enum phase phase;
	bool finished;
	atomic_bool cancelled;            /* nothing of it is wanted any more */
	uint8_t began_with[BLAKE2B_SIZE]; /* hash of what it knew then */

	struct replay_going going;
	struct replay_pass pass;
	struct strbuf pending;
	size_t kept; /* of `pending`, counted in `keeping` */
	struct diag diag;
	struct state_stats state_stats;
	int e;         /* what ended it */
	bool opened;   /* the trace could be */
	bool ended_it; /* the trace: nothing comes behind this run */
};

struct threads {
	struct replay *r;
	pthread_mutex_t lock; /* of everything below, and of the lists and phases of runs */
	pthread_cond_t changed;
	struct job *jobs;
	size_t n_jobs, next_job;
	struct run *first, *last;
	size_t keeping;
	bool taking; /* a thread is about the finished ones at the front */
	bool stop;
	int status;
};

static bool is_cancelled(const struct run *run)
{
	return atomic_load_explicit(&run->cancelled, memory_order_relaxed);
}

/* ---- output */

/* The run is the first: writes what it has. */
static void write_pending(struct run *run)
{
	struct threads *all = run->all;

	if (run->pending.n && !is_cancelled(run)) {
		run->pending.n--;
		replay_put(all->r, strbuf_str(&run->pending));
	}
	strbuf_reset(&run->pending);
	pthread_mutex_lock(&all->lock);
	if (run->kept)
		pthread_cond_broadcast(&all->changed);
	all->keeping -= run->kept;
	run->kept = 0;
	if (all->r->write_error && !all->stop) {
		all->stop = true;
		for (struct run *x = run->next; x; x = x->next)
			atomic_store(&x->cancelled, true);
		pthread_cond_broadcast(&all->changed);
	}
	pthread_mutex_unlock(&all->lock);
}

/* Writes, or keeps and waits; true when it has written. */
static bool hand_on(struct run *run)
{
	struct threads *all = run->all;
	bool first;

	pthread_mutex_lock(&all->lock);
	if (all->first != run) {
		all->keeping += run->pending.n - run->kept;
		run->kept = run->pending.n;
	}
	while (all->first != run && all->keeping > KEEP_MAX && !is_cancelled(run))
		pthread_cond_wait(&all->changed, &all->lock);
	first = all->first == run;
	pthread_mutex_unlock(&all->lock);
	if (first)
		write_pending(run);
	return first;
}

static int put_line(void *arg, struct str line)
{
	struct run *run = arg;

	strbuf_addstr(&run->pending, line);
	strbuf_addc(&run->pending, '\n');
	if (run->pending.n - run->kept >= HAND_ON && hand_on(run))
		return run->all->r->write_error;
	return 0;
}

/* ---- a run */

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct run *run = arg;

	return is_cancelled(run) ? 1 : replay_pass_event(&run->pass, ctx);
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *st)
{
	struct run *run = arg;
	struct replay *r = run->all->r;

	if (hand_on(run))
		replay_show_progress(r, src, st, r->summary.alerts.total + run->pass.counts.total);
}

/* What the walk knows, without what depends on how it came here. */
static void hash_knowledge(const struct run *run, uint8_t ret[BLAKE2B_SIZE])
{
	struct strbuf bytes = STRBUF_INIT;

	replay_walk_save(run->going.walk, true, &bytes);
	blake2b_hash(bytes.s, bytes.n, ret);
	strbuf_release(&bytes);
}

static void cancel_later(struct run *run)
{
	for (struct run *x = run->next; x && x->job == run->job; x = x->next)
		atomic_store(&x->cancelled, true);
	pthread_cond_broadcast(&run->all->changed);
}

static void set_phase(struct run *run, enum phase phase)
{
	pthread_mutex_lock(&run->all->lock);
	run->phase = phase;
	pthread_cond_broadcast(&run->all->changed);
	pthread_mutex_unlock(&run->all->lock);
}

/* Where part number `part` of a job ends. */
static uint64_t end_of_part(const struct job *job, size_t part)
{
	return part + 1 < job->n_parts ? job->places.v.v[job->first + part].offset
				       : job->places.end;
}

static void find_parts(struct run *run)
{
	const struct replay_select *sel = &run->all->r->opt.select;
	struct job *job = run->job;
	size_t n;

	if (!job->read)
		replay_places_read(job->path, sel, &job->places);
	job->first = replay_places_first(&job->places, sel);
	n = job->whole ? 1 : job->places.v.n - job->first + 1;
	pthread_mutex_lock(&run->all->lock);
	job->n_parts = run->limit = n;
	/* Others may be waiting for something to take. */
	pthread_cond_broadcast(&run->all->changed);
	pthread_mutex_unlock(&run->all->lock);
}

/* Opens the trace where the run begins. */
static bool begin(struct run *run)
{
	const struct replay_visitor v = {
		.arg = run,
		.wants = &run->all->r->wants,
		.event = on_event,
		.progress = on_progress,
	};
	const struct replay_select *sel = &run->all->r->opt.select;
	struct job *job = run->job;
	const struct replay_place *at;

	if (run->part == 0) {
		find_parts(run);
		run->e = replay_going_open_near(&run->going, job->path, sel, &v, &run->diag);
	} else {
		at = &job->places.v.v[job->first + run->part - 1];
		run->e = replay_going_open_at(&run->going, job->path, at, sel, &v, &run->diag);
	}
	if (run->e) {
		run->ended_it = run->part == 0;
		return false;
	}
	run->opened = true;
	debug(DEBUG_REPLAY, 1, "%s: begun at part %zu of %zu", job->path, run->part, job->n_parts);
	replay_pass_init(&run->pass, &run->all->r->shared, job->path, put_line, run);
	if (run->part)
		hash_knowledge(run, run->began_with);
	return true;
}

/* The run is where the next part begins: true when it has to go on with it. */
static bool goes_on(struct run *run)
{
	bool in_place = eyas_reader_at_end(run->going.src), known = false, on = true;
	uint8_t knows[BLAKE2B_SIZE];
	struct threads *all = run->all;
	struct run *next;

	pthread_mutex_lock(&all->lock);
	if (run->part + 1 == run->limit) {
		next = run->next;
		while (next->phase == BEGINNING)
			pthread_cond_wait(&all->changed, &all->lock);
		if (next->phase != REFUSED && in_place) {
			pthread_mutex_unlock(&all->lock);
			hash_knowledge(run, knows);
			pthread_mutex_lock(&all->lock);
			known = !memcmp(knows, next->began_with, sizeof(knows));
		}
		on = !known;
	}
	if (on && run->part + 1 == run->limit) {
		debug(DEBUG_REPLAY, 1, "%s: the checkpoint behind part %zu is not used",
		      run->job->path, run->part);
		run->job->whole = true;
		run->limit = run->job->n_parts;
		cancel_later(run);
	}
	run->part += on;
	pthread_mutex_unlock(&all->lock);
	return on;
}

static void walk(struct run *run)
{
	struct job *job = run->job;

	eyas_reader_end_at(run->going.src, end_of_part(job, run->part));
	for (;;) {
		run->e = replay_going_run(&run->going);
		run->ended_it = run->e || run->part + 1 == job->n_parts;
		if (run->ended_it || !goes_on(run))
			return;
		if (!eyas_reader_go_on(run->going.src, end_of_part(job, run->part))) {
			run->ended_it = true;
			return;
		}
	}
}

static void do_run(struct run *run)
{
	bool begun = begin(run);

	set_phase(run, begun ? BEGUN : REFUSED);
	if (!begun)
		return;
	walk(run);
	run->state_stats = *state_stats(run->going.state);
	program_run_free(run->pass.run);
	run->pass.run = NULL;
	replay_going_close(&run->going);
}

/* ---- the order of runs */

/* The run is done and the first: its place in the whole. */
static void take(struct run *run)
{
	struct threads *all = run->all;
	struct replay *r = all->r;
	struct job *job = run->job;

	if (job->over || is_cancelled(run))
		return;
	write_pending(run);
	if (run->opened) {
		replay_summary_count(&r->summary, &run->pass.counts);
		job->visited += run->going.stats.visited;
	}
	progress_end(&r->progress);
	replay_tell_all(r, &run->diag);
	if (!run->ended_it)
		return;
	job->over = true;
	if (!run->opened) {
		all->status = replay_worst(all->status, exit_of_trace(run->e));
		return;
	}
	all->status = replay_worst(all->status, replay_ended(r, job->path, run->e));
	run->going.stats.visited = job->visited;
	replay_summary_add(&r->summary, &run->going.stats, &run->state_stats);
}

static void run_free(struct run *run)
{
	if (run->opened)
		replay_pass_free(&run->pass);
	strbuf_release(&run->pending);
	diag_free(&run->diag);
	free(run);
}

/* With the lock held. */
static void finish(struct run *run)
{
	struct threads *all = run->all;

	run->finished = true;
	if (run->ended_it) {
		run->job->whole = true;
		cancel_later(run);
	}
	pthread_cond_broadcast(&all->changed);
	/* Another thread that takes what is first takes this, too, when it comes to it. */
	if (all->taking)
		return;
	all->taking = true;
	while ((run = all->first) && run->finished) {
		pthread_mutex_unlock(&all->lock);
		take(run);
		pthread_mutex_lock(&all->lock);
		all->keeping -= run->kept;
		all->first = run->next;
		if (!all->first)
			all->last = NULL;
		run_free(run);
		pthread_cond_broadcast(&all->changed);
	}
	all->taking = false;
}

/* Parts that another run could take from this one. */
static size_t left(const struct run *run)
{
	if (run->finished || run->job->whole || is_cancelled(run) || !run->limit)
		return 0;
	return run->limit - run->part - 1;
}

static struct run *run_new(struct threads *all, struct job *job)
{
	struct run *run = xcalloc(1, sizeof(*run));

	run->all = all;
	run->job = job;
	strbuf_init(&run->pending);
	diag_init(&run->diag);
	atomic_init(&run->cancelled, false);
	return run;
}

static struct run *next_job(struct threads *all)
{
	struct run *run = run_new(all, &all->jobs[all->next_job++]);

	if (all->last)
		all->last->next = run;
	else
		all->first = run;
	all->last = run;
	return run;
}

/* Takes the second half of what is left to a run. */
static struct run *divide(struct run *from)
{
	struct run *run = run_new(from->all, from->job);

	run->limit = from->limit;
	from->limit -= (left(from) + 1) / 2;
	run->part = from->limit;
	run->next = from->next;
	from->next = run;
	if (from->all->last == from)
		from->all->last = run;
	return run;
}

/* Something to do for a thread, or NULL when there is nothing any more. With the lock held. */
static struct run *claim(struct threads *all)
{
	for (;;) {
		struct run *most = NULL;
		bool unknown = false;

		if (all->stop)
			return NULL;
		if (all->next_job < all->n_jobs)
			return next_job(all);
		for (struct run *x = all->first; x; x = x->next) {
			unknown |= !x->limit && !x->finished;
			if (left(x) > (most ? left(most) : 0))
				most = x;
		}
		if (most)
			return divide(most);
		if (!unknown)
			return NULL;
		pthread_cond_wait(&all->changed, &all->lock);
	}
}

static void work(void *arg, size_t i)
{
	struct threads *all = arg;
	struct run *run;

	(void)i;
	pthread_mutex_lock(&all->lock);
	while ((run = claim(all))) {
		pthread_mutex_unlock(&all->lock);
		do_run(run);
		pthread_mutex_lock(&all->lock);
		finish(run);
	}
	pthread_mutex_unlock(&all->lock);
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

int replay_parallel(struct replay *r)
{
	const struct replay_options *o = &r->opt;
	struct threads all = { .r = r, .n_jobs = o->traces.n, .status = EXIT_DONE };
	unsigned threads = parallel_jobs(o->jobs);
	bool memory = replay_rules_remember(&r->shared);

	/* What is done about losses, and what goes on from trace to trace, has one order. */
	if (threads < 2 || o->loss.actions || o->as_one || !apart(o))
		return -1;
	all.jobs = xcalloc(all.n_jobs + 1, sizeof(*all.jobs));
	for (size_t i = 0; i < all.n_jobs; i++) {
		all.jobs[i].path = o->traces.v[i];
		all.jobs[i].whole = memory;
	}
	if (all.n_jobs == 1 && !memory) {
		replay_places_read(all.jobs[0].path, &o->select, &all.jobs[0].places);
		all.jobs[0].read = true;
	}
	if (all.n_jobs > 1 || all.jobs[0].places.v.n) {
		pthread_mutex_init(&all.lock, NULL);
		pthread_cond_init(&all.changed, NULL);
		parallel_each(threads, threads, work, &all);
		pthread_cond_destroy(&all.changed);
		pthread_mutex_destroy(&all.lock);
	} else {
		all.status = -1;
	}
	for (size_t i = 0; i < all.n_jobs; i++)
		replay_places_free(&all.jobs[i].places);
	free(all.jobs);
	return all.status;
}
