/*
 * input: the bytes of a trace, from a file, a pipe or memory, gunzipped on the way.
 *
 * Layer: trace. Whether the bytes are gzip'd is seen from their first two; members
 * may follow each other. The bytes ahead are in one growing buffer: readers look at p[0..n) and
 * consume. The buffer grows only as bytes arrive, whatever a length field claims. Short reads
 * and EINTR are dealt with here. Offsets are those of the uncompressed stream.
 */
#ifndef EYAS_INPUT_H
#define EYAS_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"

/* As read(2): up to n bytes; 0 at the end; -1 with errno. */
typedef ssize_t input_read_fn(void *arg, void *buf, size_t n);

struct input_gzip;
struct input_ahead;

struct input {
	const char *name; /* as given; borrowed */
	const uint8_t *p; /* bytes ahead; good until the next input_need() */
	size_t n;
	uint64_t offset; /* of p[0] in the (uncompressed) stream */
	bool gzip;
	bool ended;        /* nothing will come behind p[0..n) */
	int error;         /* 0, -EBADMSG (gzip data damaged or cut), or -errno of a failed read */
	uint64_t position; /* bytes of the file read so far */
	uint64_t size;     /* bytes of the file; 0 when unknown */
	int fd;            /* or -1 */

	/* private */
	uint8_t *buf;
	size_t cap;
	bool own_fd;
	input_read_fn *read;
	void *arg;
	struct input_gzip *gz;
	bool wants_ahead;
	struct input_ahead *ahead; /* has `gz` and the file to itself; or NULL */
	const char *what;          /* of error, for input_report() */
};

/*
 * Opens a file; "-" is standard input. 0, or -errno with an error in `diag` (-EISDIR for
 * a directory). `path` is borrowed until input_close().
 */
int input_open(const char *path, struct diag *diag, struct input **ret);
/* An input over a function; for tests and embedded data. `name` and `arg` are borrowed. */
struct input *input_from(const char *name, input_read_fn *fn, void *arg);
/* An input over memory, which is borrowed. */
struct input *input_from_memory(const char *name, const void *p, size_t n);
void input_close(struct input *in);

/*
 * If the data is gzip'd, another thread gunzips it ahead from now on. Before anything is read; for
 * files, the reading of which waits for nobody: input_close() waits for the thread.
 */
void input_ahead(struct input *in);

/* Reads until at least `want` bytes are ahead; false when the stream ends before. */
bool input_fill(struct input *in, size_t want);

static inline bool input_need(struct input *in, size_t want)
{
	return in->n >= want || input_fill(in, want);
}

/* n of the bytes ahead (no more than there are) are done with. */
void input_consume(struct input *in, size_t n);

/* Goes on at an offset of a regular file, or of memory, that is not gzip'd. 0 or -errno (-ESPIPE:
 * it cannot). */
int input_seek(struct input *in, uint64_t offset);

/* Adds what in->error means to `diag` (nothing when it is 0); returns in->error. */
int input_report(const struct input *in, struct diag *diag);
/* " of the uncompressed data", or "" for plain input: for messages with offsets. */
const char *input_offset_kind(const struct input *in);

#endif
