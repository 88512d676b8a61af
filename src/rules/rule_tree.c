/* Conditions with the places their parts come from; see rule_tree.h. */
#include "rules/rule_tree.h"

#include "rules/program_internal.h"
#include "rules/rule_place.h"
#include "rules/ruleset_internal.h"

/* A text of the rules with its lists in place, parsed. */
struct source {
	struct str name; /* of the macro; empty: the rule's own */
	const struct ast *ast;
	struct list_map map;
	bool mapped;
	struct str text; /* before lists */
	const struct load_place *item, *cond;
	const struct text_part *parts;
	/* A rule's exceptions: ex_from[i] is where the i-th begins in `text`; the condition itself
	 * begins at `skip`. */
	const struct rule_info *rule;
	size_t skip;
	size_t *ex_from;
};

struct rule_trees {
	struct arena arena;
	struct ruleset *rs;
	struct strmap macros; /* struct source by name */
	struct strmap shared; /* struct rule_item of large lists by name */
	size_t n_items;
	VEC(struct source *) sources;
	VEC(struct rule_tree *) trees; /* by condition number */
	struct place_index places;
};

struct builder {
	struct rule_trees *ts;
	struct rule_tree *tree;
	VEC(struct rule_node *) nodes;
	unsigned depth;
	bool too_large;
};

struct rule_trees *rule_trees_new(struct ruleset *rs)
{
	struct rule_trees *ts = xcalloc(1, sizeof(*ts));

	ts->rs = rs;
	return ts;
}

void rule_trees_free(struct rule_trees *ts)
{
	if (!ts)
		return;
	for (size_t i = 0; i < ts->sources.n; i++)
		free(ts->sources.v[i]->map.v);
	vec_free(&ts->sources);
	vec_free(&ts->trees);
	strmap_free(&ts->macros);
	strmap_free(&ts->shared);
	place_index_free(&ts->places);
	arena_destroy(&ts->arena);
	free(ts);
}

struct program *rule_trees_program(const struct rule_trees *ts)
{
	return ts->rs->program;
}

/* --- texts ---------------------------------------------------------------------------------- */

/* Elements of lists that stand for shared lists; as deep as the parser let the tree be. */
static size_t count_marks(struct list_expander *le, const struct ast *n)
{
	size_t marks = 0;

	for (uint32_t i = 0; i < n->n_kids; i++)
		marks += n->kind == AST_LIST ? list_shared_values(le, n->kids[i]) != NULL
					     : count_marks(le, n->kids[i]);
	return marks;
}

/* With large lists shared, as the loader does it. */
static bool parse_shared(struct rule_trees *ts, struct source *s,
			 const struct condition_options *opt)
{
	struct list_expander *le = ts->rs->lists_expander;
	struct condition_error err;
	struct str text;
	size_t marks;

	if (list_expand_shared(le, s->text, &text, &marks, &s->map)) {
		s->ast = condition_parse(text, opt, &ts->arena, &err, NULL);
		if (s->ast && count_marks(le, s->ast) == marks)
			return s->mapped = true;
	}
	s->ast = NULL;
	s->map.n = 0;
	return false;
}

static void parse_source(struct rule_trees *ts, struct source *s)
{
	struct condition_options opt = { .max_depth = RULES_CONDITION_DEPTH };
	struct condition_error err;
	struct str full;

	if (parse_shared(ts, s, &opt))
		return;
	s->mapped = list_expand_mapped(ts->rs->lists_expander, s->text, &full, &s->map);
	if (!s->mapped && !list_expand(ts->rs->lists_expander, s->text, &full))
		return;
	s->ast = condition_parse(full, &opt, &ts->arena, &err, NULL);
}

static struct source *source_new(struct rule_trees *ts)
{
	struct source *s = arena_calloc(&ts->arena, 1, sizeof(*s));

	vec_push(&ts->sources, s);
	return s;
}

static struct source *macro_source(struct rule_trees *ts, struct str name)
{
	struct source *s = strmap_get(&ts->macros, name);
	struct macro_info *m;

