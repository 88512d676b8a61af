/*
 * eyas rules: validates and describes rules files. Each subcommand has its own file.
 */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/rules_options.h"

static const struct {
	const char *name, *what;
	int (*run)(int argc, char **argv);
} subcommands[] = {
	{ "check", "validate rules files, telling everything that is wrong with them",
	  rules_check },
	{ "list", "list the rules, their priorities and tags", rules_list },
	{ "show", "show a rule as it is written, as it is understood, as it is run", rules_show },
};

#define N_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static void usage(FILE *f)
{
	fprintf(f, "usage: eyas rules COMMAND [OPTION]...\n\n");
	for (size_t i = 0; i < N_SUBCOMMANDS; i++)
		fprintf(f, "  %-8s %s\n", subcommands[i].name, subcommands[i].what);
	fprintf(f, "\n`eyas rules COMMAND --help` lists the options.\n");
}

int cmd_rules(int argc, char **argv)
{
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (argc >= 2 && strcmp(argv[1], "--" OPTION_TABLE) == 0) {
		for (size_t i = 0; i < N_SUBCOMMANDS; i++) {
			printf("S\trules\t%s\t%s\n", subcommands[i].name, subcommands[i].what);
			(void)subcommands[i].run(argc, argv);
		}
		return EXIT_DONE;
	}
	for (size_t i = 0; argc >= 2 && i < N_SUBCOMMANDS; i++)
		if (strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].run(argc - 1, argv + 1);
	if (argc >= 2)
		fprintf(stderr, "eyas rules: there is no subcommand '%s'\n", argv[1]);
	usage(stderr);
	return EXIT_USAGE;
}
