/*
 * eyas profile: what rules and their comparisons cost.
 *
 * A rule's time is that of its condition alone, as if there were no other: the engine shares what
 * rules have in common, so all rules together cost less than the sum. A comparison's time is that
 * of its one evaluation for an event, whoever asks first.
 */
#include <stdio.h>
#include <time.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/explained.h"

enum { OPT_SORT = 256, OPT_TOP };

static const struct option_row rows[] = {
	{ OPT_SORT, "sort", "time|checks|matches", "the order (default: time)" },
	{ OPT_TOP, "top", "N", "show the first N rules and comparisons (default: 20; 0: all)" },
	{ 'j', "json", NULL, "JSON, one object" },
	CORPUS_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas profile [OPTION]... -r RULES... TRACE...",
	.about =
		"Tells what each rule and each comparison costs: how often it was looked at, how often it was true, and the\n"
		"time that took.",
	.rows = rows,
	.more = "Times are those of this machine and this run; everything else is the same each time.",
};

enum sort_by { SORT_TIME, SORT_CHECKS, SORT_MATCHES };

struct cost {
	uint64_t checks, matches, ns, ns_matches, max;
};

struct rule_cost {
	const struct rule *rule;
	const struct rule_tree *tree;
	struct cost cost;
};

struct check_cost {
	const struct rule_node *node; /* its first use */
	struct str text;
	size_t n_rules;
	const struct rule *last; /* rule counted last */
	uint64_t seen;           /* event of its last evaluation */
	bool value;
	struct cost cost;
};

struct profile {
	struct corpus corpus;
	struct corpus_options opt;
	VEC(struct rule_cost) rules;
	VEC(struct check_cost) checks;
	struct u64map by_node;   /* node of the program to place in checks, plus one */
	VEC(uint32_t *) of_rule; /* by rule: node number to place in checks */
	enum sort_by sort;
	uint64_t top, events, overhead;
	bool json;
	struct strbuf out;
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What looking at the clock costs itself. */
static uint64_t clock_cost(void)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 1000; i++) {
		uint64_t t = now(), d = now() - t;

		if (d < least)
			least = d;
	}
	return least;
}

static void count(struct profile *p, struct cost *c, bool value, uint64_t began, uint64_t ended)
{
	uint64_t ns = ended - began;

	ns -= ns < p->overhead ? ns : p->overhead;
	c->checks++;
	c->ns += ns;
	if (ns > c->max)
		c->max = ns;
	if (value) {
		c->matches++;
		c->ns_matches += ns;
	}
}

static bool look(struct profile *p, const uint32_t *places, const struct rule_node *n)
{
	struct check_cost *c;
	bool ends;

	switch (n->kind) {
	case RULE_AND:
	case RULE_OR:
		ends = n->kind == RULE_OR;
		for (uint32_t i = 0; i < n->n_kids; i++)
			if (look(p, places, n->kids[i]) == ends)
				return ends;
		return !ends;
	case RULE_NOT:
		return !look(p, places, n->kids[0]);
	case RULE_MACRO:
	case RULE_EXCEPTION:
		return look(p, places, n->kids[0]);
	default:
		break;
	}
	c = &p->checks.v[places[n->number]];
	if (c->seen != p->events || n->stateful) {
		uint64_t t = now();

		c->value = program_value(p->corpus.run, n->condition);
		count(p, &c->cost, c->value, t, now());
		c->seen = p->events;
	}
	return c->value;
}

static bool is_asked(const struct rule_tree *t, const struct event *ev)
{
	return rule_tree_takes(t, ev) || (t->stateful && rule_tree_sees(t, ev));
}

static int on_event(struct corpus *c, void *arg)
{
	struct profile *p = arg;
	const struct event *ev = c->env.ctx->ev;

	p->events++;
	for (size_t i = 0; i < p->rules.n; i++) {
		struct rule_cost *r = &p->rules.v[i];
		bool value;
		uint64_t t;

		if (!is_asked(r->tree, ev))
			continue;
		t = now();
		value = program_eval(c->run, &c->env, r->rule->id);
		count(p, &r->cost, value, t, now());
	}
	program_begin(c->run, &c->env);
	for (size_t i = 0; i < p->rules.n; i++) {
		const struct rule_cost *r = &p->rules.v[i];

		if (is_asked(r->tree, ev))
			look(p, p->of_rule.v[i], r->tree->nodes[0]);
	}
	return 0;
}

