/* Many words at once: the longest at each place, whole words where that is asked for. */
#include "redact/word_index.h"
#include "unit.h"

struct added {
	const char *text;
	bool bounded;
};

/* "word@place" of all that is found. */
static void check(const struct added *words, size_t n, const char *text, const char *want)
{
	struct strbuf got = STRBUF_INIT;
	const struct word *w;
	struct word_index x;
	size_t at = 0;

	word_index_init(&x);
	for (size_t i = 0; i < n; i++)
		word_index_add(&x, str_of(words[i].text), (uint32_t)i, words[i].bounded);
	word_index_ready(&x);
	while ((w = word_index_find(&x, str_of(text), &at))) {
		assert_string_equal(words[w->value].text, w->text.p);
		strbuf_addf(&got, "%s%s@%zu", got.n ? " " : "", w->text.p, at);
		at += w->text.n;
	}
	assert_string_equal(got.s, want);
	strbuf_release(&got);
	word_index_free(&x);
}

#define CHECK(words, text, want) check(words, sizeof(words) / sizeof((words)[0]), text, want)

static void the_longest_word_is_found(void **unused)
{
	static const struct added words[] = { { "abc", false },      { "abcdef", false },
					      { "abcxyz", false },   { "bcd", false },
					      { "abcdefgh", false }, { "zzz", false } };

	(void)unused;
	CHECK(words, "abcdefg", "abcdef@0");
	CHECK(words, "abcdefgh", "abcdefgh@0");
	CHECK(words, "abcd", "abc@0");
	CHECK(words, "xbcdabc", "bcd@1 abc@4");
	CHECK(words, "abcxy abcxyz", "abc@0 abcxyz@6");
	CHECK(words, "ab", "");
	CHECK(words, "", "");
}

static void whole_words(void **unused)
{
	static const struct added words[] = { { "jdoe", true }, { "jdo", false } };
	static const struct added one[] = { { "jdoe", true } };

	(void)unused;
	CHECK(one, "/home/jdoe/x jdoes ajdoe jdoe", "jdoe@6 jdoe@25");
	CHECK(words, "jdoes jdoe", "jdo@0 jdoe@6");
}

static void short_words_and_the_same_word_are_left_out(void **unused)
{
	struct word_index x;

	(void)unused;
	word_index_init(&x);
	word_index_add(&x, STR("ab"), 0, false);
	word_index_add(&x, STR("abc"), 1, false);
	word_index_add(&x, STR("abc"), 2, false);
	word_index_ready(&x);
	assert_int_equal(x.words.n, 1);
	assert_int_equal(x.words.v[0].value, 1);
	word_index_free(&x);
}

static void words_that_are_divided(void **unused)
{
	struct word_index x;

	(void)unused;
	word_index_init(&x);
	word_index_add(&x, STR("secret-one"), 0, false);
	word_index_add(&x, STR("second"), 1, false);
	word_index_add(&x, STR("wholeword"), 2, true);
	word_index_ready(&x);
	assert_int_equal(word_index_begun(&x, STR("it is secret-")), 7);
	assert_int_equal(word_index_begun(&x, STR("it is seco")), 4);
	assert_int_equal(word_index_begun(&x, STR("it is sec")), 0);
	assert_int_equal(word_index_begun(&x, STR("secret-one")), 10);
	assert_int_equal(word_index_begun(&x, STR("whole")), 0);
	assert_int_equal(word_index_begun(&x, STR("")), 0);
	assert_int_equal(word_index_ended(&x, STR("et-one is it")), 6);
	assert_int_equal(word_index_ended(&x, STR("cond is it")), 4);
	assert_int_equal(word_index_ended(&x, STR("ond is it")), 0);
	assert_int_equal(word_index_ended(&x, STR("leword")), 0);
	word_index_free(&x);
}

/* Against a plain search, over random words and texts of few letters. */
static void the_same_as_a_plain_search(void **unused)
{
	uint64_t seed = 1;

	(void)unused;
	for (unsigned round = 0; round < 300; round++) {
		char words[20][8], text[200];
		struct word_index x;
		size_t n_words = 1 + round % 20, at = 0;

#define NEXT(n) (seed = seed * UINT64_C(6364136223846793005) + 1, (unsigned)(seed >> 40) % (n))
		word_index_init(&x);
		for (size_t i = 0; i < n_words; i++) {
			size_t n = 3 + NEXT(4);

			for (size_t k = 0; k < n; k++)
				words[i][k] = (char)('a' + NEXT(2));
			words[i][n] = '\0';
			word_index_add(&x, str_of(words[i]), (uint32_t)i, false);
		}
		word_index_ready(&x);
		for (size_t k = 0; k < sizeof(text) - 1; k++)
			text[k] = (char)('a' + NEXT(3));
		text[sizeof(text) - 1] = '\0';
		for (size_t i = 0; i < sizeof(text) - 1;) {
			struct str rest = str_from(str_of(text), i);
			size_t longest = 0, found = i;
			const struct word *w;

			for (size_t k = 0; k < n_words; k++)
				if (str_starts(rest, str_of(words[k])) &&
				    strlen(words[k]) > longest)
					longest = strlen(words[k]);
			if (!longest) {
				i++;
				continue;
			}
			w = word_index_find(&x, str_of(text), &found);
			assert_non_null(w);
			assert_int_equal(found, i);
			assert_int_equal(w->text.n, longest);
			i += longest;
			at = i;
		}
		assert_null(word_index_find(&x, str_of(text), &at));
		word_index_free(&x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_word_is_found),
		cmocka_unit_test(whole_words),
		cmocka_unit_test(short_words_and_the_same_word_are_left_out),
		cmocka_unit_test(words_that_are_divided),
		cmocka_unit_test(the_same_as_a_plain_search),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
