/* Parsing of .scap metadata blocks: see scap_meta.h. */
#include "trace/scap_meta.h"

/* The part of an entry that its own length covers; bad when the length is impossible. */
static struct cursor entry(struct cursor *c, bool counts_itself)
{
	uint32_t len = cursor_u32(c);
	size_t own = counts_itself ? 4 : 0;
	struct cursor e = { 0 };
	const uint8_t *p;

	if (len < own) {
		c->bad = true;
		e.bad = true;
		return e;
	}
	p = cursor_take(c, len - own);
	if (!p) {
		e.bad = true;
		return e;
	}
	return cursor_of(p, len - own);
}

static struct str text16(struct cursor *c, struct snapshot *s)
{
	return arena_str(&s->arena, cursor_str16(c));
}

static struct ipaddr address(struct cursor *c, uint8_t n)
{
	struct ipaddr a = { 0 };
	const uint8_t *p = cursor_take(c, n);

	if (p) {
		a.n = n;
		memcpy(a.b, p, n);
	}
	return a;
}

static const char *machine(struct cursor *c, struct snapshot *s)
{
	struct snap_machine m = { .present = true };
	struct str host;
	ptrdiff_t end;

	m.n_cpus = cursor_u32(c);
	m.memory_bytes = cursor_u64(c);
	m.max_pid = cursor_u64(c);
	host = cursor_bytes(c, SCAP_HOSTNAME_LEN);
	m.boot_ts = cursor_u64(c);
	m.flags = cursor_u64(c);
	m.reserved[0] = cursor_u64(c);
	m.reserved[1] = cursor_u64(c);
	if (c->bad)
		return "the machine description is too short";
	end = str_chr(host, '\0');
	if (end >= 0)
		host.n = (size_t)end;
	m.hostname = arena_str(&s->arena, host);
	s->machine = m;
	return NULL;
}

static const char *iface(struct cursor *c, unsigned version, struct snapshot *s, size_t *newer)
{
	struct snap_iface f = { 0 };
	struct cursor own;
	uint16_t namelen;

	if (s->ifaces.n == SCAP_MAX_IFACES)
		return "more network interfaces than any host has";
	if (version >= 2) {
		own = entry(c, false);
		c = &own;
	}
	f.type = cursor_u16(c);
	namelen = cursor_u16(c);
	if (f.type < 1 || f.type > 4)
		return "a network interface of an unknown type";
	f.addr = address(c, f.type & 1 ? 4 : 16);
	f.mask = address(c, f.type & 1 ? 4 : 16);
	f.bcast = address(c, f.type & 1 ? 4 : 16);
	if (f.type <= 2)
		f.linkspeed = cursor_u64(c);
	f.name = arena_str(&s->arena, cursor_bytes(c, namelen));
	if (c->bad)
		return "a network interface that is longer than the bytes left for it";
	*newer += version >= 2 && cursor_left(c);
	vec_push(&s->ifaces, f);
	return NULL;
}

static const char *user(struct cursor *c, unsigned version, struct snapshot *s, size_t *newer)
{
	struct snap_user u = { 0 };
	struct snap_group g = { 0 };
	struct cursor own;
	bool group;

	if (s->users.n + s->groups.n == SCAP_MAX_USERS)
		return "more users and groups than any host has";
	if (version >= 2) {
		own = entry(c, true);
		c = &own;
	}
	group = cursor_u8(c) != 0;
	if (group) {
		g.gid = cursor_u32(c);
		g.name = text16(c, s);
	} else {
		u.uid = cursor_u32(c);
		u.gid = cursor_u32(c);
		u.name = text16(c, s);
		u.home = text16(c, s);
		u.shell = text16(c, s);
	}
	if (c->bad)
		return "a user or group that is longer than the bytes left for it";
	*newer += version >= 2 && cursor_left(c);
	if (group)
		vec_push(&s->groups, g);
	else
		vec_push(&s->users, u);
	return NULL;
}

/* What version 9 appended behind `root`, as much of it as there is. */
static void thread_tail(struct cursor *c, struct snap_thread *t)
{
	if (cursor_left(c) > SCAP_V9_OLD_TAIL) {
		t->pidns_init_start_ts = cursor_u64(c);
		t->tty = cursor_u32(c);
		t->has |= SNAP_HAS_PIDNS;
	}
	if (cursor_left(c) >= 4) {
		t->loginuid = cursor_u32(c);
		t->has |= SNAP_HAS_LOGINUID;
	}
	if (cursor_left(c) >= 1) {
		t->exe_writable = cursor_u8(c);
		t->has |= SNAP_HAS_EXE_WRITABLE;
	}
	if (cursor_left(c) >= 24) {
		t->cap_inheritable = cursor_u64(c);
		t->cap_permitted = cursor_u64(c);
		t->cap_effective = cursor_u64(c);
		t->has |= SNAP_HAS_CAPS;
	}
	if (cursor_left(c) >= 1) {
		t->exe_upper_layer = cursor_u8(c);
		t->has |= SNAP_HAS_EXE_UPPER;
	}
	if (cursor_left(c) >= 24) {
		t->exe_ino = cursor_u64(c);
		t->exe_ino_ctime = cursor_u64(c);
		t->exe_ino_mtime = cursor_u64(c);
		t->has |= SNAP_HAS_EXE_INO;
	}
	if (cursor_left(c) >= 1) {
		t->exe_from_memfd = cursor_u8(c);
		t->has |= SNAP_HAS_EXE_MEMFD;
	}
	if (cursor_left(c) >= 1) {
		t->exe_lower_layer = cursor_u8(c);
		t->has |= SNAP_HAS_EXE_LOWER;
	}
	if (cursor_left(c) >= 8) {
		t->pgid = cursor_i64(c);
		t->has |= SNAP_HAS_PGID;
	}
}