static void add_rule(struct profile *p, const struct rule *rule)
{
	const struct rule_tree *t = rule_trees_get(p->corpus.trees, rule);
	const struct program *prog = rule_trees_program(p->corpus.trees);
	struct rule_cost r = { .rule = rule, .tree = t };
	uint32_t *places;

	if (!t)
		return;
	vec_push(&p->rules, r);
	places = xcalloc(t->n_nodes, sizeof(*places));
	vec_push(&p->of_rule, places);
	for (uint32_t i = 0; i < t->n_nodes; i++) {
		const struct rule_node *n = t->nodes[i];
		uint64_t node;
		uintptr_t at;

		if (n->kind != RULE_CHECK)
			continue;
		node = program_node(prog, n->condition);
		at = (uintptr_t)u64map_get(&p->by_node, node + 1);
		if (!at) {
			struct check_cost c = { .node = n, .text = n->text };

			vec_push(&p->checks, c);
			at = p->checks.n;
			u64map_put(&p->by_node, node + 1, (void *)at);
		}
		places[i] = (uint32_t)(at - 1);
		if (p->checks.v[at - 1].last != rule)
			p->checks.v[at - 1].n_rules++;
		p->checks.v[at - 1].last = rule;
	}
}

/* --- report ---------------------------------------------------------------------------------- */

static uint64_t sort_value(const struct cost *c, enum sort_by by)
{
	return by == SORT_TIME ? c->ns : by == SORT_CHECKS ? c->checks : c->matches;
}

/* The order of n costs, the highest first, those alike as they come; malloc'ed. */
static size_t *order(const void *v, size_t n, size_t size, size_t offset, enum sort_by by)
{
	size_t *o = xreallocarray(NULL, n + 1, sizeof(*o)),
	       *tmp = xreallocarray(NULL, n + 1, sizeof(*o));

#define VALUE(i) \
	sort_value((const struct cost *)(const void *)((const char *)v + (i)*size + offset), by)
	for (size_t i = 0; i < n; i++)
		o[i] = i;
	for (size_t w = 1; w < n; w *= 2) {
		for (size_t i = 0; i < n; i += 2 * w) {
			size_t mid = i + w < n ? i + w : n, end = i + 2 * w < n ? i + 2 * w : n;
			size_t l = i, r = mid, to = i;

			while (l < mid || r < end)
				tmp[to++] = r >= end || (l < mid && VALUE(o[l]) >= VALUE(o[r]))
						    ? o[l++]
						    : o[r++];
		}
		memcpy(o, tmp, n * sizeof(*o));
	}
#undef VALUE
	free(tmp);
	return o;
}

static uint64_t average(uint64_t sum, uint64_t n)
{
	return n ? sum / n : 0;
}

static void put_cost(const struct cost *c, uint64_t total, struct strbuf *out)
{
	strbuf_addf(out, "%12llu %6.2f %9llu %9llu %9llu %8llu %10llu %13llu  ",
		    (unsigned long long)c->ns, total ? 100.0 * (double)c->ns / (double)total : 0.0,
		    (unsigned long long)c->checks, (unsigned long long)c->matches,
		    (unsigned long long)c->max, (unsigned long long)average(c->ns, c->checks),
		    (unsigned long long)average(c->ns_matches, c->matches),
		    (unsigned long long)average(c->ns - c->ns_matches, c->checks - c->matches));
}

static void cost_json(const struct cost *c, struct json_writer *w)
{
	json_key(w, "checks");
	json_u64(w, c->checks);
	json_key(w, "matches");
	json_u64(w, c->matches);
	json_key(w, "ns");
	json_u64(w, c->ns);
	json_key(w, "max_ns");
	json_u64(w, c->max);
	json_key(w, "avg_ns");
	json_u64(w, average(c->ns, c->checks));
	json_key(w, "avg_ns_match");
	json_u64(w, average(c->ns_matches, c->matches));
	json_key(w, "avg_ns_no_match");
	json_u64(w, average(c->ns - c->ns_matches, c->checks - c->matches));
}

static size_t limit(const struct profile *p, size_t n)
{
	return p->top && p->top < n ? (size_t)p->top : n;
}

static const char columns[] =
	"        ns      %    Checks   Matches       Max      Avg  Avg Match  Avg No Match  ";

static void put_text(struct profile *p, const size_t *rules, const size_t *checks)
{
	uint64_t all_rules = 0, all_checks = 0;

	for (size_t i = 0; i < p->rules.n; i++)
		all_rules += p->rules.v[i].cost.ns;
	for (size_t i = 0; i < p->checks.n; i++)
		all_checks += p->checks.v[i].cost.ns;
	strbuf_addf(&p->out, "%llu events, %zu rules, %zu different comparisons\n\n",
		    (unsigned long long)p->events, p->rules.n, p->checks.n);
	strbuf_addf(&p->out, "  %s%s", columns, "Rule\n");
	for (size_t i = 0; i < limit(p, p->rules.n); i++) {
		const struct rule_cost *r = &p->rules.v[rules[i]];

		put_cost(&r->cost, all_rules, &p->out);
		text_escape(&p->out, r->rule->name);
		strbuf_addc(&p->out, '\n');
	}
	strbuf_addf(&p->out, "\n  %s%s", columns, "Rules  Comparison\n");
	for (size_t i = 0; i < limit(p, p->checks.n); i++) {
		const struct check_cost *c = &p->checks.v[checks[i]];

		put_cost(&c->cost, all_checks, &p->out);
		strbuf_addf(&p->out, "%5zu  ", c->n_rules);
		explained_node_text(c->node, 80, &p->out);
		strbuf_addc(&p->out, '\n');
	}
}

