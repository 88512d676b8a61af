/* Files by name: opening, making, linking, renaming, looking at them, extended attributes. */
#include <dirent.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <utime.h>

#include "calls.h"

static char long_path[5000];

static void opening(int dir)
{
	static const int flags[] = {
		O_RDONLY,
		O_WRONLY,
		O_RDWR,
		O_RDWR | O_APPEND,
		O_RDONLY | O_CLOEXEC,
		O_RDONLY | O_NONBLOCK,
		O_RDWR | O_SYNC,
		O_RDWR | O_DSYNC,
		O_RDONLY | O_DIRECTORY,
		O_RDONLY | O_NOFOLLOW,
		O_RDWR | O_TRUNC,
		O_PATH,
		O_RDONLY | O_NOATIME,
		O_RDONLY | O_LARGEFILE,
	};
	struct open_how how = { .flags = O_RDWR | O_CREAT,
				.mode = 0640,
				.resolve = RESOLVE_BENEATH };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		close((int)CALL(open, "f", flags[i], 0));
		close((int)CALL(openat, AT_FDCWD, "f", flags[i], 0));
		close((int)CALL(openat, dir, "g", flags[i], 0));
	}
	close((int)CALL(open, "new1", O_RDWR | O_CREAT, 0600));
	close((int)CALL(open, "new1", O_RDWR | O_CREAT | O_EXCL, 0600));
	close((int)CALL(openat, dir, "new2", O_WRONLY | O_CREAT | O_EXCL, 04755));
	close((int)CALL(openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600));
	close((int)CALL(open, "/dev/null", O_RDWR));
	CALL(open, "no/such/file", O_RDONLY);
	CALL(open, NULL, O_RDONLY);
	CALL(open, BAD_POINTER, O_RDONLY);
	CALL(open, "", O_RDONLY);
	CALL(open, "name with \"quotes\" and \t\n\x01\xff bytes", O_RDONLY);
	CALL(open, long_path, O_RDONLY);
	CALL(openat, NO_FD, "f", O_RDONLY);
	CALL(openat, NO_FD, "/nonexistent/absolute", O_RDONLY);
	CALL(openat, -1, NULL, O_RDONLY);
	close((int)CALL(creat, "new3", 0644));
	CALL(creat, "no/such", 0644);
	CALL(creat, "d", 0600);
	close((int)CALL(openat2, AT_FDCWD, "new4", &how, sizeof(how)));
	how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
	CALL(openat2, dir, "../l", &how, sizeof(how));
	how.resolve = RESOLVE_IN_ROOT | RESOLVE_CACHED;
	how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	how.mode = 0;
	close((int)CALL(openat2, dir, ".", &how, sizeof(how)));
	CALL(openat2, dir, "..", BAD_POINTER, sizeof(how));
	how.resolve = UINT64_C(1) << 40;
	CALL(openat2, dir, "..", &how, sizeof(how));
}

static void handles(void)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + 128];
	} u = { .h = { .handle_bytes = 128 } };
	int mount_id, dir = open(".", O_RDONLY);

	CALL(name_to_handle_at, AT_FDCWD, "f", &u, &mount_id, 0);
	close((int)CALL(open_by_handle_at, dir, &u, O_RDWR));
	close((int)CALL(open_by_handle_at, AT_FDCWD, &u, O_RDONLY | O_CLOEXEC));
	CALL(open_by_handle_at, NO_FD, &u, O_RDONLY);
	close(dir);
}

static void names(int dir)
{
	char buf[4096];

	CALL(mkdir, "m1", 0755);
	CALL(mkdir, "m1", 0700);
	CALL(mkdir, "no/such", 0700);
	CALL(mkdirat, dir, "m2", 0711);
	CALL(mkdirat, AT_FDCWD, "m1", 0);
	CALL(rmdir, "m1");
	CALL(rmdir, "m1");
	CALL(rmdir, "/");
	CALL(unlinkat, dir, "m2", AT_REMOVEDIR);
	CALL(unlinkat, dir, "m2", 0);
	CALL(unlinkat, AT_FDCWD, "d", 0);
	CALL(link, "f", "link1");
	CALL(link, "f", "link1");
	CALL(linkat, AT_FDCWD, "f", dir, "link2", 0);
	CALL(linkat, AT_FDCWD, "l", AT_FDCWD, "link3", AT_SYMLINK_FOLLOW);
	CALL(linkat, dir, "", dir, "link4", AT_EMPTY_PATH);
	CALL(symlink, "to nowhere", "sym1");
	CALL(symlink, "x", "sym1");
	CALL(symlinkat, "../f", dir, "sym2");
	CALL(symlinkat, "../f", NO_FD, "sym2");
	CALL(readlink, "sym1", buf, sizeof(buf));
	CALL(readlinkat, dir, "sym2", buf, sizeof(buf));
	CALL(rename, "link1", "link1b");
	CALL(rename, "none", "none2");
	CALL(renameat, AT_FDCWD, "link1b", dir, "link1c");
	CALL(renameat, NO_FD, "a", dir, "b");
	CALL(renameat2, dir, "link1c", dir, "link2", RENAME_EXCHANGE);
	CALL(renameat2, dir, "link1c", dir, "link2", RENAME_NOREPLACE);
	CALL(renameat2, dir, "no", AT_FDCWD, "no2", RENAME_WHITEOUT);
	CALL(unlink, "sym1");
	CALL(unlink, "sym1");
	CALL(unlink, "d");
	CALL(mknod, "fifo", S_IFIFO | 0644, 0);
	CALL(mknod, "fifo", S_IFIFO | 0644, 0);
	CALL(mknod, "plain", S_IFREG | 0600, 0);
	CALL(mknodat, dir, "sock", S_IFSOCK | 0600, 0);
	CALL(mknodat, NO_FD, "dev", S_IFCHR | 0600, 0x103);
	CALL(mknodat, NO_FD, "dev", S_IFBLK | 04600, 0x80312345);
}

