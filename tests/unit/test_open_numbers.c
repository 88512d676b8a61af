/* Opens that are settled without their events: the state is as if those had come, and no rule
 * misses one. */
#include "state_world.h"

#include "base/vec.h"
#include "base/xalloc.h"
#include "event/event_wants.h"
#include "rules/program.h"
#include "state/state_save.h"

enum { DIRECTORY = 1 << 10, SHELL = 10, SECOND_THREAD = 11 };

struct call {
	unsigned type;
	int64_t tid, res, dirfd;
	const char *name;
	uint32_t flags; /* creat: its creat_flags */
};

struct match {
	int call, id;
};

/* One world that settles what it can, and one that gets every event. */
struct pair {
	struct world *settled, *plain;
	struct event_wants wants;
	bool was_settled; /* the last call */
	int n_calls;

	struct program *p;
	struct program_run *runs[2];
	struct field_env env[2];
	struct arena arena;
	VEC(struct match) matches[2];
	enum open_verdict says; /* without a program */
	int asked;
	uint64_t *kept;
};

/* Times are counted from the first event, which always comes as one. */
static void begin(struct world *w)
{
	INTS(w, EVT_SYSCALL_SETSID_X, SHELL, 0);
	world_end(w);
}

static int setup(void **state)
{
	struct pair *p = xcalloc(1, sizeof(*p));
	void *w;

	world_setup(&w);
	p->settled = w;
	world_setup(&w);
	p->plain = w;
	begin(p->settled);
	begin(p->plain);
	state_wants(&p->wants, false);
	arena_init(&p->arena);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;
	void *worlds[] = { p->settled, p->plain };

	for (int i = 0; i < 2; i++) {
		world_teardown(&worlds[i]);
		program_run_free(p->runs[i]);
		field_state_free(p->env[i].memory);
		vec_free(&p->matches[i]);
	}
	program_free(p->p);
	arena_destroy(&p->arena);
	free(p);
	return 0;
}

static enum open_verdict on_open(void *arg, const struct state_open *o)
{
	struct pair *p = arg;

	p->asked++;
	p->kept = o->kept;
	if (!p->p)
		return p->says;
	arena_reset(&p->arena);
	return program_open(p->runs[0], &p->env[0], o);
}

static void match(struct pair *p, int i, struct event_ctx *ctx)
{
	int ids[16];
	size_t n;

	if (!p->p)
		return;
	p->env[i].ctx = ctx;
	arena_reset(&p->arena);
	n = program_match(p->runs[i], &p->env[i], false, ids);
	for (size_t k = 0; k < n; k++)
		vec_push(&p->matches[i], ((struct match){ p->n_calls, ids[k] }));
}

static struct made_event *make(struct world *w, struct call c)
{
	struct made_event *m = world_event(w, c.type, c.tid);
	bool failed = c.res < 0;

	arg_int(m, c.res);
	if (c.type == EVT_SYSCALL_OPENAT_2_X || c.type == EVT_SYSCALL_OPENAT2_X)
		arg_int(m, c.dirfd);
	arg_text(m, c.name);
	if (c.type != EVT_SYSCALL_CREAT_X)
		arg_int(m, c.flags);
	arg_int(m, 0644);
	if (c.type == EVT_SYSCALL_OPENAT2_X)
		arg_int(m, 0);
	/* As a recorder writes them of a file that was not opened. */
	if (failed) {
		arg_none(m);
		arg_none(m);
	} else {
		arg_int(m, 0x801);
		arg_int(m, INT64_MAX - c.res);
	}
	if (c.type == EVT_SYSCALL_CREAT_X)
		arg_int(m, c.flags);
	return m;
}

/* What is known is the same, in words and in bytes. */
static void assert_same(struct pair *p)
{
	struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;

	state_dump(p->settled->st, &a);
	state_dump(p->plain->st, &b);
	assert_string_equal(a.s, b.s);
	strbuf_reset(&a);
	strbuf_reset(&b);
	state_save_lasting(p->settled->st, &a);
	state_save_lasting(p->plain->st, &b);
	assert_true(str_eq(strbuf_str(&a), strbuf_str(&b)));
	strbuf_release(&a);
	strbuf_release(&b);
}

static void deliver(struct pair *p, int i)
{
	struct world *w = i ? p->plain : p->settled;

	world_run(w);
	match(p, i, &w->ctx);
	world_end(w);
}

