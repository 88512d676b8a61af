/* Sizes and places at the edge: the longest paths, lists that are cut, memory that is not there yet
 * or only in part. */
#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "calls.h"

enum { PAGE = 4096 };

static const char *self;
static char text[80000];

static void wait_for(long pid)
{
	CALL(wait4, pid, NULL, 0, NULL);
}

/* A page of a file that no one has touched yet, with `s` at its end: it must be read in when it is
 * used. */
static char *untouched(const char *s, size_t n)
{
	char page[PAGE] = "";
	int fd = open("page", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *p;

	memcpy(page + PAGE - n, s, n);
	if (write(fd, page, PAGE) != PAGE)
		exit(2);
	p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		exit(2);
	munmap(p + PAGE, PAGE);
	return p + PAGE - n;
}

static void paths(void)
{
	char path[PATH_MAX + 10];

	memset(path, '/', sizeof(path));
	path[PATH_MAX - 2] = 'f';
	path[PATH_MAX - 1] = 0;
	CALL(open, path, O_RDONLY);
	CALL(stat, path, NULL);
	path[PATH_MAX - 1] = 'f';
	path[PATH_MAX] = 0;
	CALL(open, path, O_RDONLY);
	memset(path, 'n', 255);
	path[255] = 0;
	close((int)CALL(open, path, O_RDWR | O_CREAT, 0600));
	CALL(rename, path, "renamed");
	path[255] = 'n';
	path[256] = 0;
	CALL(mkdir, path, 0700);
	CALL(open, untouched("not there yet", 14), O_RDONLY);
	CALL(unlink, untouched("not there either", 17));
	CALL(symlinkat, untouched("target", 7), AT_FDCWD, "from-a-page");
	CALL(renameat2, AT_FDCWD, "renamed", AT_FDCWD, untouched("renamed again", 14), 0);
	/* without a NUL before the end of memory */
	CALL(open, untouched("cut off", 7), O_RDONLY);
	CALL(access, untouched("x", 1), R_OK);
}

static void buffers(void)
{
	struct iovec v[100];
	int fd = open("f", O_RDWR | O_CREAT, 0600);
	char *end = untouched("the last bytes of a page", 24);

	CALL(write, fd, end, 24);
	CALL(write, fd, end, 100);
	CALL(pwrite64, fd, text, 20000, 0);
	CALL(pread64, fd, text, 20000, 0);
	CALL(read, fd, text, 0x7fffffff);
	CALL(pread64, fd, text, 10, 0x7fffffffffffffff);
	CALL(pread64, fd, end, 100, 0);
	CALL(write, fd, text, 199);
	CALL(write, fd, text, 200);
	CALL(write, fd, text, 201);
	for (size_t i = 0; i < 100; i++)
		v[i] = (struct iovec){ text + i * 10, i % 7 };
	CALL(writev, fd, v, 30);
	CALL(pwritev, fd, v, 31, 0, 0);
	CALL(preadv, fd, v, 32, 0, 0);
	v[0] = (struct iovec){ end, 24 };
	v[1] = (struct iovec){ end, 100 };
	CALL(writev, fd, v, 2);
	v[0] = (struct iovec){ text, 150 };
	v[1] = (struct iovec){ text + 150, 150 };
	CALL(writev, fd, v, 2);
	CALL(preadv, fd, v, 2, 0, 0);
	close(fd);
}

static void descriptors(void)
{
	struct pollfd fds[300];

	for (int i = 0; i < 300; i++)
		fds[i] = (struct pollfd){ i % 3 ? i : 1, POLLIN | POLLOUT, 0 };
	CALL(poll, fds, 100, 0);
	CALL(poll, fds, 300, 0);
	CALL(read, 0x7fffffff, text, 1);
	CALL(read, -100, text, 1);
	CALL(close, 0x7fffffff);
	CALL(dup2, 1, 0x7fffffff);
	CALL(lseek, 1, -1, 99);
	CALL(ioctl, -1, 0xffffffff, -1);
	CALL(fcntl, 1, 0x7777, -1);
	CALL(mmap, -1, -1, -1, -1, -1, -1);
	CALL(kill, 0x7fffffff, 64);
	CALL(futex, 3, -1, -1, NULL, NULL, 0);
}

static void addresses(void)
{
	struct sockaddr_un full = { .sun_family = AF_UNIX }, hidden = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(1) };
	struct iovec v = { text, 300 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	int s = (int)CALL(socket, AF_UNIX, SOCK_DGRAM, 0),
	    t = (int)CALL(socket, AF_INET, SOCK_DGRAM, 0), p[2];

	memset(full.sun_path, 's', sizeof(full.sun_path));
	CALL(bind, s, &full, sizeof(full));
	memcpy(hidden.sun_path, "\0with\0nul", 9);
	close((int)CALL(socket, AF_UNIX, SOCK_STREAM, 0));
	CALL(connect, s, &hidden, 2 + 9);
	CALL(connect, s, &full, 2);
	CALL(connect, s, &full, 1);
	CALL(connect, s, NULL, 0);
	CALL(bind, t, &in, 4);
	CALL(bind, t, &in, 200);
	CALL(connect, t, &in, 8);
	CALL(sendto, t, text, 300, 0, &in, 5);
	CALL(sendto, t, text, 70000, 0, &in, sizeof(in));
	CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, p);
	CALL(sendmsg, p[0], &m, 0);
	CALL(recvmsg, p[1], &m, 0);
	CALL(sendto, p[0], text, 2000, 0, NULL, 0);
	CALL(recvfrom, p[1], text, 1000, MSG_PEEK, NULL, NULL);
	CALL(recvfrom, p[1], text, sizeof(text), 0, NULL, NULL);
}

static void programs(void)
{
	static char *many[400], *large[4], empty[] = "", child[] = "child", envv[] = "E=1";
	char *none[] = { NULL }, *argv0[] = { empty, child, NULL }, *envp[] = { envv, NULL };
	static char words[400][8], word[6000];
	posix_spawnattr_t attr;
	pid_t pid;

	for (int i = 0; i < 399; i++) {
		snprintf(words[i], sizeof(words[i]), "a%d", i);
		many[i] = words[i];
	}
	memset(word, 'w', sizeof(word) - 1);
	large[0] = child;
	large[1] = word;
	large[2] = child;
	CALL(execve, "no/such", many, many);
	CALL(execve, "no/such", large, large);
	CALL(execve, "no/such", none, none);
	CALL(execve, untouched("no/page", 8), argv0, envp);
	for (int i = 0; i < 4; i++) {
		pid = fork();
		if (!pid) {
			CALL(execve, self,
			     i == 0   ? many
			     : i == 1 ? large
			     : i == 2 ? argv0
				      : none,
			     i < 2 ? many : envp);
			_exit(1);
		}
		wait_for(pid);
	}
	posix_spawnattr_init(&attr);
	if (!posix_spawn(&pid, self, NULL, &attr, argv0, envp))
		wait_for(pid);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc != 1 || !argv[0][0])
		return 0;
	close(0);
	open("/dev/null", O_RDWR);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	paths();
	buffers();
	descriptors();
	addresses();
	programs();
	return 0;
}
