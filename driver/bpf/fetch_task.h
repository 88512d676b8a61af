/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * fetch_task: the process as exec and clone describe it: ids, credentials, memory, executable,
 * arguments, environment, cgroups. Paths are sent as their components, the last first, each with a
 * NUL: user space turns them round.
 */
#ifndef EYAS_FETCH_TASK_H
#define EYAS_FETCH_TASK_H

#include "fetch.h"

#define PATH_DEPTH    40
#define CGROUP_DEPTH  12
#define CGROUP_SUBSYS 14
#define NAME_BYTES    256
#define PIDTYPE_PGID  2
#define PIDTYPE_SID   3
#define RLIMIT_NOFILE 7

/* Whom a record is about. */
static __always_inline struct task_struct *task_of(const struct work *w)
{
	if (CAN_LOAD)
		return bpf_get_current_task_btf();
	return w->child ? (void *)w->child : (void *)bpf_get_current_task();
}

/* One of the memory counters; where they are and how far apart depends on the kernel. */
static __always_inline __u64 rss_counter(struct mm_struct *mm, int which)
{
	const char *base;
	__s64 n = 0;

	if (bpf_core_field_exists(((struct mm_struct___atomic *)0)->rss_stat.count)) {
		base = (char *)mm +
		       bpf_core_field_offset(((struct mm_struct___atomic *)0)->rss_stat.count);
		/* verifiers of that time do not look into arrays of a typedef */
		bpf_probe_read_kernel(&n, sizeof(n), base + (__u32)which * 8);
		return n < 0 ? 0 : (__u64)n;
	}
	base = (char *)mm + bpf_core_field_offset(((struct mm_struct___percpu *)0)->rss_stat);
	base += bpf_core_field_offset(((struct percpu_counter *)0)->count);
	base += (__u32)which * bpf_core_type_size(struct percpu_counter);
	if (CAN_LOAD) {
		n = *(const __s64 *)base;
		BOUND(n);
	} else {
		bpf_probe_read_kernel(&n, sizeof(n), base);
	}
	return n < 0 ? 0 : (__u64)n;
}

/* All but the faults. */
static __always_inline void fill_memory(struct eyas_mm *out, struct mm_struct *mm)
{
	__builtin_memset(out, 0, sizeof(*out));
	if (!mm)
		return;
	/* pages of 4 KiB; the counters are file, anonymous, swapped, shared memory */
	out->vmsize_kb = (__u32)(GET(mm, total_vm) << 2);
	out->vmrss_kb =
		(__u32)((rss_counter(mm, 0) + rss_counter(mm, 1) + rss_counter(mm, 3)) << 2);
	out->vmswap_kb = (__u32)(rss_counter(mm, 2) << 2);
}

static __always_inline __u32 pid_nr(struct pid *pid, __u32 level)
{
	struct upid up = { 0 };

	/* one from outside of the namespace has no number in it */
	if (!pid || level > GET(pid, level))
		return 0;
	if (!level)
		return (__u32)GET(pid, numbers[0].nr);
	bpf_probe_read_kernel(&up, sizeof(up), &pid->numbers[level & 31]);
	return (__u32)up.nr;
}

/* The first process of the pid namespace that a process lives in. */
static __always_inline struct task_struct *pidns_init(struct pid *pid)
{
	struct upid up = { 0 };

	if (!pid)
		return NULL;
	bpf_probe_read_kernel(&up, sizeof(up), &pid->numbers[BPF_CORE_READ(pid, level) & 31]);
	return up.ns ? BPF_CORE_READ(up.ns, child_reaper) : NULL;
}

static __always_inline __u64 inode_time(struct inode *inode, bool change)
{
	struct inode___sec *sec = (void *)inode;
	struct inode___ctime *mid = (void *)inode;

	if (bpf_core_field_exists(sec->i_ctime_sec)) {
		/* bit 31 is I_CTIME_QUERIED, from 6.13 on */
		if (change)
			/* the highest bit is a mark of the kernel's since 6.13 */
			return (__u64)GET(sec, i_ctime_sec) * 1000000000 +
			       (GET(sec, i_ctime_nsec) & 0x7fffffff);
		return (__u64)GET(sec, i_mtime_sec) * 1000000000 + GET(sec, i_mtime_nsec);
	}
	if (bpf_core_field_exists(mid->__i_ctime) && change)
		return (__u64)GET(mid, __i_ctime.tv_sec) * 1000000000 +
		       (__u64)GET(mid, __i_ctime.tv_nsec);
	if (bpf_core_field_exists(mid->__i_mtime) && !change)
		return (__u64)GET(mid, __i_mtime.tv_sec) * 1000000000 +
		       (__u64)GET(mid, __i_mtime.tv_nsec);
	if (change)
		return (__u64)GET(inode, i_ctime.tv_sec) * 1000000000 +
		       (__u64)GET(inode, i_ctime.tv_nsec);
	return (__u64)GET(inode, i_mtime.tv_sec) * 1000000000 + (__u64)GET(inode, i_mtime.tv_nsec);
}

