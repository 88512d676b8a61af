/*
 * eyas_column_impl: what the parts of the column reader share: eyas_column_heads.c reads what HEADS
 * say, eyas_column_scan.c goes through the events, eyas_column_reader.c gets their parameters.
 *
 * Layer: trace. Private to them.
 */
#ifndef EYAS_EYAS_COLUMN_IMPL_H
#define EYAS_EYAS_COLUMN_IMPL_H

#include "trace/eyas_columns.h"

/* CPUs that two bytes can number. */
#define N_CPUS (UINT16_MAX + 1)

/* How value k is fetched. */
enum fetch {
	FETCH_PLAIN,
	FETCH_NARROW, /* 8 bytes can be read at each */
	FETCH_NARROW_LAST,
	FETCH_TABLE_1,
	FETCH_TABLE_2,
	FETCH_VARYING,
};

struct eyas_column {
	/* What is needed for each event, close together. */
	uint8_t fetch; /* enum fetch, once the streams are there */
	uint8_t width; /* of a narrow value, a length, or the number of a table's entry */
	uint32_t param;
	const uint8_t *at; /* NARROW, PLAIN, TABLE: value k, or its number, is at at + k * step */
	uint64_t step;
	uint32_t size;       /* of a plain value */
	uint32_t n_entries;  /* TABLE */
	const uint8_t *data; /* NARROW, PLAIN: the values */
	const uint8_t *aux;
	uint64_t flip;    /* NARROW: the sign bit of signed ones */
	uint64_t mask;    /* NARROW: the bytes of one */
	uint8_t value[8]; /* NARROW: the last one, whole */
	uint32_t entry;   /* TABLE: its first in the reader's entries */

	uint8_t coding;
	uint8_t data_stream; /* of `data` */
	uint8_t aux_stream;  /* of `aux` */
	bool left_out;       /* nobody looks at the parameter */
	uint64_t data_at;    /* in its stream */
	uint64_t data_n;     /* bytes */
	uint64_t aux_at;     /* VARYING: lengths; TABLE: those of the entries, then the numbers */
	uint64_t room;       /* bytes from `data` to the end of its stream */
	uint64_t next, pos;  /* VARYING: bytes before value `next` */
};

struct eyas_shape_reader {
	const struct event_info *info;
	uint64_t count; /* events of it in the block */
	uint32_t delivery, n_params;
	uint16_t type;
	uint8_t how;       /* its events are wanted: enum event_want_how */
	uint8_t n_numbers; /* event_want.n_numbers, when all are at hand */
	size_t value;      /* WANT_VALUES: the column of the value */
	struct {
		size_t column;   /* SIZE_MAX: it is the same in all */
		uint8_t same[8]; /* that */
	} numbers[EVENT_WANT_NUMBERS];
	uint8_t text;            /* event_want.text, when there are numbers */
	size_t text_column;      /* SIZE_MAX: it is the same in all */
	size_t first, n_columns; /* of its columns */
	size_t params;           /* of its parameters */
	uint64_t times;          /* in the planes of times */
};

/* A run of events of one thread on one CPU. */
struct eyas_run_at {
	uint32_t end;         /* events of the block up to its last */
	uint16_t thread, cpu; /* the index in `tids` */
};

/* What the scan needs of a shape. */
struct eyas_scan_shape {
	uint32_t next;     /* in the planes of times */
	uint32_t pass_end; /* behind its last one; 0: somebody may look at its events */
};

/* Number k of a column of integers, or the same one always: without a branch. */
struct eyas_number {
	const uint8_t *data;
	uint64_t mask, flip;
	uint64_t step; /* bytes */
};

static inline int64_t eyas_number_get(const struct eyas_number *n, uint64_t k)
{
	return (int64_t)(((get_le64(n->data + k * n->step) & n->mask) ^ n->flip) - n->flip);
}

enum eyas_act {
	EYAS_DELIVER,
	EYAS_SETTLE,        /* or deliver */
	EYAS_SETTLE_BY_TWO, /* likewise, by two numbers and no text: most that are settled */
	EYAS_DECIDE,        /* as the event's thread and eyas_look.how say */
};

/* What is done about a shape's events that somebody may look at. */
struct eyas_look {
	uint32_t times; /* the first in the planes of times */
	uint16_t type;
	uint8_t act;        /* enum eyas_act */
	uint8_t how;        /* enum event_want_how */
	uint8_t n;          /* they may be settled by so many numbers; 0: they may not */
	bool must_cut;      /* some of them have more bytes than they should */
	uint32_t width;     /* WANT_VALUES: bytes of a value in its column */
	uint64_t value_cut; /* the bits of a value */
	const struct eyas_column *value;
	struct eyas_column *text_column; /* NULL: the text is the same in all */
	struct str text;
	int64_t values[EVENT_WANT_NUMBERS];
	struct eyas_number numbers[EVENT_WANT_NUMBERS];
	uint64_t cut[EVENT_WANT_NUMBERS]; /* the bytes of each */
};

/* An event that somebody may look at, or what enum eyas_sight_kind says. */
struct eyas_sight {
	uint64_t ts;
	uint32_t k;     /* in the planes of times; of the end: how many events were scanned */
	uint16_t shape; /* or enum eyas_sight_kind */
	uint16_t pos;   /* among the events that were scanned together, or EYAS_NO_EVENT */
};

#define EYAS_NO_EVENT 65535
enum eyas_sight_kind {
	EYAS_SIGHT_TIME, /* the least, or greatest, time of some events */
	EYAS_SIGHT_END,
	EYAS_SIGHT_BAD, /* as the end, and the next event is malformed */
};

/* Number i of two planes of bytes; the upper one may be missing. */
static inline unsigned plane_get(const uint8_t *low, const uint8_t *high, uint64_t i)
{
	return high ? low[i] | (unsigned)high[i] << 8 : low[i];
}

static inline uint32_t number_at(const uint8_t *p, unsigned width, uint64_t i)
{
	switch (width) {
	case 1:
		return p[i];
	case 2:
		return get_le16(p + 2 * i);
	default:
		return get_le32(p + 4 * i);
	}
}

/* eyas_column_reader.c: the parameters of the k-th event of a shape; false: they are malformed. */
bool eyas_columns_get(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
		      uint64_t k, struct param *params);
/*
 * Value k of one column that holds bytes; of one whose values vary in size, k is not less than the
 * last one it was asked for. False: it is malformed.
 */
bool eyas_column_text(const struct eyas_column_reader *r, struct eyas_column *col, uint64_t k,
		      struct str *ret);
/* Has the values of the events k to k + n - 1 of a shape brought into the cache. */
void eyas_columns_ahead(const struct eyas_column_reader *r, const struct eyas_shape_reader *s,
			uint64_t k, unsigned n);
/* eyas_column_scan.c: all of the block is known; what is wanted of it has changed. */
void eyas_column_scan_begin(struct eyas_column_reader *r);
void eyas_column_scan_look(struct eyas_column_reader *r);

#endif
