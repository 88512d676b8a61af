/*
 * eyas_salvage: what is left of a damaged .eyas trace, as a source.
 *
 * Layer: trace. The file is searched for blocks by their magic; a block is good when its header's
 * checksum and the hashes of its streams are. Good blocks are put in the order of their numbers,
 * whatever their order in the file was, doubled ones are left out, and what is missing between them
 * becomes a loss record at its place. How much is missing follows from the numbers of the events
 * before and behind, from headers whose streams are damaged, and from the index. Memory grows with
 * the number of blocks (about 150 bytes each), never with their size.
 */
#ifndef EYAS_EYAS_SALVAGE_H
#define EYAS_EYAS_SALVAGE_H

#include "event/source.h"

/* Blocks of one trace of the file, one behind the other, that are not there. */
struct salvage_gap {
	size_t trace;                     /* of those in the file, from 0 */
	uint64_t first_block, last_block; /* last: UINT64_MAX when the trace may have gone on */
	uint64_t offset;                  /* in the file: behind the good block before it */
	uint64_t first_num, events;       /* events: UINT64_MAX unknown; first_num as recorded */
	uint64_t from_ts, to_ts;          /* lower and upper bound of their times; 0 unknown */
	bool exact_times;                 /* the times are those of the first and the last */
	bool maybe_snapshot;              /* a snapshot may be among them */
	unsigned kind; /* of the only block in it, if its header could be read; else 0 */
};

struct salvage_report {
	uint64_t good, doubled, moved; /* blocks; moved: in another place than their number's */
	uint64_t bad_bytes;            /* of the file: in no good block */
	uint8_t uuid[16];              /* of the first trace; 0 when its header is missing */
	size_t traces, headless;       /* traces in the file; those whose header block is missing */
	size_t unfinished; /* traces that end without a footer, with nothing behind them */
	VEC(struct salvage_gap) gaps;
};

/*
 * Searches the open regular file (which is borrowed, as `name` is) for blocks. 0 and a source;
 * -ENOENT when there is not one good block in it, or -errno when reading failed, with an error in
 * `diag`. The report is complete when this returns, but for blocks that cannot be taken apart
 * though their hashes are right: those are added while the source is read. Good until it is closed.
 */
int eyas_salvage_open(int fd, const char *name, struct diag *diag, struct source **ret,
		      const struct salvage_report **ret_report);

#endif
