/* matcher: what each word accepts. */
#include "unit.h"

#include "testing/matcher.h"

static bool accepts(enum matcher_kind kind, const char *text, const char *value)
{
	struct matcher m = { .kind = (uint8_t)kind, .text = str_of(text ? text : "") };

	if (matcher_argument(kind) == MATCHER_ARG_NUMBER)
		assert_true(matcher_number(m.text, &m.number));
	if (matcher_argument(kind) == MATCHER_ARG_LENGTH)
		m.length = (uint64_t)atoi(text);
	if (matcher_argument(kind) == MATCHER_ARG_TRUTH)
		m.missing = strcmp(text, "true") == 0;
	if (!text)
		m.missing = true;
	return matcher_accepts(&m, value != NULL, str_of(value ? value : ""), NULL);
}

static void texts_are_compared_byte_by_byte(void **state)
{
	(void)state;
	assert_true(accepts(MATCHER_EQUALS, "a", "a"));
	assert_false(accepts(MATCHER_EQUALS, "a", "A"));
	assert_false(accepts(MATCHER_EQUALS, "a", NULL));
	assert_true(accepts(MATCHER_NOT, "a", "b"));
	assert_false(accepts(MATCHER_NOT, "a", "a"));
	assert_true(accepts(MATCHER_CONTAINS, "bc", "abcd"));
	assert_false(accepts(MATCHER_CONTAINS, "bd", "abcd"));
	assert_true(accepts(MATCHER_STARTSWITH, "ab", "abcd"));
	assert_false(accepts(MATCHER_STARTSWITH, "b", "abcd"));
	assert_true(accepts(MATCHER_ENDSWITH, "cd", "abcd"));
	assert_false(accepts(MATCHER_ENDSWITH, "c", "abcd"));
	assert_true(accepts(MATCHER_GLOB, "/etc/*d", "/etc/passwd"));
	assert_false(accepts(MATCHER_GLOB, "/etc/*x", "/etc/passwd"));
	assert_true(accepts(MATCHER_LEN, "4", "abcd"));
	assert_false(accepts(MATCHER_LEN, "3", "abcd"));
}

static void numbers_are_compared_as_numbers(void **state)
{
	(void)state;
	assert_true(accepts(MATCHER_GT, "9", "10"));
	assert_false(accepts(MATCHER_GT, "10", "10"));
	assert_true(accepts(MATCHER_GE, "10", "10"));
	assert_true(accepts(MATCHER_LT, "-1", "-2"));
	assert_true(accepts(MATCHER_LE, "18446744073709551614", "18446744073709551614"));
	assert_false(accepts(MATCHER_LT, "18446744073709551614", "18446744073709551615"));
	assert_false(accepts(MATCHER_LT, "5", "text"));
	assert_false(accepts(MATCHER_LT, "5", NULL));
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const wrong[] = { "",    " 1",       "1 ", "x", "nan",
					     "inf", "1e999999", "-",  "0x" };
	long double v;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(matcher_number(str_of(wrong[i]), &v));
	assert_true(matcher_number(STR("-1.5"), &v));
	assert_true(v == -1.5L);
}

static void a_missing_value_satisfies_only_what_asks_for_it(void **state)
{
	(void)state;
	assert_true(accepts(MATCHER_EQUALS, NULL, NULL));
	assert_false(accepts(MATCHER_EQUALS, NULL, ""));
	assert_true(accepts(MATCHER_ABSENT, "true", NULL));
	assert_false(accepts(MATCHER_ABSENT, "true", "x"));
	assert_true(accepts(MATCHER_ABSENT, "false", "x"));
	assert_false(accepts(MATCHER_ABSENT, "false", NULL));
	assert_true(accepts(MATCHER_NOT, "x", NULL));
	assert_false(accepts(MATCHER_NOT, NULL, NULL));
	assert_false(accepts(MATCHER_CONTAINS, "", NULL));
}

static void every_word_is_found_again(void **state)
{
	(void)state;
	for (int i = 0; i < MATCHER_N; i++)
		assert_int_equal(matcher_by_word(str_of(matcher_word((unsigned)i))), i);
	assert_int_equal(matcher_by_word(STR("starts")), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_compared_byte_by_byte),
		cmocka_unit_test(numbers_are_compared_as_numbers),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(a_missing_value_satisfies_only_what_asks_for_it),
		cmocka_unit_test(every_word_is_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
