#include <stdlib.h>

#include "base/xalloc.h"
#include "state/state_impl.h"

struct thread *state_thread(const struct state *st, int64_t tid)
{
	struct thread **slot = &st->cache[(uint64_t)tid & (THREAD_CACHE - 1)];
	struct thread *t = *slot;

	if (t && t->tid == tid)
		return t;
	t = u64map_get(&st->threads, (uint64_t)tid);
	if (t)
		*slot = t;
	return t;
}

size_t state_thread_count(const struct state *st)
{
	return st->threads.n;
}

static int by_tid(const void *a, const void *b)
{
	const struct thread *x = *(struct thread *const *)a, *y = *(struct thread *const *)b;

	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

struct thread **state_threads_sorted(const struct state *st, size_t *ret_n)
{
	struct thread **v = xcalloc(st->threads.n + 1, sizeof(*v));
	size_t n = 0, pos = 0;
	uint64_t key;
	void *t;

	while (u64map_next(&st->threads, &pos, &key, &t))
		v[n++] = t;
	qsort(v, n, sizeof(*v), by_tid);
	*ret_n = n;
	return v;
}

void thread_touch(struct state *st, struct thread *t)
{
	t->stamp = ++st->stamp;
}

void tree_touch(struct state *st)
{
	st->tree_stamp = ++st->stamp;
}

void state_touch(struct state *st)
{
	st->shared_stamp = st->tree_stamp = ++st->stamp;
}

uint64_t state_tree_stamp(const struct state *st)
{
	return st->tree_stamp;
}

uint64_t thread_own_stamp(const struct state *st, const struct thread *t)
{
	return st->shared_stamp > t->stamp ? st->shared_stamp : t->stamp;
}

uint64_t thread_stamp(const struct state *st, const struct thread *t)
{
	const struct thread *m = thread_main(st, t);
	uint64_t s = t->stamp;

	if (m && m->stamp > s)
		s = m->stamp;
	return st->tree_stamp > s ? st->tree_stamp : s;
}

void thread_template_init(struct state *st)
{
	struct thread *t = &st->new_thread;

	t->pid = t->ptid = t->reaper_tid = -1;
	t->sid = t->vpgid = t->pgid = t->vtid = t->vpid = -1;
	t->uid = t->gid = t->loginuid = NO_ID;
	t->fdlimit = -1;
	t->last_fd = -1;
	t->comm = t->exe = t->exepath = t->cwd = t->root = st->empty;
	t->args = t->env = t->args_text = t->cmdline = st->empty;
}

/* Threads come and go: those that went are used again. */
static struct thread *thread_alloc(struct state *st)
{
	struct thread *t = st->free_threads;

	if (!t)
		return xmalloc(sizeof(*t));
	st->free_threads = t->parent;
	st->n_free_threads--;
	return t;
}

static void thread_release(struct state *st, struct thread *t)
{
	if (st->n_free_threads >= FREE_THREADS) {
		free(t);
		return;
	}
	t->parent = st->free_threads;
	st->free_threads = t;
	st->n_free_threads++;
}

void threads_free(struct state *st)
{
	u64map_free(&st->threads);
	u64map_free(&st->groups);
	while (st->free_threads)
		free(thread_alloc(st));
}

struct thread *thread_create(struct state *st, int64_t tid)
{
	struct thread *t;

	if (st->threads.n >= st->opt.max_threads) {
		st->stats.threads_dropped++;
		return NULL;
	}
	t = thread_alloc(st);
	*t = st->new_thread;
	t->tid = tid;
	thread_touch(st, t);
	u64map_put(&st->threads, (uint64_t)tid, t);
	if (st->threads.n > st->stats.peak_threads)
		st->stats.peak_threads = (uint32_t)st->threads.n;
	tree_touch(st);
	return t;
}

struct thread *thread_get_or_fake(struct state *st, int64_t tid)
{
	struct thread *t = state_thread(st, tid);

	if (t)
		return t;
	st->stats.failed_thread_lookups++;
	t = thread_create(st, tid);
	if (!t)
		return NULL;
	t->comm = t->exe = t->cmdline = st->na;
	st->stats.fake_threads++;
	return t;
}

static void group_unlink(struct state *st, struct thread *t)
{
	struct thread_group *g = t->group;

	if (!g)
		return;
	if (t->group_prev)
		t->group_prev->group_next = t->group_next;
	else
		g->first = t->group_next;
	if (t->group_next)
		t->group_next->group_prev = t->group_prev;
	else
		g->last = t->group_prev;
	t->group = NULL;
	t->group_prev = t->group_next = NULL;
	if (--g->n == 0) {
		u64map_del(&st->groups, (uint64_t)g->pid);
		free(g);
	}
}

/* Frees a thread that nothing links to any more. */
static void thread_free(struct state *st, struct thread *t)
{
	enter_drop(st, t);
	fd_table_free(t->fds);
	free(t->memo);
	thread_release(st, t);
}

/* Takes a thread out of table, group, tree and container. */
static void thread_erase(struct state *st, struct thread *t)
{
	struct thread **slot = &st->cache[(uint64_t)t->tid & (THREAD_CACHE - 1)];

	if (*slot == t)
		*slot = NULL;
	u64map_del(&st->threads, (uint64_t)t->tid);
	st->epoch++;
	/* Children are gone as a rule; those of a thread that never was valid become nobody's. */
	while (t->first_child) {
		struct thread *c = t->first_child;

		thread_unlink_parent(c);
		c->ptid = 0;
		thread_touch(st, c);
	}
	thread_unlink_parent(t);
	group_unlink(st, t);
	thread_leave_container(st, t);
	thread_free(st, t);
	tree_touch(st);
}

void thread_mark_dead(struct state *st, struct thread *t)
{
	if (t->flags & THREAD_CLOSED)
		return;
	t->flags |= THREAD_CLOSED;
	if (t->group && t->group->alive)
		t->group->alive--;
	thread_touch(st, t);
	tree_touch(st);
}

void thread_resurrect(struct thread *t)
{
	if (!(t->flags & THREAD_CLOSED))
		return;
	t->flags &= ~(uint32_t)THREAD_CLOSED;
	if (t->group)
		t->group->alive++;
}

void thread_remove(struct state *st, int64_t tid)
{
	struct thread *t = state_thread(st, tid);
	struct thread_group *g;

	if (!t) {
		st->stats.failed_thread_lookups++;
		return;
	}
	g = t->group;
	if (thread_invalid(t) || !g) {
		thread_mark_dead(st, t);
		thread_erase(st, t);
		return;
	}
	thread_mark_dead(st, t);
	if (t->first_child)
		thread_reparent_children(st, t);
	if (g->alive == 0) {
		/* The leader stays, dead, until its last thread is gone; now all that is left goes.
		 */
		while (g->n > 1) {
			struct thread *m = g->first == t ? g->last : g->first;

			if (m->first_child)
				thread_reparent_children(st, m);
			thread_erase(st, m);
		}
		thread_erase(st, t);
		return;
	}
	if (!thread_is_main(t))
		thread_erase(st, t);
}

void thread_renew(struct state *st, struct thread *t)
{
	struct thread *first = t->first_child, *last = t->last_child;
	int64_t tid = t->tid;
	void *memo = t->memo;

	thread_mark_dead(st, t);
	thread_unlink_parent(t);
	group_unlink(st, t);
	thread_leave_container(st, t);
	enter_drop(st, t);
	fd_table_free(t->fds);
	*t = st->new_thread;
	t->tid = tid;
	t->first_child = first;
	t->last_child = last;
	t->memo = memo;
	thread_touch(st, t);
	tree_touch(st);
}

void thread_table_clear(struct state *st)
{
	size_t pos = 0;
	uint64_t key;
	void *v;

	while (u64map_next(&st->threads, &pos, &key, &v)) {
		struct thread *t = v;

		thread_leave_container(st, t);
		thread_free(st, t);
	}
	u64map_clear(&st->threads);
	st->epoch++;
	pos = 0;
	while (u64map_next(&st->groups, &pos, &key, &v))
		free(v);
	u64map_clear(&st->groups);
	memset(st->cache, 0, THREAD_CACHE * sizeof(*st->cache));
	memset(st->exited, 0, EXITED_RING * sizeof(*st->exited));
	memset(st->exited_tids, 0, EXITED_TIDS * sizeof(*st->exited_tids));
	st->exited_ts = 0;
	st->deferred = st->remove_pending = st->close_pending = false;
	st->forget = NULL;
	state_touch(st);
}
