/* Where pieces of compiled conditions come from; see node_origin.h. */
#include "rules/node_origin.h"

#include "rules/ruleset_internal.h"

struct node_origins {
	const struct ruleset *rs;
	struct u64map macro_of; /* leaf to struct macro_info */
};

static void note_leaves(struct node_origins *o, const struct ast *n, struct macro_info *m)
{
	if (n->kind == AST_AND || n->kind == AST_OR || n->kind == AST_NOT)
		for (uint32_t i = 0; i < n->n_kids; i++)
			note_leaves(o, n->kids[i], m);
	else
		u64map_put(&o->macro_of, (uintptr_t)n, m);
}

struct node_origins *node_origins_new(const struct ruleset *rs)
{
	struct node_origins *o = xcalloc(1, sizeof(*o));

	o->rs = rs;
	for (size_t i = 0; i < rs->macros.n; i++)
		if (rs->macros.v[i]->def.raw)
			note_leaves(o, rs->macros.v[i]->def.raw, rs->macros.v[i]);
	return o;
}

void node_origins_free(struct node_origins *o)
{
	if (!o)
		return;
	u64map_free(&o->macro_of);
	free(o);
}

static bool in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.';
}

/* The place of `word` in `text` from `from` on, as a word of its own; or the text's length. */
static size_t next_word(struct str text, struct str word, size_t from)
{
	for (;;) {
		ptrdiff_t k = str_find(str_from(text, from), word);
		size_t at;

		if (k < 0)
			return text.n;
		at = from + (size_t)k;
		if ((at == 0 || !in_word(text.p[at - 1])) &&
		    (at + word.n == text.n || !in_word(text.p[at + word.n])))
			return at;
		from = at + 1;
	}
}

/*
 * What stands in front of a word moves it about (lists, folding of lines), but the fields of a
 * condition keep their order: the k-th use of the field's name in the compiled text is the k-th in
 * the file.
 */
static bool find_use(const struct load_place *value, const struct ast *field, uint64_t *ret)
{
	struct str file = value->file->text, before, span;
	size_t k = 0, at = 0;

	if (value->end <= value->offset || value->end > file.n || !field->text.n)
		return false;
	span = str_mem(file.p + value->offset, value->end - value->offset);
	before = str_mem(field->text.p - field->pos.idx, field->pos.idx + field->text.n);
	while ((at = next_word(before, field->text, at)) < field->pos.idx) {
		k++;
		at++;
	}
	at = next_word(span, field->text, 0);
	while (k-- && at < span.n)
		at = next_word(span, field->text, at + 1);
	*ret = value->offset + at;
	return at < span.n;
}

static void set_place(struct node_origin *ret, const struct load_place *p, uint64_t at)
{
	struct str text = p->file->text;
	uint64_t start = p->offset - p->col;

	ret->file = p->file->name;
	ret->line = p->line;
	for (uint64_t i = p->offset; i < at && i < text.n; i++) {
		if (text.p[i] == '\n') {
			ret->line++;
			start = i + 1;
		}
	}
	ret->col = (uint32_t)(at - start);
}

static const struct ast *first_leaf(const struct ast *n)
{
	while ((n->kind == AST_AND || n->kind == AST_OR || n->kind == AST_NOT) && n->n_kids)
		n = n->kids[0];
	return n;
}

void node_origin_find(const struct node_origins *o, const struct rule *rule, const struct ast *n,
		      struct node_origin *ret)
{
	const struct ast *leaf = first_leaf(n), *field = leaf->n_kids ? leaf->kids[0] : leaf;
	const struct macro_info *m = u64map_get(&o->macro_of, (uintptr_t)leaf);
	/* The public part of a rule comes first. */
	const struct rule_info *ri = (const struct rule_info *)(const void *)rule;
	const struct load_place *value = m ? m->cond_place : ri->cond_place;
	uint64_t at;

	ret->macro = m ? m->name : STR("");
	ret->file = rule->file;
	ret->line = rule->line;
	ret->col = rule->col;
	if (!value)
		return;
	set_place(ret, value, value->offset);
	if ((field->kind == AST_FIELD || field->kind == AST_TRANSFORM || field->kind == AST_VAL) &&
	    find_use(value, field, &at))
		set_place(ret, value, at);
}
