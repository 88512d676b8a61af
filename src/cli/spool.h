/*
 * spool: what comes through a pipe, or is gzip'd, as a file that can be looked at in any order.
 *
 * Layer: cli. The file has no name and is gone with the program, however that ends. A command that
 * confines itself opens it before.
 */
#ifndef EYAS_SPOOL_H
#define EYAS_SPOOL_H

#include <stdbool.h>

#include "trace/input.h"

/* The input at `path` ("-": standard input) is no plain file, or one that is gzip'd. */
bool spool_is_needed(const char *path);
/* An empty file beside `beside`, or in $TMPDIR or /tmp when that is "-". Its descriptor, which the
 * caller closes, or -1 with an error in `diag`. */
int spool_open(const char *beside, struct diag *diag);
/*
 * Puts all that is left of the input into it, at most `max` bytes. 0, also when the gzip data is
 * damaged: then with an error in `diag`, *ret_damaged, and what there was before the damage; -EFBIG
 * or another -errno with an error in `diag`.
 */
int spool_fill(int fd, struct input *in, uint64_t max, struct diag *diag, bool *ret_damaged);

#endif
