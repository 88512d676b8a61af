/* Regular expressions that are looked for in bytes. (Those of conditions: tests/rules.) */
#include "rules/regex.h"
#include "unit.h"

struct found {
	int result;
	size_t from, to;
};

static struct found find(const char *pattern, struct str text, size_t from)
{
	struct arena a = ARENA_INIT;
	const char *error = NULL;
	struct regex *re = regex_new_to_find(str_of(pattern), &a, &error);
	struct regex_scratch *s = regex_scratch_new();
	struct found f = { 0, 0, 0 };

	assert_non_null(re);
	f.result = regex_find(re, s, text, from, &f.from, &f.to);
	regex_scratch_free(s);
	regex_free(re);
	arena_destroy(&a);
	return f;
}

static void the_first_and_longest_is_found(void **unused)
{
	struct found f;

	(void)unused;
	f = find("b+|bbc", STR("aabbbcbbbb"), 0);
	assert_true(f.result == 1 && f.from == 2 && f.to == 5);
	f = find("b+", STR("aabbbcbbbb"), 5);
	assert_true(f.result == 1 && f.from == 6 && f.to == 10);
	assert_int_equal(find("x", STR("aab"), 0).result, 0);
	assert_int_equal(find("b", STR("aab"), 9).result, 0);
}

static void empty_matches_are_none(void **unused)
{
	(void)unused;
	assert_int_equal(find("x*", STR("aab"), 0).result, 0);
	assert_int_equal(find("x*", STR(""), 0).result, 0);
}

static void bytes_of_any_kind(void **unused)
{
	struct found f = find("k[0-9]", STR("\xff\0k7\xff"), 0);

	(void)unused;
	assert_true(f.result == 1 && f.from == 2 && f.to == 4);
}

static void what_is_malformed_is_told(void **unused)
{
	struct arena a = ARENA_INIT;
	const char *error = NULL;

	(void)unused;
	assert_null(regex_new_to_find(STR("(a"), &a, &error));
	assert_non_null(error);
	assert_null(regex_new_to_find(STR("(?=a)"), &a, &error));
	arena_destroy(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_and_longest_is_found),
		cmocka_unit_test(empty_matches_are_none),
		cmocka_unit_test(bytes_of_any_kind),
		cmocka_unit_test(what_is_malformed_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
