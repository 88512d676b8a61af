#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "capture/proc_file.h"
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
		cmocka_unit_test(words_and_numbers_of_proc_files),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
