/* Events that the state takes by their numbers leave it as the events themselves do. */
#include "state_world.h"

static struct event_wants wants;

struct case_of_settling {
	void (*before)(struct world *w);
	void (*event)(struct world *w);
	bool settled;
};

/* The event that the other world has seen. */
static bool settle(struct world *w, const struct event *ev)
{
	const struct event_want *want = &wants.of[ev->type];
	int64_t numbers[EVENT_WANT_NUMBERS];
	struct str text = STR("");

	if (!event_numbers(want, ev, numbers))
		return false;
	if (want->text)
		text = event_param_bytes(ev, want->text - 1u);
	if (!state_settle_numbers(w->st, ev->type, ev->tid, numbers, text))
		return false;
	state_pass(w->st, 1);
	return true;
}

static void dump(const struct world *w, struct strbuf *out)
{
	strbuf_reset(out);
	state_dump(w->st, out);
}

static void try_case(const struct case_of_settling *c)
{
	struct strbuf by_event = STRBUF_INIT, by_numbers = STRBUF_INIT;
	void *worlds[2];
	struct world *seen, *settled;

	for (int i = 0; i < 2; i++)
		assert_int_equal(world_setup(&worlds[i]), 0);
	seen = worlds[0];
	settled = worlds[1];
	for (int i = 0; i < 2 && c->before; i++) {
		c->before(worlds[i]);
		world_end(worlds[i]);
	}
	c->event(seen);
	assert_int_equal(settle(settled, &seen->m.ev), c->settled);
	world_end(seen);
	if (c->settled) {
		state_settle(seen->st);
		state_settle(settled->st);
		dump(seen, &by_event);
		dump(settled, &by_numbers);
		assert_string_equal(by_event.s, by_numbers.s);
		world_check(settled);
	}
	strbuf_release(&by_event);
	strbuf_release(&by_numbers);
	for (int i = 0; i < 2; i++)
		world_teardown(&worlds[i]);
}

static void try_all(const struct case_of_settling *c, size_t n)
{
	state_wants(&wants, false);
	for (size_t i = 0; i < n; i++)
		try_case(&c[i]);
}

#define TRY_ALL(cases) try_all((cases), sizeof(cases) / sizeof(*(cases)))

#define EVENT(name, ...)                  \
	static void name(struct world *w) \
	{                                 \
		INTS(w, __VA_ARGS__);     \
	}

static void open_two(struct world *w)
{
	world_open(w, 10, 3, "/a", 1);
	world_open(w, 10, 20, "/b", 1);
}

/* The copy shares its pages with the original. */
static void open_and_fork(struct world *w)
{
	open_two(w);
	world_fork(w, 10, 30);
}

EVENT(close_it, EVT_SYSCALL_CLOSE_X, 10, 0, 3)
EVENT(close_failed, EVT_SYSCALL_CLOSE_X, 10, -9, 3)
EVENT(close_unknown, EVT_SYSCALL_CLOSE_X, 10, 0, 4)
EVENT(close_negative, EVT_SYSCALL_CLOSE_X, 10, 0, -3)
EVENT(close_by_thread, EVT_SYSCALL_CLOSE_X, 11, 0, 3)
EVENT(close_by_stranger, EVT_SYSCALL_CLOSE_X, 77, 0, 3)
EVENT(dup_cloexec, EVT_SYSCALL_FCNTL_X, 10, 5, 3, 26, 0)
EVENT(dup_far, EVT_SYSCALL_FCNTL_X, 10, 4000, 3, 1, 0)
EVENT(dup_over, EVT_SYSCALL_FCNTL_X, 30, 20, 3, 1, 0)
EVENT(dup_itself, EVT_SYSCALL_FCNTL_X, 10, 3, 3, 1, 0)
EVENT(dup_unknown, EVT_SYSCALL_FCNTL_X, 10, 5, 4, 1, 0)
EVENT(set_cloexec, EVT_SYSCALL_FCNTL_X, 10, 0, 20, 3, 1)

static void what_is_closed_and_duplicated(void **state)
{
	static const struct case_of_settling cases[] = {
		{ open_two, close_it, true },
		{ open_and_fork, close_it, true },
		{ open_two, close_failed, true },
		{ open_two, close_unknown, true },
		{ open_two, close_negative, true },
		{ open_two, close_by_thread, true },
		{ open_two, close_by_stranger, false },
		{ open_two, dup_cloexec, true },
		{ open_two, dup_far, true },
		{ open_and_fork, dup_over, true },
		{ open_two, dup_itself, true },
		{ open_two, dup_unknown, true },
		{ open_and_fork, set_cloexec, true },
	};

	(void)state;
	TRY_ALL(cases);
}

