/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * kernel_types: the few members of kernel structures that are read, declared by hand.
 *
 * preserve_access_index makes the loader look each offset up in the running kernel's BTF, so the
 * declarations need neither the order nor the rest of the members. A suffix "___x" is another
 * shape of the same structure in some kernels; the code asks which is there.
 */
#ifndef EYAS_KERNEL_TYPES_H
#define EYAS_KERNEL_TYPES_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;
typedef __u32 __wsum;
typedef unsigned long size_t;
typedef _Bool bool;
enum { false, true };
#define NULL ((void *)0)

/* Map types and flags of the BPF interface that are used (linux/bpf.h, stable). */
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_CGROUP_ARRAY = 8,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum { BPF_ANY, BPF_NOEXIST };
enum { BPF_F_NO_PREALLOC = 1, BPF_F_MMAPABLE = 1024 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_RB_AVAIL_DATA = 0 };

/* Helpers that some kernels have not; asked for in the running kernel's BTF. */
enum bpf_func_id {
	BPF_FUNC_get_current_task_btf = 158,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip,
		cs, flags, sp, ss;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31], sp, pc, pstate;
};
struct pt_regs {
	__u64 regs[31], sp, pc, pstate, orig_x0;
	__s32 syscallno;
};
#endif

struct list_head {
	struct list_head *next, *prev;
};

typedef struct {
	unsigned val;
} kuid_t;
typedef struct {
	unsigned val;
} kgid_t;

typedef struct {
	__u64 val;
} kernel_cap_t;
/* up to 6.2: two words */
struct kernel_cap_struct___old {
	__u32 cap[2];
};

struct user_namespace;

struct cred {
	kuid_t uid, euid;
	kgid_t gid, egid;
	kernel_cap_t cap_inheritable, cap_permitted, cap_effective;
};

struct ns_common {
	unsigned inum;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned level;
	struct upid numbers[1];
};

struct pid_namespace {
	struct task_struct *child_reaper;
	unsigned level;
	struct ns_common ns;
};

struct nsproxy {
	struct pid_namespace *pid_ns_for_children;
};

struct super_block {
	unsigned s_dev;
	unsigned long s_magic;
};

struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};

struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
	unsigned i_nlink;
	unsigned i_rdev;
	struct super_block *i_sb;
	kuid_t i_uid;
	kgid_t i_gid;
	struct timespec64 i_mtime, i_ctime;
};

/* 6.11 on */
struct inode___sec {
	__s64 i_mtime_sec, i_ctime_sec;
	__u32 i_mtime_nsec, i_ctime_nsec;
};

/* 6.6 to 6.10 */
struct inode___ctime {
	struct timespec64 __i_ctime;
	struct timespec64 __i_mtime;
};

struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct dentry {
	unsigned d_flags;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
	void *d_fsdata;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned f_flags;
	unsigned f_mode;
	void *private_data;
};

struct fdtable {
	unsigned max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root, pwd;
};

/* atomic_long_t is a structure of one member */
struct atomic_counter {
	long counter;
};
struct mm_rss_stat {
	struct atomic_counter count[4];
};
struct percpu_counter {
	__s64 count;
};

struct mm_struct {
	unsigned long total_vm, arg_start, arg_end, env_start, env_end;
	struct file *exe_file;
};
/* up to 6.1 */
struct mm_struct___atomic {
	struct mm_rss_stat rss_stat;
};
/* 6.2 on */
struct mm_struct___percpu {
	struct percpu_counter rss_stat[4];
};

struct linux_binprm {
	const char *filename;
};

struct rlimit {
	unsigned long rlim_cur, rlim_max;
};

struct tty_driver {
	int major, minor_start;
};

struct tty_struct {
	int index;
	struct tty_driver *driver;
};

struct signal_struct {
	struct rlimit rlim[16];
	struct tty_struct *tty;
	struct pid *pids[4];
	unsigned is_child_subreaper : 1, has_child_subreaper : 1;
	struct list_head thread_head;
};

struct kernfs_node {
	const char *name;
	struct kernfs_node *__parent;
	__u64 id;
};
/* up to 6.14 */
struct kernfs_node___old {
	struct kernfs_node *parent;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys {
	const char *name;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys *ss;
};

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
};

struct thread_info {
	unsigned long flags;
	unsigned status;
};

struct task_struct {
	struct thread_info thread_info;
	int pid, tgid;
	unsigned flags;
	int exit_code;
	struct task_struct *real_parent, *group_leader;
	struct mm_struct *mm;
	struct files_struct *files;
	struct fs_struct *fs;
	const struct cred *cred;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct css_set *cgroups;
	struct pid *thread_pid;
	struct list_head thread_node;
	unsigned long maj_flt, min_flt;
	__u64 start_time, start_boottime;
	char comm[16];
	kuid_t loginuid;
};

struct in6_addr {
	union {
		__u8 u6_addr8[16];
	} in6_u;
};

struct sock_common {
	__be32 skc_daddr, skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_type, sk_protocol;
	__u32 sk_ack_backlog, sk_max_ack_backlog;
};

struct inet_sock {
	struct sock sk;
	__be32 inet_saddr;
	__be16 inet_sport;
};

struct socket {
	short type;
	struct sock *sk;
	struct file *file;
};

struct sockaddr_un {
	unsigned short sun_family;
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[];
};

struct unix_sock {
	struct sock sk;
	struct unix_address *addr;
	struct sock *peer;
};

struct ovl_inode {
	struct inode vfs_inode;
	struct dentry *__upperdentry;
};

union __sifields {
	struct {
		int _pid;
	} _kill;
};

struct kernel_siginfo {
	int si_signo, si_errno, si_code;
	union __sifields _sifields;
};

#pragma clang attribute pop

#endif
