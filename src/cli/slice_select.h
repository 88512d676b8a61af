/*
 * slice_select: which records of a trace a slice has, and how.
 *
 * Layer: cli. Sees all records in order and says of each what becomes of it. The same for the copy
 * itself and for the check whether it would have the right state.
 */
#ifndef EYAS_SLICE_SELECT_H
#define EYAS_SLICE_SELECT_H

#include "cli/slice_plan.h"
#include "cli/slice_prune.h"
#include "trace/event_numbers.h"

struct slice_select {
	const struct slice_plan *plan;
	const struct slice_prune *prune; /* or NULL */
	struct event_wants wants;
	struct event_numbers numbers;
	struct u64map seen; /* tids that the copy knows */
	struct snapshot snapshot;
	bool numbered; /* the event in hand takes a number */
	bool dated;    /* the copy has the first event of the section */
	bool ended;    /* nothing that comes is taken */
};

/* Borrows both. */
void slice_select_init(struct slice_select *s, const struct slice_plan *plan,
		       const struct slice_prune *prune);
void slice_select_free(struct slice_select *s);
/*
 * The next record of the trace, an event or a snapshot: SLICE_LEAVE, or it is changed to what the
 * copy gets. A snapshot is good until the next one.
 */
enum slice_use slice_select_next(struct slice_select *s, struct record *rec);

#endif
