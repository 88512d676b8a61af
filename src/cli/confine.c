/* Giving up what is not needed; see confine.h. */
#include "config.h"

#include "cli/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif

#include "base/debug.h"
#include "base/strbuf.h"

#if defined(__SANITIZE_ADDRESS__) && !defined(EYAS_UNCONFINED)
#define EYAS_UNCONFINED 1
#endif

#if defined(HAVE_LINUX_LANDLOCK_H) && defined(SYS_landlock_create_ruleset) && \
	!defined(EYAS_UNCONFINED)

#define READ_FILES (LANDLOCK_ACCESS_FS_READ_FILE)
#define READ_DIRS  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* All accesses of the first version of Landlock, which every kernel that has it knows. */
#define ALL_ACCESSES                                                      \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |     \
	 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |     \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |     \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |     \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |   \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)

/* A path that cannot be opened gets no rule; reading it will fail with its own message. */
static void allow_reading(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = READ_FILES };
	struct stat st;
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		rule.allowed_access = READ_DIRS;
	rule.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		debug(DEBUG_CLI, 1, "confine: no rule for %s", path);
	close(fd);
}

/* The directory of a file, or of a directory, to be made: it is written there, maybe under another
 * name first. */
static void allow_creating(int ruleset, const char *path, bool dirs)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
				  LANDLOCK_ACCESS_FS_REMOVE_FILE,
	};
	const char *slash = strrchr(path, '/');
	struct strbuf dir = STRBUF_INIT;
	int fd;

	if (dirs)
		rule.allowed_access |= LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR;
	strbuf_add(&dir, path, slash ? (size_t)(slash + 1 - path) : 0);
	fd = open(dir.n ? dir.s : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	strbuf_release(&dir);
	if (fd < 0)
		return;
	rule.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		debug(DEBUG_CLI, 1, "confine: no rule for the directory of %s", path);
	close(fd);
}

static bool confine_files(const struct confine_rules *rules, const char *file, bool dirs)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = ALL_ACCESSES };
	long fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	bool done;

	if (fd < 0)
		return false;
	for (size_t i = 0; i < rules->n_read; i++)
		allow_reading((int)fd, rules->read[i]);
	if (file)
		allow_creating((int)fd, file, dirs);
	done = syscall(SYS_landlock_restrict_self, (int)fd, 0) == 0;
	close((int)fd);
	return done;
}

#else

static bool confine_files(const struct confine_rules *rules, const char *file, bool dirs)
{
	(void)rules;
	(void)file;
	(void)dirs;
	return false;
}

#endif

#if defined(EYAS_UNCONFINED)
/* neither */
#elif defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef NATIVE_ARCH

/* What a program that reads files and prints never calls; the first two it does to create one. */
static const uint16_t denied[] = {
	SYS_linkat,
	SYS_unlinkat,
	SYS_execve,
	SYS_execveat,
	SYS_socket,
	SYS_socketpair,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	SYS_accept,
	SYS_accept4,
	SYS_sendto,
	SYS_sendmsg,
	SYS_ptrace,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kill,
	SYS_tkill,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_unshare,
	SYS_setns,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_reboot,
	SYS_swapon,
	SYS_swapoff,
	SYS_setuid,
	SYS_setgid,
	SYS_setresuid,
	SYS_setresgid,
	SYS_setgroups,
	SYS_capset,
	SYS_memfd_create,
	SYS_userfaultfd,
	SYS_open_by_handle_at,
	SYS_io_uring_setup,
	SYS_pidfd_open,
	SYS_pidfd_getfd,
	SYS_symlinkat,
	SYS_fchmodat,
	SYS_fchownat,
};

#define N_TO_CREATE 2
#define N_DENIED    (sizeof(denied) / sizeof(denied[0]))
#define N_HEAD      4
_Static_assert(N_DENIED + 3 <= UINT8_MAX, "a jump over the filter fits in 8 bits");

static bool confine_calls(bool create)
{
	struct sock_filter code[N_HEAD + N_DENIED + 2];
	struct sock_fprog prog = { .len = N_HEAD + N_DENIED + 2, .filter = code };
	size_t n = 0;

	/* Calls of another architecture (x86-64 has three) are all denied: none of them is ours. */
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, arch));
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 0,
						 N_DENIED + 3);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	/* The x32 calls of x86-64 have this bit. */
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000,
						 N_DENIED + 1, 0);
	for (size_t i = 0; i < N_DENIED; i++) {
		bool allowed = create && i < N_TO_CREATE;

		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, denied[i],
							 allowed ? 0 : (uint8_t)(N_DENIED - i), 0);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

#else

static bool confine_calls(bool create)
{
	(void)create;
	return false;
}

#endif

static unsigned confine_all(const struct confine_rules *rules, const char *file, bool dirs)
{
	unsigned done = 0;

	if (file && strcmp(file, "-") == 0)
		file = NULL;

	/* Both need it. Nothing is lost by it in a build that does not confine itself. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 0;
	if (confine_files(rules, file, dirs))
		done |= CONFINED_FILES;
	if (confine_calls(file != NULL))
		done |= CONFINED_CALLS;
	debug(DEBUG_CLI, 1, "confined: files %s, calls %s", done & CONFINED_FILES ? "yes" : "no",
	      done & CONFINED_CALLS ? "yes" : "no");
	return done;
}

unsigned confine(const struct confine_rules *rules)
{
	return confine_all(rules, NULL, false);
}

unsigned confine_to_create(const struct confine_rules *rules, const char *file)
{
	return confine_all(rules, file, false);
}

unsigned confine_to_fill(const struct confine_rules *rules, const char *dir)
{
	return confine_all(rules, dir, true);
}
