/* Which processes before a cut the state has no need of: see slice_prune.h. */
#include "cli/slice_prune.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/slice_select.h"
#include "state/state_save.h"
#include "trace/trace.h"

/* Events of a thread, by their numbers: all of [from, until], and its end. */
struct stretch {
	int64_t tid;
	uint64_t from, until;
	uint64_t end; /* of the exit; 0: none */
};

/* The state remembers for some seconds who exited (state_impl.h): a parent's clone may come late.
 */
#define RECENT_NS UINT64_C(2000000000)

/* A process from its begin to its end. */
struct life {
	int64_t pid;
	struct life *parent; /* or NULL */
	uint64_t born;       /* the event by which it is there */
	uint64_t need_until; /* its events up to here are needed; 0: none */
	size_t refs;         /* threads that are there, children that are remembered */
	VEC(struct stretch) threads;
	struct life *prev, *next;
};

/* A thread that is there. */
struct task {
	struct life *life;
	size_t at; /* in life->threads */
	uint64_t clone_ts;
};

/* An exit. */
struct gone {
	struct life *life;
	uint64_t ts;
};

struct ranges {
	VEC(struct stretch) v;
};

struct slice_prune {
	const struct slice_plan *plan;
	struct source source; /* what of the trace comes before the cut; over `inner` */
	struct source *inner;
	struct slice_select select;
	struct state *st;
	/* While it is read: */
	struct u64map tasks; /* tid -> struct task */
	struct u64map lives; /* pid -> struct life, the latest one */
	struct life *first;
	struct life *pinned;   /* of the first event: it dates the state */
	VEC(struct gone) gone; /* by time: the latest are from `gone_at` on */
	size_t gone_at;
	struct event last; /* the event before: type, tid, result; num 0: none */
	int64_t last_res;
	bool section; /* a snapshot was the record before */
	struct progress progress;
	uint64_t read;
	uint64_t cut; /* number of the first event taken; 0: not reached */
	/* What came of it: */
	struct u64map ranges; /* tid -> struct ranges */
	struct strbuf saved;  /* the state at the cut */
	uint64_t n_events;
};

/* ---- lives */

static void life_drop(struct slice_prune *p, struct life *l)
{
	while (l && !--l->refs) {
		struct life *parent = l->parent;

		if (u64map_get(&p->lives, (uint64_t)l->pid) == l)
			u64map_del(&p->lives, (uint64_t)l->pid);
		if (l->prev)
			l->prev->next = l->next;
		else
			p->first = l->next;
		if (l->next)
			l->next->prev = l->prev;
		vec_free(&l->threads);
		free(l);
		l = parent;
	}
}

static struct life *life_new(struct slice_prune *p, int64_t pid, struct life *parent, uint64_t born)
{
	struct life *l = xcalloc(1, sizeof(*l));

	l->pid = pid;
	l->born = born;
	l->parent = parent;
	if (parent)
		parent->refs++;
	l->next = p->first;
	if (p->first)
		p->first->prev = l;
	p->first = l;
	u64map_put(&p->lives, (uint64_t)pid, l);
	return l;
}

/* Keeps those who are gone since lately. */
static void remember_gone(struct slice_prune *p, struct life *l, uint64_t ts)
{
	const struct gone g = { l, ts };

	l->refs++;
	vec_push(&p->gone, g);
	while (p->gone.v[p->gone_at].ts + RECENT_NS < ts)
		life_drop(p, p->gone.v[p->gone_at++].life);
	if (p->gone_at > p->gone.n / 2) {
		p->gone.n -= p->gone_at;
		memmove(p->gone.v, p->gone.v + p->gone_at, p->gone.n * sizeof(*p->gone.v));
		p->gone_at = 0;
	}
}

static void task_end(struct slice_prune *p, int64_t tid, uint64_t num)
{
	struct task *t = u64map_del(&p->tasks, (uint64_t)tid);

	if (!t)
		return;
	t->life->threads.v[t->at].until = t->life->threads.v[t->at].end = num;
	life_drop(p, t->life);
	free(t);
}

