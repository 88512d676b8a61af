#include "capture/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/exit_status.h"
#include "capture/interrupts.h"

/*
 * Back to who called. Root stays root. With file capabilities or a set-user-ID bit the caller is
 * the real user, who has none of this program's rights: the saved and effective ids go, and all
 * capabilities with them.
 */
static int drop_to_caller(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0 }, { 0 } };
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	if (uid == 0)
		return 0;
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) < 0 ? -errno : 0;
}

static void run(int wait_fd, bool output_to_stderr, char **argv) __attribute__((noreturn));

static void run(int wait_fd, bool output_to_stderr, char **argv)
{
	char c;
	ssize_t n;

	interrupts_restore();
	if (drop_to_caller() < 0) {
		perror("eyas-capture: cannot give up rights for the command");
		_exit(EXIT_FAILED);
	}
	if (output_to_stderr)
		(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	do
		n = read(wait_fd, &c, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(EXIT_FAILED); /* the recorder gave up */
	execvp(argv[0], argv);
	fprintf(stderr, "eyas-capture: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

int child_prepare(char **argv, bool output_to_stderr, struct child *ret)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		int r = -errno;

		close(fds[0]);
		close(fds[1]);
		return r;
	}
	if (pid == 0) {
		close(fds[1]);
		run(fds[0], output_to_stderr, argv);
	}
	close(fds[0]);
	*ret = (struct child){ pid, fds[1] };
	return 0;
}

void child_start(struct child *c)
{
	ssize_t n;

	do
		n = write(c->go, "g", 1);
	while (n < 0 && errno == EINTR);
	close(c->go);
	c->go = -1;
}

bool child_ended(struct child *c, int *ret_status)
{
	if (c->pid <= 0 || waitpid(c->pid, ret_status, WNOHANG) != c->pid)
		return false;
	c->pid = -1;
	return true;
}

bool child_wait(struct child *c, const volatile sig_atomic_t *interrupts, int *ret_status)
{
	const struct timespec pause = { 0, 50000000 };

	/* not in waitpid(2), which a signal that comes just before it would not end */
	while (!*interrupts) {
		if (child_ended(c, ret_status))
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

void child_cancel(struct child *c)
{
	int status;

	if (c->go < 0)
		return; /* it runs, or there is none */
	close(c->go);
	c->go = -1;
	if (c->pid > 0)
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			;
}
