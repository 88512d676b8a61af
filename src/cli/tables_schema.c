/*
 * The SQL that declares the tables of an export: views over the gzip'd JSON Lines, for DuckDB
 * (read_json: https://duckdb.org/docs/stable/data/json/loading_json) and for Spark (CREATE VIEW
 * ... USING json). Names are quoted: some calls are called like words of SQL (select).
 */
#include <string.h>

#include "cli/export_tables.h"

#define EVENTS "events/"

static bool is_of_events(const struct table_file *t)
{
	return strncmp(t->file, EVENTS, strlen(EVENTS)) == 0;
}

static bool is_time(const struct file_column *c)
{
	return c->type == COLUMN_TIME;
}

/* The name of a time without its _ns. */
static struct str time_name(const struct file_column *c)
{
	return str_mem(c->name, strlen(c->name) - strlen("_ns"));
}

static void add_types(const struct table_file *t, size_t n, struct strbuf *out)
{
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, "%s\n\t\t\"%s\": '%s'", i ? "," : "", t->columns.v[i].name,
			    column_types[t->columns.v[i].type].duckdb);
}

/* SELECT ...: times as such in front, bytes as such instead of base64. */
static void add_select(const struct table_file *t, size_t n, struct strbuf *out)
{
	const char *comma = "";

	strbuf_adds(out, "SELECT ");
	for (size_t i = 0; i < n; i++) {
		const struct file_column *c = &t->columns.v[i];

		if (is_time(c))
			strbuf_addf(out, "make_timestamp_ns(\"%s\") AS \"%.*s\", ", c->name,
				    (int)time_name(c).n, time_name(c).p);
	}
	strbuf_addc(out, '*');
	for (size_t i = 0; i < n; i++) {
		const struct file_column *c = &t->columns.v[i];

		if (c->type != COLUMN_BYTES)
			continue;
		strbuf_addf(out, "%s from_base64(\"%s\") AS \"%s\"", *comma ? comma : " REPLACE (",
			    c->name, c->name);
		comma = ",";
	}
	strbuf_adds(out, *comma ? ")\n" : "\n");
}

static void duckdb_view(const char *name, const struct table_file *t, const char *file, size_t n,
			const char *more, struct strbuf *out)
{
	strbuf_addf(out, "\nCREATE OR REPLACE VIEW \"%s\" AS ", name);
	add_select(t, n, out);
	strbuf_addf(out,
		    "\tFROM read_json('%s', format = 'newline_delimited', compression = 'gzip',\n"
		    "\tmaximum_object_size = 1073741824, hive_partitioning = %s, columns = {",
		    file, more);
	add_types(t, n, out);
	strbuf_adds(out, "\n\t});\n");
}

static const struct table_file *first_events(struct table_file *const *tables, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_of_events(tables[i]))
			return tables[i];
	return NULL;
}

void schema_duckdb(struct table_file *const *tables, size_t n, size_t n_common, struct strbuf *out)
{
	const struct table_file *events = first_events(tables, n);

	strbuf_adds(
		out,
		"-- The tables of this directory, for DuckDB: views that read them where they are. In this\n"
		"-- directory: duckdb -init schema.sql. From elsewhere: SET file_search_path = 'DIRECTORY';\n"
		"-- first. See eyas-export(1) for what the columns are; parquet.sql makes Parquet files.\n");
	if (events)
		duckdb_view("events", events, EVENTS "*/*.jsonl.gz", n_common, "true", out);
	for (size_t i = 0; i < n; i++)
		duckdb_view(tables[i]->name, tables[i], tables[i]->file, tables[i]->columns.n,
			    "false", out);
}

void schema_parquet(struct table_file *const *tables, size_t n, struct strbuf *out)
{
	strbuf_adds(out, "-- After schema.sql: each table as a Parquet file in this directory.\n");
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out,
			    "COPY (SELECT * FROM \"%s\") TO '%s.parquet' "
			    "(FORMAT parquet, COMPRESSION zstd);\n",
			    tables[i]->name, tables[i]->name);
}

static void spark_view(const char *name, const struct table_file *t, const char *path, size_t n,
		       struct strbuf *out)
{
	strbuf_addf(out, "\nCREATE OR REPLACE TEMPORARY VIEW `%s` (", name);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, "%s\n\t`%s` %s", i ? "," : "", t->columns.v[i].name,
			    column_types[t->columns.v[i].type].spark);
	strbuf_addf(out, "\n) USING json OPTIONS (path '%s');\n", path);
}

void schema_spark(struct table_file *const *tables, size_t n, size_t n_common, struct strbuf *out)
{
	const struct table_file *events = first_events(tables, n);

	strbuf_adds(
		out,
		"-- The tables of this directory, for Spark SQL. In this directory: spark-sql -i spark.sql.\n"
		"-- Times are nanoseconds: timestamp_micros(evt_time_ns DIV 1000). Bytes are base64:\n"
		"-- unbase64(arg_data).\n");
	if (events)
		spark_view("events", events, "events", n_common, out);
	for (size_t i = 0; i < n; i++)
		spark_view(tables[i]->name, tables[i], tables[i]->file, tables[i]->columns.n, out);
}
