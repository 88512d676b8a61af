#include "trace/script_rows.h"

/* clang-format off */
#define FIELD(type, key, member, kind, ...)                                                     \
	{ key, offsetof(struct type, member), sizeof(((struct type *)0)->member), kind, __VA_ARGS__ }

#define M(key, member, kind) FIELD(snap_machine, key, member, kind, 0, NULL)
static const struct script_field machine_fields[] = {
	M("hostname", hostname, F_TEXT), M("cpus", n_cpus, F_UNSIGNED), M("boot", boot_ts, F_TIME),
	M("memory", memory_bytes, F_UNSIGNED), M("max_pid", max_pid, F_UNSIGNED),
	M("flags", flags, F_HEX), M("reserved0", reserved[0], F_HEX),
	M("reserved1", reserved[1], F_HEX),
};

#define I(key, member, kind) FIELD(snap_iface, key, member, kind, 0, NULL)
static const struct script_field iface_fields[] = {
	I("name", name, F_TEXT), I("type", type, F_UNSIGNED), I("mask", mask, F_ADDR),
	I("bcast", bcast, F_ADDR), I("speed", linkspeed, F_UNSIGNED),
};

#define U(key, member, kind) FIELD(snap_user, key, member, kind, 0, NULL)
static const struct script_field user_fields[] = {
	U("uid", uid, F_UNSIGNED), U("gid", gid, F_UNSIGNED), U("name", name, F_TEXT),
	U("home", home, F_TEXT), U("shell", shell, F_TEXT),
};

#define G(key, member, kind) FIELD(snap_group, key, member, kind, 0, NULL)
static const struct script_field group_fields[] = {
	G("gid", gid, F_UNSIGNED), G("name", name, F_TEXT),
};

#define T(key, member, kind, has) FIELD(snap_thread, key, member, kind, has, NULL)
static const struct script_field thread_fields[] = {
	T("tid", tid, F_UNSIGNED, 0), T("pid", pid, F_UNSIGNED, 0), T("ptid", ptid, F_UNSIGNED, 0),
	T("comm", comm, F_TEXT, 0), T("exe", exe, F_TEXT, 0),
	T("exepath", exepath, F_TEXT, SNAP_HAS_EXEPATH), T("args", args, F_STRINGS, 0),
	T("cwd", cwd, F_TEXT, 0), T("uid", uid, F_UNSIGNED, 0), T("gid", gid, F_UNSIGNED, 0),
	T("sid", sid, F_SIGNED, SNAP_HAS_SID), T("vpgid", vpgid, F_SIGNED, SNAP_HAS_VPGID),
	T("pgid", pgid, F_SIGNED, SNAP_HAS_PGID), T("vtid", vtid, F_SIGNED, SNAP_HAS_VTID),
	T("vpid", vpid, F_SIGNED, SNAP_HAS_VTID), T("cgroups", cgroups, F_STRINGS, SNAP_HAS_VTID),
	T("env", env, F_STRINGS, SNAP_HAS_ENV), T("root", root, F_TEXT, SNAP_HAS_ROOT),
	T("loginuid", loginuid, F_UNSIGNED, SNAP_HAS_LOGINUID), T("tty", tty, F_UNSIGNED, SNAP_HAS_PIDNS),
	T("pidns_start", pidns_init_start_ts, F_UNSIGNED, SNAP_HAS_PIDNS),
	T("fdlimit", fdlimit, F_SIGNED, 0),
	FIELD(snap_thread, "flags", flags, F_FLAGS, 0, "clone_flags"),
	T("vmsize", vmsize_kb, F_UNSIGNED, SNAP_HAS_VM), T("vmrss", vmrss_kb, F_UNSIGNED, SNAP_HAS_VM),
	T("vmswap", vmswap_kb, F_UNSIGNED, SNAP_HAS_VM), T("pfmajor", pfmajor, F_UNSIGNED, SNAP_HAS_VM),
	T("pfminor", pfminor, F_UNSIGNED, SNAP_HAS_VM),
	T("cap_inheritable", cap_inheritable, F_HEX, SNAP_HAS_CAPS),
	T("cap_permitted", cap_permitted, F_HEX, SNAP_HAS_CAPS),
	T("cap_effective", cap_effective, F_HEX, SNAP_HAS_CAPS),
	T("exe_ino", exe_ino, F_UNSIGNED, SNAP_HAS_EXE_INO),
	T("exe_ctime", exe_ino_ctime, F_UNSIGNED, SNAP_HAS_EXE_INO),
	T("exe_mtime", exe_ino_mtime, F_UNSIGNED, SNAP_HAS_EXE_INO),
	T("exe_writable", exe_writable, F_UNSIGNED, SNAP_HAS_EXE_WRITABLE),
	T("exe_upper", exe_upper_layer, F_UNSIGNED, SNAP_HAS_EXE_UPPER),
	T("exe_lower", exe_lower_layer, F_UNSIGNED, SNAP_HAS_EXE_LOWER),
	T("exe_memfd", exe_from_memfd, F_UNSIGNED, SNAP_HAS_EXE_MEMFD),
	T("mntns", mnt_ns, F_UNSIGNED, 0),
	T("has", has, F_HAS, 0),
};

#define D(key, member, kind) FIELD(snap_fd, key, member, kind, 0, NULL)
static const struct script_field fd_fields[] = {
	D("tid", tid, F_UNSIGNED), D("fd", fd, F_SIGNED), D("type", type, F_FD_TYPE),
	D("name", name, F_TEXT), FIELD(snap_fd, "flags", open_flags, F_FLAGS, 0, "file_flags"),
	D("dev", dev, F_HEX), D("has_dev", has_dev, F_UNSIGNED), D("ino", ino, F_UNSIGNED),
	D("sip", sip, F_ADDR), D("sport", sport, F_UNSIGNED), D("dip", dip, F_ADDR),
	D("dport", dport, F_UNSIGNED), D("proto", l4proto, F_PROTO), D("src", unix_src, F_HEX),
	D("dst", unix_dst, F_HEX),
};

