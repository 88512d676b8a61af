/* What the state holds besides threads, as sorted lists. */
#include <stdlib.h>

#include "base/xalloc.h"
#include "state/state_impl.h"

static int by_id(const void *a, const void *b)
{
	return str_cmp((*(struct container *const *)a)->id, (*(struct container *const *)b)->id);
}

struct container **state_containers_sorted(const struct state *st, size_t *ret_n)
{
	struct container **v = xcalloc(st->live.n + st->idle.n + 1, sizeof(struct container *));
	size_t n = 0;

	for (struct container *c = st->live.first; c; c = c->next)
		v[n++] = c;
	for (struct container *c = st->idle.first; c; c = c->next)
		v[n++] = c;
	qsort(v, n, sizeof(struct container *), by_id);
	*ret_n = n;
	return v;
}

const struct user_entry **state_users_sorted(const struct state *st, const struct container *c,
					     size_t *ret_n)
{
	const struct id_table *ids = c ? c->ids : &st->host_ids;
	size_t n = ids ? ids->users.n : 0;
	const struct user_entry **v = xcalloc(n + 1, sizeof(const struct user_entry *));
	uint64_t *keys = n ? u64map_sorted_keys(&ids->users) : NULL;

	for (size_t i = 0; i < n; i++)
		v[i] = u64map_get(&ids->users, keys[i]);
	free(keys);
	*ret_n = n;
	return v;
}
