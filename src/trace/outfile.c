/* An output file that appears whole or not at all: see outfile.h. */
#define ZLIB_CONST
#include "trace/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/xalloc.h"

#define CHUNK     ((size_t)256 * 1024)
#define MAX_TRIES 100

struct outfile {
	const char *path;
	char *temp;    /* name while unfinished, or NULL */
	bool nameless; /* has no name while unfinished (O_TMPFILE) */
	struct diag *diag;
	int fd;
	bool own_fd, overwrite;
	int access; /* O_WRONLY, or O_RDWR to be read back */
	int error;
	uint64_t bytes, written;
	z_stream *z;
	size_t n; /* bytes in buf */
	uint8_t buf[CHUNK];
};

static int fail(struct outfile *o, int err)
{
	if (o->error)
		return o->error;
	o->error = err;
	if (err == -ENOSPC || err == -EDQUOT)
		diag_add(o->diag, DIAG_ERROR, "TRACE_WRITE",
			 "cannot write: %s, after %" PRIu64 " bytes; make room and run it again%s",
			 strerror(-err), o->written,
			 o->temp || o->nameless ? " (the unfinished file is removed)" : "")
			->file = o->path;
	else
		diag_add(o->diag, DIAG_ERROR, "TRACE_WRITE", "cannot write: %s", strerror(-err))
			->file = o->path;
	return err;
}

/* Directory part of a path, with its slash; "" when it has none. */
static struct str directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? str_mem(path, (size_t)(slash + 1 - path)) : STR("");
}

/* A name beside `path` that nobody takes for the finished file. */
static void temp_name(const struct outfile *o, unsigned try, struct strbuf *out)
{
	struct str dir = directory(o->path);

	strbuf_reset(out);
	strbuf_addstr(out, dir);
	/* A name near the limit of the file system must not become too long. */
	strbuf_addf(out, ".%.180s.%ld-%u.tmp", o->path + dir.n, (long)getpid(), try);
}

/* The way to a nameless file, to give it a name by. */
static void nameless_path(const struct outfile *o, char *buf, size_t n)
{
	snprintf(buf, n, "/proc/self/fd/%d", o->fd);
}

/*
 * A file without a name vanishes by itself however eyas ends. Not every file system can, and
 * naming it needs /proc.
 */
static bool open_nameless(struct outfile *o)
{
	struct strbuf dir = STRBUF_INIT;
	char way[32];

	strbuf_addstr(&dir, directory(o->path));
	if (!dir.n)
		strbuf_adds(&dir, ".");
	o->fd = open(dir.s, o->access | O_TMPFILE | O_CLOEXEC, 0600);
	strbuf_release(&dir);
	if (o->fd < 0)
		return false;
	nameless_path(o, way, sizeof(way));
	if (access(way, F_OK) < 0) {
		close(o->fd);
		o->fd = -1;
		return false;
	}
	o->nameless = true;
	return true;
}

static int open_temp(struct outfile *o)
{
	struct strbuf sb = STRBUF_INIT;
	int r = -EEXIST;

	if (open_nameless(o))
		return 0;
	for (unsigned i = 0; i < MAX_TRIES && r == -EEXIST; i++) {
		temp_name(o, i, &sb);
		o->fd = open(sb.s, o->access | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		r = o->fd < 0 ? -errno : 0;
	}
	if (!r)
		o->temp = strbuf_detach(&sb);
	strbuf_release(&sb);
	return r;
}

/* The descriptor that a name stands for, such as a shell's for >(command); -1: none. */
static int standing_for(const char *path)
{
	struct str name = str_of(path), number = { 0 };
	unsigned long long fd;

	if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (str_starts(name, STR("/dev/fd/")))
		number = str_from(name, strlen("/dev/fd/"));
	else if (str_starts(name, STR("/proc/self/fd/")))
		number = str_from(name, strlen("/proc/self/fd/"));
	return str_to_u64(number, &fd) && fd <= INT_MAX ? (int)fd : -1;
}

/* Replacing it takes away a file or a link to one, never a device or the way to one. */
static bool may_be_replaced(const char *path, const struct stat *st)
{
	struct stat to;

	if (S_ISREG(st->st_mode))
		return true;
	return S_ISLNK(st->st_mode) && (stat(path, &to) < 0 || S_ISREG(to.st_mode));
}

static int open_as(const char *path, bool overwrite, int access_mode, struct diag *diag,
		   struct outfile **ret)
{
	struct outfile *o = xcalloc(1, sizeof(*o));
	struct stat st;
	int r = 0;

	o->path = path;
	o->diag = diag;
	o->overwrite = overwrite;
	o->access = access_mode;
	o->fd = standing_for(path);
	o->own_fd = o->fd < 0;
	if (o->fd >= 0) {
		r = fcntl(o->fd, F_GETFL) < 0 ? -errno : 0;
	} else if (lstat(path, &st) < 0) {
		r = errno == ENOENT ? open_temp(o) : -errno;
	} else if (S_ISDIR(st.st_mode)) {
		r = -EISDIR;
	} else if (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)) {
		/* Nothing to replace: it is written to. */
		o->fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
		r = o->fd < 0 ? -errno : 0;
	} else if (!may_be_replaced(path, &st)) {
		r = -ENOTSUP;
	} else if (!overwrite) {
		r = -EEXIST;
	} else {
		r = open_temp(o);
	}
	if (r) {
		if (r == -EEXIST)
			diag_add(diag, DIAG_ERROR, "TRACE_CREATE",
				 "the file exists; --force replaces it")
				->file = path;
		else if (r == -ENOTSUP)
			diag_add(diag, DIAG_ERROR, "TRACE_CREATE",
				 "this is neither a file nor a link to one, and not replaced")
				->file = path;
		else
			diag_add(diag, DIAG_ERROR, "TRACE_CREATE", "cannot create the file: %s",
				 strerror(-r))
				->file = path;
		free(o);
		return r;
	}
	*ret = o;
	return 0;
}

