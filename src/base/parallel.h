/*
 * parallel: the same work for many things, several at once.
 *
 * Layer: base. Threads live as long as the call. What `work` is given for one number is touched by
 * one thread only; all that threads share must not change meanwhile. What is taken is taken in the
 * order of the numbers and in the calling thread: results do not depend on how many threads there
 * are.
 */
#ifndef EYAS_PARALLEL_H
#define EYAS_PARALLEL_H

#include <stddef.h>

#define PARALLEL_MAX 256 /* threads */

/* How many threads to use: `wanted`, or, when that is 0, as many as this process has processors; at
 * least 1, at most PARALLEL_MAX. */
unsigned parallel_jobs(unsigned wanted);
/*
 * Calls work(arg, i) for each i below n, up to `jobs` (as parallel_jobs() takes it) at once, in any
 * order; the calling thread is one of them.
 */
void parallel_each(unsigned jobs, size_t n, void (*work)(void *arg, size_t i), void *arg);
/*
 * The same, and take(arg, i) for each i in order, in the calling thread, once its work is done.
 * Work is never more than 4 * jobs numbers ahead of what is taken, which bounds what results
 * occupy. A take() that does not return 0 ends it: work that has begun is finished, but not taken.
 * Returns what the last take() returned.
 */
int parallel_ordered(unsigned jobs, size_t n, void (*work)(void *arg, size_t i),
		     int (*take)(void *arg, size_t i), void *arg);

#endif
