#include "capture/peer.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The process has a descriptor of this pipe open for reading. */
static bool reads(const char *pid, ino_t ino)
{
	char path[64], link[64], want[64];
	struct dirent *e;
	bool found = false;
	ssize_t n;
	DIR *d;

	snprintf(want, sizeof(want), "pipe:[%llu]", (unsigned long long)ino);
	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	d = opendir(path);
	if (!d)
		return false;
	while (!found && (e = readdir(d))) {
		struct stat st;

		n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		/* the link's own mode tells how the descriptor was opened */
		found = strcmp(link, want) == 0 &&
			fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			st.st_mode & S_IRUSR;
	}
	closedir(d);
	return found;
}

/* The one reader; of several the last, and *ret_several: a shell has the pipe open, too, until it
 * has started all. */
static uint32_t search(ino_t ino, bool *ret_several)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	uint32_t pid = 0;

	*ret_several = false;
	while (proc && (e = readdir(proc))) {
		if (!isdigit((unsigned char)e->d_name[0]) || atol(e->d_name) == (long)getpid() ||
		    !reads(e->d_name, ino))
			continue;
		*ret_several = pid;
		pid = (uint32_t)atol(e->d_name);
	}
	if (proc)
		closedir(proc);
	return pid;
}

uint32_t peer_of(int fd)
{
	const struct timespec pause = { 0, 20000000 };
	struct ucred maker;
	socklen_t n = sizeof(maker);
	uint32_t pid = 0;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return 0;
	if (S_ISSOCK(st.st_mode))
		return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &maker, &n) < 0 || maker.pid <= 0
			       ? 0
			       : (uint32_t)maker.pid;
	if (!S_ISFIFO(st.st_mode))
		return 0;
	for (int i = 0; i < 50; i++) {
		bool several;

		pid = search(st.st_ino, &several);
		if (pid && !several)
			break;
		nanosleep(&pause, NULL);
	}
	return pid;
}