EVENT(new_terminal, EVT_SYSCALL_IOCTL_3_X, 10, 9, 3, 0x5441, 0)
EVENT(no_new_terminal, EVT_SYSCALL_IOCTL_3_X, 10, -22, 3, 0x5441, 0)
EVENT(is_a_terminal, EVT_SYSCALL_IOCTL_3_X, 10, 0, 3, 0x5401, 0)
EVENT(limit_descriptors, EVT_SYSCALL_PRLIMIT_X, 10, 0, 5000, 5000, 1024, 4096, 0, 7)
EVENT(limit_failed, EVT_SYSCALL_PRLIMIT_X, 10, -1, 5000, 5000, 1024, 4096, 0, 7)
EVENT(limit_stack, EVT_SYSCALL_PRLIMIT_X, 10, 0, 5000, 5000, 1024, 4096, 0, 3)

static void into_tmp(struct world *w)
{
	world_path(w, EVT_SYSCALL_CHDIR_X, 10, 0, "/tmp");
}

static void is_in_tmp(struct world *w)
{
	world_path(w, EVT_SYSCALL_GETCWD_X, 10, 5, "/tmp");
}

static void thread_is_in_tmp(struct world *w)
{
	world_path(w, EVT_SYSCALL_GETCWD_X, 11, 5, "/tmp");
}

static void is_elsewhere(struct world *w)
{
	world_path(w, EVT_SYSCALL_GETCWD_X, 10, 5, "/usr");
}

static void is_nowhere(struct world *w)
{
	world_path(w, EVT_SYSCALL_GETCWD_X, 10, -34, "");
}

static void what_only_asks(void **state)
{
	static const struct case_of_settling cases[] = {
		{ open_two, new_terminal, false }, { open_two, no_new_terminal, true },
		{ open_two, is_a_terminal, true }, { NULL, limit_descriptors, false },
		{ NULL, limit_failed, true },      { NULL, limit_stack, true },
		{ into_tmp, is_in_tmp, true },     { into_tmp, thread_is_in_tmp, true },
		{ into_tmp, is_elsewhere, false }, { into_tmp, is_nowhere, true },
	};

	(void)state;
	TRY_ALL(cases);
}

static void child_began(struct world *w)
{
	world_clone(w, (struct made_clone){ .tid = 40, .ptid = 10 });
}

static void mother_returns(struct world *w)
{
	world_clone(w, (struct made_clone){ .tid = 10, .res = 40, .ptid = 1 });
}

static void mother_waits(struct world *w)
{
	world_clone(w, (struct made_clone){
			       .tid = 10, .res = 40, .ptid = 1, .flags = THREAD_CLONE_VFORK });
}

static void mother_fails(struct world *w)
{
	world_clone(w, (struct made_clone){ .tid = 10, .res = -11, .ptid = 1 });
}

static void stranger_returns(struct world *w)
{
	world_clone(w, (struct made_clone){ .tid = 77, .res = 40, .ptid = 1 });
}

static void the_mother_of_a_child_that_is_known(void **state)
{
	static const struct case_of_settling cases[] = {
		{ child_began, mother_returns, true }, { NULL, mother_returns, false },
		{ NULL, mother_waits, true },          { NULL, mother_fails, true },
		{ NULL, child_began, false },          { child_began, stranger_returns, false },
	};

	(void)state;
	TRY_ALL(cases);
}

static void in_an_open(struct world *w)
{
	struct made_event *m = world_event(w, EVT_SYSCALL_OPENAT_2_E, 10);

	arg_int(m, EVENT_AT_FDCWD);
	arg_text(m, "/a");
	arg_int(m, 0);
	arg_int(m, 0);
	world_run(w);
}

static void a_thread_that_is_in_a_call_is_left_alone(void **state)
{
	static const struct case_of_settling cases[] = {
		{ in_an_open, close_it, false },
		{ in_an_open, is_a_terminal, false },
	};

	(void)state;
	TRY_ALL(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_closed_and_duplicated),
		cmocka_unit_test(what_only_asks),
		cmocka_unit_test(the_mother_of_a_child_that_is_known),
		cmocka_unit_test(a_thread_that_is_in_a_call_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
