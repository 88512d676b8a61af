/*
 * command: the table of subcommands.
 *
 * Layer: cli. A command is a file src/cli/cmd_<name>.c, a row in commands.def, a page
 * man/eyas-<name>.1.
 */
#ifndef EYAS_COMMAND_H
#define EYAS_COMMAND_H

#include <stdio.h>

#include "base/exit_status.h"

struct command {
	const char *name;
	const char *summary; /* one line for `eyas help` */
	int (*run)(int argc,
		   char **argv); /* argv[0] is the command's name; returns an exit_status */
};

/* Rows in table order; NULL name ends it. */
extern const struct command commands[];
/* Runs `eyas ARGV...`; returns the exit status. */
int command_main(int argc, char **argv);

#define COMMAND(name, summary, fn) int fn(int argc, char **argv);
#include "cli/commands.def"
#undef COMMAND

#endif
