/*
 * path_set: the paths of a `pmatch`, as a trie over path components.
 *
 * Layer: rules. A value matches when the components of one of the paths begin it; a component with
 * ?, * or [ is a pattern for that one component. Empty components do not count. A look-up visits
 * each node of the trie once at most. Lives in the arena it was made in.
 */
#ifndef EYAS_PATH_SET_H
#define EYAS_PATH_SET_H

#include "base/arena.h"
#include "base/vec.h"

struct path_set;

struct path_set *path_set_new(struct arena *a);
void path_set_add(struct path_set *set, struct str path, struct arena *a);
/* Room that a look-up needs; one per run. */
struct path_walk {
	VEC(const void *) now, next;
};
bool path_set_has(const struct path_set *set, struct str path, struct path_walk *walk);
void path_walk_free(struct path_walk *walk);

#endif
