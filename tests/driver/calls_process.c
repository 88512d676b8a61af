/* Processes: making them, programs, waiting, signals, limits, prctl, pidfds, seccomp. */
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>

#include "calls.h"

static const char *self;

static void handled(int sig)
{
	(void)sig;
}

static void wait_for(long pid)
{
	int status;

	CALL(wait4, pid, &status, 0, NULL);
}

static void making(void)
{
	struct clone_args args = { .flags = CLONE_FS | CLONE_FILES, .exit_signal = SIGCHLD };
	long pid;

	pid = CALL(fork);
	if (!pid)
		_exit(3);
	wait_for(pid);
	pid = CALL(clone, SIGCHLD | CLONE_FS, 0, 0, 0, 0);
	if (!pid)
		_exit(4);
	wait_for(pid);
	pid = CALL(clone3, &args, sizeof(args));
	if (!pid)
		_exit(5);
	wait_for(pid);
	args.flags = CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID;
	pid = CALL(clone3, &args, sizeof(args));
	if (!pid) {
		CALL(getpid);
		_exit(6);
	}
	wait_for(pid);
	CALL(clone, CLONE_THREAD, 0, 0, 0, 0);
	CALL(clone3, &args, 1);
	CALL(clone3, BAD_POINTER, sizeof(args));
	pid = vfork();
	if (!pid)
		_exit(7);
	wait_for(pid);
	CALL(wait4, -1, NULL, 0, NULL);
	CALL(waitid, P_ALL, 0, NULL, WEXITED, NULL);
}

static void programs(void)
{
	char *argv[] = { "called by", "child", "", "last argument", NULL },
	     *envp[] = { "A=1", "EMPTY=", NULL };
	char *none[] = { NULL };
	long pid;
	int fd;

	CALL(execve, "/no/such/program", argv, envp);
	CALL(execve, "d", argv, NULL);
	CALL(execve, BAD_POINTER, argv, envp);
	CALL(execve, "/no/such/program", NULL, NULL);
	CALL(execveat, AT_FDCWD, "/no/such/program", argv, envp, 0);
	CALL(execveat, NO_FD, "relative", argv, none, AT_SYMLINK_NOFOLLOW);
	pid = fork();
	if (!pid) {
		CALL(execve, self, argv, envp);
		_exit(1);
	}
	wait_for(pid);
	fd = open(self, O_RDONLY);
	pid = fork();
	if (!pid) {
		CALL(execveat, fd, "", argv, envp, AT_EMPTY_PATH);
		_exit(1);
	}
	wait_for(pid);
	pid = fork();
	if (!pid) {
		CALL(execveat, AT_FDCWD, self, argv, envp, 0);
		_exit(1);
	}
	wait_for(pid);
	/* a script, whose interpreter is the program that runs */
	make_file("script", "#!/bin/true some argument\n");
	chmod("script", 0755);
	pid = fork();
	if (!pid) {
		CALL(execve, "./script", argv, envp);
		_exit(1);
	}
	wait_for(pid);
}

static void signals(void)
{
	struct sigaction sa = { .sa_handler = handled, .sa_flags = SA_RESTART };
	struct timespec ts = { 0, 1000000 }, later = { 0, 200000000 };
	siginfo_t info = { 0 };
	uint64_t set = 1 << (SIGUSR2 - 1);
	long pid, fd;

	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGALRM, &sa, NULL);
	CALL(kill, getpid(), SIGUSR1);
	CALL(kill, getpid(), 0);
	CALL(kill, 0x7ffffff0, SIGTERM);
	CALL(kill, getpid(), 99);
	CALL(tkill, getpid(), SIGUSR1);
	CALL(tkill, -1, SIGUSR1);
	CALL(tgkill, getpid(), getpid(), SIGUSR1);
	CALL(tgkill, getpid(), 1, SIGUSR1);
	CALL(rt_sigprocmask, SIG_BLOCK, &set, NULL, 8);
	CALL(tgkill, getpid(), getpid(), SIGUSR2);
	CALL(rt_sigpending, &set, 8);
	CALL(rt_sigtimedwait, &set, &info, &ts, 8);
	info.si_code = SI_QUEUE;
	CALL(rt_sigqueueinfo, getpid(), SIGUSR1, &info);
	CALL(rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &info);
	CALL(alarm, 100);
	CALL(alarm, 0);
	CALL(sigaltstack, NULL, NULL);
	pid = fork();
	if (!pid) {
		CALL(pause);
		_exit(0);
	}
	/* time enough for the child to wait */
	CALL(nanosleep, &later, NULL);
	fd = CALL(pidfd_open, pid, 0);
	CALL(pidfd_getfd, fd, 1, 0);
	CALL(pidfd_getfd, fd, NO_FD, 0);
	CALL(pidfd_send_signal, fd, SIGTERM, NULL, 0);
	wait_for(pid);
	CALL(pidfd_open, 0x7ffffff0, 0);
	CALL(pidfd_open, getpid(), O_NONBLOCK);
	CALL(pidfd_open, getpid(), 0x77);
	CALL(pidfd_getfd, NO_FD, 1, 0);
	pid = fork();
	if (!pid) {
		CALL(kill, getpid(), SIGKILL);
		_exit(0);
	}
	wait_for(pid);
	pid = fork();
	if (!pid) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		*(volatile int *)16 = 1;
		_exit(0);
	}
	wait_for(pid);
	CALL(signalfd4, -1, &set, 8, 0);
}

