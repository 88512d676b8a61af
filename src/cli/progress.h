/*
 * progress: how far a long reading of a trace has come, on a terminal.
 *
 * Layer: cli. One line on standard error, from the first second on; nothing when that is not a
 * terminal.
 */
#ifndef EYAS_PROGRESS_H
#define EYAS_PROGRESS_H

#include <stdbool.h>
#include <time.h>

#include "event/source.h"

struct progress {
	bool on, shown;
	struct timespec began, last;
};

void progress_begin(struct progress *p);
/* It is time to show something: a second has gone by, and a fifth since the last time. */
bool progress_due(struct progress *p);
/* Shows this, in place of what was there. */
void progress_say(struct progress *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* For each record read; `n` is how many there were. Looks at the clock for some of them only. */
void progress_show(struct progress *p, const struct source *src, uint64_t n);
/* The same for those who do not come for each record: looks at the clock each time. */
void progress_visit(struct progress *p, const struct source *src, uint64_t n);
/* Takes the line away. */
void progress_end(struct progress *p);

#endif
