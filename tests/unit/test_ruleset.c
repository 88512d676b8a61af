#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/strbuf.h"
#include "rules/ruleset.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

struct fixture {
	struct ruleset *rs;
	struct diag diag;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	f->rs = ruleset_new(NULL);
	diag_init(&f->diag);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	ruleset_free(f->rs);
	diag_free(&f->diag);
	free(f);
	return 0;
}

static int load(struct fixture *f, const char *text)
{
	ruleset_add_text(f->rs, "t.yaml", str_of(text), &f->diag);
	return ruleset_compile(f->rs, &f->diag);
}

static const char *message(const struct fixture *f, size_t i)
{
	return i < f->diag.items.n ? f->diag.items.v[i].message : "";
}

#define RULE(name, cond) \
	"- {rule: " name \
	", desc: d, output: o, priority: INFO, tags: [b, a, b], condition: '" cond "'}\n"

static void a_rule_keeps_its_place_when_it_is_defined_again(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(load(f, RULE("one", "evt.type = open") RULE("two", "evt.type = open")
					 RULE("one", "evt.type = close")),
			 0);
	assert_int_equal(ruleset_count(f->rs), 2);
	assert_true(str_eqz(ruleset_rule(f->rs, 0)->name, "one"));
	assert_true(str_eqz(ruleset_rule(f->rs, 0)->condition_text, "evt.type = close"));
	assert_int_equal(ruleset_rule(f->rs, 0)->tags.n, 2);
	assert_true(str_eqz(ruleset_rule(f->rs, 0)->tags.v[0], "a"));
}

static void all_problems_are_told_not_the_first_only(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(load(f, RULE("a", "evt.type = open and") RULE("b", "proc.nmae = x")
					 RULE("c", "nomacro") "- list: l\n- rule:\n- 5\n"),
			 -EINVAL);
	assert_int_equal(f->diag.n_errors, 6);
}

static void an_unknown_field_is_told_with_near_names(void **state)
{
	struct fixture *f = *state;
	load(f, RULE("b", "evt.type = open and proc.nmae = x"));
	assert_non_null(strstr(message(f, 0), "unknown field 'proc.nmae'"));
	assert_non_null(strstr(message(f, 0), "proc.name"));
	assert_int_equal(f->diag.items.v[0].line, 0);
	assert_non_null(strchr(f->diag.items.v[0].snippet, '^'));
}

static void a_loop_of_macros_is_told_with_its_chain(void **state)
{
	struct fixture *f = *state;
	load(f, "- {macro: a, condition: evt.type = open}\n- {macro: b, condition: a}\n"
		"- {macro: a, condition: or b, append: true}\n" RULE("r", "a"));
	bool found = false;
	for (size_t i = 0; i < f->diag.items.n; i++)
		found |= strstr(message(f, i), "a -> b -> a") != NULL;
	assert_true(found);
	assert_int_equal(f->diag.n_errors, 1);
}

static void what_follows_from_an_error_is_not_told_again(void **state)
{
	struct fixture *f = *state;
	load(f,
	     "- {macro: m, condition: [1]}\n" RULE(
		     "r",
		     "m") "- {rule: r2, desc: d, output: o, priority: NONE, condition: evt.type = open}\n"
			  "- {rule: r2, append: true, condition: and proc.name = x}\n");
	assert_int_equal(f->diag.n_errors, 2);
}

static void a_trace_is_no_rules_file(void **state)
{
	struct fixture *f = *state;
	static const struct str traces[] = {
		{ "\x1f\x8b\x08\0\0\0", 6 },   { "\x28\xb5\x2f\xfd\0", 5 },
		{ "\x0a\x0d\x0d\x0a\x1c", 5 }, { "\x50\x2a\x4d\x18\0\0\0\0", 8 },
		{ "EYAS\0\1\2\3", 8 },
	};
	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		assert_int_equal(ruleset_add_text(f->rs, "t.scap", traces[i], &f->diag), -EINVAL);
		assert_non_null(strstr(message(f, i), "give it as TRACE"));
	}
}

static void files_that_cannot_be_read_are_told(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(ruleset_add_file(f->rs, "/nonexistent/r.yaml", &f->diag), -ENOENT);
	assert_non_null(strstr(message(f, 0), "no such file"));
	assert_int_equal(ruleset_add_file(f->rs, "/", &f->diag), -EISDIR);
	assert_int_equal(ruleset_add_path(f->rs, "/proc/self/fdinfo", &f->diag), -ENOENT);
	assert_non_null(strstr(message(f, 2), "no .yaml or .yml files"));
}

