#include "capture/snapshot_proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/hashmap.h"
#include "capture/kernel_flags.h"
#include "capture/proc_file.h"
#include "capture/snapshot_cgroups.h"
#include "capture/snapshot_host.h"
#include "capture/snapshot_mounts.h"
#include "capture/snapshot_select.h"
#include "capture/snapshot_sockets.h"

#define MAX_TEXT  1023 /* of a path or a name: what readers of .scap take */
#define MAX_LIST  4095 /* of arguments, environment, cgroups */
#define MAX_SMALL (1u << 20)

struct taking {
	const struct snapshot_proc_options *opt;
	struct snapshot *snap;
	struct socket_tables *sockets;
	struct mount_tables *mounts;
	struct cgroup_tables *cgroups;
	bool ancestor; /* of a recorded process: its mounts are nobody's business here */
	struct strbuf text, link, list;
	uint64_t refused; /* files of other users */
};

static struct str keep(struct taking *t, struct str s, size_t max)
{
	if (s.n > max)
		s.n = max;
	return arena_str(&t->snap->arena, s);
}

static int count_refused(struct taking *t, int r)
{
	if (r == -EACCES || r == -EPERM)
		t->refused++;
	return r;
}

static struct str link_of(struct taking *t, int dir, const char *name)
{
	if (count_refused(t, proc_link(dir, name, &t->link)) < 0)
		return (struct str){ "", 0 };
	return keep(t, strbuf_str(&t->link), MAX_TEXT);
}

/* Word n of a line of status, the last one for n = UINT_MAX: ids in namespaces, outermost first. */
static int64_t innermost(struct str line, int64_t or_else)
{
	int64_t v = or_else;

	for (unsigned i = 0; proc_word(line, i).n; i++)
		v = (int64_t)proc_number(line, i, 10);
	return v;
}

static uint64_t status_number(struct str status, const char *key, unsigned word, unsigned base)
{
	struct str line;

	return proc_line(status, key, &line) ? proc_number(line, word, base) : 0;
}

static void take_status(struct taking *t, struct str status, struct snap_thread *th)
{
	struct str line;

	if (proc_line(status, "Name", &line))
		th->comm = keep(t, line, 15);
	th->tid = status_number(status, "Pid", 0, 10);
	th->pid = status_number(status, "Tgid", 0, 10);
	th->ptid = status_number(status, "PPid", 0, 10);
	th->uid = (uint32_t)status_number(status, "Uid", 1, 10);
	th->gid = (uint32_t)status_number(status, "Gid", 1, 10);
	th->vmsize_kb = (uint32_t)status_number(status, "VmSize", 0, 10);
	th->vmrss_kb = (uint32_t)status_number(status, "VmRSS", 0, 10);
	th->vmswap_kb = (uint32_t)status_number(status, "VmSwap", 0, 10);
	th->cap_inheritable = status_number(status, "CapInh", 0, 16);
	th->cap_permitted = status_number(status, "CapPrm", 0, 16);
	th->cap_effective = status_number(status, "CapEff", 0, 16);
	th->vtid = proc_line(status, "NSpid", &line) ? innermost(line, -1) : (int64_t)th->tid;
	th->vpid = proc_line(status, "NStgid", &line) ? innermost(line, -1) : (int64_t)th->pid;
	if (proc_line(status, "NSpgid", &line)) {
		th->pgid = (int64_t)proc_number(line, 0, 10);
		th->vpgid = innermost(line, -1);
	}
	if (proc_line(status, "NSsid", &line))
		th->sid = innermost(line, -1);
}

/* Fields of /proc/PID/stat behind the name, which may hold anything: numbered from 0 for the state.
 */
static void take_stat(struct str stat, struct snap_thread *th)
{
	ptrdiff_t paren = str_rchr(stat, ')');
	struct str rest;

	if (paren < 0)
		return;
	rest = str_from(stat, (size_t)paren + 1);
	th->tty = (uint32_t)proc_number(rest, 4, 10);
	th->pfminor = proc_number(rest, 7, 10);
	th->pfmajor = proc_number(rest, 9, 10);
}

/* A line of the file says that this controller has a hierarchy of its own. */
static bool has_own_hierarchy(struct str text, const char *controller)
{
	struct str line, id, names, name;

	while (str_split(&text, '\n', &line)) {
		if (!str_split(&line, ':', &id) || !line.p || !str_split(&line, ':', &names))
			continue;
		while (names.n && str_split(&names, ',', &name))
			if (str_eqz(name, controller))
				return true;
	}
	return false;
}

