/*
 * progress: how far a long reading of a trace has come, on a terminal.
 *
 * Layer: cli. One line on standard error, from the first second on; nothing when that is not a
 * terminal.
 */
#ifndef EYAS_PROGRESS_H
#define EYAS_PROGRESS_H

#include <time.h>

#include "event/source.h"

struct progress {
	bool on, shown;
	struct timespec began, last;
};

void progress_begin(struct progress *p);
/* For each record read; `n` is how many there were. Looks at the clock for some of them only. */
void progress_show(struct progress *p, const struct source *src, uint64_t n);
/* Takes the line away. */
void progress_end(struct progress *p);

#endif
