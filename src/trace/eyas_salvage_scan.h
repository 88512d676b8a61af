/*
 * eyas_salvage_scan: finds the blocks of a damaged .eyas file, and which trace and place they
 * belong to.
 *
 * Layer: trace, private to eyas_salvage*.c.
 */
#ifndef EYAS_EYAS_SALVAGE_SCAN_H
#define EYAS_EYAS_SALVAGE_SCAN_H

#include "base/hashmap.h"
#include "base/vec.h"
#include "trace/eyas_format.h"

/* A block whose header is good. */
struct salvage_block {
	uint64_t offset, total; /* in the file: of its header, and bytes with its streams */
	uint64_t seq;
	uint8_t hash[BLAKE2B_SIZE],
		previous[BLAKE2B_SIZE]; /* of its header; of the one before it */
	uint16_t kind;
	bool good; /* its streams are, too */
	bool cut;  /* the file ends inside it */
	/* EVENTS; CHECKPOINT: the number of the next event, and the greatest time so far. */
	uint64_t first_num, count, min_ts, max_ts;
};

struct salvage_trace {
	VEC(struct salvage_block) blocks; /* by number; no two of one number */
	uint64_t end;                     /* in the file: behind the last of them */
};

struct salvage_scan {
	VEC(struct salvage_trace) traces; /* in the order of their first blocks in the file */
	uint64_t size;                    /* of the file */
	uint64_t doubled, good_bytes;
};

/* 0 or -errno; *ret is freed by the caller either way. */
int salvage_scan(int fd, struct salvage_scan *ret);
void salvage_scan_free(struct salvage_scan *s);
/* n bytes of the file: 0, or -errno (-ENODATA when it ends before). */
int salvage_read(int fd, void *buf, size_t n, uint64_t offset);

#endif
