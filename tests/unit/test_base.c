#include "unit.h"

#include "base/arena.h"
#include "base/cursor.h"
#include "base/diag.h"
#include "base/timefmt.h"
#include "base/vec.h"

static void a_read_past_the_end_is_zero_and_bad(void **state)
{
	const uint8_t bytes[] = { 1, 2, 3, 4, 5 };
	struct cursor c = cursor_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(cursor_u32(&c), 0x04030201);
	assert_false(c.bad);
	assert_int_equal(cursor_u16(&c), 0);
	assert_true(c.bad);
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(cursor_left(&c), 0);
}

static void an_overlong_varint_is_bad(void **state)
{
	const uint8_t max[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 };
	const uint8_t more[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
	struct cursor c = cursor_of(max, sizeof(max));

	(void)state;
	assert_true(cursor_varint(&c) == UINT64_MAX);
	assert_false(c.bad);
	c = cursor_of(more, sizeof(more));
	cursor_varint(&c);
	assert_true(c.bad);
}

static void a_reset_arena_reuses_its_memory(void **state)
{
	struct arena a;
	void *first;

	(void)state;
	arena_init(&a);
	first = arena_alloc(&a, 100);
	for (int i = 0; i < 100; i++)
		memset(arena_alloc(&a, 1000), i, 1000);
	arena_reset(&a);
	assert_ptr_equal(arena_alloc(&a, 100), first);
	assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	assert_int_equal((uintptr_t)arena_alloc(&a, 3) % 16, 0);
	arena_destroy(&a);
}

static void one_allocation_may_be_larger_than_a_chunk(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	memset(arena_alloc(&a, 5 << 20), 1, 5 << 20);
	memset(arena_alloc(&a, 10), 1, 10);
	arena_destroy(&a);
}

static void strings_split_keep_empty_pieces(void **state)
{
	struct str rest = STR("a,,b,"), piece;

	(void)state;
	assert_true(str_split(&rest, ',', &piece));
	assert_str(piece, "a");
	assert_true(str_split(&rest, ',', &piece));
	assert_str(piece, "");
	assert_true(str_split(&rest, ',', &piece));
	assert_str(piece, "b");
	assert_true(str_split(&rest, ',', &piece));
	assert_str(piece, "");
	assert_false(str_split(&rest, ',', &piece));
}

static void numbers_must_be_whole_and_fit(void **state)
{
	unsigned long long u;
	long long i;

	(void)state;
	assert_true(str_to_u64(STR("18446744073709551615"), &u));
	assert_false(str_to_u64(STR("18446744073709551616"), &u));
	assert_false(str_to_u64(STR(""), &u));
	assert_false(str_to_u64(STR("1 "), &u));
	assert_true(str_to_i64(STR("-9223372036854775808"), &i));
	assert_true(i == INT64_MIN);
	assert_false(str_to_i64(STR("9223372036854775808"), &i));
	assert_true(str_to_i64(STR("+5"), &i));
	assert_false(str_to_i64(STR("-"), &i));
}

static void a_buffer_grows_by_any_step(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	assert_string_equal(sb.s, "");
	for (int i = 0; i < 1000; i++)
		strbuf_addf(&sb, "%03d", i);
	assert_int_equal(sb.n, 3000);
	assert_memory_equal(sb.s + 2997, "999", 4);
	strbuf_truncate(&sb, 3);
	assert_strbuf(&sb, "000");
	strbuf_addi(&sb, INT64_MIN);
	assert_strbuf(&sb, "-9223372036854775808");
	strbuf_addx(&sb, 0xdeadbeef);
	assert_strbuf(&sb, "deadbeef");
	strbuf_addu_pad(&sb, 42, 9);
	assert_strbuf(&sb, "000000042");
	strbuf_release(&sb);
}

static void numbers_have_the_digits_of_printf(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	char want[80];
	uint64_t power = 1;

	(void)state;
	for (unsigned digits = 1; digits <= 20; digits++, power *= 10) {
		for (int off = -1; off <= 1; off++) {
			uint64_t v = power + (uint64_t)(int64_t)off;

			strbuf_addu(&sb, v);
			snprintf(want, sizeof(want), "%llu", (unsigned long long)v);
			assert_strbuf(&sb, want);
			strbuf_addi(&sb, (int64_t)v);
			snprintf(want, sizeof(want), "%lld", (long long)v);
			assert_strbuf(&sb, want);
			for (unsigned width = 0; width < 30; width++) {
				strbuf_addu_pad(&sb, v, width);
				snprintf(want, sizeof(want), "%0*llu", (int)width,
					 (unsigned long long)v);
				assert_strbuf(&sb, want);
			}
		}
	}
	strbuf_addi(&sb, INT64_MIN);
	strbuf_addc(&sb, ' ');
	strbuf_addu(&sb, UINT64_MAX);
	assert_strbuf(&sb, "-9223372036854775808 18446744073709551615");
	strbuf_release(&sb);
}

static void words_of_any_length_are_added_whole(void **state)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		strbuf_addc(&sb, '<');
		strbuf_add(&sb, text, n);
		assert_int_equal(sb.n, n + 1);
		assert_memory_equal(sb.s + 1, text, n);
		assert_int_equal(sb.s[sb.n], 0);
		strbuf_reset(&sb);
	}
	strbuf_release(&sb);
}

