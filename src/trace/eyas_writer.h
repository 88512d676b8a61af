/*
 * eyas_writer: a sink that writes the native trace format.
 *
 * Layer: trace. Append-only: the output may be a pipe. Events gather in columns until a block
 * is full; a snapshot or a note closes the block before it. The same records give the same bytes.
 */
#ifndef EYAS_EYAS_WRITER_H
#define EYAS_EYAS_WRITER_H

#include <stdint.h>

#include "event/source.h"
#include "trace/byte_sink.h"
#include "trace/eyas_format.h"
#include "trace/trace.h"

struct eyas_writer_options {
	int level;              /* of zstd; 0: the default (3) */
	const char *provenance; /* JSON text, or NULL; copied */
	const uint8_t
		*uuid; /* 16 bytes, or NULL: made from the content, so that it is reproducible */
	uint64_t block_bytes;  /* raw bytes after which a block is closed; 0: EYAS_BLOCK_RAW */
	uint64_t block_events; /* and events; 0: any number */
	bool tight; /* take the time to make it small: tables, statistics of each column */
};

/* Never fails: what goes wrong is returned by put() and finish(). */
struct sink *eyas_writer_new(const struct byte_sink *out, const struct eyas_writer_options *opt,
			     struct diag *diag);
/* The same into a file, which it owns from here on: for the table of formats. */
struct sink *eyas_writer_create(struct outfile *out, const struct trace_create_options *opt,
				struct diag *diag);
/* Writes out what has gathered, so that a reader at the other end sees it. 0 or -errno. */
int eyas_writer_flush(struct sink *k);
/*
 * Closes the block in hand and writes a checkpoint for what follows (next_num is filled in here);
 * one with too much data is left out. 0 or -errno.
 */
int eyas_writer_checkpoint(struct sink *k, const struct eyas_checkpoint *cp);
/* Bytes written so far. */
uint64_t eyas_writer_offset(const struct sink *k);
/* Events that were put and are in no block yet. */
uint64_t eyas_writer_waiting(const struct sink *k);

#endif
