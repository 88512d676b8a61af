/*
 * export_tables: a trace as a directory of typed tables that DuckDB and Spark read, and turn into
 * Parquet.
 *
 * Layer: cli. A table for each kind of event, with what fields say of every event and a column for
 * each parameter; alerts, processes over the span, threads and descriptors as each section began,
 * losses; and the SQL that declares them (schema.sql for DuckDB, parquet.sql, spark.sql). Open at a
 * time is one file for each kind of event at most.
 */
#ifndef EYAS_EXPORT_TABLES_H
#define EYAS_EXPORT_TABLES_H

#include "cli/table_file.h"
#include "event/source.h"
#include "fields/field.h"
#include "rules/ruleset.h"

struct tables;

/*
 * Borrows the directory. `fields` are names of further fields, each a column of all events; NULL
 * with an error in `diag` when one is unknown. `alerts`: there are rules.
 */
struct tables *tables_begin(struct out_dir *dir, const char *const *fields, size_t n_fields,
			    bool alerts, struct diag *diag);
/* An event; `row` false: only what it does to the processes. 0 or -errno. */
int tables_event(struct tables *t, const struct field_env *env, bool row);
/* An alert raised by the event in hand; `first`: of the first rule that it matches. */
int tables_alert(struct tables *t, const struct field_env *env, const struct rule *rule,
		 bool first);
/* A section has begun: the state is what its snapshot says. */
void tables_section(struct tables *t, struct state *st);
void tables_loss(struct tables *t, const struct loss *loss);
/* Writes what is left: the processes and the SQL. 0 or -errno of this or an earlier call. */
int tables_end(struct tables *t);
void tables_free(struct tables *t);

/* For tables_schema.c: appends the SQL over tables (sorted by name); the first `n_common` columns
 * are those that the tables of events have in common. */
void schema_duckdb(struct table_file *const *tables, size_t n, size_t n_common, struct strbuf *out);
void schema_parquet(struct table_file *const *tables, size_t n, struct strbuf *out);
void schema_spark(struct table_file *const *tables, size_t n, size_t n_common, struct strbuf *out);

#endif
