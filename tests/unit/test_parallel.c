#include "unit.h"

#include <unistd.h>

#include "base/parallel.h"

#define N 500

struct seen {
	unsigned jobs;
	int worked[N];
	size_t taken, stop_at;
	int far; /* work was further ahead of what is taken than it may be */
};

static void work(void *arg, size_t i)
{
	struct seen *s = arg;

	if (i % 7 == 0)
		usleep(200);
	/* take() counts before the pool does: this may be ahead of its count, never behind */
	if (i > __atomic_load_n(&s->taken, __ATOMIC_SEQ_CST) + 4 * (size_t)s->jobs)
		__atomic_store_n(&s->far, 1, __ATOMIC_SEQ_CST);
	s->worked[i]++;
}

static int take(void *arg, size_t i)
{
	struct seen *s = arg;

	assert_int_equal(i, s->taken);
	assert_int_equal(s->worked[i], 1);
	__atomic_store_n(&s->taken, s->taken + 1, __ATOMIC_SEQ_CST);
	return i + 1 == s->stop_at ? 7 : 0;
}

static void each_is_done_once(void **state)
{
	static const unsigned jobs[] = { 1, 2, 3, 16, PARALLEL_MAX, 100000 };

	(void)state;
	for (size_t k = 0; k < sizeof(jobs) / sizeof(jobs[0]); k++) {
		struct seen s = { .jobs = jobs[k] };

		parallel_each(jobs[k], N, work, &s);
		for (size_t i = 0; i < N; i++)
			assert_int_equal(s.worked[i], 1);
	}
}

static void what_is_taken_is_taken_in_order_and_not_far_behind(void **state)
{
	(void)state;
	for (unsigned jobs = 1; jobs < 10; jobs++) {
		struct seen s = { .jobs = jobs };

		assert_int_equal(parallel_ordered(jobs, N, work, take, &s), 0);
		assert_int_equal(s.taken, N);
		assert_int_equal(s.far, 0);
	}
}

static void taking_can_end_it(void **state)
{
	(void)state;
	for (unsigned jobs = 1; jobs < 5; jobs++) {
		struct seen s = { .jobs = jobs, .stop_at = 20 };
		size_t begun = 0;

		assert_int_equal(parallel_ordered(jobs, N, work, take, &s), 7);
		assert_int_equal(s.taken, 20);
		for (size_t i = 0; i < N; i++)
			begun += (size_t)s.worked[i];
		assert_in_range(begun, 20, 20 + 4 * jobs);
	}
}

static void nothing_to_do_is_no_error(void **state)
{
	struct seen s = { 0 };

	(void)state;
	parallel_each(4, 0, work, &s);
	assert_int_equal(parallel_ordered(4, 0, work, take, &s), 0);
}

static void the_number_of_threads_is_bounded(void **state)
{
	(void)state;
	assert_in_range(parallel_jobs(0), 1, PARALLEL_MAX);
	assert_int_equal(parallel_jobs(3), 3);
	assert_int_equal(parallel_jobs(1u << 30), PARALLEL_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_done_once),
		cmocka_unit_test(what_is_taken_is_taken_in_order_and_not_far_behind),
		cmocka_unit_test(taking_can_end_it),
		cmocka_unit_test(nothing_to_do_is_no_error),
		cmocka_unit_test(the_number_of_threads_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
