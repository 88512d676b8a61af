/* Small ways to break a condition; see mutant.h. */
#include "testing/mutant.h"

#define PATH_MAX_DEPTH 1000
#define ITEMS_SHOWN    3
#define TEXT_SHOWN     160

struct maker {
	struct arena *a;
	mutants *out;
	/* The way from the root to the node in hand. */
	const struct ast *parent[PATH_MAX_DEPTH];
	uint32_t index[PATH_MAX_DEPTH];
	unsigned depth;
};

const char *mutation_word(enum mutation_kind k)
{
	static const char *const words[MUTATION_N] = {
#define X(name, word) word,
		MUTATION_LIST(X)
#undef X
	};

	return words[k];
}

static struct ast *copy_node(struct maker *m, const struct ast *n)
{
	struct ast *c = (struct ast *)(void *)arena_memdup(m->a, n, sizeof(*n));

	if (n->n_kids)
		c->kids = (struct ast **)(void *)arena_memdup(m->a, n->kids,
							      n->n_kids * sizeof(*n->kids));
	/* It is changed: no longer what others share. */
	c->shared = 0;
	return c;
}

/* The whole tree with the node in hand replaced. */
static const struct ast *replaced(struct maker *m, const struct ast *by)
{
	for (unsigned i = m->depth; i-- > 0;) {
		struct ast *c = copy_node(m, m->parent[i]);

		c->kids[m->index[i]] = (struct ast *)by;
		by = c;
	}
	return by;
}

/* Long lists say nothing about which piece is meant. */
static const struct ast *shortened(struct maker *m, const struct ast *n)
{
	struct ast *c;

	if (!n->n_kids || n->kind == AST_TRANSFORM)
		return n;
	c = copy_node(m, n);
	if (n->kind == AST_LIST && n->n_kids > ITEMS_SHOWN) {
		struct ast *more = arena_calloc(m->a, 1, sizeof(*more));

		more->kind = AST_MACRO;
		more->text = str_of(arena_printf(m->a, "%u more", n->n_kids - ITEMS_SHOWN));
		c->kids[ITEMS_SHOWN] = more;
		c->n_kids = ITEMS_SHOWN + 1;
		return c;
	}
	for (uint32_t i = 0; i < c->n_kids; i++)
		c->kids[i] = (struct ast *)shortened(m, c->kids[i]);
	return c;
}

static const char *piece(struct maker *m, const struct ast *n)
{
	struct strbuf sb = STRBUF_INIT;
	const char *ret;

	ast_text(shortened(m, n), &sb);
	if (sb.n > TEXT_SHOWN) {
		strbuf_truncate(&sb, TEXT_SHOWN);
		strbuf_adds(&sb, "...");
	}
	ret = arena_memdup(m->a, sb.s, sb.n);
	strbuf_release(&sb);
	return ret;
}

static void add(struct maker *m, enum mutation_kind kind, const struct ast *at,
		const struct ast *by, const char *text)
{
	struct mutant *mu;

	if (m->out->n >= MUTANTS_MAX)
		return;
	mu = vec_add(m->out);
	mu->kind = kind;
	mu->at = at;
	mu->tree = by ? replaced(m, by) : NULL;
	mu->text = text;
	mu->id = -1;
}

static const struct ast *without(struct maker *m, const struct ast *n, uint32_t i)
{
	struct ast *c;

	if (n->n_kids == 2 && n->kind != AST_LIST)
		return n->kids[1 - i];
	c = copy_node(m, n);
	memmove(c->kids + i, c->kids + i + 1, (n->n_kids - i - 1) * sizeof(*c->kids));
	c->n_kids--;
	return c;
}

