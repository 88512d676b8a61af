/*
 * thread: one thread (a leader stands for its process) as the events so far describe it.
 *
 * Layer: state. Owned by the thread table; pointers are good until the event in which the
 * thread is removed has ended. Strings are interned in the state's pool and never NULL. What
 * belongs to the process (cwd, env, descriptors, fdlimit) is read through thread_main(). An id that
 * was never told is -1, a uid or gid 0xffffffff.
 */
#ifndef EYAS_THREAD_H
#define EYAS_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "state/fd_table.h"

/* PPM_CL_ bits as captures hold them (flag table clone_flags), and a few of the state's own. */
enum thread_flag {
	THREAD_CLONE_FILES = 1u << 0,
	THREAD_CLONE_NEWPID = 1u << 6,
	THREAD_CLONE_PARENT = 1u << 8,
	THREAD_CLONE_THREAD = 1u << 13,
	THREAD_CLONE_INVERTED = 1u << 16,
	THREAD_NAME_CHANGED = 1u << 17,
	THREAD_CLOSED = 1u << 18,
	THREAD_ACTIVE = 1u << 19,
	THREAD_CLONE_NEWUSER = 1u << 20,
	THREAD_PIPE_SRC = 1u << 21,
	THREAD_PIPE_DST = 1u << 22,
	THREAD_CLONE_VFORK = 1u << 27,
	THREAD_CHILD_IN_PIDNS = 1u << 29,
	THREAD_IS_MAIN = 1u << 30,
};

struct cgroup {
	const struct istr *subsys, *path;
};

struct container;
struct cgroup_set;
struct stored_enter;

struct thread_group {
	int64_t pid;
	uint32_t alive; /* members that have not exited */
	uint32_t n;     /* members */
	bool reaper;
	struct thread *first, *last; /* linked by group_next; the leader first, if it is there */
};

struct thread {
	int64_t tid, pid, ptid, reaper_tid;
	int64_t sid, vpgid, pgid, vtid, vpid;
	uint32_t flags; /* enum thread_flag */
	uint32_t uid, gid, loginuid;
	uint32_t tty;
	int64_t fdlimit;

	const struct istr *comm, *exe, *exepath;
	const struct istr *cwd; /* own; leaders only, ends in '/' */
	const struct istr *root;
	const struct istr *args;      /* NUL-separated argv[1..], each with its NUL */
	const struct istr *env;       /* NUL-separated */
	const struct istr *args_text; /* args joined by a blank */
	const struct istr *cmdline;   /* comm and args_text, as cached when args were set */
	uint32_t n_args, n_env;
	struct {
		const struct cgroup *v;
		size_t n;
	} cgroups;                           /* shared between threads with the same ones */
	const struct cgroup_set *cgroup_set; /* what `cgroups` points into, or NULL */
	struct container *container;         /* NULL: the host */

	uint64_t cap_inheritable, cap_permitted, cap_effective;
	bool exe_writable, exe_upper_layer, exe_lower_layer, exe_from_memfd;
	uint64_t exe_ino, exe_ctime, exe_mtime;
	uint64_t ctime_dur_clone, ctime_dur_pidns;
	uint32_t vmsize_kb, vmrss_kb, vmswap_kb;
	uint64_t pfmajor, pfminor;
	uint64_t pidns_init_start_ts;
	uint64_t clone_ts, lastexec_ts;

	int64_t last_fd; /* lastevent_fd */
	uint16_t last_type;
	bool last_valid;

	struct fd_table *fds;       /* its own, NULL while empty; which one it uses: thread_fds() */
	struct stored_enter *enter; /* of the system call it is in, or NULL */
	struct thread_group *group; /* NULL while it is invalid */
	struct thread *group_prev, *group_next;
	struct thread *first_child, *last_child, *prev_sibling, *next_sibling; /* creation order */
	struct thread *parent; /* the thread whose child list this is in, or NULL */

	uint64_t stamp; /* of the last change to the thread itself; see thread_stamp() */
	void *memo;     /* the rule engine's; freed with free() when the thread goes */
};

/* tid, pid or ptid below 0: seen in an event but never described. */
static inline bool thread_invalid(const struct thread *t)
{
	return t->tid < 0 || t->pid < 0 || t->ptid < 0;
}

static inline bool thread_is_main(const struct thread *t)
{
	return t->tid == t->pid || (t->flags & THREAD_IS_MAIN);
}

static inline bool thread_in_pidns(const struct thread *t)
{
	return (t->flags & THREAD_CHILD_IN_PIDNS) || (t->vtid >= 0 && t->tid != t->vtid);
}

#endif
