/* Places in rules files; see rule_place.h. */
#include "rules/rule_place.h"

#include "rules/rule_yaml.h"

#define MAX_LIST_NESTING 32

struct rule_origin place_origin(const struct load_place *p)
{
	return (struct rule_origin){ p->file->name, p->line + 1, p->col + 1 };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct rule_origin place_in_scalar(const struct load_place *p, struct str text, size_t idx)
{
	struct rule_origin o = place_origin(p);
	struct str file = p->file->text;
	size_t left = 0, i = (size_t)p->offset, end = (size_t)p->end;
	bool escapes = false;

	if (end > file.n || i >= end)
		return o;
	for (size_t k = 0; k < idx && k < text.n; k++)
		left += !is_blank(text.p[k]);
	if (file.p[i] == '|' || file.p[i] == '>') {
		while (i < end && file.p[i] != '\n')
			i++;
	} else if (file.p[i] == '"' || file.p[i] == '\'') {
		escapes = file.p[i++] == '"';
		o.col++;
	}
	for (; i < end; i++) {
		bool blank = is_blank(file.p[i]);

		if (escapes && file.p[i] == '\\' && i + 1 < end) {
			i++;
			o.col++;
			blank = file.p[i] == 'n' || file.p[i] == 't';
		}
		if (!blank && left-- == 0)
			return o;
		o.col++;
		if (file.p[i] == '\n') {
			o.line++;
			o.col = 1;
		}
	}
	return place_origin(p);
}

static void index_list(struct place_index *ix, struct arena *a, const struct load_file *f,
		       struct str name, const struct ynode *items)
{
	for (uint32_t i = 0; i < items->n; i++) {
		const struct ynode *e = items->kids[i];
		struct rule_origin *o;

		if (e->kind != YNODE_SCALAR)
			continue;
		o = arena_alloc(a, sizeof(*o));
		*o = (struct rule_origin){ f->name, e->line + 1, e->col + 1 };
		strmap_put(&ix->items,
			   str_mem(arena_printf(a, "%.*s%c%.*s", STR_FMT(name), '\n',
						STR_FMT(e->text)),
				   name.n + 1 + e->text.n),
			   o);
	}
}

static void index_file(struct place_index *ix, struct arena *a, const struct load_file *f)
{
	struct yaml_error err;
	struct ydocs docs = { 0 };

	if (f->not_yaml || f->unreadable || !rule_yaml_parse(f->text, a, &docs, &err))
		return;
	for (size_t d = 0; d < docs.n; d++) {
		const struct ynode *doc = docs.v[d];

		for (uint32_t i = 0; doc->kind == YNODE_SEQ && i < doc->n; i++) {
			const struct ynode *it = doc->kids[i], *name, *items;

			if (it->kind != YNODE_MAP)
				continue;
			name = ynode_get(it, "list", NULL);
			items = ynode_get(it, "items", NULL);
			if (name && items && name->kind == YNODE_SCALAR && items->kind == YNODE_SEQ)
				index_list(ix, a, f, name->text, items);
		}
	}
}

static const struct rule_origin *find(const struct place_index *ix, const struct ruleset *rs,
				      struct str list, struct str item, unsigned depth)
{
	struct strbuf key = STRBUF_INIT;
	const struct rule_origin *o;
	const struct list_info *l;

	strbuf_addf(&key, "%.*s%c", STR_FMT(list), '\n');
	strbuf_addstr(&key, item);
	o = strmap_get(&ix->items, strbuf_str(&key));
	strbuf_release(&key);
	l = strmap_get(&rs->list_map, list);
	if (o || !l || depth > MAX_LIST_NESTING)
		return o;
	for (size_t i = 0; !o && i < l->items.n; i++)
		if (strmap_get(&rs->list_map, l->items.v[i]) && !str_eq(l->items.v[i], list))
			o = find(ix, rs, l->items.v[i], item, depth + 1);
	return o;
}

struct rule_origin place_index_item(struct place_index *ix, const struct ruleset *rs,
				    struct arena *a, struct str list, struct str item)
{
	const struct rule_origin *o;

	if (!ix->made)
		for (size_t i = 0; i < rs->files.n; i++)
			index_file(ix, a, rs->files.v[i]);
	ix->made = true;
	o = find(ix, rs, list, item, 0);
	return o ? *o : (struct rule_origin){ "", 0, 0 };
}

void place_index_free(struct place_index *ix)
{
	strmap_free(&ix->items);
}
