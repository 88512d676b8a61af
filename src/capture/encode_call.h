/*
 * encode_call: one record on its way to an event, for the parts of encode.
 *
 * Layer: capture, private to it. call_list.def says for each parameter how it is made (enum
 * encode_how) and of what: up to three small numbers, which are arguments, fetches or offsets. A
 * how is one function that puts exactly one parameter. Parameters borrow from the record, from the
 * pieces kept since the call began, or from `made`, which is big enough for all but what no kernel
 * sends.
 */
#ifndef EYAS_ENCODE_CALL_H
#define EYAS_ENCODE_CALL_H

#include <string.h>

#include "capture/encode.h"
#include "capture/kernel_flags.h"

/* Bytes of parameters that are not borrowed: a list of cgroups is the longest. */
#define ENCODE_MADE_MAX 65536
/* A parameter's length is 16 bits wide in .scap. */
#define ENCODE_PARAM_MAX 65535

/* HOW(NAME, function): what call_list.def can say of a parameter. */
#define ENCODE_HOW_LIST(X)                                                                         \
	X(RET, how_ret)           /* the return value */                                           \
	X(RET_POS, how_ret_pos)   /* the same, 0 when it is an error */                            \
	X(ARG, how_arg)           /* argument a; signed types take it as an int */                 \
	X(ARG32, how_arg32)       /* argument a, an unsigned int in a wider type */                \
	X(POS, how_pos)           /* file offset in argument a (two words if 32-bit) */            \
	X(FIXED, how_fixed)       /* a */                                                          \
	X(MAP, how_map)           /* argument b through the map a */                               \
	X(MEM32, how_mem32)       /* the int at offset b of fetch a */                             \
	X(MEM64, how_mem64)       /* the 64-bit integer at offset b of fetch a */                  \
	X(MEM16, how_mem16)       /* 16 bits */                                                    \
	X(MEM_MAP, how_mem_map)   /* the unsigned at offset c of fetch b through map a */          \
	X(STR, how_str)           /* text of fetch a */                                            \
	X(PATH, how_path)         /* components of fetch a, turned round */                        \
	X(DATA, how_data)         /* bytes of fetch a, at most as many as the call returned */     \
	X(BYTES, how_bytes)       /* bytes of fetch a */                                           \
	X(MSG_DATA, how_msg_data) /* bytes of fetch a, at most the msg_len in fetch b */           \
	X(MSG_CONTROL, how_msg_control) /* control bytes of fetch a */                             \
	X(TOTAL, how_total)             /* sum of the lengths of the iovec of fetch a */           \
	X(FILE_INO, how_file_ino)       /* of fetch a */                                           \
	X(FILE_DEV, how_file_dev)                                                                  \
	X(OPEN_FLAGS, how_open_flags)   /* argument a; what was opened is fetch b */               \
	X(OPEN_MODE, how_open_mode)     /* flags in argument a, mode in b */                       \
	X(CREAT_MODE, how_creat_mode)   /* argument a */                                           \
	X(CREAT_LAYER, how_creat_layer) /* of fetch a */                                           \
	X(HOW_FLAGS, how_how_flags)     /* struct open_how is fetch a, what was opened is b */     \
	X(HOW_MODE, how_how_mode)                                                                  \
	X(ADDR, how_addr)                   /* sockaddr of fetch a */                              \
	X(TUPLE_CONNECT, how_tuple_connect) /* socket is fetch a, address is fetch b */            \
	X(TUPLE_OUT, how_tuple_out)                                                                \
	X(TUPLE_IN, how_tuple_in)                                                                  \
	X(QUEUE_PCT, how_queue_pct) /* of socket a */                                              \
	X(QUEUE_LEN, how_queue_len)                                                                \
	X(QUEUE_MAX, how_queue_max)                                                                \
	X(SOCK_PTR, how_sock_ptr) /* of socket a */                                                \
	X(SOCK_PEER, how_sock_peer)                                                                \
	X(SOCKOPT_NAME, how_sockopt_name) /* level in argument a, option in b */                   \
	X(SOCKOPT_VAL, how_sockopt_val)   /* the same, value in fetch c */                         \
	X(POLLFDS, how_pollfds)           /* fetch a */                                            \
	X(TIMESPEC, how_timespec)         /* fetch a; NULL: none */                                \
	X(VM, how_vm) /* a: 0 size, 1 resident, 2 swapped; struct eyas_mm is fetch b */            \
	X(SEMCTL_VAL, how_semctl_val)                                                              \
	X(CAPS,                                                                                    \
	  how_caps) /* a: 0 effective, 1 permitted, 2 inheritable of fetch b, version in c */      \
	X(PTRACE_ADDR, how_ptrace_addr)                                                            \
	X(PTRACE_DATA, how_ptrace_data) /* word read in fetch a */                                 \
	X(PRCTL_STR, how_prctl_str)     /* string in fetch a */                                    \
	X(PRCTL_INT, how_prctl_int)     /* int in fetch a */                                       \
	X(KEYCTL, how_keyctl)           /* argument a, as a string in fetch b */                   \
	X(FSCONFIG_BYTES, how_fsconfig_bytes)                                                      \
	X(FSCONFIG_STR, how_fsconfig_str)                                                          \
	X(QUOTA_FILE, how_quota_file) /* path in fetch a */                                        \
	X(QUOTA_BLK, how_quota_blk)   /* word a of struct if_dqblk in fetch b */                   \
	X(QUOTA_INFO, how_quota_info) /* word a of struct if_dqinfo in fetch b */                  \
	X(QUOTA_INFO_FLAGS, how_quota_info_flags)                                                  \
	X(QUOTA_FMT_OUT, how_quota_fmt_out)                                                        \
	X(QUOTA_FMT, how_quota_fmt)                                                                \
	X(TASK, how_task) /* a: enum encode_task_part; struct eyas_task is fetch b */              \
	X(ARGV, how_argv) /* a: enum encode_argv; task is fetch b, array fetch c */                \
	X(ARCH_CLONE_FLAGS, how_clone_flags) /* argument a (255: none); task is fetch b */         \
	X(CLONE3_FLAGS, how_clone3_flags)    /* struct clone_args is fetch a, task is b */         \
	X(SC, how_sc)                        /* GENERIC: number of the call in syscall_list.def */ \
	X(NR, how_nr)                        /* GENERIC: the kernel's number */

