/* Load results as JSON, in the shape and key order that consumers of falco -V know. */
#include "rules/ruleset_internal.h"

static void put_place(const struct load_place *p, struct json_writer *w)
{
	struct strbuf name = STRBUF_INIT;

	if (p->expr.p)
		load_expr_name(p->expr, &name);
	else
		strbuf_adds(&name, p->file->name);
	json_begin_object(w);
	json_key(w, "item_name");
	json_str(w, p->name.p ? p->name : STR(""));
	json_key(w, "item_type");
	json_strz(w, p->kind);
	json_key(w, "position");
	json_begin_object(w);
	json_key(w, "column");
	json_u64(w, p->col);
	json_key(w, "line");
	json_u64(w, p->line);
	json_key(w, "name");
	json_str(w, strbuf_str(&name));
	json_key(w, "offset");
	json_u64(w, p->offset);
	json_end_object(w);
	json_end_object(w);
	strbuf_release(&name);
}

#define MAX_PLACES 16

static void put_problem(const struct load_problem *pr, struct json_writer *w)
{
	const struct load_place *chain[MAX_PLACES];
	struct strbuf snippet = STRBUF_INIT;
	size_t n = 0;

	for (const struct load_place *p = pr->place; p && n < MAX_PLACES; p = p->parent)
		chain[n++] = p;
	load_snippet(pr->place, &snippet);
	json_begin_object(w);
	json_key(w, "code");
	json_strz(w, load_code_name(pr->code));
	json_key(w, "codedesc");
	json_strz(w, load_code_description(pr->code));
	json_key(w, "context");
	json_begin_object(w);
	json_key(w, "locations");
	json_begin_array(w);
	while (n)
		put_place(chain[--n], w);
	json_end_array(w);
	json_key(w, "snippet");
	json_str(w, strbuf_str(&snippet));
	json_end_object(w);
	if (pr->deprecated_field.n) {
		json_key(w, "deprecated_field");
		json_str(w, pr->deprecated_field);
	}
	json_key(w, "message");
	json_strz(w, pr->message);
	json_end_object(w);
	strbuf_release(&snippet);
}

/* Problems from `from` to `to` that are errors, or are not. */
static void put_problems(const struct load_file *f, const char *key, size_t from, size_t to,
			 bool errors, bool always, struct json_writer *w)
{
	bool any = always;
	for (size_t i = from; i < to && !any; i++)
		any = f->problems.v[i].code != LOAD_CODE_NONE &&
		      load_code_is_error(f->problems.v[i].code) == errors;
	if (!any)
		return;
	json_key(w, key);
	json_begin_array(w);
	for (size_t i = from; i < to; i++)
		if (f->problems.v[i].code != LOAD_CODE_NONE &&
		    load_code_is_error(f->problems.v[i].code) == errors)
			put_problem(&f->problems.v[i], w);
	json_end_array(w);
}

static void put_file(const struct load_file *f, struct json_writer *w)
{
	size_t first = 0;

	while (first < f->problems.n && !load_code_is_error(f->problems.v[first].code))
		first++;
	if (first < f->problems.n)
		first++;
	json_begin_object(w);
	put_problems(f, "errors", 0, first, true, true, w);
	put_problems(f, "more_errors", first, f->problems.n, true, false, w);
	put_problems(f, "more_warnings", first, f->problems.n, false, false, w);
	json_key(w, "name");
	json_strz(w, f->name);
	if (!f->unreadable && !f->not_yaml && !f->no_items) {
		json_key(w, "schema_valid");
		json_bool(w, f->schema_problems.n == 0);
		json_key(w, "schema_warnings");
		json_begin_array(w);
		for (size_t i = 0; i < f->schema_problems.n; i++)
			json_str(w, f->schema_problems.v[i]);
		json_end_array(w);
	}
	json_key(w, "successful");
	json_bool(w, f->n_errors == 0);
	put_problems(f, "warnings", 0, first, false, true, w);
	json_end_object(w);
}

void ruleset_load_results(const struct ruleset *rs, struct json_writer *w)
{
	json_begin_array(w);
	for (size_t i = 0; i < rs->files.n; i++)
		put_file(rs->files.v[i], w);
	json_end_array(w);
}
