/*
 * out_dir: an output directory that appears whole or not at all.
 *
 * Layer: cli. It is filled under a name beside its own and renamed when all is written. Signals
 * that end the program (Ctrl-C) remove what is there; a directory with something in it is never
 * replaced. One at a time.
 */
#ifndef EYAS_OUT_DIR_H
#define EYAS_OUT_DIR_H

#include "trace/outfile.h"

struct out_dir;

/*
 * 0, or -errno with an error in `diag` (-EEXIST when there is something at `path` that is not an
 * empty directory). `path` and `diag` are borrowed until the end.
 */
int out_dir_open(const char *path, struct diag *diag, struct out_dir **ret);
/* Its name, without slashes at the end. */
const char *out_dir_path(const struct out_dir *d);
/* Begins a file in it, which it owns: "events/type=open/part-0.jsonl.gz". 0 or -errno. */
int out_dir_file(struct out_dir *d, const char *name, struct outfile **ret);
/* Ends all files and gives the directory its name; 0 or -errno. Freed either way. */
int out_dir_finish(struct out_dir *d);
/* Drops all of it. */
void out_dir_abort(struct out_dir *d);

#endif
