/*
 * Which comparisons are done by text matchers: those of operands that so many predicates look at
 * that one pass over the text is cheaper than the predicates that an event is likely to need.
 */
#include "rules/program_internal.h"

/* Fewer predicates of an operand are evaluated one by one. */
#define MIN_PREDICATES 6
/* Of one matcher; a predicate that would make it larger is left out. */
#define MAX_STATES 4096

/* The longest text that whatever matches a glob must contain; empty: none, or hard to say. */
static struct str literal_of(struct str glob)
{
	struct str best = { "", 0 };
	size_t from = 0;

	for (size_t i = 0; i <= glob.n; i++) {
		if (i < glob.n && (glob.p[i] == '[' || glob.p[i] == '\\'))
			return (struct str){ "", 0 };
		if (i < glob.n && glob.p[i] != '*' && glob.p[i] != '?')
			continue;
		if (i - from > best.n)
			best = (struct str){ glob.p + from, i - from };
		from = i + 1;
	}
	return best;
}

static bool can_match(const struct node *n)
{
	const struct predicate *pr =
		n->kind == NODE_PREDICATE && !n->stateful ? n->predicate : NULL;

	if (!pr || pr->cls != VC_TEXT || pr->how != COMPARE_ONE || pr->right || pr->within ||
	    pr->modifier != MOD_NONE || !pr->n)
		return false;
	switch (pr->op) {
	case OP_EQ:
	case OP_NE:
	case OP_IN:
	case OP_INTERSECTS:
	case OP_STARTSWITH:
	case OP_ENDSWITH:
	case OP_CONTAINS:
		return true;
	case OP_GLOB:
		return literal_of(pr->c[0].text).n > 0;
	default:
		return false;
	}
}

/* False when there are too many. */
static bool add_words(const struct predicate *pr, uint32_t bit, text_words *words, size_t *states)
{
	size_t more = 0;

	for (uint32_t i = 0; i < pr->n; i++)
		more += pr->c[i].text.n + 2;
	if (more > MAX_STATES - *states)
		return false;
	*states += more;
	for (uint32_t i = 0; i < pr->n; i++) {
		bool within = pr->op == OP_CONTAINS || pr->op == OP_GLOB;
		struct text_word w = { .text = pr->c[i].text, .bit = bit };

		if (pr->op == OP_GLOB)
			w.text = literal_of(w.text);
		w.at_start = !within && pr->op != OP_ENDSWITH;
		w.at_end = !within && pr->op != OP_STARTSWITH;
		vec_push(words, w);
	}
	return true;
}

static void make_matcher(struct program *p, const struct operand *op, const uint32_t *ids, size_t n)
{
	struct operand_matcher m = { .operand = op };
	text_words words = { 0 };
	size_t states = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		struct node *node = &p->nodes.v[ids[i]];

		if (!add_words(node->predicate, bits, &words, &states))
			continue;
		node->matcher = (uint32_t)p->matchers.n + 1;
		node->match_bit = p->n_match_words * 64 + bits++;
		node->match_is_hint = node->predicate->op == OP_GLOB;
	}
	m.first_word = p->n_match_words;
	m.n_words = (bits + 63) / 64;
	m.of_path = operand_is_of_path(op);
	p->n_match_words += m.n_words;
	m.matcher = text_matcher_new(&words, &p->build);
	vec_push(&p->matchers, m);
	vec_free(&words);
}

#define MAX_NEEDS 8  /* pairs; more are no quicker than looking at the node */
#define MAX_DEPTH 64 /* of a node */

struct needs {
	struct match_need v[MAX_NEEDS];
	uint32_t n;
	bool known;
};

static void add_need(struct needs *to, uint32_t word, uint64_t bits)
{
	uint32_t i = 0;

	while (i < to->n && to->v[i].word != word)
		i++;
	if (i == MAX_NEEDS) {
		to->known = false;
		return;
	}
	if (i == to->n)
		to->v[to->n++] = (struct match_need){ word, 0 };
	to->v[i].bits |= bits;
}

/* The comparisons of which a node needs one at least to be true. */
static struct needs needs_of(const struct program *p, uint32_t id, unsigned depth)
{
	const struct node *n = &p->nodes.v[id];
	struct needs all = { .known = true }, best = { .known = false }, kid;

	if (depth == MAX_DEPTH)
		return best;
	switch (n->kind) {
	case NODE_PREDICATE:
		if (!n->matcher || n->predicate->op == OP_NE)
			return best;
		add_need(&all, n->match_bit / 64, UINT64_C(1) << (n->match_bit % 64));
		return all;
	case NODE_AND:
		/* Any of its parts says enough: the one that says most. */
		for (uint32_t i = 0; i < n->n_kids; i++) {
			kid = needs_of(p, n->kids[i], depth + 1);
			if (kid.known && (!best.known || kid.n < best.n))
				best = kid;
		}
		return best;
	case NODE_OR:
		for (uint32_t i = 0; i < n->n_kids && all.known; i++) {
			kid = needs_of(p, n->kids[i], depth + 1);
			all.known = kid.known;
			for (uint32_t k = 0; k < kid.n && all.known; k++)
				add_need(&all, kid.v[k].word, kid.v[k].bits);
		}
		return all;
	default:
		return best;
	}
}

static void set_path_needs(struct program *p, struct type_program *tp)
{
	for (uint32_t i = 0; i < tp->n; i++) {
		struct type_condition *c = &tp->conditions[i];
		struct needs needs = needs_of(p, c->of_path, 0);

		c->path_needs = NULL;
		if (!needs.known || !needs.n)
			continue;
		c->n_path_needs = needs.n;
		c->path_needs = (const struct match_need *)(const void *)arena_memdup(
			&p->build, needs.v, needs.n * sizeof(needs.v[0]));
	}
}

void program_make_matchers(struct program *p)
{
	VEC(uint32_t) ids = { 0 };
	size_t i, k;

	p->matchers.n = 0;
	p->n_match_words = 0;
	for (i = 0; i < p->nodes.n; i++)
		p->nodes.v[i].matcher = 0;
	/* Operands are made once each; theirs are few. */
	for (k = 0; k < p->maker.operands.n; k++)
		p->maker.operands.v[k]->n_compared = 0;
	for (i = 0; i < p->nodes.n; i++)
		if (can_match(&p->nodes.v[i]))
			p->nodes.v[i].predicate->left->n_compared++;
	for (k = 0; k < p->maker.operands.n; k++) {
		struct operand *op = p->maker.operands.v[k];

		/* Those of a path are always asked all together. */
		if (op->n_compared < (operand_is_of_path(op) ? 1 : MIN_PREDICATES))
			continue;
		ids.n = 0;
		for (i = 0; i < p->nodes.n; i++)
			if (can_match(&p->nodes.v[i]) && p->nodes.v[i].predicate->left == op)
				vec_push(&ids, (uint32_t)i);
		make_matcher(p, op, ids.v, ids.n);
	}
	vec_free(&ids);
	/* Types share programs: done again for some, which is cheap. */
	for (i = 0; i < N_TYPE_SLOTS; i++)
		if (p->types[i]->of_path && (!i || p->types[i] != p->types[i - 1]))
			set_path_needs(p, p->types[i]);
}
