/*
 * going: a replay that has begun: source, state and walk of one trace.
 *
 * Layer: replay. It begins at the trace's beginning, or behind a checkpoint, and can be told to
 * stop at one.
 */
#ifndef EYAS_GOING_H
#define EYAS_GOING_H

#include "replay/places.h"

struct replay_going {
	struct source *src;
	struct state *state;
	struct replay_walk *walk;
	struct replay_stats stats;
};

/*
 * Opens a trace (or takes `opened`, which is it) from its beginning: 0 and *g, which the walk
 * points into; or as trace_open(). Everything passed is borrowed, `sel` and `v` are copied.
 */
int replay_going_open(struct replay_going *g, const char *path, struct source *opened,
		      const struct replay_select *sel, const struct replay_visitor *v,
		      struct diag *diag);
/* The same behind a checkpoint: -ENOTSUP, and nothing said, when that cannot be begun at. */
int replay_going_open_at(struct replay_going *g, const char *path, const struct replay_place *at,
			 const struct replay_select *sel, const struct replay_visitor *v,
			 struct diag *diag);
/*
 * The same where it is nearest to what is selected, and no further than needed: what comes before
 * and behind that is not looked at.
 */
int replay_going_open_near(struct replay_going *g, const char *path,
			   const struct replay_select *sel, const struct replay_visitor *v,
			   struct diag *diag);
/* Walks on: 0 at the end, what the visitor returned if it ended it, or -errno as replay_run(). */
int replay_going_run(struct replay_going *g);
/* Closes all of it; `stats` is complete afterwards. */
void replay_going_close(struct replay_going *g);

#endif
