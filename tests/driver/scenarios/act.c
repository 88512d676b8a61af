/*
 * act: what a shell cannot do by itself, one act a word, for the scenarios beside this file.
 *
 * Static, so that it runs in a root with nothing in it. The scenarios give it other names (nginx,
 * sshd, dpkg...) where a rule asks who did it. Ends with 1 when the act did not succeed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int sure(long r, const char *what)
{
	if (r >= 0)
		return (int)r;
	fprintf(stderr, "act: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Runs a program and waits for it. */
static int run(char **argv)
{
	int status = 1;
	pid_t pid = sure(fork(), "fork");

	if (!pid) {
		execv(argv[0], argv);
		_exit(127);
	}
	sure(waitpid(pid, &status, 0), "wait");
	return status != 0;
}

static struct sockaddr_in address(const char *ip, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };

	a.sin_port = htons((uint16_t)atoi(port));
	if (inet_pton(AF_INET, ip, &a.sin_addr) != 1)
		sure(-1, ip);
	return a;
}

static int act_true(char **argv)
{
	(void)argv;
	return 0;
}

static int act_read(char **argv)
{
	char buf[64];
	int fd = sure(open(argv[0], O_RDONLY), argv[0]);

	sure(read(fd, buf, sizeof(buf)), argv[0]);
	return 0;
}

static int act_read_later(char **argv)
{
	sleep((unsigned)atoi(argv[0]));
	return act_read(argv + 1);
}

static int act_write(char **argv)
{
	int fd = sure(open(argv[0], O_WRONLY | O_CREAT | O_APPEND, 0644), argv[0]);

	sure(write(fd, "#\n", 2), argv[0]);
	return 0;
}

static int act_run(char **argv)
{
	return run(argv);
}

/* USER PROGRAM... */
static int act_as(char **argv)
{
	unsigned id = (unsigned)atoi(argv[0]);

	sure(setgid(id), "setgid");
	sure(setuid(id), "setuid");
	return run(argv + 1);
}

/* PROGRAM...: runs a copy of it that is in no file system. */
static int act_memfd(char **argv)
{
	static char *const empty[] = { NULL };
	int from = sure(open(argv[0], O_RDONLY | O_CLOEXEC), argv[0]);
	int to = sure(memfd_create("payload", MFD_CLOEXEC), "memfd_create");
	struct stat st;

	sure(fstat(from, &st), argv[0]);
	sure(sendfile(to, from, NULL, (size_t)st.st_size), "sendfile");
	fexecve(to, argv, empty);
	return 1;
}

static int act_attach(char **argv)
{
	pid_t pid = sure(fork(), "fork");
	int status;

	(void)argv;
	if (!pid)
		for (;;)
			pause();
	sure(ptrace(PTRACE_ATTACH, pid, NULL, NULL), "attach");
	sure(waitpid(pid, &status, 0), "wait");
	sure(ptrace(PTRACE_DETACH, pid, NULL, NULL), "detach");
	kill(pid, SIGKILL);
	sure(waitpid(pid, &status, 0), "wait");
	return 0;
}

static int act_traceme(char **argv)
{
	(void)argv;
	sure(ptrace(PTRACE_TRACEME, 0, NULL, NULL), "traceme");
	return 0;
}

/* PORT PROGRAM...: runs it while something listens there. */
static int act_listening(char **argv)
{
	struct sockaddr_in a = address("0.0.0.0", argv[0]);
	int fd = sure(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

	sure(bind(fd, (struct sockaddr *)&a, sizeof(a)), "bind");
	sure(listen(fd, 4), "listen");
	return run(argv + 1);
}

static int connected(char **argv)
{
	struct sockaddr_in a = address(argv[0], argv[1]);
	int fd = sure(socket(AF_INET, SOCK_STREAM, 0), "socket");

	sure(connect(fd, (struct sockaddr *)&a, sizeof(a)), "connect");
	return fd;
}

static int act_connect(char **argv)
{
	connected(argv);
	return 0;
}

/* ADDRESS PORT PROGRAM...: gives it to who is there. */
static int act_streams(char **argv)
{
	int fd = connected(argv);

	for (int i = 0; i < 3; i++)
		sure(dup2(fd, i), "dup2");
	execv(argv[2], argv + 2);
	return 1;
}

/* PROGRAM...: with a terminal of its own. */
static int act_terminal(char **argv)
{
	int master = sure(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), "ptmx"), slave;
	int unlock = 0;
	pid_t pid;

	sure(ioctl(master, TIOCSPTLCK, &unlock), "unlock");
	pid = sure(fork(), "fork");
	if (!pid) {
		sure(setsid(), "setsid");
		slave = sure(ioctl(master, TIOCGPTPEER, O_RDWR), "terminal");
		sure(ioctl(slave, TIOCSCTTY, 0), "controlling terminal");
		for (int i = 0; i < 3; i++)
			sure(dup2(slave, i), "dup2");
		execv(argv[0], argv);
		_exit(127);
	}
	sure(waitpid(pid, NULL, 0), "wait");
	return 0;
}

static int act_packet(char **argv)
{
	(void)argv;
	sure(socket(AF_PACKET, SOCK_RAW, 0), "socket");
	return 0;
}

/* A module that is none: the kernel refuses it. */
static int act_module(char **argv)
{
	(void)argv;
	return syscall(SYS_init_module, "no module", 9ul, "") == 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int words;
		int (*act)(char **argv);
	} acts[] = {
		{ "true", 0, act_true },
		{ "read", 1, act_read },
		{ "read-later", 2, act_read_later },
		{ "write", 1, act_write },
		{ "run", 1, act_run },
		{ "as", 2, act_as },
		{ "memfd", 1, act_memfd },
		{ "attach", 0, act_attach },
		{ "traceme", 0, act_traceme },
		{ "listening", 2, act_listening },
		{ "connect", 2, act_connect },
		{ "streams", 3, act_streams },
		{ "terminal", 1, act_terminal },
		{ "packet", 0, act_packet },
		{ "module", 0, act_module },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(argv[1], acts[i].name) == 0 && argc - 2 >= acts[i].words)
			return acts[i].act(argv + 2);
	fprintf(stderr, "act: no such act\n");
	return 2;
}
