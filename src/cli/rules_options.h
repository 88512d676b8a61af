/*
 * rules_options: what the subcommands of `eyas rules` have in common: files in, a ruleset out.
 *
 * Layer: cli. A subcommand puts RULES_OPTION_ROWS in its table, hands keys it does not know to
 * rules_option(), and loads with rules_load().
 */
#ifndef EYAS_RULES_OPTIONS_H
#define EYAS_RULES_OPTIONS_H

#include "cli/falco_config.h"
#include "cli/select_option.h"
#include "rules/ruleset.h"

enum {
	OPT_SOURCE = 2000,
	OPT_SOURCES,
	OPT_APPEND_OUTPUT,
	OPT_APPEND_FIELD,
	OPT_SUGGESTED_OUTPUT,
	OPT_SET,
};

#define RULES_OPTION_ROWS                                                                      \
	{ 'r', "rules", "PATH",                                                                \
	  "rules: a file, or a directory of .yaml and .yml files (repeatable)" },              \
		{ 'c', "config", "FILE",                                                       \
		  "a Falco configuration: its rules_files, rules, priority, append_output" },  \
		{ OPT_SET, "set", "KEY=VALUE",                                                 \
		  "a value in place of that of the configuration, e.g. priority=error" },      \
		{ OPT_SOURCE, "source", "NAME",                                                \
		  "another event source whose rules are not skipped" },                        \
		{ OPT_SOURCES, "sources", "LIST",                                              \
		  "the event sources that are known (default: syscall,k8s_audit)" },           \
		{ OPT_APPEND_OUTPUT, "append-output", "FORMAT",                                \
		  "append FORMAT to the output of every rule" },                               \
		{ OPT_APPEND_FIELD, "append-field", "FIELD",                                   \
		  "add FIELD, or NAME=FORMAT, to the fields of alerts" },                      \
	{                                                                                      \
		OPT_SUGGESTED_OUTPUT, "suggested-output", NULL,                                \
			"append the fields of containers and pods to the output of every rule" \
	}

struct rules_options {
	VEC(const char *) files;
	VEC(const char *) sources; /* NULL-terminated when loaded */
	VEC(struct output_append) appends;
	bool suggested_output;
	const char *config_path; /* -c, or NULL */
	VEC(const char *) sets;  /* --set */
	struct falco_config config;
	struct arena arena; /* of names in `sources` */
};

void rules_options_init(struct rules_options *o);
void rules_options_free(struct rules_options *o);
/* Takes one of the common options; false when `key` is none of them. */
bool rules_option(struct rules_options *o, const struct option_state *st, int key);
/*
 * Behind the last option: reads the configuration, if one was given, and takes its rules files when
 * no others were. `quiet`: only errors are said. An exit_status.
 */
int rules_options_config(struct rules_options *o, bool quiet);
/* An empty ruleset with the options; borrows from `o`. */
struct ruleset *rules_new(struct rules_options *o);
/*
 * Leaves the process only the files, loads and compiles them. Problems go to `diag`. *ret is never
 * NULL. An exit_status: EXIT_USAGE when rules are invalid, EXIT_FAILED when a file cannot be read.
 */
int rules_load(struct rules_options *o, struct diag *diag, struct ruleset **ret);
/* Adds all files to `rs`, compiling at the end, or behind each (as falco -V does). The same
 * results. */
int rules_add_all(struct rules_options *o, struct ruleset *rs, bool compile_each,
		  struct diag *diag);

int rules_check(int argc, char **argv);
int rules_list(int argc, char **argv);
int rules_show(int argc, char **argv);

#endif
