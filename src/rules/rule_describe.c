/*
 * The loaded rules, macros and lists as JSON, in the shape of falco -L (rule-language.md section
 * 7). Arrays whose order means nothing are sorted, so that the text is the same every time.
 */
#include "rules/event_names.h"
#include "rules/ruleset_internal.h"

static int cmp_str(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void put_strs(struct json_writer *w, const char *key, const struct str *v, size_t n)
{
	json_key(w, key);
	json_begin_array(w);
	for (size_t i = 0; i < n; i++)
		json_str(w, v[i]);
	json_end_array(w);
}

/* The same in bytewise order; sorts `v` itself. */
static void put_sorted(struct json_writer *w, const char *key, struct str *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), cmp_str);
	put_strs(w, key, v, n);
}

/* The keys of a map. */
static void put_keys(struct json_writer *w, const char *key, const struct strmap *names)
{
	name_vec v = { 0 };
	for (size_t i = 0; i < names->n; i++)
		vec_push(&v, names->entries[i].key);
	put_sorted(w, key, v.v, v.n);
	vec_free(&v);
}

static void put_str(struct json_writer *w, const char *key, struct str s)
{
	json_key(w, key);
	json_str(w, s);
}

/* Macros and lists that the condition's own text names. */
static void names_in_text(const struct ruleset *rs, struct str cond, struct condition_names *cn,
			  struct arena *a)
{
	struct condition_options opt = { .max_depth = RULES_CONDITION_DEPTH };
	struct condition_error err;
	const struct ast *n = condition_parse(cond, &opt, a, &err, NULL);
	if (n)
		condition_names(n, &rs->list_map, a, cn);
}

/* The part of `details` that macros and rules have in common. */
static void put_condition(const struct ruleset *rs, struct json_writer *w, struct str cond,
			  const struct ast *full, struct arena *a)
{
	struct condition_names raw = { 0 }, compiled = { 0 };
	struct strbuf text = STRBUF_INIT;
	name_vec events = { 0 };

	names_in_text(rs, cond, &raw, a);
	if (full) {
		condition_names(full, NULL, a, &compiled);
		ast_text(full, &text);
		event_names(full, &events);
	}
	put_str(w, "condition_compiled", strbuf_str(&text));
	put_sorted(w, "condition_fields", compiled.fields.v, compiled.fields.n);
	put_sorted(w, "condition_operators", compiled.operators.v, compiled.operators.n);
	put_strs(w, "events", events.v, events.n);
	put_sorted(w, "lists", raw.lists.v, raw.lists.n);
	put_sorted(w, "macros", raw.macros.v, raw.macros.n);
	condition_names_free(&raw);
	condition_names_free(&compiled);
	strbuf_release(&text);
	vec_free(&events);
}

/* The plugins that other engines have some fields from: descriptions name them. */
enum { PLUGIN_CONTAINER, PLUGIN_JSON, PLUGIN_K8S, PLUGIN_N };

static const char *const plugin_names[] = {
	[PLUGIN_CONTAINER] = "container",
	[PLUGIN_JSON] = "json",
	[PLUGIN_K8S] = "k8saudit",
};

static unsigned plugin_bit(struct str name)
{
	const struct field_def *def;
	ptrdiff_t open = str_chr(name, '[');

	if (open >= 0)
		name.n = (size_t)open;
	def = field_find(name);
	if (!def)
		return 0;
	if (strcmp(def->cls, "container") == 0 || str_starts(name, STR("k8s.")))
		return 1u << PLUGIN_CONTAINER;
	if (strcmp(def->cls, "json") == 0)
		return 1u << PLUGIN_JSON;
	return strcmp(def->cls, "ka") == 0 ? 1u << PLUGIN_K8S : 0;
}

static void put_plugins(struct json_writer *w, const struct rule_info *ri, struct arena *a)
{
	struct condition_names cn = { 0 };
	unsigned used = 0;

	if (ri->pub.ast)
		condition_names(ri->pub.ast, NULL, a, &cn);
	for (size_t i = 0; i < cn.fields.n; i++)
		used |= plugin_bit(cn.fields.v[i]);
	for (size_t i = 0; ri->pub.output && i < output_format_count(ri->pub.output); i++)
		used |= plugin_bit(output_format_name(ri->pub.output, i));
	json_key(w, "plugins");
	json_begin_array(w);
	for (unsigned i = 0; i < PLUGIN_N; i++)
		if (used & 1u << i)
			json_strz(w, plugin_names[i]);
	json_end_array(w);
	condition_names_free(&cn);
}

static void entry_names(const struct exception_entry *e, struct strmap *m)
{
	if (e->valid && !e->is_list)
		strmap_put(m, e->item, m);
	for (size_t i = 0; i < e->items.n; i++)
		strmap_put(m, e->items.v[i].item, m);
}

static void put_exceptions(struct json_writer *w, const struct rule_info *ri)
{
	struct strmap fields = { 0 }, names = { 0 }, ops = { 0 };
	for (size_t i = 0; i < ri->exceptions.n; i++) {
		const struct exception *ex = &ri->exceptions.v[i];
		strmap_put(&names, ex->name, &names);
		entry_names(&ex->fields, &fields);
		entry_names(&ex->comps, &ops);
	}
	put_keys(w, "exception_fields", &fields);
	put_keys(w, "exception_names", &names);
	put_keys(w, "exception_operators", &ops);
	strmap_free(&fields);
	strmap_free(&names);
	strmap_free(&ops);
}

