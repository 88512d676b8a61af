/*
 * replay_pass: the rules over the events of one trace, or of a part of one, in one thread.
 *
 * Layer: cli. The rules and the options are shared and do not change; everything that does is the
 * pass's own. Alerts come out as finished lines.
 */
#ifndef EYAS_REPLAY_PASS_H
#define EYAS_REPLAY_PASS_H

#include "cli/replay_options.h"
#include "rules/ruleset.h"

/* What passes share. */
struct replay_rules {
	const struct replay_options *opt;
	struct ruleset *rules;
	size_t n;         /* rules */
	size_t *position; /* of a condition's rule in the ruleset */
};

/* Alerts, counted. */
struct alert_counts {
	uint64_t *by_rule; /* by the rule's position in the ruleset */
	uint64_t by_priority[PRIORITY_N];
	uint64_t total;
	bool failed_on; /* one at or above --fail-on */
};

struct replay_pass {
	const struct replay_rules *rules;
	const char *trace;
	struct program_run *run;
	struct field_env env;
	struct arena arena; /* of the event in hand */
	int *ids;           /* room for all conditions */
	struct strbuf line;
	struct alert_counts counts;
	/* Takes an alert's line without its newline; 0 or -errno. */
	int (*put)(void *arg, struct str line);
	void *arg;
};

/* Compiled and selected rules, made ready to be shared; owns nothing of them. */
void replay_rules_init(struct replay_rules *rr, const struct replay_options *opt,
		       struct ruleset *rules);
void replay_rules_free(struct replay_rules *rr);

void replay_pass_init(struct replay_pass *p, const struct replay_rules *rules, const char *trace,
		      int (*put)(void *arg, struct str line), void *arg);
void replay_pass_free(struct replay_pass *p);
/* Matches one event and puts its alerts; 0 or what put() returned. */
int replay_pass_event(struct replay_pass *p, struct event_ctx *ctx);
/* Whether a rule may match the event of an open; see state_judge_opens(). */
enum open_verdict replay_pass_open(struct replay_pass *p, const struct state_open *o);
/* The same of the use of a descriptor; see state_judge_uses(). */
bool replay_pass_use(struct replay_pass *p, const struct state_use *u);

#endif
