/* Trees evaluated on an event; see rule_trace.h. */
#include "rules/rule_trace.h"

#include "rules/program_internal.h"

struct tracer {
	struct program_run *run;
	uint8_t *res;
	bool reached_only, stateful;
};

static bool trace(struct tracer *t, const struct rule_node *n, bool reached)
{
	bool value = false, decided = false, ends;

	if (!reached && (t->reached_only || t->stateful)) {
		/* Something below may be one that must not be looked at. */
		t->res[n->number] = 0;
		for (uint32_t i = 0; i < n->n_kids; i++)
			trace(t, n->kids[i], false);
		return false;
	}
	switch (n->kind) {
	case RULE_AND:
	case RULE_OR:
		ends = n->kind == RULE_OR;
		for (uint32_t i = 0; i < n->n_kids; i++)
			if (trace(t, n->kids[i], reached && !decided) == ends && !decided &&
			    t->res[n->kids[i]->number] & TRACE_KNOWN)
				decided = true;
		value = decided == ends;
		break;
	case RULE_NOT:
		value = !trace(t, n->kids[0], reached);
		break;
	case RULE_MACRO:
	case RULE_EXCEPTION:
		value = trace(t, n->kids[0], reached);
		break;
	case RULE_CHECK:
		value = program_value(t->run, n->condition);
		break;
	}
	t->res[n->number] =
		(uint8_t)((value ? TRACE_TRUE : 0) | (reached ? TRACE_REACHED : 0) | TRACE_KNOWN);
	return value;
}

bool rule_trace(const struct rule_tree *t, struct program_run *run, bool reached_only, uint8_t *ret)
{
	struct tracer tr = { run, ret, reached_only, t->stateful };

	return trace(&tr, t->nodes[0], true);
}

/* How many comparisons must change for n to be `want`. */
static uint32_t needed(const struct rule_node *n, const uint8_t *res, bool want)
{
	uint32_t sum = 0, least = UINT32_MAX;

	if (!(res[n->number] & TRACE_KNOWN) || ((res[n->number] & TRACE_TRUE) != 0) == want)
		return 0;
	switch (n->kind) {
	case RULE_CHECK:
		return 1;
	case RULE_NOT:
		return needed(n->kids[0], res, !want);
	case RULE_MACRO:
	case RULE_EXCEPTION:
		return needed(n->kids[0], res, want);
	default:
		for (uint32_t i = 0; i < n->n_kids; i++) {
			uint32_t k = needed(n->kids[i], res, want);

			sum += k;
			if (k < least)
				least = k;
		}
		return (n->kind == RULE_AND) == want ? sum : least;
	}
}

static void mark(const struct rule_node *n, uint8_t *res, bool want)
{
	uint32_t best = UINT32_MAX, which = 0;

	if (!(res[n->number] & TRACE_KNOWN) || ((res[n->number] & TRACE_TRUE) != 0) == want)
		return;
	res[n->number] |= TRACE_NEEDED;
	switch (n->kind) {
	case RULE_CHECK:
		return;
	case RULE_NOT:
		mark(n->kids[0], res, !want);
		return;
	case RULE_MACRO:
	case RULE_EXCEPTION:
		mark(n->kids[0], res, want);
		return;
	default:
		break;
	}
	if ((n->kind == RULE_AND) == want) {
		for (uint32_t i = 0; i < n->n_kids; i++)
			mark(n->kids[i], res, want);
		return;
	}
	for (uint32_t i = 0; i < n->n_kids; i++) {
		uint32_t k = needed(n->kids[i], res, want);

		if (k < best) {
			best = k;
			which = i;
		}
	}
	mark(n->kids[which], res, want);
}

uint32_t rule_trace_blockers(const struct rule_tree *t, uint8_t *res)
{
	bool want = !(res[0] & TRACE_TRUE);

	for (uint32_t i = 0; i < t->n_nodes; i++)
		res[i] &= (uint8_t)~TRACE_NEEDED;
	mark(t->nodes[0], res, want);
	return needed(t->nodes[0], res, want);
}

