/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * eyas_abi: what the BPF programs and eyas-capture say to each other.
 *
 * Both sides are built from one tree and never meet another version, so nothing here reaches disk;
 * but numbers are explicit all the same. Integers are in the host's byte order.
 *
 * A record on a ring is a head, the call's first arguments, and then the pieces that the call's
 * fetches brought, each with a small head of its own. What the pieces mean, and how
 * they and the arguments become the parameters of an event, is user space's business
 * (src/capture/encode.c): a system call is not held up for what can be done later.
 */
#ifndef EYAS_ABI_H
#define EYAS_ABI_H

#ifndef __bpf__
#include <stdint.h>
typedef uint8_t eyas_u8;
typedef uint16_t eyas_u16;
typedef uint32_t eyas_u32;
typedef uint64_t eyas_u64;
typedef int64_t eyas_s64;
#else
typedef unsigned char eyas_u8;
typedef unsigned short eyas_u16;
typedef unsigned int eyas_u32;
typedef unsigned long long eyas_u64;
typedef long long eyas_s64;
#endif

#define EYAS_MAX_NR \
	512 /* system call numbers; higher ones have the plan of the last and so no fetches */
#define EYAS_MAX_FETCHES 6 /* of one call */
#define EYAS_MAX_ARGS    6
#define EYAS_ENTER_ARGS \
	3 /* that an ENTER record has at least: they tell which EXIT is of the same call */
#define EYAS_MAX_CPUS    1024
#define EYAS_PATH_MAX    4096  /* bytes of one string, with its NUL */
#define EYAS_SNAP_MAX    65000 /* bytes of one buffer */
#define EYAS_ARGS_MAX    4096  /* bytes of an argument or environment list */
#define EYAS_MAX_STRINGS 64    /* of such a list in user memory */
#define EYAS_CGROUP_MAX  4096
#define EYAS_RECORD_MAX  (128 * 1024) /* of the scratch a record is built in */

enum eyas_record_kind {
	EYAS_REC_EXIT = 1,  /* a system call returned */
	EYAS_REC_ENTER = 2, /* pieces read before the call ran; belongs to the thread's next EXIT */
	EYAS_REC_PROC_EXIT = 3, /* a thread ends: ret is its exit code, args[0] the thread that gets
				   its children */
	EYAS_REC_SIGNAL = 4,    /* args: sender's pid, signal */
	EYAS_REC_FORK_CHILD = 5, /* the child's side of clone where it has no sys_exit (arm64) */
	EYAS_REC_LOSS = 7,       /* made by user space from struct eyas_cpu_stats */
};

enum eyas_record_flag {
	EYAS_RF_COMPAT = 1 << 0, /* a 32-bit call: nr is of the 32-bit table */
	EYAS_RF_CUT = 1 << 1,    /* a piece did not fit and is shorter than it should be */
	EYAS_RF_AGAIN = 1 << 2,  /* an ENTER in the place of the one before it of this thread */
};

/*
 * The ring knows how long a record is: a multiple of 8. Only the arguments that the event needs are
 * sent: each cache line of a ring that is written here and read on another CPU costs both as much
 * as everything else that is done for a call without fetches.
 */
struct eyas_record {
	eyas_u64
		ts; /* CLOCK_BOOTTIME, ns; of an ENTER that is no event that of the record before */
	eyas_u32 tid, pid;
	eyas_u16 nr;
	eyas_u8 kind; /* enum eyas_record_kind */
	eyas_u8 flags;
	eyas_u32 n_args; /* up to EYAS_MAX_ARGS */
	eyas_s64 ret;
	/* eyas_u64 args[n_args]; struct eyas_piece... */
};

/* What a fetch brought; its bytes follow, padded to a multiple of 8. */
struct eyas_piece {
	eyas_u32 len;    /* bytes that follow, without padding */
	eyas_u16 status; /* enum eyas_piece_status */
	eyas_u8 fetch;   /* number of the fetch in the call's plan */
	eyas_u8 kind;    /* enum eyas_fetch_kind */
};

