#include "base/compiler.h"
#include "records.h"

#include <stdio.h>
#include <stdlib.h>

#define FAIL_IF(x)                                                              \
	do {                                                                    \
		if (x) {                                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); \
			abort();                                                \
		}                                                               \
	} while (0)

void record_list_init(struct record_list *l)
{
	memset(l, 0, sizeof(*l));
	arena_init(&l->arena);
}

/* clang-format off */
static void snapshot_copy(const struct snapshot *from, struct record_list *l, struct record *to)
{
	struct snapshot *s = xmalloc(sizeof(*s));

	snapshot_init(s);
	s->machine = from->machine;
	s->machine.hostname = arena_str(&l->arena, from->machine.hostname);
#define COPY(vec)                                          \
	for (size_t i = 0; i < from->vec.n; i++)           \
	vec_push(&s->vec, from->vec.v[i])
#define KEEP(field) p->field = arena_str(&l->arena, p->field)
	COPY(ifaces);
	for (size_t i = 0; i < s->ifaces.n; i++) {
		struct snap_iface *p = &s->ifaces.v[i];

		KEEP(name);
	}
	COPY(users);
	for (size_t i = 0; i < s->users.n; i++) {
		struct snap_user *p = &s->users.v[i];

		KEEP(name);
		KEEP(home);
		KEEP(shell);
	}
	COPY(groups);
	for (size_t i = 0; i < s->groups.n; i++) {
		struct snap_group *p = &s->groups.v[i];

		KEEP(name);
	}
	COPY(threads);
	for (size_t i = 0; i < s->threads.n; i++) {
		struct snap_thread *p = &s->threads.v[i];

		KEEP(comm);
		KEEP(exe);
		KEEP(exepath);
		KEEP(cwd);
		KEEP(root);
		KEEP(args);
		KEEP(env);
		KEEP(cgroups);
	}
	COPY(fds);
	for (size_t i = 0; i < s->fds.n; i++) {
		struct snap_fd *p = &s->fds.v[i];

		KEEP(name);
	}
	COPY(fd_tids);
	COPY(mounts);
	for (size_t i = 0; i < s->mounts.n; i++) {
		struct snap_mount *p = &s->mounts.v[i];

		KEEP(root);
		KEEP(point);
		KEEP(options);
		KEEP(propagation);
		KEEP(fstype);
		KEEP(source);
		KEEP(super);
	}
	COPY(cgroups);
	for (size_t i = 0; i < s->cgroups.n; i++) {
		struct snap_cgroup *p = &s->cgroups.v[i];

		KEEP(controllers);
		KEEP(path);
	}
	to->snapshot = s;
}
/* clang-format on */

void record_list_free(struct record_list *l)
{
	for (size_t i = 0; i < l->v.n; i++)
		if (l->v.v[i].kind == RECORD_SNAPSHOT) {
			snapshot_free((struct snapshot *)l->v.v[i].snapshot);
			free((void *)l->v.v[i].snapshot);
		}
	vec_free(&l->v);
	arena_destroy(&l->arena);
}

void record_list_add(struct record_list *l, const struct record *r)
{
	struct record c = *r;

	if (r->kind == RECORD_NOTE)
		c.note.text = arena_str(&l->arena, r->note.text);
	if (r->kind == RECORD_NOTE && r->note.author.n)
		c.note.author = arena_str(&l->arena, r->note.author);
	if (r->kind == RECORD_SNAPSHOT)
		snapshot_copy(r->snapshot, l, &c);
	if (r->kind == RECORD_EVENT) {
		struct param *p = arena_calloc(&l->arena, r->event.n_params + 1, sizeof(*p));

		for (uint32_t i = 0; i < r->event.n_params; i++) {
			p[i].n = r->event.params[i].n;
			p[i].p = (const uint8_t *)arena_memdup(
				&l->arena, p[i].n ? (const void *)r->event.params[i].p : "",
				p[i].n);
		}
		c.event.params = p;
	}
	vec_push(&l->v, c);
}

