/*
 * eyas coverage: which rules, comparisons, list items and exceptions a corpus exercises.
 */
#include <stdio.h>

#include "cli/command.h"
#include "cli/coverage.h"

enum { OPT_MISSING = 256, OPT_JSON, OPT_LCOV, OPT_HTML, OPT_NAVIGATOR, OPT_FAIL_UNDER };

static const struct option_row rows[] = {
	{ OPT_MISSING, "missing", NULL, "name all that was not seen, with file and line" },
	{ OPT_JSON, "json", NULL, "JSON, one object a rule" },
	{ OPT_LCOV, "lcov", "FILE", "write an lcov tracefile of the rules' lines" },
	{ OPT_HTML, "html", "FILE", "write a page" },
	{ OPT_NAVIGATOR, "navigator", "FILE",
	  "write an ATT&CK Navigator layer (4.5), from the rules' tags" },
	{ OPT_FAIL_UNDER, "fail-under", "N", "exit 1 if fewer than N percent of the rules fired" },
	CORPUS_JOBS_ROW,
	CORPUS_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas coverage [OPTION]... -r RULES... TRACE...",
	.about =
		"Tells what traces exercise of rules: which rules fired, which comparisons were seen true and false, which\n"
		"items of lists and which exceptions were met.",
	.rows = rows,
};

/* A file to be written besides. */
struct product {
	const char *path;
	void (*make)(const struct coverage *c, struct strbuf *out);
	FILE *f;
};

enum { LCOV, HTML, NAVIGATOR, N_PRODUCTS };

struct command_state {
	struct corpus corpus;
	struct corpus_options opt;
	struct coverage cover;
	struct product products[N_PRODUCTS];
	uint32_t most_nodes; /* of a tree */
	size_t n_items;
	bool missing, json;
	uint64_t fail_under;
};

/* What some events in a row exercise: the counts of struct coverage, added to it when they are
 * taken.
 */
struct counts {
	const struct command_state *s;
	struct cover_rule *rules;
	uint64_t events;
	uint8_t *res;
};

static void hit_item(void *arg, uint32_t item)
{
	((uint64_t *)arg)[item]++;
}

static void count_nodes(struct cover_rule *r, struct corpus *c, const uint8_t *res)
{
	for (uint32_t i = 0; i < r->tree->n_nodes; i++) {
		if (!(res[i] & TRACE_REACHED))
			continue;
		if (res[i] & TRACE_TRUE)
			r->seen_true[i]++;
		else
			r->seen_false[i]++;
		if (r->items[i] && (res[i] & TRACE_TRUE))
			check_items(r->tree->nodes[i], c->trees, c->run, hit_item, r->items[i]);
	}
}

static int on_event(struct corpus *c, void *arg)
{
	struct counts *s = arg;
	const struct event *ev = c->env.ctx->ev;

	program_begin(c->run, &c->env);
	s->events++;
	for (size_t i = 0; i < s->s->cover.rules.n; i++) {
		struct cover_rule *r = &s->rules[i];

		if (!r->tree || !rule_tree_sees(r->tree, ev))
			continue;
		if (!rule_tree_takes(r->tree, ev)) {
			/* Its types were told apart from another. */
			for (uint32_t k = 0; k < r->tree->n_nodes; k++)
				r->seen_false[k] += r->tree->nodes[k]->by_type;
			if (!r->tree->stateful)
				continue;
		} else {
			r->candidates++;
		}
		r->fired += rule_trace(r->tree, c->run, true, s->res);
		count_nodes(r, c, s->res);
	}
	return 0;
}

/* Counters for what is counted of the rule. */
static void make_counters(struct cover_rule *r, const struct cover_rule *like)
{
	const struct rule_tree *t = r->tree;

	r->seen_true = xcalloc(t->n_nodes, sizeof(*r->seen_true));
	r->seen_false = xcalloc(t->n_nodes, sizeof(*r->seen_false));
	r->items = xcalloc(t->n_nodes, sizeof(*r->items));
	for (uint32_t i = 0; like && i < t->n_nodes; i++)
		if (like->items[i])
			r->items[i] = xcalloc(t->nodes[i]->n_items, sizeof(**r->items));
}

