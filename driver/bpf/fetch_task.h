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
	return w->child ? (void *)w->child : (void *)bpf_get_current_task();
}

/* One of the memory counters; where they are and how far apart depends on the kernel. */
static __always_inline __u64 rss_counter(struct mm_struct *mm, int which)
{
	const char *base;
	__u32 stride;
	__s64 n = 0;

	if (bpf_core_field_exists(((struct mm_struct___atomic *)0)->rss_stat.count)) {
		base = (char *)mm +
		       bpf_core_field_offset(((struct mm_struct___atomic *)0)->rss_stat.count);
		stride = 8;
	} else {
		base = (char *)mm +
		       bpf_core_field_offset(((struct mm_struct___percpu *)0)->rss_stat);
		base += bpf_core_field_offset(((struct percpu_counter *)0)->count);
		stride = bpf_core_type_size(struct percpu_counter);
	}
	bpf_probe_read_kernel(&n, sizeof(n), base + (__u32)which * stride);
	return n < 0 ? 0 : (__u64)n;
}

/* All but the faults. */
static __always_inline void fill_memory(struct eyas_mm *out, struct task_struct *task)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);

	__builtin_memset(out, 0, sizeof(*out));
	if (!mm)
		return;
	/* pages of 4 KiB; the counters are file, anonymous, swapped, shared memory */
	out->vmsize_kb = (__u32)(BPF_CORE_READ(mm, total_vm) << 2);
	out->vmrss_kb =
		(__u32)((rss_counter(mm, 0) + rss_counter(mm, 1) + rss_counter(mm, 3)) << 2);
	out->vmswap_kb = (__u32)(rss_counter(mm, 2) << 2);
}

static __always_inline void fill_mm(struct eyas_mm *out, struct task_struct *task)
{
	fill_memory(out, task);
	out->majflt = BPF_CORE_READ(task, maj_flt);
	out->minflt = BPF_CORE_READ(task, min_flt);
}

static __always_inline __u64 caps(const kernel_cap_t *from)
{
	__u64 v = 0;

	/* two 32-bit words, low first, or one 64-bit word: the same bytes on a little-endian
	 * machine */
	bpf_probe_read_kernel(&v, sizeof(v), from);
	return v;
}

static __always_inline __u32 pid_nr(struct pid *pid, __u32 level)
{
	struct upid up = { 0 };

	/* one from outside of the namespace has no number in it */
	if (!pid || level > BPF_CORE_READ(pid, level))
		return 0;
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
			return (__u64)BPF_CORE_READ(sec, i_ctime_sec) * 1000000000 +
			       (BPF_CORE_READ(sec, i_ctime_nsec) & 0x7fffffff);
		return (__u64)BPF_CORE_READ(sec, i_mtime_sec) * 1000000000 +
		       BPF_CORE_READ(sec, i_mtime_nsec);
	}
	if (bpf_core_field_exists(mid->__i_ctime) && change)
		return (__u64)BPF_CORE_READ(mid, __i_ctime.tv_sec) * 1000000000 +
		       (__u64)BPF_CORE_READ(mid, __i_ctime.tv_nsec);
	if (bpf_core_field_exists(mid->__i_mtime) && !change)
		return (__u64)BPF_CORE_READ(mid, __i_mtime.tv_sec) * 1000000000 +
		       (__u64)BPF_CORE_READ(mid, __i_mtime.tv_nsec);
	if (change)
		return (__u64)BPF_CORE_READ(inode, i_ctime.tv_sec) * 1000000000 +
		       (__u64)BPF_CORE_READ(inode, i_ctime.tv_nsec);
	return (__u64)BPF_CORE_READ(inode, i_mtime.tv_sec) * 1000000000 +
	       (__u64)BPF_CORE_READ(inode, i_mtime.tv_nsec);
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

/* The same for a struct kernfs_node * (a cgroup's directory). */
__attribute__((noinline)) int put_kernfs(__u64 kernfs_p)
{
	struct work *w = work_get();
	struct kernfs_node *kn = (void *)kernfs_p;

	if (!w)
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

	if (!w)
		return 0;
	set = BPF_CORE_READ(task_of(w), cgroups);
	dfl = BPF_CORE_READ(set, dfl_cgrp);
	put_byte(w, 0);
	put_kernfs((__u64)BPF_CORE_READ(dfl, kn));
	put_byte(w, 0);
#pragma unroll 1
	for (__u32 i = 0; i < CGROUP_SUBSYS; i++) {
		struct cgroup_subsys_state *css = NULL;
		struct cgroup *cgrp;

		bpf_probe_read_kernel(&css, sizeof(css),
				      (char *)set + bpf_core_field_offset(set->subsys) +
					      i * sizeof(css));
		if (!css || w->cur > EYAS_RECORD_MAX - EYAS_CGROUP_MAX ||
		    !put_name(w, BPF_CORE_READ(css, ss, name)))
			continue;
		cgrp = BPF_CORE_READ(css, cgroup);
		if (cgrp == dfl) {
			put_byte(w, 1);
			put_byte(w, 0);
		} else {
			put_kernfs((__u64)BPF_CORE_READ(cgrp, kn));
		}
		put_byte(w, 0);
	}
	return 0;
}

