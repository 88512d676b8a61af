/*
 * The items of a rules file: lists, macros, rules, in all their forms (rule-language.md section 1).
 * An item with an error is left out, its name remembered, and reading goes on.
 */
#include "rules/item_reader.h"

static bool word_of(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_')))
			return false;
	}
	return s.n > 0;
}

static bool list_name_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr("()\"' \t\n\r\v\f=,", s.p[i]))
			return false;
	return s.n > 0;
}

static void read_list(struct item_reader *r, struct str name)
{
	struct ruleset *rs = r->rs;
	struct list_info new = { .name = name, .place = r->place };
	struct list_info *prev = strmap_get(&rs->list_map, name);
	bool append;

	if (!list_name_ok(name))
		item_warn(r, LOAD_INVALID_LIST_NAME, r->place,
			  "List has an invalid name. List names should match a regular expression: "
			  "([^()\"'[:space:]=,]+)");
	item_strings(r, "items", REQUIRED, "list item", &new.items);
	if (!item_append_or_override(r, true, &append))
		goto out;
	if (append && !prev) {
		if (!ruleset_is_broken(rs, "list", name))
			item_invalid(
				r,
				"List uses 'append' or 'override.items: append' but no list by that name "
				"already exists");
		goto out;
	}
	if (append) {
		vec_reserve(&prev->items, prev->items.n + new.items.n);
		for (size_t i = 0; i < new.items.n; i++)
			vec_push(&prev->items, new.items.v[i]);
	} else if (prev) {
		vec_free(&prev->items);
		prev->items.v = new.items.v;
		prev->items.n = new.items.n;
		prev->items.cap = new.items.cap;
		memset(&new.items, 0, sizeof(new.items));
		prev->place = r->place;
	} else {
		prev = arena_calloc(r->a, 1, sizeof(*prev));
		*prev = new;
		memset(&new.items, 0, sizeof(new.items));
		prev->index = rs->n_defs;
		vec_push(&rs->lists, prev);
		strmap_put(&rs->list_map, name, prev);
	}
	prev->visibility = rs->n_defs++;
out:
	vec_free(&new.items);
}

static void read_macro(struct item_reader *r, struct str name)
{
	struct ruleset *rs = r->rs;
	struct macro_info *prev = strmap_get(&rs->macro_map, name);
	const struct load_place *cond_place;
	struct str cond;
	bool append;

	if (!word_of(name))
		item_warn(
			r, LOAD_INVALID_MACRO_NAME, r->place,
			"Macro has an invalid name. Macro names should match a regular expression: "
			"([a-zA-Z]+[a-zA-Z0-9_]*)");
	bool has_cond = item_condition(r, "macro condition", REQUIRED, &cond, &cond_place);
	if (!item_append_or_override(r, false, &append) || !has_cond)
		return;
	if (append && !prev) {
		if (!ruleset_is_broken(rs, "macro", name))
			item_invalid(
				r,
				"Macro uses 'append' or 'override.condition: append' but no macro by that "
				"name already exists");
		return;
	}
	if (append) {
		item_join(r->a, &prev->cond, &prev->cond_cap, cond);
		item_add_part(r->a, &prev->cond_parts, prev->cond.n - cond.n, cond_place);
	} else {
		if (!prev) {
			prev = arena_calloc(r->a, 1, sizeof(*prev));
			prev->name = name;
			prev->index = rs->n_defs;
			vec_push(&rs->macros, prev);
			strmap_put(&rs->macro_map, name, prev);
		}
		prev->cond = cond;
		prev->cond_cap = 0;
		prev->cond_parts = NULL;
		prev->place = r->place;
		prev->cond_place = cond_place;
	}
	prev->visibility = rs->n_defs++;
}

static void read_named(struct item_reader *r, const struct load_place *file, const char *kind,
		       void (*read)(struct item_reader *, struct str))
{
	struct str name;
	r->place = load_place_node(r->a, file, kind, STR(""), r->item);
	if (!item_scalar(r, kind, REQUIRED, &name))
		return;
	r->place = load_place_node(r->a, file, kind, name, r->item);
	read(r, name);
	item_check_keys(r, kind);
	if (!r->ok)
		ruleset_mark_broken(r->rs, kind, name);
}

static void read_item(struct item_reader *r, const struct load_place *file)
{
	if (ynode_get(r->item, "required_engine_version", NULL)) {
		rule_versions_engine(r->rs, r->f, r->item, file);
	} else if (ynode_get(r->item, "required_plugin_versions", NULL)) {
		rule_versions_plugins(r->rs, r->f, r->item, file);
	} else if (ynode_get(r->item, "list", NULL)) {
		read_named(r, file, "list", read_list);
	} else if (ynode_get(r->item, "macro", NULL)) {
		read_named(r, file, "macro", read_macro);
	} else if (ynode_get(r->item, "rule", NULL)) {
		read_named(r, file, "rule", item_read_rule);
	} else {
		load_problem_add(r->a, r->f, LOAD_UNKNOWN_ITEM,
				 load_place_node(r->a, file, "rules content item", STR(""),
						 r->item),
				 "Unknown top level item");
	}
}

void rule_items_read(struct ruleset *rs, struct load_file *f, const struct ydocs *docs)
{
	const struct load_place *file = load_place_file(&rs->arena, f);
	struct item_reader r = { .rs = rs, .a = &rs->arena, .f = f };

	f->no_items = true;
	for (size_t d = 0; d < docs->n; d++) {
		const struct ynode *doc = docs->v[d];
		if (doc->kind == YNODE_NULL)
			continue;
		f->no_items = false;
		if (doc->kind != YNODE_SEQ) {
			load_problem_add(r.a, f, LOAD_ERR_YAML_VALIDATE, file,
					 doc->kind == YNODE_MAP
						 ? "Rules content is not yaml array of objects"
						 : "Rules content is not yaml")
				->plain =
				"this is no rules file, which is a YAML list of items such as \"- rule: NAME\"";
			continue;
		}
		for (uint32_t i = 0; i < doc->n; i++) {
			r.item = doc->kids[i];
			r.ok = true;
			if (f->problems.n == LOAD_MAX_PROBLEMS)
				return;
			if (r.item->kind == YNODE_NULL)
				continue;
			if (r.item->kind == YNODE_MAP) {
				read_item(&r, file);
				continue;
			}
			load_problem_add(
				r.a, f, LOAD_ERR_YAML_VALIDATE,
				load_place_node(r.a, file, "rules content item", STR(""), r.item),
				"Unexpected element type. Each element should be a yaml associative array.");
		}
	}
}
