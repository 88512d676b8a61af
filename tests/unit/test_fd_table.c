#include "unit.h"

#include "base/intern.h"
#include "state/fd_table.h"

static struct intern *pool;

static struct fd_entry *add(struct fd_table *t, int64_t num)
{
	struct fd_entry *f = fd_table_add(t, num);

	if (f)
		f->kept_name = f->nameraw = intern_empty(pool);
	return f;
}

static void any_number_is_a_descriptor(void **state)
{
	static const int64_t nums[] = { 0, 7, 8, 255, -1, -8, -9, INT64_MAX, INT64_MIN, 1 << 20 };
	struct fd_table *t = fd_table_new(100);

	(void)state;
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(add(t, nums[i])->num, nums[i]);
	assert_int_equal(fd_table_count(t), 10);
	assert_true(fd_table_check(t));
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(fd_table_get(t, nums[i])->num, nums[i]);
	assert_null(fd_table_get(t, 1));
	assert_null(fd_table_get(t, -2));
	for (size_t i = 0; i < 10; i++)
		assert_true(fd_table_del(t, nums[i]));
	assert_false(fd_table_del(t, 0));
	assert_int_equal(fd_table_count(t), 0);
	assert_true(fd_table_check(t));
	fd_table_free(t);
}

static void entries_come_in_ascending_order(void **state)
{
	static const int64_t nums[] = { 100, 3, -5, 0, 9 };
	static const int64_t sorted[] = { -5, 0, 3, 9, 100 };
	struct fd_table *t = fd_table_new(100);
	const struct fd_entry *f;
	size_t pos = 0, n = 0;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		add(t, nums[i]);
	while ((f = fd_table_next(t, &pos)))
		assert_int_equal(f->num, sorted[n++]);
	assert_int_equal(n, 5);
	fd_table_free(t);
}

static void a_full_table_takes_no_new_number_but_replaces(void **state)
{
	struct fd_table *t = fd_table_new(2);

	(void)state;
	add(t, 1);
	add(t, 2)->ino = 5;
	assert_null(add(t, 3));
	assert_non_null(add(t, 2));
	assert_int_equal(fd_table_get(t, 2)->ino, 0);
	assert_int_equal(fd_table_count(t), 2);
	fd_table_free(t);
}

static void a_copy_does_not_see_later_changes(void **state)
{
	struct fd_table *a = fd_table_new(100), *b;

	(void)state;
	add(a, 1)->ino = 1;
	add(a, 50)->ino = 2;
	b = fd_table_copy(a);
	fd_table_edit(a, 1)->ino = 9;
	assert_int_equal(fd_table_get(b, 1)->ino, 1);
	fd_table_del(b, 50);
	assert_int_equal(fd_table_get(a, 50)->ino, 2);
	add(b, 51);
	assert_null(fd_table_get(a, 51));
	assert_true(fd_table_check(a));
	assert_true(fd_table_check(b));
	fd_table_free(a);
	assert_int_equal(fd_table_get(b, 1)->ino, 1);
	fd_table_free(b);
}

static bool keep_even(void *arg, const struct fd_entry *f)
{
	(void)arg;
	return f->num % 2 == 0;
}

static void a_duplicate_is_equal_but_for_its_number(void **state)
{
	struct fd_table *t = fd_table_new(3), *copy;
	const struct fd_entry *f;

	(void)state;
	add(t, 3)->dev = 7;
	copy = fd_table_copy(t);
	/* Into the page that holds the original and that the copy shares, and into another one. */
	for (int64_t num = 5; num <= 50; num *= 10) {
		f = fd_table_dup(t, fd_table_get(t, 3), num);
		assert_int_equal(f->num, num);
		assert_int_equal(f->dev, 7);
		assert_ptr_equal(f, fd_table_get(t, num));
		assert_null(fd_table_get(copy, num));
	}
	assert_null(fd_table_dup(t, fd_table_get(t, 3), 6));
	assert_ptr_equal(fd_table_dup(t, fd_table_get(t, 3), 3), fd_table_get(t, 3));
	/* From another table, in place of what was there. */
	fd_table_edit(copy, 3)->dev = 8;
	assert_int_equal(fd_table_dup(t, fd_table_get(copy, 3), 5)->dev, 8);
	assert_int_equal(fd_table_get(t, 5)->num, 5);
	assert_int_equal(fd_table_count(t), 3);
	assert_true(fd_table_check(t));
	assert_true(fd_table_check(copy));
	fd_table_free(t);
	fd_table_free(copy);
}

static void a_filter_leaves_the_copy_alone(void **state)
{
	struct fd_table *a = fd_table_new(100), *b;

	(void)state;
	for (int i = 0; i < 20; i++)
		add(a, i);
	add(a, 33);
	b = fd_table_copy(a);
	fd_table_filter(a, keep_even, NULL);
	assert_int_equal(fd_table_count(a), 10);
	assert_int_equal(fd_table_count(b), 21);
	assert_null(fd_table_get(a, 33));
	assert_non_null(fd_table_get(b, 33));
	assert_true(fd_table_check(a));
	fd_table_free(a);
	fd_table_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_is_a_descriptor),
		cmocka_unit_test(entries_come_in_ascending_order),
		cmocka_unit_test(a_full_table_takes_no_new_number_but_replaces),
		cmocka_unit_test(a_copy_does_not_see_later_changes),
		cmocka_unit_test(a_duplicate_is_equal_but_for_its_number),
		cmocka_unit_test(a_filter_leaves_the_copy_alone),
	};
	int r;

	pool = intern_new();
	r = cmocka_run_group_tests(tests, NULL, NULL);
	intern_free(pool);
	return r;
}
