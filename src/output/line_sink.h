/*
 * line_sink: where finished alert lines go: standard output or a file.
 *
 * Layer: output. Lines are written whole: a reader never sees half of one unless the write fails.
 * A sink made unbuffered hands each line on at once, for people and pipes that wait for it.
 */
#ifndef EYAS_LINE_SINK_H
#define EYAS_LINE_SINK_H

#include "base/diag.h"
#include "base/str.h"

struct line_sink;

/* A sink on standard output, which stays open when the sink is finished. */
struct line_sink *line_sink_stdout(bool unbuffered);
/*
 * A sink on a file; NULL with an error in `diag` when it cannot be opened. What was in the file is
 * replaced only when the first line goes out or the sink is finished.
 */
struct line_sink *line_sink_file(const char *path, bool unbuffered, struct diag *diag);
/* Takes a line without its newline; 0 or -errno. */
int line_sink_put(struct line_sink *k, struct str line);
/* Hands on what was taken so far; 0 or -errno. */
int line_sink_flush(struct line_sink *k);
/* Flushes, closes, frees; 0 or -errno (also of an earlier failure). */
int line_sink_finish(struct line_sink *k);
/* Closes and frees without writing anything more: nothing came of it. NULL is ignored. */
void line_sink_drop(struct line_sink *k);

#endif