static void limits(void)
{
	struct rlimit r = { 100, 200 }, core = { 0, RLIM_INFINITY }, wrong = { 2000, 100 }, old;
	struct rusage u;
	struct tms t;

	CALL(getrlimit, RLIMIT_NOFILE, &r);
	CALL(getrlimit, 99, &r);
	CALL(setrlimit, RLIMIT_CORE, &core);
	CALL(setrlimit, RLIMIT_NOFILE, &wrong);
	CALL(setrlimit, 77, &r);
	CALL(setrlimit, RLIMIT_CORE, BAD_POINTER);
	CALL(prlimit64, 0, RLIMIT_CPU, NULL, &old);
	CALL(prlimit64, getpid(), RLIMIT_NOFILE, &r, &old);
	CALL(prlimit64, 0x7ffffff0, RLIMIT_AS, NULL, &old);
	CALL(prlimit64, 0, 55, &r, &old);
	CALL(getrusage, RUSAGE_SELF, &u);
	CALL(times, &t);
	CALL(getpriority, 0, 0);
	CALL(setpriority, 0, 0, 1);
	CALL(sysinfo, calloc(1, 512));
}

static void prctls(void)
{
	char name[16];
	int v;

	CALL(prctl, PR_SET_NAME, "renamed");
	CALL(prctl, PR_SET_NAME, "a name longer than fits");
	CALL(prctl, PR_GET_NAME, name);
	CALL(prctl, PR_SET_NAME, BAD_POINTER);
	CALL(prctl, PR_SET_CHILD_SUBREAPER, 1);
	CALL(prctl, PR_GET_CHILD_SUBREAPER, &v);
	CALL(prctl, PR_SET_DUMPABLE, 1);
	CALL(prctl, PR_GET_DUMPABLE);
	CALL(prctl, PR_SET_PDEATHSIG, SIGTERM);
	CALL(prctl, PR_CAPBSET_READ, 5);
	CALL(prctl, PR_SET_NO_NEW_PRIVS, 1);
	CALL(prctl, 12345, 1);
	CALL(arch_prctl, 0x1003, name);
}

static void filtered(void)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog prog = { 1, code };
	unsigned action = SECCOMP_RET_KILL_PROCESS;
	long pid;

	CALL(seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
	CALL(seccomp, 99, 0, NULL);
	CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0x7777, &prog);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
		_exit(0);
	}
	wait_for(pid);
	pid = fork();
	if (!pid) {
		CALL(seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL);
		CALL(getpid);
	}
	wait_for(pid);
}

static void groups_of_processes(void)
{
	long pid = fork();

	if (!pid) {
		CALL(setpgid, 0, 0);
		CALL(setpgid, 0x7ffffff0, 0);
		CALL(getpgid, 0);
		CALL(getpgrp);
		CALL(setsid);
		CALL(getsid, 0);
		_exit(0);
	}
	wait_for(pid);
	pid = fork();
	if (!pid) {
		CALL(setsid);
		CALL(setsid);
		CALL(vhangup);
		CALL(exit, 9);
	}
	wait_for(pid);
	CALL(getpid);
	CALL(getppid);
	CALL(gettid);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1)
		return 0;
	mkdir("d", 0755);
	making();
	programs();
	signals();
	limits();
	prctls();
	filtered();
	groups_of_processes();
	return 0;
}
