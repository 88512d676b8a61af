/*
 * replay_summary: what a replay says at its end: alerts by rule and priority, events, losses,
 * damage.
 *
 * Layer: cli. It goes to standard error, so it may hold what differs from run to run (elapsed time,
 * throughput).
 */
#ifndef EYAS_REPLAY_SUMMARY_H
#define EYAS_REPLAY_SUMMARY_H

#include "cli/replay_pass.h"
#include "output/loss_policy.h"
#include "replay/replay.h"

struct replay_summary {
	const struct ruleset *rules;
	struct alert_counts alerts; /* by_rule is owned */
	struct replay_stats stats;  /* summed over the traces */
	struct state_stats state;   /* summed */
	unsigned traces, damaged;
	double seconds;
};

void replay_summary_init(struct replay_summary *s, const struct ruleset *rules);
void replay_summary_free(struct replay_summary *s);
void replay_summary_count(struct replay_summary *s, const struct alert_counts *c);
void replay_summary_add(struct replay_summary *s, const struct replay_stats *stats,
			const struct state_stats *state);
/* Lines, each with its newline. `policy` may be NULL. */
void replay_summary_text(const struct replay_summary *s, const struct loss_policy *policy,
			 struct strbuf *out);
/* One JSON object and a newline. */
void replay_summary_json(const struct replay_summary *s, const struct loss_policy *policy,
			 struct strbuf *out);

#endif
