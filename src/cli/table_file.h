/*
 * table_file: one table of an export: rows as JSON Lines, gzip'd, with columns that have a name and
 * a type.
 *
 * Layer: cli. Rows are made cell by cell in the order of the columns; a cell without a value is
 * left out of its row, which readers with a schema (DuckDB, Spark) take for NULL. Texts are as
 * text_escape() makes them, bytes are base64.
 */
#ifndef EYAS_TABLE_FILE_H
#define EYAS_TABLE_FILE_H

#include "base/json_writer.h"
#include "cli/out_dir.h"

/* X(NAME, type of DuckDB, type of Spark) */
#define COLUMN_TYPE_LIST(X)                                    \
	X(I64, "BIGINT", "BIGINT")                             \
	X(U64, "UBIGINT", "DECIMAL(20,0)")                     \
	X(F64, "DOUBLE", "DOUBLE")                             \
	X(BOOL, "BOOLEAN", "BOOLEAN")                          \
	X(TEXT, "VARCHAR", "STRING")                           \
	X(BYTES, "VARCHAR", "STRING")                          \
	X(TEXTS, "VARCHAR[]", "ARRAY<STRING>")                 \
	X(MAP, "MAP(VARCHAR, VARCHAR)", "MAP<STRING, STRING>") \
	X(TIME, "BIGINT", "BIGINT") /* ns since the epoch; named ..._ns */

enum column_type {
#define X(name, duckdb, spark) COLUMN_##name,
	COLUMN_TYPE_LIST(X)
#undef X
		COLUMN_N
};

extern const struct column_type_names {
	const char *duckdb, *spark;
} column_types[COLUMN_N];

struct file_column {
	const char *name; /* of the table's arena */
	enum column_type type;
	struct str key; /* as json_key_made() takes it */
};

struct table_file {
	const char *name; /* of its view; borrowed */
	char *file;       /* in the directory */
	struct arena arena;
	VEC(struct file_column) columns;
	uint64_t rows;
	/* Of the row in hand. */
	struct strbuf line;
	struct json_writer w;
	size_t at;           /* the next column */
	struct outfile *out; /* the directory's */
	int error;           /* the first that happened */
};

/* `name` is borrowed; `file` ("events/type=open/part-0.jsonl.gz") is copied. */
struct table_file *table_file_new(const char *name, const char *file);
/* Before table_file_open(). The name is copied. */
void table_file_column(struct table_file *t, const char *name, enum column_type type);
/* Begins the file, which the directory ends; 0 or -errno. */
int table_file_open(struct table_file *t, struct out_dir *d);
void table_file_free(struct table_file *t);

void row_begin(struct table_file *t);
/* The next cell: a column of the right type. */
void row_null(struct table_file *t);
void row_i64(struct table_file *t, int64_t v);  /* also TIME */
void row_u64(struct table_file *t, uint64_t v); /* also TIME: out of DuckDB's range: NULL */
void row_f64(struct table_file *t, double v);   /* not a number: NULL */
void row_bool(struct table_file *t, bool v);
void row_text(struct table_file *t, struct str s);
void row_bytes(struct table_file *t, struct str s);
/* TEXTS and MAP: the items come between these. */
void row_open(struct table_file *t);
void row_item(struct table_file *t, struct str s);
void row_member(struct table_file *t, struct str key, struct str s);
void row_close(struct table_file *t);
/* All columns have had their cell. */
void row_end(struct table_file *t);

#endif
