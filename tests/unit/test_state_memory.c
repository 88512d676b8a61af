/* What is remembered stays bounded, and stamps tell of every change. */
#include "state_world.h"

static void churn(struct world *w, int from, int to)
{
	char path[64], cgroups[160];

	w->unchecked = true;
	for (int i = from; i < to; i++) {
		int64_t tid = 1000 + i % 5000;

		snprintf(cgroups, sizeof(cgroups),
			 "cpu=/docker/%08d0123456789abcdef0123456789abcdef0123456789abcdef01234567",
			 i);
		world_clone(w, (struct made_clone){
				       .tid = tid, .res = 0, .ptid = 10, .cgroups = cgroups });
		snprintf(path, sizeof(path), "/opt/program-%d", i);
		world_exec(w, (struct made_exec){ .tid = tid, .exepath = path, .exe = path });
		snprintf(path, sizeof(path), "/tmp/a-file-with-a-long-name-%d", i);
		world_open(w, tid, 3, path, 1);
		world_exit(w, tid, 0);
	}
	w->unchecked = false;
}

static void memory_does_not_grow_with_the_length_of_a_trace(void **state)
{
	struct world *w = *state;
	size_t most = 0;

	for (int i = 0; i < 100; i++) {
		churn(w, i * 1000, (i + 1) * 1000);
		if (intern_bytes(state_intern(w->st)) > most)
			most = intern_bytes(state_intern(w->st));
	}
	world_check(w);
	assert_true(state_thread_count(w->st) < 10);
	/* strings are swept from 8 MiB on; all of these would be 20 */
	assert_true(most < 9u << 20);
	assert_int_equal(state_stats(w->st)->containers_dropped, 0);
}

static void strings_in_use_survive_a_sweep(void **state)
{
	struct world *w = *state;

	world_open(w, 10, 3, "/etc/kept", 1);
	world_exec(w,
		   (struct made_exec){ .tid = 10, .exepath = "/opt/kept", .cgroups = "cpu=/kept" });
	churn(w, 0, 20000);
	assert_istr(world_thread(w, 10)->exepath, "/opt/kept");
	assert_istr(world_thread(w, 10)->cgroups.v[0].path, "/kept");
	assert_istr(fd_name(world_fd(w, 10, 3)), "/etc/kept");
	assert_istr(state_user(w->st, NULL, 1000)->name, "ann");
}

static void a_change_of_a_thread_changes_its_stamp(void **state)
{
	struct world *w = *state;
	struct thread *t = world_thread(w, 10), *second = world_thread(w, 11);
	uint64_t before = thread_stamp(w->st, t), other = thread_stamp(w->st, world_thread(w, 1));

	INTS(w, EVT_SYSCALL_GETUID_X, 10, 0);
	assert_int_equal(thread_stamp(w->st, t), before);
	INTS(w, EVT_SYSCALL_SETUID_X, 10, 0, 77);
	assert_true(thread_stamp(w->st, t) > before);
	assert_int_equal(thread_stamp(w->st, world_thread(w, 1)), other);
	/* What the leader does, its threads see. */
	before = thread_stamp(w->st, second);
	world_path(w, EVT_SYSCALL_CHDIR_X, 10, 0, "/x");
	assert_true(thread_stamp(w->st, second) > before);
	/* What spans threads, all see. */
	world_exec(w, (struct made_exec){ .tid = 10 });
	assert_true(thread_stamp(w->st, world_thread(w, 1)) > other);
}

static void a_change_of_a_descriptor_changes_its_stamp_and_no_other(void **state)
{
	struct world *w = *state;
	uint64_t a, b;

	world_open(w, 10, 3, "/a", 1);
	world_open(w, 10, 4, "/b", 1);
	a = world_fd(w, 10, 3)->stamp;
	b = world_fd(w, 10, 4)->stamp;
	assert_true(a != b);
	INTS(w, EVT_SYSCALL_FCNTL_X, 10, 0, 3, 3, 1);
	assert_true(world_fd(w, 10, 3)->stamp != a);
	assert_int_equal(world_fd(w, 10, 4)->stamp, b);
	/* A child's copy is the same until one of the two changes. */
	world_fork(w, 10, 20);
	assert_int_equal(world_fd(w, 20, 4)->stamp, b);
	INTS(w, EVT_SYSCALL_FCNTL_X, 20, 0, 4, 3, 1);
	assert_int_equal(world_fd(w, 10, 4)->stamp, b);
	assert_true(world_fd(w, 20, 4)->stamp != b);
}

static void a_process_has_so_many_descriptors_and_no_more(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 4100; i++)
		INTS(w, EVT_SYSCALL_EVENTFD_X, 10, i, 0, 0);
	world_end(w);
	assert_int_equal(fd_table_count(world_thread(w, 10)->fds), 4096);
	assert_int_equal(state_stats(w->st)->fds_dropped, 4);
}

static void leading_meta_events_belong_to_the_snapshot(void **state)
{
	struct world *w = *state;
	struct made_event *m;

	for (int i = 0; i < 3; i++) {
		m = world_event(w, EVT_GROUP_ADDED_E, -1);
		arg_int(m, 5 + i);
		arg_text(m, "staff");
		arg_text(m, "");
		world_run(w);
		assert_int_equal(w->ctx.visible, i == 2);
		assert_int_equal(m->ev.num, i == 2 ? 4 : i + 1);
		if (i == 1)
			INTS(w, EVT_SYSCALL_GETUID_X, 10, 0);
	}
	assert_istr(state_group(w->st, NULL, 6)->name, "staff");
}

static void a_new_section_starts_over_but_counts_on(void **state)
{
	struct world *w = *state;
	struct snapshot s;

	world_fork(w, 10, 20);
	world_end(w);
	snapshot_init(&s);
	world_snap(&s, 5, 5, 0);
	state_load(w->st, &s);
	snapshot_free(&s);
	assert_null(state_thread(w->st, 20));
	INTS(w, EVT_SYSCALL_GETUID_X, 5, 0);
	assert_int_equal(w->m.ev.num, 3);
	assert_int_equal(w->ctx.first_ts, w->ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(memory_does_not_grow_with_the_length_of_a_trace),
		WORLD_TEST(strings_in_use_survive_a_sweep),
		WORLD_TEST(a_change_of_a_thread_changes_its_stamp),
		WORLD_TEST(a_change_of_a_descriptor_changes_its_stamp_and_no_other),
		WORLD_TEST(a_process_has_so_many_descriptors_and_no_more),
		WORLD_TEST(leading_meta_events_belong_to_the_snapshot),
		WORLD_TEST(a_new_section_starts_over_but_counts_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
