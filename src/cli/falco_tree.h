/*
 * falco_tree: configuration files and settings of the command line as one YAML tree.
 *
 * Layer: cli. A file's top-level keys go over those that were there: sequences grow, mappings are
 * merged, values replaced; so also for what config_files names. A setting key.sub[2]=value
 * replaces one place. Each node knows the text it comes from, for problems. Nodes live in the
 * arena.
 */
#ifndef EYAS_FALCO_TREE_H
#define EYAS_FALCO_TREE_H

#include "base/diag.h"
#include "base/hashmap.h"
#include "rules/rule_yaml.h"

struct falco_tree {
	struct arena *arena;
	struct ynode *root;    /* a mapping */
	struct u64map sources; /* of nodes, by their address */
	unsigned n_files;
};

void falco_tree_init(struct falco_tree *t, struct arena *a);
void falco_tree_free(struct falco_tree *t);
/* Adds a file and those of its config_files. 0, -EINVAL when it is no such file, or -errno. */
int falco_tree_add_file(struct falco_tree *t, const char *path, struct diag *diag);
/* Applies "key.sub[2]=value" ([] is one element more); 0 or -EINVAL. */
int falco_tree_set(struct falco_tree *t, const char *text, struct diag *diag);
/* Adds a problem at a node: file, line, column, excerpt. */
void falco_tree_problem(const struct falco_tree *t, const struct ynode *n, enum diag_level level,
			struct diag *diag, const char *message);

#endif
