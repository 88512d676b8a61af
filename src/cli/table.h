/*
 * table: rows of values, printed as aligned text or as JSON Lines.
 *
 * Layer: cli. What `eyas ps`, `tree`, `top` and their like print. A table has fixed columns; a row
 * is filled through table_row() and the setters. Texts are copied: a row outlives what it was made
 * of. In text everything is escaped, and a line is cut only to fit a terminal. JSON has all columns
 * with a key and leaves out cells without a value.
 */
#ifndef EYAS_TABLE_H
#define EYAS_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum table_flag {
	TABLE_RIGHT = 1 << 0,    /* numbers stand to the right */
	TABLE_OPTIONAL = 1 << 1, /* text: the column is left out when no row has a value in it */
	TABLE_TREE = 1 << 2,     /* text: behind the row's lead (the lines of a tree) */
};

struct table_column {
	const char *title; /* above the column in text; NULL: JSON only */
	const char *key;   /* member of the JSON object; NULL: text only */
	unsigned flags;    /* enum table_flag */
};

enum cell_kind { CELL_NONE, CELL_TEXT, CELL_INT, CELL_UINT, CELL_TIME, CELL_BOOL, CELL_JSON };

struct table_cell {
	uint8_t kind; /* enum cell_kind */
	union {
		struct str s; /* TEXT, and JSON: text that is JSON already */
		int64_t i;
		uint64_t u; /* UINT, TIME (ns), BOOL */
	};
};

/* A line of its own below a row, for text only. */
struct table_note {
	size_t row;
	struct str lead, text;
};

struct table {
	const struct table_column *columns;
	size_t n_columns;
	VEC(struct table_cell) cells; /* row by row */
	VEC(struct str) keys;         /* a row's: what it is, for table_diff() */
	VEC(struct str) leads;        /* a row's */
	VEC(struct table_note) notes; /* in order of their rows */
	struct arena arena;
};

/* An empty table; the columns are borrowed. */
void table_init(struct table *t, const struct table_column *columns, size_t n);
void table_free(struct table *t);
/* Drops all rows. */
void table_clear(struct table *t);
static inline size_t table_rows(const struct table *t)
{
	return t->keys.n;
}

/* Begins a row without values; the setters fill the last row. `key` is copied. */
void table_row(struct table *t, struct str key);
void table_text(struct table *t, size_t column, struct str s);
void table_int(struct table *t, size_t column, int64_t v);
void table_uint(struct table *t, size_t column, uint64_t v);
/* ns since the epoch; in text with milliseconds, in JSON with all. */
void table_time(struct table *t, size_t column, uint64_t ns);
void table_bool(struct table *t, size_t column, bool v);
/* Text that is already JSON. */
void table_json(struct table *t, size_t column, struct str json);
/* What stands before the row's TABLE_TREE column. */
void table_lead(struct table *t, struct str lead);

/* A line below the last row that begins where its TABLE_TREE column does. Nothing in a cell can
 * look like one. */
void table_note(struct table *t, struct str lead, struct str text);

/* Columns of the terminal that standard output is; 0 when it is none: lines are not cut. */
unsigned table_terminal_width(void);
/* The head and all rows as lines; each is cut to `width` columns, with "..." at its end, unless
 * that is 0. */
void table_print_text(const struct table *t, unsigned width, struct strbuf *out);
/* A JSON object a line. */
void table_print_json(const struct table *t, struct strbuf *out);

/*
 * What makes `b` of `a`, rows being the same when their keys are: rows that appeared ("+"),
 * vanished
 * ("-") and changed ("~", with what each changed value was). In JSON the rows have a member
 * "change" and, when changed, "was". Returns the number of differences.
 */
size_t table_diff_text(const struct table *a, const struct table *b, unsigned width,
		       struct strbuf *out);
size_t table_diff_json(const struct table *a, const struct table *b, struct strbuf *out);

#endif
