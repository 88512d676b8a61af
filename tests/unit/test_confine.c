#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/confine.h"

/* What a confined child found out, as exit status bits: 64 means a claim did not hold. */
#define BROKEN 64

static int in_child(int (*fn)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int try_files(void)
{
	const char *const read_paths[] = { "/etc/passwd", "/nonexistent" };
	struct confine_rules rules = { read_paths, 2 };
	int open_before = open("/etc/group", O_RDONLY);
	char c;

	if (!(confine(&rules) & CONFINED_FILES))
		return 0;
	if (open("/etc/passwd", O_RDONLY) < 0)
		return BROKEN | 1;
	if (open("/etc/hostname", O_RDONLY) >= 0 || errno == ENOENT)
		return BROKEN | 2;
	if (open("/etc/passwd", O_WRONLY) >= 0)
		return BROKEN | 4;
	if (open("/tmp/eyas-confined", O_WRONLY | O_CREAT, 0600) >= 0)
		return BROKEN | 8;
	if (read(open_before, &c, 1) != 1)
		return BROKEN | 16;
	return CONFINED_FILES;
}

static int try_calls(void)
{
	struct confine_rules rules = { NULL, 0 };

	if (!(confine(&rules) & CONFINED_CALLS))
		return 0;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		return BROKEN | 1;
	if (execl("/bin/true", "true", (char *)NULL) >= 0 || errno != EPERM)
		return BROKEN | 2;
	if (kill(getppid(), 0) >= 0 || errno != EPERM)
		return BROKEN | 4;
	if (write(STDERR_FILENO, "", 0) < 0)
		return BROKEN | 8;
	return CONFINED_CALLS;
}

static void a_confined_process_opens_only_what_it_was_told(void **state)
{
	int got = in_child(try_files);

	(void)state;
	if (!got)
		skip(); /* no Landlock in this kernel, or a build that does not confine itself */
	assert_int_equal(got, CONFINED_FILES);
}

static void a_confined_process_starts_nothing_and_reaches_nobody(void **state)
{
	int got = in_child(try_calls);

	(void)state;
	if (!got)
		skip();
	assert_int_equal(got, CONFINED_CALLS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_confined_process_opens_only_what_it_was_told),
		cmocka_unit_test(a_confined_process_starts_nothing_and_reaches_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