/* One name with its NUL to w->cur; false when it could not be read. */
static __always_inline bool put_name(struct work *w, const void *name)
{
	long n = bpf_probe_read_kernel_str(at(w, w->cur), NAME_BYTES, name);

	if (n <= 0 || n > NAME_BYTES)
		return false;
	w->cur += (__u32)n;
	return true;
}

static __always_inline void put_byte(struct work *w, __u8 c)
{
	*at(w, w->cur) = c;
	w->cur++;
}

/* The components of a path to w->cur, last first. Mounts are crossed upwards. Arguments are a
 * struct dentry * and a struct vfsmount *: a global function takes only numbers on 5.10. */
__attribute__((noinline)) int put_path(__u64 dentry_p, __u64 vfs_p)
{
	struct work *w = work_get();
	struct dentry *dentry = (void *)dentry_p, *root;
	struct vfsmount *vfs = (void *)vfs_p;
	struct mount *mnt;

	if (!w)
		return 0;
	mnt = (void *)((char *)vfs - bpf_core_field_offset(((struct mount *)0)->mnt));
	root = BPF_CORE_READ(vfs, mnt_root);
#pragma unroll 1
	for (int i = 0; i < PATH_DEPTH; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);

		if (dentry == root || dentry == parent) {
			struct mount *up = BPF_CORE_READ(mnt, mnt_parent);

			if (up == mnt || dentry != root) {
				/* not in any tree (a memfd): it has but its name */
				if (dentry != root)
					put_name(w, BPF_CORE_READ(dentry, d_name.name));
				break;
			}
			dentry = BPF_CORE_READ(mnt, mnt_mountpoint);
			mnt = up;
			root = BPF_CORE_READ(mnt, mnt.mnt_root);
			continue;
		}
		if (w->cur > EYAS_RECORD_MAX - EYAS_PATH_MAX ||
		    !put_name(w, BPF_CORE_READ(dentry, d_name.name)))
			break;
		dentry = parent;
	}
	return 0;
}

static __always_inline void fetch_fd_path(struct work *w, __u32 i, int fd)
{
	struct file *file = file_of_fd(fd);

	if (!file) {
		piece_end(w, i, EYAS_FETCH_FD_PATH, 0, EYAS_PIECE_NONE);
		return;
	}
	w->cur = w->off + sizeof(struct eyas_piece);
	put_path((__u64)BPF_CORE_READ(file, f_path.dentry), (__u64)BPF_CORE_READ(file, f_path.mnt));
	piece_end(w, i, EYAS_FETCH_FD_PATH, w->cur - w->off - sizeof(struct eyas_piece),
		  EYAS_PIECE_OK);
}

static __always_inline struct kernfs_node *kernfs_parent(struct kernfs_node *kn)
{
	if (bpf_core_field_exists(kn->__parent))
		return BPF_CORE_READ(kn, __parent);
	return BPF_CORE_READ((struct kernfs_node___old *)kn, parent);
}

/* Not for the root of a hierarchy. */
static __always_inline bool has_parent(struct kernfs_node *kn)
{
	struct kernfs_node___old *old = (void *)kn;

	if (bpf_core_field_exists(kn->__parent))
		return GET(kn, __parent) != NULL;
	return GET(old, parent) != NULL;
}

static __always_inline struct cgroup_subsys_state *subsys_of(struct css_set *set, __u64 i)
{
	__u64 off = bpf_core_field_offset(set->subsys) + i * sizeof(void *);
	struct cgroup_subsys_state *css = NULL;

	BOUND(off); /* not folded into the load, whose size is not that of the array */
	if (CAN_LOAD) {
		css = *(struct cgroup_subsys_state **)((char *)set + off);
		BOUND(css);
	} else {
		bpf_probe_read_kernel(&css, sizeof(css), (char *)set + off);
	}
	return css;
}