/*
 * The unified hierarchy has no controllers in the file and stands for those that readers know by
 * name, less those that have hierarchies of their own; as in the events, it has no name when none
 * is left.
 */
static void take_unified(struct taking *t, struct str text, struct str path)
{
	static const char *const unified[] = { "cpuset", "cpu", "cpuacct", "io", "memory" };
	bool used = false;

	for (size_t i = 0; i < sizeof(unified) / sizeof(unified[0]); i++) {
		if (has_own_hierarchy(text, strcmp(unified[i], "io") ? unified[i] : "blkio"))
			continue;
		strbuf_addf(&t->list, "%s=%.*s", unified[i], STR_FMT(path));
		strbuf_addc(&t->list, '\0');
		used = true;
	}
	if (!used) {
		strbuf_addf(&t->list, "=%.*s", STR_FMT(path));
		strbuf_addc(&t->list, '\0');
	}
}

/* "hierarchy:controllers:path" lines into "controller=path" items. */
static void take_cgroups(struct taking *t, struct str text, struct snap_thread *th)
{
	struct str all = text, line;

	strbuf_reset(&t->list);
	while (str_split(&text, '\n', &line)) {
		struct str id, names, name;

		if (!str_split(&line, ':', &id) || !line.p || !str_split(&line, ':', &names) ||
		    !line.p)
			continue;
		if (!names.n) {
			take_unified(t, all, line);
			continue;
		}
		while (str_split(&names, ',', &name)) {
			strbuf_addf(&t->list, "%.*s=%.*s", STR_FMT(name), STR_FMT(line));
			strbuf_addc(&t->list, '\0');
		}
	}
	th->cgroups = keep(t, strbuf_str(&t->list), MAX_LIST);
}

