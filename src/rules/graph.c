/* The predicate graph: every predicate and every combination is one node. See program_internal.h.
 */
#include "rules/program_internal.h"

#define COST_MAX 1000000

struct program *program_new(void)
{
	struct program *p = xcalloc(1, sizeof(*p));
	struct node constant = { .thread_bit = UINT32_MAX };

	constant.kind = NODE_FALSE;
	vec_push(&p->nodes, constant);
	constant.kind = NODE_TRUE;
	vec_push(&p->nodes, constant);
	return p;
}

void program_free(struct program *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < p->regexes.n; i++)
		regex_free(p->regexes.v[i]);
	vec_free(&p->regexes);
	vec_free(&p->nodes);
	operand_maker_free(&p->maker);
	vec_free(&p->roots);
	vec_free(&p->sets);
	vec_free(&p->sources);
	vec_free(&p->self_bits);
	vec_free(&p->matchers);
	strmap_free(&p->node_by_key);
	strmap_free(&p->event_names);
	strmap_free(&p->by_list);
	u64map_free(&p->by_macro);
	arena_destroy(&p->arena);
	arena_destroy(&p->build);
	free(p);
}

void program_stand_ins(struct program *p, const struct stand_ins *s)
{
	p->maker.stand_ins = s;
}

void program_source(struct program *p, enum event_source source)
{
	p->maker.of_source = (uint8_t)(source + 1);
}

uint32_t program_node(const struct program *p, int id)
{
	return p->roots.v[id];
}

bool program_remembers(const struct program *p, int id)
{
	return p->nodes.v[p->roots.v[id]].stateful;
}

static uint32_t find(struct program *p, struct str key)
{
	uintptr_t id = (uintptr_t)strmap_get(&p->node_by_key, key);

	return id ? (uint32_t)(id - 1) : ID_ERROR;
}

static void add_thread_bit(struct program *p, struct node *n)
{
	n->thread_bit = p->n_thread_bits++;
	if (n->thread_bit % 64 == 0)
		vec_push(&p->self_bits, 0);
	if (n->scope == SCOPE_SELF)
		p->self_bits.v[n->thread_bit / 64] |= UINT64_C(1) << (n->thread_bit % 64);
}

static uint32_t add(struct program *p, const struct node *n, struct str key)
{
	uint32_t id = (uint32_t)p->nodes.n;

	vec_push(&p->nodes, *n);
	/* Only what would be forgotten otherwise: the memo costs a look at the thread. */
	if (scope_is_of_thread(n->scope) && !n->stateful)
		add_thread_bit(p, &p->nodes.v[id]);
	if (key.p)
		strmap_put(&p->node_by_key, arena_str(&p->arena, key), (void *)(uintptr_t)(id + 1));
	return id;
}

static uint32_t predicate_cost(const struct predicate *pred)
{
	uint32_t cost = pred->left->kind == OPERAND_FIELD ? 0 : 20;

	if (pred->left->kind == OPERAND_FIELD && pred->left->ref.def->flags & FIELD_ARG_DOT)
		cost += 20;
	if (pred->how != COMPARE_ONE)
		cost += 10;
	if (pred->right)
		cost += 10;
	switch (pred->op) {
	case OP_EXISTS:
		cost += 1;
		break;
	case OP_REGEX:
		cost += 60;
		break;
	case OP_GLOB:
	case OP_IGLOB:
		cost += 15;
		break;
	case OP_PMATCH:
		cost += 12;
		break;
	case OP_CONTAINS:
	case OP_ICONTAINS:
	case OP_BCONTAINS:
		cost += 8;
		break;
	default:
		cost += pred->cls == VC_TEXT || pred->cls == VC_BYTES ? 3 : 1;
	}
	return cost;
}

uint32_t graph_predicate(struct program *p, struct predicate *pred, struct str key, bool stateful,
			 uint8_t scope)
{
	struct node n = { .kind = NODE_PREDICATE,
			  .scope = scope,
			  .stateful = stateful,
			  .thread_bit = UINT32_MAX,
			  .predicate = pred };
	uint32_t id = stateful ? ID_ERROR : find(p, key);

	if (id != ID_ERROR)
		return id;
	n.cost = predicate_cost(pred);
	n.of_path = !stateful && operand_is_of_path(pred->left) &&
		    (!pred->right || operand_is_of_path(pred->right));
	n.of_name = !stateful && operand_is_of_name(pred->left) &&
		    (!pred->right || operand_is_of_name(pred->right));
	pred->memo_bit = -1;
	/* What costs more than looking at a string's memo. */
	if (n.cost >= 8 && pred->how == COMPARE_ONE && !pred->right && pred->cls == VC_TEXT &&
	    pred->left->kind == OPERAND_FIELD && !stateful && p->n_memo_bits < 64 &&
	    (pred->op == OP_REGEX || pred->op == OP_GLOB || pred->op == OP_IGLOB ||
	     pred->op == OP_PMATCH || pred->op == OP_CONTAINS || pred->op == OP_ICONTAINS))
		pred->memo_bit = (int8_t)p->n_memo_bits++;
	pred->number = 0;
	if (!stateful && !pred->right && pred->op != OP_REGEX &&
	    pred->left->kind == OPERAND_FIELD && field_has_basis_number(&pred->left->ref))
		pred->number = ++p->n_numbers;
	return add(p, &n, stateful ? (struct str){ NULL, 0 } : key);
}