/* The same for a struct kernfs_node * (a cgroup's directory). */
__attribute__((noinline)) int put_kernfs(__u64 kernfs_p)
{
	struct work *w = work_get();
	struct kernfs_node *kn = (void *)kernfs_p;

	if (!w || !bpf_core_type_exists(struct kernfs_node))
		return 0;
#pragma unroll 1
	for (int i = 0; i < CGROUP_DEPTH; i++) {
		struct kernfs_node *up = kernfs_parent(kn);

		if (!up || w->cur > EYAS_RECORD_MAX - EYAS_CGROUP_MAX ||
		    !put_name(w, BPF_CORE_READ(kn, name)))
			break;
		kn = up;
	}
	return 0;
}

/*
 * The task's cgroups to w->cur: entries of a controller's name with its NUL, the path's components,
 * and an empty one. The first entry, without a name, is the unified hierarchy; a controller that is
 * in it has the single component "\1" instead of the path again.
 */
__attribute__((noinline)) int put_cgroups(void)
{
	struct work *w = work_get();
	struct css_set *set;
	struct cgroup *dfl;

	if (!w || !bpf_core_field_exists(((struct task_struct *)0)->cgroups))
		return 0;
	set = GET(task_of(w), cgroups);
	dfl = GET(set, dfl_cgrp);
	put_byte(w, 0);
	put_kernfs((__u64)BPF_CORE_READ(dfl, kn));
	put_byte(w, 0);
#pragma unroll 1
	for (__u32 i = 0; i < CGROUP_SUBSYS; i++) {
		struct cgroup_subsys_state *css;
		struct cgroup *cgrp;

		if (i >= bpf_core_field_size(set->subsys) / sizeof(css))
			break;
		css = subsys_of(set, i);
		if (!css || w->cur > EYAS_RECORD_MAX - EYAS_CGROUP_MAX ||
		    !put_name(w, GET(css, ss, name)))
			continue;
		cgrp = GET(css, cgroup);
		if (cgrp == dfl) {
			put_byte(w, 1);
			put_byte(w, 0);
		} else if (has_parent(GET(cgrp, kn))) {
			put_kernfs((__u64)BPF_CORE_READ(cgrp, kn));
		}
		put_byte(w, 0);
	}
	return 0;
}

static __always_inline __u32 exe_flags(struct inode *inode, struct dentry *dentry, __u32 uid,
				       __u32 gid)
{
	__u32 flags = 0, mode = GET(inode, i_mode),
	      layer = overlay_layer(inode, GET(inode, i_sb, s_magic));
	char name[6] = { 0 };

	/* root, the owner, the group, others: who may write to the file that runs */
	if (uid == 0 || (GET(inode, i_uid.val) == uid && mode & 0200) ||
	    (GET(inode, i_gid.val) == gid && mode & 0020) || mode & 0002)
		flags |= 1;
	if (layer == 1)
		flags |= 2;
	else if (layer == 2)
		flags |= 8;
	bpf_probe_read_kernel(name, sizeof(name), GET(dentry, d_name.name));
	if (name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' &&
	    name[4] == 'd' && name[5] == ':')
		flags |= 4;
	return flags;
}

static __always_inline void fill_ids(struct eyas_task *t, struct task_struct *task,
				     struct signal_struct *signal)
{
	struct pid *pid = GET(task, thread_pid), *leader = GET(task, group_leader, thread_pid);
	struct pid *group = GET(signal, pids[PIDTYPE_PGID]),
		   *session = GET(signal, pids[PIDTYPE_SID]);
	struct pid_namespace *ns = GET(task, nsproxy, pid_ns_for_children);
	__u32 level = GET(pid, level);

	t->tid = (__u32)GET(task, pid);
	t->pid = (__u32)GET(task, tgid);
	t->ptid = (__u32)GET(task, real_parent, pid);
	t->vtid = pid_nr(pid, level);
	t->vpid = pid_nr(leader, level);
	t->pgid = pid_nr(group, 0);
	t->vpgid = pid_nr(group, level);
	t->sid = pid_nr(session, level);
	t->in_pidns = level > 0 || (ns && GET(ns, level) > 0);
	t->pidns_start = ns ? GET(ns, child_reaper, start_time) : 0;
}

