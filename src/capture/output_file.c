#include "capture/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "trace/eyas_writer.h"

#define FLUSH_NS UINT64_C(1000000000)

struct output_file {
	struct output_options opt;
	struct diag *diag;
	struct sink *writer; /* NULL: no file is open (the disk was full) */
	int fd;
	bool is_pipe;
	struct strbuf name;
	VEC(char *) kept; /* names, oldest first */
	unsigned n_files;
	uint64_t bytes, file_bytes, opened_at, flushed_at;
	bool dirty;
};

static int write_all(void *arg, const void *p, size_t n)
{
	struct output_file *o = arg;
	const char *from = p;

	while (n) {
		ssize_t w = write(o->fd, from, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			int r = -errno;

			/* A half block would be told as damage: back to the end of the last whole write. */
			if (!o->is_pipe && ftruncate(o->fd, (off_t)o->file_bytes) == 0)
				(void)lseek(o->fd, (off_t)o->file_bytes, SEEK_SET);
			return r;
		}
		from += w;
		n -= (size_t)w;
	}
	o->file_bytes += (uint64_t)(from - (const char *)p);
	o->bytes += (uint64_t)(from - (const char *)p);
	return 0;
}

static int sync_file(void *arg)
{
	struct output_file *o = arg;

	if (o->opt.fsync == FSYNC_BLOCK && !o->is_pipe && fdatasync(o->fd) < 0)
		return -errno;
	return 0;
}

/* The name of the next file: the pattern with its time; a number behind it when that alone would not differ. */
static void make_name(struct output_file *o, uint64_t now)
{
	bool rotating = o->opt.max_bytes || o->opt.interval_ns;
	time_t s = (time_t)(now / 1000000000u);
	char buf[4096];
	struct tm tm;

	strbuf_reset(&o->name);
	if (!rotating || !strchr(o->opt.path, '%')) {
		strbuf_adds(&o->name, o->opt.path);
		if (rotating || o->n_files) /* a file that the disk had no room for is followed by another */
			strbuf_addf(&o->name, ".%06u", o->n_files + 1);
		return;
	}
	gmtime_r(&s, &tm);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (!strftime(buf, sizeof(buf), o->opt.path, &tm))
		buf[0] = '\0';
#pragma GCC diagnostic pop
	strbuf_adds(&o->name, buf);
	if (o->kept.n && strcmp(o->kept.v[o->kept.n - 1], buf) == 0)
		strbuf_addf(&o->name, ".%06u", o->n_files + 1);
}

static int open_file(struct output_file *o, uint64_t now)
{
	struct eyas_writer_options wopt = { .level = o->opt.level, .provenance = o->opt.provenance };
	struct byte_sink sink = { .arg = o, .write = write_all, .flush = sync_file };
	struct stat st;

	if (strcmp(o->opt.path, "-") == 0) {
		strbuf_reset(&o->name);
		strbuf_addc(&o->name, '-');
		o->fd = STDOUT_FILENO;
	} else {
		make_name(o, now);
		o->fd = open(o->name.s, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (o->fd < 0) {
			int r = -errno;

			diag_add(o->diag, DIAG_ERROR, "OUTPUT", "%s: cannot be created: %s%s", o->name.s,
				 strerror(-r),
				 r == -EEXIST ? "; the recorder never writes over a file, give another name" : "");
			return r;
		}
	}
	o->is_pipe = fstat(o->fd, &st) < 0 || !S_ISREG(st.st_mode);
	o->file_bytes = 0;
	o->opened_at = o->flushed_at = now;
	o->n_files++;
	o->writer = eyas_writer_new(&sink, &wopt, o->diag);
	if (o->fd != STDOUT_FILENO)
		vec_push(&o->kept, xstrdup(o->name.s));
	while (o->opt.max_files && o->kept.n > o->opt.max_files) {
		(void)unlink(o->kept.v[0]);
		free(o->kept.v[0]);
		memmove(o->kept.v, o->kept.v + 1, --o->kept.n * sizeof(*o->kept.v));
	}
	return 0;
}

/* `whole`: with index and footer; else as it is (the disk is full). */
static int close_file(struct output_file *o, bool whole)
{
	int r = 0;

	if (!o->writer)
		return 0;
	if (whole)
		r = o->writer->ops->finish(o->writer);
	else
		o->writer->ops->abort(o->writer);
	o->writer = NULL;
	if (o->opt.fsync != FSYNC_NEVER && !o->is_pipe && fdatasync(o->fd) < 0 && !r)
		r = -errno;
	if (o->fd != STDOUT_FILENO && close(o->fd) < 0 && !r)
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
	r = open_file(o, now);
	if (r < 0) {
		(void)output_file_finish(o);
		return r;
	}
	*ret = o;
	return 0;
}

int output_file_put(struct output_file *o, const struct record *r)
{
	int e;

	if (!o->writer)
		return -ENOSPC;
	o->dirty = true;
	e = o->writer->ops->put(o->writer, r);
	if (e < 0)
		close_file(o, false);
	return e;
}

int output_file_tick(struct output_file *o, uint64_t now)
{
	int r;

	if (!o->writer || !o->dirty || (!o->is_pipe && now < o->flushed_at + FLUSH_NS))
		return 0;
	o->flushed_at = now;
	o->dirty = false;
	r = eyas_writer_flush(o->writer);
	if (r < 0)
		close_file(o, false);
	return r;
}

bool output_file_wants_next(const struct output_file *o, uint64_t now)
{
	if (o->is_pipe && o->writer)
		return false;
	return !o->writer || (o->opt.max_bytes && o->file_bytes >= o->opt.max_bytes) ||
	       (o->opt.interval_ns && now >= o->opened_at + o->opt.interval_ns);
}

int output_file_next(struct output_file *o, uint64_t now)
{
	int r = close_file(o, true);

	return r < 0 ? r : open_file(o, now);
}

int output_file_finish(struct output_file *o)
{
	int r = close_file(o, true);

	for (size_t i = 0; i < o->kept.n; i++)
		free(o->kept.v[i]);
	vec_free(&o->kept);
	strbuf_release(&o->name);
	free(o);
	return r;
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
