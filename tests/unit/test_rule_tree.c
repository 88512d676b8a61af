#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "replay/replay.h"
#include "rules/rule_trace.h"
#include "trace/trace.h"

struct fixture {
	struct ruleset *rs;
	struct rule_trees *trees;
	struct diag diag;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->rs = ruleset_new(&(struct ruleset_options){ .sources = event_source_names });
	diag_init(&f->diag);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rule_trees_free(f->trees);
	ruleset_free(f->rs);
	diag_free(&f->diag);
	free(f);
	return 0;
}

static void add(struct fixture *f, const char *name, const char *text)
{
	assert_int_equal(ruleset_add_text(f->rs, name, str_of(text), &f->diag), 0);
}

static void build(struct fixture *f)
{
	assert_int_equal(ruleset_compile(f->rs, &f->diag), 0);
	ruleset_build(f->rs, NULL);
	f->trees = rule_trees_new(f->rs);
}

/* The n-th comparison. */
static const struct rule_node *check(const struct rule_tree *t, unsigned n)
{
	for (uint32_t i = 0; i < t->n_nodes; i++)
		if (t->nodes[i]->kind == RULE_CHECK && n-- == 0)
			return t->nodes[i];
	fail_msg("there are fewer comparisons");
	return NULL;
}

static void expect(const struct rule_node *n, const char *text, const char *file, uint32_t line,
		   uint32_t col)
{
	char *got = strndup(n->text.p, n->text.n);

	assert_string_equal(got, text);
	assert_string_equal(n->at.file, file);
	assert_int_equal(n->at.line, line);
	assert_int_equal(n->at.col, col);
	free(got);
}

static const char *around(const struct rule_node *n, enum rule_node_kind kind)
{
	static char name[64];

	for (n = n->parent; n; n = n->parent) {
		if (n->kind != kind)
			continue;
		snprintf(name, sizeof(name), "%.*s", STR_FMT(n->name));
		return name;
	}
	return "";
}

static void places_go_through_macros_lists_exceptions_and_appended_text(void **state)
{
	struct fixture *f = *state;
	const struct rule_tree *t;

	add(f, "a.yaml",
	    "- list: shells\n"
	    "  items: [bash, sh,\n"
	    "    zsh]\n"
	    "- list: more\n"
	    "  items: [shells, fish]\n"
	    "- macro: started\n"
	    "  condition: evt.type = execve and\n"
	    "    evt.rawres = 0\n"
	    "- rule: r\n"
	    "  desc: d\n"
	    "  output: o\n"
	    "  priority: INFO\n"
	    "  condition: >\n"
	    "    started\n"
	    "    and (proc.name in (more, ksh) or\n"
	    "      proc.pname = \"a b\")\n"
	    "  exceptions:\n"
	    "    - name: known\n"
	    "      fields: [proc.name, proc.pname]\n"
	    "      values:\n"
	    "        - [sh, cron]\n");
	add(f, "b.yaml",
	    "- rule: r\n"
	    "  condition: and\n"
	    "    proc.tty != 0\n"
	    "  override: {condition: append}\n");
	build(f);
	t = rule_trees_get(f->trees, ruleset_rule(f->rs, 0));
	assert_non_null(t);
	expect(check(t, 0), "evt.type = execve", "a.yaml", 7, 14);
	assert_string_equal(around(check(t, 0), RULE_MACRO), "started");
	assert_true(check(t, 0)->by_type);
	expect(check(t, 1), "evt.rawres = 0", "a.yaml", 8, 5);
	expect(check(t, 2), "proc.name in (more, ksh)", "a.yaml", 15, 10);
	assert_int_equal(check(t, 2)->n_items, 5);
	assert_true(str_eqz(check(t, 2)->items[0].list, "more"));
	assert_int_equal(check(t, 2)->items[4].list.n, 0);
	expect(check(t, 3), "proc.pname = \"a b\"", "a.yaml", 16, 7);
	assert_int_equal(rule_trees_item_origin(f->trees, STR("more"), STR("zsh")).line, 3);
	assert_int_equal(rule_trees_item_origin(f->trees, STR("more"), STR("fish")).line, 5);
	assert_int_equal(rule_trees_item_origin(f->trees, STR("more"), STR("csh")).line, 0);
	expect(check(t, 4), "proc.tty != 0", "b.yaml", 3, 5);
	expect(check(t, 5), "proc.name = sh", "a.yaml", 18, 7);
	assert_string_equal(around(check(t, 5), RULE_EXCEPTION), "known");
}

static void large_lists_are_shared_and_keep_their_names(void **state)
{
	struct fixture *f = *state;
	struct strbuf text = STRBUF_INIT;
	const struct rule_node *a, *b;

	strbuf_adds(&text, "- list: many\n  items: [first");
	for (unsigned i = 0; i < 1000; i++)
		strbuf_addf(&text, ", program%u", i);
	strbuf_adds(&text, "]\n- macro: m\n  condition: proc.name in (many)\n");
	for (unsigned i = 0; i < 2; i++)
		strbuf_addf(&text,
			    "- rule: r%u\n  desc: d\n  output: o\n  priority: INFO\n"
			    "  condition: m and proc.pname in (ksh, many, csh) and proc.tty != 0\n",
			    i);
	add(f, "a.yaml", text.s);
	strbuf_release(&text);
	build(f);
	a = check(rule_trees_get(f->trees, ruleset_rule(f->rs, 0)), 0);
	b = check(rule_trees_get(f->trees, ruleset_rule(f->rs, 1)), 0);
	expect(a, "proc.name in (many)", "a.yaml", 4, 14);
	assert_int_equal(a->n_items, 1001);
	assert_true(str_eqz(a->items[0].list, "many"));
	assert_true(str_eqz(a->items[1000].text, "program999"));
	assert_ptr_equal(a->items, b->items);
	a = check(rule_trees_get(f->trees, ruleset_rule(f->rs, 0)), 1);
	expect(a, "proc.pname in (ksh, many, csh)", "a.yaml", 9, 20);
	assert_int_equal(a->n_items, 1003);
	assert_true(str_eqz(a->items[1002].text, "csh"));
	assert_int_equal(a->items[1002].list.n, 0);
	expect(check(rule_trees_get(f->trees, ruleset_rule(f->rs, 1)), 2), "proc.tty != 0",
	       "a.yaml", 14, 55);
}

