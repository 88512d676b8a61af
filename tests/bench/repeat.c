/*
 * repeat [-s] [-o FILE] [-n EVENTS] TRACE...: a long trace made of short ones, again and again with
 * new times and new process ids, until there are at least EVENTS events (default: once). FILE is an
 * .eyas trace, "-" (default) standard output; with -s it is a .scap trace.
 *
 * There is one snapshot, of all traces; what is in it keeps its ids. Processes that begin later get
 * ids that count up and begin anew as the kernel's do; those that a trace leaves running end with
 * the round. So the state is as large after the thousandth round as after the first.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hashmap.h"
#include "base/xalloc.h"
#include "trace/trace.h"

#define PID_LIMIT  4194304
#define TRACE_STEP 100000  /* ids of the second trace, the third, ... are moved up by this */
#define GAP        1000000 /* ns between two traces */

/* Of a trace with more events, the file is read anew in each round. */
#define KEPT_EVENTS 200000

struct part {
	const char *path;
	struct arena arena;
	VEC(struct event) events; /* in the arena; empty: too many to be kept */
	uint64_t n, first_ts, last_ts;
};

struct repeat {
	struct snapshot snap;
	struct u64map keeps; /* ids of the snapshot; values are not looked at */
	VEC(struct part) parts;
	uint64_t id_limit; /* above the ids of the snapshot */

	struct sink *sink;
	uint64_t written, wanted;
	uint64_t ts, next_id;
	struct u64map ids;  /* of a round: new id of each old one, as a pointer */
	struct u64map live; /* new ids of processes that have not ended */
};

static void die(const char *what, struct diag *diag)
{
	diag_print(diag, stderr);
	fprintf(stderr, "repeat: %s\n", what);
	exit(1);
}

/* An id that means no thread, or the first, is the same everywhere. */
static bool is_special(uint64_t id)
{
	return id <= 1 || id >= PID_LIMIT;
}

static uint64_t moved(uint64_t id, size_t part)
{
	return is_special(id) ? id : id + part * TRACE_STEP;
}

/* --- reading ------------------------------------------------------------------------------------
 */

static void keep_strings(struct arena *a, struct str *const *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*s[i] = arena_str(a, *s[i]);
}

#define KEEP(a, ...)                                                   \
	do {                                                           \
		struct str *const list[] = { __VA_ARGS__ };            \
		keep_strings(a, list, sizeof(list) / sizeof(list[0])); \
	} while (0)

static void add_threads(struct repeat *r, const struct snapshot *s, size_t part)
{
	struct arena *a = &r->snap.arena;
	struct u64map known = { 0 };

	for (size_t i = 0; i < s->threads.n; i++) {
		struct snap_thread t = s->threads.v[i];

		t.tid = moved(t.tid, part);
		t.pid = moved(t.pid, part);
		t.ptid = moved(t.ptid, part);
		if (u64map_get(&r->keeps, t.tid))
			continue;
		u64map_put(&known, t.tid, r);
		KEEP(a, &t.comm, &t.exe, &t.exepath, &t.cwd, &t.root, &t.args, &t.env, &t.cgroups);
		vec_push(&r->snap.threads, t);
		if (!is_special(t.tid) && t.tid >= r->id_limit)
			r->id_limit = t.tid + 1;
	}
	for (size_t i = 0; i < s->fds.n; i++) {
		struct snap_fd f = s->fds.v[i];

		f.tid = moved(f.tid, part);
		if (!u64map_get(&known, f.tid))
			continue;
		KEEP(a, &f.name);
		vec_push(&r->snap.fds, f);
	}
	for (size_t i = 0; i < s->fd_tids.n; i++)
		if (u64map_get(&known, moved(s->fd_tids.v[i], part)))
			vec_push(&r->snap.fd_tids, moved(s->fd_tids.v[i], part));
	for (size_t i = 0; i < r->snap.threads.n; i++)
		u64map_put(&r->keeps, r->snap.threads.v[i].tid, r);
	u64map_free(&known);
}