int outfile_open(const char *path, bool overwrite, struct diag *diag, struct outfile **ret)
{
	return open_as(path, overwrite, O_WRONLY, diag, ret);
}

int outfile_open_readable(const char *path, bool overwrite, struct diag *diag, struct outfile **ret)
{
	return open_as(path, overwrite, O_RDWR, diag, ret);
}

void outfile_gzip(struct outfile *o, int level)
{
	o->z = xcalloc(1, sizeof(*o->z));
	if (deflateInit2(o->z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(o->z);
		o->z = NULL;
		fail(o, -ENOMEM);
		return;
	}
	o->z->next_out = o->buf;
	o->z->avail_out = sizeof(o->buf);
}

static int write_out(struct outfile *o)
{
	const uint8_t *p = o->buf;

	while (o->n) {
		ssize_t n = write(o->fd, p, o->n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(o, -errno);
		p += n;
		o->n -= (size_t)n;
		o->written += (uint64_t)n;
	}
	return 0;
}

/* Compresses what is given; mode is one of zlib's. */
static int deflate_all(struct outfile *o, const void *p, size_t n, int mode)
{
	static uint8_t none[1];
	const uint8_t *next = p ? p : none;
	bool more = true;

	while (more || n) {
		size_t part = n < UINT32_MAX / 2 ? n : UINT32_MAX / 2;

		o->z->next_in = next;
		o->z->avail_in = (uInt)part;
		o->z->next_out = o->buf + o->n;
		o->z->avail_out = (uInt)(CHUNK - o->n);
		deflate(o->z, mode);
		next += part - o->z->avail_in;
		n -= part - o->z->avail_in;
		o->n = CHUNK - o->z->avail_out;
		more = o->z->avail_out == 0;
		if (more && write_out(o))
			return o->error;
	}
	return 0;
}

int outfile_write(struct outfile *o, const void *p, size_t n)
{
	const uint8_t *from = p;

	if (o->error)
		return o->error;
	o->bytes += n;
	if (o->z)
		return n ? deflate_all(o, p, n, Z_NO_FLUSH) : 0;
	while (n) {
		size_t part = CHUNK - o->n < n ? CHUNK - o->n : n;

		memcpy(o->buf + o->n, from, part);
		o->n += part;
		from += part;
		n -= part;
		if (o->n == CHUNK && write_out(o))
			return o->error;
	}
	return 0;
}

int outfile_flush(struct outfile *o)
{
	if (o->error || (o->z && deflate_all(o, NULL, 0, Z_SYNC_FLUSH)))
		return o->error;
	return write_out(o);
}

bool outfile_reads_back(const struct outfile *o)
{
	return o->access == O_RDWR && !o->z && (o->temp || o->nameless);
}

ssize_t outfile_read_back(struct outfile *o, void *p, size_t n, uint64_t offset)
{
	ssize_t r;

	do
		r = pread(o->fd, p, n, (off_t)offset);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r;
}

uint64_t outfile_bytes(const struct outfile *o)
{
	return o->bytes;
}

static int release(struct outfile *o)
{
	int r = o->error;

	if (o->z) {
		deflateEnd(o->z);
		free(o->z);
	}
	free(o->temp);
	free(o);
	return r;
}

/* Gives a nameless file a temporary name to be renamed from. */
static int name_temp(struct outfile *o)
{
	struct strbuf sb = STRBUF_INIT;
	char way[32];
	int r = -EEXIST;

	nameless_path(o, way, sizeof(way));
	for (unsigned i = 0; i < MAX_TRIES && r == -EEXIST; i++) {
		temp_name(o, i, &sb);
		r = linkat(AT_FDCWD, way, AT_FDCWD, sb.s, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
	}
	if (!r)
		o->temp = strbuf_detach(&sb);
	strbuf_release(&sb);
	return r ? fail(o, r) : 0;
}

/* The finished file under its name; does not replace what has come there meanwhile, unless asked.
 */
static int give_name(struct outfile *o)
{
	char way[32];

	if (o->nameless && !o->overwrite) {
		nameless_path(o, way, sizeof(way));
		if (linkat(AT_FDCWD, way, AT_FDCWD, o->path, AT_SYMLINK_FOLLOW) < 0)
			return fail(o, -errno);
		return 0;
	}
	if (o->nameless && name_temp(o))
		return o->error;
	if (o->overwrite) {
		if (rename(o->temp, o->path) < 0)
			return fail(o, -errno);
	} else {
		/* Unlike rename(), refused when the name is taken. */
		if (link(o->temp, o->path) < 0)
			return fail(o, -errno);
		unlink(o->temp);
	}
	free(o->temp);
	o->temp = NULL;
	return 0;
}

int outfile_finish(struct outfile *o)
{
	bool regular = o->temp || o->nameless;

	if (!o->error && o->z)
		deflate_all(o, NULL, 0, Z_FINISH);
	if (!o->error)
		write_out(o);
	if (!o->error && regular && fsync(o->fd) < 0 && errno != EINVAL && errno != EROFS)
		fail(o, -errno);
	if (!o->error && regular)
		give_name(o);
	if (o->own_fd && close(o->fd) < 0 && errno != EINTR)
		fail(o, -errno);
	if (o->temp)
		unlink(o->temp);
	return release(o);
}

void outfile_abort(struct outfile *o)
{
	if (!o)
		return;
	if (o->own_fd)
		close(o->fd);
	if (o->temp)
		unlink(o->temp);
	release(o);
}
