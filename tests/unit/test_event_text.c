#include "unit.h"

#include "event/event_text.h"
#include "made_event.h"

struct bench {
	struct made_event m;
	struct strbuf raw, resolved;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	strbuf_init(&b->raw);
	strbuf_init(&b->resolved);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	strbuf_release(&b->raw);
	strbuf_release(&b->resolved);
	free(b);
	return 0;
}

/* A descriptor 3, a thread 12, a user and group 0, a cwd. */
static bool know_fd(void *arg, int64_t fd, struct strbuf *out)
{
	(void)arg;
	if (fd == 3)
		strbuf_adds(out, "<f>/etc/passwd");
	return fd == 3;
}

static char know_typechar(void *arg, int64_t fd)
{
	(void)arg;
	return fd == 3 ? 'f' : '?';
}

static bool know_pid(void *arg, int64_t pid, struct strbuf *out)
{
	(void)arg;
	if (pid == 12)
		strbuf_adds(out, "bash");
	return pid == 12;
}

static bool know_id(void *arg, uint32_t id, struct strbuf *out)
{
	(void)arg;
	if (id == 0)
		strbuf_adds(out, "root");
	return id == 0;
}

static bool know_dir(void *arg, int64_t dirfd, struct strbuf *out)
{
	(void)arg;
	if (dirfd == EVENT_AT_FDCWD)
		strbuf_adds(out, "/home/u/");
	else if (dirfd == 3)
		strbuf_adds(out, "/etc/");
	return dirfd == EVENT_AT_FDCWD || dirfd == 3;
}

static const struct event_resolver resolver = {
	NULL, know_fd, know_typechar, know_pid, know_id, know_id, know_dir,
};

#define assert_args(b, z)                                                \
	do {                                                             \
		event_args_text(&(b)->m.ev, &resolver, NULL, &(b)->raw); \
		assert_strbuf(&(b)->raw, z);                             \
	} while (0)

/* The text of the last parameter. */
#define assert_last(b, want_raw, want_resolved)                                                  \
	do {                                                                                     \
		event_param_text(&(b)->m.ev, (b)->m.ev.n_params - 1, &resolver, NULL, &(b)->raw, \
				 &(b)->resolved);                                                \
		assert_strbuf(&(b)->raw, want_raw);                                              \
		assert_strbuf(&(b)->resolved, want_resolved);                                    \
	} while (0)

static void an_open_reads_as_everyone_knows_it(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_OPENAT_2_X);
	arg_int(&b->m, 3);
	arg_int(&b->m, EVENT_AT_FDCWD);
	arg_text(&b->m, "a/../b");
	arg_int(&b->m, 4097);
	arg_int(&b->m, 0644);
	arg_int(&b->m, 0xab);
	arg_int(&b->m, 77);
	assert_args(b, "fd=3(<f>/etc/passwd) dirfd=-100(AT_FDCWD) name=a/../b(/home/u/b) "
		       "flags=4097(O_RDONLY|O_CLOEXEC) mode=0644 dev=AB ino=77");
}

static void missing_parameters_are_not_shown_and_more_are_ignored(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_CLOSE_X);
	arg_int(&b->m, 0);
	assert_args(b, "res=0");
	arg_int(&b->m, -1);
	b->m.params[b->m.ev.n_params++] = (struct param){ b->m.bytes, 4 };
	assert_args(b, "res=0 fd=-1(EPERM)");
	b->m.ev.info = NULL;
	assert_args(b, "");
}

static void errors_have_names_when_negative(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_STAT_X);
	arg_int(&b->m, -2);
	assert_last(b, "-2", "ENOENT");
	make_event(&b->m, EVT_SYSCALL_STAT_X);
	arg_int(&b->m, -4000);
	assert_last(b, "-4000", "");
	make_event(&b->m, EVT_SYSCALL_STAT_X);
	arg_int(&b->m, 2);
	assert_last(b, "2", "");
}

static void empty_parameters_say_so_by_type(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SOCKET_RECVMSG_X);
	for (unsigned i = 0; i < 6; i++)
		arg_none(&b->m);
	assert_args(b, "res=<NA> size=<NA> data=NULL tuple=NULL msgcontrol=NULL fd=<NA>");
	make_event(&b->m, EVT_SOCKET_SETSOCKOPT_X);
	for (unsigned i = 0; i < 6; i++)
		arg_none(&b->m);
	assert_args(b, "res=<NA> fd=<NA> level=<NA> optname=<NA> val=NULL optlen=<NA>");
	make_event(&b->m, EVT_SOCKET_CONNECT_E);
	arg_none(&b->m);
	arg_none(&b->m);
	assert_args(b, "fd=<NA> addr=<NA>");
	make_event(&b->m, EVT_SYSCALL_POLL_X);
	arg_none(&b->m);
	arg_none(&b->m);
	assert_last(b, "NULL", "");
}

