/* Loading, listing, judging; see test_run.h. */
#include "testing/test_run.h"

#include <errno.h>

#include "base/parallel.h"

void test_run_init(struct test_run *r, struct test_set *set, struct diag *diag)
{
	memset(r, 0, sizeof(*r));
	arena_init(&r->arena);
	r->set = set;
	r->diag = diag;
}

void test_run_free(struct test_run *r)
{
	for (size_t i = 0; i < r->results.n; i++)
		verdict_free(&r->results.v[i].verdict);
	for (size_t i = 0; i < r->units.n; i++) {
		arena_destroy(&r->units.v[i]->arena);
		vec_free(&r->units.v[i]->alerts);
		diag_free(&r->units.v[i]->diag);
	}
	for (size_t i = 0; i < r->rules.n; i++) {
		ruleset_free(r->rules.v[i]->rules);
		diag_free(&r->rules.v[i]->diag);
	}
	vec_free(&r->results);
	vec_free(&r->units);
	vec_free(&r->rules);
	arena_destroy(&r->arena);
}

static void load(struct test_rules *g)
{
	struct ruleset_options ro = { 0 };
	const struct rule_test *t = g->first;

	diag_init(&g->diag);
	ruleset_options_known(&ro);
	g->rules = ruleset_new(&ro);
	for (size_t i = 0; i < t->rules.n; i++) {
		int e = ruleset_add_path(g->rules, t->rules.v[i], &g->diag);

		if (e && !g->error)
			g->error = e;
	}
	if (!g->error)
		g->error = ruleset_compile(g->rules, &g->diag);
	if (g->error)
		return;
	for (size_t i = 0; i < t->enable.n; i++) {
		struct rule_selection step = { true, RULE_MATCH_WILDCARD, t->enable.v[i] };

		ruleset_select(g->rules, &step);
	}
	ruleset_build(g->rules, NULL);
}

/* Errors only: tests are not the place to tell warnings about rules again. */
static void tell_load_errors(struct test_run *r, const struct test_rules *g)
{
	for (size_t i = 0; i < g->diag.items.n; i++) {
		const struct diag_item *it = &g->diag.items.v[i];
		struct diag_item *to;

		if (it->level != DIAG_ERROR)
			continue;
		to = diag_add(r->diag, DIAG_ERROR, it->code, "%s", it->message);
		to->file = it->file;
		to->has_pos = it->has_pos;
		to->line = it->line;
		to->col = it->col;
		to->offset = it->offset;
		to->snippet = it->snippet;
		to->where = it->where;
		to->n_where = it->n_where;
	}
}

static struct test_rules *rules_of(struct test_run *r, const struct rule_test *t)
{
	struct strbuf key = STRBUF_INIT;
	struct test_rules *g = NULL;

	for (size_t i = 0; i < t->rules.n; i++)
		strbuf_add(&key, t->rules.v[i], strlen(t->rules.v[i]) + 1);
	strbuf_addc(&key, '\n');
	for (size_t i = 0; i < t->enable.n; i++) {
		strbuf_addstr(&key, t->enable.v[i]);
		strbuf_addc(&key, '\0');
	}
	for (size_t i = 0; i < r->rules.n && !g; i++)
		if (str_eq(r->rules.v[i]->key, strbuf_str(&key)))
			g = r->rules.v[i];
	if (!g) {
		g = arena_calloc(&r->arena, 1, sizeof(*g));
		g->key = arena_str(&r->arena, strbuf_str(&key));
		g->first = t;
		vec_push(&r->rules, g);
		load(g);
		if (g->error)
			tell_load_errors(r, g);
	}
	strbuf_release(&key);
	return g;
}

static struct replay_unit *unit_of(struct test_run *r, struct strmap *known, struct test_rules *g,
				   const struct rule_test *t, const struct test_trace *trace)
{
	struct strbuf key = STRBUF_INIT;
	struct replay_unit *u;

	strbuf_addf(&key, "%p %d ", (const void *)g, t->first_match);
	if (trace->path)
		strbuf_adds(&key, trace->path);
	else
		strbuf_addf(&key, "\n%.*s", STR_FMT(trace->script));
	u = strmap_get(known, strbuf_str(&key));
	if (!u) {
		u = arena_calloc(&r->arena, 1, sizeof(*u));
		u->rules = g;
		u->first_match = t->first_match;
		u->trace = trace;
		u->first = t;
		arena_init(&u->arena);
		diag_init(&u->diag);
		vec_push(&r->units, u);
		strmap_put(known, arena_str(&r->arena, strbuf_str(&key)), u);
	}
	strbuf_release(&key);
	return u;
}

static const struct rule *find_rule(const struct ruleset *rs, struct str name)
{
	for (size_t i = 0; i < ruleset_count(rs); i++)
		if (str_eq(ruleset_rule(rs, i)->name, name))
			return ruleset_rule(rs, i);
	return NULL;
}