/* The text as a source has it: at an address of its own, unless `at` says which. */
static void call_at(struct pair *p, struct call c, const char *at)
{
	struct made_event *m = make(p->settled, c);
	const struct event_want *want = &p->wants.of[c.type];
	struct param name = m->params[want->text - 1];
	struct str text = str_mem(at ? at : (const char *)name.p, name.n);
	int64_t v[EVENT_WANT_NUMBERS];

	if (!at)
		state_texts_gone(p->settled->st);
	p->n_calls++;
	assert_true(event_numbers(want, &m->ev, v));
	p->was_settled = state_settle_numbers(p->settled->st, c.type, c.tid, v, text);
	if (p->was_settled)
		state_pass(p->settled->st, 1);
	else
		deliver(p, 0);
	make(p->plain, c);
	deliver(p, 1);
	assert_same(p);
	if (world_fd(p->plain, c.tid, c.res))
		assert_int_equal(world_fd(p->settled, c.tid, c.res)->stamp,
				 world_fd(p->plain, c.tid, c.res)->stamp);
}

static void call(struct pair *p, struct call c)
{
	call_at(p, c, NULL);
}

/* Behind the first it is found as one that was made, behind the second by its address. */
static void call_thrice_at(struct pair *p, struct call c, const char *at)
{
	for (int i = 0; i < 3; i++) {
		call_at(p, c, at);
		assert_true(p->was_settled);
	}
}

static void shell_opens(struct pair *p, int64_t res, int64_t dirfd, const char *name)
{
	call(p, (struct call){ EVT_SYSCALL_OPENAT_2_X, SHELL, res, dirfd, name, 1 });
}

