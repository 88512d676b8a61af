/* The command line of eyas-capture: what each option sets, and what is refused, in which words. */
#include "unit.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "capture/capture_options.h"

#define MAX_ARGS 16

static struct capture_options o; /* large, hence not on the stack */
static char said[65536];

/* What is written to this descriptor while `parse` runs goes to `said`. */
static int watched(int descriptor, int argc, char **argv)
{
	int kept = dup(descriptor), r;
	FILE *f = tmpfile();
	size_t n;

	assert_non_null(f);
	fflush(stdout);
	assert_int_equal(dup2(fileno(f), descriptor), descriptor);
	r = capture_options_parse(argc, argv, &o);
	fflush(stdout);
	assert_int_equal(dup2(kept, descriptor), descriptor);
	close(kept);
	rewind(f);
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = '\0';
	fclose(f);
	return r;
}

/* Words between blanks, behind the program's name; good until the next call. */
static int parse_on(int descriptor, const char *line)
{
	static char words[512];
	static char *argv[MAX_ARGS + 1];
	int argc = 1;

	argv[0] = (char *)(uintptr_t) "eyas-capture";
	assert_true(strlen(line) < sizeof(words));
	memcpy(words, line, strlen(line) + 1);
	for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) {
		assert_true(argc < MAX_ARGS);
		argv[argc++] = w;
	}
	argv[argc] = NULL;
	return watched(descriptor, argc, argv);
}

static void parse(const char *line)
{
	int r = parse_on(STDERR_FILENO, line);

	if (r)
		fail_msg("'%s': %d: %s", line, r, said);
	assert_string_equal(said, "");
}

/* ---- what each option sets; `line` begins with it, in its long form if it has one */

#define CHECK(name)   static void name(void)
#define SELECTS(bits) assert_int_equal(o.driver.config.select, (bits))

CHECK(output)
{
	assert_string_equal(o.output.path, "/x/y.eyas");
}

CHECK(output_is_standard)
{
	assert_string_equal(o.output.path, "-");
}

CHECK(syscalls)
{
	assert_ptr_equal(o.driver.syscalls, o.calls);
	assert_true(o.calls[SYS_read]);
	assert_false(o.calls[SYS_futex]);
}

CHECK(pids)
{
	assert_int_equal(o.pids.n, 2);
	assert_int_equal(o.pids.v[0], 7);
	assert_int_equal(o.pids.v[1], INT32_MAX);
	SELECTS(EYAS_SELECT_PID);
}

CHECK(comm)
{
	assert_string_equal(o.driver.config.comm, "fifteen-letters");
	SELECTS(EYAS_SELECT_COMM);
}

CHECK(comm_given_again)
{
	static const char want[16] = "sh";

	assert_memory_equal(o.driver.config.comm, want, sizeof(want));
}

CHECK(uid)
{
	assert_int_equal(o.driver.config.uid, UINT32_MAX);
	SELECTS(EYAS_SELECT_UID);
}

CHECK(uid_by_name)
{
	assert_int_equal(o.driver.config.uid, 0);
	SELECTS(EYAS_SELECT_UID);
}

CHECK(container)
{
	assert_string_equal(o.container, "0a1b2c");
	SELECTS(EYAS_SELECT_CGROUP);
}

CHECK(all)
{
	assert_true(o.whole_system);
	assert_string_equal(o.command[0], "true");
	SELECTS(0);
}

CHECK(no_signals)
{
	assert_false(o.driver.signals);
}

CHECK(packets)
{
	assert_int_equal(o.packets.n, 2);
	assert_string_equal(o.packets.v[0], "lo");
	assert_string_equal(o.packets.v[1], "eth0,tcp");
}

CHECK(packet_snaplen)
{
	assert_int_equal(o.packet_snaplen, 262144);
}

