/*
 * replay_options: the command line of `eyas replay`.
 *
 * Layer: cli. Words of argv are borrowed; what is built from them belongs to the struct until
 * replay_options_free().
 */
#ifndef EYAS_REPLAY_OPTIONS_H
#define EYAS_REPLAY_OPTIONS_H

#include "base/arena.h"
#include "cli/falco_config.h"
#include "cli/select_option.h"
#include "output/alert.h"
#include "output/loss_policy.h"

enum summary_form { SUMMARY_TEXT, SUMMARY_JSON, SUMMARY_NONE };

struct replay_options {
	VEC(const char *) rules;              /* -r, in order */
	VEC(const char *) traces;             /* operands, in order */
	VEC(struct rule_selection) selection; /* in the order given */
	size_t n_configured; /* of these: the first, which the configuration made */
	VEC(struct output_append) appends;
	struct alert_options alert;
	struct replay_select select;
	struct loss_policy loss;
	enum summary_form summary;
	unsigned jobs;      /* threads; 0: as many as there are processors */
	const char *output; /* file, or NULL: standard output */
	const char *copy;   /* a file that gets the alerts too, or NULL */
	bool discard;       /* alerts are only counted */
	bool has_min_priority, has_fail_on;
	enum priority min_priority, fail_on;
	bool match_all, suggested_output, as_one, quiet, log_time;
	struct falco_config config; /* of -c and --set; what it says is in the members above */
	struct arena arena;
};

/* Fills *o from argv; EXIT_DONE and *ret_go true to go on, else what the command returns. */
int replay_options_parse(int argc, char **argv, struct replay_options *o, bool *ret_go);
void replay_options_free(struct replay_options *o);

#endif
