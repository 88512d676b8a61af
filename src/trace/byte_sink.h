/*
 * byte_sink: where a writer's bytes go: a file, or memory in tests.
 *
 * Layer: trace. All functions return 0 or -errno; those that are NULL have nothing to do.
 */
#ifndef EYAS_BYTE_SINK_H
#define EYAS_BYTE_SINK_H

#include <stddef.h>

#include "trace/outfile.h"

struct byte_sink {
	void *arg;
	int (*write)(void *arg, const void *p, size_t n);
	int (*flush)(void *arg);  /* hand what is buffered to the reader */
	int (*finish)(void *arg); /* all is written: close, put in place */
	void (*abort)(void *arg); /* drop it */
};

/* One over a file, which it owns from here on. */
struct byte_sink byte_sink_of_outfile(struct outfile *out);

static inline int byte_sink_flush(const struct byte_sink *b)
{
	return b->flush ? b->flush(b->arg) : 0;
}

static inline int byte_sink_finish(const struct byte_sink *b)
{
	return b->finish ? b->finish(b->arg) : 0;
}

static inline void byte_sink_abort(const struct byte_sink *b)
{
	if (b->abort)
		b->abort(b->arg);
}

#endif
