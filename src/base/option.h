/*
 * option: command-line options as a table; --help comes from it.
 *
 * Layer: base. A program walks option_next() as it would getopt_long(); the same rows print its
 * help, and tests compare them with its manual page. The one part of base that prints: help on
 * standard output, wrong usage on standard error.
 */
#ifndef EYAS_OPTION_H
#define EYAS_OPTION_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "base/vec.h"

struct option_row {
	int key;          /* a letter for a short option too, else a number from 256 on; 0 ends */
	const char *name; /* long name, or NULL */
	const char *arg;  /* NULL: takes none; "FILE": takes one */
	const char *help;
};

struct option_spec {
	const char *usage; /* "eyas replay [OPTION]... TRACE..." without "usage: " */
	const char *about; /* one paragraph */
	const struct option_row *rows;
	const char *more; /* text behind the options, or NULL */
};

struct option_state {
	const struct option_spec *spec;
	int argc, next;
	char **argv;
	const char *arg;              /* of the option just returned */
	const struct option_row *row; /* that option; NULL behind an error */
	const char *cluster;          /* rest of -abc */
	VEC(char *) operands;
	bool only_operands;
};

/*
 * The long option of this name, which --help does not list, prints the table for completion scripts
 * (`eyas completion`) and ends as --help does: fields with tabs between them, each ' as '\'' for
 * single quotes of a shell. A line "U", command, usage; then for each option "O", command, "-x" or
 * "", "--name" or "", argument or "", help.
 */
#define OPTION_TABLE "completion-table"

#define OPTION_END   (-1) /* no more: operands are in st->operands */
#define OPTION_EXIT  (-2) /* --help was given and printed: return EXIT_DONE */
#define OPTION_ERROR (-3) /* wrong usage, said on standard error: return EXIT_USAGE */

void option_init(struct option_state *st, const struct option_spec *spec, int argc, char **argv);
/* The next option's key, or one of the above. Options and operands may be mixed; "--" ends options.
 */
int option_next(struct option_state *st);
/* What became of the options: `status` unless it is 0; else 0 to go on, EXIT_USAGE when the last
 * key is OPTION_ERROR, -1 when it is OPTION_EXIT: nothing is left to do, and that is no failure.
 */
int option_outcome(int key, int status);
void option_free(struct option_state *st);
/* The operands from number `from` on, a blank between: a condition that needed no quotes. */
void option_operands_text(const struct option_state *st, size_t from, struct strbuf *out);
/* As option_usage_error(), about the argument of the option just returned: names both, and says
 * what the option takes, `takes` or else its help. */
int option_bad_value(const struct option_state *st, const char *takes);
/* "eyas CMD: MESSAGE" and a hint to --help on standard error; returns EXIT_USAGE. */
int option_usage_error(const struct option_state *st, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