int record_list_read(struct record_list *l, struct source *s)
{
	struct record r;
	int n;

	while ((n = source_next(s, &r)) > 0)
		record_list_add(l, &r);
	l->failed = n < 0;
	return n;
}

void record_list_write(const struct record_list *l, struct sink *k)
{
	for (size_t i = 0; i < l->v.n; i++)
		FAIL_IF(k->ops->put(k, &l->v.v[i]) != 0);
}

static const char *differ(size_t i, const char *what, long k)
{
	static char text[200];

	snprintf(text, sizeof(text), "record %zu: %s %ld", i, what, k);
	return text;
}

#define SAME(field, what)         \
	if (a->field != b->field) \
	return differ(i, what, 0)
#define SAME_STR(field, what)            \
	if (!str_eq(a->field, b->field)) \
	return differ(i, what, 0)

static const char *events_differ(size_t i, const struct event *a, const struct event *b)
{
	SAME(ts, "ts");
	SAME(tid, "tid");
	SAME(type, "type");
	SAME(cpu, "cpu");
	SAME(delivery, "delivery");
	SAME(n_params, "number of parameters");
	for (uint32_t k = 0; k < a->n_params; k++)
		if (a->params[k].n != b->params[k].n ||
		    (a->params[k].n && memcmp(a->params[k].p, b->params[k].p, a->params[k].n)))
			return differ(i, "parameter", k);
	return NULL;
}

static bool addr_same(const struct ipaddr *a, const struct ipaddr *b)
{
	return ipaddr_eq(a, b);
}

/* clang-format off */
static const char *threads_differ(size_t i, const struct snap_thread *a, const struct snap_thread *b)
{
#define X(f) SAME(f, "thread " #f);
	X(has) X(tid) X(pid) X(ptid) X(sid) X(vpgid) X(pgid) X(vtid) X(vpid) X(fdlimit) X(flags)
	X(uid) X(gid) X(loginuid) X(tty) X(vmsize_kb) X(vmrss_kb) X(vmswap_kb) X(pfmajor)
	X(pfminor) X(pidns_init_start_ts) X(cap_inheritable) X(cap_permitted) X(cap_effective)
	X(exe_ino) X(exe_ino_ctime) X(exe_ino_mtime) X(exe_writable) X(exe_upper_layer)
	X(exe_lower_layer) X(exe_from_memfd) X(mnt_ns)
#undef X
#define X(f) SAME_STR(f, "thread " #f);
	X(comm) X(exe) X(exepath) X(cwd) X(root) X(args) X(env) X(cgroups)
#undef X
	return NULL;
}

static const char *fds_differ(size_t i, const struct snap_fd *a, const struct snap_fd *b)
{
#define X(f) SAME(f, "fd " #f);
	X(tid) X(fd) X(ino) X(type) X(l4proto) X(sport) X(dport) X(unix_src) X(unix_dst)
	X(open_flags) X(dev) X(has_dev)
#undef X
	SAME_STR(name, "fd name");
	if (!addr_same(&a->sip, &b->sip) || !addr_same(&a->dip, &b->dip))
		return differ(i, "fd address", 0);
	return NULL;
}

static const char *ifaces_differ(size_t i, const struct snap_iface *a, const struct snap_iface *b)
{
	SAME(type, "iface type");
	SAME(linkspeed, "iface linkspeed");
	SAME_STR(name, "iface name");
	if (!addr_same(&a->addr, &b->addr) || !addr_same(&a->mask, &b->mask) ||
	    !addr_same(&a->bcast, &b->bcast))
		return differ(i, "iface address", 0);
	return NULL;
}

static const char *mounts_differ(size_t i, const struct snap_mount *a, const struct snap_mount *b)
{
#define X(f) SAME(f, "mount " #f);
	X(ns) X(id) X(parent) X(major) X(minor)
#undef X
#define X(f) SAME_STR(f, "mount " #f);
	X(root) X(point) X(options) X(propagation) X(fstype) X(source) X(super)
#undef X
	return NULL;
}