static void take_exe(struct taking *t, int dir, struct snap_thread *th)
{
	struct stat st;

	th->exepath = link_of(t, dir, "exe");
	if (str_ends(th->exepath, STR(" (deleted)")))
		th->exepath.n -= sizeof(" (deleted)") - 1;
	th->exe_from_memfd = str_starts(th->exepath, STR("/memfd:"));
	if (fstatat(dir, "exe", &st, 0) < 0)
		return;
	th->exe_ino = st.st_ino;
	th->exe_ino_ctime =
		(uint64_t)st.st_ctim.tv_sec * 1000000000u + (uint64_t)st.st_ctim.tv_nsec;
	th->exe_ino_mtime =
		(uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec;
	th->exe_writable = th->uid == 0 || (st.st_uid == th->uid && st.st_mode & S_IWUSR) ||
			   (st.st_gid == th->gid && st.st_mode & S_IWGRP) || st.st_mode & S_IWOTH;
}

static void take_args(struct taking *t, int dir, struct snap_thread *th)
{
	struct str all, exe;

	if (count_refused(t, proc_read(dir, "cmdline", MAX_LIST + 4096, &t->text)) < 0 ||
	    !t->text.n)
		return;
	all = strbuf_str(&t->text);
	if (str_split(&all, '\0', &exe))
		th->exe = keep(t, exe, MAX_TEXT);
	if (all.p)
		th->args = keep(t, all, MAX_LIST);
}

static int64_t fd_limit(struct taking *t, int dir)
{
	struct str rest, line;

	if (proc_read(dir, "limits", MAX_SMALL, &t->text) < 0)
		return -1;
	rest = strbuf_str(&t->text);
	while (str_split(&rest, '\n', &line))
		if (str_starts(line, STR("Max open files")))
			return (int64_t)proc_number(line, 3, 10);
	return -1;
}

static int take_thread(struct taking *t, int dir, bool environment, struct snap_thread *th)
{
	int r;

	snap_thread_defaults(th);
	r = proc_read(dir, "status", MAX_SMALL, &t->text);
	if (r < 0)
		return r;
	take_status(t, strbuf_str(&t->text), th);
	if (!th->tid || !th->pid)
		return -ESRCH;
	th->exe = th->exepath = th->args = th->env = th->cwd = th->root = th->cgroups =
		(struct str){ "", 0 };
	if (proc_read(dir, "stat", MAX_SMALL, &t->text) == 0)
		take_stat(strbuf_str(&t->text), th);
	take_args(t, dir, th);
	if (!th->exe.n)
		th->exe = th->comm;
	take_exe(t, dir, th);
	th->cwd = link_of(t, dir, "cwd");
	th->root = link_of(t, dir, "root");
	th->fdlimit = fd_limit(t, dir);
	if (environment && count_refused(t, proc_read(dir, "environ", MAX_LIST, &t->text)) == 0)
		th->env = keep(t, strbuf_str(&t->text), MAX_LIST);
	if (proc_read(dir, "cgroup", MAX_SMALL, &t->text) == 0) {
		take_cgroups(t, strbuf_str(&t->text), th);
		if (!t->ancestor)
			cgroup_tables_see(t->cgroups, strbuf_str(&t->text));
	}
	if (!t->ancestor) {
		th->mnt_ns = mount_tables_see(t->mounts, dir, th, &r);
		count_refused(t, r);
	}
	th->loginuid = UINT32_MAX;
	if (proc_read(dir, "loginuid", 32, &t->text) == 0)
		th->loginuid = (uint32_t)proc_number(strbuf_str(&t->text), 0, 10);
	th->has = SNAP_HAS_SID | SNAP_HAS_VPGID | SNAP_HAS_EXEPATH | SNAP_HAS_VM | SNAP_HAS_ENV |
		  SNAP_HAS_VTID | SNAP_HAS_ROOT | SNAP_HAS_PIDNS | SNAP_HAS_LOGINUID |
		  SNAP_HAS_EXE_WRITABLE | SNAP_HAS_CAPS | SNAP_HAS_EXE_UPPER | SNAP_HAS_EXE_INO |
		  SNAP_HAS_EXE_MEMFD | SNAP_HAS_EXE_LOWER | SNAP_HAS_PGID;
	return 0;
}

/* What "anon_inode:[eventfd]" and the like are called in a capture. */
static uint8_t anon_type(struct str target)
{
	static const struct {
		const char *text;
		uint8_t type;
	} rows[] = {
		{ "anon_inode:[eventfd]", FD_EVENT },
		{ "anon_inode:[eventpoll]", FD_EVENTPOLL },
		{ "anon_inode:[signalfd]", FD_SIGNALFD },
		{ "anon_inode:[timerfd]", FD_TIMERFD },
		{ "anon_inode:inotify", FD_INOTIFY },
		{ "anon_inode:[inotify]", FD_INOTIFY },
		{ "anon_inode:bpf-", FD_BPF },
		{ "anon_inode:[userfaultfd]", FD_USERFAULTFD },
		{ "anon_inode:[io_uring]", FD_IOURING },
		{ "anon_inode:[pidfd]", FD_PIDFD },
		{ "pidfd:", FD_PIDFD },
		{ "/memfd:", FD_MEMFD },
		{ "pipe:[", FD_FIFO },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_starts(target, str_of(rows[i].text)))
			return rows[i].type;
	return FD_UNSUPPORTED;
}

static void take_fd(struct taking *t, int dir, uint64_t tid, const char *name)
{
	struct snap_fd f = { .tid = tid, .name = { "", 0 } };
	char path[64];
	struct stat st;
	struct str target;
	unsigned long long fd;

	if (!str_to_u64(str_of(name), &fd))
		return;
	f.fd = (int64_t)fd;
	snprintf(path, sizeof(path), "fd/%.20s", name);
	if (fstatat(dir, path, &st, 0) < 0 || proc_link(dir, path, &t->link) < 0)
		return; /* closed in the meantime */
	target = strbuf_str(&t->link);
	f.ino = st.st_ino;
	if (S_ISSOCK(st.st_mode)) {
		if (!socket_tables_find(t->sockets, dir, st.st_ino, t->snap, &f))
			f.type = FD_UNSUPPORTED;
	} else if (S_ISDIR(st.st_mode)) {
		f.type = FD_DIRECTORY;
		f.name = keep(t, target, MAX_TEXT);
	} else if (target.n && target.p[0] == '/' && !str_starts(target, STR("/memfd:"))) {
		f.type = S_ISFIFO(st.st_mode) ? FD_FIFO : FD_FILE_V2;
		f.name = keep(t, target, MAX_TEXT);
		f.has_dev = f.type == FD_FILE_V2;
		f.dev = (uint32_t)st.st_dev;
	} else {
		f.type = anon_type(target);
		f.name = keep(t, target, MAX_TEXT);
	}
	/* Of every kind: whether it is closed by an exec, and which end of a pipe it is. */
	snprintf(path, sizeof(path), "fdinfo/%.20s", name);
	if (proc_read(dir, path, 4096, &t->text) == 0)
		f.open_flags = (uint32_t)map_open_flags(
			status_number(strbuf_str(&t->text), "flags", 0, 8));
	vec_push(&t->snap->fds, f);
}

static void take_fds(struct taking *t, int dir, uint64_t tid)
{
	int fd = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;
	DIR *d;

	if (fd < 0) {
		count_refused(t, -errno);
		return;
	}
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return;
	}
	vec_push(&t->snap->fd_tids, tid);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			take_fd(t, dir, tid, e->d_name);
	closedir(d);
}

