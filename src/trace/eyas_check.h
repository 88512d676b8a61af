/*
 * eyas_check: an .eyas trace as a source that believes nothing it has not checked.
 *
 * Layer: trace. Beside what every reader checks (checksums and chain of the headers, zstd's
 * checksums, that events can be taken apart) it checks the hash of every stream, that the schema
 * can be read and means the event types this eyas means by the same numbers, that the fields of
 * events blocks say of their events what is so, and that index, statistics and footer agree with
 * the blocks. The first fault ends the trace as damage does. Together with what eyas_watch makes
 * the reader do, no bit of a trace can change unseen: headers have a CRC and their successor's
 * hash, streams their hash, and nothing else may be in the file.
 */
#ifndef EYAS_EYAS_CHECK_H
#define EYAS_EYAS_CHECK_H

#include "event/source.h"
#include "trace/eyas_format.h"
#include "trace/input.h"

/* A place at which a trace was complete: behind a footer. */
struct eyas_complete {
	uint64_t blocks;            /* up to and with the footer */
	uint8_t hash[BLAKE2B_SIZE]; /* of the footer's header */
};

/* One trace of the file: more than one when traces were put behind each other. */
struct eyas_checked_trace {
	uint8_t uuid[16];
	uint64_t blocks;
	uint8_t last_hash[BLAKE2B_SIZE];    /* of the last block's header */
	VEC(struct eyas_complete) complete; /* one, and one for each time notes were added */
	bool finished;                      /* the last block is a footer */
};

/* What was found. Grows while the source is read; good until it is closed. */
struct eyas_check_facts {
	VEC(struct eyas_checked_trace) traces;
	uint64_t blocks, events, events_blocks, snapshots, notes, losses;
	uint64_t unfinished; /* traces that do not end in a footer */
	/* Events earlier than the one before, and by how much at most: CPUs may be a little apart.
	 */
	uint64_t back_events, back_ns;
	struct {
		bool found;
		uint64_t seq, offset;
		unsigned kind; /* 0: not known */
		const char *what;
	} bad;     /* the first fault */
	bool gzip; /* the file is gzip'd, and gzip's own header is covered by nothing */
};

/*
 * As eyas_reader_open() of a trace whose first bytes are those of one. The records are good as far
 * as they come. `ret_facts` is the source's.
 */
int eyas_check_open(struct input *in, struct diag *diag, struct source **ret,
		    const struct eyas_check_facts **ret_facts);

#endif
