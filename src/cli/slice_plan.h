/*
 * slice_plan: what of a trace `eyas slice` takes, and of what else the state has need.
 *
 * Layer: cli. Made of a first reading of the trace when processes or an alert are asked for; a
 * selection by time or number needs none. Threads are named by their numbers over the whole trace:
 * where one is used again by a process that was not asked for, that one comes along.
 */
#ifndef EYAS_SLICE_PLAN_H
#define EYAS_SLICE_PLAN_H

#include "base/hashmap.h"
#include "base/vec.h"
#include "cli/corpus.h"
#include "replay/replay.h"

struct slice_plan {
	const char *path;
	VEC(int64_t) pids; /* whose trees are taken; empty: all processes */
	struct replay_select select;
	uint64_t alert;   /* the one to be taken, from 1; 0: none in particular */
	uint64_t context; /* ns before and behind it */
	struct corpus_options rules;

	/* Found by slice_plan_make(). */
	struct u64map taken; /* tids of the trees */
	struct u64map kin;   /* tids of their ancestors: for the state only */
	char *alert_rule;    /* of the alert */
	uint64_t alert_num, alert_ts;
};

/* Reads the trace if need be; an exit_status, with what is wrong said on standard error. */
int slice_plan_make(struct slice_plan *p);
void slice_plan_free(struct slice_plan *p);

/* How an event is copied. */
enum slice_use {
	SLICE_LEAVE, /* it belongs to nobody who is asked for */
	SLICE_STATE, /* only if the state has need of it */
	SLICE_TAKE,
};
/* As above for an event with its number; `ended`: nothing that comes behind it is taken. */
enum slice_use slice_plan_use(const struct slice_plan *p, const struct event *ev, uint64_t num,
			      bool *ret_ended);
/* The rows of threads and descriptors of those who are left out are taken out of a snapshot. */
void slice_plan_snapshot(const struct slice_plan *p, struct snapshot *s);

#endif