static void looks(int dir)
{
	struct stat st;
	struct statx stx;
	struct statfs fs;
	char buf[4096];
	int fd = open("f", O_RDWR);

	CALL(stat, "f", &st);
	CALL(stat, "none", &st);
	CALL(stat, NULL, &st);
	CALL(lstat, "l", &st);
	CALL(lstat, "none", &st);
	CALL(fstat, fd, &st);
	CALL(fstat, NO_FD, &st);
	CALL(newfstatat, dir, "g", &st, 0);
	CALL(newfstatat, AT_FDCWD, "l", &st, AT_SYMLINK_NOFOLLOW);
	CALL(newfstatat, fd, "", &st, AT_EMPTY_PATH | AT_NO_AUTOMOUNT);
	CALL(newfstatat, NO_FD, "x", &st, 0);
	CALL(statx, AT_FDCWD, "f", AT_STATX_SYNC_AS_STAT, STATX_ALL, &stx);
	CALL(statfs, ".", &fs);
	CALL(fstatfs, fd, &fs);
	CALL(ustat, 1, buf);
	CALL(access, "f", R_OK | W_OK);
	CALL(access, "f", X_OK);
	CALL(access, "none", F_OK);
	CALL(faccessat, dir, "g", R_OK);
	CALL(faccessat2, dir, "g", R_OK, AT_EACCESS);
	CALL(chmod, "f", 0600);
	CALL(chmod, "f", 07777);
	CALL(chmod, "none", 0600);
	CALL(fchmod, fd, 0644);
	CALL(fchmod, NO_FD, 0644);
	CALL(fchmodat, dir, "g", 0751);
	CALL(fchmodat, dir, "none", 02751);
	CALL(chown, "f", 1, 2);
	CALL(chown, "f", -1, -1);
	CALL(chown, "none", 1, 2);
	CALL(lchown, "l", 3, 4);
	CALL(lchown, "none", -1, 0);
	CALL(fchown, fd, 0, 0);
	CALL(fchown, NO_FD, 5, -1);
	CALL(fchownat, dir, "g", 6, 7, 0);
	CALL(fchownat, AT_FDCWD, "l", 6, 7, AT_SYMLINK_NOFOLLOW);
	CALL(fchownat, fd, "", 0, 0, AT_EMPTY_PATH);
	CALL(truncate, "f", 100);
	CALL(ftruncate, fd, 50);
	CALL(fallocate, fd, 0, 0, 4096);
	CALL(utime, "f", NULL);
	CALL(utimes, "f", NULL);
	CALL(futimesat, dir, "g", NULL);
	CALL(utimensat, dir, "g", NULL, 0);
	CALL(umask, 022);
	CALL(setxattr, "f", "user.a", "value", 5, 0);
	CALL(lsetxattr, "l", "trusted.a", "value", 5, 0);
	CALL(fsetxattr, fd, "user.b", "value", 5, 0);
	CALL(getxattr, "f", "user.a", buf, sizeof(buf));
	CALL(lgetxattr, "l", "user.a", buf, sizeof(buf));
	CALL(fgetxattr, fd, "user.b", buf, sizeof(buf));
	CALL(listxattr, "f", buf, sizeof(buf));
	CALL(llistxattr, "l", buf, sizeof(buf));
	CALL(flistxattr, fd, buf, sizeof(buf));
	CALL(removexattr, "f", "user.a");
	CALL(lremovexattr, "l", "user.a");
	CALL(fremovexattr, fd, "user.b");
	close(fd);
}

static void directories(int dir)
{
	char buf[8192];
	int fd;

	CALL(getcwd, buf, sizeof(buf));
	CALL(getcwd, buf, 1);
	CALL(getdents, dir, buf, sizeof(buf));
	CALL(lseek, dir, 0, SEEK_SET);
	CALL(getdents64, dir, buf, sizeof(buf));
	CALL(getdents64, NO_FD, buf, sizeof(buf));
	CALL(chdir, "d");
	CALL(chdir, "none");
	CALL(getcwd, buf, sizeof(buf));
	CALL(chdir, "..");
	CALL(fchdir, dir);
	CALL(fchdir, NO_FD);
	CALL(chdir, "..");
	fd = (int)CALL(inotify_init);
	CALL(inotify_add_watch, fd, "d", IN_CREATE | IN_DELETE);
	CALL(inotify_rm_watch, fd, 1);
	close(fd);
	close((int)CALL(inotify_init1, IN_NONBLOCK | IN_CLOEXEC));
	CALL(inotify_init1, 0x12345);
	fd = (int)CALL(fanotify_init, 0, O_RDONLY);
	CALL(fanotify_mark, fd, 1, 1, AT_FDCWD, "d");
	close(fd);
	CALL(sync_file_range, NO_FD, 0, 0, 0);
}

int main(void)
{
	int dir;

	memset(long_path, 'a', sizeof(long_path) - 1);
	mkdir("d", 0755);
	make_file("f", "some text\n");
	make_file("d/g", "some other text\n");
	if (symlink("f", "l"))
		return 2;
	dir = open("d", O_RDONLY | O_DIRECTORY);
	opening(dir);
	handles();
	names(dir);
	looks(dir);
	directories(dir);
	return 0;
}