/* An event that both get. */
#define BOTH(p, function, ...)                         \
	do {                                           \
		function((p)->settled, ##__VA_ARGS__); \
		world_end((p)->settled);               \
		function((p)->plain, ##__VA_ARGS__);   \
		world_end((p)->plain);                 \
	} while (0)

static void chdir_to(struct world *w, const char *path)
{
	world_path(w, EVT_SYSCALL_CHDIR_X, SHELL, 0, path);
}

static void a_settled_open_is_as_its_event(void **state)
{
	static const struct call calls[] = {
		{ EVT_SYSCALL_OPENAT_2_X, SHELL, 3, EVENT_AT_FDCWD, "/etc/passwd", 1 },
		{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, EVENT_AT_FDCWD, "relative", 3 },
		{ EVT_SYSCALL_OPENAT_2_X, SHELL, 5, EVENT_AT_FDCWD, "/usr/lib", 1 | DIRECTORY },
		{ EVT_SYSCALL_OPENAT_2_X, SHELL, 6, 5, "libc.so", 1 },
		{ EVT_SYSCALL_OPENAT_2_X, SHELL, 7, 99, "of_no_directory", 1 },
		{ EVT_SYSCALL_OPENAT_2_X, SHELL, 8, 5, "../../etc//shadow", 1 },
		{ EVT_SYSCALL_OPENAT_2_X, SECOND_THREAD, 9, EVENT_AT_FDCWD, "relative", 1 },
		{ EVT_SYSCALL_OPENAT2_X, SHELL, 3, EVENT_AT_FDCWD, "/replaced", 1 },
		{ EVT_SYSCALL_OPENAT2_X, SHELL, 300, 5, "a", 1 << 12 },
		{ EVT_SYSCALL_OPEN_X, SHELL, 11, 0, "./b/../c", 2 },
		{ EVT_SYSCALL_CREAT_X, SHELL, 12, 0, "/tmp/plain", 0 },
		{ EVT_SYSCALL_CREAT_X, SHELL, 13, 0, "/tmp/upper", 1 },
		{ EVT_SYSCALL_CREAT_X, SHELL, 14, 0, "/tmp/lower", 2 },
		{ EVT_SYSCALL_CREAT_X, SHELL, 15, 0, "/tmp/both", 3 },
		{ EVT_SYSCALL_OPENAT_2_X, SHELL, -2, EVENT_AT_FDCWD, "/not/there", 1 },
		{ EVT_SYSCALL_OPEN_X, SHELL, -13, 0, "/not/allowed", 1 },
	};
	struct pair *p = *state;
	char long_name[1500];

	for (int judged = 0; judged < 3; judged++) {
		p->says = judged == 1 ? OPEN_NEVER : OPEN_PASSES;
		state_judge_opens(p->settled->st, judged ? on_open : NULL, p);
		for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
			call(p, calls[i]);
			assert_true(p->was_settled);
		}
	}
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	shell_opens(p, 20, EVENT_AT_FDCWD, long_name);
	assert_true(p->was_settled);
	assert_istr(fd_name(world_fd(p->settled, SHELL, 20)), "/DIR_TOO_LONG/FILENAME_TOO_LONG");
	assert_istr(world_fd(p->settled, SHELL, 8)->nameraw, "../../etc/shadow");
	assert_int_equal(world_fd(p->settled, SHELL, 13)->flags, FD_OVERLAY_UPPER);
	assert_int_equal(world_fd(p->settled, SHELL, 15)->flags, FD_OVERLAY_UPPER);
}

static void the_same_name_is_another_path_in_another_directory(void **state)
{
	static const char name[] = "name";
	struct pair *p = *state;
	struct call c = { EVT_SYSCALL_OPENAT_2_X, SHELL, 3, EVENT_AT_FDCWD, name, 1 };

	for (int i = 0; i < 2; i++) {
		call_thrice_at(p, c, name);
		assert_istr(fd_name(world_fd(p->settled, SHELL, 3)),
			    i ? "/srv/name" : "/root/name");
		BOTH(p, chdir_to, "/srv");
	}
	shell_opens(p, 4, EVENT_AT_FDCWD, "/one");
	shell_opens(p, 5, EVENT_AT_FDCWD, "/two");
	for (c.dirfd = 4; c.dirfd <= 5; c.dirfd++) {
		call_thrice_at(p, c, name);
		assert_istr(fd_name(world_fd(p->settled, SHELL, 3)),
			    c.dirfd == 4 ? "/one/name" : "/two/name");
	}
	/* A directory that is open and one that is worked in may have the same text. */
	shell_opens(p, 4, EVENT_AT_FDCWD, "/srv/");
	c.dirfd = 4;
	call_at(p, c, name);
	c.dirfd = EVENT_AT_FDCWD;
	call_at(p, c, name);
	assert_istr(fd_name(world_fd(p->settled, SHELL, 3)), "/srv/name");
}

static void another_text_at_the_same_address_is_another_name(void **state)
{
	struct pair *p = *state;
	struct call c = { EVT_SYSCALL_OPENAT_2_X, SHELL, 3, EVENT_AT_FDCWD, "/abc", 1 };
	char at[] = "/abc";

	call_thrice_at(p, c, at);
	state_texts_gone(p->settled->st);
	c.name = memcpy(at, "/xyz", 5);
	call_at(p, c, at);
	assert_istr(fd_name(world_fd(p->settled, SHELL, 3)), "/xyz");
}

static void a_name_that_was_put_out_is_found_anew(void **state)
{
	enum { N = 200000, BYTES = 16 };
	struct pair *p = *state;
	struct call c = { EVT_SYSCALL_OPENAT_2_X, SHELL, 3, EVENT_AT_FDCWD, "/abc", 1 };
	const int64_t failed[] = { -2, 1, 0, 0, EVENT_AT_FDCWD };
	char *names = xcalloc(N, BYTES);

	state_judge_opens(p->settled->st, on_open, p);
	p->says = OPEN_PASSES;
	call_thrice_at(p, c, "/abc");
	for (int i = 0; i < N; i++) {
		char *name = names + i * BYTES;
		int n = snprintf(name, BYTES, "/%d", i);

		assert_true(state_settle_numbers(p->settled->st, EVT_SYSCALL_OPENAT_2_X, SHELL,
						 failed, str_mem(name, (size_t)n + 1)));
	}
	call_thrice_at(p, c, "/abc");
	assert_istr(fd_name(world_fd(p->settled, SHELL, 3)), "/abc");
	free(names);
}

static void what_was_said_of_a_name_stays_when_more_are_opened(void **state)
{
	struct pair *p = *state;
	const int64_t failed[] = { -2, 1, 0, 0, EVENT_AT_FDCWD };
	char name[16];

	state_judge_opens(p->settled->st, on_open, p);
	p->says = OPEN_NEVER;
	shell_opens(p, 3, EVENT_AT_FDCWD, "/abc");
	for (int i = 0; i < 2000; i++) {
		int n = snprintf(name, sizeof(name), "/%d", i);

		state_texts_gone(p->settled->st);
		assert_true(state_settle_numbers(p->settled->st, EVT_SYSCALL_OPENAT_2_X, SHELL,
						 failed, str_mem(name, (size_t)n + 1)));
	}
	assert_int_equal(p->asked, 2001);
	shell_opens(p, 3, EVENT_AT_FDCWD, "/abc");
	assert_int_equal(p->asked, 2001);
}

static void what_is_not_plain_comes_as_an_event(void **state)
{
	struct pair *p = *state;

	/* A call that the thread is in; NUL bytes; the odd name; a thread nobody knows. */
	for (int i = 0; i < 2; i++) {
		struct world *w = i ? p->plain : p->settled;
		struct made_event *m = world_event(w, EVT_SYSCALL_OPENAT_2_E, SHELL);

		arg_int(m, EVENT_AT_FDCWD);
		arg_text(m, "/asked/for");
		arg_int(m, 1);
		arg_int(m, 0);
		world_run(w);
		world_end(w);
	}
	shell_opens(p, 3, EVENT_AT_FDCWD, "/read/later");
	assert_false(p->was_settled);
	assert_istr(fd_name(world_fd(p->settled, SHELL, 3)), "/asked/for");
	shell_opens(p, 3, EVENT_AT_FDCWD, "(NULL)");
	assert_false(p->was_settled);
	shell_opens(p, 3, EVENT_AT_FDCWD, "");
	assert_false(p->was_settled);
	call(p, (struct call){ EVT_SYSCALL_OPENAT_2_X, 77, 3, EVENT_AT_FDCWD, "/new/thread", 1 });
	assert_false(p->was_settled);
	assert_istr(fd_name(world_fd(p->settled, 77, 3)), "/new/thread");
}

/* Whoever looks at a call that failed would see it as the call's. */
static void a_descriptor_numbered_as_none_is_looked_at(void **state)
{
	struct pair *p = *state;

	p->says = OPEN_PASSES;
	state_judge_opens(p->settled->st, on_open, p);
	for (int i = 0; i < 2; i++) {
		struct world *w = i ? p->plain : p->settled;

		INTS(w, EVT_SYSCALL_PIPE_X, SHELL, 0, -1, 5, 77);
		world_end(w);
	}
	shell_opens(p, -1, EVENT_AT_FDCWD, "/a");
	assert_false(p->was_settled);
	shell_opens(p, 3, EVENT_AT_FDCWD, "/a");
	assert_true(p->was_settled);
}

static void a_name_ends_at_its_first_nul(void **state)
{
	struct pair *p = *state;
	const int64_t v[] = { 3, 1, 0, 0, EVENT_AT_FDCWD };

	assert_false(state_settle_numbers(p->settled->st, EVT_SYSCALL_OPENAT_2_X, SHELL, v,
					  (struct str){ "/a\0b", 5 }));
	assert_false(state_settle_numbers(p->settled->st, EVT_SYSCALL_OPENAT_2_X, SHELL, v,
					  (struct str){ "/a", 2 }));
	assert_same(p);
}

static void a_full_table_is_told_by_the_event(void **state)
{
	const struct state_options opt = { .max_threads = 10, .max_fds = 2 };
	struct pair *p = *state;

	for (int i = 0; i < 2; i++) {
		struct world *w = i ? p->plain : p->settled;

		world_end(w);
		state_free(w->st);
		w->st = state_new(&opt);
		begin(w);
	}
	for (int i = 0; i < 4; i++) {
		shell_opens(p, 3 + i, EVENT_AT_FDCWD, "/x");
		assert_int_equal(p->was_settled, i < 2);
	}
	assert_int_equal(state_stats(p->settled->st)->fds_dropped, 2);
	shell_opens(p, 3, EVENT_AT_FDCWD, "/in/place");
	assert_true(p->was_settled);
}

static void the_judge_is_asked_until_it_says_never(void **state)
{
	struct pair *p = *state;

	state_judge_opens(p->settled->st, on_open, p);
	p->says = OPEN_WANTED;
	shell_opens(p, 3, EVENT_AT_FDCWD, "/a");
	assert_false(p->was_settled);
	p->says = OPEN_PASSES;
	for (int i = 0; i < 3; i++) {
		shell_opens(p, 3, EVENT_AT_FDCWD, "/a");
		assert_true(p->was_settled);
	}
	assert_int_equal(p->asked, 4);
	p->says = OPEN_NEVER;
	for (int i = 0; i < 3; i++)
		shell_opens(p, 3, EVENT_AT_FDCWD, "/a");
	assert_int_equal(p->asked, 5);
	/* Another kind of open, another type, and another path, are other questions. */
	call(p, (struct call){ EVT_SYSCALL_OPENAT_2_X, SHELL, 3, EVENT_AT_FDCWD, "/a", DIRECTORY });
	shell_opens(p, -2, EVENT_AT_FDCWD, "/a");
	call(p, (struct call){ EVT_SYSCALL_OPEN_X, SHELL, 3, 0, "/a", 1 });
	shell_opens(p, 3, EVENT_AT_FDCWD, "a");
	assert_int_equal(p->asked, 9);
	BOTH(p, chdir_to, "/srv");
	shell_opens(p, 3, EVENT_AT_FDCWD, "a");
	assert_int_equal(p->asked, 10);
	/* Another judge has to be asked anew. */
	state_judge_opens(p->settled->st, NULL, NULL);
	state_judge_opens(p->settled->st, on_open, p);
	shell_opens(p, 3, EVENT_AT_FDCWD, "/a");
	assert_int_equal(p->asked, 11);
}

static void what_the_judge_keeps_is_of_one_kind_of_open(void **state)
{
	struct pair *p = *state;

	state_judge_opens(p->settled->st, on_open, p);
	p->says = OPEN_PASSES;
	shell_opens(p, 3, EVENT_AT_FDCWD, "/a");
	assert_int_equal(*p->kept, 0);
	*p->kept = 5;
	shell_opens(p, 3, EVENT_AT_FDCWD, "/b");
	assert_int_equal(*p->kept, 0);
	shell_opens(p, 3, EVENT_AT_FDCWD, "/a");
	assert_int_equal(*p->kept, 5);
	shell_opens(p, -1, EVENT_AT_FDCWD, "/a");
	assert_int_equal(*p->kept, 0);
}

/* ---- with rules */

static void conditions(struct pair *p, const char *const *texts)
{
	check_problems problems = { 0 };
	struct condition_error err;

	p->p = program_new();
	for (int i = 0; texts[i]; i++) {
		struct ast *n = condition_parse(str_of(texts[i]), NULL, &p->arena, &err, NULL);

		assert_non_null(n);
		assert_int_equal(program_add(p->p, n, &p->arena, &problems), i);
	}
	vec_free(&problems);
	program_build(p->p, NULL);
	for (int i = 0; i < 2; i++) {
		p->runs[i] = program_run_new(p->p);
		p->env[i].arena = &p->arena;
		p->env[i].memory = field_state_new();
	}
	state_judge_opens(p->settled->st, on_open, p);
}

static void exec_as(struct world *w, const char *comm)
{
	world_exec(w, (struct made_exec){ .tid = SHELL, .comm = comm });
}

static void rules_miss_no_open(void **state)
{
	static const char *const texts[] = {
		"evt.type in (open, openat, creat) and fd.name = /etc/shadow",
		"evt.type = openat and fd.name startswith /srv and proc.name = cat",
		"evt.type = openat and fd.name startswith /etc and fd.nameraw contains ..",
		"evt.type in (open, openat) and evt.failed = true and fd.name endswith .conf",
		"evt.type = openat2 and fd.num = 9",
		"evt.type = openat and fd.type = directory and fd.name = /var",
		NULL,
	};
	static const struct match expected[] = {
		{ 2, 0 },  { 4, 0 },  { 6, 0 },  { 8, 1 },  { 10, 2 }, { 12, 3 },
		{ 14, 3 }, { 16, 4 }, { 18, 5 }, { 20, 0 }, { 21, 0 },
	};
	struct pair *p = *state;
	int settled = 0;

	conditions(p, texts);
	/* Every other call is one that no rule is about, but for the last two. */
	for (int round = 0; round < 3; round++) {
		const struct call calls[] = {
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 3, EVENT_AT_FDCWD, "/etc", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, EVENT_AT_FDCWD, "/etc/shadow", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, EVENT_AT_FDCWD, "shadow", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, 3, "shadow", 1 },
			{ EVT_SYSCALL_OPEN_X, SHELL, 4, 0, "passwd", 1 },
			{ EVT_SYSCALL_CREAT_X, SHELL, 4, 0, "../etc/shadow", 0 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, EVENT_AT_FDCWD, "/srv/x", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, EVENT_AT_FDCWD, "/srv/x", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, EVENT_AT_FDCWD, "/etc/a", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, EVENT_AT_FDCWD, "/srv/../etc/a", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, EVENT_AT_FDCWD, "/a.conf", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, -2, EVENT_AT_FDCWD, "/a.conf", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, -2, 3, "b.cnf", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, -2, 3, "b.conf", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 9, EVENT_AT_FDCWD, "/nine", 1 },
			{ EVT_SYSCALL_OPENAT2_X, SHELL, 9, EVENT_AT_FDCWD, "/nine", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, EVENT_AT_FDCWD, "/var", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, 4, EVENT_AT_FDCWD, "/var", DIRECTORY },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, -2, EVENT_AT_FDCWD, "/var", 1 },
			{ EVT_SYSCALL_OPENAT_2_X, SHELL, -13, EVENT_AT_FDCWD, "/etc/shadow", 1 },
			{ EVT_SYSCALL_OPEN_X, SHELL, 4, 0, "shadow", 1 },
		};

		p->n_calls = 0;
		p->matches[0].n = p->matches[1].n = 0;
		for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
			if (i == 5)
				BOTH(p, chdir_to, "/var");
			if (i == 7)
				BOTH(p, exec_as, "cat");
			if (i == 20)
				BOTH(p, chdir_to, "/etc");
			call(p, calls[i]);
			settled += p->was_settled;
		}
		for (int w = 0; w < 2; w++) {
			assert_int_equal(p->matches[w].n, sizeof(expected) / sizeof(*expected));
			for (size_t i = 0; i < p->matches[w].n; i++) {
				assert_int_equal(p->matches[w].v[i].call, expected[i].call);
				assert_int_equal(p->matches[w].v[i].id, expected[i].id);
			}
		}
		BOTH(p, exec_as, "sh");
		BOTH(p, chdir_to, "/root");
		/* Whoever begins anew with the strings' memory comes to the same. */
		if (round == 1)
			program_forget(p->runs[0]);
	}
	/* All but those that match, and three of whose path a rule asks more than what is known. */
	assert_int_equal(settled, 3 * (21 - 11 - 3));
}

