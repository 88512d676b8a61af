/*
 * eyas_column_impl: what the two halves of the column reader share: eyas_column_heads.c reads what
 * HEADS say, eyas_column_reader.c gives out the events.
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
	FETCH_NARROW_1,
	FETCH_NARROW_2,
	FETCH_NARROW_4,
	FETCH_TABLE_1,
	FETCH_TABLE_2,
	FETCH_VARYING,
};

struct eyas_column {
	uint8_t coding;
	uint8_t fetch;       /* enum fetch, once the streams are there */
	uint8_t width;       /* of a narrow value, a length, or the number of a table's entry */
	uint8_t data_stream; /* of `data` */
	uint8_t aux_stream;  /* of `aux` */
	bool left_out;       /* nobody looks at the parameter */
	uint32_t param;
	uint32_t size;       /* of a plain value */
	uint32_t entry;      /* TABLE: its first in the reader's entries */
	uint32_t n_entries;  /* TABLE */
	uint64_t data_at;    /* in its stream */
	uint64_t data_n;     /* bytes */
	uint64_t aux_at;     /* VARYING: lengths; TABLE: those of the entries, then the numbers */
	const uint8_t *data; /* NARROW, PLAIN: the values */
	const uint8_t *aux;
	uint64_t next, pos; /* VARYING: bytes before value `next` */
	uint64_t flip;      /* NARROW: the sign bit of signed ones */
	uint8_t value[8];   /* NARROW: the last one, whole */
};

struct eyas_shape_reader {
	const struct event_info *info;
	uint64_t count, next; /* events of it in the block; those read */
	uint32_t delivery, n_params;
	uint16_t type;
	uint8_t how;             /* its events are wanted: enum event_want_how */
	uint8_t n_numbers;       /* event_want.n_numbers, when all are at hand */
	size_t value;            /* WANT_VALUES: the column of the value */
	struct {
		size_t column; /* SIZE_MAX: it is the same in all */
		int64_t same;
	} numbers[EVENT_WANT_NUMBERS];
	size_t first, n_columns; /* of its columns */
	size_t params;           /* of its parameters */
	uint64_t times;          /* in the planes of times */
	const uint8_t *low, *high;
};

/* Number i of two planes of bytes; the upper one may be missing. */
static inline unsigned plane_get(const uint8_t *low, const uint8_t *high, uint64_t i)
{
	return high ? low[i] | (unsigned)high[i] << 8 : low[i];
}

#endif
