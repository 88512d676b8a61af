#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/strbuf.h"
#include "rules/rule_yaml.h"

static struct arena a;
static struct yaml_error err;

static struct ydocs parse(const char *text)
{
	struct ydocs d;
	assert_true(rule_yaml_parse(str_of(text), &a, &d, &err));
	return d;
}

static bool fails(struct str text)
{
	struct ydocs d;
	return !rule_yaml_parse(text, &a, &d, &err);
}

static void assert_text(const struct ynode *n, const char *text)
{
	assert_non_null(n);
	assert_int_equal(n->kind, YNODE_SCALAR);
	assert_int_equal(n->text.n, strlen(text));
	assert_memory_equal(n->text.p, text, n->text.n);
}

static void documents_are_kept_apart(void **state)
{
	struct ydocs d = parse("---\n- a\n---\n---\n- b\n");
	(void)state;
	assert_int_equal(d.n, 3);
	assert_int_equal(d.v[1]->kind, YNODE_NULL);
	assert_text(d.v[2]->kids[0], "b");
}

static void an_empty_text_has_no_documents(void **state)
{
	(void)state;
	assert_int_equal(parse("").n, 0);
	assert_int_equal(parse("# nothing\n").n, 0);
}

static void scalars_stay_text(void **state)
{
	const struct ynode *m =
		parse("a: =\nb: != after evt.type, not at all\nc: 0x10\nd: yes\ne: 'null'\nf: null\n")
			.v[0];
	(void)state;
	assert_text(ynode_get(m, "a", NULL), "=");
	assert_text(ynode_get(m, "b", NULL), "!= after evt.type, not at all");
	assert_text(ynode_get(m, "c", NULL), "0x10");
	assert_text(ynode_get(m, "d", NULL), "yes");
	assert_text(ynode_get(m, "e", NULL), "null");
	assert_int_equal(ynode_get(m, "f", NULL)->kind, YNODE_NULL);
}

static void positions_are_bytes_from_zero(void **state)
{
	const struct ynode *m = parse("- \xc3\xa4: [x, \xc3\xa4, yy]\n  k: v\n").v[0]->kids[0];
	(void)state;
	assert_int_equal(m->line, 0);
	assert_int_equal(m->col, 2);
	assert_int_equal(m->kids[1]->kids[2]->col, 14);
	assert_int_equal(m->kids[1]->kids[2]->start, 14);
	assert_int_equal(m->kids[3]->line, 1);
	assert_int_equal(m->kids[3]->col, 5);
	assert_int_equal(m->kids[3]->start, 23);
}

static void an_alias_is_the_node_it_names(void **state)
{
	const struct ynode *s = parse("- &x [1, 2]\n- *x\n").v[0];
	(void)state;
	assert_ptr_equal(s->kids[0], s->kids[1]);
}

static void an_unknown_alias_and_a_circle_are_errors(void **state)
{
	(void)state;
	assert_true(fails(STR("- *x\n")));
	assert_true(fails(STR("&x [*x]\n")));
}

static void aliases_cannot_multiply_without_bound(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	(void)state;
	strbuf_adds(&sb, "- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 12; i++)
		strbuf_addf(&sb, "- &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i - 1, i - 1,
			    i - 1, i - 1, i - 1, i - 1);
	assert_true(fails(strbuf_str(&sb)));
	strbuf_release(&sb);
}

static void depth_is_limited(void **state)
{
	char text[2 * YAML_MAX_DEPTH + 3];
	(void)state;
	memset(text, '[', YAML_MAX_DEPTH + 1);
	memset(text + YAML_MAX_DEPTH + 1, ']', YAML_MAX_DEPTH + 1);
	assert_true(fails(str_mem(text, 2 * YAML_MAX_DEPTH + 2)));
	assert_false(fails(str_mem(text + 1, 2 * YAML_MAX_DEPTH)));
}

static void what_is_not_yaml_is_told_with_its_place(void **state)
{
	(void)state;
	assert_true(fails(STR("a: b\nthis : is : not\n")));
	assert_int_equal(err.line, 1);
	assert_int_equal(err.col, 10);
	assert_int_equal(err.offset, 15);
	assert_true(fails(STR("- \"open\n")));
	assert_true(fails(STR("- \xff\n")));
	assert_true(fails(STR("\xff\xfe-\0")));
}

static void the_first_of_equal_keys_is_taken(void **state)
{
	(void)state;
	assert_text(ynode_get(parse("k: 1\nk: 2\n").v[0], "k", NULL), "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_kept_apart),
		cmocka_unit_test(an_empty_text_has_no_documents),
		cmocka_unit_test(scalars_stay_text),
		cmocka_unit_test(positions_are_bytes_from_zero),
		cmocka_unit_test(an_alias_is_the_node_it_names),
		cmocka_unit_test(an_unknown_alias_and_a_circle_are_errors),
		cmocka_unit_test(aliases_cannot_multiply_without_bound),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(what_is_not_yaml_is_told_with_its_place),
		cmocka_unit_test(the_first_of_equal_keys_is_taken),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	arena_destroy(&a);
	return r;
}