static void put_json(struct profile *p, const size_t *rules, const size_t *checks)
{
	struct json_writer w;

	json_init(&w, &p->out);
	json_begin_object(&w);
	json_key(&w, "events");
	json_u64(&w, p->events);
	json_key(&w, "rules");
	json_begin_array(&w);
	for (size_t i = 0; i < p->rules.n; i++) {
		const struct rule_cost *r = &p->rules.v[rules[i]];

		json_begin_object(&w);
		json_key(&w, "rule");
		json_str(&w, r->rule->name);
		cost_json(&r->cost, &w);
		json_end_object(&w);
	}
	json_end_array(&w);
	json_key(&w, "predicates");
	json_begin_array(&w);
	for (size_t i = 0; i < p->checks.n; i++) {
		const struct check_cost *c = &p->checks.v[checks[i]];

		json_begin_object(&w);
		json_key(&w, "text");
		json_str(&w, c->text);
		json_key(&w, "rules");
		json_u64(&w, c->n_rules);
		cost_json(&c->cost, &w);
		explained_place_json(c->node, &w);
		json_end_object(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
	strbuf_addc(&p->out, '\n');
}

static int profile(struct profile *p, char *const *traces, size_t n)
{
	size_t *rules, *checks;
	int status, e;

	corpus_confine(&p->opt, NULL, 0, traces, n);
	status = corpus_load(&p->corpus, "eyas profile", &p->opt, p->opt.rules.v, p->opt.rules.n);
	if (status)
		return status;
	for (size_t i = 0; i < ruleset_count(p->corpus.rules); i++) {
		const struct rule *r = ruleset_rule(p->corpus.rules, i);

		if (r->selected && r->id >= 0)
			add_rule(p, r);
	}
	p->overhead = clock_cost();
	status = corpus_walk(&p->corpus, traces, n, on_event, p);
	if (status == EXIT_USAGE || (status == EXIT_FAILED && !p->events))
		return status;
	rules = order(p->rules.v, p->rules.n, sizeof(*p->rules.v), offsetof(struct rule_cost, cost),
		      p->sort);
	checks = order(p->checks.v, p->checks.n, sizeof(*p->checks.v),
		       offsetof(struct check_cost, cost), p->sort);
	if (p->json)
		put_json(p, rules, checks);
	else
		put_text(p, rules, checks);
	free(rules);
	free(checks);
	e = corpus_print(&p->corpus, &p->out);
	return e > status ? e : status;
}

static int take_option(struct profile *p, const struct option_state *st, int key)
{
	static const char *const sorts[] = { "time", "checks", "matches" };
	unsigned long long v;
	int status;

	switch (key) {
	case OPT_SORT:
		for (int i = 0; i < 3; i++) {
			if (!str_eqz(str_of(st->arg), sorts[i]))
				continue;
			p->sort = (enum sort_by)i;
			return EXIT_DONE;
		}
		return option_usage_error(st, "--sort is by time, checks or matches, not '%s'",
					  st->arg);
	case OPT_TOP:
		if (!str_to_u64(str_of(st->arg), &v))
			return option_usage_error(st, "--top needs a number, not '%s'", st->arg);
		p->top = v;
		return EXIT_DONE;
	case 'j':
		p->json = true;
		return EXIT_DONE;
	default:
		corpus_option(&p->opt, st, key, &status);
		return status;
	}
}

int cmd_profile(int argc, char **argv)
{
	struct profile p = { .top = 20, .out = STRBUF_INIT };
	struct option_state st;
	int key, status = EXIT_DONE;

	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take_option(&p, &st, key);
	status = option_outcome(key, status);
	if (!status && !p.opt.rules.n)
		status = option_usage_error(&st, "give the rules with -r");
	else if (!status && !st.operands.n)
		status = option_usage_error(&st, "give a trace");
	if (!status)
		status = profile(&p, st.operands.v, st.operands.n);
	for (size_t i = 0; i < p.of_rule.n; i++)
		free(p.of_rule.v[i]);
	vec_free(&p.of_rule);
	vec_free(&p.rules);
	vec_free(&p.checks);
	u64map_free(&p.by_node);
	strbuf_release(&p.out);
	corpus_free(&p.corpus);
	corpus_options_free(&p.opt);
	option_free(&st);
	return status < 0 ? EXIT_DONE : status;
}
