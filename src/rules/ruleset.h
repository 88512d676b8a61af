/*
 * ruleset: rules files, from YAML to an engine.
 *
 * Layer: rules. Stages, a file each: rule_yaml (libyaml, positions) → rule_items (lists, macros,
 * rules with append, override, exceptions, enabled) → list_expand → condition → macro_expand →
 * program (rule_compile.c). The ruleset owns everything it hands out until ruleset_free(); what a
 * compile made is replaced by the next one.
 */
#ifndef EYAS_RULESET_H
#define EYAS_RULESET_H

#include "base/diag.h"
#include "rules/output_format.h"
#include "rules/program.h"

enum priority {
	PRIORITY_EMERGENCY,
	PRIORITY_ALERT,
	PRIORITY_CRITICAL,
	PRIORITY_ERROR,
	PRIORITY_WARNING,
	PRIORITY_NOTICE,
	PRIORITY_INFORMATIONAL,
	PRIORITY_DEBUG,
	PRIORITY_N
};

/* "Warning"; and back, any case, "info" too: false when it is none. */
const char *priority_name(unsigned p);
bool priority_parse(struct str text, enum priority *ret);

typedef VEC(struct str) str_vec;

struct rule {
	struct str name, desc, source;
	struct str condition_text, output_text; /* after append and override, before expansion */
	enum priority priority;
	str_vec tags;  /* sorted, unique */
	bool enabled;  /* as the files say */
	bool selected; /* takes part in matching, after selection */
	bool capture;
	uint32_t capture_duration_ms;
	const char *file;
	uint32_t line, col; /* of the rule item, from 0 */
	/* Set by ruleset_compile() for rules that compile; id is -1 for the others. */
	const struct ast *ast;  /* macro-free */
	int id;                 /* its condition in the program */
	struct str output_full; /* output_text with extra and suggested outputs */
	struct output_format *output;
	const struct rule_extra *extra; /* additional output fields, in order */
	size_t n_extra;
};

/* A further member of an alert's output fields. */
struct rule_extra {
	struct str key;
	struct str text; /* of the format: "hello %evt.num" */
	bool raw;        /* text is one field: the value keeps its JSON type */
	struct output_format *format;
};

struct ruleset;

/* An extra output, as append_output / suggested_output / --extra-output give it. */
struct output_append {
	struct str source, rule; /* match; empty: any */
	VEC(struct str) tags;    /* all must be present */
	struct str extra_output; /* appended to the text with a blank */
	str_vec extra_fields;    /* "name" raw, or "key=FORMAT" */
	bool suggested;          /* append the fields tagged suggested */
};

struct ruleset_options {
	const char *const *sources; /* known event sources, NULL-terminated; NULL: "syscall" */
	bool suggested_output;      /* append the fields tagged suggested */
	const struct output_append *appends;
	size_t n_appends;
	struct {
		const char *name, *version;
	} plugins[16]; /* "loaded" plugins, for requirements */
	size_t n_plugins;
};

/*
 * Adds what eyas has itself: the sources of event_source_names (unless some are set already), and
 * the plugins whose part it plays, so that rules that ask for them load.
 */
void ruleset_options_known(struct ruleset_options *opt);
struct ruleset *ruleset_new(const struct ruleset_options *opt);
void ruleset_free(struct ruleset *rs);

/*
 * Adds a file (read whole, at most 64 MiB) or text. Problems go to `diag`, all of them, each with
 * code, position, excerpt and caret. 0, or -errno when the file cannot be read or -EINVAL when it
 * holds errors.
 */
int ruleset_add_file(struct ruleset *rs, const char *path, struct diag *diag);
int ruleset_add_text(struct ruleset *rs, const char *name, struct str text, struct diag *diag);
/* Files and directories (its .yaml and .yml in bytewise order). */
int ruleset_add_path(struct ruleset *rs, const char *path, struct diag *diag);

/*
 * Expands, checks and compiles everything added. 0, or -EINVAL when that or an earlier addition
 * brought errors, which are in `diag`. May be called again after more has been added: everything is
 * compiled anew, and `selected` of all rules is again as the files say.
 */
int ruleset_compile(struct ruleset *rs, struct diag *diag);

/*
 * After a compile without errors: what loads but does not do what it seems to (EYAS_ codes), as
 * further warnings, in `diag` and in the load results.
 */
void ruleset_lint(struct ruleset *rs, struct diag *diag);

/* Rules in load order, also disabled ones. */
size_t ruleset_count(const struct ruleset *rs);
struct rule *ruleset_rule(const struct ruleset *rs, size_t i);

/* How a selection names rules. */
enum rule_match {
	RULE_MATCH_WILDCARD,  /* the name; `*` stands for any text */
	RULE_MATCH_SUBSTRING, /* part of the name; empty: all */
	RULE_MATCH_EXACT,     /* the name; empty: all */
	RULE_MATCH_TAG,       /* one of the tags */
};

/* One step of a selection, applied in order to the rules' `selected`. */
struct rule_selection {
	bool enable;
	enum rule_match match;
	struct str pattern;
};
/* Whether a rule is one of those the step names. */
bool rule_matches(const struct rule *r, const struct rule_selection *step);
/* How many rules the step names. */
size_t ruleset_select(struct ruleset *rs, const struct rule_selection *step);
/* Only rules at least as severe as this are kept selected. */
void ruleset_min_priority(struct ruleset *rs, enum priority p);
/* Builds the programs for the selected rules of `source`, or of every source (NULL): each sees the
 * events of its own source only. After the last selection. */
void ruleset_build(struct ruleset *rs, const char *source);
/* Which events the rules need: program_wants(), and what their outputs print. After the build. */
void ruleset_wants(const struct ruleset *rs, struct event_wants *ret);
/* A selected rule remembers something from event to event (evt.deltatime, in its condition or in
 * what it prints): the events of a trace must be seen in one go. */
bool ruleset_remembers(const struct ruleset *rs);
struct program *ruleset_program(const struct ruleset *rs);
/* The rule that condition `id` of the program belongs to. */
struct rule *ruleset_rule_by_id(const struct ruleset *rs, int id);

/* The text of a rule's condition with its exceptions and lists in place; empty when it was not
 * compiled. */
struct str ruleset_expanded_text(const struct ruleset *rs, const struct rule *r);

/*
 * The JSON that falco -L gives (rule-language.md section 7) as a value into `w`; `rule` NULL: all.
 * Arrays whose order means nothing are sorted.
 */
void ruleset_describe(const struct ruleset *rs, const struct rule *rule, struct json_writer *w);
/*
 * Load results, a value into `w`: an array with a member for each file in the falco_load_results
 * shape. As there, `errors` ends with a file's first error; what was found behind it is in
 * more_errors and more_warnings.
 */
void ruleset_load_results(const struct ruleset *rs, struct json_writer *w);
/* The files' required_plugin_versions are satisfied by the plugins of the options. */
bool ruleset_requirements_met(const struct ruleset *rs);

#endif
