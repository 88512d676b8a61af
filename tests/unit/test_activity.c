/* Counts over time in bounded memory: no event is lost when slices are put together. */
#include "cli/activity.h"
#include "unit.h"

/* Sums of all slices. */
static uint64_t total(const struct activity *a, enum activity_kind kind)
{
	uint64_t n = 0;

	for (size_t i = 0; i < ACTIVITY_SLICES; i++) {
		assert_true(i < a->used || !a->counts[i][kind]);
		n += a->counts[i][kind];
	}
	return n;
}

static void a_short_trace_has_fine_slices(void **unused)
{
	struct activity a;

	(void)unused;
	activity_init(&a);
	activity_add(&a, 1000000, ACTIVITY_FILES, false);
	activity_add(&a, 1000000 + 3 * a.width, ACTIVITY_NETWORK, true);
	assert_int_equal(a.from, 1000000);
	assert_int_equal(a.used, 4);
	assert_int_equal(a.counts[0][ACTIVITY_FILES], 1);
	assert_int_equal(a.counts[3][ACTIVITY_NETWORK], 1);
	assert_int_equal(a.counts[3][ACTIVITY_FAILED], 1);
	activity_free(&a);
}

static void what_was_counted_stays_where_it_was_in_time(void **unused)
{
	const uint64_t from = 1795166040000000000u, step = 7777777;
	struct activity a;

	(void)unused;
	activity_init(&a);
	for (uint64_t i = 0; i < 50000; i++)
		activity_add(&a, from + i * step, (enum activity_kind)(i % 4), i % 10 == 0);
	for (unsigned k = ACTIVITY_FILES; k < ACTIVITY_FAILED; k++)
		assert_int_equal(total(&a, k), 12500);
	assert_int_equal(total(&a, ACTIVITY_FAILED), 5000);
	assert_in_range(a.used, ACTIVITY_SLICES / 2, ACTIVITY_SLICES);
	for (size_t i = 0; i + 1 < a.used; i++) {
		uint64_t n = 0;

		for (unsigned k = ACTIVITY_FILES; k < ACTIVITY_FAILED; k++)
			n += a.counts[i][k];
		assert_in_range(n, a.width / step, a.width / step + 1);
	}
	activity_free(&a);
}

static void times_out_of_order_and_far_away_are_counted(void **unused)
{
	struct activity a;

	(void)unused;
	activity_init(&a);
	activity_add(&a, 5000, ACTIVITY_OTHER, false);
	activity_add(&a, 1, ACTIVITY_OTHER, false); /* before the first: with it */
	activity_add(&a, UINT64_MAX, ACTIVITY_OTHER, false);
	assert_int_equal(a.counts[0][ACTIVITY_OTHER], 2);
	assert_int_equal(total(&a, ACTIVITY_OTHER), 3);
	activity_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_trace_has_fine_slices),
		cmocka_unit_test(what_was_counted_stays_where_it_was_in_time),
		cmocka_unit_test(times_out_of_order_and_far_away_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
