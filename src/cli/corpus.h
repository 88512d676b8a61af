/*
 * corpus: rules over traces, event by event, for commands that look inside rules.
 *
 * Layer: cli. What explain, coverage, diff and profile share: their options, loading rules, walking
 * traces with a fresh state each. A command puts CORPUS_OPTION_ROWS in its table and hands keys it
 * does not know to corpus_option().
 */
#ifndef EYAS_CORPUS_H
#define EYAS_CORPUS_H

#include "base/option.h"
#include "cli/progress.h"
#include "cli/select_option.h"
#include "rules/rule_trace.h"

enum { OPT_C_ENABLE = 3000, OPT_C_DISABLE, OPT_C_TAG, OPT_C_NOT_TAG };

#define CORPUS_SELECTION_ROWS                                                                    \
	{ OPT_C_ENABLE, "enable", "PATTERN", "switch rules on by name; * stands for anything" }, \
		{ OPT_C_DISABLE, "disable", "PATTERN",                                           \
		  "switch rules off by name; * stands for anything" },                           \
		{ OPT_C_TAG, "tag", "TAG",                                                       \
		  "only rules with this tag (repeatable: with any of them)" },                   \
		{ OPT_C_NOT_TAG, "not-tag", "TAG", "no rules with this tag" }, SELECT_OPTION_ROWS
#define CORPUS_OPTION_ROWS                                                                  \
	{ 'r', "rules", "PATH",                                                             \
	  "rules: a file, or a directory of .yaml and .yml files (repeatable, in order)" }, \
		CORPUS_SELECTION_ROWS

/* For commands that walk with corpus_walk_each(). */
#define CORPUS_JOBS_ROW                                                                          \
	{                                                                                        \
		'j', "jobs", "N", "work in N threads (default: as many as there are processors)" \
	}

struct corpus_options {
	VEC(const char *) rules;
	VEC(struct rule_selection) selection;
	struct replay_select select;
	bool tag_seen;
	unsigned jobs; /* threads; 0: as many as there are processors */
	/* Rules of the command's own, as YAML: the first of the ruleset, whatever is selected. */
	struct str builtin;
};

struct corpus {
	const char *command; /* "eyas explain" */
	const struct corpus_options *opt;
	struct ruleset *rules;
	struct rule_trees *trees;
	/* Of the trace in hand. */
	const char *trace;
	struct arena arena; /* reset before each event */
	struct state *state;
	struct program_run *run;
	struct field_env env; /* env.ctx: the event in hand */
	/* Of all traces. */
	struct replay_stats stats;
	bool silent; /* nothing on what is wrong with traces: it was told */
	struct progress progress;
	/* Told of losses during corpus_walk(), with its arg; may be NULL. */
	void (*loss)(void *arg, const struct loss *loss);
	/* Told when a section has begun: `state` is what its snapshot says; may be NULL. */
	void (*section)(void *arg, struct state *st);
};

/* Takes a common option: 0 or EXIT_USAGE in *ret_status; false when `key` is none of them. */
bool corpus_option(struct corpus_options *o, const struct option_state *st, int key,
		   int *ret_status);
void corpus_options_free(struct corpus_options *o);

/*
 * Loads and builds the rules of `paths`, telling problems on standard error; an exit_status. The
 * corpus is ready to be walked when it is EXIT_DONE, and is to be freed in any case.
 */
int corpus_load(struct corpus *c, const char *command, const struct corpus_options *opt,
		const char *const *paths, size_t n);
void corpus_free(struct corpus *c);
/* Walks the traces in order; `event` as in struct replay_visitor. An exit_status. A corpus that is
 * all zero but for `command` and `opt` is walked without rules. */
int corpus_walk(struct corpus *c, char *const *traces, size_t n,
		int (*event)(struct corpus *c, void *arg), void *arg);
/*
 * The same in `jobs` threads (as parallel_jobs() takes it): traces, and parts of traces that have
 * checkpoints, at once, with the same results. What comes of some events in a row goes into a part:
 * `event` gets it, in any thread; `take` gets it in the order of the traces and of their events,
 * one at a time, as problems are told; a part that is not taken does not count. `new_part` may be
 * called by several threads at once. What `event` finds in the corpus is its part's own (`state` is
 * NULL there), but for rules and trees, which must not change (rule_trees_get() makes trees:
 * before).
 */
struct corpus_each {
	void *(*new_part)(void *arg);
	int (*event)(struct corpus *c, void *part);
	void (*take)(void *arg, void *part);
	void (*free_part)(void *arg, void *part);
	const struct event_wants *wants; /* the events that `event` looks at; NULL: all */
};
int corpus_walk_each(struct corpus *c, unsigned jobs, char *const *traces, size_t n,
		     const struct corpus_each *each, void *arg);
/* From here on only these files can be read. */
void corpus_confine(const struct corpus_options *o, const char *const *more, size_t n_more,
		    char *const *traces, size_t n);
/* The rule of this name; NULL after saying, on standard error, that there is none and what is near.
 */
struct rule *corpus_rule(const struct corpus *c, const char *name);
/* Writes text to standard output; an exit_status. */
int corpus_print(const struct corpus *c, const struct strbuf *out);
/* Opens a file to be written, "-" being standard output; NULL after saying why not. */
FILE *corpus_create(const char *command, const char *path);
/* Writes and closes it; an exit_status. */
int corpus_write(const char *command, const char *path, FILE *f, const struct strbuf *text);

#endif
