/* Who reads our pipe: tested with real processes that begin to read at awkward moments. */
#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture/peer.h"

/* A process that has the pipe open for reading until it is killed. */
static pid_t reader_of(const int ends[2])
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[1]);
		pause();
		_exit(0);
	}
	return pid;
}

/* Runs peer_of() in a child of ours, as a shell's writer: we are its ancestor. */
static pid_t ask(const int ends[2], int answer)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		uint32_t peer;

		close(ends[0]);
		peer = peer_of(ends[1]);
		_exit(write(answer, &peer, sizeof(peer)) != sizeof(peer));
	}
	return pid;
}

static uint32_t answer_of(int answer)
{
	uint32_t peer = 0;

	assert_int_equal(read(answer, &peer, sizeof(peer)), sizeof(peer));
	return peer;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_shell_that_has_not_started_the_reader_is_not_it(void **s)
{
	const struct timespec a_while = { 0, 100000000 };
	int ends[2], answer[2];
	pid_t writer, reader;

	(void)s;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipe(answer), 0);
	writer = ask(ends, answer[1]);
	nanosleep(&a_while, NULL); /* it has looked, and found only us */
	reader = reader_of(ends);
	close(ends[0]);
	assert_int_equal(answer_of(answer[0]), reader);
	end(reader);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	close(ends[1]);
	close(answer[0]);
	close(answer[1]);
}

static void a_parent_that_reads_itself_is_it_in_the_end(void **s)
{
	int ends[2], answer[2];
	pid_t writer;

	(void)s;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipe(answer), 0);
	writer = ask(ends, answer[1]);
	assert_int_equal(answer_of(answer[0]), getpid());
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	close(ends[0]);
	close(ends[1]);
	close(answer[0]);
	close(answer[1]);
}

static void neither_pipe_nor_socket_has_a_peer(void **s)
{
	FILE *f = tmpfile();

	(void)s;
	assert_non_null(f);
	assert_int_equal(peer_of(fileno(f)), 0);
	assert_int_equal(peer_of(-1), 0);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shell_that_has_not_started_the_reader_is_not_it),
		cmocka_unit_test(a_parent_that_reads_itself_is_it_in_the_end),
		cmocka_unit_test(neither_pipe_nor_socket_has_a_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