static void add_rule(struct command_state *s, const struct rule *rule)
{
	struct cover_rule *r = vec_add(&s->cover.rules);
	const struct rule_tree *t = rule_trees_get(s->corpus.trees, rule);

	r->rule = rule;
	r->tree = t;
	if (!t)
		return;
	make_counters(r, NULL);
	if (t->n_nodes > s->most_nodes)
		s->most_nodes = t->n_nodes;
	for (uint32_t i = 0; i < t->n_nodes; i++) {
		const struct rule_node *n = t->nodes[i];

		if (n->kind != RULE_CHECK || !n->takes_list || !n->n_items)
			continue;
		s->n_items += n->n_items;
		if (s->n_items <= RULE_TREES_MAX_ITEMS) {
			r->items[i] = xcalloc(n->n_items, sizeof(**r->items));
			check_items_prepare(t->nodes[i], s->corpus.trees);
		} else {
			s->cover.uncounted++;
		}
	}
}

static void free_rule(struct cover_rule *r)
{
	for (uint32_t i = 0; r->tree && i < r->tree->n_nodes; i++)
		free(r->items[i]);
	free(r->items);
	free(r->seen_true);
	free(r->seen_false);
}

static void *counts_new(void *arg)
{
	const struct command_state *s = arg;
	struct counts *k = xcalloc(1, sizeof(*k));

	k->s = s;
	k->rules = xcalloc(s->cover.rules.n + 1, sizeof(*k->rules));
	k->res = xcalloc(s->most_nodes + 1, 1);
	for (size_t i = 0; i < s->cover.rules.n; i++) {
		k->rules[i].rule = s->cover.rules.v[i].rule;
		k->rules[i].tree = s->cover.rules.v[i].tree;
		if (k->rules[i].tree)
			make_counters(&k->rules[i], &s->cover.rules.v[i]);
	}
	return k;
}

static void add_counts(struct cover_rule *to, const struct cover_rule *r)
{
	to->candidates += r->candidates;
	to->fired += r->fired;
	for (uint32_t i = 0; r->tree && i < r->tree->n_nodes; i++) {
		to->seen_true[i] += r->seen_true[i];
		to->seen_false[i] += r->seen_false[i];
		for (uint32_t k = 0; r->items[i] && k < r->tree->nodes[i]->n_items; k++)
			to->items[i][k] += r->items[i][k];
	}
}

/* Sums do not depend on which thread counted what. */
static void counts_take(void *arg, void *part)
{
	struct command_state *s = arg;
	const struct counts *k = part;

	s->cover.events += k->events;
	for (size_t i = 0; i < s->cover.rules.n; i++)
		add_counts(&s->cover.rules.v[i], &k->rules[i]);
}

static void counts_free(void *arg, void *part)
{
	struct command_state *s = arg;
	struct counts *k = part;

	for (size_t i = 0; i < s->cover.rules.n; i++)
		free_rule(&k->rules[i]);
	free(k->rules);
	free(k->res);
	free(k);
}

static const struct corpus_each each = {
	.new_part = counts_new,
	.event = on_event,
	.take = counts_take,
	.free_part = counts_free,
};

static int write_products(struct command_state *s, int status)
{
	for (size_t i = 0; i < N_PRODUCTS; i++) {
		struct product *p = &s->products[i];
		struct strbuf out = STRBUF_INIT;
		int e;

		if (!p->path)
			continue;
		p->make(&s->cover, &out);
		e = corpus_write("eyas coverage", p->path, p->f, &out);
		p->f = NULL;
		status = e > status ? e : status;
		strbuf_release(&out);
	}
	return status;
}

