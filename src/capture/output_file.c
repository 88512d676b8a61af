#include "capture/output_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "trace/eyas_writer.h"

#define FLUSH_NS UINT64_C(1000000000)
#define RETRY_NS UINT64_C(1000000000)
/* Room that a full disk must have again for a new file: a snapshot and some blocks. */
#define MIN_ROOM   (UINT64_C(4) << 20)
#define MAX_SAME   1000      /* names tried when those of this moment are taken */
#define MAX_NUMBER 900000000 /* of a file of a series */

struct output_file {
	struct output_options opt;
	struct diag *diag;
	struct sink *writer; /* NULL: no file is open (the disk was full) */
	int fd;
	bool is_pipe;
	struct strbuf name, last; /* of this file; as the pattern gave it for the last one */
	VEC(char *) kept;         /* names, oldest first, when only some are kept */
	unsigned n_files;
	unsigned first_number; /* of this series of numbered files */
	off_t begins;          /* where in the file the trace begins (`>> FILE`) */
	uint64_t bytes, file_bytes, opened_at, flushed_at, retry_at;
	uint64_t lost;
	bool dirty;
};

static bool is_standard(const struct output_options *opt)
{
	return strcmp(opt->path, "-") == 0;
}

static bool is_row(const struct output_options *opt)
{
	return opt->max_bytes || opt->interval_ns;
}

/* A half block would be told as damage: back to the end of the last whole one. */
static void cut_back(struct output_file *o)
{
	uint64_t whole = o->writer ? eyas_writer_offset(o->writer) : 0;
	off_t end = o->begins + (off_t)whole;

	if (o->is_pipe || ftruncate(o->fd, end) < 0)
		return;
	(void)lseek(o->fd, end, SEEK_SET);
	o->bytes -= o->file_bytes - whole;
	o->file_bytes = whole;
}

static int write_all(void *arg, const void *p, size_t n)
{
	struct output_file *o = arg;
	const char *from = p;

	while (n) {
		ssize_t w = write(o->fd, from, n);
		int r = -errno;

		if (w < 0 && r == -EINTR && !(o->opt.interrupts && *o->opt.interrupts > 1))
			continue;
		if (w < 0) {
			cut_back(o);
			return r == -EDQUOT ? -ENOSPC : r;
		}
		from += w;
		n -= (size_t)w;
		o->file_bytes += (uint64_t)w;
		o->bytes += (uint64_t)w;
	}
	return 0;
}

static int sync_file(void *arg)
{
	struct output_file *o = arg;

	if (o->opt.fsync == FSYNC_BLOCK && !o->is_pipe && fdatasync(o->fd) < 0)
		return -errno;
	return 0;
}

/* The directory part of a name, "." without one; appended to `out`. */
static const char *directory_of(const char *name, struct strbuf *out)
{
	const char *slash = strrchr(name, '/');

	strbuf_reset(out);
	if (!slash)
		strbuf_addc(out, '.');
	else
		strbuf_add(out, name, slash == name ? 1 : (size_t)(slash - name));
	return out->s;
}

