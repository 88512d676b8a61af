/* The graph and its programs as text. Node numbers follow the order of the rules: same rules, same
 * text. */
#include "rules/program_internal.h"

static const char *scope_name(uint8_t scope)
{
	static const char *const names[] = { "type", "thread", "thread", "fd", "event" };

	return scope < sizeof(names) / sizeof(*names) ? names[scope] : "?";
}

static void dump_node(const struct program *p, uint32_t id, struct strbuf *out)
{
	const struct node *n = &p->nodes.v[id];
	uint32_t i;

	strbuf_addf(out, "n%u\t%s%s\t%u\t", id, scope_name(n->scope), n->stateful ? "!" : "",
		    n->cost);
	switch (n->kind) {
	case NODE_FALSE:
		strbuf_adds(out, "false");
		break;
	case NODE_TRUE:
		strbuf_adds(out, "true");
		break;
	case NODE_PREDICATE:
		strbuf_addstr(out, n->predicate->text);
		break;
	default:
		strbuf_adds(out, n->kind == NODE_NOT ? "not" : n->kind == NODE_AND ? "and" : "or");
		for (i = 0; i < n->n_kids; i++)
			strbuf_addf(out, " n%u", n->kids[i]);
	}
	strbuf_addc(out, '\n');
}

void program_dump_graph(const struct program *p, struct strbuf *out)
{
	size_t i;

	strbuf_addf(
		out,
		"# %zu conditions, %zu nodes, %zu operands, %u programs\n# node\tscope\tcost\twhat\n",
		p->roots.n, p->nodes.n, p->maker.operands.n, p->n_type_programs);
	for (i = 0; i < p->nodes.n; i++)
		dump_node(p, (uint32_t)i, out);
	for (i = 0; i < p->roots.n; i++)
		strbuf_addf(out, "condition %zu\tn%u\n", i, p->roots.v[i]);
}

void program_dump_type(const struct program *p, unsigned type, struct strbuf *out)
{
	const struct type_program *tp = p->types[type < EVENT_N_TYPES ? type : EVENT_N_TYPES];
	VEC(uint32_t) todo = { 0 };
	struct u64map seen = { 0 };
	uint64_t *sorted;
	uint32_t i, j;
	size_t k;

	if (!tp)
		return;
	for (i = 0; i < tp->n; i++) {
		if (i && tp->conditions[i].id == tp->conditions[i - 1].id)
			continue; /* another alternative */
		strbuf_addf(out, "condition %d\tn%u\n", tp->conditions[i].id,
			    tp->conditions[i].root);
		vec_push(&todo, tp->conditions[i].root);
	}
	while (todo.n) {
		const struct node *n = &p->nodes.v[todo.v[--todo.n]];

		if (u64map_put(&seen, todo.v[todo.n], todo.v))
			continue;
		for (j = 0; j < n->n_kids; j++)
			vec_push(&todo, n->kids[j]);
	}
	sorted = u64map_sorted_keys(&seen);
	for (k = 0; k < seen.n; k++)
		dump_node(p, (uint32_t)sorted[k], out);
	free(sorted);
	u64map_free(&seen);
	vec_free(&todo);
}
