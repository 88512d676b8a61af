/*
 * Which comparisons are done by text matchers: those of operands that so many predicates look at
 * that one pass over the text is cheaper than the predicates that an event is likely to need.
 */
#include "rules/program_internal.h"

/* Fewer predicates of an operand are evaluated one by one. */
#define MIN_PREDICATES 6
/* Of one matcher; a predicate that would make it larger is left out. */
#define MAX_STATES 4096

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
		struct text_word w = { .text = pr->c[i].text, .bit = bit };

		w.at_start = pr->op != OP_ENDSWITH && pr->op != OP_CONTAINS;
		w.at_end = pr->op != OP_STARTSWITH && pr->op != OP_CONTAINS;
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
		node->match_bit = bits++;
	}
	m.n_words = (bits + 63) / 64;
	m.matcher = text_matcher_new(&words, &p->build);
	vec_push(&p->matchers, m);
	vec_free(&words);
}

void program_make_matchers(struct program *p)
{
	VEC(uint32_t) ids = { 0 };
	size_t i, k;

	p->matchers.n = 0;
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

		if (op->n_compared < MIN_PREDICATES)
			continue;
		ids.n = 0;
		for (i = 0; i < p->nodes.n; i++)
			if (can_match(&p->nodes.v[i]) && p->nodes.v[i].predicate->left == op)
				vec_push(&ids, (uint32_t)i);
		make_matcher(p, op, ids.v, ids.n);
	}
	vec_free(&ids);
}