	if (s)
		return s;
	m = strmap_get(&ts->rs->macro_map, name);
	if (!m)
		return NULL;
	s = source_new(ts);
	s->name = m->name;
	s->text = m->cond;
	s->item = m->place;
	s->cond = m->cond_place;
	s->parts = m->cond_parts;
	parse_source(ts, s);
	strmap_put(&ts->macros, m->name, s);
	return s;
}

/* Where each exception's text begins, by writing them one by one. */
static void find_exceptions(struct rule_trees *ts, struct source *s, struct rule_info *ri)
{
	struct load_file scratch = { .name = "" };
	struct strbuf sb = STRBUF_INIT;

	s->skip = 1;
	s->ex_from = arena_calloc(&ts->arena, ri->exceptions.n + 1, sizeof(*s->ex_from));
	for (size_t i = 0; i <= ri->exceptions.n; i++) {
		strbuf_reset(&sb);
		(void)exceptions_apply(ri->exceptions.v, i, ri->pub.condition_text, &ts->arena,
				       &scratch, &sb);
		s->ex_from[i] = sb.n;
	}
	strbuf_release(&sb);
	vec_free(&scratch.problems);
}

static struct source *rule_source(struct rule_trees *ts, struct rule_info *ri)
{
	struct source *s = source_new(ts);

	s->rule = ri;
	s->text = ri->text;
	s->item = ri->place;
	s->cond = ri->cond_place;
	s->parts = ri->cond_parts;
	if (ri->exceptions.n)
		find_exceptions(ts, s, ri);
	parse_source(ts, s);
	return s;
}

/* The list that put the byte at `idx` there, or NULL; *ret_in: the place in the text before lists.
 */
static const struct list_segment *before_lists(const struct source *s, size_t idx, size_t *ret_in)
{
	size_t lo = 0, hi = s->map.n;
	const struct list_segment *seg;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->map.v[mid].from <= idx)
			lo = mid + 1;
		else
			hi = mid;
	}
	*ret_in = idx;
	if (!lo)
		return NULL;
	seg = &s->map.v[lo - 1];
	*ret_in = idx < seg->to ? seg->in_from : seg->in_to + (idx - seg->to);
	return idx < seg->to ? seg : NULL;
}

/* The exception that the byte at `idx` belongs to, or NULL. */
static const struct exception *exception_at(const struct source *s, size_t idx)
{
	size_t in, i;

	if (!s->ex_from || !s->mapped)
		return NULL;
	before_lists(s, idx, &in);
	for (i = s->rule->exceptions.n; i-- > 0;)
		if (in >= s->ex_from[i])
			return in < s->ex_from[i + 1] ? &s->rule->exceptions.v[i] : NULL;
	return NULL;
}

static struct rule_origin origin_of(struct source *s, size_t idx)
{
	const struct exception *ex = exception_at(s, idx);
	const struct text_part *part;
	size_t in;

	if (ex)
		return place_origin(ex->place);
	if (!s->mapped)
		return place_origin(s->item);
	before_lists(s, idx, &in);
	if (in < s->skip)
		return place_origin(s->cond);
	in -= s->skip;
	for (part = s->parts; part && part->from > in; part = part->next)
		;
	return part ? place_in_scalar(part->place, str_from(s->text, s->skip + part->from),
				      in - part->from)
		    : place_in_scalar(s->cond, str_from(s->text, s->skip), in);
}

/* --- trees ---------------------------------------------------------------------------------- */

static struct rule_node *node_new(struct builder *b, enum rule_node_kind kind, uint32_t n_kids)
{
	struct arena *a = &b->ts->arena;
	struct rule_node *n = arena_calloc(a, 1, sizeof(*n));

	n->kind = kind;
	n->number = (uint32_t)b->nodes.n;
	n->n_kids = n_kids;
	n->kids = arena_calloc(a, n_kids + 1, sizeof(*n->kids));
	n->condition = -1;
	vec_push(&b->nodes, n);
	b->too_large |= b->nodes.n > RULE_TREE_MAX_NODES;
	return n;
}

