/*
 * The graph folded for each event type. Types that answer all type-dependent predicates alike share
 * one program, so folding is done some dozens of times, not once per type.
 */
#include "rules/program_internal.h"

#include <stdlib.h>

#include "base/xalloc.h"

#include "state/state.h"

/* How a type decides a predicate, as far as that can be said of all types. */
enum decision {
	DECIDED_NEVER,    /* it holds for none */
	DECIDED_BY_PARAM, /* it holds for none without this parameter; of others it is not known */
	DECIDED_EACH,     /* answer() says */
};

struct folder {
	struct program *p;
	struct field_env env;
	struct event ev;
	struct event_ctx ctx;
	struct param params[2]; /* of a GENERIC event: its system call */
	uint8_t call[4];
	const struct event_info *name_info; /* a type whose name is known when this one's is */
	struct arena scratch;
	struct compare_scratch compare;
	VEC(uint32_t) predicates;       /* those a type can decide */
	VEC(uint8_t) how;               /* by predicate: enum decision */
	bool *varies;                   /* by node: one of those is in it */
	uint8_t *answers;               /* by node: 0 unknown, 1 false, 2 true */
	uint32_t *folded;               /* by node, ID_ERROR: not yet */
	size_t n_nodes;                 /* when the build began: folding adds more */
	const struct field_def *number; /* evt.num */
	/* What most predicates in a row ask for: its value in the slot in hand, or NULL. */
	const struct operand *evaluated;
	struct operand_values value;
};

/* The field has no value in any event of this type. */
static bool never_present(const struct operand *op, const struct event_info *info)
{
	uint32_t i;

	if (op->kind == OPERAND_FIELD)
		return field_has_no_value(op->ref.def) ||
		       (op->ref.param_of && info && op->ref.param_of[info->type] < 0);
	for (i = 0; i < op->n_kids; i++)
		if (never_present(op->kids[i], info))
			return true;
	return false;
}

/* "evt.num = 0", as rules write what never holds: events are counted from 1. */
static bool never_holds(const struct folder *f, const struct predicate *pred)
{
	return pred->left->kind == OPERAND_FIELD && pred->left->ref.def == f->number &&
	       pred->op == OP_EQ && !pred->right && pred->n == 1 && pred->c[0].u == 0;
}

/* "proc.name in ()", of a list that is meant to be filled in. */
static bool never_among(const struct predicate *pred)
{
	return (pred->op == OP_IN || pred->op == OP_INTERSECTS) && !pred->right && pred->n == 0;
}

static bool follows_from_type(const struct folder *f, const struct operand *op)
{
	uint32_t i;

	if (op->kind == OPERAND_FIELD)
		return !op->stateful && field_scope_in(&op->ref, f->name_info) == SCOPE_TYPE;
	for (i = 0; i < op->n_kids; i++)
		if (!follows_from_type(f, op->kids[i]))
			return false;
	return true;
}

/* Some type might decide it. */
static bool may_fold(const struct folder *f, const struct operand *op)
{
	const struct event_info *any = event_info(EVT_SYSCALL_OPEN_X);
	uint32_t i;

	if (op->kind == OPERAND_FIELD)
		return op->ref.param_of || op->ref.def == f->number ||
		       field_has_no_value(op->ref.def) ||
		       field_scope_in(&op->ref, any) == SCOPE_TYPE;
	for (i = 0; i < op->n_kids; i++)
		if (may_fold(f, op->kids[i]))
			return true;
	return false;
}

static bool is_stateful(const struct predicate *pred)
{
	return pred->left->stateful || (pred->right && pred->right->stateful);
}

static enum decision decision_of(const struct folder *f, const struct predicate *pred)
{
	if (is_stateful(pred))
		return DECIDED_EACH;
	if (never_holds(f, pred) || never_among(pred) || never_present(pred->left, NULL))
		return DECIDED_NEVER;
	if (pred->left->kind == OPERAND_FIELD && pred->left->ref.param_of && !pred->right)
		return DECIDED_BY_PARAM;
	return DECIDED_EACH;
}

static uint8_t answer(struct folder *f, const struct predicate *pred, const struct event_info *info)
{
	struct operand_values r = { false, 0, NULL };

	if (is_stateful(pred))
		return 0;
	if (never_present(pred->left, info) || (pred->right && never_present(pred->right, info)))
		return 1;
	if (!follows_from_type(f, pred->left) ||
	    (pred->right && !follows_from_type(f, pred->right)))
		return 0;
	if (f->evaluated != pred->left)
		f->value = operand_eval(pred->left, NULL, &f->env);
	f->evaluated = pred->left;
	if (pred->right)
		r = operand_eval(pred->right, NULL, &f->env);
	return predicate_compare(pred, &f->compare, &f->value, &r) ? 2 : 1;
}

