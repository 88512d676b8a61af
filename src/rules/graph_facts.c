/* Conditions that are never or always true, or follow from another. See graph_facts.h. */
#include "rules/graph_facts.h"

#define MAX_DEPTH    200
#define MAX_LITERALS 128      /* of one conjunction that is looked at in pairs */
#define MAX_VALUES   4096     /* of a list that is gone through */
#define BUDGET       20000000 /* comparisons in all */

struct fact {
	uint8_t truth, known;
	struct truth_reason why;
};

/*
 * What was found of pairs lately. Most pairs are asked for once; those of common parts are asked
 * for again soon: a small memory does, and stays small whatever the number of rules.
 */
#define PAIRS 16384

struct pair {
	uint32_t a, b; /* both 0: none */
	bool implies;
};

struct graph_facts {
	struct program *p;
	VEC(struct fact) facts;
	struct pair *pairs;
	struct compare_scratch scratch;
	uint64_t spent;
	unsigned depth;
};

struct graph_facts *graph_facts_new(struct program *p)
{
	struct graph_facts *g = xcalloc(1, sizeof(*g));

	g->p = p;
	g->pairs = xcalloc(PAIRS, sizeof(*g->pairs));
	g->scratch.regex = regex_scratch_new();
	return g;
}

void graph_facts_free(struct graph_facts *g)
{
	if (!g)
		return;
	vec_free(&g->facts);
	free(g->pairs);
	path_walk_free(&g->scratch.walk);
	regex_scratch_free(g->scratch.regex);
	free(g);
}

bool graph_facts_exhausted(const struct graph_facts *g)
{
	return g->spent > BUDGET;
}

static bool spend(struct graph_facts *g, uint64_t n)
{
	g->spent += n;
	return g->spent <= BUDGET;
}

void graph_node_text(const struct program *p, uint32_t id, size_t max, struct strbuf *out)
{
	const struct node *n = &p->nodes.v[id];
	struct str text;

	if (n->kind == NODE_NOT) {
		strbuf_adds(out, "not ");
		id = n->kids[0];
		n = &p->nodes.v[id];
	}
	if (n->kind != NODE_PREDICATE) {
		strbuf_adds(out, id == ID_TRUE ? "true" : id == ID_FALSE ? "false" : "(...)");
		return;
	}
	text = n->predicate->text;
	strbuf_add(out, text.p, text.n > max ? max : text.n);
	if (text.n > max)
		strbuf_adds(out, "...");
}

/* --- one operand -------------------------------------------------------------------------- */

/* One value, compared with constants: what can be tried with values of our own. */
static bool is_simple(const struct predicate *pr)
{
	if (pr->how != COMPARE_ONE || pr->within || pr->right || pr->left->stateful)
		return false;
	return pr->cls == VC_TEXT || pr->cls == VC_INT || pr->cls == VC_UINT || pr->cls == VC_BOOL;
}

/* True only for the values it lists. */
static bool lists_values(const struct predicate *pr)
{
	if (!is_simple(pr) || pr->n > MAX_VALUES)
		return false;
	return (pr->op == OP_EQ && (pr->modifier == MOD_NONE || pr->modifier == MOD_ANYOF)) ||
	       ((pr->op == OP_IN || pr->op == OP_INTERSECTS) && pr->modifier == MOD_NONE);
}

/* What the predicate says of an operand that has the value of constant `c`. */
static bool holds_for(struct graph_facts *g, const struct predicate *pr, const struct constant *c)
{
	struct value v = { .type = pr->left->type };
	struct operand_values l = { true, 1, &v };

	if (pr->cls == VC_TEXT)
		v.s = c->text;
	else
		v.u = c->u;
	return predicate_compare(pr, &g->scratch, &l, NULL);
}

static const struct predicate *predicate_of(const struct program *p, uint32_t id, bool *ret_negated)
{
	const struct node *n = &p->nodes.v[id];

	*ret_negated = n->kind == NODE_NOT;
	if (n->kind == NODE_NOT)
		n = &p->nodes.v[n->kids[0]];
	return n->kind == NODE_PREDICATE && !n->stateful ? n->predicate : NULL;
}

