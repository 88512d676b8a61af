#include "state_world.h"

static void snapshot_gives_groups_and_parents(void **state)
{
	struct world *w = *state;
	struct thread *leader = world_thread(w, 10), *t = world_thread(w, 11);

	world_check(w);
	assert_int_equal(leader->group->alive, 2);
	assert_ptr_equal(leader->group, t->group);
	assert_ptr_equal(leader->group->first, leader);
	assert_true(t->flags & THREAD_CLONE_FILES);
	assert_ptr_equal(thread_main(w->st, t), leader);
	assert_int_equal(thread_parent(w->st, t)->tid, 1);
	assert_str(thread_cwd(w->st, t), "/root/");
	assert_true(world_thread(w, 1)->group->reaper);
}

static void an_unknown_thread_becomes_a_fake_entry(void **state)
{
	struct world *w = *state;

	world_path(w, EVT_SYSCALL_CHDIR_X, 500, 0, "/x");
	assert_int_equal(w->ctx.thread->tid, 500);
	assert_int_equal(w->ctx.thread->pid, -1);
	assert_istr(w->ctx.thread->comm, "<NA>");
	assert_istr(w->ctx.thread->cmdline, "<NA>");
	assert_null(thread_main(w->st, w->ctx.thread));
	assert_str(thread_cwd(w->st, w->ctx.thread), "./");
	assert_int_equal(state_stats(w->st)->fake_threads, 1);
}

static void events_that_only_look_up_do_not_invent_threads(void **state)
{
	struct world *w = *state;

	world_exit(w, 500, 1);
	assert_null(state_thread(w->st, 500));
	INTS(w, EVT_SCHEDSWITCH_6_E, 501, 1, 2, 3, 4, 5, 6);
	assert_null(w->ctx.thread);
	world_end(w);
	assert_null(state_thread(w->st, 501));
}

static void a_child_is_made_by_the_first_of_both_events(void **state)
{
	struct world *w = *state;
	struct thread *t;

	world_open(w, 10, 3, "/etc/passwd", 1);
	world_clone(w, (struct made_clone){ .tid = 10, .res = 20, .ptid = 1, .comm = "mom" });
	t = world_thread(w, 20);
	assert_int_equal(t->ptid, 10);
	assert_int_equal(t->pid, 20);
	assert_istr(t->cmdline, "mom -c x");
	assert_istr(fd_name(world_fd(w, 20, 3)), "/etc/passwd");
	assert_istr(t->cwd, "/root/");
	/* The child's own event soon after changes nothing. */
	world_clone(w, (struct made_clone){ .tid = 20, .res = 0, .ptid = 10, .comm = "kid" });
	assert_ptr_equal(w->ctx.thread, t);
	assert_istr(t->comm, "mom");
}

static void a_child_event_that_comes_first_counts(void **state)
{
	struct world *w = *state;

	world_clone(w, (struct made_clone){ .tid = 20, .res = 0, .ptid = 10, .comm = "kid" });
	assert_true(world_thread(w, 20)->flags & THREAD_CLONE_INVERTED);
	world_clone(w, (struct made_clone){ .tid = 10, .res = 20, .comm = "mom" });
	assert_istr(world_thread(w, 20)->comm, "kid");
	assert_int_equal(w->ctx.thread->tid, 10);
}

static void a_tid_used_again_replaces_an_old_entry(void **state)
{
	struct world *w = *state;

	world_fork(w, 10, 20);
	w->ts += 3 * SECOND;
	world_clone(w, (struct made_clone){ .tid = 20, .res = 0, .ptid = 1, .comm = "new" });
	assert_istr(world_thread(w, 20)->comm, "new");
	assert_int_equal(world_thread(w, 20)->ptid, 1);
	/* And from the parent's side: an entry that the child's event did not make was missed. */
	world_fork(w, 10, 30);
	world_clone(w, (struct made_clone){ .tid = 1, .res = 30, .comm = "again" });
	assert_istr(world_thread(w, 30)->comm, "again");
}

static void a_child_that_has_just_exited_is_not_made_again(void **state)
{
	struct world *w = *state;

	world_clone(w, (struct made_clone){ .tid = 20, .res = 0, .ptid = 10 });
	world_exit(w, 20, 0);
	world_clone(w, (struct made_clone){ .tid = 10, .res = 20 });
	world_end(w);
	assert_null(state_thread(w->st, 20));
}

