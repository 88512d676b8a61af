/*
 * activity: how many events of which kind there were over the time of a trace.
 *
 * Layer: cli. Counts by slices of time that all have the same width: whenever a time lies behind
 * the last slice, pairs of slices are put together to one of twice the width. So the memory is the
 * same for a second and for a month, and there are at least half as many slices as there can be
 * once there is something to tell apart.
 */
#ifndef EYAS_ACTIVITY_H
#define EYAS_ACTIVITY_H

#include "state/state.h"

#define ACTIVITY_SLICES 2048

enum activity_kind {
	ACTIVITY_FILES,
	ACTIVITY_NETWORK,
	ACTIVITY_PROCESSES,
	ACTIVITY_OTHER,
	ACTIVITY_FAILED, /* of all kinds: calls that returned an error */
	ACTIVITY_N
};

struct activity {
	uint64_t from, width; /* ns; where the first slice begins, and how long each is */
	size_t used;          /* slices up to the last with an event; 0: no event yet */
	uint64_t (*counts)[ACTIVITY_N];
};

void activity_init(struct activity *a);
void activity_free(struct activity *a);
void activity_event(struct activity *a, const struct event_ctx *ctx);
/* Counts one event at a time; those before the first one's are counted with it. */
void activity_add(struct activity *a, uint64_t ts, enum activity_kind kind, bool failed);

#endif
