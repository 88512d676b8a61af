/* A table of an export as gzip'd JSON Lines; see table_file.h. */
#include "cli/table_file.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"

/* Fast: a gzip'd table is read once or twice, then it is Parquet. */
#define LEVEL 3

const struct column_type_names column_types[COLUMN_N] = {
#define X(name, duckdb, spark) { duckdb, spark },
	COLUMN_TYPE_LIST(X)
#undef X
};

struct table_file *table_file_new(const char *name, const char *file)
{
	struct table_file *t = xcalloc(1, sizeof(*t));

	t->name = name;
	t->file = xstrdup(file);
	arena_init(&t->arena);
	strbuf_init(&t->line);
	return t;
}

void table_file_column(struct table_file *t, const char *name, enum column_type type)
{
	struct file_column *c = vec_add(&t->columns);
	struct strbuf key = STRBUF_INIT;

	json_key_make(&key, str_of(name));
	c->name = arena_strdup(&t->arena, name);
	c->type = type;
	c->key = str_mem(arena_memdup(&t->arena, key.s, key.n), key.n);
	strbuf_release(&key);
}

int table_file_open(struct table_file *t, struct out_dir *d)
{
	t->error = out_dir_file(d, t->file, &t->out);
	if (!t->error)
		outfile_gzip(t->out, LEVEL);
	return t->error;
}

void table_file_free(struct table_file *t)
{
	if (!t)
		return;
	free(t->file);
	vec_free(&t->columns);
	arena_destroy(&t->arena);
	strbuf_release(&t->line);
	free(t);
}

void row_begin(struct table_file *t)
{
	strbuf_reset(&t->line);
	json_init(&t->w, &t->line);
	json_begin_object(&t->w);
	t->at = 0;
}

void row_null(struct table_file *t)
{
	assert(t->at < t->columns.n);
	t->at++;
}

/* Begins the cell, whose type is one of two. */
static struct json_writer *cell(struct table_file *t, enum column_type type, enum column_type or)
{
	const struct file_column *c = &t->columns.v[t->at];

	assert(t->at < t->columns.n && (c->type == type || c->type == or));
	json_key_made(&t->w, c->key);
	t->at++;
	return &t->w;
}

void row_i64(struct table_file *t, int64_t v)
{
	json_i64(cell(t, COLUMN_I64, COLUMN_TIME), v);
}

void row_u64(struct table_file *t, uint64_t v)
{
	if (t->columns.v[t->at].type == COLUMN_TIME && v >= INT64_MAX)
		row_null(t);
	else
		json_u64(cell(t, COLUMN_U64, COLUMN_TIME), v);
}

void row_f64(struct table_file *t, double v)
{
	if (isfinite(v))
		json_double(cell(t, COLUMN_F64, COLUMN_F64), v);
	else
		row_null(t);
}

void row_bool(struct table_file *t, bool v)
{
	json_bool(cell(t, COLUMN_BOOL, COLUMN_BOOL), v);
}

static void escaped(struct table_file *t, struct str s)
{
	struct strbuf text = STRBUF_INIT;

	if (text_plain_run(s.p, s.n) == s.n) {
		json_str(&t->w, s);
		return;
	}
	text_escape(&text, s);
	json_str(&t->w, strbuf_str(&text));
	strbuf_release(&text);
}

void row_text(struct table_file *t, struct str s)
{
	cell(t, COLUMN_TEXT, COLUMN_TEXT);
	escaped(t, s);
}

void row_bytes(struct table_file *t, struct str s)
{
	struct strbuf text = STRBUF_INIT;

	cell(t, COLUMN_BYTES, COLUMN_BYTES);
	base64_encode(&text, s);
	json_str(&t->w, strbuf_str(&text));
	strbuf_release(&text);
}

void row_open(struct table_file *t)
{
	bool map = t->columns.v[t->at].type == COLUMN_MAP;

	cell(t, COLUMN_TEXTS, COLUMN_MAP);
	if (map)
		json_begin_object(&t->w);
	else
		json_begin_array(&t->w);
}

void row_item(struct table_file *t, struct str s)
{
	escaped(t, s);
}

void row_member(struct table_file *t, struct str key, struct str s)
{
	json_key_str(&t->w, key);
	escaped(t, s);
}

void row_close(struct table_file *t)
{
	if (t->columns.v[t->at - 1].type == COLUMN_MAP)
		json_end_object(&t->w);
	else
		json_end_array(&t->w);
}

void row_end(struct table_file *t)
{
	assert(t->at == t->columns.n);
	json_end_object(&t->w);
	strbuf_addc(&t->line, '\n');
	t->rows++;
	if (!t->error && t->out)
		t->error = outfile_write(t->out, t->line.s, t->line.n);
}
