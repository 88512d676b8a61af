/*
 * state_world: a state engine and events for it, in a few words each.
 */
#ifndef EYAS_STATE_WORLD_H
#define EYAS_STATE_WORLD_H

#include "unit.h"

#include "event/event_text.h"
#include "made_event.h"
#include "state/state.h"

#define SECOND UINT64_C(1000000000)

struct world {
	struct state *st;
	struct made_event m;
	struct event_ctx ctx;
	uint64_t ts;
	bool open;      /* the event has begun and not ended */
	bool unchecked; /* no state_check() after each event */
};

static inline void world_check(struct world *w)
{
	const char *why = "";

	if (!state_check(w->st, &why))
		fail_msg("%s", why);
}

static inline void world_end(struct world *w)
{
	if (w->open)
		state_end(w->st, &w->ctx);
	w->open = false;
	if (!w->unchecked)
		world_check(w);
}

/* The next event; parameters follow with arg_...(&w->m, ...), then world_run(). */
static inline struct made_event *world_event(struct world *w, unsigned type, int64_t tid)
{
	world_end(w);
	make_event(&w->m, type);
	w->m.ev.tid = tid;
	w->m.ev.ts = w->ts += 1000;
	return &w->m;
}

static inline void world_run(struct world *w)
{
	w->ctx = (struct event_ctx){ 0 };
	state_begin(w->st, &w->m.ev, &w->ctx);
	w->open = true;
}

/* Integers only. */
static inline void world_ints(struct world *w, unsigned type, int64_t tid, const int64_t *v,
			      size_t n)
{
	struct made_event *m = world_event(w, type, tid);

	for (size_t i = 0; i < n; i++)
		arg_int(m, v[i]);
	world_run(w);
}