/* The name in its directory, too, survives a power loss. */
static void sync_directory(const char *name)
{
	struct strbuf dir = STRBUF_INIT;
	int fd = open(directory_of(name, &dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	strbuf_release(&dir);
}

/* The name of the next file: the pattern with its time; a number behind it when that alone would
 * not differ. */
static void make_name(struct output_file *o, uint64_t now)
{
	time_t s = (time_t)(now / 1000000000u);
	char buf[4096];
	struct tm tm;

	strbuf_reset(&o->name);
	if (!is_row(&o->opt) || !strchr(o->opt.path, '%')) {
		strbuf_adds(&o->name, o->opt.path);
		if (is_row(&o->opt) ||
		    o->n_files) /* a file that the disk had no room for is followed by another */
			strbuf_addf(&o->name, ".%06u", o->first_number + o->n_files);
		return;
	}
	gmtime_r(&s, &tm);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (!strftime(buf, sizeof(buf), o->opt.path, &tm))
		buf[0] = '\0';
#pragma GCC diagnostic pop
	strbuf_adds(&o->name, buf);
	if (o->n_files && strcmp(o->last.s, buf) == 0)
		strbuf_addf(&o->name, ".%06u", o->first_number + o->n_files);
	strbuf_reset(&o->last);
	strbuf_adds(&o->last, buf);
}

/* Behind the files that are there under these numbers from a recording before. */
static unsigned first_free_number(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	struct strbuf dir = STRBUF_INIT;
	DIR *d = opendir(directory_of(path, &dir));
	size_t n = strlen(base);
	unsigned ret = 1;

	for (struct dirent *e; d && (e = readdir(d));) {
		unsigned long long v;

		if (strncmp(e->d_name, base, n) == 0 && e->d_name[n] == '.' &&
		    str_to_u64(str_of(e->d_name + n + 1), &v) && v >= ret && v < MAX_NUMBER)
			ret = (unsigned)v + 1;
	}
	if (d)
		closedir(d);
	strbuf_release(&dir);
	return ret;
}

/*
 * Creates the file of o->name. A single file's name must be free; one of a series that is taken (a
 * pattern whose names come again, or a recorder that was started anew) gets a number, since
 * recording should not end for it.
 */
static int create(struct output_file *o)
{
	size_t base = o->name.n;
	int fd = -1;

	for (unsigned i = 0; i < MAX_SAME; i++) {
		fd = open(o->name.s, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0 || errno != EEXIST || (!o->n_files && !is_row(&o->opt)))
			break;
		o->name.n = base;
		strbuf_addf(&o->name, ".%06u", o->first_number + o->n_files + i);
	}
	return fd < 0 ? -errno : fd;
}

static void forget_oldest(struct output_file *o)
{
	if (!o->opt.max_files)
		return;
	vec_push(&o->kept, xstrdup(o->name.s));
	while (o->kept.n > o->opt.max_files) {
		(void)unlink(o->kept.v[0]);
		free(o->kept.v[0]);
		memmove(o->kept.v, o->kept.v + 1, --o->kept.n * sizeof(*o->kept.v));
	}
}

static int open_file(struct output_file *o, uint64_t now)
{
	struct eyas_writer_options wopt = { .level = o->opt.level,
					    .provenance = o->opt.provenance };
	struct byte_sink sink = { .arg = o, .write = write_all, .flush = sync_file };
	struct stat st;

	if (is_standard(&o->opt)) {
		strbuf_reset(&o->name);
		strbuf_addc(&o->name, '-');
		o->fd = STDOUT_FILENO;
	} else {
		int fd;

		make_name(o, now);
		fd = create(o);
		if (fd == -ENOSPC || fd == -EDQUOT)
			return -ENOSPC;
		if (fd < 0) {
			diag_add(
				o->diag, DIAG_ERROR, "OUTPUT", "%s: cannot be created: %s%s",
				o->name.s, strerror(-fd),
				fd == -EEXIST
					? "; the recorder never writes over a file, give another name"
					: "");
			return fd;
		}
		o->fd = fd;
		if (o->opt.fsync != FSYNC_NEVER)
			sync_directory(o->name.s);
	}
	o->is_pipe = fstat(o->fd, &st) < 0 || !S_ISREG(st.st_mode);
	o->begins = o->is_pipe                         ? 0
		    : fcntl(o->fd, F_GETFL) & O_APPEND ? st.st_size
						       : lseek(o->fd, 0, SEEK_CUR);
	o->file_bytes = 0;
	o->opened_at = o->flushed_at = now;
	o->n_files++;
	o->dirty = false;
	o->writer = eyas_writer_new(&sink, &wopt, o->diag);
	if (!is_standard(&o->opt))
		forget_oldest(o);
	return 0;
}

/* The disk is full: the file stays as it is, or goes when nothing is in it. */
static void abandon(struct output_file *o)
{
	o->writer->ops->abort(o->writer);
	o->writer = NULL;
	if (is_standard(&o->opt))
		return;
	if (!o->file_bytes) {
		(void)unlink(o->name.s);
		o->n_files--;
		if (o->kept.n)
			free(o->kept.v[--o->kept.n]);
	}
	close(o->fd);
}

/* Writes the block in hand; when that cannot be, its events are lost, and the file is done with. */
static int flush_block(struct output_file *o)
{
	uint64_t waiting = eyas_writer_waiting(o->writer);
	int r = eyas_writer_flush(o->writer);

	if (r < 0) {
		o->lost += waiting;
		abandon(o);
	}
	return r;
}

/* With index and footer. */
static int close_file(struct output_file *o)
{
	int r;

	if (!o->writer)
		return 0;
	r = flush_block(o);
	if (r < 0)
		return r;
	r = o->writer->ops->finish(o->writer);
	o->writer = NULL;
	if (o->opt.fsync != FSYNC_NEVER && !o->is_pipe && fdatasync(o->fd) < 0 && !r)
		r = -errno;
	if (!is_standard(&o->opt) && close(o->fd) < 0 && !r)
		r = -errno;
	return r;
}

int output_file_open(const struct output_options *opt, uint64_t now, struct diag *diag,
		     struct output_file **ret)
{
	struct output_file *o = xcalloc(1, sizeof(*o));
	int r;

	o->opt = *opt;
	o->diag = diag;
	strbuf_init(&o->name);
	strbuf_init(&o->last);
	o->first_number = is_row(opt) && !strchr(opt->path, '%') ? first_free_number(opt->path) : 1;
	r = open_file(o, now);
	if (r < 0) {
		output_file_free(o);
		return r;
	}
	*ret = o;
	return 0;
}

int output_file_put(struct output_file *o, const struct record *r)
{
	uint64_t waiting;
	int e;

	if (!o->writer) {
		o->lost += r->kind == RECORD_EVENT;
		return -ENOSPC;
	}
	waiting = eyas_writer_waiting(o->writer) + (r->kind == RECORD_EVENT);
	e = o->writer->ops->put(o->writer, r);
	o->dirty = true;
	if (e < 0) {
		o->lost += waiting;
		abandon(o);
	}
	return e;
}

int output_file_tick(struct output_file *o, uint64_t now)
{
	if (!o->writer || !o->dirty || (!o->is_pipe && now < o->flushed_at + FLUSH_NS))
		return 0;
	o->flushed_at = now;
	o->dirty = false;
	return flush_block(o);
}

bool output_file_wants_next(const struct output_file *o, uint64_t now)
{
	if (is_standard(&o->opt))
		return false;
	if (!o->writer)
		return now >= o->retry_at;
	return (o->opt.max_bytes && o->file_bytes >= o->opt.max_bytes) ||
	       (o->opt.interval_ns && now >= o->opened_at + o->opt.interval_ns);
}

static bool has_room(struct output_file *o)
{
	struct strbuf dir = STRBUF_INIT;
	struct statvfs fs;
	bool yes = statvfs(directory_of(o->opt.path, &dir), &fs) < 0 ||
		   (uint64_t)fs.f_bavail * fs.f_frsize >= MIN_ROOM;

	strbuf_release(&dir);
	return yes;
}

int output_file_next(struct output_file *o, uint64_t now)
{
	int r;

	o->retry_at = now + RETRY_NS;
	if (!o->writer && !has_room(o))
		return -ENOSPC;
	r = close_file(o);
	return r < 0 ? r : open_file(o, now);
}

bool output_file_is_open(const struct output_file *o)
{
	return o->writer;
}

int output_file_finish(struct output_file *o)
{
	return close_file(o);
}

void output_file_free(struct output_file *o)
{
	if (!o)
		return;
	if (o->writer)
		abandon(o);
	for (size_t i = 0; i < o->kept.n; i++)
		free(o->kept.v[i]);
	vec_free(&o->kept);
	strbuf_release(&o->name);
	strbuf_release(&o->last);
	free(o);
}

bool output_file_needs_override(const struct output_options *opt)
{
	struct strbuf dir = STRBUF_INIT;
	struct stat st;
	bool other;

	other = stat(directory_of(opt->path, &dir), &st) == 0 &&
		!(st.st_uid == geteuid()   ? st.st_mode & S_IWUSR
		  : st.st_gid == getegid() ? st.st_mode & S_IWGRP
					   : st.st_mode & S_IWOTH);
	strbuf_release(&dir);
	return other;
}

uint64_t output_file_lost(const struct output_file *o)
{
	return o->lost;
}

uint64_t output_file_bytes(const struct output_file *o)
{
	return o->bytes;
}

const char *output_file_name(const struct output_file *o)
{
	return o->name.s;
}

unsigned output_file_count(const struct output_file *o)
{
	return o->n_files;
}