static void integers_of_the_wrong_size_are_not_available(void **state)
{
	struct bench *b = *state;
	int64_t v = 5;

	for (unsigned n = 1; n < 16; n++) {
		make_event(&b->m, EVT_SYSCALL_CLOSE_X);
		arg_bytes(&b->m, "0123456789abcdef", n);
		if (n == 8)
			continue;
		assert_args(b, "res=<NA>");
		assert_false(event_param_int(&b->m.ev, 0, &v));
		assert_int_equal(event_param_int_or(&b->m.ev, 0, 7), 7);
	}
	assert_int_equal(v, 5);
}

static void texts_end_at_their_first_nul_and_need_none(void **state)
{
	struct bench *b = *state;
	struct str s;

	make_event(&b->m, EVT_SYSCALL_GETCWD_X);
	arg_int(&b->m, 0);
	arg_bytes(&b->m, "ab\0cd", 6);
	assert_last(b, "ab", "");
	make_event(&b->m, EVT_SYSCALL_GETCWD_X);
	arg_int(&b->m, 0);
	arg_bytes(&b->m, "abc", 3);
	assert_last(b, "abc", "");
	make_event(&b->m, EVT_SYSCALL_GETCWD_X);
	arg_int(&b->m, 0);
	arg_text(&b->m, "");
	assert_last(b, "", "");
	assert_true(event_param_str(&b->m.ev, 1, &s));
	make_event(&b->m, EVT_SYSCALL_GETCWD_X);
	arg_int(&b->m, 0);
	arg_text(&b->m, "(NULL)");
	assert_last(b, "<NA>", "");
	assert_false(event_param_str(&b->m.ev, 1, &s));
	assert_false(event_param_str(&b->m.ev, 0, &s));
	assert_false(event_param_str(&b->m.ev, 9, &s));
}

static void relative_paths_are_resolved_from_their_directory(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_MKDIRAT_X);
	arg_int(&b->m, 0);
	arg_int(&b->m, 3);
	arg_text(&b->m, "x/./y");
	assert_last(b, "x/./y", "/etc/x/y");
	make_event(&b->m, EVT_SYSCALL_MKDIRAT_X);
	arg_int(&b->m, 0);
	arg_int(&b->m, 9); /* unknown */
	arg_text(&b->m, "x");
	assert_last(b, "x", "x");
	make_event(&b->m, EVT_SYSCALL_MKDIRAT_X);
	arg_int(&b->m, 0);
	arg_none(&b->m);
	arg_text(&b->m, "x");
	assert_last(b, "x", "");
	make_event(&b->m, EVT_SYSCALL_CHROOT_X);
	arg_int(&b->m, 0);
	arg_text(&b->m, "/abs/../x");
	assert_last(b, "/abs/../x", "");
	make_event(&b->m, EVT_SYSCALL_CHROOT_X);
	arg_int(&b->m, 0);
	arg_none(&b->m);
	assert_last(b, "<NA>", "");
}

static void numbers_follow_their_format(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SOCKET_ACCEPT4_6_X);
	arg_int(&b->m, 3);
	arg_none(&b->m);
	arg_int(&b->m, 200);
	arg_int(&b->m, 1);
	arg_int(&b->m, -1); /* decimals are signed, whatever the type */
	arg_int(&b->m, -1);
	assert_args(b, "fd=3(<f>/etc/passwd) tuple=NULL queuepct=200 queuelen=1 queuemax=-1 "
		       "flags=FFFFFFFF");
	make_event(&b->m, EVT_SYSCALL_CHMOD_X);
	arg_int(&b->m, 0);
	arg_text(&b->m, "/x");
	arg_int(&b->m, 04755);
	assert_last(b, "04755", "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID");
	make_event(&b->m, EVT_SYSCALL_CHMOD_X);
	arg_int(&b->m, 0);
	arg_text(&b->m, "/x");
	arg_int(&b->m, 0);
	assert_last(b, "0", "");
}