static uint32_t fold(struct folder *f, uint32_t id);

/* The kids of a combination folded; false when one of them decides it: those behind are not looked
 * at. */
static bool fold_kids(struct folder *f, const struct node *n, uint32_t *ret)
{
	uint32_t decides = n->kind == NODE_AND ? ID_FALSE : ID_TRUE;

	for (uint32_t i = 0; i < n->n_kids; i++) {
		ret[i] = fold(f, n->kids[i]);
		/* What is stateful is evaluated also before what decides. */
		if (ret[i] == decides && !n->stateful)
			return false;
	}
	return true;
}

static uint32_t fold(struct folder *f, uint32_t id)
{
	const struct node n = f->p->nodes.v[id]; /* the array may grow below */
	uint32_t *kids, r = id;

	if (!f->varies[id])
		return id;
	if (f->folded[id] != ID_ERROR)
		return f->folded[id];
	switch (n.kind) {
	case NODE_PREDICATE:
		if (f->answers[id])
			r = f->answers[id] == 2 ? ID_TRUE : ID_FALSE;
		break;
	case NODE_NOT:
		r = graph_not(f->p, fold(f, n.kids[0]));
		break;
	case NODE_AND:
	case NODE_OR:
		kids = xreallocarray(NULL, n.n_kids, sizeof(*kids));
		if (fold_kids(f, &n, kids))
			r = graph_join(f->p, (enum node_kind)n.kind, kids, n.n_kids);
		else
			r = n.kind == NODE_AND ? ID_FALSE : ID_TRUE;
		free(kids);
		break;
	default:
		break;
	}
	f->folded[id] = r;
	return r;
}

/* The source of the events of a slot. A PLUGINEVENT of an unknown plugin never gets that far. */
static enum event_source slot_source(unsigned slot)
{
	return slot == EVT_PLUGINEVENT_E ? SOURCE_K8S_AUDIT : SOURCE_SYSCALL;
}

typedef VEC(uint32_t) node_list;

static void add_part(const struct program *p, uint32_t id, node_list *parts)
{
	const struct node *n = &p->nodes.v[id];

	if (n->kind != NODE_AND) {
		vec_push(parts, id);
		return;
	}
	for (uint32_t i = 0; i < n->n_kids; i++)
		vec_push(parts, n->kids[i]);
}

/* By what its parts follow from; see struct type_condition. */
static void split(struct folder *f, struct type_condition *c, const node_list *parts)
{
	node_list of[3] = { 0 };
	size_t i, k;

	for (i = 0; i < parts->n; i++) {
		const struct node *part = &f->p->nodes.v[parts->v[i]];

		k = scope_is_of_thread(part->scope) ? 0 : part->of_path ? 1 : 2;
		vec_push(&of[k], parts->v[i]);
	}
	c->of_thread = graph_join(f->p, NODE_AND, of[0].v, of[0].n);
	c->of_path = graph_join(f->p, NODE_AND, of[1].v, of[1].n);
	c->rest = graph_join(f->p, NODE_AND, of[2].v, of[2].n);
	for (i = 0, k = 0; i < of[2].n; i++)
		if (f->p->nodes.v[of[2].v[i]].of_name)
			of[2].v[k++] = of[2].v[i];
	c->of_name = graph_join(f->p, NODE_AND, of[2].v, k);
	for (k = 0; k < 3; k++)
		vec_free(&of[k]);
}

/* Of a condition; each of them takes a bit and is asked for by itself. */
#define MAX_ALTERNATIVES 8

/* "a or (b and c)" with more than one field: each alternative says more than both do. */
static bool has_alternatives(const struct program *p, uint32_t id)
{
	const struct node *n = &p->nodes.v[id];

	if (n->kind != NODE_OR || n->n_kids > MAX_ALTERNATIVES)
		return false;
	for (uint32_t i = 0; i < n->n_kids; i++)
		if (p->nodes.v[n->kids[i]].kind == NODE_AND)
			return true;
	return false;
}

/*
 * Adds a condition: as one, or, where there is room for so many more, one for each alternative of
 * one of its parts.
 */