static void join(struct maker *m, const struct ast *n)
{
	const char *from = n->kind == AST_AND ? "and" : "or",
		   *to = n->kind == AST_AND ? "or" : "and";
	struct ast *c;

	if (n->n_kids < 2)
		return;
	c = copy_node(m, n);
	c->kind = n->kind == AST_AND ? AST_OR : AST_AND;
	add(m, MUTATION_SWAPPED, n, c,
	    arena_printf(m->a, "'%s' in place of '%s' in: %s", to, from, piece(m, n)));
	for (uint32_t i = 0; i < n->n_kids; i++)
		add(m, MUTATION_DROPPED, n->kids[i], without(m, n, i),
		    arena_printf(m->a, "without: %s", piece(m, n->kids[i])));
}

/* Operators that are easily taken for each other, each next to the one in hand. */
static int near_operator(unsigned op)
{
	switch (op) {
	case OP_LT:
		return OP_LE;
	case OP_LE:
		return OP_LT;
	case OP_GT:
		return OP_GE;
	case OP_GE:
		return OP_GT;
	case OP_STARTSWITH:
	case OP_ENDSWITH:
		return OP_CONTAINS;
	case OP_CONTAINS:
		return OP_STARTSWITH;
	case OP_ICONTAINS:
		return OP_CONTAINS;
	case OP_IGLOB:
		return OP_GLOB;
	default:
		return -1;
	}
}

static void items(struct maker *m, const struct ast *n)
{
	const struct ast *list = n->kids[1];
	uint32_t step = (list->n_kids + MUTANT_ITEMS_MAX - 1) / MUTANT_ITEMS_MAX;

	if (list->n_kids < 2)
		return;
	for (uint32_t i = 0; i < list->n_kids; i += step) {
		struct ast *c = copy_node(m, n);

		c->kids[1] = (struct ast *)without(m, list, i);
		add(m, MUTATION_ITEM, n, c,
		    arena_printf(m->a, "without the item %s in: %s", piece(m, list->kids[i]),
				 piece(m, n)));
	}
}

static void leaf(struct maker *m, const struct ast *n)
{
	struct ast * not ;
	int op;

	/* Below a not, taking that away is the same. */
	if (!m->depth || m->parent[m->depth - 1]->kind != AST_NOT) {
		not = arena_calloc(m->a, 1, sizeof(*not ));
		not ->kind = AST_NOT;
		not ->pos = n->pos;
		not ->n_kids = 1;
		not ->kids = arena_alloc(m->a, sizeof(*not ->kids));
		not ->kids[0] = (struct ast *)n;
		add(m, MUTATION_NEGATED, n, not, arena_printf(m->a, "not %s", piece(m, n)));
	}
	if (n->kind != AST_BINARY)
		return;
	op = near_operator(n->op);
	if (op >= 0) {
		struct ast *c = copy_node(m, n);

		c->op = (uint8_t)op;
		add(m, MUTATION_COMPARISON, n, c,
		    arena_printf(m->a, "'%s' in place of '%s' in: %s",
				 condition_op_text((unsigned)op), condition_op_text(n->op),
				 piece(m, n)));
	}
	if (n->kids[1]->kind == AST_LIST)
		items(m, n);
}

static void walk(struct maker *m, const struct ast *n)
{
	if (n->kind != AST_AND && n->kind != AST_OR && n->kind != AST_NOT) {
		leaf(m, n);
		return;
	}
	if (n->kind == AST_NOT)
		add(m, MUTATION_UNNEGATED, n, n->kids[0],
		    arena_printf(m->a, "without the 'not' of: %s", piece(m, n->kids[0])));
	else
		join(m, n);
	/* Conditions are refused that are nested deeper. */
	if (m->depth == PATH_MAX_DEPTH)
		return;
	for (uint32_t i = 0; i < n->n_kids; i++) {
		m->parent[m->depth] = n;
		m->index[m->depth++] = i;
		walk(m, n->kids[i]);
		m->depth--;
	}
}

void mutants_make(const struct ast *cond, struct arena *a, mutants *ret)
{
	struct maker *m = xcalloc(1, sizeof(*m));

	m->a = a;
	m->out = ret;
	add(m, MUTATION_DISABLED, cond, NULL, "the rule disabled");
	walk(m, cond);
	free(m);
}
