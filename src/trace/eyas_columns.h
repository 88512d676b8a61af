/*
 * eyas_columns: the events of one block, taken apart into columns, and back.
 *
 * Layer: trace. Events of the same shape (type, delivery, and for each parameter whether it has a
 * fixed size, varies, or is payload) have their parameters side by side, one column for each
 * parameter; the columns of one class make a stream. The reader gives parameters that point
 * into the unpacked streams: nothing is copied, nothing allocated per event. Layout: eyas-trace(5).
 */
#ifndef EYAS_EYAS_COLUMNS_H
#define EYAS_EYAS_COLUMNS_H

#include <stdbool.h>

#include "base/hashmap.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "event/event_wants.h"
#include "trace/eyas_format.h"

/* Class of a column; numbers reach disk. */
enum eyas_column_class { EYAS_FIXED = 0, EYAS_VARYING = 1, EYAS_PAYLOAD = 2 };

/* More would not fit the two planes of a column. */
#define EYAS_MAX_SHAPES       65535
#define EYAS_MAX_TIDS         65535
#define EYAS_MAX_BLOCK_EVENTS (UINT32_C(1) << 22)
/* Parameters of one event, and of all shapes of a block together. */
#define EYAS_MAX_PARAMS  65536
#define EYAS_MAX_COLUMNS (UINT32_C(1) << 20)

/* ---- taking apart */

struct eyas_shape; /* private */

struct eyas_column_writer {
	struct u64map by_type;         /* type -> first of a chain of shapes */
	VEC(struct eyas_shape *) used; /* in order of first use in this block */
	VEC(uint16_t) shapes, cpus, threads;
	VEC(int64_t) tids;       /* in order of first use in this block */
	struct u64map tid_index; /* tid -> (index + 1) as a pointer */
	uint32_t *cpu_last;      /* per CPU: index + 1 of the thread of its last event, 0 none */
	bool wide_cpu;
	struct strbuf times;
	uint8_t types[(UINT16_MAX + 1) / 8];
	unsigned max_type;
	struct eyas_events_fields fields; /* but first_num, lost and types */
	size_t raw;                       /* about how many bytes the block has */
	size_t n_shapes;                  /* in by_type */
	size_t n_columns;                 /* of all used shapes */
};

void eyas_column_writer_init(struct eyas_column_writer *w);
void eyas_column_writer_free(struct eyas_column_writer *w);
/* The next event must go into another block: this one may have no room for its shape or thread. */
bool eyas_column_writer_full(const struct eyas_column_writer *w);
/* Adds an event of at most EYAS_MAX_PARAMS parameters to a block that is not full. */
void eyas_column_writer_add(struct eyas_column_writer *w, const struct event *ev);
/* Puts the block's streams together (appended to empty buffers) and begins the next block. */
void eyas_column_writer_take(struct eyas_column_writer *w, struct strbuf *heads,
			     struct strbuf *times, struct strbuf *small, struct strbuf *strings,
			     struct strbuf *payload);

/* ---- putting together */

struct eyas_shape_reader; /* private */
struct eyas_column;       /* private */

struct eyas_column_reader {
	VEC(struct eyas_shape_reader) shapes;
	VEC(struct eyas_column) columns;
	VEC(int64_t) tids;
	VEC(struct param) params;
	uint32_t *cpu_last;
	struct cursor times;
	const uint8_t *shape_low, *shape_high, *cpu_low, *cpu_high, *tid_low, *tid_high;
	uint64_t count, next, ts;
	bool no_payload; /* the payload stream was not unpacked */
	/* By index of a thread: event_wants.epoch, plus one, when it was last told; 0: not yet. */
	VEC(uint32_t) told;
	unsigned last_code;
};

/* Unpacked streams of a block. */
struct eyas_columns {
	struct str heads, times, small, strings, payload;
	bool no_payload; /* skipped on request: its parameters are delivered empty */
};

void eyas_column_reader_init(struct eyas_column_reader *r);
void eyas_column_reader_free(struct eyas_column_reader *r);
/* Begins a block; the streams are borrowed until the next. False when they are malformed. */
bool eyas_column_reader_begin(struct eyas_column_reader *r, const struct eyas_events_fields *f,
			      const struct eyas_columns *streams);
/* The next event (raw, num 0): 1; 0 at the end of the block; -EBADMSG when it is malformed. */
int eyas_column_reader_next(struct eyas_column_reader *r, struct event *ret);
/*
 * Passes over events that are not wanted, up to number `end` (from 0) of the block, and counts
 * them. False when one is malformed.
 */
bool eyas_column_reader_pass(struct eyas_column_reader *r, struct event_wants *wants, uint64_t end,
			     struct events_passed *passed);

#endif