CHECK(snaplen)
{
	assert_int_equal(o.driver.config.snaplen, EYAS_SNAP_MAX);
	assert_int_equal(o.driver.config.snaplen_file, EYAS_SNAP_MAX);
	assert_int_equal(o.driver.config.snaplen_socket, EYAS_SNAP_MAX);
	assert_int_equal(o.driver.config.snaplen_other, EYAS_SNAP_MAX);
	assert_int_equal(o.driver.config.snap_by_kind, 0);
}

CHECK(snaplen_of_kinds)
{
	assert_int_equal(o.driver.config.snaplen_file, 0);
	assert_int_equal(o.driver.config.snaplen_socket, 9);
	assert_int_equal(o.driver.config.snaplen_other, 80);
	assert_int_equal(o.driver.config.snap_by_kind, 1);
}

CHECK(duration)
{
	assert_int_equal(o.duration_ns, UINT64_C(1500000000));
}

CHECK(events)
{
	assert_int_equal(o.max_events, UINT64_C(12345678901));
}

CHECK(max_size)
{
	assert_int_equal(o.output.max_bytes, UINT64_C(3000000));
}

CHECK(rotate)
{
	assert_int_equal(o.output.interval_ns, UINT64_C(300000000000));
}

CHECK(max_files)
{
	assert_int_equal(o.output.max_files, 1000000);
}

CHECK(buffer)
{
	assert_int_equal(o.driver.ring_bytes, (size_t)1 << 30);
}

/* A ring of the kernel is a power of two. */
CHECK(buffer_rounded)
{
	assert_int_equal(o.driver.ring_bytes, 131072);
}

CHECK(fsync_block)
{
	assert_int_equal(o.output.fsync, FSYNC_BLOCK);
}

CHECK(fsync_file)
{
	assert_int_equal(o.output.fsync, FSYNC_FILE);
}

CHECK(fsync_never)
{
	assert_int_equal(o.output.fsync, FSYNC_NEVER);
}

CHECK(on_full_drop)
{
	assert_true(o.drop_when_full);
}

CHECK(on_full_stop)
{
	assert_false(o.drop_when_full);
}

CHECK(level)
{
	assert_int_equal(o.output.level, 19);
}

CHECK(stats)
{
	assert_true(o.stats);
}

CHECK(quiet)
{
	assert_true(o.quiet);
}

/* Options behind the dashes are the command's. */
CHECK(command)
{
	assert_string_equal(o.command[0], "sh");
	assert_string_equal(o.command[1], "-c");
	assert_string_equal(o.command[2], "--stats");
	assert_string_equal(o.command[3], "--");
	assert_null(o.command[4]);
	assert_false(o.stats);
	assert_true(o.quiet);
	SELECTS(EYAS_SELECT_TREE);
}

CHECK(everything_at_once)
{
	SELECTS(EYAS_SELECT_PID | EYAS_SELECT_UID | EYAS_SELECT_COMM | EYAS_SELECT_CGROUP);
}

CHECK(defaults)
{
	assert_string_equal(o.output.path, "capture.eyas");
	assert_int_equal(o.driver.ring_bytes, 8 << 20);
	assert_int_equal(o.driver.config.snaplen, 80);
	assert_int_equal(o.driver.config.snaplen_file, 80);
	assert_int_equal(o.driver.config.snaplen_socket, 80);
	assert_int_equal(o.driver.config.snaplen_other, 80);
	assert_int_equal(o.packet_snaplen, 262144);
	assert_int_equal(o.output.fsync, FSYNC_NEVER);
	assert_true(o.driver.signals);
	assert_null(o.driver.syscalls);
	assert_null(o.command);
	assert_null(o.container);
	assert_false(o.stats || o.quiet || o.whole_system || o.drop_when_full);
	assert_int_equal(o.duration_ns + o.max_events + o.output.max_bytes + o.output.interval_ns,
			 0);
	SELECTS(0);
}

