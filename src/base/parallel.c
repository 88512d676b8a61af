#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/heap.h"
#include "base/xalloc.h"

#define AHEAD 4 /* numbers a thread */

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t n, next; /* next: the first that nobody has begun */
	size_t taken, window;
	uint8_t *done; /* by number; NULL: nothing is taken */
	bool stop;
	void (*work)(void *arg, size_t i);
	void *arg;
};

unsigned parallel_jobs(unsigned wanted)
{
	cpu_set_t set;
	int n;

	if (!wanted) {
		n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
		wanted = n > 0 ? (unsigned)n : 1;
	}
	return wanted < PARALLEL_MAX ? wanted : PARALLEL_MAX;
}

static bool may_begin(const struct pool *p)
{
	return !p->stop && p->next < p->n && p->next - p->taken < p->window;
}

/* With the lock held, which it gives up while it works. */
static void do_next(struct pool *p)
{
	size_t i = p->next++;

	pthread_mutex_unlock(&p->lock);
	p->work(p->arg, i);
	pthread_mutex_lock(&p->lock);
	if (p->done) {
		p->done[i] = 1;
		pthread_cond_broadcast(&p->changed);
	}
}

static void run(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	while (!p->stop && p->next < p->n) {
		if (may_begin(p))
			do_next(p);
		else
			pthread_cond_wait(&p->changed, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
}

static void *worker(void *arg)
{
	heap_make_room();
	run(arg);
	return NULL;
}

/* The calling thread: takes what is next to be taken, works when that is not done yet. */
static int take_all(struct pool *p, int (*take)(void *arg, size_t i))
{
	int r = 0;

	pthread_mutex_lock(&p->lock);
	while (p->taken < p->n && !p->stop) {
		if (p->done[p->taken]) {
			pthread_mutex_unlock(&p->lock);
			r = take(p->arg, p->taken);
			pthread_mutex_lock(&p->lock);
			p->taken++;
			p->stop = r != 0;
			pthread_cond_broadcast(&p->changed);
		} else if (may_begin(p)) {
			do_next(p);
		} else {
			pthread_cond_wait(&p->changed, &p->lock);
		}
	}
	pthread_mutex_unlock(&p->lock);
	return r;
}

int parallel_ordered(unsigned jobs, size_t n, void (*work)(void *arg, size_t i),
		     int (*take)(void *arg, size_t i), void *arg)
{
	struct pool p = { .n = n, .work = work, .arg = arg };
	pthread_t threads[PARALLEL_MAX];
	size_t started = 0;
	int r = 0;

	if (!n)
		return 0;
	jobs = parallel_jobs(jobs);
	p.window = take ? (size_t)jobs * AHEAD : n;
	p.done = take ? xcalloc(n, 1) : NULL;
	pthread_mutex_init(&p.lock, NULL);
	pthread_cond_init(&p.changed, NULL);
	if (jobs > 1)
		heap_make_room();
	/* This thread is one of them; if no more can be had it does all. */
	while (started + 1 < jobs && started + 1 < n &&
	       pthread_create(&threads[started], NULL, worker, &p) == 0)
		started++;
	if (take)
		r = take_all(&p, take);
	else
		run(&p);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_cond_destroy(&p.changed);
	pthread_mutex_destroy(&p.lock);
	free(p.done);
	return r;
}

void parallel_each(unsigned jobs, size_t n, void (*work)(void *arg, size_t i), void *arg)
{
	parallel_ordered(jobs, n, work, NULL, arg);
}
