/*
 * slice_prune: which processes before a cut the state at the cut has no need of.
 *
 * Layer: cli. Most processes of a long trace have come and gone before a cut, and left nothing.
 * Kept are those that are there at the cut, with the ancestors they came from as long as they had
 * to come (a child begins with its parent's descriptors), and their ends. Whether that is all is
 * not believed but tried: slice_prune_holds() replays what is left, and compares the states. Memory
 * grows with the processes that are there, never with the trace.
 */
#ifndef EYAS_SLICE_PRUNE_H
#define EYAS_SLICE_PRUNE_H

#include "cli/slice_plan.h"

struct slice_prune;

/*
 * Reads the trace, a regular file, up to the first event that the plan takes. 0; -errno when that
 * cannot be done, without a word: the copy will say it. The plan is borrowed.
 */
int slice_prune_make(const struct slice_plan *plan, struct slice_prune **ret);
void slice_prune_free(struct slice_prune *p);
/* The state at the cut is the same without what is left out. Reads the trace again. */
bool slice_prune_holds(struct slice_prune *p);
/* An event, with its number, is not left out. */
bool slice_prune_keeps(const struct slice_prune *p, const struct event *ev, uint64_t num);
/* Takes out the rows of processes that are left out; `num` is the last event's number before it. */
void slice_prune_snapshot(const struct slice_prune *p, uint64_t num, struct snapshot *s);

#endif
