/*
 * proc_file: small files below /proc, read whole.
 *
 * Layer: capture. All paths are relative to a directory descriptor of the process, which keeps
 * naming the same process also when its pid is used again (reads then fail).
 */
#ifndef EYAS_PROC_FILE_H
#define EYAS_PROC_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

/* The file's bytes, at most `max` of them, replace those in `out`. 0 or -errno. */
int proc_read(int dir, const char *name, size_t max, struct strbuf *out);
/* A symbolic link's text replaces what is in `out`. 0 or -errno. */
int proc_link(int dir, const char *name, struct strbuf *out);
/* The rest of the line "KEY:  text" in the style of /proc/PID/status; false when there is none. */
bool proc_line(struct str text, const char *key, struct str *ret);
/* Word n (from 0) of a line, divided by blanks or tabs; empty when there are fewer. */
struct str proc_word(struct str line, unsigned n);
/* The number that is word n; 0 when it is none. `base` 8, 10 or 16. */
uint64_t proc_number(struct str line, unsigned n, unsigned base);

#endif
