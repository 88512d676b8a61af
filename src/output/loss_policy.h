/*
 * loss_policy: what to do when a trace says that events were lost.
 *
 * Layer: output. Losses are summed over each second of the trace's own time (never the clock's, so
 * that the same trace gives the same actions). A second that lost more than `threshold` of its
 * events is an occurrence; its actions are taken as far as a token bucket allows: `burst` at once,
 * `rate` more for each second of the trace. The words and defaults are those of Falco's
 * syscall_event_drops.
 */
#ifndef EYAS_LOSS_POLICY_H
#define EYAS_LOSS_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/strbuf.h"
#include "event/source.h"

enum loss_action {
	LOSS_ACTION_IGNORE = 1 << 0,
	LOSS_ACTION_LOG = 1 << 1,   /* said on standard error */
	LOSS_ACTION_ALERT = 1 << 2, /* an alert of source "internal" */
	LOSS_ACTION_EXIT = 1 << 3,  /* the replay ends */
};

struct loss_policy {
	unsigned actions; /* LOSS_ACTION_ bits; 0: none */
	double threshold; /* share of a second's events, 0 to 1 */
	double rate;      /* tokens per second, over 0 */
	double burst;     /* most tokens, at least 1 */
	bool simulate;    /* every second counts as having lost one event too many */

	/* Filled as the trace goes by. */
	uint64_t occurrences, actions_taken;
	uint64_t second_start, seen, lost; /* of the second in progress; 0: not begun */
	uint64_t token_ts;
	double tokens;
};

/* What a second that is over lost. */
struct loss_second {
	uint64_t ts;         /* when it was noticed */
	uint64_t seen, lost; /* events */
};

/* No actions, Falco's defaults for the rest. */
void loss_policy_init(struct loss_policy *p);
/* Adds actions from "log,alert"; NULL, or a sentence (static or in `buf`) that says what is wrong.
 */
const char *loss_policy_parse_actions(struct loss_policy *p, struct str text, struct strbuf *buf);
/* Checks the whole; NULL or a static sentence. */
const char *loss_policy_check(const struct loss_policy *p);
void loss_policy_loss(struct loss_policy *p, const struct loss *loss);
/* Counts an event; true when a second is over whose actions are now due, described in *ret. */
bool loss_policy_event(struct loss_policy *p, uint64_t ts, struct loss_second *ret);

#endif
