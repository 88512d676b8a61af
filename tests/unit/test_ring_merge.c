#include <sys/mman.h>
#include <unistd.h>

#include "unit.h"

#include "capture/ring_merge.h"
#include "eyas_abi.h"

#define N_RINGS    4
#define RING_BYTES 4096

/* Rings as the kernel makes them: the data is mapped twice in a row. */
struct rings {
	struct ring_merge *merge;
	unsigned long producer[N_RINGS], consumer[N_RINGS];
	uint8_t *data[N_RINGS];
};

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

static struct rings *rings_new(void)
{
	struct rings *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	g->merge = ring_merge_new(N_RINGS);
	for (uint16_t cpu = 0; cpu < N_RINGS; cpu++) {
		int fd = memfd_create("ring", 0);
		uint8_t *p =
			mmap(NULL, 2 * RING_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		struct ring_pages pages = { .data = p,
					    .size = RING_BYTES,
					    .producer = &g->producer[cpu],
					    .consumer = &g->consumer[cpu] };

		assert_true(fd >= 0 && p != MAP_FAILED && ftruncate(fd, RING_BYTES) == 0);
		for (int i = 0; i < 2; i++)
			assert_true(mmap(p + (size_t)i * RING_BYTES, RING_BYTES,
					 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
					 0) != MAP_FAILED);
		close(fd);
		g->data[cpu] = p;
		ring_merge_attach(g->merge, cpu, &pages);
	}
	return g;
}

static void rings_free(struct rings *g)
{
	ring_merge_free(g->merge);
	for (unsigned cpu = 0; cpu < N_RINGS; cpu++)
		munmap(g->data[cpu], 2 * RING_BYTES);
	free(g);
}

/* As the kernel does it; false when there is no room. */
static bool put_flagged(struct rings *g, uint16_t cpu, uint64_t ts, uint32_t flags)
{
	struct eyas_record r = { .ts = ts };
	uint32_t len = sizeof(r) | flags;
	uint8_t *to = g->data[cpu] + g->producer[cpu] % RING_BYTES;

	if (g->producer[cpu] - g->consumer[cpu] + sizeof(r) + RING_MERGE_HEAD > RING_BYTES)
		return false;
	memcpy(to, &len, sizeof(len));
	memcpy(to + RING_MERGE_HEAD, &r, sizeof(r));
	g->producer[cpu] += sizeof(r) + RING_MERGE_HEAD;
	ring_merge_look(g->merge);
	return true;
}

static void put(struct rings *g, uint16_t cpu, uint64_t ts)
{
	assert_true(put_flagged(g, cpu, ts, 0));
}

/* What waits, in rings and copied. */
static size_t waiting(const struct rings *g)
{
	size_t n = ring_merge_bytes(g->merge);

	for (unsigned cpu = 0; cpu < N_RINGS; cpu++)
		n += g->producer[cpu] - g->consumer[cpu];
	return n;
}

static void records_of_all_cpus_come_in_order_of_time(void **state)
{
	struct rings *g = rings_new();
	struct seen s = { .n = 0 };

	(void)state;
	put(g, 0, 10);
	put(g, 0, 40);
	put(g, 2, 20);
	put(g, 2, 50);
	put(g, 1, 30);
	assert_int_equal(ring_merge_take(g->merge, UINT64_MAX, 100, see, &s), 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(s.ts[i], 10 * (i + 1));
	assert_int_equal(waiting(g), 0);
	rings_free(g);
}

static void equal_times_go_by_cpu(void **state)
{
	struct rings *g = rings_new();
	struct seen s = { .n = 0 };

	(void)state;
	for (uint16_t cpu = 4; cpu--;)
		put(g, cpu, 5);
	assert_int_equal(ring_merge_take(g->merge, UINT64_MAX, 100, see, &s), 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(s.cpu[i], i);
	rings_free(g);
}

static void what_may_still_be_overtaken_is_held_back(void **state)
{
	struct rings *g = rings_new();
	struct seen s = { .n = 0 };
	uint64_t now = 10 * RING_MERGE_SLACK_NS;

	(void)state;
	put(g, 0, now - RING_MERGE_SLACK_NS - 1);
	put(g, 0, now - RING_MERGE_SLACK_NS);
	assert_int_equal(ring_merge_take(g->merge, now, 100, see, &s), 1);
	put(g, 1, now - RING_MERGE_SLACK_NS - 1); /* a straggler comes before it */
	assert_int_equal(ring_merge_take(g->merge, now + 1, 100, see, &s), 2);
	assert_int_equal(s.cpu[1], 1);
	assert_int_equal(ring_merge_take(g->merge, 5, 100, see, &s),
			 0); /* a clock before the slack */
	rings_free(g);
}

static void taking_stops_after_so_many_or_when_asked(void **state)
{
	struct rings *g = rings_new();
	struct seen s = { .stop_at = 4 };

	(void)state;
	for (uint64_t i = 0; i < 10; i++)
		put(g, 0, i);
	assert_int_equal(ring_merge_take(g->merge, UINT64_MAX, 3, see, &s), 3);
	assert_int_equal(ring_merge_take(g->merge, UINT64_MAX, 100, see, &s), 7);
	assert_int_equal(s.n, 4);
	assert_int_equal(ring_merge_take(g->merge, UINT64_MAX, 100, see, &s), 6);
	rings_free(g);
}

static void a_record_still_being_written_holds_its_cpu_up_only(void **state)
{
	struct rings *g = rings_new();
	struct seen s = { .n = 0 };
	uint32_t len = sizeof(struct eyas_record);

	(void)state;
	assert_true(put_flagged(g, 0, 10, RING_MERGE_BUSY));
	put(g, 0, 30);
	put(g, 1, 20);
	assert_int_equal(ring_merge_take(g->merge, UINT64_MAX, 100, see, &s), 1);
	assert_int_equal(s.ts[0], 20);
	assert_int_equal(g->consumer[0], 0);
	memcpy(g->data[0], &len, sizeof(len));
	ring_merge_look(g->merge);
	assert_int_equal(ring_merge_take(g->merge, UINT64_MAX, 100, see, &s), 2);
	assert_int_equal(s.ts[2], 30);
	rings_free(g);
}

static void discarded_records_are_passed_over(void **state)
{
	struct rings *g = rings_new();
	struct seen s = { .n = 0 };

	(void)state;
	assert_true(put_flagged(g, 0, 10, RING_MERGE_DISCARD));
	put(g, 0, 20);
	assert_true(put_flagged(g, 0, 30, RING_MERGE_DISCARD));
	assert_int_equal(ring_merge_take(g->merge, UINT64_MAX, 100, see, &s), 1);
	assert_int_equal(s.ts[0], 20);
	assert_int_equal(waiting(g), 0);
	rings_free(g);
}

/* Rings wrap, fill up, are emptied into memory which grows and moves; nothing changes its order. */
static void full_rings_are_emptied_into_memory_and_keep_their_order(void **state)
{
	struct rings *g = rings_new();
	uint64_t in = 0, out = 0;
	size_t most = 0;

	(void)state;
	for (int round = 0; round < 200; round++) {
		for (int i = 0; i < 150; i++, in++) {
			if (!put_flagged(g, (uint16_t)(in % 2), in, 0)) {
				ring_merge_relieve(g->merge, 2);
				put(g, (uint16_t)(in % 2), in);
			}
		}
		most = ring_merge_bytes(g->merge) > most ? ring_merge_bytes(g->merge) : most;
		for (int i = 0; i < 2; i++) {
			struct seen s = { .n = 0 };
			int n = ring_merge_take(g->merge, UINT64_MAX, 60, see, &s);

			for (int k = 0; k < n; k++)
				assert_int_equal(s.ts[k], out++);
		}
	}
	assert_true(most > 20 * RING_BYTES);
	assert_int_equal(waiting(g), (in - out) * (sizeof(struct eyas_record) + RING_MERGE_HEAD));
	while (out < in) {
		struct seen s = { .n = 0 };
		int n = ring_merge_take(g->merge, UINT64_MAX, 60, see, &s);

		assert_true(n > 0);
		for (int k = 0; k < n; k++)
			assert_int_equal(s.ts[k], out++);
	}
	assert_int_equal(waiting(g), 0);
	rings_free(g);
}

static void a_ring_with_room_is_left_alone(void **state)
{
	struct rings *g = rings_new();

	(void)state;
	put(g, 0, 1);
	ring_merge_relieve(g->merge, 2);
	assert_int_equal(ring_merge_bytes(g->merge), 0);
	assert_int_equal(g->consumer[0], 0);
	rings_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_all_cpus_come_in_order_of_time),
		cmocka_unit_test(equal_times_go_by_cpu),
		cmocka_unit_test(what_may_still_be_overtaken_is_held_back),
		cmocka_unit_test(taking_stops_after_so_many_or_when_asked),
		cmocka_unit_test(a_record_still_being_written_holds_its_cpu_up_only),
		cmocka_unit_test(discarded_records_are_passed_over),
		cmocka_unit_test(full_rings_are_emptied_into_memory_and_keep_their_order),
		cmocka_unit_test(a_ring_with_room_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