static void users_times_signals_and_processes_have_names(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_SETREUID_X);
	arg_int(&b->m, 0);
	arg_int(&b->m, 0);
	arg_int(&b->m, -1);
	assert_args(b, "res=0 ruid=0(root) euid=-1(<NONE>)");
	make_event(&b->m, EVT_SYSCALL_SETREUID_X);
	arg_int(&b->m, 0);
	arg_int(&b->m, 5);
	assert_last(b, "5", "<NA>");
	make_event(&b->m, EVT_SYSCALL_NANOSLEEP_X);
	arg_int(&b->m, 0);
	arg_int(&b->m, 1500000000);
	assert_last(b, "1500000000", "1.5s");
	make_event(&b->m, EVT_SYSCALL_NANOSLEEP_X);
	arg_int(&b->m, 0);
	arg_int(&b->m, -1);
	assert_last(b, "18446744073709551615", "none");
	make_event(&b->m, EVT_SYSCALL_KILL_X);
	arg_int(&b->m, 0);
	arg_int(&b->m, 12);
	arg_int(&b->m, 9);
	assert_args(b, "res=0 pid=12(bash) sig=9(SIGKILL)");
	make_event(&b->m, EVT_SYSCALL_PPOLL_X);
	arg_int(&b->m, 0);
	arg_none(&b->m);
	arg_int(&b->m, 0);
	arg_int(&b->m, 0x101);
	assert_last(b, "SIGHUP SIGKILL", "");
}

static void descriptor_lists_stop_where_their_bytes_do(void **state)
{
	struct bench *b = *state;
	static const uint8_t two[] = { 2, 0, 3, 0, 0, 0, 0, 0, 0, 0,    1,
				       0, 4, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	make_event(&b->m, EVT_SYSCALL_POLL_X);
	arg_int(&b->m, 0);
	arg_bytes(&b->m, two, sizeof(two));
	assert_last(b, "3:f1 4:?ffffffff", "");
	make_event(&b->m, EVT_SYSCALL_POLL_X);
	arg_int(&b->m, 0);
	arg_bytes(&b->m, two, sizeof(two) - 1);
	assert_last(b, "3:f1", "");
	make_event(&b->m, EVT_SYSCALL_POLL_X);
	arg_int(&b->m, 0);
	arg_bytes(&b->m, "\xff", 1);
	assert_last(b, "", "");
}

static void variants_are_shown_as_what_they_hold(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_SYSCALL_PTRACE_X);
	arg_int(&b->m, 0);
	arg_bytes(&b->m, "\1\11", 2);
	assert_last(b, "9", "SIGKILL");
	make_event(&b->m, EVT_SYSCALL_PTRACE_X);
	arg_int(&b->m, 0);
	arg_bytes(&b->m, "\0\20\0\0\0\0\0\0\0", 9);
	assert_last(b, "10", ""); /* PF_HEX of the parameter */
	make_event(&b->m, EVT_SYSCALL_PTRACE_X);
	arg_int(&b->m, 0);
	arg_bytes(&b->m, "\7\11", 2);
	assert_last(b, "INVALID DYNAMIC PARAMETER", "");
	make_event(&b->m, EVT_SYSCALL_PTRACE_X);
	arg_int(&b->m, 0);
	arg_bytes(&b->m, "\0", 1);
	assert_last(b, "<NA>", "");
}

static void sockets_read_as_addresses(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	sock_addr_text(STR("\2\177\0\0\1\220\37"), &sb);
	assert_strbuf(&sb, "127.0.0.1:8080");
	sock_addr_text(STR("\12\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\220\37"), &sb);
	assert_strbuf(&sb, "::1:8080");
	sock_addr_text(STR("\1/run/x\0"), &sb);
	assert_strbuf(&sb, "/run/x");
	sock_addr_text(STR("\20"), &sb);
	assert_strbuf(&sb, "family 16");
	sock_addr_text(STR("\1"), &sb);
	assert_strbuf(&sb, "INVALID PATH");
	sock_addr_text(STR("\2\177\0\0\1\220"), &sb);
	assert_strbuf(&sb, "INVALID IPv4");
	sock_addr_text(STR("\12\177\0\0\1\220"), &sb);
	assert_strbuf(&sb, "INVALID IPv6");
	sock_addr_text(STR(""), &sb);
	assert_strbuf(&sb, "<NA>");
	sock_tuple_text(STR("\2\12\0\0\1\1\0\12\0\0\2\120\0"), &sb);
	assert_strbuf(&sb, "10.0.0.1:1->10.0.0.2:80");
	sock_tuple_text(STR("\12\0\0\0\0\0\0\0\0\0\0\377\377\12\0\0\1\1\0"
			    "\0\0\0\0\0\0\0\0\0\0\377\377\12\0\0\2\120\0"),
			&sb);
	assert_strbuf(&sb, "10.0.0.1:1->10.0.0.2:80");
	sock_tuple_text(STR("\1\0\0\0\0\0\0\0\0\0\10\302\74\0\210\377\377/run/s\0"), &sb);
	assert_strbuf(&sb, "0->ffff88003cc20800 /run/s");
	sock_tuple_text(STR("\1\0\0\0"), &sb);
	assert_strbuf(&sb, "INVALID PATH");
	sock_tuple_text(STR(""), &sb);
	assert_strbuf(&sb, "NULL");
	strbuf_release(&sb);
}