/* One process: its leader; unless it is only somebody's ancestor, its descriptors and other
 * threads. */
static void take_process(struct taking *t, int proc, const char *pid, bool ancestor)
{
	struct snap_thread leader, th;
	struct dirent *e;
	char path[64];
	int dir = openat(proc, pid, O_RDONLY | O_DIRECTORY | O_CLOEXEC), sub;
	DIR *d;

	if (dir < 0)
		return;
	t->ancestor = ancestor;
	if (take_thread(t, dir, t->opt->environment && !ancestor, &leader) < 0)
		goto out;
	vec_push(&t->snap->threads, leader);
	if (ancestor)
		goto out;
	if (t->opt->fds)
		take_fds(t, dir, leader.tid);
	sub = openat(dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = sub >= 0 ? fdopendir(sub) : NULL;
	while (d && (e = readdir(d))) {
		int task;

		if (e->d_name[0] == '.' || strcmp(e->d_name, pid) == 0)
			continue;
		snprintf(path, sizeof(path), "task/%.20s", e->d_name);
		task = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (task < 0)
			continue;
		/* the environment is in the leader's entry */
		if (take_thread(t, task, false, &th) == 0)
			vec_push(&t->snap->threads, th);
		close(task);
	}
	if (d)
		closedir(d);
out:
	close(dir);
}

/* All processes below /proc, or those selected. */
static void take_processes(struct taking *t, DIR *proc)
{
	const struct snapshot_proc_options *opt = t->opt;
	struct snapshot_select *select = NULL;
	struct dirent *e;

	if (opt->only_selected)
		select = snapshot_select_new(dirfd(proc), opt->pids, opt->n_pids, opt->descendants);
	while ((e = readdir(proc))) {
		enum snapshot_role role = SNAPSHOT_SELECTED;
		unsigned long long pid;

		if (!str_to_u64(str_of(e->d_name), &pid))
			continue;
		if (select)
			role = snapshot_select_role(select, pid);
		if (role == SNAPSHOT_OTHER)
			continue;
		if (opt->tick)
			opt->tick(opt->tick_arg);
		take_process(t, dirfd(proc), e->d_name, role == SNAPSHOT_ANCESTOR);
	}
	snapshot_select_free(select);
}

int snapshot_proc_take(const struct snapshot_proc_options *opt, struct diag *diag,
		       struct snapshot *ret)
{
	struct taking t = { .opt = opt,
			    .snap = ret,
			    .text = STRBUF_INIT,
			    .link = STRBUF_INIT,
			    .list = STRBUF_INIT };
	struct strbuf path = STRBUF_INIT;
	DIR *proc;
	int r = 0;

	snapshot_machine(opt->root, ret);
	snapshot_users(opt->root, ret);
	snapshot_ifaces(ret);
	strbuf_addf(&path, "%s/proc", opt->root);
	proc = opendir(path.s);
	if (!proc) {
		r = -errno;
		diag_add(diag, DIAG_ERROR, "SNAPSHOT",
			 "%s: %s; the recorder needs it to see what runs already", path.s,
			 strerror(-r));
	} else {
		t.sockets = socket_tables_new();
		t.mounts = mount_tables_new(dirfd(proc), ret);
		t.cgroups = cgroup_tables_new(opt->root, ret);
		take_processes(&t, proc);
		if (!ret->threads.n &&
		    faccessat(dirfd(proc), "self", F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
			r = -ENOENT;
			diag_add(
				diag, DIAG_ERROR, "SNAPSHOT",
				"%s: no process is in it (is it mounted?); the recorder needs it to "
				"see what runs already",
				path.s);
		}
		mount_tables_finish(t.mounts, diag);
		cgroup_tables_finish(t.cgroups, !opt->only_selected, opt->tick, opt->tick_arg,
				     diag);
		closedir(proc);
		socket_tables_free(t.sockets);
	}
	if (t.refused)
		diag_add(
			diag, DIAG_WARNING, "SNAPSHOT",
			"%llu files of other users' processes could not be read: what they had open before is not "
			"known",
			(unsigned long long)t.refused);
	strbuf_release(&path);
	strbuf_release(&t.text);
	strbuf_release(&t.link);
	strbuf_release(&t.list);
	return r;
}
