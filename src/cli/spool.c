/* A pipe as a file: see spool.h. */
#include "cli/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "cli/progress.h"

bool spool_is_needed(const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	uint8_t head[2] = { 0 };
	struct stat st;
	ssize_t n;
	int fd;

	/* What cannot be looked at is told by whoever opens it. */
	if (is_stdin ? fstat(STDIN_FILENO, &st) < 0 : stat(path, &st) < 0)
		return false;
	if (!S_ISREG(st.st_mode))
		return !S_ISDIR(st.st_mode);
	fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : pread(fd, head, sizeof(head), 0);
	if (fd >= 0 && !is_stdin)
		close(fd);
	return n == 2 && head[0] == 0x1f && head[1] == 0x8b;
}

/* The directory of `beside`, with its slash. */
static void add_directory(const char *beside, struct strbuf *out)
{
	const char *slash = strrchr(beside, '/'), *tmp = getenv("TMPDIR");

	if (strcmp(beside, "-") == 0)
		strbuf_addf(out, "%s/", tmp && *tmp ? tmp : "/tmp");
	else if (slash)
		strbuf_add(out, beside, (size_t)(slash + 1 - beside));
	else
		strbuf_adds(out, "./");
}

int spool_open(const char *beside, struct diag *diag)
{
	struct strbuf path = STRBUF_INIT;
	size_t dir;
	int fd;

	add_directory(beside, &path);
	dir = path.n;
	fd = open(path.s, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) {
		/* Not every file system can have files without a name. */
		strbuf_adds(&path, ".eyas-spool.XXXXXX");
		fd = mkostemp(path.s, O_CLOEXEC);
		if (fd >= 0)
			unlink(path.s);
	}
	if (fd < 0)
		diag_add(diag, DIAG_ERROR, "SPOOL",
			 "there must be a file to look at a pipe or gzip'd data in any order: "
			 "cannot create one in %.*s: %s",
			 (int)dir, path.s, strerror(errno));
	strbuf_release(&path);
	return fd;
}

static int write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

int spool_fill(int fd, struct input *in, uint64_t max, struct diag *diag, bool *ret_damaged)
{
	struct progress progress;
	int r = 0;

	progress_begin(&progress);
	while (!r && input_need(in, 1)) {
		if (in->offset + in->n > max) {
			r = -EFBIG;
			break;
		}
		r = write_all(fd, in->p, in->n);
		input_consume(in, in->n);
		if (progress_due(&progress))
			progress_say(&progress, "reading: %" PRIu64 " MiB", in->offset >> 20);
	}
	progress_end(&progress);
	if (r == -EFBIG)
		diag_add(diag, DIAG_ERROR, "SPOOL",
			 "there are more than %" PRIu64 " bytes%s: --spool allows more", max,
			 input_offset_kind(in))
			->file = in->name;
	else if (r)
		diag_add(diag, DIAG_ERROR, "SPOOL",
			 "cannot keep what is read in a file meanwhile: %s", strerror(-r))
			->file = in->name;
	else
		r = input_report(in, diag);
	*ret_damaged = r == -EBADMSG;
	return *ret_damaged ? 0 : r;
}
