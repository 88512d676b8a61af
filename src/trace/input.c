/* The bytes of a trace: see input.h. */
#include "trace/input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/xalloc.h"
#include "trace/input_ahead.h"

#define CHUNK ((size_t)256 * 1024)

struct input_gzip {
	z_stream z;
	bool between;  /* behind the end of a member */
	bool trailing; /* zero padding was seen behind the last member */
	uint8_t raw[CHUNK];
};

struct memory {
	const uint8_t *p;
	size_t n, at;
};

static ssize_t read_memory(void *arg, void *buf, size_t n)
{
	struct memory *m = arg;

	if (n > m->n - m->at)
		n = m->n - m->at;
	if (n)
		memcpy(buf, m->p + m->at, n);
	m->at += n;
	return (ssize_t)n;
}

static ssize_t read_fd(void *arg, void *buf, size_t n)
{
	struct input *in = arg;

	return read(in->fd, buf, n);
}

struct input *input_from(const char *name, input_read_fn *fn, void *arg)
{
	struct input *in = xcalloc(1, sizeof(*in));

	in->name = name;
	in->fd = -1;
	in->read = fn;
	in->arg = arg;
	in->cap = CHUNK;
	in->buf = xmalloc(in->cap);
	in->p = in->buf;
	return in;
}

struct input *input_from_memory(const char *name, const void *p, size_t n)
{
	struct memory *m = xmalloc(sizeof(*m));
	struct input *in = input_from(name, read_memory, m);

	*m = (struct memory){ p, n, 0 };
	in->size = n;
	return in;
}

int input_open(const char *path, struct diag *diag, struct input **ret)
{
	bool standard = strcmp(path, "-") == 0;
	struct input *in;
	struct stat st;
	int fd = STDIN_FILENO, r;

	if (!standard) {
		do {
			fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		} while (fd < 0 && errno == EINTR);
		if (fd < 0) {
			r = -errno;
			diag_add(diag, DIAG_ERROR, "TRACE_OPEN", "cannot open the trace: %s",
				 strerror(-r))
				->file = path;
			return r;
		}
	}
	if (fstat(fd, &st) < 0) {
		r = -errno;
		diag_add(diag, DIAG_ERROR, "TRACE_OPEN", "cannot open the trace: %s", strerror(-r))
			->file = path;
		goto fail;
	}
	if (standard && isatty(fd)) {
		r = -EINVAL;
		diag_add(diag, DIAG_ERROR, "TRACE_OPEN",
			 "standard input is a terminal; give it a trace with < or |")
			->file = path;
		goto fail;
	}
	if (S_ISDIR(st.st_mode)) {
		r = -EISDIR;
		diag_add(diag, DIAG_ERROR, "TRACE_OPEN",
			 "this is a directory; name the trace files in it")
			->file = path;
		goto fail;
	}
	in = input_from(path, read_fd, NULL);
	in->arg = in;
	in->fd = fd;
	in->own_fd = !standard;
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		in->size = (uint64_t)st.st_size;
	*ret = in;
	return 0;
fail:
	if (!standard)
		close(fd);
	return r;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	input_ahead_free(in->ahead);
	if (in->own_fd)
		close(in->fd);
	if (in->read == read_memory)
		free(in->arg);
	if (in->gz) {
		inflateEnd(&in->gz->z);
		free(in->gz);
	}
	free(in->buf);
	free(in);
}

/* Bytes of the file into `to`; 0 at its end or on an error, which is then remembered. */
static size_t read_some(struct input *in, void *to, size_t room)
{
	ssize_t n;

	do {
		n = in->read(in->arg, to, room);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		in->error = -errno;
		in->what = "cannot read on";
		return 0;
	}
	in->position += (uint64_t)n;
	return (size_t)n;
}

static void damaged(struct input *in, const char *what)
{
	in->error = -EBADMSG;
	in->what = what;
	in->ended = true;
}

/* Makes raw bytes available to inflate; false at the end of the file. */
static bool gzip_refill(struct input *in)
{
	struct input_gzip *gz = in->gz;

	if (gz->z.avail_in)
		return true;
	gz->z.next_in = gz->raw;
	gz->z.avail_in = (uInt)read_some(in, gz->raw, sizeof(gz->raw));
	return gz->z.avail_in != 0;
}

/* Behind a member: another one, zero padding (as tapes leave it), or the end. */
static bool gzip_next_member(struct input *in)
{
	struct input_gzip *gz = in->gz;

	while (gzip_refill(in)) {
		if (*gz->z.next_in == 0) {
			gz->trailing = true;
			gz->z.next_in++;
			gz->z.avail_in--;
			continue;
		}
		if (*gz->z.next_in != 0x1f || gz->trailing) {
			damaged(in,
				"the gzip data is followed by bytes that are not gzip; they were "
				"left out");
			return false;
		}
		inflateReset(&gz->z);
		gz->between = false;
		return true;
	}
	in->ended = true;
	return false;
}

