/* Descriptors: reading, writing, vectors, pipes, duplicates, locks, waiting for them. */
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <signal.h>

#include "calls.h"

static char big[6000];

static void reading(void)
{
	struct iovec in[3] = { { big, 5 }, { NULL, 0 }, { big + 100, 300 } };
	struct iovec out[4] = { { "one", 3 }, { "two, ", 5 }, { big, 1000 }, { "", 0 } };
	struct iovec bad[2] = { { "one", 3 }, { BAD_POINTER, 50 } };
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7);
	CALL(write, fd, "text", 4);
	CALL(write, fd, big, sizeof(big));
	CALL(write, fd, "", 0);
	CALL(write, fd, NULL, 0);
	CALL(write, NO_FD, "lost", 4);
	CALL(write, fd, BAD_POINTER, 10);
	CALL(write, open("f", O_RDONLY), "read only", 9);
	CALL(pwrite64, fd, "at", 2, 3);
	CALL(pwrite64, fd, "far", 3, 0x100000000);
	CALL(pwrite64, fd, "neg", 3, -1);
	CALL(writev, fd, out, 4);
	CALL(writev, fd, out, 0);
	CALL(writev, fd, bad, 2);
	CALL(writev, NO_FD, out, 2);
	CALL(writev, fd, BAD_POINTER, 2);
	CALL(pwritev, fd, out, 3, 7, 0);
	CALL(pwritev, NO_FD, out, 3, 7, 0);
	CALL(pwritev2, fd, out, 2, 0, 0, 0);
	CALL(lseek, fd, 0, SEEK_SET);
	CALL(lseek, fd, -5, SEEK_CUR);
	CALL(lseek, fd, 2, SEEK_END);
	CALL(lseek, fd, 0, SEEK_DATA);
	CALL(lseek, fd, 0, SEEK_HOLE);
	CALL(lseek, NO_FD, 1, SEEK_SET);
	CALL(lseek, fd, 0, SEEK_SET);
	CALL(read, fd, big, 10);
	CALL(read, fd, big, sizeof(big));
	CALL(read, fd, big, 0);
	CALL(read, NO_FD, big, 10);
	CALL(read, fd, BAD_POINTER, 10);
	CALL(pread64, fd, big, 20, 2);
	CALL(pread64, fd, big, 20, 0x200000000);
	CALL(pread64, NO_FD, big, 20, 2);
	CALL(lseek, fd, 0, SEEK_SET);
	CALL(readv, fd, in, 3);
	CALL(readv, NO_FD, in, 3);
	CALL(readv, fd, in, -1);
	CALL(preadv, fd, in, 3, 4, 0);
	CALL(preadv, NO_FD, in, 3, 4, 0);
	CALL(preadv2, fd, in, 1, 0, 0, 0);
	CALL(readahead, fd, 0, 100);
	CALL(fadvise64, fd, 0, 100, 0);
	CALL(fsync, fd);
	CALL(fdatasync, fd);
	CALL(syncfs, NO_FD);
	close(fd);
}

