#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "capture/proc_file.h"
#include "capture/snapshot_mounts.h"
#include "capture/snapshot_proc.h"

static char root[64];

static void file(const char *name, const char *text, size_t n)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fwrite(text, 1, n, f);
	fclose(f);
}

static void folder(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void process(int pid, int ppid, const char *name)
{
	char path[256], text[512];
	int n;

	snprintf(path, sizeof(path), "proc/%d", pid);
	folder(path);
	n = snprintf(
		text, sizeof(text),
		"Name:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\nUid:\t7\t8\t9\t10\nGid:\t1\t2\t3\t4\n"
		"NStgid:\t%d\t5\nNSpid:\t%d\t5\nVmSize:\t  1234 kB\n",
		name, pid, pid, ppid, pid, pid);
	snprintf(path, sizeof(path), "proc/%d/status", pid);
	file(path, text, (size_t)n);
	snprintf(path, sizeof(path), "proc/%d/cmdline", pid);
	file(path, "/bin/prog\0one\0two words\0", 24);
	snprintf(path, sizeof(path), "proc/%d/environ", pid);
	file(path, "SECRET=x\0", 9);
	snprintf(path, sizeof(path), "proc/%d/fd", pid);
	folder(path);
	snprintf(path, sizeof(path), "%s/proc/%d/fd/3", root, pid);
	assert_int_equal(symlink("/dev/null", path), 0);
	snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	n = snprintf(text, sizeof(text), "3:cpu,cpuacct:/a\n0::/%s\n", pid == 40 ? "b/c" : "a");
	file(path, text, (size_t)n);
}

/* The process is in this mount namespace, and its root is where it says. */
static void mounts_of(int pid, int ns, const char *its_root, const char *mountinfo)
{
	char path[256], target[64];

	snprintf(path, sizeof(path), "proc/%d/ns", pid);
	folder(path);
	snprintf(path, sizeof(path), "%s/proc/%d/ns/mnt", root, pid);
	snprintf(target, sizeof(target), "mnt:[%d]", ns);
	assert_int_equal(symlink(target, path), 0);
	snprintf(path, sizeof(path), "%s/proc/%d/root", root, pid);
	assert_int_equal(symlink(its_root, path), 0);
	snprintf(path, sizeof(path), "proc/%d/mountinfo", pid);
	file(path, mountinfo, strlen(mountinfo));
	/* for who comes back to it by its thread */
	snprintf(path, sizeof(path), "proc/%d/task", pid);
	folder(path);
	snprintf(path, sizeof(path), "%s/proc/%d/task/%d", root, pid, pid);
	assert_int_equal(symlink("..", path), 0);
}

/* Two hierarchies: the unified one with three groups, and one of version 1 of which a part is
 * mounted. */
static void cgroups(void)
{
	static const char mountinfo[] =
		"31 23 0:38 / /cg2 rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
		"32 23 0:39 /outer /cg1 rw - cgroup cgroup rw,cpu,cpuacct\n"
		"33 23 0:40 / /cg3 rw - cgroup cgroup rw,memory\n";
	static const char own[] = "3:cpu,cpuacct:/outer\n0::/\n";

	folder("proc/self");
	file("proc/self/mountinfo", mountinfo, sizeof(mountinfo) - 1);
	file("proc/self/cgroup", own, sizeof(own) - 1);
	folder("cg1");
	folder("cg1/x");
	folder("cg2");
	folder("cg2/a");
	file("cg2/a/cgroup.events", "populated 1\nfrozen 0\n", 21);
	folder("cg2/b");
	folder("cg2/b/c");
	file("cg2/b/cgroup.events", "populated 0\n", 12);
	folder("cg3");
}

/* 1 is the parent of 20, that of 30 and 31; 40 is nobody's. */
static int make_tree(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/eyas-proc.XXXXXX");
	if (!mkdtemp(root))
		return -1;
	folder("proc");
	folder("proc/sys");
	folder("etc");
	file("etc/passwd", "root:x:0:0:r:/root:/bin/sh\nbroken\nbob:x:8:2:b:/home/bob:/bin/zsh\n",
	     65);
	file("etc/group", "root:x:0:\nstaff:x:2:bob\n", 24);
	process(1, 0, "init");
	process(20, 1, "shell");
	process(30, 20, "a (b) c");
	process(31, 20, "sibling");
	process(40, 1, "other");
	mounts_of(1, 500, "/srv/jail", "3 2 8:1 /srv/jail / rw - ext4 /dev/sda1 rw\n");
	mounts_of(20, 500, "/",
		  "2 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
		  "not a line\n"
		  "5 2 0:45 /a\\040dir /mnt/x\\134y ro shared:7 master:1 - tmpfs no\\011ne rw\n");
	mounts_of(30, 600, "/srv/jail", "9 8 8:2 / / rw - xfs /dev/sdb rw\n");
	mounts_of(40, 700, "/", "10 1 8:3 / /secret rw - xfs /dev/sdc rw\n");
	cgroups();
	return 0;
}

static int remove_tree(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static const struct snap_thread *find(const struct snapshot *s, uint64_t tid)
{
	for (size_t i = 0; i < s->threads.n; i++)
		if (s->threads.v[i].tid == tid)
			return &s->threads.v[i];
	return NULL;
}

static void take(const struct snapshot_proc_options *opt, struct snapshot *s)
{
	struct diag d;

	diag_init(&d);
	snapshot_init(s);
	assert_int_equal(snapshot_proc_take(opt, &d, s), 0);
	assert_int_equal(d.n_errors, 0);
	diag_free(&d);
}

static void all_processes_with_users_and_descriptors(void **state)
{
	struct snapshot_proc_options opt = { .root = root, .fds = true, .environment = true };
	const struct snap_thread *t;
	struct snapshot s;

	(void)state;
	take(&opt, &s);
	assert_int_equal(s.threads.n, 5);
	assert_int_equal(s.fds.n, 5);
	assert_int_equal(s.users.n, 2);
	assert_str(s.users.v[1].name, "bob");
	assert_str(s.users.v[1].shell, "/bin/zsh");
	assert_int_equal(s.groups.n, 2);
	t = find(&s, 30);
	assert_non_null(t);
	assert_str(t->comm, "a (b) c");
	assert_str(t->exe, "/bin/prog");
	assert_int_equal(t->args.n, 14);
	assert_int_equal(t->ptid, 20);
	assert_int_equal(t->uid, 8);
	assert_int_equal(t->gid, 2);
	assert_int_equal(t->vtid, 5);
	assert_int_equal(t->vmsize_kb, 1234);
	assert_int_equal(t->env.n, 9);
	/* cpu and cpuacct have a hierarchy of their own; the unified one is all others */
	assert_true(str_eq(t->cgroups, STR("cpu=/a\0cpuacct=/a\0cpuset=/a\0io=/a\0memory=/a\0")));
	snapshot_free(&s);
}

static void of_a_selection_the_ancestors_without_their_secrets(void **state)
{
	const uint32_t pids[] = { 30 };
	struct snapshot_proc_options opt = { .root = root,
					     .fds = true,
					     .environment = true,
					     .only_selected = true,
					     .pids = pids,
					     .n_pids = 1 };
	struct snapshot s;

	(void)state;
	take(&opt, &s);
	assert_int_equal(s.threads.n, 3);
	assert_null(find(&s, 31));
	assert_null(find(&s, 40));
	assert_int_equal(find(&s, 30)->env.n, 9);
	assert_int_equal(find(&s, 20)->env.n, 0);
	assert_str(find(&s, 1)->comm, "init");
	assert_int_equal(s.fds.n, 1);
	assert_int_equal(s.fds.v[0].tid, 30);
	snapshot_free(&s);
}

static void descendants_are_selected_when_asked(void **state)
{
	const uint32_t pids[] = { 20, 99 };
	struct snapshot_proc_options opt = {
		.root = root, .only_selected = true, .descendants = true, .pids = pids, .n_pids = 2
	};
	struct snapshot s;

	(void)state;
	take(&opt, &s);
	assert_int_equal(s.threads.n, 4);
	assert_non_null(find(&s, 31));
	assert_null(find(&s, 40));
	snapshot_free(&s);
}

static const struct snap_cgroup *group(const struct snapshot *s, uint32_t hierarchy,
				       const char *path)
{
	const struct snap_cgroup *found = NULL;

	for (size_t i = 0; i < s->cgroups.n; i++) {
		const struct snap_cgroup *c = &s->cgroups.v[i];

		if (c->hierarchy == hierarchy && str_eqz(c->path, path)) {
			assert_null(found);
			found = c;
		}
	}
	return found;
}

static uint64_t inode(const char *name)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void each_mount_namespace_is_read_once_from_its_root(void **state)
{
	struct snapshot_proc_options opt = { .root = root };
	const struct snap_mount *m;
	struct snapshot s;
	size_t n[3] = { 0 };

	(void)state;
	take(&opt, &s);
	for (size_t i = 0; i < s.mounts.n; i++) {
		m = &s.mounts.v[i];
		assert_true(m->ns == 500 || m->ns == 600 || m->ns == 700);
		n[m->ns / 100 - 5]++;
		if (m->ns != 500 || m->id != 5)
			continue;
		assert_int_equal(m->parent, 2);
		assert_int_equal(m->major, 0);
		assert_int_equal(m->minor, 45);
		assert_str(m->root, "/a dir");
		assert_str(m->point, "/mnt/x\\y");
		assert_str(m->options, "ro");
		assert_str(m->propagation, "shared:7 master:1");
		assert_str(m->fstype, "tmpfs");
		assert_str(m->source, "no\tne");
		assert_str(m->super, "rw");
	}
	/* 500 is not taken from the process in the jail; of 600 there is no other */
	assert_int_equal(n[0], 2);
	assert_int_equal(n[1], 1);
	assert_int_equal(n[2], 1);
	assert_int_equal(find(&s, 1)->mnt_ns, 500);
	assert_int_equal(find(&s, 30)->mnt_ns, 600);
	assert_int_equal(find(&s, 31)->mnt_ns, 0);
	snapshot_free(&s);
}

static void all_control_groups_have_their_numbers(void **state)
{
	struct snapshot_proc_options opt = { .root = root };
	const struct snap_cgroup *c;
	struct snapshot s;

	(void)state;
	take(&opt, &s);
	assert_int_equal(s.cgroups.n, 7);
	c = group(&s, 0, "/a");
	assert_non_null(c);
	assert_int_equal(c->id, inode("cg2/a"));
	assert_int_equal(c->populated, SNAP_POPULATED_YES);
	assert_int_equal(c->controllers.n, 0);
	c = group(&s, 0, "/b");
	assert_non_null(c);
	assert_int_equal(c->populated, SNAP_POPULATED_NO);
	c = group(&s, 0, "/b/c");
	assert_non_null(c);
	assert_int_equal(c->id, inode("cg2/b/c"));
	assert_int_equal(c->populated, SNAP_POPULATED_UNKNOWN);
	c = group(&s, 0, "/");
	assert_non_null(c);
	assert_int_equal(c->id, inode("cg2"));
	/* what is mounted is a part, which a process' group need not be in */
	c = group(&s, 3, "/outer/x");
	assert_non_null(c);
	assert_int_equal(c->id, inode("cg1/x"));
	assert_str(c->controllers, "cpu,cpuacct");
	c = group(&s, 3, "/a");
	assert_non_null(c);
	assert_int_equal(c->id, 0);
	assert_non_null(group(&s, 3, "/outer"));
	snapshot_free(&s);
}

static void of_a_selection_its_own_mounts_and_groups_only(void **state)
{
	const uint32_t pids[] = { 30 };
	struct snapshot_proc_options opt = {
		.root = root, .only_selected = true, .pids = pids, .n_pids = 1
	};
	struct snapshot s;

	(void)state;
	take(&opt, &s);
	assert_int_equal(s.mounts.n, 1);
	assert_int_equal(s.mounts.v[0].ns, 600);
	assert_int_equal(find(&s, 1)->mnt_ns, 0);
	assert_int_equal(s.cgroups.n, 2);
	assert_int_equal(group(&s, 0, "/a")->id, inode("cg2/a"));
	assert_non_null(group(&s, 3, "/a"));
	snapshot_free(&s);
}

static void lines_that_are_no_mounts_are_refused(void **state)
{
	static const char *const bad[] = { "", "36", "36 35 98:0 / /mnt rw", "- - - - - -", "a b" };
	struct arena arena;
	struct snap_mount m;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(mountinfo_parse(str_of(bad[i]), &arena, &m));
	/* fields that are cut are empty, escapes that are cut or none are kept */
	assert_true(mountinfo_parse(STR("36 35 98:0 /\\04 /m\\999 rw - ext3"), &arena, &m));
	assert_str(m.root, "/\\04");
	assert_str(m.point, "/m\\999");
	assert_str(m.propagation, "");
	assert_str(m.fstype, "ext3");
	assert_str(m.super, "");
	arena_destroy(&arena);
}

static void words_and_numbers_of_proc_files(void **state)
{
	struct str line = STR("  12\tab 0x ffff  -7 "), value;

	(void)state;
	assert_str(proc_word(line, 1), "ab");
	assert_str(proc_word(line, 9), "");
	assert_int_equal(proc_number(line, 0, 10), 12);
	assert_int_equal(proc_number(line, 1, 16), 0xab);
	assert_int_equal(proc_number(line, 3, 16), 0xffff);
	assert_int_equal(proc_number(line, 4, 10), 0);
	assert_true(proc_line(STR("Pid:\t1\nPPid:\t 22 \n"), "PPid", &value));
	assert_str(value, "22");
	assert_false(proc_line(STR("PPid:\t22\n"), "Pid", &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_processes_with_users_and_descriptors),
		cmocka_unit_test(of_a_selection_the_ancestors_without_their_secrets),
		cmocka_unit_test(descendants_are_selected_when_asked),
		cmocka_unit_test(each_mount_namespace_is_read_once_from_its_root),
		cmocka_unit_test(all_control_groups_have_their_numbers),
		cmocka_unit_test(of_a_selection_its_own_mounts_and_groups_only),
		cmocka_unit_test(lines_that_are_no_mounts_are_refused),
		cmocka_unit_test(words_and_numbers_of_proc_files),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