/* Inflates into the room behind p[0..n). */
static void gzip_some(struct input *in, uint8_t *to, size_t room)
{
	struct input_gzip *gz = in->gz;
	int r;

	if (gz->between && !gzip_next_member(in))
		return;
	if (!gzip_refill(in)) {
		if (in->error)
			in->ended = true;
		else
			damaged(in,
				"the gzip data ends early: the file was cut, or its writer did not "
				"finish it");
		return;
	}
	if (room > UINT32_MAX / 2)
		room = UINT32_MAX / 2;
	gz->z.next_out = to;
	gz->z.avail_out = (uInt)room;
	r = inflate(&gz->z, Z_NO_FLUSH);
	in->n += room - gz->z.avail_out;
	if (r == Z_STREAM_END)
		gz->between = true;
	else if (r == Z_MEM_ERROR)
		damaged(in, "not enough memory to gunzip");
	else if (r != Z_OK && r != Z_BUF_ERROR)
		damaged(in, "the gzip data is damaged");
}

/* Looks at the first bytes: gzip or plain. */
static void detect(struct input *in)
{
	size_t n;

	while (in->n < 2) {
		n = read_some(in, in->buf + in->n, in->cap - in->n);
		if (n == 0) {
			in->ended = true;
			return;
		}
		in->n += n;
	}
	if (in->p[0] != 0x1f || in->p[1] != 0x8b)
		return;
	in->gz = xcalloc(1, sizeof(*in->gz));
	if (inflateInit2(&in->gz->z, 15 + 16) != Z_OK) {
		free(in->gz);
		in->gz = NULL;
		in->n = 0;
		damaged(in, "not enough memory to gunzip");
		return;
	}
	in->gzip = true;
	assert(in->n <= sizeof(in->gz->raw));
	memcpy(in->gz->raw, in->buf, in->n);
	in->gz->z.next_in = in->gz->raw;
	in->gz->z.avail_in = (uInt)in->n;
	in->n = 0;
}

void input_ahead(struct input *in)
{
	in->wants_ahead = true;
}

/* The beginning: what kind of data it is, and who gunzips it. */
static void begin(struct input *in)
{
	detect(in);
	if (in->gz && in->wants_ahead && !in->ended)
		in->ahead = input_ahead_new(in, gzip_some);
}

bool input_fill(struct input *in, size_t want)
{
	size_t n;

	if (in->p != in->buf) {
		memmove(in->buf, in->p, in->n);
		in->p = in->buf;
	}
	if (in->position == 0 && !in->ended)
		begin(in);
	while (in->n < want && !in->ended) {
		if (in->n == in->cap) {
			in->cap *= 2;
			in->buf = xrealloc(in->buf, in->cap);
			in->p = in->buf;
		}
		if (in->ahead) {
			input_ahead_some(in->ahead, in, in->buf + in->n, in->cap - in->n);
		} else if (in->gz) {
			gzip_some(in, in->buf + in->n, in->cap - in->n);
		} else {
			n = read_some(in, in->buf + in->n, in->cap - in->n);
			in->n += n;
			in->ended = n == 0;
		}
	}
	return in->n >= want;
}

void input_consume(struct input *in, size_t n)
{
	assert(n <= in->n);
	in->p += n;
	in->n -= n;
	in->offset += n;
}

int input_seek(struct input *in, uint64_t offset)
{
	if (in->gz || !in->size || offset > in->size)
		return -ESPIPE;
	if (in->read == read_memory)
		((struct memory *)in->arg)->at = (size_t)offset;
	else if (in->fd < 0 || lseek(in->fd, (off_t)offset, SEEK_SET) < 0)
		return in->fd < 0 ? -ESPIPE : -errno;
	in->p = in->buf;
	in->n = 0;
	in->offset = in->position = offset;
	in->ended = false;
	return 0;
}

const char *input_offset_kind(const struct input *in)
{
	return in->gzip ? " of the uncompressed data" : "";
}

int input_report(const struct input *in, struct diag *diag)
{
	uint64_t at = in->offset + in->n;

	if (in->error == -EBADMSG)
		diag_add_at(diag, DIAG_ERROR, "TRACE_GZIP", in->name, at,
			    "%s; %" PRIu64 " bytes of uncompressed data were good", in->what, at);
	else if (in->error)
		diag_add_at(diag, DIAG_ERROR, "TRACE_READ", in->name, in->position, "%s: %s",
			    in->what, strerror(-in->error));
	return in->error;
}
