/* Macros in a condition's tree replaced by their trees: see macro_expand.h. */
#include "rules/macro_expand.h"

#include "base/strbuf.h"
#include "base/vec.h"

#define MAX_NESTING (4 * MACRO_MAX_DEPTH) /* of our own calls */

struct expansion {
	const struct strmap *map;
	struct arena *a;
	struct macro_error *error;
	VEC(struct macro_def *) busy; /* macros being expanded, outermost first */
	unsigned nesting;
	struct text_pos top; /* place in the outermost tree */
};

struct measure {
	uint64_t size;
	uint32_t depth;
};

static const struct ast *fail(struct expansion *x, enum macro_problem problem, struct str name)
{
	x->error->problem = problem;
	x->error->name = name;
	x->error->pos = x->top;
	x->error->chain = NULL;
	return NULL;
}

static const struct ast *loop(struct expansion *x, const struct macro_def *def)
{
	struct strbuf sb = STRBUF_INIT;
	bool in = true; /* the one whose text is being expanded is not in the stack */
	for (size_t i = 0; i < x->busy.n; i++)
		in &= x->busy.v[i] != def;
	if (in) {
		strbuf_addstr(&sb, def->name);
		strbuf_adds(&sb, " -> ");
	}
	for (size_t i = 0; i < x->busy.n; i++) {
		in |= x->busy.v[i] == def;
		if (in) {
			strbuf_addstr(&sb, x->busy.v[i]->name);
			strbuf_adds(&sb, " -> ");
		}
	}
	strbuf_addstr(&sb, def->name);
	fail(x, MACRO_LOOP, def->name);
	x->error->chain = arena_memdup(x->a, sb.s, sb.n);
	strbuf_release(&sb);
	return NULL;
}

static const struct ast *walk(struct expansion *x, const struct ast *n, uint32_t visibility,
			      struct measure *ret);

/* What stands in many conditions is checked once (check.c): it is known by this number. */
static void mark_shared(struct macro_def *def)
{
	struct ast *root = (struct ast *)def->full;

	if (root->kind == AST_AND || root->kind == AST_OR || root->kind == AST_NOT)
		root->shared = def->index + 1;
}

static const struct ast *expand_def(struct expansion *x, struct macro_def *def)
{
	struct measure m;
	if (def->state == MACRO_DONE)
		return def->full;
	if (def->state == MACRO_BUSY)
		return loop(x, def);
	if (def->state == MACRO_BAD || !def->raw)
		return fail(x, MACRO_BROKEN, def->name);
	def->state = MACRO_BUSY;
	vec_push(&x->busy, def);
	def->full = walk(x, def->raw, def->visibility, &m);
	x->busy.n--;
	def->state = def->full ? MACRO_DONE : MACRO_BAD;
	if (def->full) {
		def->size = (uint32_t)m.size;
		def->depth = m.depth;
		mark_shared(def);
	}
	return def->full;
}

static const struct ast *use(struct expansion *x, const struct ast *n, uint32_t visibility,
			     struct measure *ret)
{
	struct macro_def *def = strmap_get(x->map, n->text);
	if (!x->busy.n)
		x->top = n->pos;
	/* A macro that uses itself is a loop whatever it sees. */
	if (!def || (def->index >= visibility && def->state != MACRO_BUSY))
		return fail(x, MACRO_UNDEFINED, n->text);
	def->used = true;
	const struct ast *full = expand_def(x, def);
	if (full) {
		ret->size = def->size;
		ret->depth = def->depth;
	}
	return full;
}

static const struct ast *walk(struct expansion *x, const struct ast *n, uint32_t visibility,
			      struct measure *ret)
{
	const struct ast *result = n;
	struct ast *copy = NULL;

	if (n->kind == AST_MACRO)
		return use(x, n, visibility, ret);
	ret->size = 1;
	ret->depth = 1;
	if (n->kind != AST_AND && n->kind != AST_OR && n->kind != AST_NOT) {
		/* Macros stand only where conditions do. */
		for (uint32_t i = 0; i < n->n_kids; i++)
			ret->size += 1 + n->kids[i]->n_kids;
		return n;
	}
	if (++x->nesting > MAX_NESTING) {
		x->nesting--;
		return fail(x, MACRO_TOO_LARGE, x->busy.n ? x->busy.v[0]->name : STR(""));
	}
	for (uint32_t i = 0; result && i < n->n_kids; i++) {
		struct measure m;
		const struct ast *kid = walk(x, n->kids[i], visibility, &m);
		if (!kid) {
			result = NULL;
			break;
		}
		if (kid != n->kids[i] && !copy) {
			copy = (struct ast *)arena_memdup(x->a, n, sizeof(*n));
			copy->kids = (struct ast **)arena_memdup(x->a, n->kids,
								 n->n_kids * sizeof(*n->kids));
			result = copy;
		}
		if (copy)
			copy->kids[i] = (struct ast *)kid;
		ret->size += m.size;
		if (m.depth + 1 > ret->depth)
			ret->depth = m.depth + 1;
		if (ret->size > MACRO_MAX_NODES || ret->depth > MACRO_MAX_DEPTH)
			result = fail(x, MACRO_TOO_LARGE, x->busy.n ? x->busy.v[0]->name : STR(""));
	}
	x->nesting--;
	return result;
}

const struct ast *macro_expand(const struct ast *n, const struct strmap *map, uint32_t visibility,
			       struct arena *a, struct macro_error *ret_error)
{
	struct expansion x = { .map = map, .a = a, .error = ret_error };
	struct measure m;
	const struct ast *ret = walk(&x, n, visibility, &m);
	vec_free(&x.busy);
	return ret;
}

const struct ast *macro_expand_def(struct macro_def *def, const struct strmap *map, struct arena *a,
				   struct macro_error *ret_error)
{
	struct expansion x = { .map = map, .a = a, .error = ret_error };
	const struct ast *ret;
	/* The place of an error is in this macro's own text. */
	if (def->state == MACRO_DONE || def->state == MACRO_BAD || !def->raw) {
		ret_error->problem = MACRO_BROKEN;
		ret_error->name = def->name;
		return def->full;
	}
	struct measure m;
	def->state = MACRO_BUSY;
	x.top = def->raw->pos;
	ret = walk(&x, def->raw, def->visibility, &m);
	def->full = ret;
	def->state = ret ? MACRO_DONE : MACRO_BAD;
	if (ret) {
		def->size = (uint32_t)m.size;
		def->depth = m.depth;
		mark_shared(def);
	}
	vec_free(&x.busy);
	return ret;
}
