/*
 * Runs; see runs.h.
 *
 * A thread with nothing to do begins with the next trace, or else takes the second half of what is
 * left to the run that has most. So there are few beginnings, which cost most. A run that comes to
 * where the next one began compares what it knows with what that one began with: when they differ
 * the checkpoint was not right, the later runs of the trace are forgotten, and this one goes on.
 *
 * Runs are listed in the order of their results. The first of them may hand results on; the others
 * keep what they have, and wait when all of them together keep too much.
 */
#include "replay/runs.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/debug.h"
#include "base/heap.h"
#include "base/parallel.h"
#include "base/xalloc.h"
#include "replay/going.h"
#include "trace/blake2b.h"
#include "trace/eyas_reader.h"

#define KEEP_MAX ((size_t)32 << 20) /* bytes that all runs but the first keep together */
#define AHEAD    4                  /* runs a thread that are not taken yet */

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
	struct run *next; /* in order of results */
	struct job *job;
	struct runs *all;
	size_t part;  /* the one in hand */
	size_t limit; /* the part not to be begun */
	enum phase phase;
	bool finished;
	bool open;                        /* `going` is */
	atomic_bool cancelled;            /* nothing of it is wanted any more */
	uint8_t began_with[BLAKE2B_SIZE]; /* hash of what it knew then */

	struct replay_going going;
	void *own;   /* the client's */
	size_t kept; /* counted in `keeping` */
	struct diag diag;
	struct state_stats state_stats;
	int e;         /* what ended it */
	bool opened;   /* the trace could be: the client has its own of it */
	bool ended_it; /* the trace: nothing comes behind this run */
};

struct runs {
	const struct runs_client *client;
	struct timespec began;
	pthread_mutex_t lock; /* of everything below, and of the lists and phases of runs */
	pthread_cond_t changed;
	struct job *jobs;
	size_t n_jobs, next_job;
	struct run *first, *last;
	size_t n_runs; /* in the list */
	size_t max_runs;
	size_t keeping;
	bool taking; /* a thread is about the finished ones at the front */
	bool stop;

	/* A thread that prepares runs of the only job while the client is not ready, then takes
	 * part. */
	pthread_t helper;
	bool helping; /* there is one */
	bool walking; /* it need not wait any more */
	bool opening; /* it is about prepared[0]: what is known of the job is not known yet */
	struct run *prepared[2]; /* not in the list; or NULL */
	bool preparing;          /* it is about the other */
	struct run *half; /* which stands in the list already, and nobody has taken; or NULL */
};

/* For developers: when things happen, and how long this thread has worked. */
static void note(const struct run *run, const char *what)
{
	struct timespec t, cpu;

	if (debug_level[DEBUG_REPLAY] < 2)
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	debug(DEBUG_REPLAY, 2, "%s: after %.1f ms (%.1f of this thread), part %zu %s",
	      run->job->path,
	      (double)(t.tv_sec - run->all->began.tv_sec) * 1e3 +
		      (double)(t.tv_nsec - run->all->began.tv_nsec) * 1e-6,
	      (double)cpu.tv_sec * 1e3 + (double)cpu.tv_nsec * 1e-6, run->part, what);
}

/* ---- for the client */

bool run_is_cancelled(const struct run *run)
{
	return atomic_load_explicit(&run->cancelled, memory_order_relaxed);
}

bool run_keeps(struct run *run, size_t bytes)
{
	struct runs *all = run->all;
	bool first;

	pthread_mutex_lock(&all->lock);
	if (all->first != run) {
		all->keeping += bytes - run->kept;
		run->kept = bytes;
	}
	while (all->first != run && all->keeping > KEEP_MAX && !run_is_cancelled(run))
		pthread_cond_wait(&all->changed, &all->lock);
	first = all->first == run;
	pthread_mutex_unlock(&all->lock);
	return first;
}

void run_keeps_none(struct run *run)
{
	struct runs *all = run->all;

	pthread_mutex_lock(&all->lock);
	if (run->kept)
		pthread_cond_broadcast(&all->changed);
	all->keeping -= run->kept;
	run->kept = 0;
	pthread_mutex_unlock(&all->lock);
}

void run_stop_others(struct run *run)
{
	struct runs *all = run->all;

	pthread_mutex_lock(&all->lock);
	all->stop = true;
	for (struct run *x = run->next; x; x = x->next)
		atomic_store(&x->cancelled, true);
	pthread_cond_broadcast(&all->changed);
	pthread_mutex_unlock(&all->lock);
}

