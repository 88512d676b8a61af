/*
 * script_writer: a sink that writes a text script.
 *
 * Layer: trace. Reading the script gives the same records again. eyas-script(5) is the
 * specification.
 */
#ifndef EYAS_SCRIPT_WRITER_H
#define EYAS_SCRIPT_WRITER_H

#include "event/source.h"
#include "trace/byte_sink.h"
#include "trace/trace.h"

/* `provenance` is JSON text or NULL. Never fails: what goes wrong is returned by put() and
 * finish(). */
struct sink *script_writer_new(const struct byte_sink *out, const char *provenance,
			       struct diag *diag);
/* The same into a file, which it owns from here on: for the table of formats. */
struct sink *script_writer_create(struct outfile *out, const struct trace_create_options *opt,
				  struct diag *diag);

#endif