static void in_a_namespace_only_the_child_makes_entries(void **state)
{
	struct world *w = *state;

	world_clone(w, (struct made_clone){ .tid = 10, .res = 5, .flags = THREAD_CLONE_NEWPID });
	world_end(w);
	assert_null(state_thread(w->st, 5));
	world_clone(w, (struct made_clone){ .tid = 20,
					    .res = 0,
					    .ptid = 10,
					    .vtid = 1,
					    .vpid = 1,
					    .flags = THREAD_CHILD_IN_PIDNS });
	assert_true(thread_in_pidns(world_thread(w, 20)));
	assert_true(world_thread(w, 20)->group->reaper);
	world_clone(w,
		    (struct made_clone){ .tid = 20, .res = 2, .ptid = 10, .vtid = 1, .vpid = 1 });
	world_end(w);
	assert_null(state_thread(w->st, 2));
}

static void vfork_leaves_it_to_the_child(void **state)
{
	struct world *w = *state;

	world_clone(w, (struct made_clone){ .type = EVT_SYSCALL_VFORK_20_X, .tid = 10, .res = 20 });
	world_end(w);
	assert_null(state_thread(w->st, 20));
}

static void a_new_thread_shares_its_process(void **state)
{
	struct world *w = *state;

	world_open(w, 10, 3, "/a", 1);
	world_clone(w, (struct made_clone){ .tid = 10,
					    .res = 12,
					    .flags = THREAD_CLONE_THREAD | THREAD_CLONE_FILES });
	assert_int_equal(world_thread(w, 12)->pid, 10);
	assert_int_equal(world_thread(w, 12)->ptid, 1);
	assert_int_equal(world_thread(w, 10)->group->alive, 3);
	assert_istr(fd_name(world_fd(w, 12, 3)), "/a");
	world_open(w, 12, 4, "b", 1);
	assert_istr(fd_name(world_fd(w, 10, 4)), "/root/b");
}

static void an_unknown_leader_is_described_by_its_thread(void **state)
{
	struct world *w = *state;

	world_clone(w, (struct made_clone){ .tid = 41,
					    .pid = 40,
					    .res = 0,
					    .ptid = 1,
					    .flags = THREAD_CLONE_THREAD,
					    .comm = "srv" });
	assert_istr(world_thread(w, 40)->comm, "srv");
	assert_int_equal(world_thread(w, 40)->pid, 40);
	assert_int_equal(world_thread(w, 40)->ptid, 1);
	assert_int_equal(world_thread(w, 40)->group->alive, 2);
}

static void exec_changes_what_its_event_tells(void **state)
{
	struct world *w = *state;
	struct thread *t = world_thread(w, 10);

	t->sid = 5;
	world_exec(w, (struct made_exec){ .tid = 10, .exepath = "/usr/bin/ls (deleted)" });
	assert_istr(t->comm, "ls");
	assert_istr(t->exe, "/bin/ls");
	assert_istr(t->exepath, "/usr/bin/ls");
	assert_istr(t->cmdline, "ls -l /x");
	assert_int_equal(t->n_args, 2);
	assert_int_equal(t->n_env, 2);
	assert_int_equal(t->sid, 5);
	assert_int_equal(t->vpgid, 77);
	assert_int_equal(t->pgid, 78);
	assert_int_equal(t->loginuid, 1000);
	assert_int_equal(t->uid, 500);
	assert_int_equal(t->gid, 501);
	assert_int_equal(t->tty, 34816);
	assert_int_equal(t->exe_ino, 99);
	assert_true(t->exe_writable);
	assert_false(t->exe_upper_layer);
	assert_int_equal(t->fdlimit, 2048);
	world_exec(w, (struct made_exec){ .tid = 10, .no_pgid = true });
	assert_int_equal(t->pgid, -1);
	assert_istr(t->exepath, "/usr/bin/ls");
}

static void exec_takes_the_path_of_older_captures_from_the_call(void **state)
{
	struct world *w = *state;
	struct thread *t = world_thread(w, 10);
	struct made_event *m;

	world_exec(w, (struct made_exec){ .tid = 10, .filename = "../bin/./ls" });
	assert_istr(t->exepath, "/bin/ls");
	m = world_event(w, EVT_SYSCALL_EXECVE_19_E, 10);
	arg_text(m, "a.out");
	world_run(w);
	assert_false(w->ctx.visible);
	world_exec(w, (struct made_exec){ .tid = 10 });
	assert_istr(t->exepath, "/root/a.out");
	m = world_event(w, EVT_SYSCALL_EXECVEAT_E, 10);
	arg_int(m, 9);
	arg_text(m, "x");
	arg_int(m, 0);
	world_run(w);
	world_exec(w, (struct made_exec){ .tid = 10 });
	assert_istr(t->exepath, "<NA>");
	world_open(w, 10, 9, "/opt/tool", 1);
	m = world_event(w, EVT_SYSCALL_EXECVEAT_E, 10);
	arg_int(m, 9);
	arg_text(m, "");
	arg_int(m, 1);
	world_run(w);
	world_exec(w, (struct made_exec){ .tid = 10 });
	assert_istr(t->exepath, "/opt/tool");
}

