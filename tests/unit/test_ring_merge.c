#include "unit.h"

#include "capture/ring_merge.h"
#include "eyas_abi.h"

struct seen {
	uint64_t ts[64];
	uint16_t cpu[64];
	int n, stop_at;
};

static int see(void *arg, const void *record, size_t n, uint16_t cpu)
{
	struct seen *s = arg;
	struct eyas_record r;

	assert_int_equal(n, sizeof(r));
	memcpy(&r, record, sizeof(r));
	s->ts[s->n] = r.ts;
	s->cpu[s->n++] = cpu;
	return s->n == s->stop_at ? 7 : 0;
}

static void put(struct ring_merge *m, uint16_t cpu, uint64_t ts)
{
	struct eyas_record r = { .ts = ts };

	ring_merge_put(m, cpu, &r, sizeof(r));
}

static void records_of_all_cpus_come_in_order_of_time(void **state)
{
	struct ring_merge *m = ring_merge_new(3);
	struct seen s = { .n = 0 };

	(void)state;
	put(m, 0, 10);
	put(m, 0, 40);
	put(m, 2, 20);
	put(m, 2, 50);
	put(m, 1, 30);
	assert_int_equal(ring_merge_take(m, UINT64_MAX, 100, see, &s), 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(s.ts[i], 10 * (i + 1));
	assert_int_equal(ring_merge_bytes(m), 0);
	ring_merge_free(m);
}

static void equal_times_go_by_cpu(void **state)
{
	struct ring_merge *m = ring_merge_new(4);
	struct seen s = { .n = 0 };

	(void)state;
	for (uint16_t cpu = 4; cpu--;)
		put(m, cpu, 5);
	assert_int_equal(ring_merge_take(m, UINT64_MAX, 100, see, &s), 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(s.cpu[i], i);
	ring_merge_free(m);
}

static void what_may_still_be_overtaken_is_held_back(void **state)
{
	struct ring_merge *m = ring_merge_new(2);
	struct seen s = { .n = 0 };
	uint64_t now = 10 * RING_MERGE_SLACK_NS;

	(void)state;
	put(m, 0, now - RING_MERGE_SLACK_NS - 1);
	put(m, 0, now - RING_MERGE_SLACK_NS);
	assert_int_equal(ring_merge_take(m, now, 100, see, &s), 1);
	put(m, 1, now - RING_MERGE_SLACK_NS - 1); /* a straggler comes before it */
	assert_int_equal(ring_merge_take(m, now + 1, 100, see, &s), 2);
	assert_int_equal(s.cpu[1], 1);
	assert_int_equal(ring_merge_take(m, 5, 100, see, &s), 0); /* a clock before the slack */
	ring_merge_free(m);
}

static void taking_stops_after_so_many_or_when_asked(void **state)
{
	struct ring_merge *m = ring_merge_new(1);
	struct seen s = { .stop_at = 4 };

	(void)state;
	for (uint64_t i = 0; i < 10; i++)
		put(m, 0, i);
	assert_int_equal(ring_merge_take(m, UINT64_MAX, 3, see, &s), 3);
	assert_int_equal(ring_merge_take(m, UINT64_MAX, 100, see, &s), 7);
	assert_int_equal(s.n, 4);
	assert_int_equal(ring_merge_take(m, UINT64_MAX, 100, see, &s), 6);
	ring_merge_free(m);
}

static void many_records_survive_growing_and_moving(void **state)
{
	struct ring_merge *m = ring_merge_new(2);
	uint64_t in = 0, out = 0;

	(void)state;
	for (int round = 0; round < 200; round++) {
		for (int i = 0; i < 150; i++, in++)
			put(m, (uint16_t)(in % 2), in);
		for (int i = 0; i < 2; i++) {
			struct seen s = { .n = 0 };
			int n = ring_merge_take(m, UINT64_MAX, 60, see, &s);

			for (int k = 0; k < n; k++)
				assert_int_equal(s.ts[k], out++);
		}
	}
	assert_int_equal(ring_merge_bytes(m), (in - out) * sizeof(struct eyas_record));
	ring_merge_free(m);
}

static void a_piece_shorter_than_a_head_is_dropped(void **state)
{
	struct ring_merge *m = ring_merge_new(1);

	(void)state;
	ring_merge_put(m, 0, "short", 5);
	assert_int_equal(ring_merge_bytes(m), 0);
	ring_merge_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_all_cpus_come_in_order_of_time),
		cmocka_unit_test(equal_times_go_by_cpu),
		cmocka_unit_test(what_may_still_be_overtaken_is_held_back),
		cmocka_unit_test(taking_stops_after_so_many_or_when_asked),
		cmocka_unit_test(many_records_survive_growing_and_moving),
		cmocka_unit_test(a_piece_shorter_than_a_head_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
