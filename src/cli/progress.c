#include "cli/progress.h"

#include <stdarg.h>
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

bool progress_due(struct progress *p)
{
	struct timespec now;

	if (!p->on)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (since(&p->began, &now) < 1 || since(&p->last, &now) < 0.2)
		return false;
	p->last = now;
	return true;
}

void progress_say(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	fputs("\r\033[K", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fflush(stderr);
	p->shown = true;
}

void progress_show(struct progress *p, const struct source *src, uint64_t n)
{
	if (n % EVERY == 0)
		progress_visit(p, src, n);
}

void progress_visit(struct progress *p, const struct source *src, uint64_t n)
{
	if (!progress_due(p))
		return;
	if (src->size)
		progress_say(p, "%llu records, %u %%", (unsigned long long)n,
			     (unsigned)(100.0 * (double)src->position / (double)src->size));
	else
		progress_say(p, "%llu records", (unsigned long long)n);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
