/*
 * command: the table of subcommands.
 *
 * Layer: cli. A command is a file src/cli/cmd_<name>.c, a row in commands.def, a page man/eyas-<name>.1.
 */
#ifndef EYAS_COMMAND_H
#define EYAS_COMMAND_H

#include <errno.h>
#include <stdio.h>

/* Exit statuses of every command (DESIGN section 8). */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_TEST_FAILED = 1, /* a test failed, or alerts at or above --fail-on */
	EXIT_USAGE = 2,       /* wrong usage, or invalid rules */
	EXIT_DAMAGED = 3,     /* input damaged or cut: all that could be read was processed and said */
	EXIT_FAILED = 4,      /* could not do it: I/O, permission */
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

struct command {
	const char *name;
	const char *summary; /* one line for `eyas help` */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns an exit_status */
};

/* Rows in table order; NULL name ends it. */
extern const struct command commands[];
/* Runs `eyas ARGV...`; returns the exit status. */
int command_main(int argc, char **argv);

#define COMMAND(name, summary, fn) int fn(int argc, char **argv);
#include "cli/commands.def"
#undef COMMAND

#endif
