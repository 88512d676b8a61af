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

#define MAX_ANCESTORS 64

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

/* The parent of a process; 0 when it has none or is gone. */
static long parent_of(long pid)
{
	char path[64], stat[512];
	const char *end;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	n = fread(stat, 1, sizeof(stat) - 1, f);
	fclose(f);
	stat[n] = '\0';
	/* pid (comm) state ppid: comm may hold anything, also parentheses */
	end = strrchr(stat, ')');
	return end && strlen(end) > 4 ? strtol(end + 4, NULL, 10) : 0;
}

/* Whether it is one of those who started us. */
static bool is_ancestor(uint32_t pid)
{
	long at = getppid();

	for (int depth = 0; at > 0 && depth < MAX_ANCESTORS; depth++) {
		if (at == (long)pid)
			return true;
		at = parent_of(at);
	}
	return false;
}

/* A reader, and whether it is surely the one that will read: it is the only one, and not a shell
 * that has the pipe open because it has not yet started the reader. */
static uint32_t search(ino_t ino, bool *ret_sure)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	uint32_t pid = 0;
	bool several = false;

	while (proc && (e = readdir(proc))) {
		if (!isdigit((unsigned char)e->d_name[0]) || atol(e->d_name) == (long)getpid() ||
		    !reads(e->d_name, ino))
			continue;
		several = pid;
		pid = (uint32_t)atol(e->d_name);
	}
	if (proc)
		closedir(proc);
	*ret_sure = pid && !several && !is_ancestor(pid);
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
		bool sure;

		pid = search(st.st_ino, &sure);
		if (sure)
			break;
		nanosleep(&pause, NULL);
	}
	return pid;
}
