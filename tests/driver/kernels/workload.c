/*
 * workload: typical calls, once each, for a trace made in a guest. What happened is said in lines
 * "NAME VALUE" on standard output; the conditions in expect.txt use those values.
 *
 * Linked statically: the guest has no libraries. With the argument "child" it only exits.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIR "/tmp/eyas-w"

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "workload: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void files(void)
{
	struct iovec iov[3] = { { "one ", 4 }, { "two ", 4 }, { "three\n", 6 } };
	struct stat st;
	int fd;

	must(mkdir(DIR, 0750) == 0, "mkdir");
	fd = open(DIR "/file", O_CREAT | O_WRONLY | O_TRUNC, 0640);
	must(fd >= 0 && fstat(fd, &st) == 0, "open");
	printf("ino %llu\n", (unsigned long long)st.st_ino);
	must(write(fd, "hello eyas\n", 11) == 11, "write");
	must(writev(fd, iov, 3) == 14, "writev");
	must(dup2(fd, 60) == 60 && close(60) == 0 && close(fd) == 0, "dup2");
	must(rename(DIR "/file", DIR "/renamed") == 0, "rename");
	must(unlink(DIR "/renamed") == 0, "unlink");
	must(open("/no/such/file", O_RDONLY) < 0, "a file that is not there");
}

/* A path in memory that is not there yet when the call begins: the driver cannot read it at enter.
 */
static void path_not_in_memory(void)
{
	int fd = open(DIR "/path", O_CREAT | O_RDWR, 0600);
	const char *path;

	must(fd >= 0 && write(fd, DIR "/paged", sizeof(DIR "/paged")) == sizeof(DIR "/paged"),
	     "write a path");
	path = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	must(path != MAP_FAILED, "mmap");
	must(mkdir(path, 0700) == 0, "mkdir of a path not in memory");
	must(rmdir(DIR "/paged") == 0 && unlink(DIR "/path") == 0 && close(fd) == 0, "rmdir");
}

static void tcp(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(4711) }, from;
	socklen_t n = sizeof(from);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0),
	    server, one = 1;
	char buf[16];

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0, "setsockopt");
	must(bind(listener, (struct sockaddr *)&to, sizeof(to)) == 0 && listen(listener, 5) == 0,
	     "listen");
	must(connect(client, (struct sockaddr *)&to, sizeof(to)) == 0, "connect");
	must(getsockname(client, (struct sockaddr *)&from, &n) == 0, "getsockname");
	printf("sport %u\n", ntohs(from.sin_port));
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	must(server >= 0, "accept4");
	must(send(client, "ping eyas", 9, 0) == 9 && recv(server, buf, sizeof(buf), 0) == 9,
	     "send");
	close(client);
	close(server);
	close(listener);
}

static void udp(void)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
				   .sin6_port = htons(4712),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int a = socket(AF_INET6, SOCK_DGRAM, 0), b = socket(AF_INET6, SOCK_DGRAM, 0);
	struct iovec iov[2] = { { "data", 4 }, { "gram", 4 } };
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = iov, .msg_iovlen = 2
	};
	char buf[16];

	must(bind(a, (struct sockaddr *)&to, sizeof(to)) == 0, "bind udp");
	must(sendmsg(b, &msg, 0) == 8 && recv(a, buf, sizeof(buf), 0) == 8, "sendmsg");
	must(sendto(b, "to", 2, 0, (struct sockaddr *)&to, sizeof(to)) == 2, "sendto");
	must(recvfrom(a, buf, sizeof(buf), 0, NULL, NULL) == 2, "recvfrom");
	close(a);
	close(b);
}

static void unix_sockets(void)
{
	struct sockaddr_un at = { AF_UNIX, DIR "/socket" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0),
	    server;
	int pair[2];

	must(bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(listener, 1) == 0,
	     "unix listen");
	must(connect(client, (struct sockaddr *)&at, sizeof(at)) == 0, "unix connect");
	server = accept(listener, NULL, NULL);
	must(server >= 0, "unix accept");
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
	close(pair[0]);
	close(pair[1]);
	close(client);
	close(server);
	close(listener);
	unlink(at.sun_path);
}

static void wait_for(pid_t pid, int want)
{
	int status;

	must(waitpid(pid, &status, 0) == pid && status == want, "waitpid");
}

static void *thread(void *arg)
{
	(void)arg;
	prctl(PR_SET_NAME, "w-thread");
	must(chdir("/") == 0, "chdir");
	return NULL;
}

static void processes(void)
{
	char *argv[] = { "renamed-workload", "child", "one two", NULL },
	     *envp[] = { "EYAS_W=1", NULL };
	pthread_t t;
	pid_t pid = fork();

	if (!pid)
		_exit(3);
	printf("forked %d\n", pid);
	wait_for(pid, 3 << 8);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		execve("/bin/workload", argv, envp);
		_exit(98);
	}
	printf("child %d\n", pid);
	wait_for(pid, 7 << 8);
	must(execve("/no/such/program", argv, envp) < 0, "execve of what is not there");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		must(setresgid(1001, 1001, 1001) == 0 && setresuid(1000, 1000, 1000) == 0,
		     "setresuid");
		_exit(open(DIR, O_RDONLY) < 0 ? 5 : 6);
	}
	printf("user %d\n", pid);
	wait_for(pid, 5 << 8);
	must(pthread_create(&t, NULL, thread, NULL) == 0 && pthread_join(t, NULL) == 0, "thread");
}

static void ignore(int sig)
{
	(void)sig;
}

static void signals(void)
{
	pid_t pid;

	signal(SIGUSR1, ignore);
	must(kill(getpid(), SIGUSR1) == 0, "kill");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		pause();
		_exit(97);
	}
	printf("killed %d\n", pid);
	must(kill(pid, SIGKILL) == 0, "kill -9");
	wait_for(pid, SIGKILL);
}

static void compat(void)
{
#if defined(__x86_64__)
	long r = 0;

	/* close(-1) of the 32-bit table; a kernel without it kills or refuses */
	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(6), "b"(-1)
			 : "memory", "r8", "r9", "r10", "r11");
	printf("compat_close %ld\n", r);
#endif
}

int main(int argc, char **argv)
{
	struct stat st;

	if (argc > 1 && strcmp(argv[1], "child") == 0)
		return 7;
	must(stat("/proc/self/exe", &st) == 0, "stat");
	printf("pid %d\npgid %d\nexe_ino %llu\n", getpid(), getpgrp(),
	       (unsigned long long)st.st_ino);
	printf("exe_mtime %lld%09ld\n", (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	printf("exe_ctime %lld%09ld\n", (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
	files();
	path_not_in_memory();
	tcp();
	udp();
	unix_sockets();
	must(chmod(DIR, 0700) == 0, "chmod");
	processes();
	signals();
	must(rmdir(DIR) == 0, "rmdir");
	compat();
	return 0;
}
