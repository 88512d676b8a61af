/*
 * runs: the replay of traces in several threads: whole traces, and parts of traces that have
 * checkpoints.
 *
 * Layer: replay. A run is what one thread does of one trace: it begins at the beginning or behind a
 * checkpoint and goes on until the trace ends or another run has begun. What it finds is its own
 * until it is taken, in the order of the traces and of their events; a run that began with what a
 * checkpoint should not have said is never taken. So what comes out does not depend on the number
 * of threads, nor on what checkpoints say.
 */
#ifndef EYAS_RUNS_H
#define EYAS_RUNS_H

#include "replay/replay.h"

struct run;

/* What is known when a run is taken. */
struct run_result {
	const char *path;
	const struct diag *diag; /* what is to be said of the trace: of this run's part of it */
	bool opened;             /* the run could begin: the client has its own of it */
	bool ended_it;           /* nothing of the trace comes behind this run */
	int e; /* why it ended, if it did: as trace_open(), or, opened, as replay_going_run() */
	const struct replay_stats *stats; /* ended and opened: of the whole trace */
	const struct state_stats *state_stats;
};

/* Whom it is for. Functions may be NULL but for `event`. */
struct runs_client {
	void *arg;
	const struct replay_select *select;
	const struct event_wants *wants; /* as in struct replay_visitor */
	/* In any thread, several at once: a run begins; returns the client's own of it. */
	void *(*begin)(void *arg, struct run *run, const char *path);
	/* As in struct replay_visitor; `arg` is the client's own. */
	int (*event)(void *arg, struct event_ctx *ctx);
	state_open_judge open;
	state_use_judge use;
	void (*progress)(void *arg, const struct source *src, const struct replay_stats *st);
	/* In any thread: no events follow; the states of the rules and such may go. */
	void (*end)(void *own);
	/* One at a time and in order. `own` is NULL when the trace could not be opened. */
	void (*take)(void *arg, void *own, const struct run_result *res);
	/* Behind take(), or when the run is not taken: one at a time, too. */
	void (*drop)(void *arg, void *own);
};

/* Client and paths are borrowed. */
struct runs *runs_new(const struct runs_client *client, const char *const *paths, size_t n);
/*
 * Begins with what can be done before the client is ready, in a thread that takes part later: when
 * there is one trace with parts, the first records of two runs are read. Nothing of the client is
 * used but `select`. Optional, for two threads or more.
 */
void runs_prepare(struct runs *all);
/* Traces are not to be divided: something is remembered from event to event that checkpoints do not
 * hold. */
void runs_keep_whole(struct runs *all);
/* Several threads would all have something to do: there are several traces, or parts of one. */
bool runs_divide(struct runs *all);
/* Replays all of it in so many threads, at least 1. */
void runs_walk(struct runs *all, unsigned threads);
void runs_free(struct runs *all);

/*
 * The run keeps so many bytes until it is taken; waits when all of them keep too much. True: it is
 * the first of those that are not taken, may hand on what it has found so far (then call
 * run_keeps_none()), and has all that belongs to the whole replay to itself.
 */
bool run_keeps(struct run *run, size_t bytes);
void run_keeps_none(struct run *run);
/* Nothing of the run is wanted any more. */
bool run_is_cancelled(const struct run *run);
/* Nothing is wanted any more of this replay but this run. */
void run_stop_others(struct run *run);

#endif
