#include "trace/eyas_snapshot.h"

#include "base/varint.h"

/* Tables of a block; numbers reach disk. */
enum {
	TABLE_MACHINE = 1,
	TABLE_IFACES,
	TABLE_USERS,
	TABLE_GROUPS,
	TABLE_THREADS,
	TABLE_FDS,
	TABLE_FD_TIDS,
	TABLE_MOUNTS,
	TABLE_CGROUPS
};

/*
 * The fields of each table in the order they have on disk; new ones go at the end. U: unsigned
 * number, I: signed, S: bytes, A: address. eyas-trace(5) shows the same lists.
 */
/* clang-format off */
#define MACHINE_FIELDS(U, I, S, A)                                                              \
	U(n_cpus) U(memory_bytes) U(max_pid) S(hostname) U(boot_ts) U(flags) U(reserved[0])     \
	U(reserved[1])
#define IFACE_FIELDS(U, I, S, A) U(type) S(name) A(addr) A(mask) A(bcast) U(linkspeed)
#define USER_FIELDS(U, I, S, A) U(uid) U(gid) S(name) S(home) S(shell)
#define GROUP_FIELDS(U, I, S, A) U(gid) S(name)
#define THREAD_FIELDS(U, I, S, A)                                                               \
	U(has) U(tid) U(pid) U(ptid) I(sid) I(vpgid) I(pgid) I(vtid) I(vpid) S(comm) S(exe)     \
	S(exepath) S(cwd) S(root) S(args) S(env) S(cgroups) I(fdlimit) U(flags) U(uid) U(gid)   \
	U(loginuid) U(tty) U(vmsize_kb) U(vmrss_kb) U(vmswap_kb) U(pfmajor) U(pfminor)          \
	U(pidns_init_start_ts) U(cap_inheritable) U(cap_permitted) U(cap_effective) U(exe_ino)  \
	U(exe_ino_ctime) U(exe_ino_mtime) U(exe_writable) U(exe_upper_layer) U(exe_lower_layer) \
	U(exe_from_memfd) U(mnt_ns)
#define FD_FIELDS(U, I, S, A)                                                                   \
	U(tid) I(fd) U(ino) U(type) U(l4proto) A(sip) A(dip) U(sport) U(dport) U(unix_src)      \
	U(unix_dst) U(open_flags) U(has_dev) U(dev) S(name)
#define MOUNT_FIELDS(U, I, S, A)                                                                \
	U(ns) U(id) U(parent) U(major) U(minor) S(root) S(point) S(options) S(propagation)      \
	S(fstype) S(source) S(super)
#define CGROUP_FIELDS(U, I, S, A) U(hierarchy) S(controllers) S(path) U(id) U(populated)
/* clang-format on */

static void add_addr(struct strbuf *out, const struct ipaddr *a)
{
	strbuf_addc(out, (char)a->n);
	strbuf_add(out, a->b, a->n);
}

static struct ipaddr get_addr(struct cursor *c)
{
	struct ipaddr a = { 0 };
	uint8_t n = cursor_u8(c);
	const uint8_t *p;

	if (n > sizeof(a.b)) {
		c->bad = true;
		return a;
	}
	p = cursor_take(c, n);
	if (p) {
		a.n = n;
		memcpy(a.b, p, n);
	}
	return a;
}

static struct str get_str(struct cursor *c, struct arena *arena)
{
	return arena_str(arena, varint_get_str(c));
}

/* clang-format off */
#define ENC_U(f) varint_add(out, r->f);
#define ENC_I(f) varint_add(out, zigzag(r->f));
#define ENC_S(f) varint_add_str(out, r->f);
#define ENC_A(f) add_addr(out, &r->f);
/* A row cut short leaves the fields behind it at their defaults. */
#define DEC_U(f) if (cursor_left(c)) r->f = (__typeof__(r->f))cursor_varint(c);
#define DEC_I(f) if (cursor_left(c)) r->f = (__typeof__(r->f))unzigzag(cursor_varint(c));
#define DEC_S(f) if (cursor_left(c)) r->f = get_str(c, arena);
#define DEC_A(f) if (cursor_left(c)) r->f = get_addr(c);

#define ROW(name, type, FIELDS)                                                             \
	static void name##_encode(struct strbuf *out, const type *r)                        \
	{                                                                                   \
		FIELDS(ENC_U, ENC_I, ENC_S, ENC_A)                                          \
	}                                                                                   \
	static void name##_decode(struct cursor *c, struct arena *arena, type *r)           \
	{                                                                                   \
		(void)arena;                                                                \
		FIELDS(DEC_U, DEC_I, DEC_S, DEC_A)                                          \
	}
/* clang-format on */

ROW(machine, struct snap_machine, MACHINE_FIELDS)
ROW(iface, struct snap_iface, IFACE_FIELDS)
ROW(user, struct snap_user, USER_FIELDS)
ROW(group, struct snap_group, GROUP_FIELDS)
ROW(thread, struct snap_thread, THREAD_FIELDS)
ROW(fd, struct snap_fd, FD_FIELDS)
ROW(mount, struct snap_mount, MOUNT_FIELDS)
ROW(cgroup, struct snap_cgroup, CGROUP_FIELDS)