enum encode_how {
#define X(name, fn) HOW_##name,
	ENCODE_HOW_LIST(X)
#undef X
		HOW_N
};

enum encode_task_part {
	TASK_TID,
	TASK_PID,
	TASK_PTID,
	TASK_VTID,
	TASK_VPID,
	TASK_PGID,
	TASK_VPGID,
	TASK_CWD,
	TASK_FDLIMIT,
	TASK_MAJFLT,
	TASK_MINFLT,
	TASK_VMSIZE,
	TASK_VMRSS,
	TASK_VMSWAP,
	TASK_COMM,
	TASK_CGROUPS,
	TASK_TTY,
	TASK_LOGINUID,
	TASK_EXE_FLAGS,
	TASK_CAP_INHERITABLE,
	TASK_CAP_PERMITTED,
	TASK_CAP_EFFECTIVE,
	TASK_EXE_INO,
	TASK_EXE_CTIME,
	TASK_EXE_MTIME,
	TASK_UID,
	TASK_GID,
	TASK_EXEPATH,
	TASK_PIDNS_START,
};

enum encode_argv {
	ARGV_EXE,  /* the first string */
	ARGV_ARGS, /* the others */
	ARGV_ENV,  /* all, of the environment */
};

/* Maps of values from the kernel's to the capture's: encode_values.c. */
enum encode_map {
	MAP_SAME,
	MAP_CLONE,
	MAP_PROT,
	MAP_MMAP,
	MAP_SOCK_FLAGS,
	MAP_FD_FLAGS,
	MAP_FUTEX,
	MAP_FLOCK,
	MAP_FCNTL,
	MAP_RLIMIT,
	MAP_SOL,
	MAP_SEMGET,
	MAP_SEMCTL,
	MAP_SEMOP,
	MAP_MOUNT,
	MAP_ACCESS,
	MAP_UNLINKAT,
	MAP_LINKAT,
	MAP_STATAT,
	MAP_CHOWNAT,
	MAP_CHMOD,
	MAP_RESOLVE,
	MAP_URING_SETUP,
	MAP_URING_FEATURES,
	MAP_EPOLL_CREATE,
	MAP_PIDFD_OPEN,
	MAP_DELETE_MODULE,
	MAP_PTRACE,
	MAP_QUOTA_CMD,
	MAP_QUOTA_TYPE,
	MAP_N
};

