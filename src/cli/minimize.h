/*
 * minimize: the smallest part of a trace that still raises an alert of a rule.
 *
 * Layer: cli. The alert stays the same, word for word. Delta debugging: threads, then events, then
 * rows of the snapshot are taken out, in halves and smaller, as long as the alert is still raised;
 * then texts and data of what is left.
 * The trace is held in memory and replayed for each attempt, so this is for small ones: what eyas
 * slice has cut out. Always the same result.
 */
#ifndef EYAS_MINIMIZE_H
#define EYAS_MINIMIZE_H

#include "cli/corpus.h"

#define MINIMIZE_MAX 50000 /* events and rows of snapshots */

/*
 * Puts what is left of the trace into the sink. `rule` is one of the corpus's. 0; -ENOENT when the
 * rule raises no alert; -E2BIG when the trace is too large; another -errno of reading (-EBADMSG:
 * damaged) or writing. *ret_from and *ret_to are the events before and afterwards.
 */
int minimize(struct corpus *c, const struct rule *rule, struct source *src, struct sink *sink,
	     uint64_t *ret_from, uint64_t *ret_to);

#endif