#define INTS(w, type, tid, ...)                                          \
	world_ints((w), (type), (tid), (const int64_t[]){ __VA_ARGS__ }, \
		   sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

/* A call that took a path and returned something. */
static inline void world_path(struct world *w, unsigned type, int64_t tid, int64_t res,
			      const char *path)
{
	struct made_event *m = world_event(w, type, tid);

	arg_int(m, res);
	arg_text(m, path);
	world_run(w);
}

struct made_clone {
	unsigned type;
	int64_t tid, res, pid, ptid, vtid, vpid;
	uint32_t flags, uid;
	const char *comm, *exe, *cgroups;
};

static inline void world_clone(struct world *w, struct made_clone c)
{
	struct made_event *m = world_event(w, c.type ? c.type : EVT_SYSCALL_CLONE_20_X, c.tid);

	arg_int(m, c.res);
	arg_text(m, c.exe ? c.exe : "sh");
	arg_bytes(m, "-c\0x\0", 5);
	arg_int(m, c.tid);
	arg_int(m, c.pid ? c.pid : c.tid);
	arg_int(m, c.ptid);
	arg_text(m, "");
	arg_int(m, 1024);
	for (int i = 0; i < 5; i++)
		arg_int(m, i + 1);
	arg_text(m, c.comm ? c.comm : "sh");
	if (c.cgroups)
		arg_text(m, c.cgroups);
	else
		arg_none(m);
	arg_int(m, c.flags);
	arg_int(m, c.uid);
	arg_int(m, c.uid);
	arg_int(m, c.vtid ? c.vtid : c.tid);
	arg_int(m, c.vpid ? c.vpid : (c.pid ? c.pid : c.tid));
	arg_none(m);
	world_run(w);
}

/* A process the ordinary way: the parent's event, the child's. */
static inline void world_fork(struct world *w, int64_t parent, int64_t child)
{
	world_clone(w, (struct made_clone){ .tid = parent, .res = child, .ptid = 1 });
	world_clone(w, (struct made_clone){ .tid = child, .res = 0, .ptid = parent });
}

struct made_exec {
	int64_t tid, pid;
	const char *comm, *exe, *exepath, *cgroups;
	const char *filename;
	bool no_pgid;
};

static inline void world_exec(struct world *w, struct made_exec e)
{
	struct made_event *m = world_event(w, EVT_SYSCALL_EXECVE_19_X, e.tid);

	arg_int(m, 0);
	arg_text(m, e.exe ? e.exe : "/bin/ls");
	arg_bytes(m, "-l\0/x\0", 6);
	arg_int(m, e.tid);
	arg_int(m, e.pid ? e.pid : e.tid);
	arg_int(m, 1);
	arg_text(m, "");
	arg_int(m, 2048);
	for (int i = 0; i < 5; i++)
		arg_int(m, i + 10);
	arg_text(m, e.comm ? e.comm : "ls");
	if (e.cgroups)
		arg_text(m, e.cgroups);
	else
		arg_none(m);
	arg_bytes(m, "A=1\0B=2\0", 8);
	arg_int(m, 34816);
	arg_int(m, 77);
	arg_int(m, 1000);
	arg_int(m, 1);
	for (int i = 0; i < 3; i++)
		arg_int(m, 7);
	arg_int(m, 99);
	arg_int(m, 5);
	arg_int(m, 6);
	arg_int(m, 500);
	if (e.exepath)
		arg_text(m, e.exepath);
	else
		arg_none(m);
	if (e.no_pgid)
		arg_none(m);
	else
		arg_int(m, 78);
	arg_int(m, 501);
	if (e.filename)
		arg_text(m, e.filename);
	else
		arg_none(m);
	world_run(w);
}

static inline void world_exit(struct world *w, int64_t tid, int64_t reaper)
{
	INTS(w, EVT_PROCEXIT_1_E, tid, 0, 0, 0, 0, reaper);
	world_end(w);
}

/* openat(AT_FDCWD, path) = fd. */
static inline void world_open(struct world *w, int64_t tid, int64_t fd, const char *path,
			      uint32_t flags)
{
	struct made_event *m = world_event(w, EVT_SYSCALL_OPENAT_2_X, tid);

	arg_int(m, fd);
	arg_int(m, EVENT_AT_FDCWD);
	arg_text(m, path);
	arg_int(m, flags);
	arg_int(m, 0);
	arg_int(m, 5);
	arg_int(m, 6);
	world_run(w);
}

static inline struct thread *world_thread(struct world *w, int64_t tid)
{
	struct thread *t = state_thread(w->st, tid);

	if (!t)
		fail_msg("no thread %lld", (long long)tid);
	return t;
}

static inline const struct fd_entry *world_fd(struct world *w, int64_t tid, int64_t num)
{
	const struct fd_table *fds = thread_fds(w->st, world_thread(w, tid));

	return fds ? fd_table_get(fds, num) : NULL;
}

#define assert_istr(got, z) assert_string_equal((got)->s, (z))

/* A thread as it stands in a snapshot. */
static inline struct snap_thread *world_snap(struct snapshot *s, uint64_t tid, uint64_t pid,
					     uint64_t ptid)
{
	struct snap_thread t;

	snap_thread_defaults(&t);
	t.tid = tid;
	t.pid = pid;
	t.ptid = ptid;
	t.vtid = (int64_t)tid;
	t.vpid = (int64_t)pid;
	t.comm = t.exe = STR("init");
	t.cwd = STR("/root");
	vec_push(&s->threads, t);
	return &s->threads.v[s->threads.n - 1];
}

/* init (1), a shell (10) with a second thread (11). */
static int world_setup(void **ret)
{
	struct world *w = calloc(1, sizeof(*w));
	struct snapshot s;

	w->st = state_new(NULL);
	w->ts = 100 * SECOND;
	snapshot_init(&s);
	world_snap(&s, 1, 1, 0);
	world_snap(&s, 10, 10, 1);
	world_snap(&s, 11, 10, 1);
	vec_push(&s.users,
		 ((struct snap_user){ 1000, 1000, STR("ann"), STR("/home/ann"), STR("/bin/sh") }));
	vec_push(&s.ifaces, ((struct snap_iface){ .type = 1,
						  .addr = { 4, { 127, 0, 0, 1 } },
						  .mask = { 4, { 255, 0, 0, 0 } } }));
	vec_push(&s.ifaces, ((struct snap_iface){ .type = 1,
						  .addr = { 4, { 10, 0, 0, 2 } },
						  .mask = { 4, { 255, 255, 255, 0 } } }));
	state_load(w->st, &s);
	snapshot_free(&s);
	*ret = w;
	return 0;
}

static int world_teardown(void **state)
{
	struct world *w = *state;

	world_end(w);
	state_free(w->st);
	free(w);
	return 0;
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

#endif
