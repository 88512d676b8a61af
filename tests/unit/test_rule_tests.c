/* test_file: tests from YAML; test_update: YAML scalars. */
#include "unit.h"

#include <errno.h>

#include "testing/test_update.h"

struct fixture {
	struct diag diag;
	struct test_set set;
	int result;
};

/* All tests of a text; rules and traces need not exist for tests that are skipped. */
static void read_text(struct fixture *f, const char *text)
{
	static const char rules[] = "/dev/null";

	diag_init(&f->diag);
	test_set_init(&f->set, &f->diag);
	vec_push(&f->set.default_rules, rules);
	f->result = test_set_add_text(&f->set, "dir/tests.yaml", str_of(text));
}

static void release(struct fixture *f)
{
	test_set_free(&f->set);
	diag_free(&f->diag);
}

static void the_last_key_of_a_matrix_changes_fastest(void **state)
{
	struct fixture f;

	(void)state;
	read_text(&f, "tests:\n"
		      "- name: n\n"
		      "  rule: R ${item.a}\n"
		      "  script: 'tid=${item.b} x'\n"
		      "  cases: {a: [1, 2], b: [x, y, z]}\n"
		      "  expectedOutcome: none\n");
	assert_int_equal(f.result, 0);
	assert_int_equal(f.set.tests.n, 6);
	assert_str(f.set.tests.v[0]->cases, "a=1, b=x");
	assert_str(f.set.tests.v[1]->cases, "a=1, b=y");
	assert_str(f.set.tests.v[3]->cases, "a=2, b=x");
	assert_str(f.set.tests.v[3]->rule, "R 2");
	assert_str(f.set.tests.v[3]->traces.v[0].script, "eyas-script 1\ntid=x x");
	release(&f);
}

static void lists_of_cases_follow_each_other(void **state)
{
	struct fixture f;

	(void)state;
	read_text(&f, "tests:\n"
		      "- name: n\n"
		      "  script: x\n"
		      "  cases:\n"
		      "  - {strategy: vector, values: {a: 1, b: 2}}\n"
		      "  - {strategy: matrix, values: {b: [3, 4], a: [5]}}\n"
		      "  - {a: [6, 7], b: 8}\n"
		      "  expectedOutcome: none\n");
	assert_int_equal(f.result, 0);
	assert_int_equal(f.set.tests.n, 5);
	assert_str(f.set.tests.v[0]->cases, "a=1, b=2");
	assert_str(f.set.tests.v[2]->cases, "b=4, a=5");
	assert_str(f.set.tests.v[4]->cases, "a=7, b=8");
	release(&f);
}

static void too_many_cases_are_refused_before_they_are_made(void **state)
{
	struct strbuf text = STRBUF_INIT;
	struct fixture f;

	(void)state;
	strbuf_adds(&text, "tests:\n- name: n\n  script: x\n  expectedOutcome: none\n  cases:\n");
	for (char c = 'a'; c <= 'z'; c++)
		strbuf_addf(&text, "    %c: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n", c);
	read_text(&f, text.s);
	assert_int_equal(f.result, -EINVAL);
	assert_int_equal(f.set.tests.n, 0);
	assert_non_null(strstr(f.diag.items.v[0].message, "more than 10000 cases"));
	strbuf_release(&text);
	release(&f);
}

static void all_errors_are_told_with_their_places(void **state)
{
	struct fixture f;

	(void)state;
	read_text(&f, "tests:\n"
		      "- name: n\n"
		      "  scrpt: x\n"
		      "- name: m\n"
		      "  script: x\n"
		      "  expectedOutcome: {count: -1}\n");
	assert_int_equal(f.result, -EINVAL);
	assert_int_equal(f.diag.items.n, 2);
	assert_int_equal(f.diag.items.v[0].line, 2);
	assert_int_equal(f.diag.items.v[0].col, 2);
	assert_string_equal(f.diag.items.v[0].message,
			    "a test has no 'scrpt'; did you mean 'script'?");
	assert_int_equal(f.diag.items.v[1].line, 5);
	assert_int_equal(f.diag.items.v[1].col, 27);
	release(&f);
}

static void a_baseline_allows_what_is_known(void **state)
{
	struct fixture f;
	const struct rule_test *t;

	(void)state;
	read_text(&f, "baselines:\n"
		      "- name: n\n"
		      "  script: x\n"
		      "  falsePositives:\n"
		      "  - rule: R\n"
		      "    outputFields: {proc.name: {startswith: a}}\n"
		      "    max: 3\n");
	assert_int_equal(f.result, 0);
	t = f.set.tests.v[0];
	assert_true(t->is_baseline);
	assert_true(t->only);
	assert_str(t->outcomes.v[0].rule, "R");
	assert_int_equal(t->outcomes.v[0].max, 3);
	assert_int_equal(t->outcomes.v[0].fields.v[0].matchers.v[0].kind, MATCHER_STARTSWITH);
	release(&f);
}

static void what_is_skipped_needs_no_traces(void **state)
{
	struct fixture f;

	(void)state;
	read_text(&f, "tests:\n"
		      "- name: n\n"
		      "  skip: not yet\n"
		      "  expectedOutcome: none\n");
	assert_int_equal(f.result, 0);
	assert_str(f.set.tests.v[0]->skip, "not yet");
	release(&f);
}

static void scalars_read_back_as_they_were(void **state)
{
	static const char *const texts[] = { "a",    "",     "null",    "~",     "- a",
					     "a: b", "a #b", " a",      "a ",    "[a]",
					     "{a}",  "&a",   "*a",      "!a",    "\"a\"",
					     "'a'",  "a\nb", "a\tb\\c", "%a",    "caf\xc3\xa9",
					     "true", "-1",   "0x1f",    "/a b/c" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct strbuf sb = STRBUF_INIT;
		struct arena a = ARENA_INIT;
		struct yaml_error e;
		struct ydocs docs;

		strbuf_adds(&sb, "[k: ");
		yaml_scalar(str_of(texts[i]), &sb);
		strbuf_adds(&sb, "]");
		assert_true(rule_yaml_parse(strbuf_str(&sb), &a, &docs, &e));
		assert_int_equal(docs.v[0]->kids[0]->kids[1]->kind, YNODE_SCALAR);
		assert_str(docs.v[0]->kids[0]->kids[1]->text, texts[i]);
		arena_destroy(&a);
		strbuf_release(&sb);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_key_of_a_matrix_changes_fastest),
		cmocka_unit_test(lists_of_cases_follow_each_other),
		cmocka_unit_test(too_many_cases_are_refused_before_they_are_made),
		cmocka_unit_test(all_errors_are_told_with_their_places),
		cmocka_unit_test(a_baseline_allows_what_is_known),
		cmocka_unit_test(what_is_skipped_needs_no_traces),
		cmocka_unit_test(scalars_read_back_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
