/* Users and groups of a saved state; see state_codec.h. */
#include <stdlib.h>

#include "base/xalloc.h"
#include "state/state_codec.h"

static void add(struct codec *c, struct u64map *m, uint32_t id, void *v)
{
	if (u64map_get(m, id) || c->st->n_ids >= c->st->opt.max_users) {
		free(v);
		code_bad(c);
		return;
	}
	u64map_put(m, id, v);
	c->st->n_ids++;
}

static void code_user(struct codec *c, struct user_entry *u)
{
	code_u32(c, &u->uid);
	code_u32(c, &u->gid);
	code_istr(c, &u->name);
	code_istr(c, &u->home);
	code_istr(c, &u->shell);
}

static void code_group(struct codec *c, struct group_entry *g)
{
	code_u32(c, &g->gid);
	code_istr(c, &g->name);
}

static void code_users(struct codec *c, struct u64map *m)
{
	uint64_t *keys = c->saving ? u64map_sorted_keys(m) : NULL;
	size_t n = m->n;

	code_count(c, &n, 5);
	for (size_t i = 0; i < n && !c->in.bad; i++) {
		struct user_entry *u = c->saving ? u64map_get(m, keys[i]) : xcalloc(1, sizeof(*u));

		code_user(c, u);
		if (!c->saving)
			add(c, m, u->uid, u);
	}
	free(keys);
}

static void code_groups(struct codec *c, struct u64map *m)
{
	uint64_t *keys = c->saving ? u64map_sorted_keys(m) : NULL;
	size_t n = m->n;

	code_count(c, &n, 2);
	for (size_t i = 0; i < n && !c->in.bad; i++) {
		struct group_entry *g = c->saving ? u64map_get(m, keys[i]) : xcalloc(1, sizeof(*g));

		code_group(c, g);
		if (!c->saving)
			add(c, m, g->gid, g);
	}
	free(keys);
}

void code_ids(struct codec *c, struct id_table *ids)
{
	code_users(c, &ids->users);
	code_groups(c, &ids->groups);
}
