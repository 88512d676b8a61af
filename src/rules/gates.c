/* Which gates there are. See gates.h. */
#include "rules/gates.h"

#include <stdlib.h>

#include "base/xalloc.h"

/* Costlier nodes are not asked for before it is their turn; regular expressions are, above all. */
#define GATE_MAX_COST  50
#define GATE_MAX_DEPTH 8
/* Nodes looked at for the gates of one program: a bound for rules made to be slow to look at. */
#define GATE_MAX_LOOKS 100000
/* Counters, of each group for each condition. */
#define GATE_MAX_COUNTS 100000

typedef VEC(uint32_t) node_list;

struct collector {
	const struct program *p;
	uint32_t looks;
};

static bool list_has(const node_list *list, uint32_t id)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == id)
			return true;
	return false;
}

static bool has_regex(const struct program *p, uint32_t id, unsigned depth)
{
	const struct node *n = &p->nodes.v[id];

	if (n->kind == NODE_PREDICATE)
		return n->predicate->op == OP_REGEX;
	if (depth == GATE_MAX_DEPTH)
		return true;
	for (uint32_t i = 0; i < n->n_kids; i++)
		if (has_regex(p, n->kids[i], depth + 1))
			return true;
	return false;
}

/* Those of the path are asked all together; see eval_by_path(). */
static bool can_be_gate(const struct program *p, uint32_t id)
{
	const struct node *n = &p->nodes.v[id];

	return id > ID_TRUE && n->kind != NODE_AND && n->cost <= GATE_MAX_COST && !n->of_path &&
	       !has_regex(p, id, 0);
}

/* Adds to `out` the nodes without which a node cannot be true. */
static void collect_needs(struct collector *c, uint32_t id, unsigned depth, node_list *out)
{
	const struct node *n = &c->p->nodes.v[id];
	node_list first = { 0 }, other = { 0 };

	if (can_be_gate(c->p, id) && !list_has(out, id))
		vec_push(out, id);
	if (depth == GATE_MAX_DEPTH || c->looks >= GATE_MAX_LOOKS)
		return;
	c->looks += n->n_kids + 1;
	for (uint32_t i = 0; n->kind == NODE_AND && i < n->n_kids; i++)
		collect_needs(c, n->kids[i], depth + 1, out);
	if (n->kind != NODE_OR)
		return;
	/* What all alternatives need. */
	collect_needs(c, n->kids[0], depth + 1, &first);
	for (uint32_t i = 1; i < n->n_kids && first.n; i++) {
		size_t kept = 0;

		other.n = 0;
		collect_needs(c, n->kids[i], depth + 1, &other);
		for (size_t k = 0; k < first.n; k++)
			if (list_has(&other, first.v[k]))
				first.v[kept++] = first.v[k];
		first.n = kept;
	}
	for (size_t k = 0; k < first.n; k++)
		if (!list_has(out, first.v[k]))
			vec_push(out, first.v[k]);
	vec_free(&first);
	vec_free(&other);
}

/* The one field with a basis that all comparisons in a node are about; NULL when there is none. */
static const struct operand *basis_of(const struct program *p, uint32_t id, unsigned depth)
{
	const struct node *n = &p->nodes.v[id];
	const struct operand *basis = NULL;

	if (n->kind == NODE_PREDICATE) {
		basis = n->predicate->left;
		return !n->predicate->right && basis->kind == OPERAND_FIELD &&
				       field_has_basis(&basis->ref)
			       ? basis
			       : NULL;
	}
	if (depth == GATE_MAX_DEPTH)
		return NULL;
	for (uint32_t i = 0; i < n->n_kids; i++) {
		const struct operand *of_kid = basis_of(p, n->kids[i], depth + 1);

		if (!of_kid || (basis && basis != of_kid))
			return NULL;
		basis = of_kid;
	}
	return basis;
}

/* What is looked up and called for a node, besides what it compares. */
#define COST_OF_GATE 8

/* A node that a descriptor decides: fd_entry.stamp stands for all it looks at. */
static bool is_of_fd(const struct program *p, uint32_t id, unsigned depth)
{
	const struct node *n = &p->nodes.v[id];

	if (n->kind == NODE_PREDICATE)
		return !n->stateful && !n->predicate->right &&
		       n->predicate->left->kind == OPERAND_FIELD && n->scope == SCOPE_FD;
	if (depth == GATE_MAX_DEPTH)
		return false;
	for (uint32_t i = 0; i < n->n_kids; i++)
		if (!is_of_fd(p, n->kids[i], depth + 1))
			return false;
	return true;
}

/* All comparisons in a node are about what a descriptor is. */
static bool is_of_kind(const struct program *p, uint32_t id, unsigned depth)
{
	const struct node *n = &p->nodes.v[id];

	if (n->kind == NODE_PREDICATE)
		return !n->predicate->right && n->predicate->left->kind == OPERAND_FIELD &&
		       field_has_basis_kind(&n->predicate->left->ref);
	if (depth == GATE_MAX_DEPTH)
		return false;
	for (uint32_t i = 0; i < n->n_kids; i++)
		if (!is_of_kind(p, n->kids[i], depth + 1))
			return false;
	return true;
}

struct found {
	const struct operand *basis;
	bool of_kind;
	uint32_t node, cost;
	uint64_t *needed_by;
};

typedef VEC(struct found) found_list;