static const char *thread(struct cursor *c, unsigned version, struct snapshot *s, size_t *newer)
{
	struct snap_thread t;
	struct cursor own;

	if (s->threads.n == SCAP_MAX_THREADS)
		return "more threads than any host has";
	if (version >= 9) {
		own = entry(c, true);
		c = &own;
	}
	snap_thread_defaults(&t);
	t.tid = cursor_u64(c);
	t.pid = cursor_u64(c);
	t.ptid = cursor_u64(c);
	if (version >= 6) {
		t.sid = cursor_i64(c);
		t.has |= SNAP_HAS_SID;
	}
	if (version >= 8) {
		t.vpgid = cursor_i64(c);
		t.has |= SNAP_HAS_VPGID;
	}
	t.comm = text16(c, s);
	t.exe = text16(c, s);
	if (version >= 7) {
		t.exepath = text16(c, s);
		t.has |= SNAP_HAS_EXEPATH;
	}
	t.args = text16(c, s);
	t.cwd = text16(c, s);
	t.fdlimit = cursor_i64(c);
	t.flags = cursor_u32(c);
	t.uid = cursor_u32(c);
	t.gid = cursor_u32(c);
	if (version >= 2) {
		t.vmsize_kb = cursor_u32(c);
		t.vmrss_kb = cursor_u32(c);
		t.vmswap_kb = cursor_u32(c);
		t.pfmajor = cursor_u64(c);
		t.pfminor = cursor_u64(c);
		t.has |= SNAP_HAS_VM;
	}
	if (version >= 3) {
		t.env = text16(c, s);
		t.has |= SNAP_HAS_ENV;
	}
	if (version >= 4) {
		t.vtid = cursor_i64(c);
		t.vpid = cursor_i64(c);
		t.cgroups = text16(c, s);
		t.has |= SNAP_HAS_VTID;
	}
	if (version >= 5) {
		t.root = text16(c, s);
		t.has |= SNAP_HAS_ROOT;
	}
	if (c->bad)
		return "a process that is longer than the bytes left for it";
	if (version >= 9) {
		thread_tail(c, &t);
		*newer += cursor_left(c) != 0;
	}
	vec_push(&s->threads, t);
	return NULL;
}

static void socket4(struct cursor *c, struct snap_fd *f, uint8_t n, bool server)
{
	f->sip = address(c, n);
	if (!server)
		f->dip = address(c, n);
	f->sport = cursor_u16(c);
	if (!server)
		f->dport = cursor_u16(c);
	f->l4proto = cursor_u8(c);
}

static const char *descriptor(struct cursor *c, unsigned version, uint64_t tid, struct snapshot *s,
			      size_t *newer)
{
	struct snap_fd f = { .tid = tid };
	struct cursor own;

	if (s->fds.n == SCAP_MAX_FDS)
		return "more descriptors than any host has";
	if (version >= 2) {
		own = entry(c, true);
		c = &own;
	}
	f.fd = cursor_i64(c);
	f.ino = cursor_u64(c);
	f.type = cursor_u8(c);
	switch (f.type) {
	case FD_UNKNOWN:
		break;
	case FD_IPV4_SOCK:
	case FD_IPV4_SERVSOCK:
		socket4(c, &f, 4, f.type == FD_IPV4_SERVSOCK);
		break;
	case FD_IPV6_SOCK:
	case FD_IPV6_SERVSOCK:
		socket4(c, &f, 16, f.type == FD_IPV6_SERVSOCK);
		break;
	case FD_UNIX_SOCK:
		f.unix_src = cursor_u64(c);
		f.unix_dst = cursor_u64(c);
		f.name = text16(c, s);
		break;
	case FD_FILE_V2:
		f.open_flags = cursor_u32(c);
		f.name = text16(c, s);
		if (version >= 2 && cursor_left(c) >= 4) {
			f.dev = cursor_u32(c);
			f.has_dev = true;
		}
		break;
	default:
		if (f.type <= FD_PIDFD) {
			f.name = text16(c, s);
		} else if (version >= 2) {
			/* A newer kind: its payload is kept as it is. */
			f.name = arena_str(&s->arena, cursor_bytes(c, cursor_left(c)));
		} else {
			return "a descriptor of an unknown type";
		}
	}
	if (c->bad)
		return "a descriptor that is longer than the bytes left for it";
	*newer += version >= 2 && cursor_left(c);
	vec_push(&s->fds, f);
	return NULL;
}

void scap_meta_parse(enum scap_kind kind, unsigned version, struct cursor body, struct snapshot *s,
		     struct scap_meta_result *ret)
{
	struct cursor *c = &body;
	const char *what = NULL;
	uint64_t tid = 0;
	size_t at = 0, newer = 0;

	if (kind == SCAP_KIND_MI) {
		what = machine(c, s);
	} else if (kind == SCAP_KIND_FDL) {
		tid = cursor_u64(c);
		if (c->bad)
			what = "a descriptor list without its thread";
		else
			vec_push(&s->fd_tids, tid);
	}
	while (!what && kind != SCAP_KIND_MI && cursor_left(c) >= 4) {
		at = c->off;
		switch (kind) {
		case SCAP_KIND_IL:
			what = iface(c, version, s, &newer);
			break;
		case SCAP_KIND_UL:
			what = user(c, version, s, &newer);
			break;
		case SCAP_KIND_PL:
			what = thread(c, version, s, &newer);
			break;
		case SCAP_KIND_FDL:
			what = descriptor(c, version, tid, s, &newer);
			break;
		default:
			return;
		}
	}
	*ret = (struct scap_meta_result){ what, at, newer };
}