static int64_t pid_of(const struct thread *t)
{
	return t->pid >= 0 ? t->pid : t->tid;
}

static struct life *life_of_pid(const struct slice_prune *p, int64_t pid)
{
	struct life *l = u64map_get(&p->lives, (uint64_t)pid);

	for (size_t i = 0; l && i < l->threads.n; i++)
		if (!l->threads.v[i].end)
			return l;
	return NULL;
}

/* The thread is there, at the latest since event `num`. `parent` may be NULL. */
static void see(struct slice_prune *p, const struct thread *t, struct life *parent, uint64_t num)
{
	struct task *task = u64map_get(&p->tasks, (uint64_t)t->tid);
	struct stretch *s;
	struct life *l;

	if (task && task->clone_ts == t->clone_ts)
		return;
	if (task)
		task_end(p, t->tid, num);
	l = life_of_pid(p, pid_of(t));
	if (!l) {
		const struct thread *up = t->ptid > 0 ? state_thread(p->st, t->ptid) : NULL;

		if (!parent && up)
			parent = life_of_pid(p, pid_of(up));
		l = life_new(p, pid_of(t), parent, num);
	}
	l->refs++;
	s = vec_add(&l->threads);
	*s = (struct stretch){ .tid = t->tid, .from = num, .until = UINT64_MAX };
	task = xcalloc(1, sizeof(*task));
	*task = (struct task){ .life = l, .at = l->threads.n - 1, .clone_ts = t->clone_ts };
	u64map_put(&p->tasks, (uint64_t)t->tid, task);
}

static struct life *life_of_tid(const struct slice_prune *p, int64_t tid)
{
	struct task *t = u64map_get(&p->tasks, (uint64_t)tid);

	return t ? t->life : NULL;
}

static void forget_all(struct slice_prune *p)
{
	size_t pos = 0;
	uint64_t tid;
	void *task;

	if (p->pinned)
		life_drop(p, p->pinned);
	p->pinned = NULL;
	while (p->gone_at < p->gone.n)
		life_drop(p, p->gone.v[p->gone_at++].life);
	vec_free(&p->gone);
	p->gone_at = 0;
	while (u64map_next(&p->tasks, &pos, &tid, &task)) {
		life_drop(p, ((struct task *)task)->life);
		free(task);
	}
	u64map_clear(&p->tasks);
}

/* ---- the trace up to the cut */

static bool is_clone(const struct event_info *info)
{
	return strcmp(info->name, "clone") == 0 || strcmp(info->name, "clone3") == 0 ||
	       strcmp(info->name, "fork") == 0 || strcmp(info->name, "vfork") == 0;
}

/* What the record before has done: the state knows it by now. */
static void look_back(struct slice_prune *p)
{
	const struct event *ev = &p->last;
	const struct thread *t;

	if (p->section) {
		struct thread **all;
		size_t n;

		forget_all(p);
		all = state_threads_sorted(p->st, &n);
		for (size_t i = 0; i < n; i++)
			see(p, all[i], NULL, p->select.numbers.last);
		/* Parents by their numbers may come behind their children. */
		for (size_t i = 0; i < n; i++) {
			struct life *l = life_of_tid(p, all[i]->tid);
			const struct thread *up = state_thread(p->st, all[i]->ptid);
			struct life *parent = up ? life_of_tid(p, up->tid) : NULL;

			if (!l || l->parent || !parent || parent == l)
				continue;
			l->parent = parent;
			parent->refs++;
		}
		free(all);
		p->section = false;
	}
	if (!ev->num)
		return;
	t = state_thread(p->st, ev->tid);
	if (t)
		see(p, t, NULL, ev->num);
	if (t && !p->pinned && (p->pinned = life_of_tid(p, t->tid)))
		p->pinned->refs++;
	if (ev->info && ev->info->exit && is_clone(ev->info) && p->last_res > 0) {
		const struct thread *child = state_thread(p->st, p->last_res);

		if (child)
			see(p, child, life_of_tid(p, ev->tid), ev->num);
	}
	if (ev->info && strcmp(ev->info->name, "procexit") == 0) {
		if (life_of_tid(p, ev->tid))
			remember_gone(p, life_of_tid(p, ev->tid), ev->ts);
		task_end(p, ev->tid, ev->num);
	}
	p->last.num = 0;
}