static const struct {
	const char *line;
	void (*check)(void);
} good[] = {
	{ "", defaults },
	{ "--output /x/y.eyas", output },
	{ "-o /x/y.eyas", output },
	{ "-o -", output_is_standard },
	{ "--syscalls !futex", syscalls },
	{ "--pid 7 --pid=2147483647", pids },
	{ "--comm fifteen-letters", comm },
	{ "--comm fifteen-letters --comm sh", comm_given_again },
	{ "--uid 4294967295", uid },
	{ "--uid root", uid_by_name },
	{ "--container 0a1b2c", container },
	{ "--all -- true", all },
	{ "--no-signals", no_signals },
	{ "--packets lo --packets eth0,tcp", packets },
	{ "--packet-snaplen 262144", packet_snaplen },
	{ "--snaplen 65000", snaplen },
	{ "-s file=0,socket=9", snaplen_of_kinds },
	{ "-s file=7 -s file=0,socket=9", snaplen_of_kinds },
	{ "--duration 1.5s", duration },
	{ "-d 1500ms", duration },
	{ "--events 12345678901", events },
	{ "-n12345678901", events },
	{ "--max-size 3", max_size },
	{ "-C 3", max_size },
	{ "--rotate 5m", rotate },
	{ "-G 300", rotate },
	{ "--max-files 1000000 -C 1", max_files },
	{ "-W 1000000 -G 1h", max_files },
	{ "--buffer 1G", buffer },
	{ "--buffer 1048576K", buffer },
	{ "--buffer 1024m", buffer },
	{ "--buffer 65537", buffer_rounded },
	{ "--fsync block", fsync_block },
	{ "--fsync file", fsync_file },
	{ "--fsync file --fsync never", fsync_never },
	{ "--on-full drop", on_full_drop },
	{ "--on-full drop --on-full stop", on_full_stop },
	{ "--level 19", level },
	{ "--stats", stats },
	{ "--quiet", quiet },
	{ "-q -- sh -c --stats --", command },
	{ "--pid 1 --uid 1 --comm a --container b", everything_at_once },
};

static const struct {
	const char *line, *what;
} bad[] = {
	{ "--output", "needs" },
	{ "--syscalls nosuchcall", "--syscalls: " },
	{ "--syscalls @nosuchclass", "there is no class" },
	{ "--pid 0", "'0' is not what --pid takes" },
	{ "--pid x", "'x' is not what" },
	{ "--pid 2147483648", "is not what" },
	{ "--pid -1", "is not what" },
	{ "--comm sixteen--letters", "the kernel keeps 15 characters" },
	{ "--uid 4294967296", "there is no user" },
	{ "--uid nobody-of-this-name", "there is no user" },
	{ "--container", "needs" },
	{ "--packets ,tcp", "is not what" },
	{ "--packets=", "is not what" },
	{ "--packet-snaplen 0", "is not what" },
	{ "--packet-snaplen 262145", "is not what" },
	{ "-s 65001", "is not a snap length" },
	{ "-s -1", "is not a snap length" },
	{ "-s file", "is not a snap length" },
	{ "-s file=", "is not a snap length" },
	{ "-s file=65001", "is not a snap length" },
	{ "-s tape=1", "is not a snap length" },
	{ "-s file=1,", "is not a snap length" },
	{ "--snaplen 1k", "is not a snap length" },
	{ "-d 0", "is not what" },
	{ "--duration soon", "is not what" },
	{ "-n 0", "is not what" },
	{ "--events many", "is not what" },
	{ "-C 0", "is not what" },
	{ "--max-size 18446744073710", "is not what" },
	{ "-G 0s", "is not what" },
	{ "--rotate daily", "is not what" },
	{ "-W 0 -C 1", "is not what" },
	{ "--max-files 1000001 -C 1", "is not what" },
	{ "-W 3", "-W needs -C or -G" },
	{ "--buffer 65535", "is not a buffer size" },
	{ "--buffer 1025M", "is not a buffer size" },
	{ "--buffer 99999999999999999999G", "is not a buffer size" },
	{ "--buffer G", "is not a buffer size" },
	{ "--fsync always", "is not what" },
	{ "--on-full wait", "is not what" },
	{ "--level 0", "is not what" },
	{ "--level 20", "is not what" },
	{ "-o - -C 1", "standard output cannot be divided" },
	{ "-o - -G 1", "standard output cannot be divided" },
	{ "--nosuch", "unknown option '--nosuch'" },
	{ "--pack lo", "ambiguous option" },
	{ "--all=yes", "takes no argument" },
	{ "-Z", "unknown option" },
	{ "ls", "what is 'ls'? A command is given behind --" },
	{ "--", "there is no command behind --" },
};

