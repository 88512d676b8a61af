/* Rewriting files of tests in place; see test_rewrite.h. */
#include "cli/test_rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exit_status.h"

#define ROUNDS_MAX 8 /* each shows what the one before hid; more would go round in circles */

static int write_all(int fd, struct str text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text = str_from(text, (size_t)n);
	}
	return 0;
}

/* The new text appears whole or not at all, with the file's mode, also behind a symbolic link. */
static int replace_file(const char *path, struct str text)
{
	char *real = realpath(path, NULL);
	struct strbuf temp = STRBUF_INIT;
	struct stat st;
	int fd = -1, e = real && stat(real, &st) == 0 ? 0 : -errno;

	if (!e) {
		strbuf_addf(&temp, "%s.XXXXXX", real);
		fd = mkstemp(temp.s);
		e = fd < 0 ? -errno : 0;
	}
	if (!e)
		e = write_all(fd, text);
	if (!e && (fchmod(fd, st.st_mode & 07777) < 0 || fsync(fd) < 0))
		e = -errno;
	if (fd >= 0 && close(fd) < 0 && !e)
		e = -errno;
	if (!e && rename(temp.s, real) < 0)
		e = -errno;
	if (e && fd >= 0)
		unlink(temp.s);
	strbuf_release(&temp);
	free(real);
	return e;
}

static int write_files(const struct test_update *u, const struct test_set *set)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < set->files.n; i++) {
		const struct test_file *f = set->files.v[i];
		struct strbuf text = STRBUF_INIT;
		size_t n = 0;
		int e;

		for (size_t k = 0; k < u->edits.n; k++)
			n += u->edits.v[k].file == f;
		if (!n)
			continue;
		test_update_apply(u, f, &text);
		e = replace_file(f->path, strbuf_str(&text));
		strbuf_release(&text);
		if (e) {
			fprintf(stderr, "eyas test: cannot write %s: %s\n", f->path, strerror(-e));
			status = EXIT_FAILED;
		} else {
			fprintf(stderr, "%s: %zu place%s rewritten\n", f->path, n,
				n == 1 ? "" : "s");
		}
	}
	return status;
}

/* One round; *ret_left says whether another may find more. */
static int rewrite_once(const struct test_rewrite *w, bool last, bool *ret_left)
{
	struct diag diag, notes;
	struct test_update u = { 0 };
	struct test_set set;
	struct test_run run;
	int e = 0, status = EXIT_DONE;

	diag_init(&diag);
	diag_init(&notes);
	test_set_init(&set, &diag);
	test_run_init(&run, &set, &diag);
	run.jobs = w->jobs;
	for (size_t i = 0; i < w->n_rules; i++)
		vec_push(&set.default_rules, w->rules[i]);
	for (size_t i = 0; i < w->n_paths && !e; i++)
		e = test_set_add(&set, w->paths[i]);
	if (!e)
		e = test_run_prepare(&run, w->wanted, w->arg);
	*ret_left = false;
	/* What is wrong is told by the run that follows. */
	if (!e) {
		test_run_all(&run);
		test_update_collect(&u, &run, &notes);
		*ret_left = u.edits.n != 0;
		if (u.edits.n && !last)
			status = write_files(&u, &set);
		else
			diag_print(&notes, stderr);
		test_update_free(&u);
	}
	test_run_free(&run);
	test_set_free(&set);
	diag_free(&notes);
	diag_free(&diag);
	return status;
}

int test_rewrite(const struct test_rewrite *w)
{
	bool left = true;
	int status = EXIT_DONE;

	for (unsigned i = 0; i < ROUNDS_MAX && left && !status; i++)
		status = rewrite_once(w, i + 1 == ROUNDS_MAX, &left);
	return status;
}
