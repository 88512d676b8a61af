/* The largest sums in bounded memory: exact below the cap, true bounds above it. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/top_table.h"
#include "unit.h"

#define KEYS 400

/* A small generator: the same numbers everywhere. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static struct top_entry *add(struct top_table *t, unsigned key, uint64_t bytes)
{
	const uint64_t sum[TOP_N_METRICS] = { [TOP_COUNT] = 1, [TOP_BYTES] = bytes };
	char text[16];
	bool is_new;

	snprintf(text, sizeof(text), "k%u", key);
	return top_add(t, str_of(text), sum, false, &is_new);
}

/* Few keys are frequent, many are rare. */
static unsigned skewed(uint32_t *seed)
{
	unsigned a = next_random(seed) % KEYS, b = next_random(seed) % KEYS,
		 c = next_random(seed) % KEYS;
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

static void sums_are_exact_below_the_cap(void **unused)
{
	uint64_t count[KEYS] = { 0 }, bytes[KEYS] = { 0 };
	struct top_table t;
	uint32_t seed = 1;

	(void)unused;
	top_init(&t, TOP_BYTES, KEYS);
	for (int i = 0; i < 20000; i++) {
		unsigned k = skewed(&seed), n = next_random(&seed) % 100;

		add(&t, k, n);
		count[k]++;
		bytes[k] += n;
	}
	top_sort(&t);
	assert_int_equal(t.evicted, 0);
	for (size_t i = 0; i < t.heap.n; i++) {
		const struct top_entry *e = t.heap.v[i];
		unsigned k = (unsigned)strtoul(e->key.p + 1, NULL, 10);

		assert_int_equal(e->error, 0);
		assert_int_equal(e->sum[TOP_COUNT], count[k]);
		assert_int_equal(e->sum[TOP_BYTES], bytes[k]);
		if (i)
			assert_true(t.heap.v[i - 1]->sum[TOP_BYTES] >= e->sum[TOP_BYTES]);
	}
	top_free(&t);
}

static void bounds_hold_above_the_cap(void **unused)
{
	(void)unused;
	for (size_t cap = 1; cap < 100; cap += 7) {
		uint64_t bytes[KEYS] = { 0 }, total = 0, floor = UINT64_MAX;
		bool there[KEYS] = { false };
		struct top_table t;
		uint32_t seed = (uint32_t)cap;

		top_init(&t, TOP_BYTES, cap);
		for (int i = 0; i < 20000; i++) {
			unsigned k = skewed(&seed), n = next_random(&seed) % 100;

			add(&t, k, n);
			bytes[k] += n;
			total += n;
		}
		top_sort(&t);
		assert_int_equal(t.heap.n, cap);
		assert_int_equal(t.total[TOP_BYTES], total);
		assert_int_equal(t.total[TOP_COUNT], 20000);
		for (size_t i = 0; i < t.heap.n; i++) {
			const struct top_entry *e = t.heap.v[i];
			unsigned k = (unsigned)strtoul(e->key.p + 1, NULL, 10);
			uint64_t most = e->sum[TOP_BYTES] + e->error;

			there[k] = true;
			assert_true(e->sum[TOP_BYTES] <= bytes[k]);
			assert_true(most >= bytes[k]);
			floor = most < floor ? most : floor;
		}
		/* A key that was dropped has no more than the least bound. */
		for (unsigned k = 0; k < KEYS; k++)
			if (!there[k])
				assert_true(bytes[k] <= floor);
		top_free(&t);
	}
}

static void a_key_far_above_the_others_is_never_dropped(void **unused)
{
	struct top_table t;

	(void)unused;
	top_init(&t, TOP_COUNT, 4);
	for (unsigned i = 0; i < 1000; i++) {
		add(&t, 0, 1);
		add(&t, 1 + i % (KEYS - 1), 1);
	}
	top_sort(&t);
	assert_string_equal(t.heap.v[0]->key.p, "k0");
	assert_int_equal(t.heap.v[0]->sum[TOP_COUNT], 1000);
	assert_int_equal(t.heap.v[0]->error, 0);
	top_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_exact_below_the_cap),
		cmocka_unit_test(bounds_hold_above_the_cap),
		cmocka_unit_test(a_key_far_above_the_others_is_never_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