enum eyas_piece_status {
	EYAS_PIECE_OK = 0,
	EYAS_PIECE_NULL = 1,  /* the pointer was NULL */
	EYAS_PIECE_FAULT = 2, /* user memory could not be read */
	EYAS_PIECE_NONE = 3,  /* no such descriptor, no such thing */
};

enum eyas_fetch_kind {
	EYAS_FETCH_NONE = 0,
	EYAS_FETCH_STR = 1, /* NUL-terminated string at args[arg] */
	EYAS_FETCH_BUF = 2, /* bytes at args[arg]; as many as `len` says, at most the snap length */
	EYAS_FETCH_MEM = 3, /* `n` bytes at args[arg] (a struct) */
	EYAS_FETCH_SOCKADDR = 4,     /* address at args[arg], length args[len] */
	EYAS_FETCH_SOCKADDR_OUT = 5, /* the same, length in the int that args[len] points to */
	EYAS_FETCH_FD_FILE = 6,      /* struct eyas_fd_file of descriptor args[arg] or ret */
	EYAS_FETCH_FD_SOCK = 7,      /* struct eyas_fd_sock */
	EYAS_FETCH_IOVEC =
		8, /* struct eyas_msg and data of the iovec at args[arg], args[len] elements */
	EYAS_FETCH_MSGHDR =
		9, /* struct eyas_msg, then the name, control and data of the msghdr at args[arg] */
	EYAS_FETCH_MM = 10,   /* struct eyas_mm of the caller, without the faults */
	EYAS_FETCH_TASK = 11, /* struct eyas_task and the strings behind it */
	EYAS_FETCH_STRV =
		12, /* struct eyas_strv of the string array at args[arg], then the strings */
	EYAS_FETCH_FD_PATH =
		13, /* path of a descriptor's file: components, the last first, each with its NUL */
};

/* `n` of IOVEC and MSGHDR, whose data is as long as the call returned unless they say otherwise. */
enum eyas_vec_flag {
	EYAS_CONTROL = 1 << 0,      /* control messages too */
	EYAS_BYTES_ALWAYS = 1 << 1, /* data also of a call that failed */
	EYAS_MMSG = 1 << 2, /* it is the first of an mmsghdr array: the call returned messages, not
			       bytes */
};

/* Where a descriptor or a length comes from: 0 to 5 an argument, or these. */
enum eyas_from {
	EYAS_FROM_RET = 8,     /* the return value */
	EYAS_FROM_CONST = 9,   /* `n` */
	EYAS_FROM_INT_AT = 10, /* the int that args[n] points to */
};

enum eyas_fetch_when {
	EYAS_AT_EXIT = 0,
	EYAS_AT_ENTER = 1,     /* at enter, and at exit again if it could not be read then */
	EYAS_AT_EXIT_OK = 2,   /* at exit, if the call succeeded */
	EYAS_AT_EXIT_FAIL = 3, /* at exit, if it failed */
	EYAS_AT_CREATOR = 4,   /* as at enter; and at exit for the child, which had no enter */
};

struct eyas_fetch {
	eyas_u8 kind, when, arg, len;
	eyas_u32 n;
};

/* What is recorded of a system call. */
struct eyas_plan {
	eyas_u8 recorded; /* 0: not selected */
	eyas_u8 n_fetches;
	eyas_u8 enter;    /* the fetches that are done at enter, a bit each */
	eyas_u8 snap_arg; /* the argument with the descriptor whose kind decides the snap length;
			     255 none */
	eyas_u8 n_args;   /* that user space needs */
	eyas_u8 again;    /* those of `enter` that are done once more for a new child, a bit each */
	eyas_u8 event;    /* its ENTER record is an event: there is no exit */
	eyas_u8 reserved;
	struct eyas_fetch fetches[EYAS_MAX_FETCHES];
};

