/* The trie of pmatch. See path_set.h. */
#include "rules/path_set.h"

#include "base/glob.h"
#include "base/hashmap.h"

/*
 * Children are found through one map of the whole trie, keyed by parent and name, so that adding
 * n paths below one directory is linear. Patterns hang on a chain of their own.
 */
struct path_node {
	uint32_t id;
	bool end; /* a path ends here: all below matches */
	bool any_literal;
	struct str name;
	struct path_node *globs; /* children that are patterns */
	struct path_node *sibling;
};

struct path_set {
	struct path_node root;
	struct path_node **slots; /* literal children by parent and name */
	struct path_node **parents;
	size_t n, cap;
	uint32_t last_id;
};

struct path_set *path_set_new(struct arena *a)
{
	return arena_calloc(a, 1, sizeof(struct path_set));
}

static bool next_component(struct str *rest, struct str *ret)
{
	while (str_split(rest, '/', ret))
		if (ret->n)
			return true;
	return false;
}

static size_t slot_of(const struct path_set *set, const struct path_node *parent, struct str name)
{
	return (size_t)(hash_bytes(name.p, name.n) ^ hash_u64(parent->id)) & (set->cap - 1);
}

static struct path_node *literal_child(const struct path_set *set, const struct path_node *parent,
				       struct str name)
{
	size_t at;

	if (!parent->any_literal)
		return NULL;
	for (at = slot_of(set, parent, name); set->slots[at]; at = (at + 1) & (set->cap - 1))
		if (set->parents[at] == parent && str_eq(set->slots[at]->name, name))
			return set->slots[at];
	return NULL;
}

static void put(struct path_set *set, struct path_node *parent, struct path_node *child)
{
	size_t at = slot_of(set, parent, child->name);

	while (set->slots[at])
		at = (at + 1) & (set->cap - 1);
	set->slots[at] = child;
	set->parents[at] = parent;
}

static void grow(struct path_set *set, struct arena *a)
{
	struct path_node **slots = set->slots, **parents = set->parents;
	size_t i, cap = set->cap;

	set->cap = cap ? cap * 2 : 64;
	set->slots = arena_calloc(a, set->cap, sizeof(*set->slots));
	set->parents = arena_calloc(a, set->cap, sizeof(*set->parents));
	for (i = 0; i < cap; i++)
		if (slots[i])
			put(set, parents[i], slots[i]);
}

static bool is_pattern(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] == '?' || s.p[i] == '*' || s.p[i] == '[')
			return true;
	return false;
}

static struct path_node *child(struct path_set *set, struct path_node *parent, struct str name,
			       struct arena *a)
{
	struct path_node *c;

	if (is_pattern(name)) {
		for (c = parent->globs; c; c = c->sibling)
			if (str_eq(c->name, name))
				return c;
	} else {
		c = literal_child(set, parent, name);
		if (c)
			return c;
	}
	c = arena_calloc(a, 1, sizeof(*c));
	c->id = ++set->last_id;
	c->name = name;
	if (is_pattern(name)) {
		c->sibling = parent->globs;
		parent->globs = c;
		return c;
	}
	if (set->n * 2 >= set->cap)
		grow(set, a);
	set->n++;
	parent->any_literal = true;
	put(set, parent, c);
	return c;
}

void path_set_add(struct path_set *set, struct str path, struct arena *a)
{
	struct path_node *at = &set->root;
	struct str name;

	/* What lies below a path that is there already can add nothing. */
	while (!at->end && next_component(&path, &name))
		at = child(set, at, name, a);
	at->end = true;
}

bool path_set_has(const struct path_set *set, struct str path, struct path_walk *walk)
{
	struct str name;
	size_t i;

	walk->now.n = 0;
	vec_push(&walk->now, &set->root);
	if (set->root.end)
		return true;
	while (walk->now.n && next_component(&path, &name)) {
		walk->next.n = 0;
		for (i = 0; i < walk->now.n; i++) {
			const struct path_node *at = walk->now.v[i], *c;

			c = literal_child(set, at, name);
			if (c && c->end)
				return true;
			if (c)
				vec_push(&walk->next, c);
			for (c = at->globs; c; c = c->sibling) {
				if (!glob_match(c->name, name, false))
					continue;
				if (c->end)
					return true;
				vec_push(&walk->next, c);
			}
		}
		i = walk->now.cap;
		const void **v = walk->now.v;
		walk->now.v = walk->next.v;
		walk->now.n = walk->next.n;
		walk->now.cap = walk->next.cap;
		walk->next.v = v;
		walk->next.cap = i;
		walk->next.n = 0;
	}
	return false;
}

void path_walk_free(struct path_walk *walk)
{
	vec_free(&walk->now);
	vec_free(&walk->next);
}
