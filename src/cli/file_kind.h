/*
 * file_kind: whether a file is a trace, for the message when one is given as rules, or as the place
 * to write to.
 *
 * Layer: cli. Looks at the first bytes only, and never decides how a file is read.
 */
#ifndef EYAS_FILE_KIND_H
#define EYAS_FILE_KIND_H

#include <stdbool.h>

/* The file begins like a .scap, a .eyas or a text script, or is compressed. False when it cannot be
 * read. */
bool file_looks_like_trace(const char *path);
/* What output must not replace: "a trace", "a rules file"; NULL for all else. */
const char *file_not_to_replace(const char *path);

#endif