/* All records before the cut as they are; with the selection, those that the slice has. */
static int cut_next(struct source *src, struct record *ret)
{
	struct slice_prune *p =
		(struct slice_prune *)((char *)src - offsetof(struct slice_prune, source));
	bool all = !p->select.prune;
	enum slice_use use;
	struct record rec;
	int r;

	if (all)
		look_back(p);
	while (!p->cut && (r = source_next(p->inner, ret)) == 1) {
		progress_show(&p->progress, p->inner, ++p->read);
		if (ret->kind != RECORD_EVENT && ret->kind != RECORD_SNAPSHOT)
			continue;
		rec = *ret;
		use = slice_select_next(&p->select, &rec);
		if (ret->kind == RECORD_EVENT && use == SLICE_TAKE) {
			p->cut = p->select.numbers.last;
			break;
		}
		if (p->select.ended)
			break;
		if (!all && use == SLICE_LEAVE)
			continue;
		if (!all)
			*ret = rec;
		p->section |= ret->kind == RECORD_SNAPSHOT;
		if (ret->kind == RECORD_EVENT && p->select.numbered) {
			p->last = ret->event;
			p->last.num = p->select.numbers.last;
			if (!event_retval(&ret->event, &p->last_res))
				p->last_res = -1;
		}
		return 1;
	}
	return p->cut || p->select.ended ? 0 : r;
}

static void cut_close(struct source *src)
{
	(void)src;
}

/* What there is to see is seen between events, also those that are for the state only. */
static int on_event(void *arg, struct event_ctx *ctx)
{
	(void)arg;
	(void)ctx;
	return 0;
}

/* The state at the cut, in p->st; 0 or -errno. */
static int read_to_cut(struct slice_prune *p, const struct slice_prune *prune)
{
	static const struct source_ops ops = { cut_next, cut_close };
	const struct replay_select all = { 0 };
	const struct replay_visitor v = { .event = on_event };
	struct replay_stats stats = { 0 };
	struct state_options so;
	struct diag quiet;
	int r;

	diag_init(&quiet);
	r = trace_open(p->plan->path, &quiet, &p->inner);
	if (!r) {
		p->source = *p->inner;
		p->source.ops = &ops;
		p->cut = 0;
		slice_select_init(&p->select, p->plan, prune);
		state_options_default(&so);
		p->st = state_new(&so);
		progress_begin(&p->progress);
		r = replay_run(&p->source, p->st, &all, &v, &stats);
		progress_end(&p->progress);
		state_settle(p->st);
		slice_select_free(&p->select);
		source_close(p->inner);
	}
	diag_free(&quiet);
	return r ? r : p->cut ? 0 : -ENOENT;
}

/* ---- what is needed */

static void need(struct life *l, uint64_t until)
{
	for (; l && l->need_until < until; l = l->parent) {
		l->need_until = until;
		until = l->born ? l->born : 1;
	}
}

static void add_ranges(struct slice_prune *p, const struct life *l)
{
	for (size_t i = 0; i < l->threads.n; i++) {
		struct stretch s = l->threads.v[i];
		struct ranges *r;

		if (s.from > l->need_until)
			continue;
		if (s.until > l->need_until)
			s.until = l->need_until;
		r = u64map_get(&p->ranges, (uint64_t)s.tid);
		if (!r) {
			r = xcalloc(1, sizeof(*r));
			u64map_put(&p->ranges, (uint64_t)s.tid, r);
		}
		vec_push(&r->v, s);
	}
}

