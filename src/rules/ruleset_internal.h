/*
 * ruleset_internal: what the stages of a ruleset share.
 *
 * Layer: rules; only the files that make up the ruleset include it. Items keep the order of their
 * first definition. `index` counts definitions over all files; `visibility` is the count at the
 * last touch: a macro or list sees those with a smaller index.
 */
#ifndef EYAS_RULESET_INTERNAL_H
#define EYAS_RULESET_INTERNAL_H

#include "base/hashmap.h"
#include "rules/list_expand.h"
#include "rules/load_problem.h"
#include "rules/macro_expand.h"
#include "rules/rule_exceptions.h"
#include "rules/ruleset.h"

#define RULES_FILE_MAX (64u << 20)
#define RULES_ENGINE_VERSION \
	"0.62.0" /* of the language: what required_engine_version is compared with */
#define RULES_CONDITION_DEPTH 1000
#define RULES_DEFAULT_SOURCE  "syscall"

struct list_info {
	struct str name;
	const struct load_place *place;
	uint32_t index, visibility;
	str_vec items;
	bool used; /* compile: by a condition or another list */
};

/* What another item appended to a condition, the latest first; for telling where it stands. */
struct text_part {
	struct text_part *next;
	size_t from; /* in the whole text */
	const struct load_place *place;
};

struct macro_info {
	struct str name;
	const struct load_place *place, *cond_place;
	uint32_t index, visibility;
	struct str cond;
	struct text_part *cond_parts;
	size_t cond_cap;      /* room behind a text that was appended to */
	struct macro_def def; /* compile */
};

/* The part of a rule that only loading looks at; the public part comes first. */
struct rule_info {
	struct rule pub;
	const struct load_place *place, *cond_place, *output_place;
	uint32_t index, visibility;
	struct text_part *cond_parts;
	size_t cond_cap, output_cap, desc_cap; /* room behind texts that were appended to */
	const struct load_place
		*changed; /* the last later item that changed the condition, or NULL */
	const struct load_place *switched; /* the last later item that set `enabled`, or NULL */
	bool unknown_source;
	bool warn_evttypes, skip_if_unknown_filter;
	bool broken; /* a later item for it had errors */
	VEC(struct exception) exceptions;
	struct str text; /* compile: with exceptions, before lists */
};

struct plugin_version {
	struct str name, version;
};

struct plugin_requirement {
	VEC(struct plugin_version) alternatives; /* the wanted one first */
};

struct ruleset {
	struct arena arena;    /* files, items */
	struct arena compiled; /* replaced by each compile */
	const char *const *sources;
	bool suggested_output;
	VEC(struct output_append) appends;
	VEC(struct plugin_version) plugins;

	VEC(struct load_file *) files;
	uint32_t n_defs;
	VEC(struct list_info *) lists;
	VEC(struct macro_info *) macros;
	VEC(struct rule_info *) rules;
	struct strmap list_map, macro_map, rule_map;
	struct strmap broken;      /* "kind name" of items left out because of an error */
	struct str engine_version; /* the highest required; empty: none */
	VEC(struct plugin_requirement) requirements;

	bool failed;
	struct list_expander *lists_expander; /* of the last compile */
	struct program *program;
	VEC(struct rule_info *) by_id;
};

/* rule_items.c: reads the items of a file's documents into the ruleset. */
void rule_items_read(struct ruleset *rs, struct load_file *f, const struct ydocs *docs);
/* An item of this kind and name was left out because of an error, so that others need not be blamed
 * for it. */
void ruleset_mark_broken(struct ruleset *rs, const char *kind, struct str name);
bool ruleset_is_broken(const struct ruleset *rs, const char *kind, struct str name);

/* rule_schema.c: the advisory check of a file's shape; fills f->schema_problems. */
void rule_schema_check(struct arena *a, struct load_file *f, const struct ydocs *docs);

/* rule_versions.c */
void rule_versions_engine(struct ruleset *rs, struct load_file *f, const struct ynode *item,
			  const struct load_place *parent);
void rule_versions_plugins(struct ruleset *rs, struct load_file *f, const struct ynode *item,
			   const struct load_place *parent);

/* The list that an item of `l` names and that `l` may use, or NULL. */
static inline struct list_info *list_visible(const struct ruleset *rs, const struct list_info *l,
					     struct str item)
{
	struct list_info *ref = strmap_get(&rs->list_map, item);
	return ref && ref != l && ref->index < l->visibility ? ref : NULL;
}

/* rule_compile.c: everything behind the items. False when there were errors. */
bool rule_compile(struct ruleset *rs, struct load_file *f);

#endif