/* The host is the one of the first trace. */
static void add_host(struct repeat *r, const struct snapshot *s)
{
	struct arena *a = &r->snap.arena;

	r->snap.machine = s->machine;
	KEEP(a, &r->snap.machine.hostname);
	for (size_t i = 0; i < s->ifaces.n; i++) {
		vec_push(&r->snap.ifaces, s->ifaces.v[i]);
		KEEP(a, &r->snap.ifaces.v[i].name);
	}
	for (size_t i = 0; i < s->users.n; i++) {
		struct snap_user u = s->users.v[i];

		KEEP(a, &u.name, &u.home, &u.shell);
		vec_push(&r->snap.users, u);
	}
	for (size_t i = 0; i < s->groups.n; i++) {
		vec_push(&r->snap.groups, s->groups.v[i]);
		KEEP(a, &r->snap.groups.v[i].name);
	}
	for (size_t i = 0; i < s->mounts.n; i++) {
		struct snap_mount m = s->mounts.v[i];

		KEEP(a, &m.root, &m.point, &m.options, &m.propagation, &m.fstype, &m.source,
		     &m.super);
		vec_push(&r->snap.mounts, m);
	}
	for (size_t i = 0; i < s->cgroups.n; i++) {
		struct snap_cgroup c = s->cgroups.v[i];

		KEEP(a, &c.controllers, &c.path);
		vec_push(&r->snap.cgroups, c);
	}
}

static void add_event(struct part *p, const struct event *ev)
{
	struct param *params;
	struct event copy = *ev;

	if (!p->n++)
		p->first_ts = ev->ts;
	if (ev->ts > p->last_ts)
		p->last_ts = ev->ts;
	if (p->n > KEPT_EVENTS) {
		vec_free(&p->events);
		arena_destroy(&p->arena);
		return;
	}
	params = arena_calloc(&p->arena, ev->n_params, sizeof(*params));
	for (uint32_t i = 0; i < ev->n_params; i++) {
		params[i] = ev->params[i];
		params[i].p = (uint8_t *)arena_memdup(&p->arena, params[i].p, params[i].n);
	}
	copy.params = params;
	vec_push(&p->events, copy);
}

static struct source *open_trace(const char *path, struct diag *diag)
{
	struct source *src;

	diag_init(diag);
	if (trace_open(path, diag, &src))
		die(path, diag);
	return src;
}

static void read_trace(struct repeat *r, const char *path)
{
	struct part *p = vec_add(&r->parts);
	size_t number = r->parts.n - 1;
	struct source *src;
	struct record rec;
	struct diag diag;
	int e;

	p->path = path;
	arena_init(&p->arena);
	src = open_trace(path, &diag);
	while ((e = source_next(src, &rec)) > 0) {
		if (rec.kind == RECORD_EVENT) {
			add_event(p, &rec.event);
		} else if (rec.kind == RECORD_SNAPSHOT) {
			if (!number && !r->snap.threads.n)
				add_host(r, rec.snapshot);
			add_threads(r, rec.snapshot, number);
		}
	}
	if (e < 0)
		die(path, &diag);
	source_close(src);
	diag_free(&diag);
}

/* --- writing ------------------------------------------------------------------------------------
 */

static void put(struct repeat *r, const struct record *rec)
{
	int e = r->sink->ops->put(r->sink, rec);

	if (e) {
		fprintf(stderr, "repeat: cannot write: %s\n", strerror(-e));
		exit(1);
	}
}

/* The id that an id of this part has in this round. */
static uint64_t new_id(struct repeat *r, uint64_t id, size_t part)
{
	uint64_t ret;

	id = moved(id, part);
	if (is_special(id) || u64map_get(&r->keeps, id))
		return id;
	ret = (uint64_t)(uintptr_t)u64map_get(&r->ids, id);
	if (!ret) {
		if (r->next_id >= PID_LIMIT)
			r->next_id = r->id_limit;
		ret = r->next_id++;
		u64map_put(&r->ids, id, (void *)(uintptr_t)ret);
	}
	return ret;
}

static bool makes_thread(unsigned type)
{
	return type == EVT_SYSCALL_CLONE_20_X || type == EVT_SYSCALL_CLONE3_X ||
	       type == EVT_SYSCALL_FORK_20_X || type == EVT_SYSCALL_VFORK_20_X;
}

static void follow(struct repeat *r, const struct event *ev)
{
	uint64_t tid = (uint64_t)ev->tid;
	int64_t child;

	if (ev->type == EVT_PROCEXIT_1_E || ev->type == EVT_PROCEXIT_E) {
		u64map_del(&r->live, tid);
		return;
	}
	if (ev->tid > 0 && !is_special(tid) && !u64map_get(&r->keeps, tid))
		u64map_put(&r->live, tid, r);
	if (makes_thread(ev->type) && event_param_int(ev, 0, &child) && child > 1)
		u64map_put(&r->live, (uint64_t)child, r);
}

static void put_event(struct repeat *r, const struct event *ev)
{
	struct record rec = { .kind = RECORD_EVENT, .event = *ev };

	put(r, &rec);
	follow(r, ev);
	r->written++;
}

