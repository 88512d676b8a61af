/*
 * trace: opening any trace, by content, and creating one.
 *
 * Layer: trace. What the file is called does not matter for reading; a rules file, an empty file, a
 * directory and so on give a clear error. Raw sources deliver what was recorded; layout.h turns
 * old layouts into the newest on the way into replay.
 */
#ifndef EYAS_TRACE_H
#define EYAS_TRACE_H

#include "event/source.h"

enum trace_format {
	TRACE_UNKNOWN,
	TRACE_EYAS,
	TRACE_SCAP,
	TRACE_SCRIPT,
	TRACE_K8S_AUDIT,
	TRACE_PCAPNG
};

/*
 * Opens `path` ("-" is standard input, read as a stream) and looks at its first bytes. Returns 0
 * and a source that the caller closes; or -errno with an error in `diag`: -EINVAL when it is
 * something else than a trace (a rules file, a pcap, text), -EBADMSG when it is empty, damaged in
 * its first bytes or not recognisable, other values when it cannot be read. `diag` and `path` must
 * outlive the source.
 */
int trace_open(const char *path, struct diag *diag, struct source **ret);
/* The same; another thread gunzips the file ahead, if it is gzip'd. Of regular files only. */
int trace_open_ahead(const char *path, struct diag *diag, struct source **ret);
struct input;
/* The same over an input (input.h), which it owns from here on, also when it fails. */
int trace_open_input(struct input *in, struct diag *diag, struct source **ret);

/* The format of a regular file by its first bytes; TRACE_UNKNOWN when it is none or not to be read.
 */
enum trace_format trace_format_of_file(const char *path);

struct trace_create_options {
	enum trace_format
		format; /* TRACE_UNKNOWN: from the name's ending (.scap, .eyas, .eyt), else .eyas */
	int compression; /* zstd / gzip level; 0: the format's default; -1: none (scap only) */
	const char *provenance; /* JSON text for the provenance block, or NULL */
	bool overwrite;         /* replace an existing file */
};

/*
 * Creates a trace at `path` ("-" is standard output), mode 0600, never through a symbolic link.
 * Returns 0 and a sink to be finished, or -errno with an error in `diag`. A regular file appears
 * under its name when finished (it is written beside it first), so a failed conversion leaves
 * nothing behind.
 */
int trace_create(const char *path, const struct trace_create_options *opt, struct diag *diag,
		 struct sink **ret);

#endif
