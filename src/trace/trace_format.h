/*
 * trace_format: the table of trace formats.
 *
 * Layer: trace. A format costs: a row in trace_format.c, its reader and writer, a value of enum
 * trace_format, its name in eyas-convert(1), tests.
 */
#ifndef EYAS_TRACE_FORMAT_H
#define EYAS_TRACE_FORMAT_H

#include "trace/trace.h"

struct input;
struct outfile;

struct trace_format_row {
	enum trace_format format;
	const char *name;   /* "scap", as in --to; NULL ends the table */
	const char *ending; /* ".scap", of output files; NULL: it is not written */
	/* The first bytes (up to 4 KiB, at least 1) are of this format; NULL: it is only written.
	 */
	bool (*probe)(struct str head);
	/* Makes a source of the input, which it owns from here on, also when it fails. */
	int (*open)(struct input *in, struct diag *diag, struct source **ret);
	/* Makes a sink that owns `out` from here on; NULL: the format can only be read. */
	struct sink *(*create)(struct outfile *out, const struct trace_create_options *opt,
			       struct diag *diag);
};

/* Rows in the order in which they are probed. */
extern const struct trace_format_row trace_formats[];

/* The row of the format of this name that can be written, or NULL. */
const struct trace_format_row *trace_format_by_name(struct str name);
/* The format that a name's ending stands for, or TRACE_UNKNOWN. */
enum trace_format trace_format_of_path(const char *path);

#endif
