#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#define EVERY 4096 /* records */

static double since(const struct timespec *t, const struct timespec *now)
{
	return (double)(now->tv_sec - t->tv_sec) + (double)(now->tv_nsec - t->tv_nsec) * 1e-9;
}

void progress_begin(struct progress *p)
{
	*p = (struct progress){ .on = isatty(STDERR_FILENO) };
	clock_gettime(CLOCK_MONOTONIC, &p->began);
}

void progress_show(struct progress *p, const struct source *src, uint64_t n)
{
	struct timespec now;

	if (!p->on || n % EVERY)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (since(&p->began, &now) < 1 || since(&p->last, &now) < 0.2)
		return;
	p->last = now;
	p->shown = true;
	fprintf(stderr, "\r\033[K%llu records", (unsigned long long)n);
	if (src->size)
		fprintf(stderr, ", %u %%",
			(unsigned)(100.0 * (double)src->position / (double)src->size));
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
