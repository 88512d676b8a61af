#include "unit.h"

#include "base/hashmap.h"

static void numbers_survive_growth_and_deletion(void **state)
{
	struct u64map m = { 0 };
	int values[1000];

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		assert_null(u64map_put(&m, i * 0x10000, &values[i]));
	for (uint64_t i = 0; i < 1000; i += 2)
		assert_ptr_equal(u64map_del(&m, i * 0x10000), &values[i]);
	assert_int_equal(m.n, 500);
	for (uint64_t i = 0; i < 1000; i++)
		assert_ptr_equal(u64map_get(&m, i * 0x10000), i % 2 ? &values[i] : NULL);
	assert_null(u64map_del(&m, 0));
	u64map_free(&m);
}

static void a_map_that_is_filled_and_emptied_stays_small(void **state)
{
	struct u64map m = { 0 };
	int v;

	(void)state;
	for (uint64_t i = 0; i < 100000; i++) {
		u64map_put(&m, i, &v);
		u64map_del(&m, i);
	}
	assert_int_equal(m.n, 0);
	assert_true(m.cap <= 64);
	u64map_free(&m);
}

static void put_returns_what_it_replaces(void **state)
{
	struct u64map m = { 0 };
	int a, b;

	(void)state;
	assert_null(u64map_put(&m, 7, &a));
	assert_ptr_equal(u64map_put(&m, 7, &b), &a);
	assert_ptr_equal(u64map_get(&m, 7), &b);
	assert_int_equal(m.n, 1);
	u64map_free(&m);
}

static void sorted_keys_are_sorted(void **state)
{
	struct u64map m = { 0 };
	uint64_t *keys;
	int v;

	(void)state;
	assert_null(u64map_sorted_keys(&m));
	for (uint64_t i = 0; i < 100; i++)
		u64map_put(&m, (i * 37) % 101, &v);
	keys = u64map_sorted_keys(&m);
	for (size_t i = 1; i < m.n; i++)
		assert_true(keys[i - 1] < keys[i]);
	free(keys);
	u64map_free(&m);
}

static void strings_iterate_in_order_of_insertion(void **state)
{
	struct strmap m = { 0 };
	char names[200][8];
	int v[200];

	(void)state;
	for (int i = 0; i < 200; i++) {
		snprintf(names[i], sizeof(names[i]), "k%d", 199 - i);
		strmap_put(&m, str_of(names[i]), &v[i]);
	}
	for (int i = 0; i < 200; i++) {
		assert_str(m.entries[i].key, names[i]);
		assert_ptr_equal(strmap_get(&m, str_of(names[i])), &v[i]);
	}
	assert_null(strmap_get(&m, STR("absent")));
	strmap_put(&m, str_of(names[5]), NULL);
	assert_true(strmap_has(&m, str_of(names[5])));
	assert_int_equal(m.n, 200);
	strmap_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_survive_growth_and_deletion),
		cmocka_unit_test(a_map_that_is_filled_and_emptied_stays_small),
		cmocka_unit_test(put_returns_what_it_replaces),
		cmocka_unit_test(sorted_keys_are_sorted),
		cmocka_unit_test(strings_iterate_in_order_of_insertion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