int slice_prune_make(const struct slice_plan *plan, struct slice_prune **ret)
{
	struct slice_prune *p = xcalloc(1, sizeof(*p));
	struct thread **all;
	size_t n;
	int r;

	p->plan = plan;
	strbuf_init(&p->saved);
	r = read_to_cut(p, NULL);
	if (!r) {
		look_back(p);
		all = state_threads_sorted(p->st, &n);
		for (size_t i = 0; i < n; i++)
			need(life_of_tid(p, all[i]->tid), UINT64_MAX);
		free(all);
		need(p->pinned, UINT64_MAX);
		for (size_t i = p->gone_at; i < p->gone.n; i++)
			need(p->gone.v[i].life, UINT64_MAX);
		for (const struct life *l = p->first; l; l = l->next)
			if (l->need_until)
				add_ranges(p, l);
		state_save_lasting(p->st, &p->saved);
		p->n_events = state_last_num(p->st);
	}
	forget_all(p);
	u64map_free(&p->tasks);
	u64map_free(&p->lives);
	if (p->st)
		state_free(p->st);
	p->st = NULL;
	if (r)
		slice_prune_free(p);
	else
		*ret = p;
	return r;
}

void slice_prune_free(struct slice_prune *p)
{
	size_t pos = 0;
	uint64_t tid;
	void *r;

	if (!p)
		return;
	while (u64map_next(&p->ranges, &pos, &tid, &r)) {
		vec_free(&((struct ranges *)r)->v);
		free(r);
	}
	u64map_free(&p->ranges);
	strbuf_release(&p->saved);
	free(p);
}

bool slice_prune_holds(struct slice_prune *p)
{
	struct slice_prune again = { .plan = p->plan };
	bool holds = false;

	strbuf_init(&again.saved);
	if (!read_to_cut(&again, p)) {
		/* Numbers are counted anew in the copy: that is no difference. */
		if (state_last_num(again.st) < p->n_events)
			state_pass(again.st, p->n_events - state_last_num(again.st));
		state_save_lasting(again.st, &again.saved);
		holds = str_eq(strbuf_str(&again.saved), strbuf_str(&p->saved));
	}
	if (again.st)
		state_free(again.st);
	strbuf_release(&again.saved);
	return holds;
}

static bool in_ranges(const struct slice_prune *p, int64_t tid, uint64_t num)
{
	const struct ranges *r = u64map_get(&p->ranges, (uint64_t)tid);

	for (size_t i = 0; r && i < r->v.n; i++)
		if ((num >= r->v.v[i].from && num <= r->v.v[i].until) || num == r->v.v[i].end)
			return true;
	return false;
}

bool slice_prune_keeps(const struct slice_prune *p, const struct event *ev, uint64_t num)
{
	int64_t child;

	if (num >= p->cut || ev->tid < 0)
		return true;
	if (!in_ranges(p, ev->tid, num))
		return false;
	/* It makes a process that is left out. */
	if (ev->info && ev->info->exit && is_clone(ev->info) && event_retval(ev, &child) &&
	    child > 0)
		return in_ranges(p, child, num);
	return true;
}

void slice_prune_snapshot(const struct slice_prune *p, uint64_t num, struct snapshot *s)
{
	size_t n = 0;

	if (num >= p->cut)
		return;
	for (size_t i = 0; i < s->threads.n; i++)
		if (in_ranges(p, (int64_t)s->threads.v[i].tid, num))
			s->threads.v[n++] = s->threads.v[i];
	s->threads.n = n;
	n = 0;
	for (size_t i = 0; i < s->fds.n; i++)
		if (in_ranges(p, (int64_t)s->fds.v[i].tid, num))
			s->fds.v[n++] = s->fds.v[i];
	s->fds.n = n;
	n = 0;
	for (size_t i = 0; i < s->fd_tids.n; i++)
		if (in_ranges(p, (int64_t)s->fd_tids.v[i], num))
			s->fd_tids.v[n++] = s->fd_tids.v[i];
	s->fd_tids.n = n;
}
