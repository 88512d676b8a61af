/* Lines to standard output or a file; see line_sink.h. */
#include "output/line_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/xalloc.h"

#define FLUSH_AT 65536

struct line_sink {
	int fd;
	bool owns_fd, unbuffered;
	bool old_content; /* of a file: still to be cut off */
	int error;        /* of the first write that failed */
	struct strbuf pending;
};

static struct line_sink *sink_new(int fd, bool owns_fd, bool unbuffered)
{
	struct line_sink *k = xcalloc(1, sizeof(*k));

	k->fd = fd;
	k->owns_fd = owns_fd;
	k->unbuffered = unbuffered;
	strbuf_init(&k->pending);
	return k;
}

struct line_sink *line_sink_stdout(bool unbuffered)
{
	return sink_new(STDOUT_FILENO, false, unbuffered);
}

struct line_sink *line_sink_file(const char *path, bool unbuffered, struct diag *diag)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	struct line_sink *k;

	if (fd < 0) {
		diag_add(diag, DIAG_ERROR, NULL, "cannot write %s: %s", path, strerror(errno));
		return NULL;
	}
	k = sink_new(fd, true, unbuffered);
	k->old_content = true;
	return k;
}

int line_sink_flush(struct line_sink *k)
{
	size_t done = 0;

	/* A device or pipe has nothing to cut off and says EINVAL. */
	if (k->old_content && ftruncate(k->fd, 0) < 0 && errno != EINVAL && !k->error)
		k->error = -errno;
	k->old_content = false;
	while (!k->error && done < k->pending.n) {
		ssize_t n = write(k->fd, k->pending.s + done, k->pending.n - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0)
			k->error = -EIO;
		else if (errno != EINTR)
			k->error = -errno;
	}
	strbuf_reset(&k->pending);
	return k->error;
}

int line_sink_put(struct line_sink *k, struct str line)
{
	strbuf_addstr(&k->pending, line);
	strbuf_addc(&k->pending, '\n');
	if (k->unbuffered || k->pending.n >= FLUSH_AT)
		return line_sink_flush(k);
	return k->error;
}

int line_sink_finish(struct line_sink *k)
{
	int r = line_sink_flush(k);

	/* Closing is where a full or remote disk may say so. */
	if (k->owns_fd && close(k->fd) < 0 && !r && errno != EINTR)
		r = -errno;
	strbuf_release(&k->pending);
	free(k);
	return r;
}

void line_sink_drop(struct line_sink *k)
{
	if (!k)
		return;
	if (k->owns_fd)
		close(k->fd);
	strbuf_release(&k->pending);
	free(k);
}