static void exec_ends_other_threads_and_closes_on_exec(void **state)
{
	struct world *w = *state;

	world_open(w, 10, 3, "/a", 1);
	world_open(w, 10, 4, "/b", 1 | 1 << 12);
	world_exec(w, (struct made_exec){ .tid = 10 });
	world_end(w);
	assert_null(state_thread(w->st, 11));
	assert_int_equal(world_thread(w, 10)->group->alive, 1);
	assert_non_null(world_fd(w, 10, 3));
	assert_null(world_fd(w, 10, 4));
}

static void exec_of_a_second_thread_revives_the_leader(void **state)
{
	struct world *w = *state;

	world_exit(w, 10, 0);
	INTS(w, EVT_SYSCALL_SETSID_X, 11, 11);
	world_end(w);
	assert_true(world_thread(w, 10)->flags & THREAD_CLOSED);
	world_exec(w, (struct made_exec){ .tid = 10 });
	world_end(w);
	assert_false(world_thread(w, 10)->flags & THREAD_CLOSED);
	assert_int_equal(world_thread(w, 10)->group->alive, 1);
	assert_null(state_thread(w->st, 11));
}

static void an_exited_thread_is_there_until_the_next_event(void **state)
{
	struct world *w = *state;

	world_fork(w, 10, 20);
	world_exit(w, 20, 0);
	assert_int_equal(world_thread(w, 20)->group->alive, 0);
	INTS(w, EVT_SYSCALL_SETSID_X, 10, 10);
	assert_null(state_thread(w->st, 20));
}

static void children_go_to_the_reaper_that_the_kernel_named(void **state)
{
	struct world *w = *state;

	world_fork(w, 10, 20);
	world_fork(w, 20, 30);
	world_exit(w, 20, 11);
	INTS(w, EVT_SYSCALL_SETSID_X, 1, 1);
	assert_int_equal(world_thread(w, 30)->ptid, 11);
	assert_true(world_thread(w, 10)->group->reaper);
}

static void children_go_to_a_living_thread_of_the_process_first(void **state)
{
	struct world *w = *state;

	world_fork(w, 10, 30);
	world_exit(w, 10, 0);
	INTS(w, EVT_SYSCALL_SETSID_X, 1, 1);
	assert_int_equal(world_thread(w, 30)->ptid, 11);
}

static void children_go_to_the_next_subreaper(void **state)
{
	struct world *w = *state;
	struct made_event *m;

	world_fork(w, 10, 20);
	world_fork(w, 20, 30);
	world_fork(w, 30, 40);
	world_exit(w, 30, 0);
	INTS(w, EVT_SYSCALL_SETSID_X, 1, 1);
	assert_int_equal(world_thread(w, 40)->ptid, 1);
	m = world_event(w, EVT_SYSCALL_PRCTL_X, 10);
	arg_int(m, 0);
	arg_int(m, 36);
	arg_none(m);
	arg_int(m, 1);
	world_run(w);
	world_fork(w, 20, 50);
	world_fork(w, 50, 60);
	world_exit(w, 50, 0);
	INTS(w, EVT_SYSCALL_SETSID_X, 1, 1);
	assert_int_equal(world_thread(w, 60)->ptid, 10);
}

static void a_missing_parent_is_0(void **state)
{
	struct world *w = *state;

	world_exec(w, (struct made_exec){ .tid = 900 });
	assert_int_equal(world_thread(w, 900)->ptid, 1);
	world_clone(w, (struct made_clone){ .tid = 20, .res = 0, .ptid = 777 });
	assert_int_equal(world_thread(w, 20)->ptid, 0);
}

static bool count_ancestor(void *arg, struct thread *t)
{
	(void)t;
	return ++*(int *)arg < 100;
}

static void a_loop_of_parents_ends(void **state)
{
	struct world *w = *state;
	int n = 0;

	world_fork(w, 10, 20);
	world_fork(w, 20, 30);
	world_end(w);
	/* As only a broken capture has it. */
	thread_walk_ancestors(w->st, world_thread(w, 30), count_ancestor, &n);
	assert_int_equal(n, 3);
	assert_null(thread_ancestor(w->st, world_thread(w, 30), 1000000));
	assert_int_equal(thread_ancestor(w->st, world_thread(w, 30), 2)->tid, 10);
	assert_null(thread_ancestor(w->st, world_thread(w, 30), 4));
}