static void selection_steps_apply_in_order(void **state)
{
	struct fixture *f = *state;
	struct rule_selection none = { false, RULE_MATCH_WILDCARD, STR("*") };
	struct rule_selection tag = { true, RULE_MATCH_TAG, STR("a") };
	struct rule_selection part = { false, RULE_MATCH_SUBSTRING, STR("wo") };
	assert_int_equal(load(f, RULE("one", "evt.type = open") RULE("two", "evt.type = open")), 0);
	ruleset_select(f->rs, &none);
	assert_false(ruleset_rule(f->rs, 0)->selected);
	ruleset_select(f->rs, &tag);
	ruleset_select(f->rs, &part);
	assert_true(ruleset_rule(f->rs, 0)->selected);
	assert_false(ruleset_rule(f->rs, 1)->selected);
	ruleset_min_priority(f->rs, PRIORITY_WARNING);
	assert_false(ruleset_rule(f->rs, 0)->selected);
}

static void compiling_again_takes_what_was_added(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(load(f, RULE("one", "evt.type = open")), 0);
	assert_int_equal(
		load(f,
		     RULE("two",
			  "evt.type = open") "- {rule: one, override: {condition: append}, condition: and proc.name = x}\n"),
		0);
	assert_int_equal(ruleset_rule(f->rs, 1)->id, 1);
	assert_ptr_equal(ruleset_rule_by_id(f->rs, 1), ruleset_rule(f->rs, 1));
	assert_true(str_eqz(ruleset_rule(f->rs, 0)->condition_text,
			    "evt.type = open and proc.name = x"));
}

static void nested_macros_cannot_grow_without_bound(void **state)
{
	struct fixture *f = *state;
	struct strbuf sb = STRBUF_INIT;
	strbuf_adds(&sb, "- {macro: m0, condition: proc.name = x or proc.name = y}\n");
	for (int i = 1; i < 40; i++)
		strbuf_addf(&sb, "- {macro: m%d, condition: (m%d or not m%d) and m%d}\n", i, i - 1,
			    i - 1, i - 1);
	strbuf_adds(&sb, RULE("r", "m39"));
	assert_int_equal(load(f, sb.s), -EINVAL);
	assert_non_null(strstr(message(f, 0), "too large"));
	strbuf_release(&sb);
}

static double load_seconds(unsigned n)
{
	struct ruleset *rs = ruleset_new(NULL);
	struct strbuf sb = STRBUF_INIT;
	struct timespec t0, t1;
	struct diag diag;

	diag_init(&diag);
	strbuf_adds(&sb, "- list: large\n  items: [");
	for (unsigned i = 0; i < 2 * n; i++)
		strbuf_addf(&sb, "%sitem%u", i ? ", " : "", i);
	strbuf_adds(&sb, "]\n");
	for (unsigned i = 0; i < n; i++)
		strbuf_addf(&sb,
			    RULE("r%u",
				 "evt.type = open and proc.name in (large) and fd.name = f%u"),
			    i, i);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
	ruleset_add_text(rs, "t.yaml", strbuf_str(&sb), &diag);
	assert_int_equal(ruleset_compile(rs, &diag), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
	ruleset_free(rs);
	diag_free(&diag);
	strbuf_release(&sb);
	return (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
}

static void time_is_linear_in_rules_and_lists(void **state)
{
	(void)state;
	double small = load_seconds(500), large = load_seconds(4000);
	/* Eight times the rules, each with a list eight times as long: 64 times if it were their
	 * product. */
	if (large > small * 32 + 0.2)
		print_error("500: %.3f s, 4000: %.3f s\n", small, large);
	assert_true(large <= small * 32 + 0.2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(a_rule_keeps_its_place_when_it_is_defined_again),
		T(all_problems_are_told_not_the_first_only),
		T(an_unknown_field_is_told_with_near_names),
		T(a_loop_of_macros_is_told_with_its_chain),
		T(what_follows_from_an_error_is_not_told_again),
		T(a_trace_is_no_rules_file),
		T(files_that_cannot_be_read_are_told),
		T(selection_steps_apply_in_order),
		T(compiling_again_takes_what_was_added),
		T(nested_macros_cannot_grow_without_bound),
		T(time_is_linear_in_rules_and_lists),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
