#include "unit.h"

#include <errno.h>

#include "capture/driver_feature.h"

/* A kernel: which programs it refuses, in either form. */
struct kernel {
	bool no_typed, nothing, no_rights;
	bool refuses[FEATURE_N][2]; /* [1]: the typed form */
	bool loaded[FEATURE_N];     /* what the last success was */
	bool typed, is_loaded;
	unsigned tries;
};

static int load(void *arg, bool typed, const bool on[FEATURE_N])
{
	struct kernel *k = arg;

	k->tries++;
	k->is_loaded = false;
	if (k->no_rights)
		return -EPERM;
	if (k->nothing || (typed && k->no_typed))
		return -ENOTSUP;
	for (unsigned f = 0; f < FEATURE_N; f++)
		if (on[f] && k->refuses[f][typed])
			return -EINVAL;
	memcpy(k->loaded, on, sizeof(k->loaded));
	k->typed = typed;
	k->is_loaded = true;
	return 0;
}

static uint8_t need[FEATURE_N];

static int setup(void **state)
{
	(void)state;
	driver_feature_needs(true, true, need);
	return 0;
}

/* What was chosen is what is loaded. */
static int choose(struct kernel *k, struct feature_choice *c)
{
	int r = driver_feature_choose(need, load, k, c);

	if (r)
		return r;
	assert_true(k->is_loaded);
	assert_memory_equal(k->loaded, c->on, sizeof(k->loaded));
	assert_int_equal(k->typed, c->typed);
	for (unsigned f = 0; f < FEATURE_N; f++) {
		assert_true(!c->on[f] || need[f] != FEATURE_LEFT);
		assert_true(c->on[f] || need[f] != FEATURE_NEEDED);
		assert_int_equal(c->why[f] != 0, !c->on[f] && need[f] == FEATURE_WISHED);
	}
	return 0;
}

static void a_kernel_with_everything_is_asked_once(void **state)
{
	struct kernel k = { .tries = 0 };
	struct feature_choice c;

	(void)state;
	assert_int_equal(choose(&k, &c), 0);
	assert_int_equal(k.tries, 1);
	assert_true(c.typed && c.on[FEATURE_SIGNAL] && c.on[FEATURE_FREE]);
}

static void what_nobody_asks_for_is_not_tried(void **state)
{
	struct kernel k = {
		.refuses = { [FEATURE_SIGNAL] = { true, true }, [FEATURE_FREE] = { true, true } }
	};
	struct feature_choice c;

	(void)state;
	driver_feature_needs(false, false, need);
	assert_int_equal(choose(&k, &c), 0);
	assert_int_equal(k.tries, 1);
	assert_false(c.on[FEATURE_SIGNAL]);
}

static void without_typed_tracepoints_the_raw_ones_are_taken(void **state)
{
	struct kernel k = { .no_typed = true };
	struct feature_choice c;

	(void)state;
	assert_int_equal(choose(&k, &c), 0);
	assert_int_equal(k.tries, 2);
	assert_false(c.typed);
}

/* Whatever of what is merely wished is refused: exactly that is off. */
static void a_wish_that_is_refused_is_off_and_nothing_else(void **state)
{
	(void)state;
	for (unsigned which = 1; which < 1u << FEATURE_N; which++) {
		struct kernel k = { .no_typed = which & 1 };
		struct feature_choice c;

		for (unsigned f = 0; f < FEATURE_N; f++)
			if (need[f] != FEATURE_NEEDED)
				k.refuses[f][0] = k.refuses[f][1] = which >> f & 1;
		assert_int_equal(choose(&k, &c), 0);
		for (unsigned f = 0; f < FEATURE_N; f++) {
			assert_int_equal(c.on[f], need[f] != FEATURE_LEFT && !k.refuses[f][0]);
			assert_int_equal(c.why[f], need[f] == FEATURE_WISHED && k.refuses[f][0]
							   ? -EINVAL
							   : 0);
		}
	}
}

static void a_need_that_is_refused_is_named(void **state)
{
	(void)state;
	for (unsigned f = 0; f < FEATURE_N; f++) {
		struct kernel k = { .refuses = { [FEATURE_SIGNAL] = { true, true } } };
		struct feature_choice c;

		if (need[f] != FEATURE_NEEDED)
			continue;
		k.refuses[f][0] = k.refuses[f][1] = true;
		assert_int_equal(choose(&k, &c), -EINVAL);
		assert_int_equal(c.stuck, f);
	}
}

static void a_kernel_that_refuses_the_raw_form_only_keeps_the_typed(void **state)
{
	struct kernel k = { .refuses = { [FEATURE_CALL_EXIT] = { true, false },
					 [FEATURE_SIGNAL] = { true, true } } };
	struct feature_choice c;

	(void)state;
	assert_int_equal(choose(&k, &c), 0);
	assert_true(c.typed && !c.on[FEATURE_SIGNAL] && c.on[FEATURE_FREE]);
}

static void without_rights_nothing_more_is_tried(void **state)
{
	struct kernel k = { .no_rights = true };
	struct feature_choice c;

	(void)state;
	assert_int_equal(choose(&k, &c), -EPERM);
	assert_int_equal(k.tries, 1);
	assert_int_equal(c.stuck, FEATURE_N);
}

static void a_kernel_that_takes_nothing_is_said_so(void **state)
{
	struct kernel k = { .nothing = true };
	struct feature_choice c;

	(void)state;
	assert_int_equal(choose(&k, &c), -ENOTSUP);
	assert_int_equal(c.stuck, FEATURE_CALL_EXIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_kernel_with_everything_is_asked_once, setup),
		cmocka_unit_test_setup(what_nobody_asks_for_is_not_tried, setup),
		cmocka_unit_test_setup(without_typed_tracepoints_the_raw_ones_are_taken, setup),
		cmocka_unit_test_setup(a_wish_that_is_refused_is_off_and_nothing_else, setup),
		cmocka_unit_test_setup(a_need_that_is_refused_is_named, setup),
		cmocka_unit_test_setup(a_kernel_that_refuses_the_raw_form_only_keeps_the_typed,
				       setup),
		cmocka_unit_test_setup(without_rights_nothing_more_is_tried, setup),
		cmocka_unit_test_setup(a_kernel_that_takes_nothing_is_said_so, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