static void a_full_table_drops_threads_and_counts_them(void **state)
{
	struct world *w = *state;
	struct state_options opt;

	state_free(w->st);
	state_options_default(&opt);
	opt.max_threads = 2;
	w->st = state_new(&opt);
	w->ctx = (struct event_ctx){ 0 };
	for (int i = 1; i < 5; i++)
		INTS(w, EVT_SYSCALL_SETSID_X, i, i);
	assert_null(w->ctx.thread);
	assert_int_equal(state_thread_count(w->st), 2);
	assert_int_equal(state_stats(w->st)->threads_dropped, 2);
}

/* What process_i64(), _u64() and _u32() take for granted. */
static void numbers_of_processes_have_their_sizes(void **state)
{
	static const unsigned types[] = {
		EVT_SYSCALL_CLONE_20_X, EVT_SYSCALL_CLONE3_X,    EVT_SYSCALL_FORK_20_X,
		EVT_SYSCALL_VFORK_20_X, EVT_SYSCALL_EXECVE_19_X, EVT_SYSCALL_EXECVEAT_X,
	};
	static const struct {
		const char *name;
		unsigned size;
		bool all; /* of these events */
	} params[] = {
		{ "pid", 8, true },
		{ "ptid", 8, true },
		{ "fdlimit", 8, true },
		{ "pgft_maj", 8, true },
		{ "pgft_min", 8, true },
		{ "vm_size", 4, true },
		{ "vm_rss", 4, true },
		{ "vm_swap", 4, true },
		{ "flags", 4, true },
		{ "uid", 4, true },
		{ "gid", 4, false },
		{ "vtid", 8, false },
		{ "vpid", 8, false },
		{ "pidns_init_start_ts", 8, false },
		{ "tty", 4, false },
		{ "vpgid", 8, false },
		{ "pgid", 8, false },
		{ "loginuid", 4, false },
		{ "exe_ino", 8, false },
		{ "exe_ino_ctime", 8, false },
		{ "cap_effective", 8, false },
		{ "cap_permitted", 8, false },
		{ "exe_ino_mtime", 8, false },
		{ "cap_inheritable", 8, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		const struct event_info *info = event_info(types[i]);

		for (size_t k = 0; k < sizeof(params) / sizeof(*params); k++) {
			int at = event_param_index(info, str_of(params[k].name));

			assert_true(at >= 0 || !params[k].all);
			if (at < 0)
				continue;
			assert_true(param_type_is_int(info->params[at].type));
			assert_int_equal(param_type_size(info->params[at].type), params[k].size);
			assert_true(params[k].size == 8 ||
				    !param_type_is_signed(info->params[at].type));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_processes_have_their_sizes),
		WORLD_TEST(snapshot_gives_groups_and_parents),
		WORLD_TEST(an_unknown_thread_becomes_a_fake_entry),
		WORLD_TEST(events_that_only_look_up_do_not_invent_threads),
		WORLD_TEST(a_child_is_made_by_the_first_of_both_events),
		WORLD_TEST(a_child_event_that_comes_first_counts),
		WORLD_TEST(a_tid_used_again_replaces_an_old_entry),
		WORLD_TEST(a_child_that_has_just_exited_is_not_made_again),
		WORLD_TEST(in_a_namespace_only_the_child_makes_entries),
		WORLD_TEST(vfork_leaves_it_to_the_child),
		WORLD_TEST(a_new_thread_shares_its_process),
		WORLD_TEST(an_unknown_leader_is_described_by_its_thread),
		WORLD_TEST(exec_changes_what_its_event_tells),
		WORLD_TEST(exec_takes_the_path_of_older_captures_from_the_call),
		WORLD_TEST(exec_ends_other_threads_and_closes_on_exec),
		WORLD_TEST(exec_of_a_second_thread_revives_the_leader),
		WORLD_TEST(an_exited_thread_is_there_until_the_next_event),
		WORLD_TEST(children_go_to_the_reaper_that_the_kernel_named),
		WORLD_TEST(children_go_to_a_living_thread_of_the_process_first),
		WORLD_TEST(children_go_to_the_next_subreaper),
		WORLD_TEST(a_missing_parent_is_0),
		WORLD_TEST(a_loop_of_parents_ends),
		WORLD_TEST(a_full_table_drops_threads_and_counts_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
