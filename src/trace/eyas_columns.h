/*
 * eyas_columns: the events of one block, taken apart into columns, and back.
 *
 * Layer: trace. Events of the same shape (type, delivery, and for each parameter whether it has a
 * fixed size, varies, or is payload) have their parameters side by side, one column for each
 * parameter. Each column is coded so that its value k is found without those before it, and takes
 * as few bytes as its values allow: none when they are all the same. The reader gives parameters
 * that point into the unpacked streams; columns in streams that were left packed are empty.
 * Layout: eyas-trace(5).
 */
#ifndef EYAS_EYAS_COLUMNS_H
#define EYAS_EYAS_COLUMNS_H

#include <stdbool.h>

#include "base/hashmap.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "event/event_wants.h"
#include "trace/eyas_format.h"

/* How a column is coded; numbers reach disk. */
enum eyas_coding {
	EYAS_ABSENT = 0,  /* all values are empty */
	EYAS_PLAIN = 1,   /* all values have the same size */
	EYAS_SAME = 2,    /* all values are the same */
	EYAS_NARROW = 3,  /* integers without their upper bytes */
	EYAS_VARYING = 4, /* a length for each value, and the values */
	EYAS_TABLE = 5,   /* each different value once, and for each event which */
	EYAS_PAYLOAD = 6, /* as EYAS_VARYING: what was read or written */
	EYAS_CODING_N
};
/* Set in a coding: the column is in the streams that most readers do not need. */
#define EYAS_SELDOM 0x80
/* Set in the width of a narrow column: integers are signed. */
#define EYAS_SIGNED 0x80

/* More would not fit the two planes of a column. */
#define EYAS_MAX_SHAPES       65535
#define EYAS_MAX_TIDS         65535
#define EYAS_MAX_RUN          65535
#define EYAS_MAX_BLOCK_EVENTS (UINT32_C(1) << 22)
/* Parameters of one event, and of all shapes of a block together. */
#define EYAS_MAX_PARAMS  65536
#define EYAS_MAX_COLUMNS (UINT32_C(1) << 20)
/* Values in one table, and in all of a block. */
#define EYAS_MAX_TABLE         65536
#define EYAS_MAX_TABLE_ENTRIES (UINT32_C(1) << 20)
/* The upper byte of a time's code that says that the rest stands elsewhere. */
#define EYAS_TIME_ESCAPE 255

/* ---- taking apart */

struct eyas_shape; /* private */

/* Events one after the other on one CPU and of one thread. */
struct eyas_run {
	uint16_t n, cpu, thread;
};

struct eyas_column_writer {
	struct u64map by_type;                    /* type -> first of a chain of shapes */
	struct eyas_shape *recent[EVENT_N_TYPES]; /* of each type the one last used, or NULL */
	VEC(struct eyas_shape *) used;            /* in order of first use in this block */
	VEC(uint16_t) shapes, times;              /* of each event */
	VEC(struct eyas_run) runs;
	VEC(int64_t) tids;       /* in order of first use in this block */
	struct u64map tid_index; /* tid -> (index + 1) as a pointer */
	uint32_t *cpu_last;      /* per CPU: index + 1 of the thread of its last event, 0 none */
	bool wide_cpu;
	bool tables; /* look for values that repeat; takes time */
	struct strbuf long_times;
	uint8_t types[(UINT16_MAX + 1) / 8];
	unsigned max_type;
	struct eyas_events_fields fields; /* but first_num, lost and types */
	size_t raw;                       /* about how many bytes the block has */
	size_t n_shapes;                  /* in by_type */
	size_t n_columns;                 /* of all used shapes */
	size_t n_entries;                 /* of the tables of the block being put together */
};

void eyas_column_writer_init(struct eyas_column_writer *w);
void eyas_column_writer_free(struct eyas_column_writer *w);
/* The next event must go into another block: this one may have no room for its shape or thread. */
bool eyas_column_writer_full(const struct eyas_column_writer *w);
/* Adds an event of at most EYAS_MAX_PARAMS parameters to a block that is not full. */
void eyas_column_writer_add(struct eyas_column_writer *w, const struct event *ev);
/*
 * Puts the block's streams together (appended to empty buffers, by kind of the stream: HEADS to
 * PAYLOAD and the two seldom ones) and begins the next block.
 */
void eyas_column_writer_take(struct eyas_column_writer *w, struct strbuf *const *streams);

/* ---- one column (eyas_column_code.c) */

/* The values of one column, in order. */
struct eyas_values {
	struct str data;    /* one behind the other */
	struct str lengths; /* of each 4 bytes (host order); empty when all have `size` */
	uint32_t size;
	uint64_t n;
	unsigned flags; /* EYAS_SELDOM, or 0 */
	bool payload;
};

/*
 * Codes a column: its description goes to `heads`, its bytes to the others. With `tables` one may
 * be made, of no more than *max_entries values, which is lowered by what it took.
 */
void eyas_column_code(const struct eyas_values *v, bool tables, size_t *max_entries,
		      struct strbuf *heads, struct strbuf *small, struct strbuf *strings);

