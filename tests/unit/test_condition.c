#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rules/condition.h"

#include <stdio.h>
#include <time.h>

static struct arena a;

static struct ast *parse(const char *text)
{
	struct condition_error err = { 0 };

	return condition_parse(str_of(text), NULL, &a, &err, NULL);
}

static void assert_canonical(const char *text, const char *canonical)
{
	struct strbuf sb = STRBUF_INIT;
	struct ast *n = parse(text);

	assert_non_null(n);
	ast_text(n, &sb);
	assert_string_equal(sb.s, canonical);
	strbuf_release(&sb);
}

static void and_binds_tighter_than_or(void **state)
{
	(void)state;
	assert_canonical("a or b and c", "(a or (b and c))");
	assert_canonical("(a or b) and c", "((a or b) and c)");
	assert_canonical("not a and b", "(not a and b)");
}

static void an_even_number_of_nots_is_none(void **state)
{
	(void)state;
	assert_canonical("not not a", "a");
	assert_canonical("not not not a", "not a");
	assert_canonical("not not_a", "not not_a");
	assert_canonical("notz", "notz");
}

static void a_quote_behind_a_backslash_does_not_close(void **state)
{
	struct ast *n;

	(void)state;
	n = parse("c.x = 'hello \\\\'quoted\\\\''");
	assert_non_null(n);
	assert_true(str_eqz(n->kids[1]->text, "hello \\'quoted\\'"));
	assert_null(parse("c.x = \"it\\'s\""));
	assert_null(parse("c.x = \"\\q\""));
}

static void oneof_alone_is_a_constant(void **state)
{
	struct ast *n;

	(void)state;
	n = parse("a.b = oneof and c.d exists");
	assert_non_null(n);
	assert_int_equal(n->kind, AST_AND);
	assert_int_equal(n->kids[0]->modifier, MOD_NONE);
	n = parse("a.b = oneof mine");
	assert_int_equal(n->modifier, MOD_ONEOF);
}

static void errors_say_what_was_expected_and_where(void **state)
{
	struct condition_error err;

	(void)state;
	assert_null(condition_parse(STR("evt.type=execve foo"), NULL, &a, &err, NULL));
	assert_string_equal(err.message, "unexpected token after 'execve', expecting 'or', 'and'");
	assert_int_equal(err.pos.idx, 16);
	assert_null(condition_parse(STR("a.b =\n (x"), NULL, &a, &err, NULL));
	assert_int_equal(err.pos.line, 2);
}

static void nesting_is_limited(void **state)
{
	struct condition_options opt = { .max_depth = 1000 };
	struct condition_error err;
	char text[3000 + 2];

	(void)state;
	memset(text, '(', 1001);
	text[1001] = 'a';
	memset(text + 1002, ')', 1001);
	assert_null(condition_parse(str_mem(text, 2003), &opt, &a, &err, NULL));
	assert_non_null(condition_parse(str_mem(text + 2, 1999), &opt, &a, &err, NULL));
	memset(text, '(', sizeof(text));
	assert_null(condition_parse(str_mem(text, sizeof(text)), NULL, &a, &err, NULL));
}

static void ten_times_the_items_take_ten_times_the_time(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct condition_error err;
	struct ast *n;
	clock_t begin;
	int i;

	(void)state;
	strbuf_adds(&sb, "fd.name in (");
	for (i = 0; i < 100000; i++)
		strbuf_addf(&sb, "%s/some/path/name/%d", i ? ", " : "", i);
	strbuf_adds(&sb, ")");
	begin = clock();
	n = condition_parse(strbuf_str(&sb), NULL, &a, &err, NULL);
	assert_non_null(n);
	assert_int_equal(n->kids[1]->n_kids, 100000);
	/* Milliseconds; a quadratic parser would need minutes. */
	assert_true(clock() - begin < 2 * CLOCKS_PER_SEC);
	strbuf_release(&sb);
}

static void parsable_text_parses_to_the_same_tree(void **state)
{
	static const char *const texts[] = {
		"proc.name in (\"(systemd)\", \"a b\", \"\", \"x=y\", c)",
		"getopt(proc.args, \"nt:\")[t] = \"value \\\\x\"",
		"join(\"-\", (fd.name, \"b\", 12)) startswith '\\\\x5c'",
		"not (not (not a))",
		"fd.name[\"a b\"] glob anyof (a, \"*\")",
		"a.b = \"ends in \\x5c\"",
		"a.b < 5 and (c or d.e exists)",
		"a.b = val(c.d[1])",
	};
	struct strbuf sb = STRBUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct ast *n = parse(texts[i]), *again;

		assert_non_null(n);
		strbuf_reset(&sb);
		ast_text_parsable(n, &sb);
		again = condition_parse(strbuf_str(&sb), NULL, &a, NULL, NULL);
		assert_non_null(again);
		assert_true(ast_equal(n, again));
	}
	strbuf_release(&sb);
}

static void names_are_listed_once(void **state)
{
	struct strmap lists = { 0 };
	struct condition_names names;

	(void)state;
	strmap_put(&lists, STR("known"), NULL);
	condition_names(parse("m and a.b[1] in (known, x) or not (m and a.b[1] in (known))"),
			&lists, &a, &names);
	assert_int_equal(names.fields.n, 1);
	assert_true(str_eqz(names.fields.v[0], "a.b[1]"));
	assert_int_equal(names.macros.n, 1);
	assert_int_equal(names.lists.n, 1);
	assert_int_equal(names.operators.n, 1);
	condition_names_free(&names);
	strmap_free(&lists);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(and_binds_tighter_than_or),
		cmocka_unit_test(an_even_number_of_nots_is_none),
		cmocka_unit_test(a_quote_behind_a_backslash_does_not_close),
		cmocka_unit_test(oneof_alone_is_a_constant),
		cmocka_unit_test(errors_say_what_was_expected_and_where),
		cmocka_unit_test(nesting_is_limited),
		cmocka_unit_test(ten_times_the_items_take_ten_times_the_time),
		cmocka_unit_test(parsable_text_parses_to_the_same_tree),
		cmocka_unit_test(names_are_listed_once),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_destroy(&a);
	return failed;
}
