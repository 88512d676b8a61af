/* How near a rule came to firing; see near_miss.h. */
#include "cli/near_miss.h"

#include "base/text.h"

#define MAX_GROUPS     1000
#define MAX_VALUES     200 /* of a group */
#define MAX_FIRED_NUMS 20
#define VALUE_CUT      60

void near_miss_init(struct near_miss *m, const struct rule *r, const struct rule_tree *t)
{
	*m = (struct near_miss){ .rule = r, .tree = t };
	m->res = xcalloc(t ? t->n_nodes : 1, 1);
	m->stops = xcalloc(t ? t->n_nodes : 1, sizeof(*m->stops));
}

void near_miss_free(struct near_miss *m)
{
	for (size_t i = 0; i < m->groups.n; i++) {
		explained_free(m->groups.v[i]->example);
		strmap_free(&m->groups.v[i]->values);
	}
	explained_free(m->fired_example);
	vec_free(&m->groups);
	vec_free(&m->fired_nums);
	strmap_free(&m->by_key);
	u64map_free(&m->takers);
	arena_destroy(&m->arena);
	free(m->res);
	free(m->stops);
	vec_free(&m->order);
}

static void note_value(struct near_miss *m, struct near_group *g, struct corpus *c,
		       const struct rule_node *n)
{
	struct strbuf key = STRBUF_INIT;
	struct check_sides s;
	uintptr_t count;

	check_sides(n, c->trees, c->run, &s);
	strbuf_addf(&key, "%u ", n->number);
	if (s.left_present) {
		strbuf_addc(&key, '=');
		strbuf_addstr(&key, strbuf_str(&s.left));
	}
	check_sides_release(&s);
	count = (uintptr_t)strmap_get(&g->values, strbuf_str(&key));
	if (!count && g->values.n >= MAX_VALUES)
		g->other_values++;
	else
		strmap_put(&g->values,
			   count ? strbuf_str(&key) : arena_str(&m->arena, strbuf_str(&key)),
			   (void *)(count + 1));
	strbuf_release(&key);
}

static void missed(struct near_miss *m, struct corpus *c)
{
	uint32_t away = rule_trace_blockers(m->tree, m->res);
	struct strbuf key = STRBUF_INIT;
	struct near_group *g;

	for (uint32_t i = 0; i < m->tree->n_nodes; i++)
		if (m->tree->nodes[i]->kind == RULE_CHECK && (m->res[i] & TRACE_NEEDED)) {
			strbuf_add(&key, &i, sizeof(i));
			m->stops[i]++;
		}
	g = strmap_get(&m->by_key, strbuf_str(&key));
	if (!g && m->groups.n >= MAX_GROUPS) {
		m->other_groups++;
		strbuf_release(&key);
		return;
	}
	if (!g) {
		g = arena_calloc(&m->arena, 1, sizeof(*g));
		g->key = arena_str(&m->arena, strbuf_str(&key));
		g->away = away;
		g->example = explained_new(c, m->tree, m->res, away);
		strmap_put(&m->by_key, g->key, g);
		vec_push(&m->groups, g);
	}
	strbuf_release(&key);
	g->events++;
	for (uint32_t i = 0; i < m->tree->n_nodes; i++)
		if (m->tree->nodes[i]->kind == RULE_CHECK && (m->res[i] & TRACE_NEEDED))
			note_value(m, g, c, m->tree->nodes[i]);
}

static void matched(struct near_miss *m, struct corpus *c, const int *ids, size_t n)
{
	m->fired++;
	if (m->fired_nums.n < MAX_FIRED_NUMS)
		vec_push(&m->fired_nums, c->env.ctx->ev->num);
	if (!m->fired_example) {
		uint32_t away = rule_trace_blockers(m->tree, m->res);

		m->fired_example = explained_new(c, m->tree, m->res, away);
		if (n && ids[0] < m->rule->id)
			m->fired_example->winner = ruleset_rule_by_id(c->rules, ids[0]);
	}
	if (n && ids[0] < m->rule->id) {
		uint64_t key = (uint64_t)ids[0] + 1;

		m->taken++;
		u64map_put(&m->takers, key, (void *)((uintptr_t)u64map_get(&m->takers, key) + 1));
	}
}

bool near_miss_take(struct near_miss *m, struct corpus *c, const int *ids, size_t n)
{
	if (!m->tree)
		return false;
	m->candidates++;
	if (rule_trace(m->tree, c->run, false, m->res)) {
		matched(m, c, ids, n);
		return true;
	}
	missed(m, c);
	return false;
}

bool near_miss_event(struct near_miss *m, struct corpus *c, const int *ids, size_t n)
{
	bool of_type = m->tree && rule_tree_takes(m->tree, c->env.ctx->ev);

	if (!m->tree ||
	    (!of_type && !(m->tree->stateful && rule_tree_sees(m->tree, c->env.ctx->ev))))
		return false;
	if (rule_trace(m->tree, c->run, false, m->res)) {
		m->candidates++;
		matched(m, c, ids, n);
		return true;
	}
	if (of_type) {
		m->candidates++;
		missed(m, c);
	}
	return false;
}

static int cmp_groups(const void *a, const void *b)
{
	const struct near_group *x = *(struct near_group *const *)a;
	const struct near_group *y = *(struct near_group *const *)b;

	if (x->away != y->away)
		return x->away < y->away ? -1 : 1;
	if (x->events != y->events)
		return x->events > y->events ? -1 : 1;
	return x->example->num < y->example->num ? -1 : x->example->num > y->example->num;
}

