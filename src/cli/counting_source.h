/*
 * counting_source: a source around another that counts each record on its way.
 *
 * Layer: cli. For commands that walk a trace and tell, too, what is in it.
 */
#ifndef EYAS_COUNTING_SOURCE_H
#define EYAS_COUNTING_SOURCE_H

#include "cli/trace_summary.h"

struct counting_source {
	struct source source; /* to be read instead; needs no close */
	struct source *inner;
	struct trace_summary *summary;
};

/* Borrows both. */
void counting_source_init(struct counting_source *c, struct source *inner,
			  struct trace_summary *summary);

#endif