static const struct script_field fdlist_fields[] = { { "tid", 0, 8, F_UNSIGNED, 0, NULL } };

#define N(key, member, kind) FIELD(snap_mount, key, member, kind, 0, NULL)
static const struct script_field mount_fields[] = {
	N("ns", ns, F_UNSIGNED), N("id", id, F_UNSIGNED), N("parent", parent, F_UNSIGNED),
	N("major", major, F_UNSIGNED), N("minor", minor, F_UNSIGNED), N("root", root, F_TEXT),
	N("point", point, F_TEXT), N("options", options, F_TEXT),
	N("propagation", propagation, F_TEXT), N("fstype", fstype, F_TEXT),
	N("source", source, F_TEXT), N("super", super, F_TEXT),
};

#define C(key, member, kind) FIELD(snap_cgroup, key, member, kind, 0, NULL)
static const struct script_field cgroup_fields[] = {
	C("path", path, F_TEXT), C("hierarchy", hierarchy, F_UNSIGNED),
	C("controllers", controllers, F_TEXT), C("id", id, F_UNSIGNED),
	C("populated", populated, F_POPULATED),
};

#define KIND(name, row, fields) { name, row, fields, sizeof(fields) / sizeof((fields)[0]) }
static const struct script_row_kind kinds[] = {
	KIND("machine", ROW_MACHINE, machine_fields), KIND("iface", ROW_IFACE, iface_fields),
	KIND("user", ROW_USER, user_fields),	      KIND("group", ROW_GROUP, group_fields),
	KIND("thread", ROW_THREAD, thread_fields),    KIND("fd", ROW_FD, fd_fields),
	KIND("fdlist", ROW_FDLIST, fdlist_fields),    KIND("mount", ROW_MOUNT, mount_fields),
	KIND("cgroup", ROW_CGROUP, cgroup_fields),
};
/* clang-format on */

/* enum fd_type, by number. */
const char *const script_fd_types[SCRIPT_FD_TYPES] = {
	"unknown",     "file_v1",  "directory", "ipv4",    "ipv6",        "ipv4_server",
	"ipv6_server", "pipe",     "unix",      "event",   "unsupported", "signalfd",
	"eventpoll",   "inotify",  "timerfd",   "netlink", "file",        "bpf",
	"userfaultfd", "io_uring", "memfd",     "pidfd",
};

/* enum l4_proto, by number. */
const char *const script_protos[SCRIPT_PROTOS] = { "unknown", "none", "tcp", "udp", "icmp", "raw" };

/* enum snap_populated, by number. */
const char *const script_populated[SCRIPT_POPULATED] = { "unknown", "no", "yes" };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const struct script_row_kind *script_row_kind_by_name(struct str name)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_eqz(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

const struct script_row_kind *script_row_kind_of(enum row_kind row)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (kinds[i].row == row)
			return &kinds[i];
	return NULL;
}

uint64_t script_row_number(const struct script_field *f, const void *row)
{
	const char *p = (const char *)row + f->offset;
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	switch (f->size) {
	case 8:
		memcpy(&v8, p, 8);
		return v8;
	case 4:
		memcpy(&v4, p, 4);
		return v4;
	case 2:
		memcpy(&v2, p, 2);
		return v2;
	default:
		return (uint8_t)*p;
	}
}

void script_row_set_number(const struct script_field *f, void *row, uint64_t v)
{
	char *p = (char *)row + f->offset;
	uint32_t v4 = (uint32_t)v;
	uint16_t v2 = (uint16_t)v;

	switch (f->size) {
	case 8:
		memcpy(p, &v, 8);
		break;
	case 4:
		memcpy(p, &v4, 4);
		break;
	case 2:
		memcpy(p, &v2, 2);
		break;
	default:
		*p = (char)v;
	}
}

struct str *script_row_text(const struct script_field *f, const void *row)
{
	return (struct str *)((uintptr_t)row + f->offset);
}

struct ipaddr *script_row_addr(const struct script_field *f, const void *row)
{
	return (struct ipaddr *)((uintptr_t)row + f->offset);
}

void script_row_defaults(enum row_kind row, void *p)
{
	struct snap_thread *t = p;

	switch (row) {
	case ROW_MACHINE:
		memset(p, 0, sizeof(struct snap_machine));
		((struct snap_machine *)p)->n_cpus = 1;
		((struct snap_machine *)p)->hostname = STR("");
		break;
	case ROW_IFACE:
		memset(p, 0, sizeof(struct snap_iface));
		break;
	case ROW_USER:
		memset(p, 0, sizeof(struct snap_user));
		break;
	case ROW_GROUP:
		memset(p, 0, sizeof(struct snap_group));
		break;
	case ROW_THREAD:
		memset(t, 0, sizeof(*t));
		snap_thread_defaults(t);
		t->fdlimit = 1024;
		t->cwd = STR("/");
		break;
	case ROW_FD:
		memset(p, 0, sizeof(struct snap_fd));
		((struct snap_fd *)p)->type = FD_FILE_V2;
		break;
	case ROW_FDLIST:
		memset(p, 0, sizeof(uint64_t));
		break;
	case ROW_MOUNT:
		memset(p, 0, sizeof(struct snap_mount));
		break;
	case ROW_CGROUP:
		memset(p, 0, sizeof(struct snap_cgroup));
	}
}
