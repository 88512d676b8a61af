#include "cli/command.h"

#include <string.h>

#include "base/str.h"
#include "config.h"

const struct command commands[] = {
#define COMMAND(cmd_name, text, fn) { cmd_name, text, fn },
#include "cli/commands.def"
#undef COMMAND
	{ NULL, NULL, NULL }
};

static void print_help(FILE *f)
{
	fputs("usage: eyas COMMAND [OPTION]... [ARGUMENT]...\n"
	      "       eyas help [COMMAND]\n"
	      "       eyas --version\n\n"
	      "Replays recorded system-call traces through Falco rules, and looks into traces.\n\n"
	      "Commands:\n",
	      f);
	for (const struct command *c = commands; c->name; c++)
		fprintf(f, "  %-10s %s\n", c->name, c->summary);
	fputs("\nExit status: 0 done; 1 a test failed, or alerts at or above --fail-on; 2 wrong usage or\n"
	      "invalid rules; 3 input damaged or cut; 4 could not do it.\n"
	      "\"eyas COMMAND --help\" and the manual page eyas-COMMAND(1) tell more.\n",
	      f);
}

static const struct command *find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *near = NULL;
	unsigned best = 3;

	for (const struct command *c = commands; c->name; c++) {
		unsigned d = str_distance(str_of(name), str_of(c->name), 3);

		if (d < best) {
			best = d;
			near = c->name;
		}
	}
	fprintf(stderr, "eyas: there is no command '%s'", name);
	if (near)
		fprintf(stderr, "; did you mean '%s'?", near);
	fputs("\n\"eyas help\" lists the commands.\n", stderr);
	return EXIT_USAGE;
}

int command_main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts(PACKAGE_STRING);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0) {
		char help[] = "--help";
		char *args[] = { argc > 2 ? argv[2] : argv[1], help, NULL };

		if (argc == 2) {
			print_help(stdout);
			return EXIT_DONE;
		}
		c = find(argv[2]);
		return c ? c->run(2, args) : unknown_command(argv[2]);
	}
	c = find(argv[1]);
	return c ? c->run(argc - 1, argv + 1) : unknown_command(argv[1]);
}