static const char *cgroups_differ(size_t i, const struct snap_cgroup *a, const struct snap_cgroup *b)
{
	SAME(hierarchy, "cgroup hierarchy");
	SAME(id, "cgroup id");
	SAME(populated, "cgroup populated");
	SAME_STR(controllers, "cgroup controllers");
	SAME_STR(path, "cgroup path");
	return NULL;
}

static const char *snapshots_differ(size_t i, const struct snapshot *a, const struct snapshot *b)
{
	const char *d = NULL;

#define X(f) SAME(machine.f, "machine " #f);
	X(present)
	if (a->machine.present) {
		X(n_cpus) X(memory_bytes) X(max_pid) X(boot_ts) X(flags) X(reserved[0]) X(reserved[1])
	}
#undef X
	SAME_STR(machine.hostname, "machine hostname");
#define X(f) SAME(f.n, "number of " #f);
	X(ifaces) X(users) X(groups) X(threads) X(fds) X(fd_tids) X(mounts) X(cgroups)
#undef X
	for (size_t k = 0; !d && k < a->ifaces.n; k++)
		d = ifaces_differ(i, &a->ifaces.v[k], &b->ifaces.v[k]);
	for (size_t k = 0; !d && k < a->threads.n; k++)
		d = threads_differ(i, &a->threads.v[k], &b->threads.v[k]);
	for (size_t k = 0; !d && k < a->fds.n; k++)
		d = fds_differ(i, &a->fds.v[k], &b->fds.v[k]);
	for (size_t k = 0; !d && k < a->users.n; k++) {
		SAME(users.v[k].uid, "user uid");
		SAME(users.v[k].gid, "user gid");
		SAME_STR(users.v[k].name, "user name");
		SAME_STR(users.v[k].home, "user home");
		SAME_STR(users.v[k].shell, "user shell");
	}
	for (size_t k = 0; !d && k < a->groups.n; k++) {
		SAME(groups.v[k].gid, "group gid");
		SAME_STR(groups.v[k].name, "group name");
	}
	for (size_t k = 0; !d && k < a->fd_tids.n; k++)
		SAME(fd_tids.v[k], "fd_tid");
	for (size_t k = 0; !d && k < a->mounts.n; k++)
		d = mounts_differ(i, &a->mounts.v[k], &b->mounts.v[k]);
	for (size_t k = 0; !d && k < a->cgroups.n; k++)
		d = cgroups_differ(i, &a->cgroups.v[k], &b->cgroups.v[k]);
	return d;
}
/* clang-format on */

static const char *records_differ(size_t i, const struct record *a, const struct record *b)
{
	SAME(kind, "kind");
	switch (a->kind) {
	case RECORD_EVENT:
		return events_differ(i, &a->event, &b->event);
	case RECORD_SNAPSHOT:
		return snapshots_differ(i, a->snapshot, b->snapshot);
	case RECORD_LOSS:
		SAME(loss.count, "loss count");
		SAME(loss.from_ts, "loss from");
		SAME(loss.to_ts, "loss to");
		SAME(loss.cpu, "loss cpu");
		SAME(loss.cause, "loss cause");
		return NULL;
	case RECORD_NOTE:
		SAME(note.ts, "note ts");
		SAME_STR(note.text, "note text");
		SAME_STR(note.author, "note author");
		SAME(note.first_num, "first event of a note");
		SAME(note.last_num, "last event of a note");
		SAME(note.from_ts, "from of a note");
		SAME(note.to_ts, "to of a note");
		return NULL;
	}
	return NULL;
}

const char *record_list_differ(const struct record_list *a, const struct record_list *b)
{
	const char *d = NULL;

	for (size_t i = 0; !d && i < a->v.n && i < b->v.n; i++)
		d = records_differ(i, &a->v.v[i], &b->v.v[i]);
	if (!d && a->v.n != b->v.n)
		d = differ(a->v.n < b->v.n ? a->v.n : b->v.n, "is missing in one of them", 0);
	return d;
}

int strbuf_output(void *arg, const void *p, size_t n)
{
	strbuf_add(arg, p, n);
	return 0;
}

/* ---- making them up */

struct maker {
	struct record_list *l;
	uint64_t x;
	unsigned what;
	uint64_t ts;
};