static __always_inline __u32 exe_flags(struct inode *inode, struct dentry *dentry,
				       const struct cred *cred)
{
	__u32 flags = 0, mode = BPF_CORE_READ(inode, i_mode),
	      layer = overlay_layer(inode, BPF_CORE_READ(inode, i_sb));
	__u32 uid = BPF_CORE_READ(cred, euid.val), gid = BPF_CORE_READ(cred, egid.val);
	char name[6] = { 0 };

	/* root, the owner, the group, others: who may write to the file that runs */
	if (uid == 0 || (BPF_CORE_READ(inode, i_uid.val) == uid && mode & 0200) ||
	    (BPF_CORE_READ(inode, i_gid.val) == gid && mode & 0020) || mode & 0002)
		flags |= 1;
	if (layer == 1)
		flags |= 2;
	else if (layer == 2)
		flags |= 8;
	bpf_probe_read_kernel(name, sizeof(name), BPF_CORE_READ(dentry, d_name.name));
	if (name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' &&
	    name[4] == 'd' && name[5] == ':')
		flags |= 4;
	return flags;
}

static __always_inline void fill_ids(struct eyas_task *t, struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct pid_namespace *ns = BPF_CORE_READ(task, nsproxy, pid_ns_for_children);
	struct pid *pgrp = NULL, *session = NULL;
	__u32 level = BPF_CORE_READ(pid, level);

	t->tid = (__u32)BPF_CORE_READ(task, pid);
	t->pid = (__u32)BPF_CORE_READ(task, tgid);
	t->ptid = (__u32)BPF_CORE_READ(task, real_parent, pid);
	t->vtid = pid_nr(pid, level);
	t->vpid = pid_nr(BPF_CORE_READ(leader, thread_pid), level);
	bpf_probe_read_kernel(&pgrp, sizeof(pgrp), &signal->pids[PIDTYPE_PGID]);
	bpf_probe_read_kernel(&session, sizeof(session), &signal->pids[PIDTYPE_SID]);
	t->pgid = pid_nr(pgrp, 0);
	t->vpgid = pid_nr(pgrp, level);
	t->sid = pid_nr(session, level);
	t->in_pidns = level > 0 || (ns && BPF_CORE_READ(ns, level) > 0);
	t->pidns_start = ns ? BPF_CORE_READ(ns, child_reaper, start_time) : 0;
}

static __always_inline void fill_tty(struct eyas_task *t, struct signal_struct *signal)
{
	struct tty_struct *tty = BPF_CORE_READ(signal, tty);
	__u32 major, minor;

	t->tty = 0;
	if (!tty)
		return;
	major = (__u32)BPF_CORE_READ(tty, driver, major);
	minor = (__u32)(BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index));
	t->tty = (minor & 0xff) | major << 8 | (minor & ~0xffu) << 12;
}

/* The caller, or its new child, whose memory is a copy of the caller's: a fixed part, then args,
 * env, the executable's path, cgroups. */
static __always_inline void fetch_task(struct work *w, __u32 i, bool with_env)
{
	struct task_struct *task = task_of(w);
	__u32 off = w->off + sizeof(struct eyas_piece), n;
	struct eyas_task *t = (void *)at(w, off);
	const struct cred *cred = BPF_CORE_READ(task, cred);
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct file *exe = mm ? BPF_CORE_READ(mm, exe_file) : NULL;

	__builtin_memset(t, 0, sizeof(*t));
	fill_mm(&t->mm, task);
	fill_ids(t, task);
	fill_tty(t, signal);
	t->start_time = BPF_CORE_READ(task, start_time);
	t->uid = BPF_CORE_READ(cred, euid.val);
	t->gid = BPF_CORE_READ(cred, egid.val);
	t->cap_inheritable = caps(&cred->cap_inheritable);
	t->cap_permitted = caps(&cred->cap_permitted);
	t->cap_effective = caps(&cred->cap_effective);
	t->loginuid = (__u32)-1;
	if (bpf_core_field_exists(task->loginuid))
		t->loginuid = BPF_CORE_READ(task, loginuid.val);
	t->fdlimit = (__s64)BPF_CORE_READ(signal, rlim[RLIMIT_NOFILE].rlim_cur);
	BPF_CORE_READ_INTO(&t->comm, task, comm);
	if (exe) {
		struct inode *inode = BPF_CORE_READ(exe, f_inode);

		t->exe_ino = BPF_CORE_READ(inode, i_ino);
		t->exe_ctime = inode_time(inode, true);
		t->exe_mtime = inode_time(inode, false);
		t->exe_flags = exe_flags(inode, BPF_CORE_READ(exe, f_path.dentry), cred);
	}
	off += sizeof(*t);

	if (mm) {
		__u64 start = BPF_CORE_READ(mm, arg_start);
		__u64 len = BPF_CORE_READ(mm, arg_end) - start;

		n = read_user(w, off, start, len > EYAS_ARGS_MAX ? EYAS_ARGS_MAX : (__u32)len);
		t->args_len = n;
		off += padded(n);
		if (with_env) {
			start = BPF_CORE_READ(mm, env_start);
			len = BPF_CORE_READ(mm, env_end) - start;
			n = read_user(w, off, start,
				      len > EYAS_ARGS_MAX ? EYAS_ARGS_MAX : (__u32)len);
			t->env_len = n;
			off += padded(n);
		}
	}
	if (exe) {
		w->cur = off;
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
