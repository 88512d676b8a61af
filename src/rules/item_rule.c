/* A rule item in all its forms: a definition, append, override, enabled alone. */
#include "rules/item_reader.h"

#define WARN_ENABLED                                                                              \
	"The standalone 'enabled' key usage is deprecated. The correct approach requires also a " \
	"'replace' entry under the 'override' key (i.e. 'enabled: replace')."

static int cmp_str(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void sort_unique(struct rule *rule)
{
	size_t n = 0;
	if (rule->tags.n)
		qsort(rule->tags.v, rule->tags.n, sizeof(*rule->tags.v), cmp_str);
	for (size_t i = 0; i < rule->tags.n; i++)
		if (!i || !str_eq(rule->tags.v[i], rule->tags.v[n - 1]))
			rule->tags.v[n++] = rule->tags.v[i];
	rule->tags.n = n;
}

/* The content keys of a rule as an item gives them. */
struct rule_parts {
	bool has[KEY_N];
	struct str cond, output, desc;
	const struct load_place *cond_place, *output_place;
	enum priority priority;
	bool enabled, capture, warn_evttypes, skip_if_unknown;
	uint32_t capture_duration;
	struct rule tags_of; /* only its tags */
	exception_vec exceptions;
};

static void read_parts(struct item_reader *r, const bool *wanted, bool append, struct rule_parts *p)
{
	if (wanted[KEY_CONDITION])
		p->has[KEY_CONDITION] =
			item_condition(r, "rule condition", OPTIONAL, &p->cond, &p->cond_place);
	if (wanted[KEY_OUTPUT] && item_scalar(r, "output", OPTIONAL, &p->output)) {
		p->has[KEY_OUTPUT] = true;
		p->output_place = load_place_node(r->a, r->place, "rule output", STR(""),
						  ynode_get(r->item, "output", NULL));
	}
	if (wanted[KEY_DESC])
		p->has[KEY_DESC] = item_scalar(r, "desc", OPTIONAL, &p->desc);
	if (wanted[KEY_PRIORITY] && ynode_get(r->item, "priority", NULL))
		p->has[KEY_PRIORITY] = item_priority(r, &p->priority);
	if (wanted[KEY_CAPTURE])
		p->has[KEY_CAPTURE] = item_bool(r, "capture", OPTIONAL, &p->capture);
	if (wanted[KEY_CAPTURE_DURATION])
		p->has[KEY_CAPTURE_DURATION] =
			item_u32(r, "capture_duration", &p->capture_duration);
	if (wanted[KEY_TAGS]) {
		const struct ynode *tags = ynode_get(r->item, "tags", NULL);
		p->has[KEY_TAGS] = tags && tags->kind != YNODE_NULL &&
				   item_strings(r, "tags", OPTIONAL, "value for", &p->tags_of.tags);
	}
	if (wanted[KEY_EXCEPTIONS])
		p->has[KEY_EXCEPTIONS] = item_exceptions(r, append, &p->exceptions);
	if (wanted[KEY_ENABLED])
		p->has[KEY_ENABLED] = item_bool(r, "enabled", OPTIONAL, &p->enabled);
	if (wanted[KEY_WARN_EVTTYPES])
		p->has[KEY_WARN_EVTTYPES] =
			item_bool(r, "warn_evttypes", OPTIONAL, &p->warn_evttypes);
	if (wanted[KEY_SKIP_IF_UNKNOWN])
		p->has[KEY_SKIP_IF_UNKNOWN] =
			item_bool(r, "skip-if-unknown-filter", OPTIONAL, &p->skip_if_unknown);
}

static void free_parts(struct rule_parts *p)
{
	vec_free(&p->tags_of.tags);
	item_free_exceptions(&p->exceptions);
}

static void append_parts(struct item_reader *r, struct rule_info *ri, struct rule_parts *p)
{
	struct rule *rule = &ri->pub;
	if (p->has[KEY_CONDITION]) {
		item_join(r->a, &rule->condition_text, &ri->cond_cap, p->cond);
		item_add_part(r->a, &ri->cond_parts, rule->condition_text.n - p->cond.n,
			      p->cond_place);
	}
	if (p->has[KEY_OUTPUT])
		item_join(r->a, &rule->output_text, &ri->output_cap, p->output);
	if (p->has[KEY_DESC])
		item_join(r->a, &rule->desc, &ri->desc_cap, p->desc);
	for (size_t i = 0; i < p->tags_of.tags.n; i++)
		vec_push(&rule->tags, p->tags_of.tags.v[i]);
	sort_unique(rule);
	if (p->has[KEY_CONDITION] || p->has[KEY_EXCEPTIONS])
		ri->changed = r->place;
	if (p->has[KEY_EXCEPTIONS])
		item_append_exceptions(r, ri, &p->exceptions);
	ri->visibility = r->rs->n_defs++;
}

static void check_new_exceptions(struct item_reader *r, struct rule_info *ri)
{
	for (size_t i = 0; i < ri->exceptions.n && !ri->unknown_source; i++)
		r->ok &= exception_check(&ri->exceptions.v[i], r->a, r->f);
}

static void replace_parts(struct item_reader *r, struct rule_info *ri, struct rule_parts *p)
{
	struct rule *rule = &ri->pub;
	if (p->has[KEY_CONDITION]) {
		rule->condition_text = p->cond;
		ri->cond_cap = 0;
		ri->cond_parts = NULL;
		ri->cond_place = p->cond_place;
	}
	if (p->has[KEY_OUTPUT]) {
		rule->output_text = p->output;
		ri->output_cap = 0;
		ri->output_place = p->output_place;
	}
	if (p->has[KEY_DESC]) {
		rule->desc = p->desc;
		ri->desc_cap = 0;
	}
	if (p->has[KEY_PRIORITY])
		rule->priority = p->priority;
	if (p->has[KEY_CAPTURE])
		rule->capture = p->capture;
	if (p->has[KEY_CAPTURE_DURATION])
		rule->capture_duration_ms = p->capture_duration;
	if (p->has[KEY_TAGS]) {
		rule->tags.n = 0;
		for (size_t i = 0; i < p->tags_of.tags.n; i++)
			vec_push(&rule->tags, p->tags_of.tags.v[i]);
		sort_unique(rule);
	}
	if (p->has[KEY_EXCEPTIONS]) {
		for (size_t i = 0; i < ri->exceptions.n; i++)
			exception_free(&ri->exceptions.v[i]);
		ri->exceptions.n = 0;
		for (size_t i = 0; i < p->exceptions.n; i++)
			vec_push(&ri->exceptions, p->exceptions.v[i]);
		p->exceptions.n = 0;
		check_new_exceptions(r, ri);
	}
	if (p->has[KEY_CONDITION] || p->has[KEY_EXCEPTIONS])
		ri->changed = r->place;
	if (p->has[KEY_ENABLED]) {
		rule->enabled = p->enabled;
		ri->switched = r->place;
	}
	if (p->has[KEY_WARN_EVTTYPES])
		ri->warn_evttypes = p->warn_evttypes;
	if (p->has[KEY_SKIP_IF_UNKNOWN])
		ri->skip_if_unknown_filter = p->skip_if_unknown;
	ri->visibility = r->rs->n_defs++;
}

static bool known_source(const struct ruleset *rs, struct str source)
{
	if (!rs->sources)
		return str_eqz(source, RULES_DEFAULT_SOURCE);
	for (size_t i = 0; rs->sources[i]; i++)
		if (str_eqz(source, rs->sources[i]))
			return true;
	return false;
}

/* The item's source; false when it has none. It may be given without a value. */
static bool source_of(struct item_reader *r, struct str *ret)
{
	const struct ynode *n = ynode_get(r->item, "source", NULL);
	*ret = STR(RULES_DEFAULT_SOURCE);
	if (!n || n->kind != YNODE_SCALAR || !n->text.n)
		return false;
	*ret = n->text;
	return true;
}

/* An existing rule cannot change its source. */
static bool same_source(struct item_reader *r, const struct rule_info *prev, bool must_be_given)
{
	struct str source;
	bool given = source_of(r, &source);
	if ((must_be_given && !given) || str_eq(source, prev->pub.source))
		return true;
	item_invalid(r, "Rule has been re-defined with a different source");
	return false;
}

static void define_rule(struct item_reader *r, struct str name, struct rule_info *prev)
{
	static const int required[] = { KEY_CONDITION, KEY_OUTPUT, KEY_DESC, KEY_PRIORITY };
	struct rule_parts p = { 0 };
	bool wanted[KEY_N];

	memset(wanted, 1, sizeof(wanted));
	for (size_t i = 0; i < 4; i++)
		item_value(r, r->item, r->place, item_rule_key((size_t)required[i]), REQUIRED);
	if (r->ok)
		read_parts(r, wanted, false, &p);
	if (!r->ok || (prev && !same_source(r, prev, false)))
		goto out;
	if (!prev) {
		prev = arena_calloc(r->a, 1, sizeof(*prev));
		prev->pub.name = name;
		prev->index = r->rs->n_defs;
		source_of(r, &prev->pub.source);
		vec_push(&r->rs->rules, prev);
		strmap_put(&r->rs->rule_map, name, prev);
	}
	prev->place = r->place;
	prev->pub.file = r->f->name;
	prev->pub.line = r->item->line;
	prev->pub.col = r->item->col;
	prev->unknown_source = !known_source(r->rs, prev->pub.source);
	if (prev->unknown_source)
		load_problem_add(r->a, r->f, LOAD_UNKNOWN_SOURCE, r->place,
				 "Unknown source %.*s, skipping", STR_FMT(prev->pub.source));
	/* What the new definition leaves out goes back to its default. */
	if (!p.has[KEY_ENABLED])
		p.enabled = true;
	if (!p.has[KEY_WARN_EVTTYPES])
		p.warn_evttypes = true;
	memset(p.has, 1, sizeof(p.has));
	replace_parts(r, prev, &p);
	prev->changed = prev->switched = NULL;
	prev->broken = !r->ok;
out:
	free_parts(&p);
}

static bool no_previous(struct item_reader *r, struct str name, const char *message)
{
	if (!ruleset_is_broken(r->rs, "rule", name))
		item_invalid(r, message);
	return false;
}

#define ERR_NO_RULE_APPEND \
	"Rule uses 'append' or 'override.<key>: append' but no rule by that name already exists"
#define ERR_NO_RULE_REPLACE \
	"An 'override.<key>: replace' to a rule was requested but no rule by that name already exists"

static void append_rule(struct item_reader *r, struct str name, struct rule_info *prev)
{
	bool wanted[KEY_N] = { [KEY_CONDITION] = true, [KEY_EXCEPTIONS] = true };
	struct rule_parts p = { 0 };

	read_parts(r, wanted, true, &p);
	if (!r->ok)
		goto out;
	if (!prev) {
		no_previous(r, name, ERR_NO_RULE_APPEND);
		goto out;
	}
	if (!same_source(r, prev, true))
		goto out;
	if (!p.has[KEY_CONDITION] && !p.has[KEY_EXCEPTIONS]) {
		item_invalid(r, "Appended rule must have exceptions or condition property");
		goto out;
	}
	append_parts(r, prev, &p);
	prev->broken |= !r->ok;
out:
	free_parts(&p);
}

/* Each overridden key must be there, and each key that is there and could be must be overridden. */
static void check_override_keys(struct item_reader *r, const enum override_op *ops)
{
	for (size_t i = 0; i < KEY_N; i++) {
		const struct ynode *v = ynode_get(r->item, item_rule_key(i), NULL);
		if (ops[i] && !v) {
			load_problem_add(
				r->a, r->f, LOAD_ERR_YAML_VALIDATE, r->place,
				"An %s override for '%s' was specified but '%s' is not defined",
				ops[i] == OVERRIDE_APPEND ? "append" : "replace", item_rule_key(i),
				item_rule_key(i));
			r->ok = false;
		} else if (!ops[i] && v && item_rule_key_allows(i, OVERRIDE_REPLACE)) {
			load_problem_add(
				r->a, r->f, LOAD_ERR_YAML_VALIDATE,
				load_place_node(r->a, r->place, "overrides",
						str_of(item_rule_key(i)), v),
				"Unexpected key '%s': no corresponding entry under 'override' is defined.",
				item_rule_key(i));
			r->ok = false;
		}
	}
}

static void override_rule(struct item_reader *r, struct str name, struct rule_info *prev,
			  const enum override_op *ops)
{
	struct rule_parts add = { 0 }, put = { 0 };
	bool append[KEY_N] = { false }, replace[KEY_N] = { false }, any_append = false,
	     any_replace = false;

	check_override_keys(r, ops);
	for (size_t i = 0; i < KEY_N; i++) {
		append[i] = ops[i] == OVERRIDE_APPEND;
		replace[i] = ops[i] == OVERRIDE_REPLACE;
		any_append |= append[i];
		any_replace |= replace[i];
	}
	if (!r->ok)
		return;
	read_parts(r, append, true, &add);
	read_parts(r, replace, false, &put);
	if (!r->ok)
		goto out;
	if (!prev) {
		no_previous(r, name, any_append ? ERR_NO_RULE_APPEND : ERR_NO_RULE_REPLACE);
		goto out;
	}
	if (!same_source(r, prev, true))
		goto out;
	if (any_append)
		append_parts(r, prev, &add);
	if (any_replace)
		replace_parts(r, prev, &put);
	prev->broken |= !r->ok;
out:
	free_parts(&add);
	free_parts(&put);
}

static void enable_rule(struct item_reader *r, struct str name, struct rule_info *prev)
{
	bool enabled = true;
	if (!item_bool(r, "enabled", REQUIRED, &enabled))
		return;
	item_warn(r, LOAD_DEPRECATED_ITEM, r->place, WARN_ENABLED);
	if (!prev)
		no_previous(r, name,
			    "Rule has 'enabled' key only but no rule by that name already exists");
	else if (same_source(r, prev, true)) {
		prev->pub.enabled = enabled;
		prev->switched = r->place;
	}
}

void item_read_rule(struct item_reader *r, struct str name)
{
	struct rule_info *prev = strmap_get(&r->rs->rule_map, name);
	enum override_op ops[KEY_N] = { OVERRIDE_NONE };

	bool append = item_append_flag(r);
	bool over = item_overrides(r, KEY_N, item_rule_key, item_rule_key_allows, ops);
	if (append && over)
		item_append_and_override(r);
	if (!r->ok)
		return;
	if (over)
		override_rule(r, name, prev, ops);
	else if (append)
		append_rule(r, name, prev);
	else if (!ynode_get(r->item, "condition", NULL) && !ynode_get(r->item, "output", NULL) &&
		 !ynode_get(r->item, "desc", NULL) && !ynode_get(r->item, "priority", NULL))
		enable_rule(r, name, prev);
	else
		define_rule(r, name, prev);
}