static void unknown_rule(struct test_run *r, const struct rule_test *t, const struct ynode *at,
			 const struct ruleset *rs, struct str name)
{
	struct str near = STR("");
	unsigned best = 6;

	for (size_t i = 0; i < ruleset_count(rs); i++) {
		struct str n = ruleset_rule(rs, i)->name;
		unsigned d = str_distance(name, n, 5);

		if (d < best) {
			best = d;
			near = n;
		}
	}
	test_error(r->diag, t->file, at, "there is no rule '%.*s' in %s%s%s%.*s%s", STR_FMT(name),
		   t->rules.v[0], t->rules.n > 1 ? " and the others" : "",
		   near.n ? "; did you mean '" : "", STR_FMT(near), near.n ? "'?" : "");
}

/* The rules a test names exist and can fire. */
static int check_rules(struct test_run *r, const struct rule_test *t, const struct test_rules *g)
{
	int e = 0;

	for (size_t i = 0; i <= t->outcomes.n; i++) {
		struct str name = i ? t->outcomes.v[i - 1].rule : t->rule;
		const struct ynode *at = i ? t->outcomes.v[i - 1].node : t->rule_node;
		const struct rule *rule;

		if (!name.n || (i && str_eq(name, t->rule)))
			continue;
		if (!at)
			at = t->node;
		rule = find_rule(g->rules, name);
		if (!rule) {
			unknown_rule(r, t, at, g->rules, name);
			e = -EINVAL;
		} else if (rule->id < 0) {
			test_error(
				r->diag, t->file, at,
				"rule '%.*s' was not compiled: its source '%.*s' or a field in it is "
				"unknown here",
				STR_FMT(name), STR_FMT(rule->source));
			e = -EINVAL;
		} else if (!rule->selected) {
			test_error(
				r->diag, t->file, at,
				"rule '%.*s' is disabled in its file: add `enable: [\"%.*s\"]` to test it",
				STR_FMT(name), STR_FMT(name));
			e = -EINVAL;
		}
	}
	return e;
}

int test_run_prepare(struct test_run *r, bool (*wanted)(void *arg, const struct rule_test *t),
		     void *arg)
{
	struct strmap known = { 0 };
	int ret = 0;

	for (size_t i = 0; i < r->set->tests.n; i++) {
		const struct rule_test *t = r->set->tests.v[i];
		struct test_rules *g;
		int e;

		if (wanted && !wanted(arg, t))
			continue;
		if (t->skip.n) {
			struct test_result *res = vec_add(&r->results);

			res->test = t;
			res->status = TEST_SKIPPED;
			continue;
		}
		g = rules_of(r, t);
		e = g->error ? g->error : check_rules(r, t, g);
		if (e && (!ret || ret == -EINVAL))
			ret = e;
		for (size_t k = 0; !e && k < t->traces.n; k++) {
			struct test_result *res = vec_add(&r->results);

			res->test = t;
			res->trace = &t->traces.v[k];
			res->unit = unit_of(r, &known, g, t, res->trace);
		}
	}
	strmap_free(&known);
	return ret;
}

void test_run_parallel(struct test_run *r, void (*fn)(void *arg, size_t unit), void *arg)
{
	parallel_each(r->jobs, r->units.n, fn, arg);
}

struct unit_run {
	struct replay_unit *unit;
	struct program_run *run;
	int *ids;
};

static int on_event(void *arg, const struct field_env *env)
{
	struct unit_run *ur = arg;
	struct replay_unit *u = ur->unit;
	size_t n = program_match(ur->run, env, u->first_match, ur->ids);

	for (size_t i = 0; i < n; i++) {
		const struct rule *rule = ruleset_rule_by_id(u->rules->rules, ur->ids[i]);

		if (u->alerts.n == TEST_ALERTS_MAX) {
			u->too_many = true;
			return 1;
		}
		vec_push(&u->alerts, fired_new(rule, env, &u->arena));
	}
	return 0;
}

static void run_unit(void *arg, size_t i)
{
	struct test_run *r = arg;
	struct unit_run ur = { .unit = r->units.v[i] };
	struct unit_visitor v = { &ur, on_event };
	const struct ruleset *rs = ur.unit->rules->rules;

	ur.run = program_run_new(ruleset_program(rs));
	ur.ids = xcalloc(ruleset_count(rs) + 1, sizeof(*ur.ids));
	ur.unit->error = replay_unit_walk(ur.unit, &v, &ur.unit->diag, &ur.unit->events);
	program_run_free(ur.run);
	free(ur.ids);
}

static void judge_result(struct test_run *r, struct judge *j, struct test_result *res)
{
	const struct replay_unit *u = res->unit;

	if (!u) {
		r->n_skipped++;
		return;
	}
	if (u->error || u->too_many) {
		res->status = TEST_ERROR;
		r->n_errors++;
		/* Worst: could not do it, then damage, then an invalid script. */
		if (u->error && (!r->worst || r->worst == -EINVAL ||
				 (r->worst == -EBADMSG && u->error != -EINVAL)))
			r->worst = u->error;
		return;
	}
	judge_alerts(j, res->test, u->alerts.v, u->alerts.n, &res->verdict);
	res->status = res->verdict.ok ? TEST_PASSED : TEST_FAILED;
	r->n_passed += res->verdict.ok;
	r->n_failed += !res->verdict.ok;
}

void test_run_all(struct test_run *r)
{
	struct judge *j = judge_new();

	test_run_parallel(r, run_unit, r);
	for (size_t i = 0; i < r->results.n; i++)
		judge_result(r, j, &r->results.v[i]);
	judge_free(j);
}