static uint64_t rnd(struct maker *m)
{
	m->x ^= m->x << 13;
	m->x ^= m->x >> 7;
	m->x ^= m->x << 17;
	return m->x;
}

static uint64_t below(struct maker *m, uint64_t n)
{
	return rnd(m) % n;
}

/* Mostly small, sometimes of any size. */
static uint64_t number(struct maker *m)
{
	uint64_t v = rnd(m);

	/* one after the other: the order of operands is not defined */
	return v >> below(m, 64);
}

static struct str bytes(struct maker *m, size_t max, bool text)
{
	size_t n = below(m, max + 1);
	char *p = arena_alloc(&m->l->arena, n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = text ? (char)('a' + below(m, 26)) : (char)rnd(m);
	return str_mem(p, n);
}

static struct ipaddr address(struct maker *m, uint8_t n)
{
	struct ipaddr a = { .n = n };

	for (unsigned i = 0; i < n; i++)
		a.b[i] = below(m, 2) ? (uint8_t)rnd(m) : 0;
	return a;
}

static struct param make_param(struct maker *m, const struct param_info *info)
{
	unsigned size = info ? param_type_size(info->type) : 0;
	struct param p = { NULL, 0 };
	struct str s;

	if (below(m, 8) == 0)
		return p;
	if (!size || ((m->what & WITH_ODD_SIZES) && below(m, 10) == 0)) {
		bool text = below(m, 2);

		s = bytes(m, below(m, 50) ? 40 : 3000, text);
		if (s.n && info && param_type_is_text(info->type) && below(m, 8))
			((char *)(uintptr_t)s.p)[s.n - 1] = '\0';
	} else {
		char *q = arena_calloc(&m->l->arena, 1, 16);

		put_le64((uint8_t *)q, number(m));
		s = str_mem(q, size);
	}
	p.p = (const uint8_t *)s.p;
	p.n = (uint32_t)s.n;
	return p;
}

static void make_event(struct maker *m, struct record *r)
{
	struct event *ev = &r->event;
	struct param *params;
	const struct event_info *info;

	r->kind = RECORD_EVENT;
	m->ts += below(m, 20) ? below(m, 100000) : 0;
	ev->ts = below(m, 50) ? m->ts : m->ts - below(m, 1000);
	ev->type = (uint16_t)(below(m, 3) ? 1 + 2 * below(m, 30) : below(m, EVENT_N_TYPES));
	if ((m->what & WITH_UNKNOWN_TYPES) && below(m, 20) == 0)
		ev->type = (uint16_t)rnd(m);
	ev->cpu = (uint16_t)(below(m, 100) ? below(m, 4) : rnd(m));
	ev->tid = below(m, 50) ? (int64_t)(1000 + below(m, 30)) : (int64_t)rnd(m);
	ev->delivery = below(m, 20) ? 0 : (uint32_t)below(m, 4);
	if ((m->what & WITH_ANY_DELIVERY) && below(m, 20) == 0)
		ev->delivery = (uint32_t)number(m);
	info = event_info(ev->type);
	ev->n_params = info ? info->n_params : (uint32_t)below(m, 40);
	if ((m->what & WITH_ODD_SIZES) && below(m, 10) == 0)
		ev->n_params = (uint32_t)below(m, 40);
	params = arena_calloc(&m->l->arena, ev->n_params + 1, sizeof(*params));
	for (uint32_t i = 0; i < ev->n_params; i++)
		params[i] = make_param(m, info && i < info->n_params ? &info->params[i] : NULL);
	ev->params = params;
}

/* clang-format off */
static void make_thread(struct maker *m, struct snap_thread *t)
{
	snap_thread_defaults(t);
	t->has = (uint32_t)below(m, 1 << 16);
#define X(f) t->f = (__typeof__(t->f))number(m);
	X(tid) X(pid) X(ptid) X(fdlimit) X(flags) X(uid) X(gid)
	if (t->has & SNAP_HAS_SID) { X(sid) }
	if (t->has & SNAP_HAS_VPGID) { X(vpgid) }
	if (t->has & SNAP_HAS_PGID) { X(pgid) }
	if (t->has & SNAP_HAS_VTID) { X(vtid) X(vpid) }
	if (t->has & SNAP_HAS_VM) { X(vmsize_kb) X(vmrss_kb) X(vmswap_kb) X(pfmajor) X(pfminor) }
	if (t->has & SNAP_HAS_LOGINUID) { X(loginuid) }
	if (t->has & SNAP_HAS_PIDNS) { X(pidns_init_start_ts) X(tty) }
	if (t->has & SNAP_HAS_CAPS) { X(cap_inheritable) X(cap_permitted) X(cap_effective) }
	if (t->has & SNAP_HAS_EXE_INO) { X(exe_ino) X(exe_ino_ctime) X(exe_ino_mtime) }
	if (t->has & SNAP_HAS_EXE_WRITABLE) { X(exe_writable) }
	if (t->has & SNAP_HAS_EXE_UPPER) { X(exe_upper_layer) }
	if (t->has & SNAP_HAS_EXE_LOWER) { X(exe_lower_layer) }
	if (t->has & SNAP_HAS_EXE_MEMFD) { X(exe_from_memfd) }
#undef X
	t->comm = bytes(m, 16, true);
	t->exe = bytes(m, 20, below(m, 5));
	t->cwd = bytes(m, 20, true);
	t->args = bytes(m, 20, below(m, 2));
	if (t->has & SNAP_HAS_EXEPATH)
		t->exepath = bytes(m, 20, true);
	if (t->has & SNAP_HAS_ENV)
		t->env = bytes(m, 20, below(m, 2));
	if (t->has & SNAP_HAS_VTID)
		t->cgroups = bytes(m, 20, below(m, 2));
	if (t->has & SNAP_HAS_ROOT)
		t->root = bytes(m, 20, true);
}
/* clang-format on */

static void make_fd(struct maker *m, struct snap_fd *f, uint64_t tid)
{
	f->tid = tid;
	f->fd = (int64_t)below(m, 100);
	f->ino = number(m);
	f->type = (uint8_t)(1 + below(m, 21));
	switch (f->type) {
	case FD_IPV4_SOCK:
	case FD_IPV6_SOCK:
		f->dip = address(m, f->type == FD_IPV4_SOCK ? 4 : 16);
		f->dport = (uint16_t)number(m);
		FALLTHROUGH;
	case FD_IPV4_SERVSOCK:
	case FD_IPV6_SERVSOCK:
		f->sip =
			address(m, f->type == FD_IPV4_SOCK || f->type == FD_IPV4_SERVSOCK ? 4 : 16);
		f->sport = (uint16_t)number(m);
		f->l4proto = (uint8_t)below(m, 6);
		return;
	case FD_UNIX_SOCK:
		f->unix_src = number(m);
		f->unix_dst = number(m);
		break;
	case FD_FILE_V2:
		f->open_flags = (uint32_t)number(m);
		f->has_dev = below(m, 2);
		f->dev = f->has_dev ? (uint32_t)number(m) : 0;
		break;
	}
	f->name = bytes(m, 20, below(m, 4));
}

static void make_mount(struct maker *m, struct snap_mount *p)
{
	p->ns = number(m);
	p->id = number(m);
	p->parent = number(m);
	p->major = (uint32_t)number(m);
	p->minor = (uint32_t)number(m);
	p->root = bytes(m, 20, true);
	p->point = bytes(m, 20, false);
	p->options = bytes(m, 8, true);
	p->propagation = bytes(m, 8, true);
	p->fstype = bytes(m, 8, true);
	p->source = bytes(m, 8, false);
	p->super = bytes(m, 20, true);
}

static void make_cgroup(struct maker *m, struct snap_cgroup *p)
{
	p->hierarchy = (uint32_t)number(m);
	p->controllers = bytes(m, 8, true);
	p->path = bytes(m, 20, false);
	p->id = number(m);
	p->populated = (uint8_t)below(m, 5);
}

static void make_snapshot(struct maker *m, struct record *r, struct snapshot *s)
{
	size_t n = below(m, 6);

	r->kind = RECORD_SNAPSHOT;
	r->snapshot = s;
	if (below(m, 4)) {
		s->machine.present = true;
		s->machine.n_cpus = (uint32_t)number(m);
		s->machine.memory_bytes = number(m);
		s->machine.max_pid = number(m);
		s->machine.hostname = bytes(m, 20, true);
		s->machine.boot_ts = number(m);
		s->machine.flags = number(m);
		s->machine.reserved[0] = number(m);
		s->machine.reserved[1] = number(m);
	}
	for (size_t i = 0; i < n; i++) {
		struct snap_iface *f = vec_add(&s->ifaces);
		struct snap_user *u = vec_add(&s->users);
		struct snap_group *g = vec_add(&s->groups);
		struct snap_thread *t = vec_add(&s->threads);

		f->type = (uint16_t)(1 + below(m, 4));
		f->name = bytes(m, 8, true);
		f->addr = address(m, f->type % 2 ? 4 : 16);
		f->mask = address(m, f->type % 2 ? 4 : 16);
		f->bcast = address(m, f->type % 2 ? 4 : 16);
		f->linkspeed = f->type < 3 ? number(m) : 0;
		u->uid = (uint32_t)number(m);
		u->gid = (uint32_t)number(m);
		u->name = bytes(m, 8, true);
		u->home = bytes(m, 8, true);
		u->shell = bytes(m, 8, false);
		g->gid = (uint32_t)number(m);
		g->name = bytes(m, 8, true);
		make_thread(m, t);
		t->tid = 1000 + i;
		if (below(m, 4)) {
			vec_push(&s->fd_tids, t->tid);
			for (size_t k = below(m, 4); k; k--)
				make_fd(m, vec_add(&s->fds), t->tid);
		}
		if (m->what & WITH_MOUNTS) {
			t->mnt_ns = number(m);
			for (size_t k = below(m, 4); k; k--)
				make_mount(m, vec_add(&s->mounts));
			make_cgroup(m, vec_add(&s->cgroups));
		}
	}
}

static void add_snapshot(struct maker *m)
{
	struct snapshot s;
	struct record r = { 0 };

	snapshot_init(&s);
	make_snapshot(m, &r, &s);
	record_list_add(m->l, &r);
	snapshot_free(&s);
}

void record_list_make(struct record_list *l, uint64_t seed, size_t n, unsigned what)
{
	struct maker m = { l, seed * UINT64_C(0x9e3779b97f4a7c15) + 1, what,
			   UINT64_C(1790000000000000000) };

	add_snapshot(&m);
	for (size_t i = 0; i < n; i++) {
		struct record r = { 0 };

		if ((what & WITH_SECTIONS) && below(&m, 200) == 0)
			add_snapshot(&m);
		make_event(&m, &r);
		if ((what & WITH_LOSS_AND_NOTES) && below(&m, 50) == 0) {
			r = (struct record){ .kind = RECORD_LOSS };
			r.loss.count = below(&m, 5) ? number(&m) : UINT64_MAX;
			r.loss.from_ts = below(&m, 2) ? m.ts : 0;
			r.loss.to_ts = below(&m, 2) ? m.ts + 5 : 0;
			r.loss.cpu = below(&m, 2) ? UINT16_MAX : (uint16_t)below(&m, 8);
			r.loss.cause = (uint16_t)below(&m, LOSS_N);
		} else if ((what & WITH_LOSS_AND_NOTES) && below(&m, 100) == 0) {
			r = (struct record){ .kind = RECORD_NOTE };
			r.note.ts = below(&m, 2) ? m.ts : 0;
			r.note.text = bytes(&m, 40, below(&m, 2));
			if (below(&m, 2)) {
				r.note.author = bytes(&m, 10, true);
				r.note.first_num = below(&m, 100);
				r.note.last_num = r.note.first_num + below(&m, 3);
				r.note.from_ts = below(&m, 2) ? m.ts : 0;
				r.note.to_ts = r.note.from_ts + below(&m, 1000);
			}
		}
		record_list_add(l, &r);
	}
}