/* --- conjunctions ------------------------------------------------------------------------- */

struct literals {
	uint32_t id[MAX_LITERALS];
	unsigned n;
};

static void add_literals(const struct program *p, uint32_t id, struct literals *out)
{
	const struct node *n = &p->nodes.v[id];

	if (n->kind != NODE_AND) {
		if (out->n < MAX_LITERALS)
			out->id[out->n++] = id;
		return;
	}
	for (uint32_t i = 0; i < n->n_kids && out->n < MAX_LITERALS; i++)
		out->id[out->n++] = n->kids[i];
}

/* Of the values that literal `base` lists none is left by the others. */
static bool no_value_left(struct graph_facts *g, const struct literals *l, unsigned base,
			  struct truth_reason *why)
{
	bool negated;
	const struct predicate *b = predicate_of(g->p, l->id[base], &negated);

	*why = (struct truth_reason){ l->id[base], UINT32_MAX };
	for (uint32_t c = 0; c < b->n; c++) {
		bool left = true;

		for (unsigned i = 0; i < l->n && left; i++) {
			const struct predicate *pr = predicate_of(g->p, l->id[i], &negated);

			if (i == base || !pr || pr->left != b->left || !is_simple(pr))
				continue;
			if (!spend(g, 1))
				return false;
			left = holds_for(g, pr, &b->c[c]) != negated;
			if (!left)
				why->b = l->id[i];
		}
		if (left)
			return false;
	}
	return true;
}

/* x < 3 and x > 5, of whole numbers. */
static bool no_number_between(const struct program *p, const struct literals *l, unsigned at,
			      struct truth_reason *why)
{
	bool negated, other;
	const struct predicate *a = predicate_of(p, l->id[at], &negated);

	if (!a || negated || !is_simple(a) || a->modifier || a->n != 1 ||
	    (a->op != OP_GT && a->op != OP_GE) || (a->cls != VC_INT && a->cls != VC_UINT))
		return false;
	for (unsigned i = 0; i < l->n; i++) {
		const struct predicate *b = predicate_of(p, l->id[i], &other);
		bool strict, empty;

		if (!b || other || b->left != a->left || !is_simple(b) || b->modifier ||
		    b->n != 1 || (b->op != OP_LT && b->op != OP_LE))
			continue;
		strict = a->op == OP_GT || b->op == OP_LT;
		if (a->cls == VC_INT)
			empty = strict ? a->c[0].i >= b->c[0].i : a->c[0].i > b->c[0].i;
		else
			empty = strict ? a->c[0].u >= b->c[0].u : a->c[0].u > b->c[0].u;
		if (empty) {
			*why = (struct truth_reason){ l->id[at], l->id[i] };
			return true;
		}
	}
	return false;
}

/* No event satisfies all of these. */
static bool contradict(struct graph_facts *g, const struct literals *l, struct truth_reason *why)
{
	for (unsigned i = 0; i < l->n; i++) {
		bool negated, other;
		const struct predicate *pr = predicate_of(g->p, l->id[i], &negated);
		const struct node *n = &g->p->nodes.v[l->id[i]];

		for (unsigned k = 0; n->kind == NODE_NOT && k < l->n; k++) {
			const struct predicate *o = predicate_of(g->p, l->id[k], &other);

			/* Its opposite; or it wants a value that the other says is missing. */
			if (n->kids[0] == l->id[k] ||
			    (pr && o && !other && pr->op == OP_EXISTS && o->left == pr->left)) {
				*why = (struct truth_reason){ l->id[k], l->id[i] };
				return true;
			}
		}
		if (pr && !negated && lists_values(pr) && no_value_left(g, l, i, why))
			return true;
		if (no_number_between(g->p, l, i, why))
			return true;
	}
	return false;
}

/* --- truth -------------------------------------------------------------------------------- */

static enum truth truth_of(struct graph_facts *g, uint32_t id, struct truth_reason *why);