static void flag_walks_differ_where_the_ecosystem_does(void **state)
{
	const struct flag_table *file = flag_table(STR("file_flags"));
	const struct flag_table *mode = flag_table(STR("mknod_mode"));
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	flags_text(file, 0, &sb);
	assert_strbuf(&sb, "O_NONE");
	flags_text(file, 3, &sb);
	assert_strbuf(&sb, "O_RDWR");
	flags_text(file, 7, &sb);
	assert_strbuf(&sb, "O_CREAT|O_RDWR");
	flags_text(file, 0x80000000, &sb);
	assert_strbuf(&sb, "");
	enum_flags_text(flag_table(STR("socket_families")), 1, &sb);
	assert_strbuf(&sb, "AF_LOCAL|AF_UNIX");
	enum_flags_text(flag_table(STR("socket_families")), 99, &sb);
	assert_strbuf(&sb, "");
	mode_text(mode, 010666, &sb);
	assert_strbuf(&sb, "S_IWOTH|S_IROTH|S_IWGRP|S_IRGRP|S_IWUSR|S_IRUSR|S_IFIFO");
	flags_text(NULL, 1, &sb);
	enum_flags_text(NULL, 1, &sb);
	mode_text(NULL, 1, &sb);
	assert_strbuf(&sb, "");
	strbuf_release(&sb);
}

static void buffers_have_five_faces(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct event_text_options opt = { .buffer = BUFFER_DOTS };
	struct str text = STR("ab\r\nc\n\1d");

	(void)state;
	buffer_text(text, NULL, &sb);
	assert_strbuf(&sb, "ab..c..d");
	opt.max_buffer = 6;
	buffer_text(text, &opt, &sb);
	assert_strbuf(&sb, "ab....");
	opt.max_buffer = 2;
	buffer_text(text, &opt, &sb);
	assert_strbuf(&sb, "..");
	opt = (struct event_text_options){ .buffer = BUFFER_HEX };
	buffer_text(STR("0123456789abcdefXYZ"), &opt, &sb);
	assert_strbuf(&sb, "\n\t0x0000: 3031 3233 3435 3637 3839 6162 6364 6566"
			   "\n\t0x0010: 5859 5a\n");
	opt.buffer = BUFFER_HEXASCII;
	buffer_text(STR("0123456789abcdefXY"), &opt, &sb);
	assert_strbuf(&sb, "\n\t0x0000: 3031 3233 3435 3637 3839 6162 6364 6566  0123456789abcdef"
			   "\n\t0x0010: 5859                                     XY\n");
	opt.buffer = BUFFER_ASCII;
	buffer_text(text, &opt, &sb);
	assert_strbuf(&sb, "\nab\nc\nd");
	opt.buffer = BUFFER_BASE64;
	buffer_text(STR("abcd"), &opt, &sb);
	assert_strbuf(&sb, "YWJjZA==");
	strbuf_release(&sb);
}

static void generic_and_asynchronous_events_are_called_what_they_carry(void **state)
{
	struct bench *b = *state;

	make_event(&b->m, EVT_GENERIC_X);
	arg_int(&b->m, syscall_by_name(STR("gettid"))->sc);
	assert_str(event_type_text(&b->m.ev), "gettid");
	arg_int(&b->m, 1);
	assert_args(b, "");
	make_event(&b->m, EVT_GENERIC_X);
	arg_int(&b->m, 0);
	arg_int(&b->m, 24);
	assert_str(event_type_text(&b->m.ev), "sched_yield");
	make_event(&b->m, EVT_GENERIC_X);
	arg_int(&b->m, 9999);
	assert_str(event_type_text(&b->m.ev), "syscall");
	make_event(&b->m, EVT_ASYNCEVENT_E);
	arg_int(&b->m, 0);
	arg_text(&b->m, "container");
	assert_str(event_type_text(&b->m.ev), "container");
	make_event(&b->m, EVT_SYSCALL_OPEN_X);
	assert_str(event_type_text(&b->m.ev), "open");
}

