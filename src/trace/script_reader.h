/*
 * script_reader: text scripts as a source of raw events.
 *
 * Layer: trace. The whole script is checked when it is opened and all that is wrong in it is told,
 * with line, column, excerpt and caret. eyas-script(5) is the specification.
 */
#ifndef EYAS_SCRIPT_READER_H
#define EYAS_SCRIPT_READER_H

#include "event/source.h"
#include "trace/input.h"

/* These first bytes are those of a text script. */
bool script_reader_probe(struct str head);
/* Owns `in` from here on, also when it fails. 0, or -errno; -EINVAL with all errors in `diag`. */
int script_reader_open(struct input *in, struct diag *diag, struct source **ret);

#endif
