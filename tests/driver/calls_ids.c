/* Identities: users, groups, capabilities, namespaces, mounts, keys, in a child's own namespaces.
 */
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "calls.h"

static void mounts(void)
{
	int fs, mnt, tree;

	mkdir("m", 0755);
	CALL(mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	CALL(mount, "nothing", "m", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k");
	CALL(mount, "nothing", "m", NULL, MS_REMOUNT | MS_RDONLY, NULL);
	CALL(mount, "m", "m", NULL, MS_BIND, NULL);
	CALL(mount, "nothing", "no/such", "tmpfs", 0, NULL);
	CALL(mount, "nothing", "m", "no such type", 0xc0ed0000 | MS_RDONLY, NULL);
	CALL(umount2, "m", 0);
	CALL(umount2, "m", 2 /* MNT_DETACH */);
	CALL(umount2, "m", 1 | 8 /* MNT_FORCE | UMOUNT_NOFOLLOW */);
	CALL(umount2, NULL, 0);
	fs = (int)CALL(fsopen, "tmpfs", 1);
	CALL(fsconfig, fs, 1 /* FSCONFIG_SET_STRING */, "source", "from nowhere", 0);
	CALL(fsconfig, fs, 0 /* FSCONFIG_SET_FLAG */, "ro", NULL, 0);
	CALL(fsconfig, fs, 2 /* FSCONFIG_SET_BINARY */, "size", "\1\2\3", 3);
	CALL(fsconfig, fs, 3 /* FSCONFIG_SET_PATH */, "p", "/tmp", AT_FDCWD);
	CALL(fsconfig, fs, 5 /* FSCONFIG_SET_FD */, "fd", NULL, 1);
	CALL(fsconfig, NO_FD, 1, "source", "x", 0);
	CALL(fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0);
	mnt = (int)CALL(fsmount, fs, 1, 0);
	CALL(move_mount, mnt, "", AT_FDCWD, "m", 4);
	tree = (int)CALL(open_tree, AT_FDCWD, "m", 1);
	CALL(mount_setattr, tree, "", AT_EMPTY_PATH, NULL, 0);
	CALL(fspick, AT_FDCWD, "m", 0);
	CALL(umount2, "m", 2);
	CALL(pivot_root, "m", "m");
	CALL(chroot, "no/such");
	CALL(chroot, "m");
	CALL(quotactl, 0x80000500 /* Q_GETINFO, user */, "/dev/none", 0, NULL);
	CALL(quotactl, 0x80000201 /* Q_QUOTAON, group */, "/dev/none", 2, "quota.file");
	CALL(quotactl_fd, NO_FD, 0x80000500, 0, NULL);
}

static void users(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	uint32_t a, b, c;
	gid_t groups[4] = { 7, 8 };

	CALL(getuid);
	CALL(geteuid);
	CALL(getgid);
	CALL(getegid);
	CALL(getresuid, &a, &b, &c);
	CALL(getresgid, &a, &b, &c);
	CALL(getresuid, BAD_POINTER, &b, &c);
	CALL(getresgid, BAD_POINTER, &b, &c);
	CALL(getgroups, 4, groups);
	CALL(setgroups, 2, groups);
	CALL(capget, &head, data);
	CALL(capset, &head, data);
	data[0].effective &= ~(1u << CAP_SYS_TIME);
	CALL(capset, &head, data);
	CALL(capset, &head, NULL);
	CALL(setfsuid, 0);
	CALL(setfsgid, 0);
	CALL(setregid, -1, 12);
	CALL(setresgid, 11, 12, 13);
	CALL(setgid, 20);
	CALL(setreuid, -1, 0);
	CALL(setresuid, -1, 0, 22);
	CALL(setresuid, 0, 22, 0);
	CALL(setuid, 0);
	CALL(setuid, 33);
	CALL(setuid, 0);
	CALL(setgid, 0);
	CALL(setreuid, 5, 6);
	CALL(setregid, 5, 6);
	CALL(setresuid, 5, 6, 7);
	CALL(setresgid, 5, 6, 7);
	CALL(geteuid);
	CALL(unlink, "/");
}

static void spaces(void)
{
	int fd;

	CALL(unshare, CLONE_NEWUTS);
	CALL(unshare, CLONE_NEWIPC | CLONE_NEWNET);
	CALL(unshare, 0x40000);
	CALL(unshare, CLONE_NEWCGROUP);
	CALL(sethostname, "witness", 7);
	CALL(setdomainname, "local", 5);
	CALL(uname, calloc(1, 512));
	fd = open("/proc/self/ns/uts", O_RDONLY);
	CALL(setns, fd, CLONE_NEWUTS);
	CALL(setns, fd, CLONE_NEWNET);
	CALL(setns, fd, 0);
	CALL(setns, NO_FD, CLONE_NEWIPC);
	close(fd);
	CALL(personality, 0xffffffff);
}

static void keys(void)
{
	long ring = CALL(keyctl, KEYCTL_JOIN_SESSION_KEYRING, "of the witness", 0, 0, 0), key;

	key = CALL(add_key, "user", "name", "payload", 7, ring);
	CALL(request_key, "user", "name", NULL, 0);
	CALL(keyctl, KEYCTL_DESCRIBE, key, NULL, 0, 0);
	CALL(keyctl, KEYCTL_SEARCH, ring, "user", "name", 0);
	CALL(keyctl, KEYCTL_SEARCH, ring, "user", "no such", 0);
	CALL(keyctl, KEYCTL_SET_TIMEOUT, key, 100, 0, 0);
	CALL(keyctl, KEYCTL_REVOKE, key, 0, 0, 0);
	CALL(keyctl, 999, 1, 2, 3, 4);
}

int main(void)
{
	long pid;

	if (unshare(CLONE_NEWNS))
		return 2;
	keys();
	spaces();
	pid = fork();
	if (!pid) {
		mounts();
		_exit(0);
	}
	CALL(wait4, pid, NULL, 0, NULL);
	pid = fork();
	if (!pid) {
		users();
		_exit(0);
	}
	CALL(wait4, pid, NULL, 0, NULL);
	return 0;
}