static int report(struct command_state *s, int status)
{
	struct strbuf out = STRBUF_INIT;
	struct coverage_sum sum = { 0 };
	bool to_stdout = false;
	int e;

	for (size_t i = 0; i < s->cover.rules.n; i++)
		coverage_sum(&s->cover.rules.v[i], &sum);
	for (size_t i = 0; i < N_PRODUCTS; i++)
		to_stdout |= s->products[i].path && s->products[i].f == stdout;
	status = write_products(s, status);
	if (s->json)
		coverage_json(&s->cover, &out);
	else if (!to_stdout)
		coverage_text(&s->cover, s->missing, &out);
	e = corpus_print(&s->corpus, &out);
	status = e > status ? e : status;
	strbuf_release(&out);
	if (coverage_percent(sum.fired, sum.rules) < (double)s->fail_under) {
		fprintf(stderr, "eyas coverage: %zu of %zu rules fired, which is under %llu %%\n",
			sum.fired, sum.rules, (unsigned long long)s->fail_under);
		status = status > EXIT_TEST_FAILED ? status : EXIT_TEST_FAILED;
	}
	return status;
}

static int coverage(struct command_state *s, char *const *traces, size_t n)
{
	int status;

	for (size_t i = 0; i < N_PRODUCTS; i++) {
		struct product *p = &s->products[i];

		if (p->path && !(p->f = corpus_create("eyas coverage", p->path)))
			return EXIT_FAILED;
	}
	corpus_confine(&s->opt, NULL, 0, traces, n);
	status = corpus_load(&s->corpus, "eyas coverage", &s->opt, s->opt.rules.v, s->opt.rules.n);
	if (status)
		return status;
	s->cover.corpus = &s->corpus;
	for (size_t i = 0; i < ruleset_count(s->corpus.rules); i++) {
		const struct rule *r = ruleset_rule(s->corpus.rules, i);

		if (r->selected && r->id >= 0)
			add_rule(s, r);
	}
	status = corpus_walk_each(&s->corpus, s->opt.jobs, traces, n, &each, s);
	if (status == EXIT_USAGE || (status == EXIT_FAILED && !s->cover.events))
		return status;
	return report(s, status);
}

static int take_option(struct command_state *s, const struct option_state *st, int key)
{
	unsigned long long v;
	int status;

	switch (key) {
	case OPT_MISSING:
		s->missing = true;
		return EXIT_DONE;
	case OPT_JSON:
		s->json = true;
		return EXIT_DONE;
	case OPT_LCOV:
		s->products[LCOV].path = st->arg;
		return EXIT_DONE;
	case OPT_HTML:
		s->products[HTML].path = st->arg;
		return EXIT_DONE;
	case OPT_NAVIGATOR:
		s->products[NAVIGATOR].path = st->arg;
		return EXIT_DONE;
	case OPT_FAIL_UNDER:
		if (!str_to_u64(str_of(st->arg), &v) || v > 100)
			return option_usage_error(
				st, "--fail-under needs a number from 0 to 100, not '%s'", st->arg);
		s->fail_under = v;
		return EXIT_DONE;
	default:
		corpus_option(&s->opt, st, key, &status);
		return status;
	}
}

int cmd_coverage(int argc, char **argv)
{
	struct command_state s = { .products = { [LCOV] = { .make = coverage_lcov },
						 [HTML] = { .make = coverage_html },
						 [NAVIGATOR] = { .make = coverage_navigator } } };
	struct option_state st;
	int key, status = EXIT_DONE;

	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take_option(&s, &st, key);
	status = option_outcome(key, status);
	if (!status && !s.opt.rules.n)
		status = option_usage_error(&st, "give the rules with -r");
	else if (!status && !st.operands.n)
		status = option_usage_error(&st, "give a trace");
	if (!status)
		status = coverage(&s, st.operands.v, st.operands.n);
	for (size_t i = 0; i < N_PRODUCTS; i++)
		if (s.products[i].f && s.products[i].f != stdout)
			fclose(s.products[i].f);
	for (size_t i = 0; i < s.cover.rules.n; i++)
		free_rule(&s.cover.rules.v[i]);
	vec_free(&s.cover.rules);
	corpus_free(&s.corpus);
	corpus_options_free(&s.opt);
	option_free(&st);
	return status < 0 ? EXIT_DONE : status;
}