static void add_condition(struct folder *f, struct type_program *tp, int id, uint32_t root,
			  uint32_t *room)
{
	struct type_condition c = { id, root, ID_TRUE, ID_TRUE, root, ID_TRUE, NULL, 0 };
	struct node choice = { .n_kids = 0 }; /* the array may grow below */
	node_list parts = { 0 };
	size_t at = 0, n_fixed;

	if (f->p->nodes.v[root].stateful) {
		tp->conditions[tp->n++] = c;
		return;
	}
	add_part(f->p, root, &parts);
	while (at < parts.n && !has_alternatives(f->p, parts.v[at]))
		at++;
	if (at < parts.n && f->p->nodes.v[parts.v[at]].n_kids - 1 <= *room) {
		choice = f->p->nodes.v[parts.v[at]];
		*room -= choice.n_kids - 1;
		parts.v[at] = parts.v[--parts.n];
	}
	n_fixed = parts.n;
	for (uint32_t i = 0; i == 0 || i < choice.n_kids; i++) {
		parts.n = n_fixed;
		if (choice.n_kids)
			add_part(f->p, choice.kids[i], &parts);
		split(f, &c, &parts);
		tp->of_path |= c.of_path != ID_TRUE;
		tp->conditions[tp->n++] = c;
	}
	vec_free(&parts);
}

static struct type_program *build_program(struct folder *f, const uint8_t *enabled,
					  enum event_source source)
{
	struct program *p = f->p;
	struct type_program *tp = arena_calloc(&p->build, 1, sizeof(*tp));
	node_list roots = { 0 };
	uint32_t n = 0, room;
	size_t i;

	memset(f->folded, 0xff, f->n_nodes * sizeof(*f->folded));
	for (i = 0; i < p->roots.n; i++) {
		uint32_t root = ID_FALSE;

		if (!enabled || enabled[i] & 1u << source)
			root = fold(f, p->roots.v[i]);
		n += root != ID_FALSE;
		vec_push(&roots, root);
	}
	/* Not beyond the words that are needed anyway. */
	room = (n + 63) / 64 * 64 - n;
	tp->conditions = arena_alloc(&p->build, (n + room + 1) * sizeof(*tp->conditions));
	for (i = 0; i < roots.n; i++)
		if (roots.v[i] != ID_FALSE)
			add_condition(f, tp, (int)i, roots.v[i], &room);
	vec_free(&roots);
	tp->n_words = (tp->n + 63) / 64;
	tp->number = p->n_type_programs++;
	if (tp->n_words > p->max_words)
		p->max_words = tp->n_words;
	return tp;
}

/* The event of a slot that holds nothing but its type, or its system call. */
static const struct event_info *set_event(struct folder *f, unsigned slot)
{
	const struct event_info *info = slot < EVENT_N_TYPES ? event_info(slot) : NULL;
	unsigned sc = slot - SLOT_CALLS;

	memset(&f->ev, 0, sizeof(f->ev));
	f->ev.tid = EVENT_NO_TID;
	f->name_info = info;
	if (slot >= SLOT_CALLS && syscall_info(sc)) {
		info = event_info(EVT_GENERIC_X);
		f->name_info = event_info(EVT_SYSCALL_OPEN_X);
		put_le16(f->call, (uint16_t)sc);
		f->params[0] = (struct param){ f->call, 2 };
		f->ev.params = f->params;
		f->ev.n_params = 1;
	}
	f->ev.type = info ? info->type : EVENT_N_TYPES;
	f->ev.info = info;
	return info;
}

/* Evaluates all predicates that the type decides; the answers are what types are told apart by. */
static void answer_all(struct folder *f, unsigned slot, uint8_t *ret)
{
	const struct event_info *info = set_event(f, slot);
	size_t i;

	for (i = 0; i < f->predicates.n; i++) {
		uint32_t id = f->predicates.v[i];
		const struct predicate *pred = f->p->nodes.v[id].predicate;
		uint8_t a;

		if (!info)
			a = 0;
		else if (f->how.v[i] == DECIDED_EACH)
			a = answer(f, pred, info);
		else
			a = f->how.v[i] == DECIDED_NEVER ||
			    pred->left->ref.param_of[info->type] < 0;
		ret[i] = f->answers[id] = a;
	}
	arena_reset(&f->scratch);
	f->evaluated = NULL;
}

/*
 * What program_wants() says of GENERIC, by the number in its first parameter. Number 0 may stand
 * for any call of an i386 program, others without a row for GENERIC itself: as in type_slot().
 */