static void return_values_are_those_of_exits(void **state)
{
	struct bench *b = *state;
	int64_t v = 1;

	make_event(&b->m, EVT_SYSCALL_CLOSE_X);
	arg_int(&b->m, -9);
	assert_true(event_retval(&b->m.ev, &v));
	assert_int_equal(v, -9);
	make_event(&b->m, EVT_SYSCALL_CLOSE_E);
	arg_int(&b->m, 3);
	assert_false(event_retval(&b->m.ev, &v));
	make_event(&b->m, EVT_GENERIC_X);
	arg_int(&b->m, 3);
	assert_false(event_retval(&b->m.ev, &v));
	make_event(&b->m, EVT_SYSCALL_OPEN_X);
	assert_false(event_retval(&b->m.ev, &v));
}

#define assert_joined(base, path, want)                     \
	do {                                                \
		path_join(str_of(base), str_of(path), &sb); \
		assert_strbuf(&sb, want);                   \
	} while (0)

static void paths_join_as_the_kernel_walks_them(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	char long_path[1100];

	(void)state;
	assert_joined("/home/u/", "a", "/home/u/a");
	assert_joined("/home/u/", "/etc/passwd", "/etc/passwd");
	assert_joined("/home/u/", "", "");
	assert_joined("/home/u/", ".", "/home/u");
	assert_joined("/home/u/", "..", "/home");
	assert_joined("/home/u/", "../../..", "/");
	assert_joined("/home/u/", "../../../x", "/x");
	assert_joined("/home/u/", "a//b/./c/", "/home/u/a/b/c");
	assert_joined("/home/u/", "a/../b", "/home/u/b");
	assert_joined("/home/u/", "..a/.b/...", "/home/u/..a/.b/...");
	assert_joined("/home/../u//", "x", "/home/../u//x"); /* the base is not looked at */
	assert_joined("/", "x", "/x");
	assert_joined("/x/", "/", "/");
	assert_joined("/x/", "//", "/");
	assert_joined("/x/", "/..", "/");
	assert_joined("/x/", "/../../y", "/y");
	assert_joined("", "a/b", "a/b");
	assert_joined("", "a/../b", "b");
	assert_joined("<UNKNOWN>", "a/../b", "b");
	assert_joined("<UNKNOWN>", "a/b", "<UNKNOWN>a/b");
	assert_joined("<UNKNOWN>", "./a", "<UNKNOWN>./a");
	memset(long_path, 'a', sizeof(long_path));
	long_path[1024] = '\0';
	assert_joined("", long_path, "/DIR_TOO_LONG/FILENAME_TOO_LONG");
	long_path[1023] = '\0';
	assert_joined("", long_path, long_path);
	assert_joined("/", long_path, "/DIR_TOO_LONG/FILENAME_TOO_LONG");
	strbuf_release(&sb);
}

/* Every type with every parameter of every small size: reading beyond one is for the sanitizer. */
static void any_bytes_can_be_shown(void **state)
{
	struct bench *b = *state;

	for (unsigned t = 0; t < EVENT_N_TYPES; t++) {
		for (unsigned size = 0; size < 24; size++) {
			struct param params[EVENT_MAX_PARAMS];
			uint8_t *bytes = malloc(size ? size : 1);

			memset(bytes, (int)size, size);
			for (unsigned i = 0; i < EVENT_MAX_PARAMS; i++)
				params[i] = (struct param){ bytes, size };
			make_event(&b->m, t);
			b->m.ev.params = params;
			b->m.ev.n_params = EVENT_MAX_PARAMS;
			event_args_text(&b->m.ev, &resolver, NULL, &b->raw);
			(void)event_type_text(&b->m.ev);
			strbuf_reset(&b->raw);
			free(bytes);
		}
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_open_reads_as_everyone_knows_it),
		TEST(missing_parameters_are_not_shown_and_more_are_ignored),
		TEST(errors_have_names_when_negative),
		TEST(empty_parameters_say_so_by_type),
		TEST(integers_of_the_wrong_size_are_not_available),
		TEST(texts_end_at_their_first_nul_and_need_none),
		TEST(relative_paths_are_resolved_from_their_directory),
		TEST(numbers_follow_their_format),
		TEST(users_times_signals_and_processes_have_names),
		TEST(descriptor_lists_stop_where_their_bytes_do),
		TEST(variants_are_shown_as_what_they_hold),
		TEST(sockets_read_as_addresses),
		TEST(flag_walks_differ_where_the_ecosystem_does),
		TEST(buffers_have_five_faces),
		TEST(generic_and_asynchronous_events_are_called_what_they_carry),
		TEST(return_values_are_those_of_exits),
		TEST(paths_join_as_the_kernel_walks_them),
		TEST(any_bytes_can_be_shown),
	};

	return cmocka_run_group_tests_name("event_text", tests, NULL, NULL);
}
