/* The automaton finds what looking for each word by itself finds. */
#include "unit.h"

#include "rules/text_matcher.h"

#define N_WORDS 150

static uint32_t next_number(uint64_t *x)
{
	*x = *x * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(*x >> 33);
}

/* Of few letters, so that words are parts of each other and of the texts. */
static struct str random_text(uint64_t *x, size_t max, unsigned letters, struct arena *a)
{
	size_t n = next_number(x) % (max + 1);
	char *p = arena_alloc(a, n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)(letters == 256 ? next_number(x) : 'a' + next_number(x) % letters);
	return (struct str){ p, n };
}

static bool plainly(const struct text_word *w, struct str text)
{
	if (w->at_start && w->at_end)
		return str_eq(text, w->text);
	if (w->at_start)
		return str_starts(text, w->text);
	if (w->at_end)
		return str_ends(text, w->text);
	return str_find(text, w->text) >= 0;
}

static void compare_with(unsigned letters, size_t max_word, uint64_t seed)
{
	uint64_t x = seed, bits[(N_WORDS + 63) / 64];
	struct arena a = ARENA_INIT;
	text_words words = { 0 };
	struct text_matcher *m;

	for (uint32_t i = 0; i < N_WORDS; i++) {
		struct text_word w = { random_text(&x, max_word, letters, &a), next_number(&x) % 2,
				       next_number(&x) % 2, i };

		vec_push(&words, w);
	}
	m = text_matcher_new(&words, &a);
	for (unsigned k = 0; k < 300; k++) {
		struct str text = k % 4 ? random_text(&x, 40, letters, &a)
					: words.v[next_number(&x) % N_WORDS].text;

		memset(bits, 0, sizeof(bits));
		text_matcher_run(m, text, bits);
		for (uint32_t i = 0; i < N_WORDS; i++)
			assert_int_equal(bits[i / 64] >> (i % 64) & 1, plainly(&words.v[i], text));
	}
	vec_free(&words);
	arena_destroy(&a);
}

static void words_are_found_where_each_by_itself_is(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		compare_with(2, 6, seed);
		compare_with(20, 12, seed);
		compare_with(256, 3, seed);
	}
}

static void without_words_nothing_is_found(void **state)
{
	struct arena a = ARENA_INIT;
	text_words none = { 0 };
	uint64_t bits = 0;

	(void)state;
	text_matcher_run(text_matcher_new(&none, &a), STR("text"), &bits);
	assert_int_equal(bits, 0);
	arena_destroy(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_found_where_each_by_itself_is),
		cmocka_unit_test(without_words_nothing_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
