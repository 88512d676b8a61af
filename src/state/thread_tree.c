#include "base/xalloc.h"
#include "state/state_impl.h"

struct thread *thread_main(const struct state *st, const struct thread *t)
{
	(void)st;
	return thread_main_look(t);
}

static struct thread *parent_thread(const struct state *st, const struct thread *t)
{
	return t ? state_thread(st, t->ptid) : NULL;
}

struct thread *thread_parent(const struct state *st, const struct thread *t)
{
	return thread_ancestor(st, t, 1);
}

struct thread *thread_ancestor(const struct state *st, const struct thread *t, unsigned n)
{
	struct thread *m = thread_main(st, t);

	if (n > ANCESTORS_MAX)
		return NULL;
	for (; n && m; n--) {
		m = parent_thread(st, m);
		if (m)
			m = thread_main(st, m);
	}
	return m;
}

void thread_walk_ancestors(const struct state *st, const struct thread *t,
			   bool (*fn)(void *arg, struct thread *anc), void *arg)
{
	/* Where the pointer that moves twice as fast meets the other, there is a loop. */
	struct thread *slow = parent_thread(st, t), *fast = parent_thread(st, slow);

	for (int n = 0; n < ANCESTORS_MAX && slow && slow->tid != -1; n++) {
		if (!fn(arg, slow))
			return;
		slow = parent_thread(st, slow);
		for (int i = 0; i < 2; i++) {
			fast = parent_thread(st, fast);
			if (slow && (slow == fast || slow->tid == slow->ptid))
				return;
		}
	}
}

void thread_add_child(struct thread *parent, struct thread *t)
{
	t->parent = parent;
	t->prev_sibling = parent->last_child;
	t->next_sibling = NULL;
	if (parent->last_child)
		parent->last_child->next_sibling = t;
	else
		parent->first_child = t;
	parent->last_child = t;
}

void thread_unlink_parent(struct thread *t)
{
	struct thread *p = t->parent;

	if (!p)
		return;
	if (t->prev_sibling)
		t->prev_sibling->next_sibling = t->next_sibling;
	else
		p->first_child = t->next_sibling;
	if (t->next_sibling)
		t->next_sibling->prev_sibling = t->prev_sibling;
	else
		p->last_child = t->prev_sibling;
	t->parent = t->prev_sibling = t->next_sibling = NULL;
}

static void join_group(struct state *st, struct thread *t)
{
	struct thread_group *g = u64map_get(&st->groups, (uint64_t)t->pid);

	if (!g) {
		g = xcalloc(1, sizeof(*g));
		g->pid = t->pid;
		/* Init of the host or of a namespace. */
		g->reaper = t->pid == 1 || t->vpid == 1;
		u64map_put(&st->groups, (uint64_t)t->pid, g);
	}
	t->group = g;
	g->n++;
	if (!(t->flags & THREAD_CLOSED))
		g->alive++;
	if (thread_is_main(t)) {
		t->group_next = g->first;
		if (g->first)
			g->first->group_prev = t;
		else
			g->last = t;
		g->first = t;
	} else {
		t->group_prev = g->last;
		if (g->last)
			g->last->group_next = t;
		else
			g->first = t;
		g->last = t;
	}
}

void thread_link(struct state *st, struct thread *t)
{
	struct thread *p;

	if (thread_invalid(t) || t->group)
		return;
	join_group(st, t);
	thread_touch(st, t);
	tree_touch(st);
	if (t->pid == 1) {
		t->ptid = 0;
		return;
	}
	p = state_thread(st, t->ptid);
	if (!p || thread_invalid(p) || p == t) {
		t->ptid = 0;
		return;
	}
	thread_add_child(p, t);
}

static struct thread *alive_member(const struct thread_group *g)
{
	for (struct thread *t = g->first; t && g->alive; t = t->group_next)
		if (!(t->flags & THREAD_CLOSED))
			return t;
	return NULL;
}

static struct thread *find_reaper(const struct state *st, const struct thread *t)
{
	struct thread *p = alive_member(t->group), *slow;
	if (p)
		return p;
	p = slow = parent_thread(st, t);
	for (int n = 0; p && n < ANCESTORS_MAX; n++) {
		if (thread_in_pidns(p) != thread_in_pidns(t))
			return NULL;
		if (p->group && p->group->reaper) {
			struct thread *r = alive_member(p->group);

			if (r)
				return r;
		}
		p = parent_thread(st, p);
		/* In a loop the pointer that moves every other time is met again. */
		if (p == slow)
			return NULL;
		if (n & 1)
			slow = parent_thread(st, slow);
	}
	return NULL;
}

void thread_reparent_children(struct state *st, struct thread *t)
{
	struct thread *r = NULL;

	if (t->reaper_tid > 0) {
		r = state_thread(st, t->reaper_tid);
		if (r && (thread_invalid(r) || r == t))
			r = NULL;
	}
	if (!r)
		r = find_reaper(st, t);
	if (r && r->pid != t->pid && r->group)
		r->group->reaper = true;
	while (t->first_child) {
		struct thread *c = t->first_child;

		thread_unlink_parent(c);
		c->ptid = r ? r->tid : 0;
		/* A thread cannot be its own child: a reaper among the children stands alone. */
		if (r == c)
			c->ptid = 0;
		else if (r)
			thread_add_child(r, c);
		thread_touch(st, c);
	}
	tree_touch(st);
}
