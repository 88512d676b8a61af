/*
 * checkpoint: what a replay knows at one place of a trace, so that another can begin there.
 *
 * Layer: replay. The data of a checkpoint block of .eyas: state, layout conversion and counters as
 * replay_walk_save() gives them. Whoever rewrites a trace hands every record to a checkpointer, and
 * from time to time writes what it has come to into the trace.
 */
#ifndef EYAS_CHECKPOINT_H
#define EYAS_CHECKPOINT_H

#include "replay/replay.h"
#include "trace/eyas_format.h"

struct checkpointer;

struct checkpointer *checkpointer_new(void);
void checkpointer_free(struct checkpointer *c);
/* The next record of the trace, as it is written. */
void checkpointer_take(struct checkpointer *c, const struct record *rec);
/* What to write behind the records taken so far. The data is good until the next call. */
void checkpointer_save(struct checkpointer *c, struct eyas_checkpoint *ret);

#endif
