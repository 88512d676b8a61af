#include "unit.h"

#include "base/intern.h"

static void equal_bytes_have_one_address(void **state)
{
	struct intern *in = intern_new();
	const struct istr *a = intern_get(in, "bash", 4);

	(void)state;
	assert_ptr_equal(intern_get(in, "bash", 4), a);
	assert_ptr_not_equal(intern_get(in, "bas", 3), a);
	assert_ptr_equal(intern_get(in, "", 0), intern_empty(in));
	assert_null(intern_find(in, "zsh", 3));
	assert_int_equal(intern_count(in), 2);
	intern_free(in);
}

static void a_sweep_keeps_the_marked_and_the_empty_only(void **state)
{
	struct intern *in = intern_new();
	const struct istr *kept = intern_get(in, "kept", 4);

	(void)state;
	intern_get(in, "gone", 4);
	intern_mark_begin(in);
	intern_mark(in, kept);
	intern_mark(in, NULL);
	intern_sweep(in);
	assert_int_equal(intern_count(in), 1);
	assert_ptr_equal(intern_find(in, "kept", 4), kept);
	assert_null(intern_find(in, "gone", 4));
	assert_int_equal(intern_empty(in)->n, 0);
	intern_free(in);
}

static void many_strings_are_all_found(void **state)
{
	struct intern *in = intern_new();
	char name[16];

	(void)state;
	for (int i = 0; i < 5000; i++)
		intern_get(in, name, (size_t)snprintf(name, sizeof(name), "n%d", i));
	assert_int_equal(intern_count(in), 5000);
	for (int i = 0; i < 5000; i++)
		assert_non_null(
			intern_find(in, name, (size_t)snprintf(name, sizeof(name), "n%d", i)));
	intern_free(in);
}

/* Of all sizes, three generations, each where the one before it was swept. */
static void what_was_swept_is_used_again(void **state)
{
	struct intern *in = intern_new();
	const struct istr *kept = intern_get(in, "kept", 4);
	char name[4096];
	size_t bytes = 0;

	(void)state;
	for (int round = 0; round < 3; round++) {
		memset(name, 'a' + round, sizeof(name));
		for (size_t n = 1; n < sizeof(name); n += 7) {
			struct istr *s = (struct istr *)(uintptr_t)intern_get(in, name, n);

			s->memo = calloc(1, 8);
		}
		for (size_t n = 1; n < sizeof(name); n += 7) {
			const struct istr *s = intern_find(in, name, n);

			assert_non_null(s);
			assert_memory_equal(s->s, name, n);
			assert_int_equal(s->s[n], '\0');
		}
		if (round == 0)
			bytes = intern_bytes(in);
		assert_int_equal(intern_bytes(in), bytes);
		if (round == 2)
			break;
		intern_mark_begin(in);
		intern_mark(in, kept);
		intern_sweep(in);
		assert_int_equal(intern_count(in), 1);
	}
	assert_memory_equal(kept->s, "kept", 5);
	intern_free(in);
}

static void a_sweep_is_wanted_only_after_doubling(void **state)
{
	struct intern *in = intern_new();
	char big[4096] = { 0 };

	(void)state;
	assert_false(intern_wants_sweep(in));
	for (int i = 0; i < 2400; i++) {
		memcpy(big, &i, sizeof(i));
		intern_get(in, big, sizeof(big));
	}
	assert_true(intern_wants_sweep(in));
	intern_mark_begin(in);
	intern_sweep(in);
	assert_false(intern_wants_sweep(in));
	assert_int_equal(intern_bytes(in), 0);
	intern_free(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_bytes_have_one_address),
		cmocka_unit_test(a_sweep_keeps_the_marked_and_the_empty_only),
		cmocka_unit_test(many_strings_are_all_found),
		cmocka_unit_test(what_was_swept_is_used_again),
		cmocka_unit_test(a_sweep_is_wanted_only_after_doubling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
