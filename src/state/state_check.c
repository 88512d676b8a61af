#include "base/cursor.h"
#include "state/state_impl.h"

struct counts {
	size_t grouped, enters, in_containers;
};

static const char *check_thread(const struct state *st, int64_t tid, const struct thread *t,
				struct counts *n)
{
	size_t children = 0;

	if (t->tid != tid)
		return "a thread is in the table under another tid";
	if (!t->comm || !t->exe || !t->exepath || !t->cwd || !t->root || !t->args || !t->env ||
	    !t->args_text || !t->cmdline)
		return "a string of a thread is NULL";
	if (t->stamp > st->stamp)
		return "a thread's stamp is from the future";
	if (t->group) {
		n->grouped++;
		if (t->group->pid != t->pid)
			return "a thread is in the group of another process";
		if (u64map_get(&st->groups, (uint64_t)t->pid) != t->group)
			return "a thread's group is not in the table";
	}
	if (t->parent) {
		if (t->parent == t)
			return "a thread is its own parent";
		if (t->ptid != t->parent->tid)
			return "ptid and the link to the parent differ";
		if (state_thread(st, t->ptid) != t->parent)
			return "the parent is not in the table";
	}
	for (const struct thread *c = t->first_child; c; c = c->next_sibling) {
		if (c->parent != t)
			return "a child has another parent";
		if ((c->next_sibling ? c->next_sibling->prev_sibling : t->last_child) != c)
			return "the list of children is broken";
		if (++children > st->threads.n)
			return "the list of children has a loop";
	}
	if (t->enter)
		n->enters++;
	if (t->container)
		n->in_containers++;
	if (t->cgroups.n && (!t->cgroup_set || t->cgroups.v != t->cgroup_set->v))
		return "cgroups are not those of the set";
	if (t->fds && !fd_table_check(t->fds))
		return "a descriptor table is inconsistent";
	return NULL;
}

static const char *check_group(const struct thread_group *g, size_t *grouped)
{
	uint32_t n = 0, alive = 0;

	for (const struct thread *t = g->first; t; t = t->group_next) {
		if (t->group != g)
			return "a member of a group belongs to another";
		if ((t->group_next ? t->group_next->group_prev : g->last) != t)
			return "the list of a group is broken";
		if (++n > g->n)
			return "a group has more members than it counts";
		alive += !(t->flags & THREAD_CLOSED);
	}
	*grouped += n;
	if (n != g->n || !n)
		return "a group has fewer members than it counts";
	if (alive != g->alive)
		return "a group's count of the living is wrong";
	return NULL;
}

static const char *check_containers(const struct state *st, size_t in_containers, size_t *ids)
{
	const struct container_list *lists[] = { &st->live, &st->idle };
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		uint32_t count = 0;

		for (const struct container *c = lists[i]->first; c; c = c->next) {
			if (++count > lists[i]->n)
				return "a list of containers has more than it counts";
			if ((i == 0) != (c->n_threads > 0))
				return "a container is in the wrong list";
			if (state_container(st, c->id) != c)
				return "a container is not found by its id";
			if (c->ip4.n && !u64map_get(&st->container_ips, get_le32(c->ip4.b)))
				return "a container is not found by its address";
			n += c->n_threads;
			if (c->ids)
				*ids += c->ids->users.n + c->ids->groups.n;
		}
		if (count != lists[i]->n)
			return "a list of containers has fewer than it counts";
	}
	if (n != in_containers)
		return "the containers' counts of threads are wrong";
	return NULL;
}

bool state_check(const struct state *st, const char **ret_why)
{
	struct counts n = { 0 };
	size_t pos = 0, grouped = 0, ids = st->host_ids.users.n + st->host_ids.groups.n;
	const char *why = NULL;
	uint64_t key;
	void *v;

	while (!why && u64map_next(&st->threads, &pos, &key, &v))
		why = check_thread(st, (int64_t)key, v, &n);
	pos = 0;
	while (!why && u64map_next(&st->groups, &pos, &key, &v))
		why = check_group(v, &grouped);
	if (!why)
		why = check_containers(st, n.in_containers, &ids);
	if (!why && n.grouped != grouped)
		why = "threads and groups do not agree on who is in one";
	if (!why && n.enters != st->n_enters)
		why = "the count of stored enter events is wrong";
	if (!why && ids != st->n_ids)
		why = "the count of users and groups is wrong";
	if (!why && st->threads.n > st->opt.max_threads)
		why = "more threads than allowed";
	if (!why && st->n_ids > st->opt.max_users)
		why = "more users than allowed";
	if (why)
		*ret_why = why;
	return !why;
}