static void put_rule(const struct ruleset *rs, const struct rule_info *ri, struct json_writer *w)
{
	const struct rule *r = &ri->pub;
	struct arena a = ARENA_INIT;

	json_begin_object(w);
	json_key(w, "details");
	json_begin_object(w);
	put_condition(rs, w, r->condition_text, r->ast, &a);
	put_exceptions(w, ri);
	if (r->n_extra) {
		json_key(w, "extra_output_formatted_fields");
		json_begin_object(w);
		for (size_t i = 0; i < r->n_extra; i++) {
			json_key_str(w, r->extra[i].key);
			json_str(w, r->extra[i].text);
		}
		json_end_object(w);
	}
	put_str(w, "output_compiled", r->output_full);
	json_key(w, "output_fields");
	json_begin_array(w);
	for (size_t i = 0; r->output && i < output_format_count(r->output); i++)
		json_str(w, output_format_name(r->output, i));
	json_end_array(w);
	put_plugins(w, ri, &a);
	json_end_object(w);
	json_key(w, "info");
	json_begin_object(w);
	json_key(w, "capture");
	json_bool(w, r->capture);
	json_key(w, "capture_duration");
	json_u64(w, r->capture_duration_ms);
	put_str(w, "condition", r->condition_text);
	put_str(w, "description", r->desc);
	json_key(w, "enabled");
	json_bool(w, r->enabled);
	put_str(w, "name", r->name);
	put_str(w, "output", r->output_text);
	json_key(w, "priority");
	json_strz(w, priority_name(r->priority));
	put_str(w, "source", r->source);
	put_strs(w, "tags", r->tags.v, r->tags.n);
	json_end_object(w);
	json_end_object(w);
	arena_destroy(&a);
}

static void put_macro(const struct ruleset *rs, const struct macro_info *m, struct json_writer *w)
{
	struct arena a = ARENA_INIT;

	json_begin_object(w);
	json_key(w, "details");
	json_begin_object(w);
	put_condition(rs, w, m->cond, m->def.full, &a);
	put_strs(w, "plugins", NULL, 0);
	json_key(w, "used");
	json_bool(w, m->def.used);
	json_end_object(w);
	json_key(w, "info");
	json_begin_object(w);
	put_str(w, "condition", m->cond);
	put_str(w, "name", m->name);
	json_end_object(w);
	json_end_object(w);
	arena_destroy(&a);
}

static void put_list(const struct ruleset *rs, const struct list_info *l, struct json_writer *w)
{
	struct strmap inner = { 0 };

	json_begin_object(w);
	json_key(w, "details");
	json_begin_object(w);
	json_key(w, "items_compiled");
	json_begin_array(w);
	for (size_t i = 0; i < l->items.n; i++) {
		const struct list_info *ref = list_visible(rs, l, l->items.v[i]);
		if (strmap_has(&rs->list_map, l->items.v[i]))
			strmap_put(&inner, l->items.v[i], &inner);
		if (!ref)
			json_str(w, l->items.v[i]);
		for (size_t k = 0; ref && k < ref->items.n; k++)
			json_str(w, ref->items.v[k]);
	}
	json_end_array(w);
	put_keys(w, "lists", &inner);
	put_strs(w, "plugins", NULL, 0);
	json_key(w, "used");
	json_bool(w, l->used);
	json_end_object(w);
	json_key(w, "info");
	json_begin_object(w);
	json_key(w, "items");
	json_begin_array(w);
	for (size_t i = 0; i < l->items.n; i++)
		if (!strmap_has(&rs->list_map, l->items.v[i]))
			json_str(w, l->items.v[i]);
	json_end_array(w);
	put_str(w, "name", l->name);
	json_end_object(w);
	json_end_object(w);
	strmap_free(&inner);
}

static void put_plugin(struct json_writer *w, const struct plugin_requirement *req)
{
	json_begin_object(w);
	json_key(w, "alternatives");
	json_begin_array(w);
	for (size_t i = 1; i < req->alternatives.n; i++) {
		json_begin_object(w);
		put_str(w, "name", req->alternatives.v[i].name);
		put_str(w, "version", req->alternatives.v[i].version);
		json_end_object(w);
	}
	json_end_array(w);
	put_str(w, "name", req->alternatives.v[0].name);
	put_str(w, "version", req->alternatives.v[0].version);
	json_end_object(w);
}

void ruleset_describe(const struct ruleset *rs, const struct rule *rule, struct json_writer *w)
{
	json_begin_object(w);
	if (!rule) {
		json_key(w, "lists");
		json_begin_array(w);
		for (size_t i = 0; i < rs->lists.n; i++)
			put_list(rs, rs->lists.v[i], w);
		json_end_array(w);
		json_key(w, "macros");
		json_begin_array(w);
		for (size_t i = 0; i < rs->macros.n; i++)
			put_macro(rs, rs->macros.v[i], w);
		json_end_array(w);
		if (rs->engine_version.n)
			put_str(w, "required_engine_version", rs->engine_version);
		json_key(w, "required_plugin_versions");
		json_begin_array(w);
		for (size_t i = 0; i < rs->requirements.n; i++)
			put_plugin(w, &rs->requirements.v[i]);
		json_end_array(w);
	}
	json_key(w, "rules");
	json_begin_array(w);
	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct rule_info *ri = rs->rules.v[i];
		if (rule ? &ri->pub == rule : ri->pub.id >= 0)
			put_rule(rs, ri, w);
	}
	json_end_array(w);
	json_end_object(w);
}
