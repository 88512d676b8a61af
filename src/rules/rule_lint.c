/*
 * What loads, and does not do what its author thinks: rules that are never reached, conditions and
 * exceptions that cannot match, items that change nothing. Works on the compiled ruleset, on the
 * predicate graph where it can (graph_facts.h). Says only what holds.
 */
#include "rules/graph_facts.h"
#include "rules/ruleset_internal.h"

#define MAX_KEYS     64 /* index entries of one rule */
#define MAX_PROBES   4096
#define MAX_NESTED   20    /* parts within parts of a condition */
#define MAX_GENERAL  200   /* earlier rules that each later one is compared with */
#define MAX_TUPLES   20000 /* exception values looked at, in all */
#define MAX_NAMED    5     /* list items told by name */
#define MANY_TYPES   100   /* event types: as LOAD_NO_EVTTYPE */
#define COSTLY       15    /* a predicate: patterns, regular expressions, transformers */
#define EXCERPT      60    /* bytes of a predicate in a message */
#define MAX_CONTAINS 200   /* constants compared with each other */

struct lint {
	struct ruleset *rs;
	struct arena *a;
	struct graph_facts *facts;
	struct arena scratch;
};

static struct load_problem *tell(struct lint *l, enum load_code code,
				 const struct load_place *place, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static struct load_problem *tell(struct lint *l, enum load_code code,
				 const struct load_place *place, const char *fmt, ...)
{
	struct strbuf text = STRBUF_INIT;
	struct load_problem *p;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	p = load_problem_add(l->a, place->file, code, place, "%s", text.s);
	strbuf_release(&text);
	return p;
}

static const struct node *node_of(const struct lint *l, uint32_t id)
{
	return &l->rs->program->nodes.v[id];
}

static uint32_t root_of(const struct lint *l, const struct rule_info *ri)
{
	return l->rs->program->roots.v[ri->pub.id];
}

/* The place of predicate `id` in the rule's own condition, or that condition. */
static const struct load_place *place_of(struct lint *l, const struct rule_info *ri, uint32_t id)
{
	const struct node *n = id == UINT32_MAX ? NULL : node_of(l, id);
	struct text_pos at = { 0, 1, 1 };
	ptrdiff_t where = -1;

	if (n && n->kind == NODE_NOT)
		n = node_of(l, n->kids[0]);
	if (n && n->kind == NODE_PREDICATE && n->predicate->left->kind == OPERAND_FIELD)
		where = str_find(ri->pub.condition_text, n->predicate->left->ref.text);
	if (where < 0)
		return ri->cond_place;
	at.idx = (uint32_t)where;
	return load_place_expr(l->a, ri->cond_place, ri->pub.condition_text, &at);
}

/* --- never and always ----------------------------------------------------------------------- */

static bool is_empty_list(const struct lint *l, uint32_t id)
{
	const struct node *n = node_of(l, id);

	if (n->kind == NODE_NOT)
		n = node_of(l, n->kids[0]);
	return n->kind == NODE_PREDICATE && !n->predicate->right && n->predicate->op != OP_EXISTS &&
	       !n->predicate->n;
}

static void reason_text(const struct lint *l, const struct truth_reason *why, enum truth t,
			struct strbuf *out)
{
	const struct program *p = l->rs->program;

	if (why->b == UINT32_MAX && is_empty_list(l, why->a)) {
		strbuf_adds(out, "the list of '");
		graph_node_text(p, why->a, EXCERPT, out);
		strbuf_adds(out, "' is empty");
		return;
	}
	strbuf_addc(out, '\'');
	graph_node_text(p, why->a, EXCERPT, out);
	strbuf_addc(out, '\'');
	if (why->b != UINT32_MAX) {
		strbuf_adds(out, " and '");
		graph_node_text(p, why->b, EXCERPT, out);
		strbuf_adds(out, t == TRUTH_NEVER ? "' exclude each other" : "' leave nothing out");
	} else {
		strbuf_adds(out, t == TRUTH_NEVER ? " is never true" : " is always true");
	}
}

static bool is_empty_set(const struct event_set *s)
{
	for (size_t i = 0; i < sizeof(s->w) / sizeof(s->w[0]); i++)
		if (s->w[i])
			return false;
	return true;
}

/* Whole conditions. True when there was something to say. */
static bool lint_truth(struct lint *l, const struct rule_info *ri)
{
	struct strbuf why_text = STRBUF_INIT;
	struct truth_reason why = { UINT32_MAX, UINT32_MAX };
	struct event_set types;
	enum truth t = graph_truth(l->facts, root_of(l, ri), &why);

	program_event_set(l->rs->program, ri->pub.id, &types);
	if (t != TRUTH_OPEN) {
		reason_text(l, &why, t, &why_text);
	} else if (is_empty_set(&types)) {
		t = TRUTH_NEVER;
		strbuf_adds(&why_text, "no event satisfies what it says of evt.type and evt.num");
	}
	if (t == TRUTH_ALWAYS)
		tell(l, EYAS_ALWAYS_TRUE, place_of(l, ri, why.a),
		     "the condition is always true: %s", why_text.s);
	else if (t == TRUTH_NEVER && ri->changed)
		tell(l, EYAS_SILENCED_RULE, ri->changed,
		     "this makes the condition of rule '%.*s' one that is never true: %s",
		     STR_FMT(ri->pub.name), why_text.s);
	else if (t == TRUTH_NEVER)
		tell(l, EYAS_NEVER_TRUE, place_of(l, ri, why.a), "the condition is never true: %s",
		     why_text.s);
	strbuf_release(&why_text);
	return t != TRUTH_OPEN;
}

/* A part of a condition that decides nothing; placeholders with an empty list are meant so. */
static void lint_part(struct lint *l, const struct rule_info *ri, uint32_t id, bool in_or)
{
	struct strbuf text = STRBUF_INIT;
	struct truth_reason why = { UINT32_MAX, UINT32_MAX };
	enum truth t = graph_truth(l->facts, id, &why);

	if (t == (in_or ? TRUTH_NEVER : TRUTH_ALWAYS) && id > ID_TRUE &&
	    (why.b != UINT32_MAX || !is_empty_list(l, why.a))) {
		reason_text(l, &why, t, &text);
		tell(l, in_or ? EYAS_NEVER_TRUE : EYAS_ALWAYS_TRUE, place_of(l, ri, why.a),
		     in_or ? "an alternative of the condition is never true: %s"
			   : "a part of the condition is always true: %s",
		     text.s);
	}
	strbuf_release(&text);
}

/* --- constants that others cover ------------------------------------------------------------- */

/* The path without empty components: "/etc/" is "etc". */
static struct str plain_path(struct str s, struct arena *a)
{
	struct strbuf sb = STRBUF_INIT;
	struct str part, ret;

	while (s.p && str_split(&s, '/', &part)) {
		if (!part.n)
			continue;
		if (sb.n)
			strbuf_addc(&sb, '/');
		strbuf_addstr(&sb, part);
	}
	ret = arena_str(a, strbuf_str(&sb));
	strbuf_release(&sb);
	return ret;
}

/* The constant that covers number `i`, or NULL: a shorter beginning (end, path) that is there too.
 */
static const struct constant *covering(const struct predicate *pr, const struct strmap *known,
				       const struct str *texts, uint32_t i)
{
	struct str s = texts[i];

	for (size_t n = 1; n < s.n; n++) {
		const struct constant *c;

		if (pr->op == OP_PMATCH && s.p[n] != '/')
			continue;
		c = strmap_get(known,
			       pr->op == OP_ENDSWITH ? str_from(s, s.n - n) : str_mem(s.p, n));
		if (c)
			return c;
	}
	return NULL;
}

static void lint_covered(struct lint *l, const struct rule_info *ri, uint32_t id)
{
	const struct predicate *pr = node_of(l, id)->predicate;
	struct strbuf text = STRBUF_INIT;
	struct strmap known = { 0 };
	unsigned found = 0;
	struct str *texts;

	if (pr->right || pr->cls != VC_TEXT || pr->n < 2 ||
	    !(pr->op == OP_PMATCH ||
	      (pr->modifier == MOD_ANYOF && (pr->op == OP_STARTSWITH || pr->op == OP_ENDSWITH))))
		return;
	arena_reset(&l->scratch);
	texts = arena_alloc(&l->scratch, pr->n * sizeof(*texts));
	for (uint32_t i = 0; i < pr->n; i++) {
		texts[i] = pr->op == OP_PMATCH ? plain_path(pr->c[i].text, &l->scratch)
					       : pr->c[i].text;
		if (texts[i].n && texts[i].n <= 4096 && !strmap_get(&known, texts[i]))
			strmap_put(&known, texts[i], (void *)&pr->c[i]);
	}
	for (uint32_t i = 0; i < pr->n; i++) {
		const struct constant *by =
			texts[i].n <= 4096 ? covering(pr, &known, texts, i) : NULL;

		if (by && found++ < MAX_NAMED)
			strbuf_addf(&text, "%s'%.*s' by '%.*s'", found > 1 ? ", " : "",
				    STR_FMT(pr->c[i].text), STR_FMT(by->text));
	}
	if (found > MAX_NAMED)
		strbuf_addf(&text, " and %u more", found - MAX_NAMED);
	if (found)
		tell(l, EYAS_COVERED_ITEM, place_of(l, ri, id),
		     "%s: values that another covers: %s", condition_op_text(pr->op), text.s);
	strbuf_release(&text);
	strmap_free(&known);
}

/* Looks at each node of the conditions once, with the first rule that has it. */
static void lint_nodes(struct lint *l, const struct rule_info *ri, uint8_t *seen)
{
	VEC(uint32_t) todo = { 0 };

	vec_push(&todo, root_of(l, ri));
	while (todo.n) {
		uint32_t id = todo.v[--todo.n];
		const struct node *n = node_of(l, id);

		if (seen[id])
			continue;
		seen[id] = 1;
		if (n->kind == NODE_PREDICATE)
			lint_covered(l, ri, id);
		for (uint32_t i = 0; i < n->n_kids; i++) {
			uint32_t kid = n->kids[n->n_kids - 1 - i];

			if (n->kind == NODE_AND || n->kind == NODE_OR)
				lint_part(l, ri, kid, n->kind == NODE_OR);
			vec_push(&todo, kid);
		}
	}
	vec_free(&todo);
}

static void lint_lists(struct lint *l)
{
	for (size_t i = 0; i < l->rs->lists.n; i++) {
		const struct list_info *list = l->rs->lists.v[i];
		struct strbuf text = STRBUF_INIT;
		struct strmap seen = { 0 };
		unsigned twice = 0;

		for (size_t k = 0; k < list->items.n; k++) {
			struct str item = list->items.v[k];

			if (!strmap_has(&seen, item))
				strmap_put(&seen, item, NULL);
			else if (twice++ < MAX_NAMED)
				strbuf_addf(&text, "%s'%.*s'", twice > 1 ? ", " : "",
					    STR_FMT(item));
		}
		if (twice > MAX_NAMED)
			strbuf_addf(&text, " and %u more", twice - MAX_NAMED);
		if (twice)
			tell(l, EYAS_DUPLICATE_ITEM, list->place,
			     "items that are in the list already: %s", text.s);
		strbuf_release(&text);
		strmap_free(&seen);
	}
}

/* --- rules that are never reached ------------------------------------------------------------ */

struct shadow_index {
	struct strmap by_key; /* struct key_rules */
	struct strmap uses;   /* how many rules have a key, as a pointer */
	VEC(const struct rule_info *) general;
	struct arena arena;
};

struct key_rules {
	VEC(const struct rule_info *) rules;
};

typedef VEC(struct str) key_vec;

/* Of what an operand is compared with: nothing in particular, one value, a beginning. */
enum key_kind { KEY_OPERAND, KEY_VALUE, KEY_START };

static void add_key(struct arena *a, const struct operand *operand, enum key_kind kind,
		    const struct constant *c, uint8_t cls, size_t len, key_vec *out)
{
	struct strbuf sb = STRBUF_INIT;

	strbuf_add(&sb, &operand, sizeof(operand));
	strbuf_addc(&sb, (char)kind);
	if (kind != KEY_OPERAND && cls == VC_TEXT)
		strbuf_add(&sb, c->text.p, len < c->text.n ? len : c->text.n);
	else if (kind != KEY_OPERAND)
		strbuf_add(&sb, &c->u, sizeof(c->u));
	vec_push(out, arena_str(a, strbuf_str(&sb)));
	strbuf_release(&sb);
}

/* Only these values satisfy it: keys by value. */
static bool by_value(const struct predicate *pr)
{
	return pr->how == COMPARE_ONE && !pr->right && !pr->within && !pr->modifier && pr->n &&
	       pr->n <= MAX_KEYS && (pr->op == OP_EQ || pr->op == OP_IN) &&
	       (pr->cls == VC_TEXT || pr->cls == VC_INT || pr->cls == VC_UINT ||
		pr->cls == VC_BOOL);
}

static bool by_start(const struct predicate *pr)
{
	return pr->how == COMPARE_ONE && !pr->right && !pr->within && !pr->modifier &&
	       pr->op == OP_STARTSWITH && pr->cls == VC_TEXT && pr->c[0].text.n <= MAX_KEYS;
}

/* How few values a condition leaves open, the less the fewer: what is looked up by it finds little.
 */
static unsigned openness(const struct lint *l, uint32_t id, unsigned depth)
{
	enum { ONE_VALUE, VALUES, START, OPERAND, NOTHING };
	const struct node *n = node_of(l, id);
	unsigned ret = n->kind == NODE_AND ? NOTHING : ONE_VALUE;

	if (depth > MAX_NESTED || n->stateful)
		return NOTHING;
	if (n->kind == NODE_PREDICATE) {
		if (by_value(n->predicate))
			return n->predicate->n == 1 ? ONE_VALUE : VALUES;
		return by_start(n->predicate) ? START : OPERAND;
	}
	if (n->kind != NODE_AND && n->kind != NODE_OR)
		return NOTHING;
	for (uint32_t i = 0; i < n->n_kids; i++) {
		unsigned kid = openness(l, n->kids[i], depth + 1);

		if (n->kind == NODE_AND ? kid < ret : kid > ret)
			ret = kid;
	}
	return ret;
}

static uint32_t least_open(const struct lint *l, const struct node *n, unsigned depth)
{
	uint32_t best = n->kids[0];
	unsigned least = openness(l, best, depth);

	for (uint32_t i = 1; i < n->n_kids && least; i++) {
		unsigned kid = openness(l, n->kids[i], depth);

		if (kid < least) {
			least = kid;
			best = n->kids[i];
		}
	}
	return best;
}

/*
 * An earlier rule is filed under one of its conjuncts: a comparison under each value it allows,
 * under its beginning, or under its operand; alternatives under all of theirs. A later rule that
 * implies it has a part that implies this conjunct, so it is enough to look under what each part
 * of the later rule implies: its first value, that value's beginnings, its operand; of
 * alternatives, as each must imply it, that which leaves least open.
 */
static void probe_keys(struct lint *l, uint32_t id, unsigned depth, struct arena *a, key_vec *out)
{
	const struct node *n = node_of(l, id);
	const struct predicate *pr = n->predicate;

	if (depth > MAX_NESTED || out->n > MAX_PROBES)
		return;
	if (n->kind == NODE_OR) {
		probe_keys(l, least_open(l, n, depth + 1), depth + 1, a, out);
		return;
	}
	if (n->kind == NODE_AND) {
		for (uint32_t i = 0; i < n->n_kids; i++)
			probe_keys(l, n->kids[i], depth + 1, a, out);
		return;
	}
	if (n->kind != NODE_PREDICATE || n->stateful)
		return;
	add_key(a, pr->left, KEY_OPERAND, NULL, 0, 0, out);
	if (by_value(pr))
		add_key(a, pr->left, KEY_VALUE, &pr->c[0], pr->cls, SIZE_MAX, out);
	if (pr->cls == VC_TEXT && (by_value(pr) || by_start(pr)))
		for (size_t len = 0; len <= pr->c[0].text.n && len <= MAX_KEYS; len++)
			add_key(a, pr->left, KEY_START, &pr->c[0], pr->cls, len, out);
}

static uintptr_t uses_of(const struct shadow_index *ix, const key_vec *keys, size_t from)
{
	uintptr_t uses = 0;

	for (size_t i = from; i < keys->n; i++)
		uses += (uintptr_t)strmap_get(&ix->uses, keys->v[i]);
	return uses;
}

/* The keys to file `id` under; false when it has none. */
static bool file_keys(struct lint *l, struct shadow_index *ix, uint32_t id, unsigned depth,
		      key_vec *out)
{
	const struct node *n = node_of(l, id);
	const struct predicate *pr = n->predicate;
	uintptr_t best_uses = UINTPTR_MAX;
	key_vec best = { 0 };
	bool ok = true;

	if (depth > MAX_NESTED || n->stateful || n->kind < NODE_PREDICATE || n->kind == NODE_NOT)
		return false;
	if (n->kind == NODE_PREDICATE && by_value(pr)) {
		for (uint32_t i = 0; i < pr->n; i++)
			add_key(&ix->arena, pr->left, KEY_VALUE, &pr->c[i], pr->cls, SIZE_MAX, out);
	} else if (n->kind == NODE_PREDICATE) {
		add_key(&ix->arena, pr->left, by_start(pr) ? KEY_START : KEY_OPERAND, pr->c,
			pr->cls, SIZE_MAX, out);
	} else if (n->kind == NODE_OR) {
		for (uint32_t i = 0; i < n->n_kids && ok; i++)
			ok = file_keys(l, ix, n->kids[i], depth + 1, out) && out->n <= MAX_KEYS;
	} else {
		/* One conjunct is enough: that which fewest rules share. */
		for (uint32_t i = 0; i < n->n_kids; i++) {
			key_vec keys = { 0 };

			if (file_keys(l, ix, n->kids[i], depth + 1, &keys) &&
			    uses_of(ix, &keys, 0) < best_uses) {
				best_uses = uses_of(ix, &keys, 0);
				vec_free(&best);
				memcpy(&best, &keys, sizeof(best));
				continue;
			}
			vec_free(&keys);
		}
		ok = best_uses != UINTPTR_MAX;
		for (size_t i = 0; i < best.n; i++)
			vec_push(out, best.v[i]);
		vec_free(&best);
	}
	return ok;
}

static void count_uses(struct lint *l, struct shadow_index *ix, const struct rule_info *ri)
{
	key_vec keys = { 0 };

	probe_keys(l, root_of(l, ri), 0, &ix->arena, &keys);
	for (size_t i = 0; i < keys.n; i++)
		strmap_put(&ix->uses, keys.v[i],
			   (void *)((uintptr_t)strmap_get(&ix->uses, keys.v[i]) + 1));
	vec_free(&keys);
}

static void file_rule(struct lint *l, struct shadow_index *ix, const struct rule_info *ri)
{
	key_vec keys = { 0 };

	if (!file_keys(l, ix, root_of(l, ri), 0, &keys)) {
		keys.n = 0;
		if (ix->general.n < MAX_GENERAL)
			vec_push(&ix->general, ri);
	}
	for (size_t i = 0; i < keys.n; i++) {
		struct key_rules *kr = strmap_get(&ix->by_key, keys.v[i]);

		if (!kr) {
			kr = arena_calloc(&ix->arena, 1, sizeof(*kr));
			strmap_put(&ix->by_key, keys.v[i], kr);
		}
		vec_push(&kr->rules, ri);
	}
	vec_free(&keys);
}

static const struct rule_info *shadow_among(struct lint *l, const struct rule_info *ri,
					    const struct rule_info *const *earlier, size_t n)
{
	for (size_t i = 0; i < n && !graph_facts_exhausted(l->facts); i++)
		if (str_eq(earlier[i]->pub.source, ri->pub.source) &&
		    graph_implies(l->facts, root_of(l, ri), root_of(l, earlier[i])))
			return earlier[i];
	return NULL;
}

static void lint_shadowed(struct lint *l, struct shadow_index *ix, const struct rule_info *ri)
{
	const struct rule_info *by = shadow_among(l, ri, ix->general.v, ix->general.n);
	key_vec keys = { 0 };

	probe_keys(l, root_of(l, ri), 0, &ix->arena, &keys);
	for (size_t k = 0; k < keys.n && !by; k++) {
		const struct key_rules *kr = strmap_get(&ix->by_key, keys.v[k]);

		by = kr ? shadow_among(l, ri, kr->rules.v, kr->rules.n) : NULL;
	}
	vec_free(&keys);
	if (by)
		tell(l, EYAS_SHADOWED_RULE, ri->place,
		     "rule '%.*s' is never reached: '%.*s' (%s:%u) comes first and matches whenever it does",
		     STR_FMT(ri->pub.name), STR_FMT(by->pub.name), by->pub.file, by->pub.line + 1)
			->hint = "only --rule-matching all would show it";
}

static void shadow_index_free(struct shadow_index *ix)
{
	for (size_t i = 0; i < ix->by_key.n; i++) {
		struct key_rules *kr = ix->by_key.entries[i].value;

		vec_free(&kr->rules);
	}
	strmap_free(&ix->by_key);
	strmap_free(&ix->uses);
	vec_free(&ix->general);
	arena_destroy(&ix->arena);
}

/* --- exceptions ------------------------------------------------------------------------------ */

/* The node of one value of an exception in `p`, or ID_ERROR. */
static uint32_t tuple_node(struct lint *l, struct program *p, const struct exception *ex, size_t k)
{
	struct condition_options opt = { .max_depth = RULES_CONDITION_DEPTH };
	struct load_file nowhere = { .name = "" };
	struct strbuf text = STRBUF_INIT;
	struct condition_error err;
	struct exception one = *ex;
	check_problems problems = { 0 };
	struct ast *n = NULL;
	uint32_t ret = ID_ERROR;
	struct str full;
	size_t marks;

	one.values.v = &ex->values.v[k];
	one.values.n = 1;
	arena_reset(&l->scratch);
	if (exceptions_apply(&one, 1, STR("evt.num exists"), &l->scratch, &nowhere, &text)) {
		struct list_expander *le = l->rs->lists_expander;
		struct str written = arena_str(&l->scratch, strbuf_str(&text));

		if (list_expand_shared(le, written, &full, &marks, NULL))
			n = condition_parse(full, &opt, &l->scratch, &err, NULL);
		if (n && !list_fill_shared(le, n, marks))
			n = NULL;
		if (!n && list_expand(le, written, &full))
			n = condition_parse(full, &opt, &l->scratch, &err, NULL);
	}
	/* (evt.num exists) and not (...) */
	if (n && n->kind == AST_AND && n->n_kids == 2 && n->kids[1]->kind == AST_NOT &&
	    program_add(p, n->kids[1]->kids[0], &l->scratch, &problems) >= 0)
		ret = p->roots.v[p->roots.n - 1];
	vec_free(&nowhere.problems);
	vec_free(&problems);
	strbuf_release(&text);
	return ret;
}

/* "name = 'x*'" compares with the star itself. */
static bool looks_like_pattern(const struct program *p, uint32_t id, struct str *ret)
{
	const struct node *n = &p->nodes.v[id];

	for (uint32_t i = 0; n->kind == NODE_AND && i < n->n_kids; i++)
		if (looks_like_pattern(p, n->kids[i], ret))
			return true;
	if (n->kind != NODE_PREDICATE || n->predicate->right || n->predicate->cls != VC_TEXT ||
	    n->predicate->modifier || (n->predicate->op != OP_EQ && n->predicate->op != OP_IN))
		return false;
	for (uint32_t i = 0; i < n->predicate->n; i++) {
		struct str s = n->predicate->c[i].text;

		if (s.n > 1 && s.p[s.n - 1] == '*' && str_chr(s, ' ') < 0 && str_chr(s, '/') >= 0) {
			*ret = s;
			return true;
		}
	}
	return false;
}

static void entry_text(const struct exception_entry *v, struct strbuf *out)
{
	if (!v->is_list) {
		strbuf_add(out, v->item.p, v->item.n > EXCERPT ? EXCERPT : v->item.n);
		return;
	}
	strbuf_addc(out, '[');
	for (size_t i = 0; i < v->items.n && i < 8; i++) {
		const struct exception_entry *e = &v->items.v[i];

		strbuf_adds(out, i ? ", " : "");
		if (e->is_list)
			strbuf_adds(out, "[...]");
		else
			strbuf_add(out, e->item.p, e->item.n > EXCERPT ? EXCERPT : e->item.n);
	}
	strbuf_addc(out, ']');
}

/* What one value of an exception does to a condition that without it is `cond`. */
static void lint_value(struct lint *l, struct graph_facts *facts, struct program *p, uint32_t cond,
		       const struct exception *ex, size_t k)
{
	uint32_t both[2] = { cond, tuple_node(l, p, ex, k) };
	struct strbuf value = STRBUF_INIT, why_text = STRBUF_INIT;
	struct truth_reason why = { UINT32_MAX, UINT32_MAX };
	struct str pattern;

	if (both[1] == ID_ERROR)
		return;
	entry_text(&ex->values.v[k], &value);
	if (graph_truth(facts, graph_join(p, NODE_AND, both, 2), &why) == TRUTH_NEVER) {
		if (why.b != UINT32_MAX) {
			strbuf_adds(&why_text, ": '");
			graph_node_text(p, why.a, EXCERPT, &why_text);
			strbuf_adds(&why_text, "' and '");
			graph_node_text(p, why.b, EXCERPT, &why_text);
			strbuf_adds(&why_text, "' exclude each other");
		}
		tell(l, EYAS_DEAD_EXCEPTION, ex->place,
		     "the value %s never matches where the rule does%s", value.s, why_text.s);
	} else if (graph_implies(facts, cond, both[1])) {
		tell(l, EYAS_SILENCED_RULE, ex->place,
		     "the value %s matches whenever the rule does: the rule is silent", value.s);
	} else if (looks_like_pattern(p, both[1], &pattern)) {
		tell(l, EYAS_DEAD_EXCEPTION, ex->place,
		     "'%.*s' is compared as it stands, not as a pattern", STR_FMT(pattern))
			->hint = "use the operator glob, startswith or pmatch in comps";
	}
	strbuf_release(&value);
	strbuf_release(&why_text);
}

static void lint_exceptions(struct lint *l)
{
	struct program *p = program_new();
	struct graph_facts *facts = graph_facts_new(p);
	size_t tuples = 0;

	for (size_t i = 0; i < l->rs->rules.n; i++) {
		const struct rule_info *ri = l->rs->rules.v[i];
		check_problems problems = { 0 };
		uint32_t cond;

		/* (condition) and not (...): see rule_exceptions.c. */
		if (ri->pub.id < 0 || !ri->exceptions.n || ri->pub.ast->kind != AST_AND ||
		    graph_truth(l->facts, root_of(l, ri), NULL) == TRUTH_NEVER)
			continue;
		if (program_add(p, ri->pub.ast->kids[0], &l->scratch, &problems) < 0) {
			vec_free(&problems);
			continue;
		}
		vec_free(&problems);
		cond = p->roots.v[p->roots.n - 1];
		for (size_t e = 0; e < ri->exceptions.n; e++)
			for (size_t k = 0; k < ri->exceptions.v[e].values.n; k++)
				if (tuples++ < MAX_TUPLES)
					lint_value(l, facts, p, cond, &ri->exceptions.v[e], k);
	}
	graph_facts_free(facts);
	program_free(p);
}

/* --- cost, and rules that are switched off ---------------------------------------------------- */

static void lint_cost(struct lint *l, const struct rule_info *ri)
{
	VEC(uint32_t) todo = { 0 };
	struct strbuf text = STRBUF_INIT;
	uint32_t worst = UINT32_MAX;
	struct event_set types;
	unsigned n_types = 0, steps = 0;

	program_event_set(l->rs->program, ri->pub.id, &types);
	for (size_t i = 0; i < sizeof(types.w) / sizeof(types.w[0]); i++)
		n_types += (unsigned)__builtin_popcountll(types.w[i]);
	if (n_types > MANY_TYPES)
		vec_push(&todo, root_of(l, ri));
	while (todo.n && steps++ < 1000) {
		uint32_t id = todo.v[--todo.n];
		const struct node *n = node_of(l, id);

		for (uint32_t i = 0; i < n->n_kids; i++)
			vec_push(&todo, n->kids[i]);
		if (n->kind == NODE_PREDICATE && n->cost >= COSTLY && n->scope == SCOPE_EVENT &&
		    (worst == UINT32_MAX || n->cost > node_of(l, worst)->cost))
			worst = id;
	}
	if (worst != UINT32_MAX) {
		graph_node_text(l->rs->program, worst, EXCERPT, &text);
		tell(l, EYAS_COSTLY_CONDITION, place_of(l, ri, worst),
		     "'%s' is costly, and the condition is evaluated for %u types of events",
		     text.s, n_types)
			->hint = "say which events it is about with evt.type";
	}
	strbuf_release(&text);
	vec_free(&todo);
}

void ruleset_lint(struct ruleset *rs, struct diag *diag)
{
	struct lint l = { .rs = rs, .a = &rs->arena };
	struct shadow_index ix = { .general = { NULL } };
	uint8_t *seen;

	if (rs->failed)
		return;
	l.facts = graph_facts_new(rs->program);
	seen = xcalloc(rs->program->nodes.n + 1, 1);
	lint_lists(&l);
	for (size_t i = 0; i < rs->rules.n; i++)
		if (rs->rules.v[i]->pub.id >= 0 && rs->rules.v[i]->pub.enabled)
			count_uses(&l, &ix, rs->rules.v[i]);
	for (size_t i = 0; i < rs->rules.n; i++) {
		const struct rule_info *ri = rs->rules.v[i];

		if (!ri->pub.enabled && ri->switched)
			tell(&l, EYAS_SILENCED_RULE, ri->switched,
			     "rule '%.*s' is switched off here", STR_FMT(ri->pub.name));
		if (ri->pub.id < 0 || !ri->pub.enabled)
			continue;
		if (lint_truth(&l, ri))
			continue;
		lint_nodes(&l, ri, seen);
		lint_shadowed(&l, &ix, ri);
		lint_cost(&l, ri);
		file_rule(&l, &ix, ri);
	}
	lint_exceptions(&l);
	if (graph_facts_exhausted(l.facts))
		diag_add(
			diag, DIAG_NOTE, NULL,
			"there are too many conditions to compare them all: some findings may be missing");
	shadow_index_free(&ix);
	free(seen);
	graph_facts_free(l.facts);
	arena_destroy(&l.scratch);
	for (size_t i = 0; i < rs->files.n; i++)
		load_report(rs->files.v[i], diag);
}
