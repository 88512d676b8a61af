/*
 * io_stream: which reads and writes belong together, over all descriptors that are the same open
 * file.
 *
 * Layer: replay. A stream is an open file, pipe or socket from its opening on, whichever
 * descriptors of whichever processes it is known by: copies by dup and fork, and changes such as
 * connect, stay the same stream. Descriptors that were there when recording began are the same
 * stream when they are the same pipe or socket by inode. Streams are numbered in the order in which
 * they are first used, the same in each replay of a trace. Memory is bounded by the descriptors
 * that are open.
 */
#ifndef EYAS_IO_STREAM_H
#define EYAS_IO_STREAM_H

#include "state/state.h"

struct io_stream {
	uint64_t id;        /* from 1 */
	uint64_t offset[2]; /* bytes read and written so far: the user's to add to */
	bool shown;         /* the user's */
	bool live;          /* of the sweep */
};

struct io_streams;

struct io_streams *io_streams_new(void);
void io_streams_free(struct io_streams *s);
/* A section began: all descriptors are others. */
void io_streams_snapshot(struct io_streams *s);
/* Takes an event; the stream of its descriptor, good until the next call, or NULL. */
struct io_stream *io_streams_event(struct io_streams *s, const struct event_ctx *ctx);

#endif
