/*
 * moment: the state of the system at moments of a trace.
 *
 * Layer: replay. What `eyas ps`, `fds` and their like share. A moment is the end of the trace, a
 * time, or an event by its number. The state at a time is that before the first event that is
 * later, at an event that after it. Between two sections of a trace the last state of the first one
 * holds until the first event of the second.
 */
#ifndef EYAS_MOMENT_H
#define EYAS_MOMENT_H

#include "replay/replay.h"

enum moment_kind { MOMENT_END, MOMENT_TIME, MOMENT_EVENT };

struct moment {
	uint8_t kind;   /* enum moment_kind */
	uint64_t value; /* ns, or the event's number */
};

/* "end", a time as time_parse() takes it, or a number from 1. False (ret untouched) otherwise. */
bool moment_parse(struct str text, struct moment *ret);

/* How a moment lies in the trace. */
enum moment_place {
	MOMENT_INSIDE,
	MOMENT_BEFORE, /* before the first event: the state is the snapshot's */
	MOMENT_BEHIND, /* behind the last event, or no such event: the state is the last one */
};

/*
 * Shows the state at moment `i`, `ts` being the moment's time: what was asked for, or the last
 * event's (0: there was none). Called once or more for each moment: a later call for the same one
 * replaces the earlier.
 */
typedef void (*moment_fn)(void *arg, size_t i, struct state *st, uint64_t ts,
			  enum moment_place place);

/* As replay_visitor.progress(); may be NULL. */
typedef void (*moment_progress_fn)(void *arg, const struct source *src,
				   const struct replay_stats *st);

/*
 * Replays the trace at `path` up to the last of `n` moments, or all of it, from the last checkpoint
 * that lies before all of them, if it has any. *stats is what was counted, also before the
 * checkpoint. 0; -EBADMSG when the trace is damaged before the last moment: those not reached are
 * shown as they were there; otherwise as trace_open(), and nothing was shown.
 */
int moment_replay(const char *path, const struct moment *m, size_t n, moment_fn fn,
		  moment_progress_fn progress, void *arg, struct diag *diag,
		  struct replay_stats *stats);

#endif