static int cmp_stops(const void *a, const void *b)
{
	const struct stopper *x = a, *y = b;

	if (x->events != y->events)
		return x->events > y->events ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

void near_miss_sort(struct near_miss *m)
{
	m->order.n = 0;
	for (uint32_t i = 0; m->tree && i < m->tree->n_nodes; i++) {
		struct stopper s = { m->stops[i], i };

		if (m->stops[i])
			vec_push(&m->order, s);
	}
	if (m->order.n)
		qsort(m->order.v, m->order.n, sizeof(*m->order.v), cmp_stops);
	if (m->groups.n)
		qsort(m->groups.v, m->groups.n, sizeof(*m->groups.v), cmp_groups);
}

const struct rule_node *near_miss_stopper(const struct near_miss *m, uint32_t n)
{
	return n < m->order.n ? m->tree->nodes[m->order.v[n].node] : NULL;
}

/* The value of an entry if it is one of `node`. */
static bool value_at(const struct strmap_entry *e, uint32_t node, bool *ret_present,
		     struct str *ret)
{
	ptrdiff_t blank = str_chr(e->key, ' ');
	unsigned long long number;

	if (blank < 0 || !str_to_u64(str_mem(e->key.p, (size_t)blank), &number) || number != node)
		return false;
	*ret = str_from(e->key, (size_t)blank + 1);
	*ret_present = ret->n > 0;
	*ret = str_from(*ret, 1);
	return true;
}

/* The most frequent entry of `node` that is less frequent than `below`, or as frequent and later.
 */
static const struct strmap_entry *next_value(const struct near_group *g, uint32_t node,
					     const struct strmap_entry *last)
{
	const struct strmap_entry *best = NULL;
	struct str value;
	bool present;

	for (size_t i = 0; i < g->values.n; i++) {
		const struct strmap_entry *e = &g->values.entries[i];
		uintptr_t count = (uintptr_t)e->value, limit = last ? (uintptr_t)last->value : 0;

		if (!value_at(e, node, &present, &value))
			continue;
		if (last && (count > limit || (count == limit && e <= last)))
			continue;
		if (!best || count > (uintptr_t)best->value)
			best = e;
	}
	return best;
}

void near_group_values(const struct near_group *g, uint32_t node, unsigned max, struct strbuf *out)
{
	const struct strmap_entry *e = NULL;
	struct str value;
	bool present;
	unsigned n = 0;

	while ((e = next_value(g, node, e)) != NULL) {
		if (n == max) {
			strbuf_adds(out, ", ...");
			break;
		}
		strbuf_adds(out, n++ ? ", " : "was ");
		(void)value_at(e, node, &present, &value);
		if (present) {
			bool cut = value.n > VALUE_CUT;

			strbuf_addc(out, '"');
			text_escape(out, cut ? str_mem(value.p, VALUE_CUT) : value);
			strbuf_adds(out, cut ? "\"..." : "\"");
		} else {
			strbuf_adds(out, "(no value)");
		}
		if (g->events > 1)
			strbuf_addf(out, " (%llu)", (unsigned long long)(uintptr_t)e->value);
	}
}

void near_group_values_json(const struct near_group *g, uint32_t node, struct json_writer *w)
{
	const struct strmap_entry *e = NULL;
	struct str value;
	bool present;

	json_begin_array(w);
	while ((e = next_value(g, node, e)) != NULL) {
		(void)value_at(e, node, &present, &value);
		json_begin_object(w);
		json_key(w, "value");
		if (present)
			json_str(w, value);
		else
			json_nil(w);
		json_key(w, "events");
		json_u64(w, (uintptr_t)e->value);
		json_end_object(w);
	}
	json_end_array(w);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

void near_group_text(const struct near_group *g, unsigned indent, struct strbuf *out)
{
	const struct explained *e = g->example;

	strbuf_addf(out, "%*s%u comparison%s away: %llu event%s%s %llu\n", (int)indent, "", g->away,
		    plural(g->away), (unsigned long long)g->events, plural(g->events),
		    g->events == 1 ? "," : ", the first is", (unsigned long long)e->num);
	for (uint32_t i = 0; i < e->tree->n_nodes; i++) {
		const struct rule_node *n = e->tree->nodes[i];
		if (n->kind != RULE_CHECK || !(e->res[i] & TRACE_NEEDED))
			continue;
		strbuf_addf(out, "%*s", (int)indent + 4, "");
		explained_blocker_text(e, n, out);
		strbuf_adds(out, "   ");
		near_group_values(g, i, 3, out);
		strbuf_adds(out, "   (");
		explained_place(n, out);
		strbuf_adds(out, ")\n");
	}
}

void near_group_json(const struct near_group *g, struct json_writer *w)
{
	const struct explained *e = g->example;

	json_begin_object(w);
	json_key(w, "away");
	json_u64(w, g->away);
	json_key(w, "events");
	json_u64(w, g->events);
	json_key(w, "predicates");
	json_begin_array(w);
	for (uint32_t i = 0; i < e->tree->n_nodes; i++) {
		const struct rule_node *n = e->tree->nodes[i];

		if (n->kind != RULE_CHECK || !(e->res[i] & TRACE_NEEDED))
			continue;
		json_begin_object(w);
		json_key(w, "text");
		json_str(w, n->text);
		json_key(w, "must_be");
		json_bool(w, !(e->res[i] & TRACE_TRUE));
		explained_place_json(n, w);
		json_key(w, "values");
		near_group_values_json(g, i, w);
		json_end_object(w);
	}
	json_end_array(w);
	json_key(w, "example");
	explained_json(e, w);
	json_end_object(w);
}
