/*
 * scap_writer: a sink that makes a .scap capture.
 *
 * Layer: trace. Writes what it is given as it was recorded: old layouts and enter events too,
 * each thread in the version of the process list that has just its fields. What .scap cannot hold
 * (loss records, notes, provenance, mounts, control groups) is counted and said at the end.
 */
#ifndef EYAS_SCAP_WRITER_H
#define EYAS_SCAP_WRITER_H

#include "event/source.h"
#include "trace/outfile.h"
#include "trace/trace.h"

/* A sink that owns `out` from here on. Compression: 0 is gzip 6, -1 is plain, else 1 to 9. */
struct sink *scap_writer_new(struct outfile *out, const struct trace_create_options *opt,
			     struct diag *diag);

#endif
