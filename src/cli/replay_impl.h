/*
 * replay_impl: what the files of `eyas replay` share.
 *
 * Layer: cli, private. cmd_replay.c loads the rules and opens the sinks; then either replay_lanes.c
 * takes all traces in one thread, or replay_parallel.c takes them, and parts of them, in several.
 */
#ifndef EYAS_REPLAY_IMPL_H
#define EYAS_REPLAY_IMPL_H

#include <time.h>

#include "cli/progress.h"
#include "cli/replay_pass.h"
#include "cli/replay_summary.h"
#include "output/line_sink.h"

struct replay {
	struct replay_options opt;
	struct diag diag;
	size_t told; /* items of diag already printed */
	struct ruleset *rules;
	struct event_wants wants;      /* of the rules */
	struct line_sink *sink, *copy; /* either may be NULL */
	struct replay_summary summary;
	struct replay_rules shared;
	int write_error;

	struct timespec began;
	struct progress progress;
};

/* To standard error, each line with the time of day in front if so asked. */
void replay_say(struct replay *r, struct str text);
void replay_sayf(struct replay *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints what came into the diag since the last call; warnings not when quiet. */
void replay_tell(struct replay *r);
/* The same of another diag, from its beginning. */
void replay_tell_all(struct replay *r, const struct diag *diag);
/* Lines for the sinks, without the last newline; the first error is kept in write_error. */
void replay_put(struct replay *r, struct str lines);
/*
 * Every few thousand events: hands on the alerts so far, so that little is lost when the replay is
 * interrupted; and, once it takes longer than a second, tells how far it is, five times a second.
 * `alerts`: so far.
 */
void replay_show_progress(struct replay *r, const struct source *src, const struct replay_stats *st,
			  uint64_t alerts);
/* A trace ended with `e`: says what has to be said; an exit_status. */
int replay_ended(struct replay *r, const char *trace, int e);
/* What went wrong worst: could not do it, then damage, then alerts at or above --fail-on. */
int replay_worst(int a, int b);

/* All traces in this thread, those of different kinds merged by time; an exit_status. */
int replay_lanes(struct replay *r);
/*
 * All traces in several threads, with the same results. Begun before the rules are loaded, so that
 * another thread reads the first records meanwhile; NULL when it cannot be. `r` is borrowed, and of
 * it nothing but the options is looked at before it runs.
 */
struct replay_parallel *replay_parallel_new(struct replay *r);
/* An exit_status; -1, and nothing done, when that would be no faster. */
int replay_parallel_run(struct replay_parallel *p);
void replay_parallel_free(struct replay_parallel *p); /* NULL is fine */

#endif