static uint32_t clauses(const struct rule_node *n, const uint8_t *res, uint32_t *held)
{
	uint32_t sum = 0;

	if (n->kind == RULE_MACRO)
		return clauses(n->kids[0], res, held);
	if (n->kind != RULE_AND) {
		*held += (res[n->number] & TRACE_TRUE) != 0;
		return 1;
	}
	for (uint32_t i = 0; i < n->n_kids; i++)
		sum += clauses(n->kids[i], res, held);
	return sum;
}

uint32_t rule_trace_clauses(const struct rule_tree *t, const uint8_t *res, uint32_t *ret_held)
{
	*ret_held = 0;
	return clauses(t->nodes[0], res, ret_held);
}

static const struct predicate *predicate_of(const struct rule_node *n, const struct rule_trees *ts)
{
	const struct program *p = rule_trees_program(ts);

	return n->condition < 0 ? NULL : p->nodes.v[p->roots.v[n->condition]].predicate;
}

static void put_values(const struct operand *op, const struct operand_values *v, struct strbuf *out)
{
	struct values vals = { (struct value *)(uintptr_t)v->v, v->n, v->n, NULL };

	if (op->kind == OPERAND_FIELD) {
		values_text(&op->ref, &vals, out);
		return;
	}
	if (v->n != 1)
		strbuf_addc(out, '(');
	for (uint32_t i = 0; i < v->n; i++) {
		if (i)
			strbuf_addc(out, ',');
		value_text(&v->v[i], out);
	}
	if (v->n != 1)
		strbuf_addc(out, ')');
}

void check_sides(const struct rule_node *n, const struct rule_trees *ts, struct program_run *run,
		 struct check_sides *ret)
{
	const struct predicate *pred = predicate_of(n, ts);
	struct operand_values v;

	*ret = (struct check_sides){ .left = STRBUF_INIT, .right = STRBUF_INIT };
	if (!pred || n->stateful)
		return;
	v = program_operand(run, pred->left);
	ret->left_present = v.present;
	if (v.present)
		put_values(pred->left, &v, &ret->left);
	if (!pred->right)
		return;
	ret->has_right = true;
	v = program_operand(run, pred->right);
	ret->right_present = v.present;
	if (v.present)
		put_values(pred->right, &v, &ret->right);
}

void check_sides_release(struct check_sides *s)
{
	strbuf_release(&s->left);
	strbuf_release(&s->right);
}

/* pmatch has one tree of all its paths: one of a single path says whether that one was it. */
void check_items_prepare(struct rule_node *n, struct rule_trees *ts)
{
	const struct predicate *pred = predicate_of(n, ts);
	struct arena *a = &rule_trees_program(ts)->arena;

	if (!pred || pred->right || pred->op != OP_PMATCH || n->n_items != pred->n || n->item_paths)
		return;
	n->item_paths = arena_calloc(a, pred->n + 1, sizeof(struct path_set *));
	for (uint32_t i = 0; i < pred->n; i++) {
		n->item_paths[i] = path_set_new(a);
		path_set_add(n->item_paths[i], pred->c[i].text, a);
	}
}

void check_items(const struct rule_node *n, struct rule_trees *ts, struct program_run *run,
		 void (*hit)(void *arg, uint32_t item), void *arg)
{
	const struct predicate *pred = predicate_of(n, ts);
	struct operand_values v;
	const struct path_set *path;

	if (!pred || pred->right || n->stateful || n->n_items != pred->n ||
	    (pred->op == OP_PMATCH && !n->item_paths))
		return;
	v = program_operand(run, pred->left);
	for (uint32_t i = 0; v.present && i < pred->n; i++) {
		path = pred->op == OP_PMATCH ? n->item_paths[i] : NULL;
		for (uint32_t k = 0; k < v.n; k++) {
			if (!program_compare_item(run, pred, &v.v[k], i, path))
				continue;
			hit(arg, i);
			break;
		}
	}
}