struct eyas_fd_file {
	eyas_u64 ino;
	eyas_u32 dev;    /* as new_encode_dev() */
	eyas_u32 mode;   /* i_mode */
	eyas_u32 fmode;  /* f_mode: FMODE_CREATED is bit 20 */
	eyas_u32 fflags; /* f_flags */
	eyas_u32 layer;  /* 1: overlay upper, 2: overlay lower */
	eyas_u32 reserved;
};

struct eyas_fd_sock {
	eyas_u16 family, type;
	eyas_u16 protocol, state;
	eyas_u16 sport, dport; /* host order */
	eyas_u8 saddr[16], daddr[16];
	eyas_u32 backlog, max_backlog;
	eyas_u64 sk, peer; /* UNIX: the two ends */
	eyas_u32 path_len, peer_path_len;
	char path[108], peer_path[108]; /* UNIX: what the two ends are bound to */
};

struct eyas_msg {
	eyas_u32 name_len, control_len,
		data_len; /* bytes that follow, in this order, each padded to 8 */
	eyas_u32 total;   /* sum of the iovec's lengths */
};

/*
 * An array of strings. String i begins off[i] bytes behind this and ends with a NUL or with the
 * piece; strings may lie in any order, with other bytes between them, and together be longer than
 * EYAS_ARGS_MAX.
 */
struct eyas_strv {
	eyas_u32 n, reserved;
	eyas_u16 off[EYAS_MAX_STRINGS];
};

struct eyas_mm {
	eyas_u32 vmsize_kb, vmrss_kb, vmswap_kb, reserved;
	eyas_u64 majflt, minflt;
};

/* The caller (or the new child) as exec and clone describe it. */
struct eyas_task {
	struct eyas_mm mm;
	eyas_u64 start_time, pidns_start;
	eyas_u64 cap_inheritable, cap_permitted, cap_effective;
	eyas_u64 exe_ino, exe_ctime, exe_mtime;
	eyas_s64 fdlimit;
	eyas_u32 tid, pid, ptid, vtid, vpid, pgid, vpgid, sid;
	eyas_u32 uid, gid, loginuid, tty;
	eyas_u32 exe_flags; /* capture encoding: 1 writable, 2 upper, 4 memfd, 8 lower */
	eyas_u32 in_pidns;  /* it, or children it makes, is in a pid namespace below the first */
	char comm[16];
	eyas_u32 args_len, env_len, exepath_len,
		cgroups_len; /* bytes that follow, each padded to 8 */
};

/* How selection and sizes are set: constants of the loaded programs. */
struct eyas_config {
	eyas_u32 snaplen, snaplen_file, snaplen_socket, snaplen_other;
	eyas_u32 snap_by_kind;      /* the last three are in force, by the kind of descriptor */
	eyas_u32 own_pid, peer_pid; /* never recorded: the recorder and who reads its pipe */
	eyas_u32 select;            /* enum eyas_select bits that must hold */
	eyas_u32 wakeup_bytes;
	eyas_u32 uid;
	char comm[16];
};

enum eyas_select {
	EYAS_SELECT_PID = 1 << 0,
	EYAS_SELECT_TREE = 1 << 1,
	EYAS_SELECT_CGROUP = 1 << 2,
	EYAS_SELECT_UID = 1 << 3,
	EYAS_SELECT_COMM = 1 << 4,
};

enum eyas_loss_cause {
	EYAS_LOST_BUFFER = 0, /* the ring was full */
	EYAS_LOST_FAULT = 1,  /* a record was kept, but user memory could not be read */
	EYAS_LOST_SIZE = 2,
	EYAS_LOST_N = 4
};

struct eyas_cpu_stats {
	eyas_u64 sent;
	eyas_u64 last_ts; /* of the last record */
	eyas_u64 bytes;   /* since the reader was last woken */
	eyas_u64 lost[EYAS_LOST_N];
	eyas_u64 lost_first[EYAS_LOST_N], lost_last[EYAS_LOST_N]; /* times */
};

#endif
