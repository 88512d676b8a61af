/*
 * select_option: the options that several subcommands share.
 *
 * Layer: cli.
 */
#ifndef EYAS_SELECT_OPTION_H
#define EYAS_SELECT_OPTION_H

#include "base/option.h"
#include "replay/replay.h"

/* Options that select events, the same in every command. Put SELECT_OPTION_ROWS in the table. */
enum { OPT_SINCE = 1000, OPT_UNTIL, OPT_EVENTS };
#define SELECT_OPTION_ROWS                                                                      \
	{ OPT_SINCE, "since", "TIME", "only events at or after TIME (RFC 3339, or @SECONDS)" }, \
		{ OPT_UNTIL, "until", "TIME", "only events before TIME" },                      \
	{                                                                                       \
		OPT_EVENTS, "events", "N-M",                                                    \
			"only events numbered N to M (either may be left out)"                  \
	}
/* Takes such an option; 0, or EXIT_USAGE after saying what is wrong. */
int option_select(const struct option_state *st, int key, struct replay_select *sel);

/* The argument as the number of a process; 0, or EXIT_USAGE after saying what is wrong. */
int option_pid(const struct option_state *st, int64_t *ret);
/* The argument of --jobs, from 1; the same. */
int option_jobs(const struct option_state *st, unsigned *ret);

#endif