static enum truth predicate_truth(const struct predicate *pr)
{
	bool list =
		pr->op == OP_IN || pr->op == OP_INTERSECTS || pr->op == OP_PMATCH || pr->modifier;

	/* Of a list field's values all are in an empty set when there are none. */
	if (pr->op != OP_EXISTS && !pr->right && list && !pr->n && pr->how != COMPARE_LIST)
		return TRUTH_NEVER;
	return TRUTH_OPEN;
}

/* With what stands beside it, no alternative is left. */
static bool no_alternative(struct graph_facts *g, const struct literals *l,
			   const struct node *alternatives, struct truth_reason *why)
{
	struct literals both;

	if (alternatives->n_kids > MAX_LITERALS)
		return false;
	for (uint32_t i = 0; i < alternatives->n_kids; i++) {
		both = *l;
		add_literals(g->p, alternatives->kids[i], &both);
		if (!spend(g, both.n) || !contradict(g, &both, why))
			return false;
	}
	return alternatives->n_kids > 0;
}

static enum truth and_truth(struct graph_facts *g, uint32_t id, struct truth_reason *why)
{
	const struct node n = g->p->nodes.v[id];
	struct literals l = { .n = 0 };
	bool all = true;

	for (uint32_t i = 0; i < n.n_kids; i++) {
		enum truth t = truth_of(g, n.kids[i], why);

		if (t == TRUTH_NEVER)
			return t;
		all &= t == TRUTH_ALWAYS;
	}
	if (all)
		return TRUTH_ALWAYS;
	add_literals(g->p, id, &l);
	if (contradict(g, &l, why))
		return TRUTH_NEVER;
	for (unsigned i = 0; i < l.n; i++) {
		const struct node *k = &g->p->nodes.v[l.id[i]];

		if (k->kind == NODE_OR && no_alternative(g, &l, k, why))
			return TRUTH_NEVER;
	}
	return TRUTH_OPEN;
}

static enum truth or_truth(struct graph_facts *g, uint32_t id, struct truth_reason *why)
{
	const struct node n = g->p->nodes.v[id];
	bool none = true;

	for (uint32_t i = 0; i < n.n_kids; i++) {
		const struct node *k = &g->p->nodes.v[n.kids[i]];
		enum truth t = truth_of(g, n.kids[i], why);

		if (t == TRUTH_ALWAYS)
			return t;
		none &= t == TRUTH_NEVER;
		for (uint32_t j = 0; k->kind == NODE_NOT && j < n.n_kids && spend(g, 1); j++) {
			if (n.kids[j] != k->kids[0])
				continue;
			*why = (struct truth_reason){ n.kids[j], n.kids[i] };
			return TRUTH_ALWAYS;
		}
	}
	return none ? TRUTH_NEVER : TRUTH_OPEN;
}

static enum truth truth_of(struct graph_facts *g, uint32_t id, struct truth_reason *why)
{
	const struct node *n = &g->p->nodes.v[id];
	struct fact f = { .why = { id, UINT32_MAX }, .known = 1 };
	enum truth t = TRUTH_OPEN;

	while (g->facts.n <= id)
		(void)vec_add(&g->facts);
	if (g->facts.v[id].known) {
		*why = g->facts.v[id].why;
		return (enum truth)g->facts.v[id].truth;
	}
	if (g->depth >= MAX_DEPTH)
		return TRUTH_OPEN;
	g->depth++;
	switch (n->kind) {
	case NODE_FALSE:
		t = TRUTH_NEVER;
		break;
	case NODE_TRUE:
		t = TRUTH_ALWAYS;
		break;
	case NODE_PREDICATE:
		t = predicate_truth(n->predicate);
		break;
	case NODE_NOT:
		t = truth_of(g, n->kids[0], &f.why);
		if (t != TRUTH_OPEN)
			t = t == TRUTH_NEVER ? TRUTH_ALWAYS : TRUTH_NEVER;
		break;
	case NODE_AND:
		t = and_truth(g, id, &f.why);
		break;
	case NODE_OR:
		t = or_truth(g, id, &f.why);
		break;
	}
	g->depth--;
	f.truth = (uint8_t)t;
	g->facts.v[id] = f;
	*why = f.why;
	return t;
}