/* Groups side by side, in an order that the rules alone decide. */
static int by_group(const void *x, const void *y)
{
	const struct found *a = x, *b = y;
	uint32_t slot_a = a->basis ? a->basis->slot : UINT32_MAX;
	uint32_t slot_b = b->basis ? b->basis->slot : UINT32_MAX;

	if (a->of_kind != b->of_kind)
		return a->of_kind ? -1 : 1;
	if (slot_a != slot_b)
		return slot_a < slot_b ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

/* What is remembered for a number costs no comparison. */
static uint32_t cost_of(const struct node *n)
{
	return n->kind == NODE_PREDICATE && n->predicate->number ? 0 : n->cost;
}

static void find_gates(struct gate_set *s, const struct program *p, const struct type_program *tp,
		       found_list *out)
{
	struct collector c = { .p = p };
	struct u64map numbers = { 0 };
	node_list needs = { 0 };

	for (uint32_t i = 0; i < tp->n; i++) {
		needs.n = 0;
		collect_needs(&c, tp->conditions[i].of_thread, 0, &needs);
		collect_needs(&c, tp->conditions[i].rest, 0, &needs);
		for (size_t k = 0; k < needs.n; k++) {
			uintptr_t at = (uintptr_t)u64map_get(&numbers, needs.v[k]);
			struct found f = { .node = needs.v[k] };

			if (!at) {
				f.basis = basis_of(p, f.node, 0);
				f.of_kind = is_of_kind(p, f.node, 0);
				f.cost = cost_of(&p->nodes.v[f.node]);
				f.needed_by =
					arena_calloc(&s->arena, s->n_words, sizeof(*f.needed_by));
				vec_push(out, f);
				at = out->n;
				u64map_put(&numbers, f.node, (void *)at);
			}
			out->v[at - 1].needed_by[i / 64] |= UINT64_C(1) << (i % 64);
		}
	}
	vec_free(&needs);
	u64map_free(&numbers);
}

static const struct predicate *plain_of(const struct node *n)
{
	return n->kind == NODE_PREDICATE && predicate_is_plain(n->predicate) ? n->predicate : NULL;
}

static void add_group(struct gate_set *s, const struct program *p, const struct found *v,
		      uint32_t n)
{
	struct gate_group *g = &s->groups[s->n_groups];
	struct gate *gates = arena_alloc(&s->arena, n * sizeof(*gates));
	uint64_t *needed_by = arena_calloc(&s->arena, s->n_words, sizeof(*needed_by));
	uint32_t cost = 0;

	for (uint32_t i = 0; i < n; i++) {
		cost += COST_OF_GATE + v[i].cost;
		gates[i] = (struct gate){
			.node = v[i].node,
			.plain = plain_of(&p->nodes.v[v[i].node]),
			.needed_by = v[i].needed_by,
		};
		for (uint32_t w = 0; w < s->n_words; w++)
			needed_by[w] |= v[i].needed_by[w];
	}
	*g = (struct gate_group){
		.basis = v->basis,
		.of_kind = v->of_kind,
		.of_fd = n == 1 && is_of_fd(p, v->node, 0),
		.n = n,
		.gates = gates,
		.needed_by = needed_by,
		.cost = cost,
	};
}

static uint32_t max_groups(const struct type_program *tp)
{
	uint32_t by_counts = GATE_MAX_COUNTS / (tp->n + 1);

	return by_counts < GATE_MAX_GROUPS ? by_counts : GATE_MAX_GROUPS;
}

struct gate_set *gate_set_new(const struct program *p, const struct type_program *tp)
{
	struct gate_set *s = xcalloc(1, sizeof(*s));
	found_list found = { 0 };
	bool stateful = false;

	arena_init(&s->arena);
	s->n_words = tp->n_words;
	s->n_conditions = tp->n;
	/* What is stateful must be evaluated as it was written. */
	for (uint32_t i = 0; i < tp->n; i++)
		stateful |= p->nodes.v[tp->conditions[i].root].stateful;
	if (!stateful)
		find_gates(s, p, tp, &found);
	if (found.n)
		qsort(found.v, found.n, sizeof(*found.v), by_group);
	s->groups = arena_calloc(&s->arena, found.n + 1, sizeof(*s->groups));
	for (size_t i = 0, k; i < found.n && s->n_groups < max_groups(tp); i = k) {
		k = i + 1;
		while (k < found.n && (found.v[i].basis || found.v[i].of_kind) &&
		       found.v[k].basis == found.v[i].basis &&
		       found.v[k].of_kind == found.v[i].of_kind)
			k++;
		add_group(s, p, &found.v[i], (uint32_t)(k - i));
		s->groups[s->n_groups].number = tp->number * GATE_MAX_GROUPS + s->n_groups;
		s->n_groups++;
	}
	vec_free(&found);
	s->order = arena_calloc(&s->arena, s->n_groups + 1, sizeof(*s->order));
	s->n_open = arena_calloc(&s->arena, s->n_conditions + 1, sizeof(*s->n_open));
	s->n_closed = arena_calloc(&s->arena, (size_t)s->n_groups * s->n_conditions + 1,
				   sizeof(*s->n_closed));
	return s;
}

void gate_set_free(struct gate_set *s)
{
	if (!s)
		return;
	arena_destroy(&s->arena);
	free(s);
}
