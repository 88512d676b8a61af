/* Mutants against tests; see mutation.h. */
#include "testing/mutation.h"

#define HITS_MAX  2000  /* alerts kept of one mutant and trace: no test tells more apart */
#define BATCH_MAX 30000 /* conditions in one program */

struct hit {
	int id;
	const struct fired *fired;
};

/* What came of one trace. */
struct unit_hits {
	struct arena arena;
	VEC(struct hit) hits;       /* in order of events */
	const struct fired **by_id; /* grouped by condition */
	uint32_t *start;            /* of each condition's, and the end */
};

struct batch {
	struct test_run *run;
	struct test_rules *rules;
	struct program *program;
	size_t n_ids;
	VEC(struct rule_mutants *) of_id; /* whose condition it is */
	VEC(uint8_t) sources;             /* by condition, as program_build() takes them */
	VEC(int) original;                /* by index in `members`: the rule's own id */
	VEC(struct rule_mutants *) members;
	struct unit_hits *units;
};

struct collector {
	struct batch *b;
	struct program_run *run;
	struct unit_hits *out;
	uint32_t *n_hits; /* by condition */
	int *ids;
};

static int on_event(void *arg, const struct field_env *env)
{
	struct collector *c = arg;
	size_t n = program_match(c->run, env, false, c->ids);
	const struct rule_mutants *last = NULL;
	const struct fired *fired = NULL;

	/* Conditions of one rule stand together: its alert is made once. */
	for (size_t i = 0; i < n; i++) {
		const struct rule_mutants *rm = c->b->of_id.v[c->ids[i]];
		struct hit h = { .id = c->ids[i] };

		if (c->n_hits[h.id] == HITS_MAX)
			continue;
		c->n_hits[h.id]++;
		if (rm != last) {
			fired = fired_new(rm->rule, env, &c->out->arena);
			last = rm;
		}
		h.fired = fired;
		vec_push(&c->out->hits, h);
	}
	return 0;
}

static void group_hits(struct unit_hits *u, size_t n_ids)
{
	uint32_t *at = xcalloc(n_ids + 1, sizeof(*at));

	u->start = xcalloc(n_ids + 1, sizeof(*u->start));
	u->by_id = xcalloc(u->hits.n + 1, sizeof(*u->by_id));
	for (size_t i = 0; i < u->hits.n; i++)
		u->start[u->hits.v[i].id + 1]++;
	for (size_t i = 0; i < n_ids; i++)
		u->start[i + 1] += u->start[i];
	memcpy(at, u->start, n_ids * sizeof(*at));
	for (size_t i = 0; i < u->hits.n; i++)
		u->by_id[at[u->hits.v[i].id]++] = u->hits.v[i].fired;
	free(at);
	vec_free(&u->hits);
}

static void collect(void *arg, size_t i)
{
	struct batch *b = arg;
	const struct replay_unit *unit = b->run->units.v[i];
	struct collector c = { .b = b, .out = &b->units[i] };
	struct unit_visitor v = { &c, on_event };
	struct diag diag;

	if (unit->rules != b->rules)
		return;
	diag_init(&diag);
	c.run = program_run_new(b->program);
	c.ids = xcalloc(b->n_ids + 1, sizeof(*c.ids));
	c.n_hits = xcalloc(b->n_ids + 1, sizeof(*c.n_hits));
	/* It was walked before without an error. */
	(void)replay_unit_walk(unit, &v, &diag, NULL);
	group_hits(c.out, b->n_ids);
	program_run_free(c.run);
	free(c.ids);
	free(c.n_hits);
	diag_free(&diag);
}

static int add_condition(struct batch *b, struct rule_mutants *rm, const struct ast *tree,
			 struct arena *a)
{
	enum event_source source = event_source_by_name(rm->rule->source);
	check_problems problems = { 0 };
	int id;

	program_source(b->program, source);
	id = program_add(b->program, tree, a, &problems);
	vec_free(&problems);
	if (id >= 0) {
		vec_push(&b->of_id, rm);
		vec_push(&b->sources, (uint8_t)(1u << source));
	}
	return id;
}