static const struct ast *leftmost(const struct ast *n)
{
	while (n->kind == AST_AND || n->kind == AST_OR || n->kind == AST_NOT)
		n = n->kids[0];
	return n;
}

/* The right side's constants; runs of one list's are its name in the text. */
/* The values of a list that is shared, as items; made once. NULL when it is none. */
static const struct rule_item *shared_items(struct builder *b, const struct ast *v, struct str list,
					    uint32_t *ret_n)
{
	struct rule_trees *ts = b->ts;
	const struct ast *values = list_shared_values(ts->rs->lists_expander, v);
	struct rule_item *items;

	if (!values)
		return NULL;
	*ret_n = values->n_kids;
	items = strmap_get(&ts->shared, list);
	if (items)
		return items;
	items = arena_calloc(&ts->arena, values->n_kids + 1, sizeof(*items));
	for (uint32_t i = 0; i < values->n_kids; i++)
		items[i] = (struct rule_item){ values->kids[i]->text, list };
	strmap_put(&ts->shared, list, items);
	return items;
}

/* All constants one after the other, those of shared lists in place. */
static void join_items(struct builder *b, const struct source *s, struct rule_node *n,
		       const struct ast *right)
{
	VEC(struct rule_item) all = { 0 };
	size_t in;

	for (uint32_t i = 0; i < right->n_kids; i++) {
		const struct ast *v = right->kids[i];
		const struct list_segment *seg =
			s->mapped ? before_lists(s, v->pos.idx, &in) : NULL;
		struct rule_item one = { v->text, seg ? seg->list : STR("") };
		const struct rule_item *many;
		uint32_t count = 0;

		many = seg ? shared_items(b, v, seg->list, &count) : NULL;
		if (many && right->n_kids == 1) {
			n->items = many;
			n->n_items = count;
			return;
		}
		for (uint32_t k = 0; k < count; k++)
			vec_push(&all, many[k]);
		if (!many)
			vec_push(&all, one);
	}
	b->ts->n_items += all.n;
	if (all.n && b->ts->n_items <= RULE_TREES_MAX_ITEMS) {
		n->items = (const struct rule_item *)(const void *)arena_memdup(
			&b->ts->arena, all.v, all.n * sizeof(*all.v));
		n->n_items = (uint32_t)all.n;
	}
	vec_free(&all);
}

/* The right side's constants; runs of one list's are its name in the text. */
static void put_items(struct builder *b, const struct source *s, struct rule_node *n,
		      const struct ast *right, struct strbuf *text)
{
	const struct list_segment *last = NULL;
	size_t in;

	if (right->kind != AST_LIST) {
		struct ast *list[] = { (struct ast *)(uintptr_t)right };
		const struct ast one = { .kind = AST_LIST, .n_kids = 1, .kids = list };

		join_items(b, s, n, &one);
		ast_text(right, text);
		return;
	}
	join_items(b, s, n, right);
	strbuf_addc(text, '(');
	for (uint32_t i = 0; i < right->n_kids; i++) {
		const struct ast *v = right->kids[i];
		const struct list_segment *seg =
			s->mapped ? before_lists(s, v->pos.idx, &in) : NULL;

		if (i && (!seg || seg != last))
			strbuf_adds(text, ", ");
		if (!seg)
			ast_text(v, text);
		else if (seg != last)
			strbuf_addstr(text, seg->list);
		last = seg;
	}
	strbuf_addc(text, ')');
}