static void note_calls(struct program *p)
{
	bool any = p->types[EVT_GENERIC_X]->n > 0;
	unsigned sc;

	memset(p->calls, 0, sizeof(p->calls));
	for (sc = 0; sc < SYSCALL_N; sc++) {
		bool wanted = p->types[syscall_info(sc) ? SLOT_CALLS + sc : EVT_GENERIC_X]->n > 0;

		any |= wanted;
		if (wanted)
			p->calls[sc / 64] |= UINT64_C(1) << (sc % 64);
	}
	p->calls[0] |= any;
}

/* All parameters of events of a type but what was read or written; 0: that is looked at, too. */
static uint32_t without_payload(const struct program *p, unsigned type, const bool *payload)
{
	const struct event_info *info = event_info(type);
	int param = info ? event_payload_param(info) : -1;
	size_t i;

	if (param < 0 || param >= 32)
		return 0;
	for (i = 0; i < p->types[type]->n; i++)
		if (payload[p->types[type]->conditions[i].id])
			return 0;
	return ~(UINT32_C(1) << param);
}

void program_wants(const struct program *p, const bool *payload, struct event_wants *ret)
{
	bool compared = false;
	size_t i;

	event_wants_none(ret);
	for (i = 0; i < p->maker.operands.n; i++)
		compared |= operand_is_of_payload(p->maker.operands.v[i]);
	for (i = 0; i < EVENT_N_TYPES; i++) {
		if (!p->types[i]->n)
			continue;
		ret->of[i].how = WANT_ALL;
		if (!compared)
			ret->of[i].params = without_payload(p, (unsigned)i, payload);
	}
	/* Numbers beyond the table, which are GENERIC itself, are wanted in any case. */
	ret->of[EVT_GENERIC_X] = (struct event_want){
		.how = WANT_VALUES,
		.n_values = SYSCALL_N,
		.values = p->calls,
	};
	for (i = 0; i < p->maker.operands.n; i++)
		ret->memory |= operand_is_of_memory(p->maker.operands.v[i]);
}

void program_build(struct program *p, const uint8_t *enabled)
{
	struct folder f = {
		.p = p,
		.n_nodes = p->nodes.n,
		.number = field_find(STR("evt.num")),
	};
	struct strmap by_answers = { 0 };
	uint8_t *answers;
	unsigned t;
	uint32_t i;

	arena_reset(&p->build);
	p->n_type_programs = p->max_words = 0;
	p->by_source = enabled != NULL;
	p->sources.n = 0;
	for (i = 0; enabled && i < p->roots.n; i++)
		vec_push(&p->sources, enabled[i]);
	f.ctx.ev = &f.ev;
	f.ctx.fd_num = -1;
	f.env.ctx = &f.ctx;
	f.env.arena = &f.scratch;
	f.env.memory = field_state_new();
	f.compare.regex = regex_scratch_new();
	f.answers = xcalloc(f.n_nodes, 1);
	f.folded = xreallocarray(NULL, f.n_nodes, sizeof(*f.folded));
	f.varies = xcalloc(f.n_nodes, sizeof(*f.varies));
	/* A node has a greater number than its kids. */
	for (i = 0; i < f.n_nodes; i++) {
		const struct node *n = &p->nodes.v[i];
		const struct predicate *pred = n->kind == NODE_PREDICATE ? n->predicate : NULL;

		if (pred && (never_among(pred) || may_fold(&f, pred->left) ||
			     (pred->right && may_fold(&f, pred->right)))) {
			vec_push(&f.predicates, i);
			vec_push(&f.how, (uint8_t)decision_of(&f, pred));
			f.varies[i] = true;
		}
		for (uint32_t k = 0; k < n->n_kids; k++)
			f.varies[i] |= f.varies[n->kids[k]];
	}
	for (t = 0; t < N_TYPE_SLOTS; t++) {
		struct str key;

		answers = arena_alloc(&p->build, f.predicates.n + 1);
		answer_all(&f, t, answers);
		answers[f.predicates.n] = enabled ? (uint8_t)slot_source(t) : 0;
		key = str_mem(answers, f.predicates.n + 1);
		p->types[t] = strmap_get(&by_answers, key);
		if (!p->types[t]) {
			p->types[t] = build_program(&f, enabled, slot_source(t));
			strmap_put(&by_answers, key, p->types[t]);
		}
	}
	note_calls(p);
	program_make_matchers(p);
	p->n_builds++;
	strmap_free(&by_answers);
	vec_free(&f.predicates);
	vec_free(&f.how);
	free(f.answers);
	free(f.folded);
	free(f.varies);
	regex_scratch_free(f.compare.regex);
	path_walk_free(&f.compare.walk);
	field_state_free(f.env.memory);
	arena_destroy(&f.scratch);
}
