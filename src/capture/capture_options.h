/*
 * capture_options: the command line of eyas-capture.
 *
 * Layer: capture.
 */
#ifndef EYAS_CAPTURE_OPTIONS_H
#define EYAS_CAPTURE_OPTIONS_H

#include "base/option.h"
#include "capture/driver.h"
#include "capture/output_file.h"

struct capture_options {
	struct output_options output;
	struct driver_options driver;
	uint8_t calls[2 * EYAS_MAX_NR];
	VEC(uint32_t) pids;
	VEC(char *) packets; /* --packets, as given */
	int packet_snaplen;
	const char *container; /* part of a cgroup's name, or NULL */
	uint64_t duration_ns, max_events;
	bool drop_when_full; /* --on-full drop */
	bool whole_system;   /* --all: not only the command's tree */
	bool stats, quiet;
	char **command; /* NULL: none; ends with NULL */
};

/* 0 go on; OPTION_EXIT (help or version was printed) or OPTION_ERROR (said). */
int capture_options_parse(int argc, char **argv, struct capture_options *ret);
void capture_options_free(struct capture_options *o);

#endif