/* ---- putting together */

struct eyas_shape_reader; /* private */
struct eyas_column;       /* private */
struct eyas_scan_shape;   /* private */
struct eyas_look;         /* private */
struct eyas_sight;        /* private */
struct eyas_run_at;       /* private */

struct eyas_column_reader {
	VEC(struct eyas_shape_reader) shapes;
	VEC(struct eyas_column) columns; /* without absent ones and those of one value */
	VEC(struct param) params;        /* each shape has its own */
	VEC(struct param) entries;       /* of all tables */
	VEC(int64_t) tids;
	uint32_t *cpu_last;
	size_t n_cpus; /* in cpu_last that may be set */
	const uint8_t *shape_low, *shape_high;
	const uint8_t *time_low, *time_high;
	struct cursor long_times;
	uint64_t count, next;
	VEC(struct eyas_run_at) runs;     /* and one that never ends */
	const struct eyas_run_at *run;    /* of event `next`, or the one before that */
	VEC(struct eyas_scan_shape) scan; /* by number, also those that no shape has */
	VEC(uint32_t) ends;               /* likewise: behind its last in the planes of times */
	VEC(struct eyas_look) looks;      /* by shape */
	VEC(uint8_t) wanted;              /* scratch */
	VEC(struct eyas_sight) sights;    /* of the events that were scanned together */
	const struct eyas_sight *sight;   /* the next one */
	uint64_t scanned_from, scanned;   /* those events */
	uint64_t ts;                      /* of the last of them */
	/* By index in `tids`: event_wants.epoch, plus one, when it was told; 0: not. */
	VEC(uint32_t) told;
	uint32_t needed;                 /* bits by stream: what has columns that are wanted */
	const struct event_wants *wants; /* that the block was begun with, or NULL */
	bool whole;                      /* there are events without a thread */
	bool odd; /* there are events that layout_is_plain() is not true of */
};

void eyas_column_reader_init(struct eyas_column_reader *r);
void eyas_column_reader_free(struct eyas_column_reader *r);
/*
 * Begins a block with its HEADS, which are borrowed until the next; `raw` are the sizes of its
 * streams, by kind. `wants` (or NULL: all) hold for the whole block: of events that are not wanted
 * the columns may be missing. False when it is malformed. r->needed is then the streams that hold
 * a column of events that are.
 */
bool eyas_column_reader_heads(struct eyas_column_reader *r, const struct eyas_events_fields *f,
			      struct str heads, const uint64_t *raw,
			      const struct event_wants *wants);
/* After HEADS: the block's first event is the exit of a system call, as today's recorder writes it.
 */
bool eyas_column_reader_begins_plain(const struct eyas_column_reader *r);
/* As what HEADS were begun with, before any other stream is. */
void eyas_column_reader_begins_with(struct eyas_column_reader *r, const struct event_wants *wants);
/* As what HEADS were begun with, when all streams are there: from the next event on. */
void eyas_column_reader_wants(struct eyas_column_reader *r, const struct event_wants *wants);
/*
 * After HEADS: no event of the block is wanted. They are counted as passed over, with the times
 * that the block's fields say, and its threads told; the block is done with. False when some are
 * wanted, or HEADS are malformed: go on with eyas_column_reader_begin().
 */
bool eyas_column_reader_pass_all(struct eyas_column_reader *r, struct event_wants *wants,
				 const struct eyas_events_fields *f, struct events_passed *passed);
/*
 * The other streams, by kind; borrowed until the next block. Columns whose stream is not in
 * `present` (bits by kind) are delivered empty. False when they are malformed.
 */
bool eyas_column_reader_begin(struct eyas_column_reader *r, const struct str *streams,
			      uint32_t present);
/*
 * The next event (raw, num 0) before number `end` (from 0) of the block: 1; 0 when there is none;
 * -EBADMSG when it is malformed. Those that `wants` (or NULL: all), which the block was begun
 * with, do not need are passed over and counted, with times that are theirs or of plain events
 * (layout_is_plain()) of the block that came before this one: together with what was delivered they
 * are the least and the greatest so far.
 */
int eyas_column_reader_next(struct eyas_column_reader *r, uint64_t end, struct event_wants *wants,
			    struct events_passed *passed, struct event *ret);

/* What of the time since the event before does not fit into its code, as the varint in TIMES. */
static inline uint64_t eyas_time_rest(uint64_t since)
{
	/* the upper 56 bits, of a number that may be negative */
	uint64_t upper = since >> 8 | (since >> 63 ? UINT64_C(0xff) << 56 : 0);

	return upper << 1 ^ (since >> 63 ? UINT64_MAX : 0);
}

/* ---- version 1.0 */

/*
 * Turns HEADS, TIMES and SMALL of a block of format 1.0 into those of today (appended to empty
 * buffers); the other streams are the same. False when they are malformed.
 */
bool eyas_columns_upgrade(const struct eyas_events_fields *f, const struct str *streams,
			  struct strbuf *heads, struct strbuf *times, struct strbuf *small);

#endif
