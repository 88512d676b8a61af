/*
 * trace_guess: what a file is that is not a trace.
 *
 * Layer: trace. A wrong argument should be answered with what it is and what to do, not with
 * "bad magic number".
 */
#ifndef EYAS_TRACE_GUESS_H
#define EYAS_TRACE_GUESS_H

#include <stdbool.h>

#include "base/str.h"

/*
 * The kind of file these first bytes are from, with advice, for "this is not a trace: %s"; NULL
 * when nothing is known of it.
 */
const char *trace_guess(struct str head);
/* A network capture in pcapng, whose first block is also that of .scap. */
bool trace_is_pcapng(struct str head);

#endif