static void add_rule(struct batch *b, struct rule_mutants *rm, struct arena *a)
{
	vec_push(&b->members, rm);
	vec_push(&b->original, add_condition(b, rm, rm->rule->ast, a));
	for (size_t i = 0; i < rm->mutants.n; i++) {
		struct mutant *mu = &rm->mutants.v[i];

		if (mu->tree) {
			mu->id = add_condition(b, rm, mu->tree, a);
			mu->invalid = mu->id < 0;
		}
	}
}

/* A mutant counts unless it is its rule again, or one that was counted already. */
static void find_equivalent(const struct batch *b, struct rule_mutants *rm, int original)
{
	for (size_t i = 0; i < rm->mutants.n; i++) {
		struct mutant *mu = &rm->mutants.v[i];

		if (mu->invalid || !mu->tree)
			continue;
		mu->equivalent = program_same(b->program, mu->id, original);
		for (size_t k = 0; k < i && !mu->equivalent; k++)
			mu->equivalent = rm->mutants.v[k].id >= 0 && !rm->mutants.v[k].equivalent &&
					 program_same(b->program, mu->id, rm->mutants.v[k].id);
	}
}

/* A test looks at the alerts of a rule: of it alone, or of it among others. */
static bool looks_at(const struct rule_test *t, const struct rule *rule)
{
	if (!t->rule.n)
		return true;
	return str_eq(t->rule, rule->name);
}

struct alerts {
	const struct fired *const *v;
	size_t n;
};

static struct alerts hits_of(const struct unit_hits *u, int id)
{
	return (struct alerts){ u->by_id + u->start[id], u->start[id + 1] - u->start[id] };
}

static bool same_alerts(struct alerts a, struct alerts b)
{
	/* An event's alert is one object, whichever of a rule's conditions raised it. */
	return a.n == b.n && (!a.n || memcmp(a.v, b.v, a.n * sizeof(*a.v)) == 0);
}

struct trial {
	struct judge *judge;
	const struct test_result *result;
	const struct rule_mutants *rm;
	VEC(const struct fired *) list;
};

/* The test's verdict with these alerts of the rule, and those of others as they were. */
static bool passes(struct trial *t, struct alerts of_rule)
{
	const struct rule_test *test = t->result->test;

	if (test->rule.n)
		return judge_alerts(t->judge, test, of_rule.v, of_rule.n, NULL);
	t->list.n = 0;
	for (size_t i = 0; i < of_rule.n; i++)
		vec_push(&t->list, of_rule.v[i]);
	for (size_t i = 0; i < t->result->unit->alerts.n; i++)
		if (t->result->unit->alerts.v[i]->rule != t->rm->rule)
			vec_push(&t->list, t->result->unit->alerts.v[i]);
	return judge_alerts(t->judge, test, t->list.v, t->list.n, NULL);
}

static void try_mutants(struct batch *b, struct rule_mutants *rm, int original, struct judge *judge,
			const struct test_result *res, size_t unit)
{
	struct trial t = { .judge = judge, .result = res, .rm = rm };
	struct alerts none = { NULL, 0 }, as_is = hits_of(&b->units[unit], original);

	/* With `ruleMatching: first` it may pass only because of another rule. */
	if (passes(&t, as_is)) {
		for (size_t i = 0; i < rm->mutants.n; i++) {
			struct mutant *mu = &rm->mutants.v[i];
			struct alerts a = mu->id >= 0 ? hits_of(&b->units[unit], mu->id) : none;

			if (mu->noticed || mu->invalid || mu->equivalent || same_alerts(a, as_is))
				continue;
			mu->noticed = !passes(&t, a);
		}
	}
	vec_free(&t.list);
}

static void judge_batch(struct batch *b)
{
	struct judge *judge = judge_new();
	struct u64map index = { 0 };

	for (size_t i = 0; i < b->run->units.n; i++)
		u64map_put(&index, (uintptr_t)b->run->units.v[i], (void *)(uintptr_t)(i + 1));
	for (size_t k = 0; k < b->members.n; k++) {
		find_equivalent(b, b->members.v[k], b->original.v[k]);
		for (size_t i = 0; i < b->run->results.n; i++) {
			const struct test_result *res = &b->run->results.v[i];

			if (res->status != TEST_PASSED || res->unit->rules != b->rules ||
			    !looks_at(res->test, b->members.v[k]->rule))
				continue;
			try_mutants(b, b->members.v[k], b->original.v[k], judge, res,
				    (size_t)(uintptr_t)u64map_get(&index, (uintptr_t)res->unit) -
					    1);
		}
	}
	u64map_free(&index);
	judge_free(judge);
}

