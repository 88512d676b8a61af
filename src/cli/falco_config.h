/*
 * falco_config: a Falco configuration file, as far as it means anything for a replay.
 *
 * Layer: cli. rule-language.md sections 6 and 8. The file (with those of its config_files), then
 * each KEY=VALUE of the command line, become one tree; its keys are checked and read into the
 * struct. Problems go to a diag with file, line and column; keys that only a running Falco needs
 * are told in one note. Everything lives until falco_config_free().
 */
#ifndef EYAS_FALCO_CONFIG_H
#define EYAS_FALCO_CONFIG_H

#include "base/arena.h"
#include "output/loss_policy.h"
#include "rules/ruleset.h"

struct falco_config {
	struct arena arena;
	VEC(const char *) rules_files; /* those that exist, in order */
	VEC(struct rule_selection) selection;
	VEC(struct output_append) appends;
	VEC(const char *) unused; /* keys that mean nothing offline, in order */
	bool has_priority, has_rule_matching, has_loss;
	enum priority priority;
	bool match_all;
	/* Output; falco's defaults where the file says nothing. */
	bool json, iso_time, message, no_output, no_fields, no_tags;
	bool to_stdout;           /* not switched off by stdout_output.enabled */
	const char *to_file;      /* file_output.filename when enabled, or NULL */
	const char *capture_file; /* engine.replay.capture_file when engine.kind is replay */
	struct loss_policy loss;  /* meaningful with has_loss */
};

void falco_config_init(struct falco_config *c);
void falco_config_free(struct falco_config *c);
/*
 * Reads the file `path` (NULL: none) and the n overrides "key.sub=value". 0; -EINVAL when something
 * in them is wrong; or another -errno when a file cannot be read. All problems are in `diag`.
 */
int falco_config_load(struct falco_config *c, const char *path, const char *const *sets, size_t n,
		      struct diag *diag);
/* The text is KEY=VALUE with a KEY of Falco's configuration, and not the name of a file. */
bool falco_config_is_setting(const char *text);

#endif