static void describe_check(struct builder *b, const struct source *s, struct rule_node *n)
{
	const struct ast *c = n->check;
	struct strbuf text = STRBUF_INIT;

	ast_text(c->kids[0], &text);
	strbuf_addf(&text, " %s", condition_op_text(c->op));
	if (c->kind == AST_BINARY) {
		strbuf_addc(&text, ' ');
		if (c->modifier != MOD_NONE)
			strbuf_addf(&text, "%s ", condition_modifier_text(c->modifier));
		if (c->kids[1]->kind == AST_LIST || c->kids[1]->kind == AST_VALUE)
			put_items(b, s, n, c->kids[1], &text);
		else
			ast_text(c->kids[1], &text);
	}
	n->takes_list = condition_op_is_list(c->op) || c->modifier != MOD_NONE;
	n->text = arena_str(&b->ts->arena, strbuf_str(&text));
	strbuf_release(&text);
}

/* The comparison with the values of shared lists in place of their marks. */
static const struct ast *with_shared(struct builder *b, const struct ast *c)
{
	struct list_expander *le = b->ts->rs->lists_expander;
	struct arena *a = &b->ts->arena;
	size_t marks = c->kind == AST_BINARY ? count_marks(le, c->kids[1]) : 0;
	struct ast *copy, *list;

	if (!marks)
		return c;
	copy = arena_calloc(a, 1, sizeof(*copy));
	list = arena_calloc(a, 1, sizeof(*list));
	*copy = *c;
	*list = *c->kids[1];
	copy->kids = arena_calloc(a, 2, sizeof(*copy->kids));
	copy->kids[0] = c->kids[0];
	copy->kids[1] = list;
	(void)list_fill_shared(le, copy, marks);
	return copy;
}

static void build_check(struct builder *b, const struct source *s, struct rule_node *n,
			const struct ast *c)
{
	struct program *p = b->ts->rs->program;
	check_problems problems = { 0 };

	n->check = c;
	describe_check(b, s, n);
	c = n->check = with_shared(b, c);
	n->condition = program_add(p, c, &b->ts->arena, &problems);
	vec_free(&problems);
	if (n->condition < 0)
		return;
	const struct node *node = &p->nodes.v[p->roots.v[n->condition]];
	if (node->kind == NODE_PREDICATE && node->predicate->left->kind == OPERAND_FIELD)
		n->by_type = field_scope_in(&node->predicate->left->ref,
					    event_info(EVT_SYSCALL_OPENAT_2_X)) == SCOPE_TYPE;
	n->stateful = node->stateful;
	b->tree->stateful |= node->stateful;
}

static struct rule_node *build(struct builder *b, struct source *s, const struct ast *c,
			       const struct exception *inside);

static struct rule_node *build_kids(struct builder *b, struct source *s, const struct ast *c,
				    const struct exception *inside, enum rule_node_kind kind)
{
	struct rule_node *n = node_new(b, kind, c->n_kids);

	n->at = origin_of(s, leftmost(c)->pos.idx);
	for (uint32_t i = 0; i < c->n_kids && !b->too_large; i++) {
		n->kids[i] = build(b, s, c->kids[i], inside);
		n->kids[i]->parent = n;
	}
	return n;
}

static struct rule_node *build_macro(struct builder *b, struct source *s, const struct ast *c)
{
	struct rule_node *n = node_new(b, RULE_MACRO, 1);
	struct source *m = macro_source(b->ts, c->text);

	n->name = c->text;
	n->at = origin_of(s, c->pos.idx);
	/* A rule that was compiled uses no macro that is not there. */
	if (!m || !m->ast) {
		b->too_large = true;
		return n;
	}
	n->kids[0] = build(b, m, m->ast, NULL);
	n->kids[0]->parent = n;
	return n;
}

static struct rule_node *build_plain(struct builder *b, struct source *s, const struct ast *c,
				     const struct exception *inside)
{
	struct rule_node *n;

	switch (c->kind) {
	case AST_AND:
		return build_kids(b, s, c, inside, RULE_AND);
	case AST_OR:
		return build_kids(b, s, c, inside, RULE_OR);
	case AST_NOT:
		return build_kids(b, s, c, inside, RULE_NOT);
	case AST_MACRO:
		return build_macro(b, s, c);
	default:
		n = node_new(b, RULE_CHECK, 0);
		n->at = origin_of(s, c->pos.idx);
		build_check(b, s, n, c);
		return n;
	}
}