struct call_param {
	uint8_t how;
	uint8_t a, b, c;
};

/* A row of call_list.def. */
struct call_row {
	uint16_t type; /* event */
	uint8_t snap_arg;
	uint8_t n_fetches, n_params;
	struct eyas_fetch fetches[EYAS_MAX_FETCHES];
	struct call_param params[EVENT_MAX_PARAMS];
};

/* The rows, in the order of the list, and the one for an event; NULL when it has none. */
const struct call_row *call_row_at(size_t i);
const struct call_row *call_row_of(unsigned type);
/* The system call of a native number (or, from EYAS_MAX_NR on, a 32-bit one); never NULL: row 0 is
 * "unknown". */
const struct syscall_info *call_syscall(unsigned nr);
/* exit() and exit_group(): they are recorded when they begin. */
bool call_never_returns(unsigned nr);
/* The event type a call becomes: GENERIC_X when it has none of its own. */
unsigned call_event(unsigned nr);

/* What one fetch brought. */
struct piece {
	const uint8_t *p;
	uint32_t n;
	uint8_t kind;
	bool have;  /* it is there and readable */
	bool null;  /* the pointer was NULL */
	bool fault; /* it could not be read */
};

struct call {
	const struct eyas_record *r;
	const uint8_t *args; /* r->n_args of 64 bits each */
	const struct call_row *row;
	uint16_t sc; /* what syscall_list.def has for it */
	struct piece pieces[EYAS_MAX_FETCHES];
	struct param *params;
	uint32_t n_params;
	uint8_t *made;
	uint32_t made_n;
};

/* Those that the driver did not send are 0. */
static inline uint64_t call_arg(const struct call *c, unsigned i)
{
	uint64_t v = 0;

	if (i < c->r->n_args)
		memcpy(&v, c->args + i * sizeof(v), sizeof(v));
	return v;
}

/* Each of these puts the next parameter. */
void put_none(struct call *c);
void put_borrowed(struct call *c, const void *p, size_t n);
/* An integer of a PT_ type, cut to its size. */
void put_int(struct call *c, unsigned type, uint64_t v);
/* Text up to the first NUL of n bytes, with its own NUL. */
void put_text(struct call *c, const void *p, size_t n);
/* Room for up to n bytes in `made`; NULL when there is none. made_put() puts the first `n` of them
 * as a parameter. */
uint8_t *made_room(struct call *c, size_t n);
void made_put(struct call *c, size_t n);

/* A fetch's bytes if it has at least n of them, else NULL. */
const uint8_t *piece_bytes(const struct call *c, unsigned fetch, size_t n);
/* Copies a fixed-size struct out of a fetch; false when it is not there. */
bool piece_copy(const struct call *c, unsigned fetch, void *to, size_t n);
/* What was read of a fetch's data: the piece itself, or the part behind a struct eyas_msg. */
struct str piece_data(const struct call *c, unsigned fetch);

uint64_t map_value(enum encode_map map, uint64_t v);
/* mode of an open with these kernel flags: 0 when it creates nothing. */
uint32_t map_open_mode(uint64_t flags, uint64_t mode);
uint16_t map_poll_flags(uint16_t events);
/* The components of a path, last first, each with a NUL, as text with slashes; returns bytes
 * written, without NUL; at most `cap`. */
size_t path_turn(const uint8_t *p, size_t n, uint8_t *to, size_t cap);

#define X(name, fn) void fn(struct call *c, const struct call_param *p, unsigned type);
ENCODE_HOW_LIST(X)
#undef X

#endif