uint32_t graph_not(struct program *p, uint32_t kid)
{
	const struct node *k = &p->nodes.v[kid];
	struct node n = { .kind = NODE_NOT,
			  .scope = k->scope,
			  .stateful = k->stateful,
			  .of_path = k->of_path,
			  .of_name = k->of_name,
			  .thread_bit = UINT32_MAX,
			  .cost = k->cost,
			  .n_kids = 1 };
	char key[16];
	uint32_t id, *kids;
	struct str text;

	if (kid <= ID_TRUE)
		return kid == ID_TRUE ? ID_FALSE : ID_TRUE;
	if (k->kind == NODE_NOT)
		return k->kids[0];
	text = str_mem(key, 1 + sizeof(kid));
	key[0] = '!';
	memcpy(key + 1, &kid, sizeof(kid));
	id = find(p, text);
	if (id != ID_ERROR)
		return id;
	kids = arena_alloc(&p->arena, sizeof(*kids));
	kids[0] = kid;
	n.kids = kids;
	return add(p, &n, text);
}

/* Children of the same kind become children of this one; false when the result is decided. */
static bool gather(struct program *p, enum node_kind kind, const uint32_t *kids, size_t n,
		   struct strbuf *out)
{
	uint32_t decides = kind == NODE_AND ? ID_FALSE : ID_TRUE;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct node *k = &p->nodes.v[kids[i]];

		if (kids[i] == decides && out->n == 0)
			return false;
		if (kids[i] == decides) {
			/* What stands before it may be stateful: it is still evaluated. */
			strbuf_add(out, &kids[i], sizeof(kids[i]));
			return true;
		}
		if (kids[i] <= ID_TRUE)
			continue;
		if (k->kind == kind)
			strbuf_add(out, k->kids, k->n_kids * sizeof(*k->kids));
		else
			strbuf_add(out, &kids[i], sizeof(kids[i]));
	}
	return true;
}

static bool is_among(const uint32_t *v, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == id)
			return true;
	return false;
}

#define FEW_KIDS 32

static size_t drop_repeated(uint32_t *kids, size_t n, struct program *p)
{
	struct u64map seen = { 0 };
	size_t i, kept = 0;

	if (n <= FEW_KIDS) {
		for (i = 0; i < n; i++)
			if (p->nodes.v[kids[i]].stateful || !is_among(kids, kept, kids[i]))
				kids[kept++] = kids[i];
		return kept;
	}
	for (i = 0; i < n; i++) {
		if (!p->nodes.v[kids[i]].stateful && u64map_put(&seen, kids[i], p))
			continue;
		kids[kept++] = kids[i];
	}
	u64map_free(&seen);
	return kept;
}

/* Stable, so that the graph is the same whenever the rules are. */
static void sort_by_cost(uint32_t *kids, size_t n, const struct program *p)
{
	uint32_t *other = n > 1 ? xreallocarray(NULL, n, sizeof(*other)) : NULL;
	size_t width, i;

	for (width = 1; width < n; width *= 2) {
		for (i = 0; i < n; i += 2 * width) {
			size_t mid = i + width < n ? i + width : n;
			size_t end = i + 2 * width < n ? i + 2 * width : n;
			size_t l = i, r = mid, to = i;

			while (l < mid || r < end)
				other[to++] =
					r >= end || (l < mid && p->nodes.v[kids[l]].cost <=
									p->nodes.v[kids[r]].cost)
						? kids[l++]
						: kids[r++];
		}
		memcpy(kids, other, n * sizeof(*kids));
	}
	free(other);
}

uint32_t graph_join(struct program *p, enum node_kind kind, const uint32_t *kids, size_t n)
{
	struct node node = { .kind = (uint8_t)kind, .thread_bit = UINT32_MAX };
	struct strbuf list = STRBUF_INIT;
	struct str key;
	uint32_t id, *own;
	size_t i, n_own;

	/* One byte in front, so that the list of numbers serves as the key. */
	if (!gather(p, kind, kids, n, &list)) {
		strbuf_release(&list);
		return kind == NODE_AND ? ID_FALSE : ID_TRUE;
	}
	n_own = list.n / sizeof(*own);
	own = xreallocarray(NULL, n_own + 1, sizeof(*own));
	memcpy(own + 1, list.s, list.n);
	own[0] = kind == NODE_AND ? '&' : '|';
	strbuf_release(&list);
	for (i = 1; i <= n_own; i++)
		node.stateful |= p->nodes.v[own[i]].stateful;
	if (!node.stateful && n_own && own[n_own] <= ID_TRUE) {
		id = own[n_own];
		free(own);
		return id;
	}
	n_own = drop_repeated(own + 1, n_own, p);
	if (!node.stateful)
		sort_by_cost(own + 1, n_own, p);
	if (n_own == 0)
		id = kind == NODE_AND ? ID_TRUE : ID_FALSE;
	else
		id = own[1];
	if (n_own > 1) {
		key = str_mem(own, (n_own + 1) * sizeof(*own));
		id = find(p, key);
		if (id == ID_ERROR) {
			node.of_path = node.of_name = true;
			for (i = 1; i <= n_own; i++) {
				const struct node *k = &p->nodes.v[own[i]];

				node.cost += k->cost;
				node.of_path &= k->of_path;
				node.of_name &= k->of_name;
				if (k->scope > node.scope)
					node.scope = k->scope;
			}
			if (node.cost > COST_MAX)
				node.cost = COST_MAX;
			node.n_kids = (uint32_t)n_own;
			node.kids = (uint32_t *)(void *)arena_memdup(&p->arena, own + 1,
								     n_own * sizeof(*own));
			id = add(p, &node, key);
		}
	}
	free(own);
	return id;
}