static struct rule_node *build(struct builder *b, struct source *s, const struct ast *c,
			       const struct exception *inside)
{
	const struct exception *ex = NULL;
	struct rule_node *n;

	if (++b->depth > 4 * MACRO_MAX_DEPTH)
		b->too_large = true;
	/* An exception's condition stands below a "not" of its own. */
	if (s->ex_from && !inside && c->kind != AST_NOT)
		ex = exception_at(s, leftmost(c)->pos.idx);
	if (ex) {
		n = node_new(b, RULE_EXCEPTION, 1);
		n->name = ex->name;
		n->at = place_origin(ex->place);
		n->kids[0] = build_plain(b, s, c, ex);
		n->kids[0]->parent = n;
	} else {
		n = build_plain(b, s, c, inside);
	}
	b->depth--;
	return n;
}

const struct rule_tree *rule_trees_get(struct rule_trees *ts, const struct rule *r)
{
	struct rule_info *ri = strmap_get(&ts->rs->rule_map, r->name);
	struct builder b = { .ts = ts };
	struct source *s;

	if (r->id < 0 || !ri)
		return NULL;
	while (ts->trees.n <= (size_t)r->id)
		vec_push(&ts->trees, NULL);
	if (ts->trees.v[r->id])
		return ts->trees.v[r->id];
	s = rule_source(ts, ri);
	if (!s->ast)
		return NULL;
	b.tree = arena_calloc(&ts->arena, 1, sizeof(*b.tree));
	b.tree->rule = r;
	b.tree->source = event_source_by_name(r->source);
	program_source(ts->rs->program, b.tree->source);
	program_event_set(ts->rs->program, r->id, &b.tree->types);
	build(&b, s, s->ast, NULL);
	b.tree->n_nodes = (uint32_t)b.nodes.n;
	b.tree->nodes = (struct rule_node **)arena_memdup(&ts->arena, b.nodes.v,
							  b.nodes.n * sizeof(*b.nodes.v));
	vec_free(&b.nodes);
	if (b.too_large)
		return NULL;
	return ts->trees.v[r->id] = b.tree;
}

bool rule_tree_sees(const struct rule_tree *t, const struct event *ev)
{
	return event_source_of(ev) == t->source;
}

bool rule_tree_takes(const struct rule_tree *t, const struct event *ev)
{
	return rule_tree_sees(t, ev) && event_set_has(&t->types, ev->type);
}

struct rule_origin rule_trees_item_origin(struct rule_trees *ts, struct str list, struct str item)
{
	return place_index_item(&ts->places, ts->rs, &ts->arena, list, item);
}

struct rule_origin rule_trees_list_origin(struct rule_trees *ts, struct str list)
{
	struct list_info *l = strmap_get(&ts->rs->list_map, list);

	return l ? place_origin(l->place) : (struct rule_origin){ "", 0, 0 };
}

struct rule_origin rule_trees_rule_origin(const struct rule *r)
{
	return (struct rule_origin){ r->file, r->line + 1, r->col + 1 };
}

/* Each word of `name` stands in it. */
static bool has_words(struct str known, struct str name)
{
	struct str rest = name, word;
	bool any = false;

	while (rest.p && str_split(&rest, ' ', &word)) {
		if (word.n && str_find_nocase(known, word) < 0)
			return false;
		any |= word.n > 0;
	}
	return any;
}

struct str ruleset_nearest_rule(const struct ruleset *rs, struct str name)
{
	unsigned best = name.n < 8 ? 3 : 1 + (unsigned)(name.n / 3);
	struct str found = STR("");

	for (size_t i = 0; i < rs->rules.n; i++) {
		struct str known = rs->rules.v[i]->pub.name;
		unsigned d;

		if (str_eq_nocase(known, name))
			return known;
		d = has_words(known, name) ? 1 : str_distance(name, known, best);
		if (d < best) {
			best = d;
			found = known;
		}
	}
	return found;
}