static void a_misspelt_name_has_a_nearest_rule(void **state)
{
	struct fixture *f = *state;

	add(f, "a.yaml",
	    "- {rule: Shell in a container, desc: d, output: o, priority: INFO, condition: evt.type = open}\n"
	    "- {rule: Kernel module, desc: d, output: o, priority: INFO, condition: evt.type = open}\n");
	build(f);
	assert_true(str_eqz(ruleset_nearest_rule(f->rs, STR("shell in container")),
			    "Shell in a container"));
	assert_true(str_eqz(ruleset_nearest_rule(f->rs, STR("kernel")), "Kernel module"));
	assert_int_equal(ruleset_nearest_rule(f->rs, STR("xxxxxxxxxxxxxxx")).n, 0);
}

struct comparison {
	struct fixture *f;
	struct program_run *run;
	struct arena arena;
	struct field_env env;
	uint64_t compared, matched;
};

static int compare(void *arg, struct event_ctx *ctx)
{
	struct comparison *c = arg;

	c->env.ctx = ctx;
	for (size_t i = 0; i < ruleset_count(c->f->rs); i++) {
		const struct rule *r = ruleset_rule(c->f->rs, i);
		const struct rule_tree *t = r->id < 0 ? NULL : rule_trees_get(c->f->trees, r);
		bool traced, reached, engine;
		uint8_t *res;

		if (!t || !rule_tree_sees(t, ctx->ev))
			continue;
		arena_reset(&c->arena);
		res = xcalloc(t->n_nodes, 1);
		program_begin(c->run, &c->env);
		traced = rule_trace(t, c->run, false, res);
		reached = t->stateful ? traced : rule_trace(t, c->run, true, res);
		engine = program_eval(c->run, &c->env, r->id);
		if (traced != engine || reached != engine)
			fail_msg("rule '%.*s' on event %llu: the tree says %d, %d, the engine %d",
				 STR_FMT(r->name), (unsigned long long)ctx->ev->num, traced,
				 reached, engine);
		c->compared++;
		c->matched += engine;
		/* One comparison at least stands in the way of what is not so. */
		if (!t->stateful && !engine) {
			rule_trace(t, c->run, false, res);
			assert_true(rule_trace_blockers(t, res) > 0);
		}
		free(res);
	}
	return 0;
}

static void compare_trace(struct comparison *c, const char *path)
{
	struct replay_visitor v = { .arg = c, .event = compare };
	struct replay_select sel = { 0 };
	struct replay_stats stats = { 0 };
	struct state_options so;
	struct source *src;
	struct state *st;

	if (trace_open(path, &c->f->diag, &src))
		return;
	state_options_default(&so);
	st = state_new(&so);
	c->run = program_run_new(ruleset_program(c->f->rs));
	c->env = (struct field_env){ .arena = &c->arena, .memory = field_state_new() };
	replay_run(src, st, &sel, &v, &stats);
	program_run_free(c->run);
	field_state_free(c->env.memory);
	state_free(st);
	source_close(src);
}

static void add_files(struct fixture *f, const char *srcdir, const char *pattern)
{
	char path[1024];
	glob_t g;

	snprintf(path, sizeof(path), "%s/%s", srcdir, pattern);
	if (glob(path, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			assert_int_equal(ruleset_add_file(f->rs, g.gl_pathv[i], &f->diag), 0);
	globfree(&g);
}

static void compare_traces(struct comparison *c, const char *srcdir, const char *pattern)
{
	char path[1024];
	glob_t g;

	snprintf(path, sizeof(path), "%s/%s", srcdir, pattern);
	if (glob(path, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			compare_trace(c, g.gl_pathv[i]);
	globfree(&g);
}

static void trees_give_what_the_engine_gives_on_whole_traces(void **state)
{
	struct comparison c = { .f = *state };
	const char *srcdir = getenv("srcdir");

	/* With the conformance data where it is there. */
	if (!srcdir)
		skip();
	add_files(c.f, srcdir, "rules/*.yaml");
	add_files(c.f, srcdir, "../shared/conformance/rules/*.yaml");
	build(c.f);
	compare_traces(&c, srcdir, "traces/good/*/*.eyt");
	compare_traces(&c, srcdir, "traces/good/*.scap");
	compare_traces(&c, srcdir, "../shared/conformance/captures/*.scap");
	arena_destroy(&c.arena);
	assert_true(c.compared > 1000);
	assert_true(c.matched > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			places_go_through_macros_lists_exceptions_and_appended_text, setup,
			teardown),
		cmocka_unit_test_setup_teardown(large_lists_are_shared_and_keep_their_names, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_misspelt_name_has_a_nearest_rule, setup,
						teardown),
		cmocka_unit_test_setup_teardown(trees_give_what_the_engine_gives_on_whole_traces,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