static void a_condition_about_anything_else_gets_every_open(void **state)
{
	static const char *const texts[] = {
		"evt.type = openat and fd.name = /etc/shadow",
		"evt.type = openat and evt.num > 0",
		"evt.type = open and evt.deltatime > 0",
		NULL,
	};
	struct pair *p = *state;

	conditions(p, texts);
	for (int i = 0; i < 3; i++) {
		shell_opens(p, 3, EVENT_AT_FDCWD, "/none");
		assert_false(p->was_settled);
		call(p, (struct call){ EVT_SYSCALL_OPEN_X, SHELL, 4, 0, "/none", 1 });
		assert_false(p->was_settled);
		call(p, (struct call){ EVT_SYSCALL_CREAT_X, SHELL, 4, 0, "/none", 0 });
		assert_true(p->was_settled);
	}
	assert_int_equal(p->matches[0].n, p->matches[1].n);
	assert_true(p->matches[0].n >= 3);
}

#define PAIR_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(a_settled_open_is_as_its_event),
		PAIR_TEST(the_same_name_is_another_path_in_another_directory),
		PAIR_TEST(another_text_at_the_same_address_is_another_name),
		PAIR_TEST(a_name_that_was_put_out_is_found_anew),
		PAIR_TEST(what_was_said_of_a_name_stays_when_more_are_opened),
		PAIR_TEST(a_descriptor_numbered_as_none_is_looked_at),
		PAIR_TEST(what_is_not_plain_comes_as_an_event),
		PAIR_TEST(a_name_ends_at_its_first_nul),
		PAIR_TEST(a_full_table_is_told_by_the_event),
		PAIR_TEST(the_judge_is_asked_until_it_says_never),
		PAIR_TEST(what_the_judge_keeps_is_of_one_kind_of_open),
		PAIR_TEST(rules_miss_no_open),
		PAIR_TEST(a_condition_about_anything_else_gets_every_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
