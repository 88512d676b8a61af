/*
 * calls: what the programs of tests/driver share.
 *
 * Each program makes many system calls, in variants that succeed and that fail, straight through
 * syscall(2), in the directory it is started in, which is a temporary one. It checks nothing: what
 * the calls did is compared by witness.py, as strace and as eyas-capture saw it. Whatever could be
 * felt outside the program is done in namespaces of its own, or with arguments the kernel refuses.
 */
#ifndef EYAS_CALLS_H
#define EYAS_CALLS_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* CALL(openat, AT_FDCWD, "f", O_RDONLY): all six arguments are given, those left out as 0. */
#define CALL(name, ...) CALL_NR(SYS_##name, ##__VA_ARGS__)
#define CALL_NR(...)    CALL_SIX(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define CALL_SIX(nr, a, b, c, d, e, f, ...) \
	syscall((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* An address that can never be read. */
#define BAD_POINTER ((void *)8)
#define NO_FD       999

/* A file with this content. */
static inline void make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		exit(2);
	close(fd);
}

#endif