static void times_one_after_the_other_are_as_each_for_itself(void **state)
{
	static const uint64_t times[] = { 0,
					  1,
					  999999999,
					  1000000000,
					  1795302041832515770u,
					  1795302041999999999u,
					  1795302042000000000u,
					  5,
					  UINT64_MAX };
	struct strbuf sb = STRBUF_INIT, want = STRBUF_INIT;
	struct iso_clock clock = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		time_iso8601(&want, times[i], "Z");
		iso_clock_text(&clock, &sb, times[i]);
		assert_strbuf(&sb, want.s);
		strbuf_reset(&want);
	}
	strbuf_release(&sb);
	strbuf_release(&want);
}

static void times_print_in_utc(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	uint64_t t = UINT64_C(1795302041832515770);

	(void)state;
	time_iso8601(&sb, t, "Z");
	assert_strbuf(&sb, "2026-11-21T23:00:41.832515770Z");
	time_hms(&sb, t, true);
	assert_strbuf(&sb, "23:00:41.832515770");
	time_datetime(&sb, UINT64_C(951782400000000000), false);
	assert_strbuf(&sb, "2000-02-29 00:00:00");
	time_iso8601(&sb, UINT64_MAX, "Z");
	assert_strbuf(&sb, "2554-07-21T23:34:33.709551615Z");
	strbuf_release(&sb);
}

static void times_are_read_back(void **state)
{
	uint64_t t;

	(void)state;
	assert_true(time_parse(STR("2026-11-21T23:00:41.832515770Z"), &t));
	assert_true(t == UINT64_C(1795302041832515770));
	assert_true(time_parse(STR("2026-11-22 00:30:41.5+01:30"), &t));
	assert_true(t == UINT64_C(1795302041500000000));
	assert_true(time_parse(STR("2026-11-21"), &t));
	assert_true(t == UINT64_C(1795219200000000000));
	assert_true(time_parse(STR("@1795302041.5"), &t));
	assert_true(t == UINT64_C(1795302041500000000));
	assert_false(time_parse(STR("2026-13-21"), &t));
	assert_false(time_parse(STR("2026-11-21T23"), &t));
	assert_false(time_parse(STR("2026-11-21T23:00:41Zx"), &t));
	assert_false(time_parse(STR("@"), &t));
	assert_false(time_parse(STR(""), &t));
}

static void durations_have_units(void **state)
{
	uint64_t t;

	(void)state;
	assert_true(duration_parse(STR("1.5s"), &t));
	assert_true(t == 1500000000);
	assert_true(duration_parse(STR("90"), &t));
	assert_true(t == UINT64_C(90000000000));
	assert_true(duration_parse(STR("200ms"), &t));
	assert_true(t == 200000000);
	assert_true(duration_parse(STR("0.5d"), &t));
	assert_true(t == UINT64_C(43200000000000));
	assert_false(duration_parse(STR("5x"), &t));
	assert_false(duration_parse(STR("99999999999999999999d"), &t));
}

static void a_problem_says_where_and_cannot_forge_a_line(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct diag d;
	struct diag_item *it;

	(void)state;
	diag_init(&d);
	it = diag_add(&d, DIAG_ERROR, "LOAD_ERR", "bad \n thing");
	it->file = "rules.yaml";
	it->has_pos = true;
	it->line = 2;
	it->col = 4;
	it->snippet = "- rule: x\n    ^";
	diag_item_text(it, &sb);
	assert_strbuf(
		&sb, "rules.yaml:3:5: error: bad \\n thing [LOAD_ERR]\n    - rule: x\n        ^\n");
	it = diag_add_at(&d, DIAG_WARNING, NULL, "t.scap", 1234, "cut");
	diag_item_text(it, &sb);
	assert_strbuf(&sb, "t.scap: warning: cut (at byte 1234)\n");
	assert_int_equal(d.n_errors, 1);
	assert_int_equal(d.n_warnings, 1);
	strbuf_release(&sb);
	diag_free(&d);
}

static void problems_are_capped_and_counted(void **state)
{
	struct diag d;

	(void)state;
	diag_init(&d);
	for (int i = 0; i < DIAG_MAX_ITEMS + 5; i++)
		diag_add(&d, DIAG_WARNING, NULL, "w%d", i);
	assert_int_equal(d.items.n, DIAG_MAX_ITEMS);
	assert_int_equal(d.n_dropped, 5);
	assert_int_equal(d.n_warnings, DIAG_MAX_ITEMS + 5);
	diag_free(&d);
}

static void distance_ignores_case_and_stops_at_max(void **state)
{
	(void)state;
	assert_int_equal(str_distance(STR("proc.nmae"), STR("proc.name"), 3), 2);
	assert_int_equal(str_distance(STR("abc"), STR("xyzuvw"), 2), 3);
	assert_int_equal(str_distance(STR("FD.name"), STR("fd.name"), 3), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_past_the_end_is_zero_and_bad),
		cmocka_unit_test(an_overlong_varint_is_bad),
		cmocka_unit_test(a_reset_arena_reuses_its_memory),
		cmocka_unit_test(one_allocation_may_be_larger_than_a_chunk),
		cmocka_unit_test(strings_split_keep_empty_pieces),
		cmocka_unit_test(numbers_must_be_whole_and_fit),
		cmocka_unit_test(a_buffer_grows_by_any_step),
		cmocka_unit_test(numbers_have_the_digits_of_printf),
		cmocka_unit_test(words_of_any_length_are_added_whole),
		cmocka_unit_test(times_one_after_the_other_are_as_each_for_itself),
		cmocka_unit_test(times_print_in_utc),
		cmocka_unit_test(times_are_read_back),
		cmocka_unit_test(durations_have_units),
		cmocka_unit_test(a_problem_says_where_and_cannot_forge_a_line),
		cmocka_unit_test(problems_are_capped_and_counted),
		cmocka_unit_test(distance_ignores_case_and_stops_at_max),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