/* ---- a run */

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct run *run = arg;

	return run_is_cancelled(run) ? 1 : run->all->client->event(run->own, ctx);
}

static enum open_verdict on_open(void *arg, const struct state_open *o)
{
	struct run *run = arg;

	return run->all->client->open(run->own, o);
}

static bool on_use(void *arg, const struct state_use *u)
{
	struct run *run = arg;

	return run->all->client->use(run->own, u);
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *st)
{
	struct run *run = arg;

	run->all->client->progress(run->own, src, st);
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

static void read_places(struct job *job, const struct replay_select *sel)
{
	if (!job->read)
		replay_places_read(job->path, sel, &job->places);
	job->read = true;
}

static void find_parts(struct run *run)
{
	const struct replay_select *sel = run->all->client->select;
	struct job *job = run->job;

	read_places(job, sel);
	job->first = replay_places_first(&job->places, sel);
	pthread_mutex_lock(&run->all->lock);
	job->n_parts = run->limit = job->whole ? 1 : job->places.v.n - job->first + 1;
	/* Others may be waiting for something to take. */
	pthread_cond_broadcast(&run->all->changed);
	pthread_mutex_unlock(&run->all->lock);
}

/* Opens the trace where the run begins. */
static bool open_run(struct run *run)
{
	const struct replay_visitor v = {
		.arg = run,
		.event = on_event,
		.open = run->all->client->open ? on_open : NULL,
		.use = run->all->client->use ? on_use : NULL,
		.progress = run->all->client->progress ? on_progress : NULL,
	};
	const struct replay_select *sel = run->all->client->select;
	struct job *job = run->job;
	const struct replay_place *at;

	if (run->part == 0) {
		find_parts(run);
		run->e = replay_going_open_near(&run->going, job->path, sel, &v, &run->diag);
	} else {
		at = &job->places.v.v[job->first + run->part - 1];
		run->e = replay_going_open_at(&run->going, job->path, at, sel, &v, &run->diag);
	}
	run->ended_it = run->e && run->part == 0;
	run->open = !run->e;
	if (run->open && run->part)
		hash_knowledge(run, run->began_with);
	if (run->open)
		eyas_reader_end_at(run->going.src, end_of_part(job, run->part));
	return run->open;
}

static bool begin(struct run *run)
{
	const struct runs_client *c = run->all->client;

	if (!run->open && !open_run(run))
		return false;
	if (c->wants)
		replay_walk_wants(run->going.walk, c->wants);
	run->opened = true;
	debug(DEBUG_REPLAY, 1, "%s: begun at part %zu of %zu", run->job->path, run->part,
	      run->job->n_parts);
	run->own = c->begin ? c->begin(c->arg, run, run->job->path) : c->arg;
	note(run, "begins");
	return true;
}

/* The run is where the next part begins: true when it has to go on with it. */
static bool goes_on(struct run *run)
{
	bool in_place = eyas_reader_at_end(run->going.src), known = false, on = true;
	uint8_t knows[BLAKE2B_SIZE];
	struct runs *all = run->all;
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
		note(run, "is over");
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
	if (run->all->client->end)
		run->all->client->end(run->own);
	replay_going_close(&run->going);
	run->open = false;
	note(run, "is closed");
}

/* ---- the order of runs */

/* The run is done and the first: its place in the whole. */
static void take(struct run *run)
{
	const struct runs_client *c = run->all->client;
	struct job *job = run->job;
	struct run_result res = {
		.path = job->path,
		.diag = &run->diag,
		.opened = run->opened,
		.ended_it = run->ended_it,
		.e = run->e,
		.stats = &run->going.stats,
		.state_stats = &run->state_stats,
	};

	if (job->over || run_is_cancelled(run))
		return;
	job->over = run->ended_it;
	job->visited += run->going.stats.visited;
	run->going.stats.visited = job->visited;
	if (c->take)
		c->take(c->arg, run->own, &res);
}

static void run_free(struct run *run)
{
	const struct runs_client *c = run->all->client;

	if (run->opened && c->drop)
		c->drop(c->arg, run->own);
	if (run->open)
		replay_going_close(&run->going);
	diag_free(&run->diag);
	free(run);
}

/* With the lock held. */
static void finish(struct run *run)
{
	struct runs *all = run->all;

	run->finished = true;
	/* The runs before this one may still be divided. */
	if (run->ended_it)
		cancel_later(run);
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
		all->n_runs--;
		run_free(run);
		pthread_cond_broadcast(&all->changed);
	}
	all->taking = false;
}