/* Runs what the batch holds; it is empty afterwards. */
static void run_batch(struct batch *b)
{
	size_t n = b->run->units.n;

	if (!b->members.n)
		return;
	b->n_ids = b->of_id.n;
	b->units = xcalloc(n + 1, sizeof(*b->units));
	program_build(b->program, b->sources.v);
	test_run_parallel(b->run, collect, b);
	judge_batch(b);
	for (size_t i = 0; i < n; i++) {
		arena_destroy(&b->units[i].arena);
		free(b->units[i].by_id);
		free(b->units[i].start);
	}
	free(b->units);
	program_free(b->program);
	vec_free(&b->of_id);
	vec_free(&b->sources);
	vec_free(&b->original);
	vec_free(&b->members);
	b->program = NULL;
}

static size_t tests_of(const struct test_run *run, const struct test_rules *g,
		       const struct rule *rule)
{
	size_t n = 0;

	for (size_t i = 0; i < run->results.n; i++) {
		const struct test_result *res = &run->results.v[i];

		n += res->status == TEST_PASSED && res->unit->rules == g && res->test->rule.n &&
		     str_eq(res->test->rule, rule->name);
	}
	return n;
}

static void list_rules(struct mutation *m, struct test_run *run,
		       bool (*wanted)(void *arg, const struct rule *rule), void *arg)
{
	for (size_t g = 0; g < run->rules.n; g++) {
		struct ruleset *rs = run->rules.v[g]->rules;

		for (size_t i = 0; i < ruleset_count(rs); i++) {
			struct rule *rule = ruleset_rule(rs, i);
			size_t n = tests_of(run, run->rules.v[g], rule);
			struct rule_mutants *rm;

			if (rule->id < 0 || !rule->selected || (wanted && !wanted(arg, rule)))
				continue;
			if (!n) {
				vec_push(&m->untested, rule);
				continue;
			}
			rm = vec_add(&m->rules);
			rm->rules = run->rules.v[g];
			rm->rule = rule;
			rm->n_tests = n;
		}
	}
}

static void count(struct mutation *m)
{
	for (size_t i = 0; i < m->rules.n; i++) {
		struct rule_mutants *rm = &m->rules.v[i];

		for (size_t k = 0; k < rm->mutants.n; k++) {
			const struct mutant *mu = &rm->mutants.v[k];

			m->n_equivalent += mu->equivalent;
			if (mu->equivalent || mu->invalid)
				continue;
			rm->n_counted++;
			rm->n_noticed += mu->noticed;
		}
		m->n_counted += rm->n_counted;
		m->n_noticed += rm->n_noticed;
	}
}

void mutation_run(struct mutation *m, struct test_run *run,
		  bool (*wanted)(void *arg, const struct rule *rule), void *arg)
{
	struct batch b = { .run = run };

	memset(m, 0, sizeof(*m));
	arena_init(&m->arena);
	list_rules(m, run, wanted, arg);
	for (size_t i = 0; i < m->rules.n; i++) {
		struct rule_mutants *rm = &m->rules.v[i];

		mutants_make(rm->rule->ast, &m->arena, &rm->mutants);
		if (b.rules != rm->rules || b.of_id.n + rm->mutants.n > BATCH_MAX)
			run_batch(&b);
		b.rules = rm->rules;
		if (!b.program)
			b.program = program_new();
		add_rule(&b, rm, &m->arena);
	}
	run_batch(&b);
	count(m);
}

void mutation_free(struct mutation *m)
{
	for (size_t i = 0; i < m->rules.n; i++)
		vec_free(&m->rules.v[i].mutants);
	vec_free(&m->rules);
	vec_free(&m->untested);
	arena_destroy(&m->arena);
}