static __always_inline __u64 caps(struct work *w, const void *cred, __u32 off)
{
	__u64 v = 0;

	/* two 32-bit words, low first, or one 64-bit word: the same bytes on a little-endian
	 * machine */
	if (off + sizeof(v) <= sizeof(w->chunk))
		__builtin_memcpy(&v, __builtin_assume_aligned(w->chunk + off, 4), sizeof(v));
	else
		bpf_probe_read_kernel(&v, sizeof(v), (const char *)cred + off);
	return v;
}

static __always_inline void fill_cred(struct work *w, struct eyas_task *t, struct cred *cred)
{
	load_chunk(w, cred);
	t->uid = MEMBER(w, cred, euid.val);
	t->gid = MEMBER(w, cred, egid.val);
	t->cap_inheritable = caps(w, cred, bpf_core_field_offset(cred->cap_inheritable));
	t->cap_permitted = caps(w, cred, bpf_core_field_offset(cred->cap_permitted));
	t->cap_effective = caps(w, cred, bpf_core_field_offset(cred->cap_effective));
}

static __always_inline void fill_tty(struct eyas_task *t, struct signal_struct *signal)
{
	struct tty_struct *tty;
	__u32 major, minor;

	t->tty = 0;
	if (!bpf_core_field_exists(signal->tty))
		return;
	tty = GET(signal, tty);
	if (!tty)
		return;
	major = (__u32)GET(tty, driver, major);
	minor = (__u32)(GET(tty, driver, minor_start) + GET(tty, index));
	t->tty = (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

/* The caller, or its new child, whose memory is a copy of the caller's: a fixed part, then args,
 * env, the executable's path, cgroups. */
static __always_inline void fetch_task(struct work *w, __u32 i)
{
	struct task_struct *task = task_of(w);
	__u32 off = w->off + sizeof(struct eyas_piece), n;
	struct eyas_task *t = (void *)at(w, off);
	/* each pointer is loaded once, and before anything is decided: verifiers up to 6.18 search
	 * all types of the kernel at each such load, on each way that leads there */
	struct cred *cred = (struct cred *)GET(task, cred);
	struct mm_struct *mm = GET(task, mm);
	struct signal_struct *signal = GET(task, signal);
	struct file *exe;

	__builtin_memset(t, 0, sizeof(*t));
	fill_ids(t, task, signal);
	fill_memory(&t->mm, mm);
	t->mm.majflt = GET(task, maj_flt);
	t->mm.minflt = GET(task, min_flt);
	fill_tty(t, signal);
	t->start_time = GET(task, start_time);
	fill_cred(w, t, cred);
	t->loginuid = (__u32)-1;
	if (bpf_core_field_exists(task->loginuid))
		t->loginuid = GET(task, loginuid.val);
	t->fdlimit = (__s64)GET(signal, rlim[RLIMIT_NOFILE].rlim_cur);
	BPF_CORE_READ_INTO(&t->comm, task, comm);
	exe = mm ? GET(mm, exe_file) : NULL;
	if (exe) {
		struct inode *inode = GET(exe, f_inode);

		t->exe_ino = GET(inode, i_ino);
		t->exe_ctime = inode_time(inode, true);
		t->exe_mtime = inode_time(inode, false);
		t->exe_flags = exe_flags(inode, GET(exe, f_path.dentry), t->uid, t->gid);
	}
	off += sizeof(*t);

	if (mm) {
		__u64 start = GET(mm, arg_start);
		__u64 len = GET(mm, arg_end) - start;

		n = read_user(w, off, start, len > EYAS_ARGS_MAX ? EYAS_ARGS_MAX : (__u32)len);
		t->args_len = n;
		off += padded(n);
		/* of what was executed */
		if (plan_get(w->index)->fetches[i].n && w->ret >= 0) {
			start = GET(mm, env_start);
			len = GET(mm, env_end) - start;
			n = read_user(w, off, start,
				      len > EYAS_ARGS_MAX ? EYAS_ARGS_MAX : (__u32)len);
			t->env_len = n;
			off += padded(n);
		}
	}
	if (exe) {
		w->cur = off;
		/* a global function takes no pointer that the verifier knows */
		put_path((__u64)BPF_CORE_READ(exe, f_path.dentry),
			 (__u64)BPF_CORE_READ(exe, f_path.mnt));
		t->exepath_len = w->cur - off;
		off += padded(w->cur - off);
	}
	w->cur = off;
	put_cgroups();
	t->cgroups_len = w->cur - off;
	off += padded(w->cur - off);
	piece_end(w, i, EYAS_FETCH_TASK, off - w->off - sizeof(struct eyas_piece), EYAS_PIECE_OK);
}

#endif