enum truth graph_truth(struct graph_facts *g, uint32_t id, struct truth_reason *why)
{
	struct truth_reason unused;

	return truth_of(g, id, why ? why : &unused);
}

/* --- implication -------------------------------------------------------------------------- */

static bool implies(struct graph_facts *g, uint32_t a, uint32_t b);

/* `a` is a predicate, `b` one or the negation of one. */
static bool predicate_implies(struct graph_facts *g, const struct predicate *a, uint32_t b)
{
	bool negated;
	const struct predicate *pr = predicate_of(g->p, b, &negated);

	if (!pr || pr->left != a->left || a->left->stateful)
		return false;
	if (!negated && pr->op == OP_EXISTS)
		return true; /* a missing value makes every comparison false */
	if (lists_values(a) && is_simple(pr)) {
		if (!spend(g, a->n))
			return false;
		for (uint32_t i = 0; i < a->n; i++)
			if (holds_for(g, pr, &a->c[i]) == negated)
				return false;
		return true;
	}
	if (negated || !is_simple(a) || !is_simple(pr) || a->op != pr->op || a->modifier ||
	    pr->modifier || a->cls != VC_TEXT || a->n != 1 || pr->n != 1)
		return false;
	switch (a->op) {
	case OP_STARTSWITH:
		return str_starts(a->c[0].text, pr->c[0].text);
	case OP_ENDSWITH:
		return str_ends(a->c[0].text, pr->c[0].text);
	case OP_CONTAINS:
		return str_find(a->c[0].text, pr->c[0].text) >= 0;
	default:
		return false;
	}
}

static bool implies_new(struct graph_facts *g, uint32_t a, uint32_t b)
{
	const struct node na = g->p->nodes.v[a], nb = g->p->nodes.v[b];
	uint32_t i;

	if (na.kind == NODE_OR) {
		for (i = 0; i < na.n_kids; i++)
			if (!implies(g, na.kids[i], b))
				return false;
		return true;
	}
	if (nb.kind == NODE_AND) {
		for (i = 0; i < nb.n_kids; i++)
			if (!implies(g, a, nb.kids[i]))
				return false;
		return true;
	}
	for (i = 0; na.kind == NODE_AND && i < na.n_kids; i++)
		if (implies(g, na.kids[i], b))
			return true;
	for (i = 0; nb.kind == NODE_OR && i < nb.n_kids; i++)
		if (implies(g, a, nb.kids[i]))
			return true;
	if (na.kind == NODE_NOT && nb.kind == NODE_NOT)
		return implies(g, nb.kids[0], na.kids[0]);
	if (na.kind == NODE_PREDICATE && !na.stateful)
		return predicate_implies(g, na.predicate, b);
	return false;
}

static bool implies(struct graph_facts *g, uint32_t a, uint32_t b)
{
	struct pair *known;
	bool r;

	if (a == b)
		return !g->p->nodes.v[a].stateful;
	if (a == ID_FALSE || b == ID_TRUE)
		return true;
	if (a == ID_TRUE || b == ID_FALSE || g->depth >= MAX_DEPTH || !spend(g, 1))
		return false;
	/* Leaves are quicker compared than looked up. */
	if (g->p->nodes.v[a].kind == NODE_PREDICATE && g->p->nodes.v[b].kind == NODE_PREDICATE)
		return !g->p->nodes.v[a].stateful &&
		       predicate_implies(g, g->p->nodes.v[a].predicate, b);
	known = &g->pairs[(a * 0x9e3779b1u ^ b * 0x85ebca77u) >> 18];
	if (known->a == a && known->b == b)
		return known->implies;
	g->depth++;
	r = implies_new(g, a, b);
	g->depth--;
	*known = (struct pair){ a, b, r };
	return r;
}

bool graph_implies(struct graph_facts *g, uint32_t a, uint32_t b)
{
	return implies(g, a, b);
}