static void every_option_sets_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		parse(good[i].line);
		good[i].check();
		capture_options_free(&o);
	}
}

static void every_mistake_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int r = parse_on(STDERR_FILENO, bad[i].line);

		if (r != OPTION_ERROR || !strstr(said, bad[i].what))
			fail_msg("'%s': %d: %s", bad[i].line, r, said);
		/* whose mistake it is, and where to read on */
		assert_true(str_starts(str_of(said), STR("eyas-capture: ")));
		assert_non_null(strstr(said, "--help"));
		assert_int_equal(o.pids.n + o.packets.n, 0);
	}
}

static void packets_of_too_many_interfaces_are_refused(void **state)
{
	char *argv[20] = { NULL };
	int argc = 0;

	(void)state;
	argv[argc++] = (char *)(uintptr_t) "eyas-capture";
	for (int i = 0; i < 9; i++) {
		argv[argc++] = (char *)(uintptr_t) "--packets";
		argv[argc++] = (char *)(uintptr_t) "lo";
	}
	assert_int_equal(watched(STDERR_FILENO, argc, argv), OPTION_ERROR);
	assert_non_null(strstr(said, "at most 8 interfaces"));
	assert_int_equal(watched(STDERR_FILENO, argc - 2, argv), 0);
	assert_int_equal(o.packets.n, 8);
	capture_options_free(&o);
}

static void help_and_version_are_printed(void **state)
{
	(void)state;
	assert_int_equal(parse_on(STDOUT_FILENO, "--version"), OPTION_EXIT);
	assert_true(str_starts(str_of(said), STR("eyas-capture ")));
	assert_int_equal(parse_on(STDOUT_FILENO, "-q --help --nosuch"), OPTION_EXIT);
	assert_non_null(strstr(said, "--container"));
}

/* The line begins with this option. */
static bool is_of(const char *line, struct str name)
{
	struct str s = str_of(line);

	return str_starts(s, name) && (s.n == name.n || s.p[name.n] == ' ' || s.p[name.n] == '=');
}

/* So that a new option cannot be without a row above. */
static void every_option_has_its_rows(void **state)
{
	unsigned options = 0;
	struct str rest, line;

	(void)state;
	assert_int_equal(parse_on(STDOUT_FILENO, "--" OPTION_TABLE), OPTION_EXIT);
	rest = str_of(said);
	while (str_split(&rest, '\n', &line)) {
		struct str field[5] = { { NULL, 0 } };
		bool is_good = false, is_bad = false;

		for (unsigned i = 0; i < 5 && line.p; i++)
			(void)str_split(&line, '\t', &field[i]);
		if (!str_eqz(field[0], "O") || str_eqz(field[3], "--help") ||
		    str_eqz(field[3], "--version"))
			continue;
		options++;
		for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
			is_good = is_good || is_of(good[i].line, field[3]);
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			is_bad = is_bad || is_of(bad[i].line, field[3]) ||
				 (field[2].n && is_of(bad[i].line, field[2]));
		if (!is_good || (field[4].n && !is_bad))
			fail_msg("no row for %.*s", STR_FMT(field[3]));
	}
	assert_true(options > 20);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_sets_what_it_says),
		cmocka_unit_test(every_mistake_is_said),
		cmocka_unit_test(packets_of_too_many_interfaces_are_refused),
		cmocka_unit_test(help_and_version_are_printed),
		cmocka_unit_test(every_option_has_its_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
