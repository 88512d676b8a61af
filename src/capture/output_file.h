/*
 * output_file: the trace being recorded: one file, or a row of them.
 *
 * Layer: capture. A file is there under its name from the first byte, grows by whole blocks at
 * least once a second, and is a valid trace at every moment; it is finished with index and footer.
 * Mode 0600, never through a symbolic link, never over something that is there.
 */
#ifndef EYAS_OUTPUT_FILE_H
#define EYAS_OUTPUT_FILE_H

#include <signal.h>

#include "event/source.h"

enum fsync_policy {
	FSYNC_NEVER,
	FSYNC_FILE,  /* when a file is finished */
	FSYNC_BLOCK, /* after each second's blocks */
};

struct output_options {
	const char
		*path; /* "-": standard output; may hold strftime(3) fields (UTC) when rotating */
	uint64_t max_bytes;   /* a new file after so many; 0 no */
	uint64_t interval_ns; /* a new file after so long; 0 no */
	unsigned max_files;   /* the oldest is removed when there are more; 0 all are kept */
	enum fsync_policy fsync;
	int level;              /* of zstd; 0 the default */
	const char *provenance; /* JSON */
	/* a write that waits for a pipe's reader gives up (-EINTR) when this is over 1; NULL: never
	 */
	const volatile sig_atomic_t *interrupts;
};

struct output_file;

/* Opens the first file. 0, or -errno with an error in `diag`. Options' strings and `diag` are
 * borrowed. */
int output_file_open(const struct output_options *opt, uint64_t now, struct diag *diag,
		     struct output_file **ret);
/* 0 or -errno (-ENOSPC: the disk is full; what is on it stays a valid trace). */
int output_file_put(struct output_file *o, const struct record *r);
/* Once in a while: writes out what is older than a second (at once to a pipe). 0 or -errno. */
int output_file_tick(struct output_file *o, uint64_t now);
/* The next record should begin a new file. */
bool output_file_wants_next(const struct output_file *o, uint64_t now);
/* Finishes this file and opens the next. 0 or -errno; after -ENOSPC this may be tried again later.
 */
int output_file_next(struct output_file *o, uint64_t now);
/* A file takes records; false after -ENOSPC. */
bool output_file_is_open(const struct output_file *o);
/* Finishes; 0 or -errno. The numbers below can still be asked for. */
int output_file_finish(struct output_file *o);
void output_file_free(struct output_file *o);

/* Later files cannot be created in the directory without CAP_DAC_OVERRIDE. */
bool output_file_needs_override(const struct output_options *opt);

/* Events that were put and could not be written, because the disk was full. */
uint64_t output_file_lost(const struct output_file *o);
/* Bytes written to all files; name of the current one; number of files. */
uint64_t output_file_bytes(const struct output_file *o);
const char *output_file_name(const struct output_file *o);
unsigned output_file_count(const struct output_file *o);

#endif
