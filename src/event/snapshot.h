/*
 * snapshot: the system as it was when recording (a section of it) began.
 *
 * Layer: event. The form that all traces have in common: what a .scap file's
 * metadata blocks hold, value for value, so that no conversion loses any; and what only
 * .eyas and text scripts hold (mounts, control groups). Strings are borrowed from the
 * snapshot's arena. The state engine loads what events change.
 */
#ifndef EYAS_SNAPSHOT_H
#define EYAS_SNAPSHOT_H

#include "base/arena.h"
#include "base/ipaddr.h"
#include "base/str.h"
#include "base/vec.h"

struct snap_machine {
	bool present;
	uint32_t n_cpus; /* UINT32_MAX: unknown */
	uint64_t memory_bytes, max_pid;
	struct str hostname; /* up to its first NUL */
	uint64_t boot_ts;    /* ns since the epoch, 0 unknown */
	uint64_t flags, reserved[2];
};

struct snap_iface {
	uint16_t type; /* 1 IPv4, 2 IPv6, 3 and 4 the same without link speed */
	struct str name;
	struct ipaddr addr, mask, bcast;
	uint64_t linkspeed;
};

struct snap_user {
	uint32_t uid, gid;
	struct str name, home, shell;
};

struct snap_group {
	uint32_t gid;
	struct str name;
};

/* What a process list entry can say; `has` tells which of the later fields it had. */
enum snap_thread_has {
	SNAP_HAS_SID = 1 << 0,
	SNAP_HAS_VPGID = 1 << 1,
	SNAP_HAS_EXEPATH = 1 << 2,
	SNAP_HAS_VM = 1 << 3,
	SNAP_HAS_ENV = 1 << 4,
	SNAP_HAS_VTID = 1 << 5, /* vtid, vpid, cgroups */
	SNAP_HAS_ROOT = 1 << 6,
	SNAP_HAS_PIDNS = 1 << 7, /* pidns_init_start_ts, tty */
	SNAP_HAS_LOGINUID = 1 << 8,
	SNAP_HAS_EXE_WRITABLE = 1 << 9,
	SNAP_HAS_CAPS = 1 << 10,
	SNAP_HAS_EXE_UPPER = 1 << 11,
	SNAP_HAS_EXE_INO = 1 << 12, /* ino, ctime, mtime */
	SNAP_HAS_EXE_MEMFD = 1 << 13,
	SNAP_HAS_EXE_LOWER = 1 << 14,
	SNAP_HAS_PGID = 1 << 15,
};

struct snap_thread {
	uint32_t has; /* absent fields hold the defaults of scap-format.md section 8 */
	uint64_t tid, pid, ptid;
	int64_t sid, vpgid, pgid, vtid, vpid;
	struct str comm, exe, exepath, cwd, root;
	struct str args, env, cgroups; /* NUL-separated, as stored */
	int64_t fdlimit;
	uint32_t flags; /* PPM_CL_ bits as stored */
	uint32_t uid, gid, loginuid, tty;
	uint32_t vmsize_kb, vmrss_kb, vmswap_kb;
	uint64_t pfmajor, pfminor;
	uint64_t pidns_init_start_ts;
	uint64_t cap_inheritable, cap_permitted, cap_effective;
	uint64_t exe_ino, exe_ino_ctime, exe_ino_mtime;
	uint8_t exe_writable, exe_upper_layer, exe_lower_layer, exe_from_memfd;
	uint64_t mnt_ns; /* inode of its mount namespace, 0 unknown */
};

/* Kinds of descriptor; numbers reach disk (enums.json scap_fd_type). */
enum fd_type {
	FD_UNKNOWN = 0,
	FD_FILE = 1,
	FD_DIRECTORY = 2,
	FD_IPV4_SOCK = 3,
	FD_IPV6_SOCK = 4,
	FD_IPV4_SERVSOCK = 5,
	FD_IPV6_SERVSOCK = 6,
	FD_FIFO = 7,
	FD_UNIX_SOCK = 8,
	FD_EVENT = 9,
	FD_UNSUPPORTED = 10,
	FD_SIGNALFD = 11,
	FD_EVENTPOLL = 12,
	FD_INOTIFY = 13,
	FD_TIMERFD = 14,
	FD_NETLINK = 15,
	FD_FILE_V2 = 16,
	FD_BPF = 17,
	FD_USERFAULTFD = 18,
	FD_IOURING = 19,
	FD_MEMFD = 20,
	FD_PIDFD = 21,
};

/* L4 protocols (enums.json scap_l4_proto). */
enum l4_proto { L4_UNKNOWN, L4_NA, L4_TCP, L4_UDP, L4_ICMP, L4_RAW };

struct snap_fd {
	uint64_t tid;
	int64_t fd;
	uint64_t ino;
	uint8_t type; /* enum fd_type, or a number this build does not know */
	uint8_t l4proto;
	struct ipaddr sip, dip; /* sockets; servers use sip and sport */
	uint16_t sport, dport;
	uint64_t unix_src, unix_dst;
	uint32_t open_flags;
	uint32_t dev;
	bool has_dev;    /* FILE_V2: the entry carried dev */
	struct str name; /* path, unix path, ...; of a type this build does not know: the payload as
			    recorded */
};

/* A line of /proc/PID/mountinfo, its escapes undone. */
struct snap_mount {
	uint64_t ns; /* inode of the mount namespace, as in snap_thread.mnt_ns */
	uint64_t id, parent;
	uint32_t major, minor;  /* st_dev of the files in it */
	struct str root;        /* the directory of the file system that is mounted */
	struct str point;       /* where */
	struct str options;     /* of this mount: "rw,nosuid" */
	struct str propagation; /* "shared:1 master:2", or empty */
	struct str fstype, source;
	struct str super; /* options of the file system */
};

/* Whether there are processes in a control group or below; numbers reach disk. */
enum snap_populated { SNAP_POPULATED_UNKNOWN = 0, SNAP_POPULATED_NO = 1, SNAP_POPULATED_YES = 2 };

struct snap_cgroup {
	uint32_t hierarchy;     /* as in /proc/PID/cgroup: 0 is the unified one */
	struct str controllers; /* "cpu,cpuacct", "name=systemd"; empty in the unified hierarchy */
	struct str path;        /* from the root of the hierarchy */
	uint64_t id;       /* inode of the directory, which is the kernel's number; 0 unknown */
	uint8_t populated; /* enum snap_populated, or a number this build does not know */
};

struct snapshot {
	struct arena arena;
	struct snap_machine machine;
	VEC(struct snap_iface) ifaces;
	VEC(struct snap_user) users;
	VEC(struct snap_group) groups;
	VEC(struct snap_thread) threads;
	VEC(struct snap_fd) fds;
	VEC(uint64_t)
	fd_tids; /* every thread that had a descriptor list, in order, also an empty one */
	VEC(struct snap_mount) mounts; /* of each mount namespace that a thread is in */
	VEC(struct snap_cgroup) cgroups;
};

void snapshot_init(struct snapshot *s);
/* Empty again; arena memory kept. */
void snapshot_reset(struct snapshot *s);
void snapshot_free(struct snapshot *s);
/* Fills a thread entry with the defaults for absent fields. */
void snap_thread_defaults(struct snap_thread *t);

#endif