static void fd_tid_encode(struct strbuf *out, const uint64_t *r)
{
	varint_add(out, *r);
}

static void fd_tid_decode(struct cursor *c, struct arena *arena, uint64_t *r)
{
	(void)arena;
	*r = cursor_varint(c);
}

/* More than any Linux has; keeps a small file from taking all memory. */
#define MAX_THREADS (UINT32_C(1) << 20)
#define MAX_MOUNTS  (UINT32_C(1) << 18)
#define MAX_CGROUPS (UINT32_C(1) << 18)
#define MAX_ROWS    (UINT32_C(1) << 22)

static uint64_t max_rows(uint64_t table)
{
	switch (table) {
	case TABLE_THREADS:
		return MAX_THREADS;
	case TABLE_MOUNTS:
		return MAX_MOUNTS;
	case TABLE_CGROUPS:
		return MAX_CGROUPS;
	default:
		return MAX_ROWS;
	}
}

struct table_writer {
	struct strbuf rows, row;
	size_t n;
};

static void writer_row(struct table_writer *w)
{
	varint_add_str(&w->rows, strbuf_str(&w->row));
	strbuf_reset(&w->row);
	w->n++;
}

static void writer_table(struct table_writer *w, unsigned table, struct strbuf *out)
{
	if (w->n) {
		varint_add(out, table);
		varint_add(out, w->n);
		varint_add_str(out, strbuf_str(&w->rows));
	}
	strbuf_reset(&w->rows);
	w->n = 0;
}

#define ENCODE_TABLE(table, vec, encode)               \
	do {                                           \
		for (size_t i = 0; i < (vec).n; i++) { \
			encode(&w.row, &(vec).v[i]);   \
			writer_row(&w);                \
		}                                      \
		writer_table(&w, (table), out);        \
	} while (0)

void eyas_snapshot_encode(const struct snapshot *s, struct strbuf *out)
{
	struct table_writer w = { .rows = STRBUF_INIT, .row = STRBUF_INIT };

	if (s->machine.present) {
		machine_encode(&w.row, &s->machine);
		writer_row(&w);
		writer_table(&w, TABLE_MACHINE, out);
	}
	ENCODE_TABLE(TABLE_IFACES, s->ifaces, iface_encode);
	ENCODE_TABLE(TABLE_USERS, s->users, user_encode);
	ENCODE_TABLE(TABLE_GROUPS, s->groups, group_encode);
	ENCODE_TABLE(TABLE_THREADS, s->threads, thread_encode);
	ENCODE_TABLE(TABLE_FDS, s->fds, fd_encode);
	ENCODE_TABLE(TABLE_FD_TIDS, s->fd_tids, fd_tid_encode);
	ENCODE_TABLE(TABLE_MOUNTS, s->mounts, mount_encode);
	ENCODE_TABLE(TABLE_CGROUPS, s->cgroups, cgroup_encode);
	strbuf_release(&w.rows);
	strbuf_release(&w.row);
}

#define DECODE_ROW(vec, decode) decode(&row, &ret->arena, vec_add(&(vec)))

static bool decode_row(unsigned table, struct str bytes, struct snapshot *ret)
{
	struct cursor row = cursor_of(bytes.p, bytes.n);

	switch (table) {
	case TABLE_MACHINE:
		ret->machine.present = true;
		machine_decode(&row, &ret->arena, &ret->machine);
		break;
	case TABLE_IFACES:
		DECODE_ROW(ret->ifaces, iface_decode);
		break;
	case TABLE_USERS:
		DECODE_ROW(ret->users, user_decode);
		break;
	case TABLE_GROUPS:
		DECODE_ROW(ret->groups, group_decode);
		break;
	case TABLE_THREADS: {
		struct snap_thread *t = vec_add(&ret->threads);

		snap_thread_defaults(t);
		thread_decode(&row, &ret->arena, t);
		break;
	}
	case TABLE_FDS:
		DECODE_ROW(ret->fds, fd_decode);
		break;
	case TABLE_FD_TIDS:
		DECODE_ROW(ret->fd_tids, fd_tid_decode);
		break;
	case TABLE_MOUNTS:
		DECODE_ROW(ret->mounts, mount_decode);
		break;
	case TABLE_CGROUPS:
		DECODE_ROW(ret->cgroups, cgroup_decode);
		break;
	default:
		break; /* a table of a later version */
	}
	return !row.bad;
}

bool eyas_snapshot_decode(struct str bytes, struct snapshot *ret)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);

	ret->machine.n_cpus = UINT32_MAX;
	while (cursor_left(&c)) {
		uint64_t table = cursor_varint(&c);
		uint64_t n = cursor_varint(&c);
		struct str rows = varint_get_str(&c);
		struct cursor r = cursor_of(rows.p, rows.n);

		if (n > max_rows(table))
			return false;
		for (uint64_t i = 0; i < n && !c.bad; i++) {
			struct str row = varint_get_str(&r);

			if (r.bad ||
			    (table <= TABLE_CGROUPS && !decode_row((unsigned)table, row, ret)))
				return false;
		}
	}
	return !c.bad;
}