/* One event of a part with its new time and ids. */
static void repeat_event(struct repeat *r, const struct event *old, size_t part, uint64_t begin)
{
	struct param params[EVENT_MAX_PARAMS];
	uint8_t pids[EVENT_MAX_PARAMS][8];
	struct event ev = *old;
	int64_t v;

	ev.ts = begin + old->ts - r->parts.v[part].first_ts;
	ev.tid = old->tid > 0 ? (int64_t)new_id(r, (uint64_t)old->tid, part) : old->tid;
	for (uint32_t i = 0; i < ev.n_params && i < EVENT_MAX_PARAMS; i++) {
		params[i] = old->params[i];
		if (!ev.info || i >= ev.info->n_params || ev.info->params[i].type != PT_PID ||
		    !event_param_int(old, i, &v) || v <= 0)
			continue;
		put_le64(pids[i], new_id(r, (uint64_t)v, part));
		params[i].p = pids[i];
	}
	if (ev.n_params > EVENT_MAX_PARAMS)
		ev.n_params = EVENT_MAX_PARAMS;
	ev.params = params;
	put_event(r, &ev);
}

static void repeat_part(struct repeat *r, size_t part, uint64_t begin)
{
	const struct part *p = &r->parts.v[part];
	struct source *src;
	struct record rec;
	struct diag diag;

	for (size_t k = 0; k < p->events.n; k++)
		repeat_event(r, &p->events.v[k], part, begin);
	if (p->n <= KEPT_EVENTS)
		return;
	src = open_trace(p->path, &diag);
	while (source_next(src, &rec) > 0)
		if (rec.kind == RECORD_EVENT)
			repeat_event(r, &rec.event, part, begin);
	source_close(src);
	diag_free(&diag);
}

/* What this round's traces left running ends. */
static void end_round(struct repeat *r)
{
	static const uint8_t zero[8];
	const struct param params[] = {
		{ zero, 8 }, { zero, 8 }, { zero, 1 }, { zero, 1 }, { zero, 8 }
	};
	size_t n = r->live.n;
	uint64_t *left = u64map_sorted_keys(&r->live);

	for (size_t i = 0; i < n; i++) {
		struct event ev = {
			.ts = ++r->ts,
			.tid = (int64_t)left[i],
			.type = EVT_PROCEXIT_1_E,
			.n_params = sizeof(params) / sizeof(params[0]),
			.params = params,
			.info = event_info(EVT_PROCEXIT_1_E),
		};

		put_event(r, &ev);
	}
	free(left);
	u64map_clear(&r->ids);
}

static void write_all(struct repeat *r)
{
	r->next_id = r->id_limit;
	r->ts = r->parts.v[0].first_ts;
	put(r, &(struct record){ .kind = RECORD_SNAPSHOT, .snapshot = &r->snap });
	do {
		for (size_t i = 0; i < r->parts.n; i++) {
			const struct part *p = &r->parts.v[i];
			uint64_t begin = r->ts;

			repeat_part(r, i, begin);
			r->ts = begin + (p->last_ts - p->first_ts) + GAP;
		}
		end_round(r);
	} while (r->written < r->wanted);
}

int main(int argc, char **argv)
{
	struct trace_create_options opt = { .format = TRACE_EYAS, .overwrite = true };
	struct repeat r = { .id_limit = 1000 };
	const char *path = "-";
	struct diag diag;
	int c, e;

	while ((c = getopt(argc, argv, "so:n:")) >= 0) {
		if (c == 's')
			opt.format = TRACE_SCAP;
		else if (c == 'o')
			path = optarg;
		else if (c == 'n')
			r.wanted = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind == argc) {
		fputs("repeat [-s] [-o FILE] [-n EVENTS] TRACE...\n", stderr);
		return 2;
	}
	snapshot_init(&r.snap);
	for (int i = optind; i < argc; i++)
		read_trace(&r, argv[i]);
	diag_init(&diag);
	if (trace_create(path, &opt, &diag, &r.sink))
		die(path, &diag);
	write_all(&r);
	e = r.sink->ops->finish(r.sink);
	if (e) {
		fprintf(stderr, "repeat: cannot write %s: %s\n", path, strerror(-e));
		return 1;
	}
	fprintf(stderr, "%llu events\n", (unsigned long long)r.written);
	for (size_t i = 0; i < r.parts.n; i++) {
		vec_free(&r.parts.v[i].events);
		arena_destroy(&r.parts.v[i].arena);
	}
	vec_free(&r.parts);
	u64map_free(&r.keeps);
	u64map_free(&r.ids);
	u64map_free(&r.live);
	snapshot_free(&r.snap);
	diag_free(&diag);
	return 0;
}
