#include "unit.h"

#include "base/strbuf.h"
#include "output/loss_policy.h"

/* A little over a second: a second that is just over. */
#define S UINT64_C(1000000001)

static struct loss_policy policy_of(const char *actions)
{
	struct strbuf buf = STRBUF_INIT;
	struct loss_policy p;

	loss_policy_init(&p);
	assert_null(loss_policy_parse_actions(&p, str_of(actions), &buf));
	strbuf_release(&buf);
	return p;
}

static void lose(struct loss_policy *p, uint64_t n)
{
	struct loss loss = { .count = n };

	loss_policy_loss(p, &loss);
}

static void a_second_that_lost_too_much_is_told_once_it_is_over(void **state)
{
	struct loss_policy p = policy_of("alert");
	struct loss_second sec;

	(void)state;
	assert_false(loss_policy_event(&p, 10 * S, &sec));
	lose(&p, 5);
	assert_false(loss_policy_event(&p, 10 * S + S / 2, &sec));
	assert_true(loss_policy_event(&p, 11 * S, &sec));
	assert_int_equal(sec.lost, 5);
	assert_int_equal(sec.seen, 2);
	assert_int_equal(p.occurrences, 1);
	assert_int_equal(p.actions_taken, 1);
	assert_false(loss_policy_event(&p, 12 * S, &sec));
	assert_int_equal(p.occurrences, 1);
}

static void a_loss_at_the_threshold_is_not_too_much(void **state)
{
	struct loss_policy p = policy_of("log");
	struct loss_second sec;

	(void)state;
	for (int i = 0; i < 9; i++)
		assert_false(loss_policy_event(&p, S + (uint64_t)i, &sec));
	lose(&p, 1);
	assert_false(loss_policy_event(&p, 3 * S, &sec));
	assert_int_equal(p.occurrences, 0);
}

static void actions_are_limited_by_tokens_of_trace_time(void **state)
{
	struct loss_policy p = policy_of("alert");
	struct loss_second sec;
	unsigned taken = 0;

	(void)state;
	p.simulate = true;
	p.burst = 2;
	p.rate = 0.25;
	for (uint64_t t = 1; t <= 14; t++)
		taken += loss_policy_event(&p, t * S, &sec);
	assert_int_equal(p.occurrences, 13);
	/* Two at once, then one each four seconds. */
	assert_int_equal(taken, 5);
	assert_int_equal(p.actions_taken, 5);
}

static void an_unknown_number_counts_as_one(void **state)
{
	struct loss_policy p = policy_of("ignore");
	struct loss_second sec;

	(void)state;
	assert_false(loss_policy_event(&p, S, &sec));
	lose(&p, UINT64_MAX);
	assert_true(loss_policy_event(&p, 2 * S, &sec));
	assert_int_equal(sec.lost, 1);
}

static void time_that_goes_back_is_harmless(void **state)
{
	struct loss_policy p = policy_of("log");
	struct loss_second sec;

	(void)state;
	p.simulate = true;
	assert_false(loss_policy_event(&p, 9 * S, &sec));
	assert_false(loss_policy_event(&p, 2 * S, &sec));
	assert_true(loss_policy_event(&p, 10 * S, &sec));
}

static void without_actions_nothing_is_counted(void **state)
{
	struct loss_policy p;
	struct loss_second sec;

	(void)state;
	loss_policy_init(&p);
	p.simulate = true;
	for (uint64_t t = 1; t < 10; t++)
		assert_false(loss_policy_event(&p, t * S, &sec));
	assert_int_equal(p.occurrences, 0);
}

static void wrong_settings_are_told(void **state)
{
	struct strbuf buf = STRBUF_INIT;
	struct loss_policy p = policy_of("ignore, log");

	(void)state;
	assert_non_null(loss_policy_check(&p));
	p = policy_of("log,alert,exit");
	assert_null(loss_policy_check(&p));
	p.threshold = 1.1;
	assert_non_null(loss_policy_check(&p));
	p.threshold = 1;
	p.burst = 0;
	assert_non_null(loss_policy_check(&p));
	assert_non_null(loss_policy_parse_actions(&p, STR("log,nothing"), &buf));
	strbuf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_that_lost_too_much_is_told_once_it_is_over),
		cmocka_unit_test(a_loss_at_the_threshold_is_not_too_much),
		cmocka_unit_test(actions_are_limited_by_tokens_of_trace_time),
		cmocka_unit_test(an_unknown_number_counts_as_one),
		cmocka_unit_test(time_that_goes_back_is_harmless),
		cmocka_unit_test(without_actions_nothing_is_counted),
		cmocka_unit_test(wrong_settings_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
