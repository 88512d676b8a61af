/*
 * outfile: an output file that appears whole or not at all.
 *
 * Layer: trace. A regular file is written without a name (where the file system cannot: beside
 * its name, O_EXCL), mode 0600, never through a symbolic link, and gets its name when finished;
 * pipes and devices are written as they are. The first failed write is said in the diag and makes
 * all later ones fail with it.
 */
#ifndef EYAS_OUTFILE_H
#define EYAS_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"

struct outfile;

/*
 * Creates `path` ("-" is standard output; so is /dev/stdout, and /dev/fd/N is descriptor N). 0, or
 * -errno with an error in `diag` (-EEXIST when it exists and `overwrite` is false). `path` and
 * `diag` are borrowed until the end.
 */
int outfile_open(const char *path, bool overwrite, struct diag *diag, struct outfile **ret);
/* The same for outfile_read_back(). A process that confines itself opens it before. */
int outfile_open_readable(const char *path, bool overwrite, struct diag *diag,
			  struct outfile **ret);
/* From here on the bytes are gzip'd, at level 1 to 9. Before the first write. */
void outfile_gzip(struct outfile *o, int level);
/* Appends n bytes; 0 or -errno. */
int outfile_write(struct outfile *o, const void *p, size_t n);
/* Hands what is buffered to the system, so that a reader of a pipe sees it; 0 or -errno. */
int outfile_flush(struct outfile *o);
/* What was written can be read again: a regular file, opened for it, that is not gzip'd. */
bool outfile_reads_back(const struct outfile *o);
/*
 * Up to n bytes of what was written and flushed, from an offset: how many, 0 at the end, or -errno.
 */
ssize_t outfile_read_back(struct outfile *o, void *p, size_t n, uint64_t offset);
/* Bytes given to outfile_write() so far. */
uint64_t outfile_bytes(const struct outfile *o);
/* Writes what is left and gives the file its name; 0 or -errno. Freed either way. */
int outfile_finish(struct outfile *o);
/* Drops the unfinished file. */
void outfile_abort(struct outfile *o);

#endif