static void copies(void)
{
	int in = open("f", O_RDWR), out = open("g", O_RDWR | O_CREAT, 0644), p[2];
	int64_t off = 3, off2 = 5;
	struct iovec v = { big, 100 };

	CALL(sendfile, out, in, NULL, 20);
	CALL(sendfile, out, in, &off, 20);
	CALL(sendfile, out, NO_FD, &off, 20);
	off = 1;
	CALL(copy_file_range, in, &off, out, &off2, 30, 0);
	CALL(copy_file_range, in, NULL, out, NULL, 30, 0);
	CALL(copy_file_range, NO_FD, NULL, out, NULL, 30, 0);
	CALL(pipe, p);
	CALL(splice, in, NULL, p[1], NULL, 40, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	CALL(splice, NO_FD, NULL, p[1], NULL, 40, SPLICE_F_MORE);
	CALL(tee, p[0], NO_FD, 10, 0);
	CALL(vmsplice, p[1], &v, 1, SPLICE_F_NONBLOCK);
	CALL(read, p[0], big, 40);
	CALL(close, p[0]);
	signal(SIGPIPE, SIG_IGN);
	CALL(write, p[1], "nobody reads", 12);
	CALL(close, p[1]);
	CALL(close, p[1]);
	CALL(pipe, BAD_POINTER);
	CALL(pipe2, p, O_CLOEXEC | O_NONBLOCK);
	CALL(read, p[0], big, 40);
	CALL(close, p[0]);
	CALL(close, p[1]);
	CALL(pipe2, p, O_DIRECT);
	CALL(pipe2, p, 1 << 30);
	CALL(close, in);
	CALL(close, out);
}

static void duplicates(void)
{
	int fd = open("f", O_RDWR);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	struct f_owner_ex owner = { 0 };
	int n;

	CALL(dup, fd);
	CALL(dup, NO_FD);
	CALL(dup2, fd, 100);
	CALL(dup2, fd, fd);
	CALL(dup2, NO_FD, 100);
	CALL(dup3, fd, 101, O_CLOEXEC);
	CALL(dup3, fd, fd, 0);
	CALL(fcntl, fd, F_DUPFD, 110);
	CALL(fcntl, fd, F_DUPFD_CLOEXEC, 110);
	CALL(fcntl, fd, F_GETFD);
	CALL(fcntl, fd, F_SETFD, FD_CLOEXEC);
	CALL(fcntl, fd, F_GETFL);
	CALL(fcntl, fd, F_SETFL, O_APPEND | O_NONBLOCK);
	CALL(fcntl, fd, F_GETLK, &lock);
	CALL(fcntl, fd, F_SETLK, &lock);
	CALL(fcntl, fd, F_SETLKW, &lock);
	CALL(fcntl, fd, F_OFD_SETLK, &lock);
	CALL(fcntl, fd, F_SETOWN, getpid());
	CALL(fcntl, fd, F_GETOWN);
	CALL(fcntl, fd, F_SETOWN_EX, &owner);
	CALL(fcntl, fd, F_GETOWN_EX, &owner);
	CALL(fcntl, fd, F_SETSIG, SIGUSR1);
	CALL(fcntl, fd, F_GETSIG);
	CALL(fcntl, fd, F_SETLEASE, F_RDLCK);
	CALL(fcntl, fd, F_GETLEASE);
	CALL(fcntl, fd, F_GETPIPE_SZ);
	CALL(fcntl, NO_FD, F_GETFD);
	CALL(flock, fd, LOCK_SH);
	CALL(flock, fd, LOCK_EX | LOCK_NB);
	CALL(flock, fd, LOCK_UN);
	CALL(flock, NO_FD, LOCK_EX);
	CALL(ioctl, fd, FIONREAD, &n);
	CALL(ioctl, fd, 0x5401, big);
	CALL(ioctl, NO_FD, 0x80045430, big);
	CALL(close_range, 110, 120, 0);
	CALL(close_range, 100, 105, 4 /* CLOSE_RANGE_CLOEXEC */);
	CALL(close_range, 5, 4, 0);
	CALL(close, fd);
	CALL(close, -1);
}

static void waiting(void)
{
	int e = (int)CALL(eventfd, 3), e2 = (int)CALL(eventfd2, 7, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd fds[3] = { { e, POLLIN | POLLPRI, 0 },
				 { e2, POLLOUT, 0 },
				 { NO_FD, POLLIN, 0 } };
	struct epoll_event ev = { EPOLLIN, { .fd = e } }, got[4];
	struct timespec ts = { 0, 1000000 };
	struct timeval tv = { 0, 1000 };
	struct itimerspec it = { { 0, 0 }, { 0, 1000 } };
	uint64_t mask = 1 << (SIGUSR1 - 1), count = 1;
	fd_set set;
	int fd;

	CALL(eventfd2, 0, 0x123);
	CALL(write, e, &count, 8);
	CALL(poll, fds, 3, 10);
	CALL(poll, fds, 0, 1);
	CALL(poll, BAD_POINTER, 1, 1);
	CALL(ppoll, fds, 2, &ts, &mask, 8);
	CALL(ppoll, fds, 2, NULL, NULL, 0);
	CALL(ppoll, NULL, 0, &ts, NULL, 0);
	CALL(ppoll, fds, 1, BAD_POINTER, NULL, 0);
	FD_ZERO(&set);
	FD_SET(e, &set);
	CALL(select, e + 1, &set, NULL, NULL, &tv);
	CALL(select, 0, NULL, NULL, NULL, &tv);
	CALL(select, -1, NULL, NULL, NULL, &tv);
	CALL(pselect6, e + 1, &set, NULL, NULL, &ts, NULL);
	fd = (int)CALL(epoll_create, 10);
	CALL(epoll_create, -1);
	CALL(epoll_ctl, fd, EPOLL_CTL_ADD, e, &ev);
	CALL(epoll_wait, fd, got, 4, 10);
	CALL(epoll_wait, NO_FD, got, 4, 10);
	CALL(epoll_pwait, fd, got, 4, 1, NULL, 8);
	CALL(epoll_pwait2, fd, got, 4, &ts, NULL, 8);
	close((int)CALL(epoll_create1, EPOLL_CLOEXEC));
	CALL(epoll_create1, 0x77);
	CALL(signalfd, -1, &mask, 8);
	CALL(signalfd4, -1, &mask, 8, SFD_NONBLOCK | SFD_CLOEXEC);
	CALL(signalfd4, e, &mask, 8, 0);
	CALL(signalfd, NO_FD, &mask, 8);
	fd = (int)CALL(timerfd_create, CLOCK_MONOTONIC, TFD_NONBLOCK);
	CALL(timerfd_create, 99, 0);
	CALL(timerfd_settime, fd, 0, &it, NULL);
	CALL(timerfd_gettime, fd, &it);
	CALL(userfaultfd, O_CLOEXEC | O_NONBLOCK);
	CALL(userfaultfd, 1 << 30);
	fd = (int)CALL(memfd_create, "in memory", 1 /* MFD_CLOEXEC */);
	CALL(memfd_create, "sealed", 2 /* MFD_ALLOW_SEALING */);
	CALL(memfd_create, "wrong", 0x7000);
	CALL(memfd_create, BAD_POINTER, 0);
	CALL(ftruncate, fd, 4096);
	CALL(memfd_secret, 0);
}

int main(void)
{
	close(0);
	open("/dev/null", O_RDWR);
	reading();
	copies();
	duplicates();
	waiting();
	return 0;
}
