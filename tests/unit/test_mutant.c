/* mutant: small ways to break a condition; which of them come to the same. */
#include "unit.h"

#include "rules/program.h"
#include "testing/mutant.h"

struct fixture {
	struct arena arena;
	mutants list;
	const struct ast *cond;
};

static void make(struct fixture *f, const char *text)
{
	struct condition_error e;

	memset(f, 0, sizeof(*f));
	f->cond = condition_parse(str_of(text), NULL, &f->arena, &e, NULL);
	assert_non_null(f->cond);
	mutants_make(f->cond, &f->arena, &f->list);
}

static void release(struct fixture *f)
{
	vec_free(&f->list);
	arena_destroy(&f->arena);
}

static void expect(const struct fixture *f, size_t i, enum mutation_kind kind, const char *text)
{
	struct strbuf sb = STRBUF_INIT;

	assert_true(i < f->list.n);
	assert_int_equal(f->list.v[i].kind, kind);
	if (f->list.v[i].tree)
		ast_text(f->list.v[i].tree, &sb);
	assert_strbuf(&sb, text);
	strbuf_release(&sb);
}

static void every_clause_is_dropped_negated_and_swapped(void **state)
{
	struct fixture f;

	(void)state;
	make(&f, "proc.name = a and (fd.num < 3 or not fd.name startswith /x)");
	expect(&f, 0, MUTATION_DISABLED, "");
	expect(&f, 1, MUTATION_SWAPPED,
	       "(proc.name = a or (fd.num < 3 or not fd.name startswith /x))");
	expect(&f, 2, MUTATION_DROPPED, "(fd.num < 3 or not fd.name startswith /x)");
	expect(&f, 3, MUTATION_DROPPED, "proc.name = a");
	expect(&f, 4, MUTATION_NEGATED,
	       "(not proc.name = a and (fd.num < 3 or not fd.name startswith /x))");
	expect(&f, 5, MUTATION_SWAPPED,
	       "(proc.name = a and (fd.num < 3 and not fd.name startswith /x))");
	expect(&f, 6, MUTATION_DROPPED, "(proc.name = a and not fd.name startswith /x)");
	expect(&f, 7, MUTATION_DROPPED, "(proc.name = a and fd.num < 3)");
	expect(&f, 8, MUTATION_NEGATED,
	       "(proc.name = a and (not fd.num < 3 or not fd.name startswith /x))");
	expect(&f, 9, MUTATION_COMPARISON,
	       "(proc.name = a and (fd.num <= 3 or not fd.name startswith /x))");
	expect(&f, 10, MUTATION_UNNEGATED,
	       "(proc.name = a and (fd.num < 3 or fd.name startswith /x))");
	expect(&f, 11, MUTATION_COMPARISON,
	       "(proc.name = a and (fd.num < 3 or not fd.name contains /x))");
	assert_int_equal(f.list.n, 12);
	release(&f);
}

static void each_item_of_a_list_is_taken_away(void **state)
{
	struct fixture f;

	(void)state;
	make(&f, "proc.name in (a, b, c)");
	expect(&f, 2, MUTATION_ITEM, "proc.name in (b, c)");
	expect(&f, 3, MUTATION_ITEM, "proc.name in (a, c)");
	expect(&f, 4, MUTATION_ITEM, "proc.name in (a, b)");
	assert_int_equal(f.list.n, 5);
	release(&f);
}

static void a_long_list_is_sampled(void **state)
{
	struct strbuf text = STRBUF_INIT;
	struct fixture f;

	(void)state;
	strbuf_adds(&text, "proc.name in (x");
	for (int i = 0; i < 10000; i++)
		strbuf_addf(&text, ", x%d", i);
	strbuf_adds(&text, ")");
	make(&f, text.s);
	assert_true(f.list.n > 50 && f.list.n <= 2 + MUTANT_ITEMS_MAX);
	strbuf_release(&text);
	release(&f);
}

static void the_original_is_not_written_to(void **state)
{
	struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	struct condition_error e;
	struct fixture f;
	const char text[] = "(proc.name in (a, b) or fd.num > 1) and not fd.name contains x";

	(void)state;
	make(&f, text);
	ast_text(condition_parse(str_of(text), NULL, &f.arena, &e, NULL), &before);
	ast_text(f.cond, &after);
	assert_string_equal(before.s, after.s);
	strbuf_release(&before);
	strbuf_release(&after);
	release(&f);
}

static int add(struct program *p, const char *text, struct arena *a)
{
	struct condition_error e;
	check_problems problems = { 0 };
	const struct ast *n = condition_parse(str_of(text), NULL, a, &e, NULL);
	int id = program_add(p, n, a, &problems);

	vec_free(&problems);
	assert_true(id >= 0);
	return id;
}

static void conditions_that_are_one_node_are_the_same(void **state)
{
	struct program *p = program_new();
	struct arena a = ARENA_INIT;
	int one = add(p, "evt.type = open and proc.name = a", &a);
	int two = add(p, "evt.type = open and proc.name = a and evt.type = open", &a);
	int three = add(p, "proc.name = a and evt.type in (open, openat)", &a);
	int four = add(p, "not not (evt.type = open and proc.name = a)", &a);

	(void)state;
	program_build(p, NULL);
	assert_true(program_same(p, one, one));
	assert_true(program_same(p, one, two));
	assert_true(program_same(p, one, four));
	assert_false(program_same(p, one, three));
	program_free(p);
	arena_destroy(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_clause_is_dropped_negated_and_swapped),
		cmocka_unit_test(each_item_of_a_list_is_taken_away),
		cmocka_unit_test(a_long_list_is_sampled),
		cmocka_unit_test(the_original_is_not_written_to),
		cmocka_unit_test(conditions_that_are_one_node_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
