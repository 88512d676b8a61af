#include "capture/privilege.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
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
	return !ptrace && !search ? "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH" :
	       ptrace		  ? "CAP_DAC_READ_SEARCH" :
				    "CAP_SYS_PTRACE";
}

int privilege_drop(bool keep_snapshot)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0 }, { 0 } };
	uint64_t keep = keep_snapshot ? (uint64_t)1 << CAP_SYS_PTRACE | (uint64_t)1 << CAP_DAC_READ_SEARCH : 0;

	keep &= effective();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	for (unsigned cap = 0; cap <= 63; cap++) {
		if (keep >> cap & 1)
			continue;
		/* EINVAL: past the last capability of this kernel. EPERM: without CAP_SETPCAP the bounding set
		 * stays, which no_new_privs makes harmless. */
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

#define DENY(nr)                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1),        \
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

int privilege_confine(void)
{
#ifdef AUDIT_ARCH_HERE
	/* What a recorder that has been taken over would want: other programs, other processes, the network, new
	 * privileges, the kernel. Files and time stay. */
	static struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_HERE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		DENY(SYS_execve),
		DENY(SYS_execveat),
		DENY(SYS_ptrace),
		DENY(SYS_process_vm_readv),
		DENY(SYS_process_vm_writev),
		DENY(SYS_socket),
		DENY(SYS_connect),
		DENY(SYS_bind),
		DENY(SYS_listen),
		DENY(SYS_mount),
		DENY(SYS_umount2),
		DENY(SYS_pivot_root),
		DENY(SYS_chroot),
		DENY(SYS_setns),
		DENY(SYS_unshare),
		DENY(SYS_init_module),
		DENY(SYS_finit_module),
		DENY(SYS_delete_module),
		DENY(SYS_kexec_load),
		DENY(SYS_reboot),
		DENY(SYS_perf_event_open),
		DENY(SYS_keyctl),
		DENY(SYS_add_key),
		DENY(SYS_request_key),
		DENY(SYS_userfaultfd),
		DENY(SYS_setuid),
		DENY(SYS_setgid),
		DENY(SYS_setresuid),
		DENY(SYS_setresgid),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { sizeof(filter) / sizeof(filter[0]), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) < 0)
		return -errno;
#endif
	return 0;
}
