#include "capture/privilege.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Defined since Linux 5.8; older headers lack them. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

static uint64_t effective(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0 }, { 0 } };

	if (syscall(SYS_capget, &head, data) < 0)
		return 0;
	return data[0].effective | (uint64_t)data[1].effective << 32;
}

static bool has(uint64_t caps, unsigned cap)
{
	return caps >> cap & 1;
}

const char *privilege_missing_for_driver(void)
{
	uint64_t caps = effective();
	bool bpf = has(caps, CAP_BPF) || has(caps, CAP_SYS_ADMIN);
	bool perfmon = has(caps, CAP_PERFMON) || has(caps, CAP_SYS_ADMIN);

	if (bpf && perfmon)
		return NULL;
	return !bpf && !perfmon ? "CAP_BPF and CAP_PERFMON" : bpf ? "CAP_PERFMON" : "CAP_BPF";
}

const char *privilege_missing_for_snapshot(void)
{
	uint64_t caps = effective();
	bool ptrace = has(caps, CAP_SYS_PTRACE), search = has(caps, CAP_DAC_READ_SEARCH);

	if (ptrace && search)
		return NULL;
	return !ptrace && !search ? "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"
	       : ptrace           ? "CAP_DAC_READ_SEARCH"
				  : "CAP_SYS_PTRACE";
}

const char *privilege_missing_for_packets(void)
{
	return has(effective(), CAP_NET_RAW) ? NULL : "CAP_NET_RAW";
}

int privilege_drop(unsigned rights)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0 }, { 0 } };
	uint64_t keep = 0;

	if (rights & PRIVILEGE_SNAPSHOT)
		keep |= UINT64_C(1) << CAP_SYS_PTRACE | UINT64_C(1) << CAP_DAC_READ_SEARCH;
	if (rights & PRIVILEGE_OVERRIDE)
		keep |= UINT64_C(1) << CAP_DAC_OVERRIDE;
	keep &= effective();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	for (unsigned cap = 0; cap <= 63; cap++) {
		if (keep >> cap & 1)
			continue;
		/* EINVAL: past the last capability of this kernel. EPERM: without CAP_SETPCAP the
		 * bounding set stays, which no_new_privs makes harmless. */
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno == EINVAL)
			break;
	}
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	data[0].effective = data[0].permitted = (uint32_t)keep;
	data[1].effective = data[1].permitted = (uint32_t)(keep >> 32);
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

#if defined(__x86_64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_AARCH64
#endif

#define ALLOW(nr)                                        \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int privilege_confine(void)
{
#ifdef AUDIT_ARCH_HERE
	/*
	 * What the loop, the snapshots of later files and the end call. No other program, no other
	 * process but to pass a signal on to the command, no network but asking the kernel for the
	 * interfaces (a netlink socket), no new rights, no BPF. A call that a later C library makes
	 * instead of one of these fails as if it did not exist.
	 */
	static struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_HERE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(SYS_read),
		ALLOW(SYS_write),
		ALLOW(SYS_readv),
		ALLOW(SYS_writev),
		ALLOW(SYS_close),
		ALLOW(SYS_fstat),
		ALLOW(SYS_newfstatat),
		ALLOW(SYS_statx),
		ALLOW(SYS_lseek),
		ALLOW(SYS_mmap),
		ALLOW(SYS_munmap),
		ALLOW(SYS_mremap),
		ALLOW(SYS_mprotect),
		ALLOW(SYS_brk),
		ALLOW(SYS_madvise),
#ifdef SYS_epoll_wait
		ALLOW(SYS_epoll_wait),
#endif
		ALLOW(SYS_epoll_pwait),
		ALLOW(SYS_epoll_ctl),
		ALLOW(SYS_ppoll),
#ifdef SYS_poll
		ALLOW(SYS_poll),
#endif
		ALLOW(SYS_rt_sigaction),
		ALLOW(SYS_rt_sigprocmask),
		ALLOW(SYS_rt_sigreturn),
		ALLOW(SYS_restart_syscall),
		ALLOW(SYS_ioctl),
		ALLOW(SYS_fcntl),
#ifdef SYS_open
		ALLOW(SYS_open),
#endif
		ALLOW(SYS_openat),
		ALLOW(SYS_getdents64),
#ifdef SYS_readlink
		ALLOW(SYS_readlink),
#endif
		ALLOW(SYS_readlinkat),
#ifdef SYS_unlink
		ALLOW(SYS_unlink),
#endif
		ALLOW(SYS_unlinkat),
		ALLOW(SYS_ftruncate),
		ALLOW(SYS_fsync),
		ALLOW(SYS_fdatasync),
		ALLOW(SYS_statfs),
		ALLOW(SYS_fstatfs),
#ifdef SYS_stat
		ALLOW(SYS_stat),
#endif
		ALLOW(SYS_wait4),
		ALLOW(SYS_kill),
		ALLOW(SYS_getpid),
		ALLOW(SYS_gettid),
		ALLOW(SYS_tgkill),
		ALLOW(SYS_geteuid),
		ALLOW(SYS_getegid),
		ALLOW(SYS_getuid),
		ALLOW(SYS_getgid),
		ALLOW(SYS_clock_gettime),
		ALLOW(SYS_clock_nanosleep),
		ALLOW(SYS_nanosleep),
		ALLOW(SYS_gettimeofday),
		ALLOW(SYS_exit),
		ALLOW(SYS_exit_group),
		ALLOW(SYS_futex),
		ALLOW(SYS_getrandom),
		ALLOW(SYS_uname),
		ALLOW(SYS_sysinfo),
		ALLOW(SYS_sched_getaffinity),
		ALLOW(SYS_sched_yield),
		ALLOW(SYS_prlimit64),
		ALLOW(SYS_bind),
		ALLOW(SYS_getsockname),
		ALLOW(SYS_sendto),
		ALLOW(SYS_recvmsg),
		/* libpcap, on the sockets that it has */
		ALLOW(SYS_recvfrom),
		ALLOW(SYS_getsockopt),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) < 0)
		return -errno;
#endif
	return 0;
}