/* Parts that another run could take from this one. */
static size_t left(const struct run *run)
{
	if (run->finished || run->job->whole || run_is_cancelled(run) || !run->limit)
		return 0;
	return run->limit - run->part - 1;
}

static struct run *run_new(struct runs *all, struct job *job, size_t part)
{
	struct run *run = xcalloc(1, sizeof(*run));

	run->all = all;
	run->job = job;
	run->part = part;
	diag_init(&run->diag);
	atomic_init(&run->cancelled, false);
	return run;
}

/* A run to be put into the list: one that was prepared, if it begins there. */
static struct run *run_get(struct runs *all, struct job *job, size_t part)
{
	all->n_runs++;
	for (size_t i = 0; i < 2; i++) {
		struct run *run = all->prepared[i];

		if (run && run->part == part) {
			all->prepared[i] = NULL;
			return run;
		}
	}
	return run_new(all, job, part);
}

/* Takes the second half of what is left to a run. */
static struct run *divide(struct run *from)
{
	size_t limit = from->limit;
	struct run *run;

	from->limit -= (left(from) + 1) / 2;
	run = run_get(from->all, from->job, from->limit);
	run->limit = limit;
	run->next = from->next;
	from->next = run;
	if (from->all->last == from)
		from->all->last = run;
	return run;
}

static struct run *next_job(struct runs *all)
{
	struct run *run = run_get(all, &all->jobs[all->next_job++], 0);

	if (all->last)
		all->last->next = run;
	else
		all->first = run;
	all->last = run;
	if (all->prepared[1] && !run->job->whole)
		all->half = divide(run);
	return run;
}

static struct run *take_half(struct runs *all)
{
	struct run *run = all->half;

	all->half = NULL;
	return run;
}

/* Something to do for a thread, or NULL when there is nothing any more. With the lock held. */
static struct run *claim(struct runs *all)
{
	for (;;) {
		struct run *most = NULL;
		bool unknown = false, may_begin = all->n_runs < all->max_runs;

		if (all->half && !all->preparing)
			return take_half(all);
		if (all->stop)
			return NULL;
		if (may_begin && all->next_job < all->n_jobs)
			return next_job(all);
		for (struct run *x = all->first; x; x = x->next) {
			unknown |= !x->limit && !x->finished;
			if (left(x) > (most ? left(most) : 0))
				most = x;
		}
		if (may_begin && most)
			return divide(most);
		if (!unknown && !most && all->next_job == all->n_jobs)
			return NULL;
		pthread_cond_wait(&all->changed, &all->lock);
	}
}

static void work(struct runs *all)
{
	struct run *run;

	pthread_mutex_lock(&all->lock);
	while ((run = claim(all))) {
		pthread_mutex_unlock(&all->lock);
		do_run(run);
		pthread_mutex_lock(&all->lock);
		finish(run);
	}
	pthread_mutex_unlock(&all->lock);
}

struct runs *runs_new(const struct runs_client *client, const char *const *paths, size_t n)
{
	struct runs *all = xcalloc(1, sizeof(*all));

	all->client = client;
	all->n_jobs = n;
	all->jobs = xcalloc(n + 1, sizeof(*all->jobs));
	for (size_t i = 0; i < n; i++)
		all->jobs[i].path = paths[i];
	clock_gettime(CLOCK_MONOTONIC, &all->began);
	pthread_mutex_init(&all->lock, NULL);
	pthread_cond_init(&all->changed, NULL);
	return all;
}

/* ---- the helper */

/*
 * Opens a run and reads what comes before its first event; the first run of a trace reads up to its
 * first event. The others leave that until it is known what is wanted of it, and so what has to be
 * unpacked. What is wrong is said when it is tried again.
 */
