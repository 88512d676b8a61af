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

struct trace_format_row {
	enum trace_format format;
	const char *name;   /* "scap", as in --to; NULL ends the table */
	const char *ending; /* ".scap", of output files */
	/* The first bytes (up to 4 KiB, at least 1) are of this format. */
	bool (*probe)(struct str head);
	/* Makes a source of the input, which it owns from here on, also when it fails. */
	int (*open)(struct input *in, struct diag *diag, struct source **ret);
};

/* Rows in the order in which they are probed. */
extern const struct trace_format_row trace_formats[];

#endif
