/*
 * exit_status: how programs end.
 *
 * Layer: base.
 */
#ifndef EYAS_EXIT_STATUS_H
#define EYAS_EXIT_STATUS_H

#include <errno.h>

/* Exit statuses of every command. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_TEST_FAILED = 1, /* a test failed, or alerts at or above --fail-on */
	EXIT_USAGE = 2,       /* wrong usage, or invalid rules */
	EXIT_DAMAGED = 3, /* input damaged or cut: all that could be read was processed and said */
	EXIT_FAILED = 4,  /* could not do it: I/O, permission */
};

/* The exit status that a result of trace_open() or source_next() stands for. */
static inline int exit_of_trace(int r)
{
	switch (r) {
	case 0:
		return EXIT_DONE;
	case -EBADMSG:
		return EXIT_DAMAGED;
	case -EINVAL: /* not a trace */
		return EXIT_USAGE;
	}
	return EXIT_FAILED;
}

#endif