static bool prepare(struct run *run)
{
	uint64_t ts;
	int r = open_run(run);

	if (r == 1 && !run->part)
		r = replay_walk_peek(run->going.walk, &ts);
	if (r == 1 && !run->part && replay_walk_at_section(run->going.walk)) {
		replay_walk_step(run->going.walk);
		r = replay_walk_peek(run->going.walk, &ts);
	}
	note(run, r == 1 ? "is prepared" : "cannot be prepared");
	if (r == 1)
		return true;
	if (run->open)
		replay_going_close(&run->going);
	run->open = run->ended_it = false;
	diag_free(&run->diag);
	diag_init(&run->diag);
	return false;
}

static struct run *prepare_first(struct runs *all)
{
	struct job *job = &all->jobs[0];
	struct run *run;

	read_places(job, all->client->select);
	if (!job->places.v.n)
		return NULL;
	run = run_new(all, job, 0);
	if (prepare(run))
		return run;
	run_free(run);
	return NULL;
}

static void prepare_runs(struct runs *all)
{
	struct run *first = prepare_first(all), *second = NULL;
	struct job *job = &all->jobs[0];

	pthread_mutex_lock(&all->lock);
	all->opening = false;
	all->prepared[0] = first;
	/* Where a second thread divides what the first has just begun with. */
	if (first && job->n_parts > 1 && !job->whole && !all->walking && !all->stop)
		second = run_new(all, job, job->n_parts - job->n_parts / 2);
	all->prepared[1] = second;
	all->preparing = second;
	pthread_cond_broadcast(&all->changed);
	pthread_mutex_unlock(&all->lock);
	if (second)
		prepare(second);
	pthread_mutex_lock(&all->lock);
	all->preparing = false;
	pthread_cond_broadcast(&all->changed);
	pthread_mutex_unlock(&all->lock);
}

static void *help(void *arg)
{
	struct runs *all = arg;
	bool walking;

	heap_make_room();
	prepare_runs(all);
	pthread_mutex_lock(&all->lock);
	while (!all->walking && !all->stop)
		pthread_cond_wait(&all->changed, &all->lock);
	walking = all->walking;
	pthread_mutex_unlock(&all->lock);
	if (walking)
		work(all);
	return NULL;
}

void runs_prepare(struct runs *all)
{
	if (all->n_jobs != 1)
		return;
	all->opening = true;
	all->helping = pthread_create(&all->helper, NULL, help, all) == 0;
	if (!all->helping)
		all->opening = false;
}

static void wait_until_known(struct runs *all)
{
	pthread_mutex_lock(&all->lock);
	while (all->opening)
		pthread_cond_wait(&all->changed, &all->lock);
	pthread_mutex_unlock(&all->lock);
}

/* ---- the whole */

void runs_keep_whole(struct runs *all)
{
	pthread_mutex_lock(&all->lock);
	for (size_t i = 0; i < all->n_jobs; i++)
		all->jobs[i].whole = true;
	pthread_mutex_unlock(&all->lock);
}

bool runs_divide(struct runs *all)
{
	if (all->n_jobs != 1)
		return all->n_jobs > 1;
	wait_until_known(all);
	if (!all->jobs[0].whole)
		read_places(&all->jobs[0], all->client->select);
	return !all->jobs[0].whole && all->jobs[0].places.v.n;
}

static void work_along(void *arg, size_t i)
{
	(void)i;
	work(arg);
}

static void join_helper(struct runs *all)
{
	if (all->helping)
		pthread_join(all->helper, NULL);
	all->helping = false;
}

void runs_walk(struct runs *all, unsigned threads)
{
	unsigned others = threads > 1 && all->helping ? threads - 1 : threads;

	wait_until_known(all);
	pthread_mutex_lock(&all->lock);
	all->max_runs = (size_t)threads * AHEAD;
	all->walking = true;
	pthread_cond_broadcast(&all->changed);
	pthread_mutex_unlock(&all->lock);
	parallel_each(others, others, work_along, all);
	join_helper(all);
}

void runs_free(struct runs *all)
{
	pthread_mutex_lock(&all->lock);
	all->stop = true;
	pthread_cond_broadcast(&all->changed);
	pthread_mutex_unlock(&all->lock);
	join_helper(all);
	for (size_t i = 0; i < 2; i++)
		if (all->prepared[i])
			run_free(all->prepared[i]);
	for (size_t i = 0; i < all->n_jobs; i++)
		replay_places_free(&all->jobs[i].places);
	pthread_cond_destroy(&all->changed);
	pthread_mutex_destroy(&all->lock);
	free(all->jobs);
	free(all);
}
