#include "cli/signature.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/xalloc.h"

#define MAX_TEXT 65536 /* of a question or an answer */

struct signature {
	const char *file, *allowed, *identity;
	pid_t pid;
	int to, from;
};

static bool write_all(int fd, const void *p, size_t n)
{
	const char *from = p;

	while (n) {
		ssize_t r = write(fd, from, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return false;
		from += r;
		n -= (size_t)r;
	}
	return true;
}

static bool read_all(int fd, void *p, size_t n)
{
	char *to = p;

	while (n) {
		ssize_t r = read(fd, to, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return false;
		to += r;
		n -= (size_t)r;
	}
	return true;
}

/* A number and a text, with its length before it. */
static bool message_write(int fd, unsigned number, struct str text)
{
	uint8_t head[8];

	if (text.n > MAX_TEXT)
		text.n = MAX_TEXT;
	put_le32(head, number);
	put_le32(head + 4, (uint32_t)text.n);
	return write_all(fd, head, sizeof(head)) && write_all(fd, text.p, text.n);
}

static bool message_read(int fd, unsigned *ret_number, struct strbuf *ret_text)
{
	uint8_t head[8];
	size_t n;

	if (!read_all(fd, head, sizeof(head)))
		return false;
	*ret_number = get_le32(head);
	n = get_le32(head + 4);
	strbuf_reset(ret_text);
	if (n > MAX_TEXT || !read_all(fd, strbuf_reserve(ret_text, n + 1), n))
		return false;
	ret_text->n = n;
	ret_text->s[n] = '\0';
	return true;
}

/* ---- the process that asks */

/* Replaces this process. What ssh-keygen says, also of its troubles, goes into the pipe. */
static void keygen_exec(const char *const argv[], int in, int out)
{
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

static void read_text(int fd, struct strbuf *out)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && out->n < MAX_TEXT)
			strbuf_add(out, buf, (size_t)n);
}

/* Runs ssh-keygen: its exit status, 127 when it could not be run. */
static int keygen_run(const char *const argv[], struct str in, struct strbuf *out)
{
	int to[2], from[2], status = 0;
	pid_t pid;

	strbuf_reset(out);
	if (pipe2(to, O_CLOEXEC) < 0)
		return 127;
	if (pipe2(from, O_CLOEXEC) < 0) {
		close(to[0]);
		close(to[1]);
		return 127;
	}
	pid = fork();
	if (pid == 0)
		keygen_exec(argv, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	if (pid > 0) {
		/* it may end without reading; the text fits a pipe */
		write_all(to[1], in.p, in.n);
		close(to[1]);
		read_text(from[0], out);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	} else {
		close(to[1]);
	}
	close(from[0]);
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

static void trim(struct strbuf *sb)
{
	while (sb->n && (sb->s[sb->n - 1] == '\n' || sb->s[sb->n - 1] == '\r'))
		strbuf_truncate(sb, sb->n - 1);
}

/* The answer to one question: the exit status of ssh-keygen and its text, or who has signed. */
static int answer(const struct signature *s, struct str text, struct strbuf *out)
{
	const char *find[] = { "ssh-keygen", "-Y", "find-principals", "-s",
			       s->file,      "-f", s->allowed,        NULL };
	struct strbuf who = STRBUF_INIT;
	int status = 0;

	if (s->identity) {
		strbuf_adds(&who, s->identity);
	} else {
		ptrdiff_t end;

		status = keygen_run(find, STR(""), &who);
		end = str_chr(strbuf_str(&who), '\n');
		/* of several with the same key, the first: the message is the same */
		if (!status && end >= 0)
			strbuf_truncate(&who, (size_t)end);
	}
	if (status) {
		strbuf_addstr(out, strbuf_str(&who));
	} else {
		const char *verify[] = { "ssh-keygen",        "-Y", "verify", "-n",
					 SIGNATURE_NAMESPACE, "-s", s->file,  "-f",
					 s->allowed,          "-I", who.s,    NULL };

		status = keygen_run(verify, text, out);
		if (!status) {
			strbuf_reset(out);
			strbuf_addstr(out, strbuf_str(&who));
		}
	}
	trim(out);
	strbuf_release(&who);
	return status;
}

static void serve(const struct signature *s, int in, int out)
{
	struct strbuf question = STRBUF_INIT, text = STRBUF_INIT;
	unsigned n;

	signal(SIGPIPE, SIG_IGN);
	while (message_read(in, &n, &question)) {
		int status;

		strbuf_reset(&text);
		status = answer(s, strbuf_str(&question), &text);
		if (!message_write(out, (unsigned)status, strbuf_str(&text)))
			break;
	}
	_exit(0);
}

/* ---- the process that wants to know */

struct signature *signature_start(const char *file, const char *allowed, const char *identity)
{
	struct signature *s = xcalloc(1, sizeof(*s));
	int to[2] = { -1, -1 }, from[2] = { -1, -1 };

	s->file = file;
	s->allowed = allowed;
	s->identity = identity;
	s->pid = -1;
	if (pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0)
		s->pid = fork();
	if (s->pid == 0) {
		close(to[1]);
		close(from[0]);
		serve(s, to[0], from[1]);
	}
	if (to[0] >= 0)
		close(to[0]);
	if (from[1] >= 0)
		close(from[1]);
	s->to = to[1];
	s->from = from[0];
	if (s->pid < 0) {
		signature_end(s);
		return NULL;
	}
	return s;
}

int signature_ask(struct signature *s, struct str text, struct strbuf *ret_text)
{
	unsigned status;

	strbuf_reset(ret_text);
	if (!message_write(s->to, 0, text) || !message_read(s->from, &status, ret_text)) {
		strbuf_reset(ret_text);
		strbuf_adds(ret_text, "the process that runs ssh-keygen has ended");
		return -EIO;
	}
	if (status == 127) {
		strbuf_reset(ret_text);
		strbuf_adds(ret_text,
			    "ssh-keygen cannot be run: install OpenSSH's client (8.1 or later)");
		return -ENOENT;
	}
	return status == 0;
}

void signature_end(struct signature *s)
{
	if (!s)
		return;
	if (s->to >= 0)
		close(s->to);
	if (s->from >= 0)
		close(s->from);
	while (s->pid > 0 && waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(s);
}
