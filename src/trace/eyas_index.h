/*
 * eyas_index: the index and the statistics at the end of a finished trace.
 *
 * Layer: trace. With them `eyas info` is instant and a reader can start in the middle. A trace
 * without them (cut, or still being written) is good all the same.
 */
#ifndef EYAS_EYAS_INDEX_H
#define EYAS_EYAS_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/strbuf.h"
#include "base/vec.h"

/* One block of the trace. */
struct eyas_index_entry {
	uint16_t kind;                                   /* enum eyas_block_kind */
	uint64_t offset;                                 /* from the start of the trace */
	uint64_t first_num, count, min_ts, max_ts, lost; /* EVENTS only */
};

struct eyas_type_count {
	uint16_t type;
	uint64_t count;
};

struct eyas_summary {
	uint8_t uuid[16];
	uint64_t trace_start;  /* offset in the file: not 0 when traces were concatenated */
	uint64_t events, lost; /* lost: UINT64_MAX unknown */
	uint64_t losses, snapshots, notes;   /* records */
	uint64_t min_ts, max_ts;             /* of events; 0 when there are none */
	uint64_t raw_bytes;                  /* of all streams, unpacked */
	uint64_t shown;                      /* events without EVENT_STATE_ONLY */
	VEC(struct eyas_type_count) types;   /* by type, ascending */
	VEC(struct eyas_index_entry) blocks; /* in file order */
};

void eyas_summary_free(struct eyas_summary *s);

/* Streams of the INDEX block. */
void eyas_index_encode(const struct eyas_summary *s, struct strbuf *index, struct strbuf *stats);
/*
 * Fills blocks and statistics of a zeroed summary; false when the bytes are malformed, or name more
 * blocks than fit `trace_bytes`, the bytes of the trace.
 */
bool eyas_index_decode(struct str index, struct str stats, uint64_t trace_bytes,
		       struct eyas_summary *ret);

struct eyas_block;
struct eyas_stream;
/*
 * Reads the header frame of a block of this kind at an offset of a file into `frame`, from which
 * *ret borrows. 0; -ENOENT when the file ends before its fixed part; -EBADMSG when it is no such
 * block; another -errno.
 */
int eyas_block_read(int fd, uint64_t offset, unsigned kind, struct strbuf *frame,
		    struct eyas_block *ret);
/* Reads and unpacks a stream (of an index or a note: at most 256 MiB). 0, -EBADMSG or another
 * -errno. */
int eyas_stream_read(int fd, uint64_t offset, const struct eyas_stream *s, struct strbuf *out);

/*
 * Reads the INDEX block at an offset of the file, which is of a trace of at most `trace_bytes`. 0
 * and blocks and statistics of a zeroed summary; -EBADMSG when it is damaged; another -errno.
 */
int eyas_index_read(int fd, uint64_t offset, uint64_t trace_bytes, struct eyas_summary *ret);

/*
 * Reads the footer and the index of a seekable file. 0 and a summary that the caller frees; -ENOENT
 * when it ends without them (nothing is wrong then: read it through); -EBADMSG when they
 * are damaged; another -errno when reading failed.
 */
int eyas_summary_read(int fd, struct eyas_summary *ret);
/*
 * The same of a file by its name: its descriptor, which the caller closes. -errno when there is no
 * such summary; only a regular file is opened: a pipe's writer would take that for the reader.
 */
int eyas_summary_open(const char *path, struct eyas_summary *ret);
struct eyas_checkpoint;
/* The checkpoint at an entry of that kind, without its data. 0, -EBADMSG or another -errno. */
int eyas_summary_checkpoint(int fd, const struct eyas_summary *s, const struct eyas_index_entry *e,
			    struct eyas_checkpoint *ret);

#endif
