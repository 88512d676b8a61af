/* The processes of a trace over its span; see history.h. */
#include "replay/history.h"

#include <stdlib.h>

void history_init(struct history *h)
{
	*h = (struct history){ .text = STRBUF_INIT };
	arena_init(&h->arena);
}

void history_free(struct history *h)
{
	for (size_t i = 0; i < h->records.n; i++)
		vec_free(&h->records.v[i].images);
	vec_free(&h->records);
	strmap_free(&h->texts);
	u64map_free(&h->by_pid);
	strbuf_release(&h->text);
	arena_destroy(&h->arena);
}

struct str container_label(const struct container *c)
{
	if (!c)
		return STR("");
	return c->name.n ? c->name : c->id;
}

void process_command(const struct thread *t, struct strbuf *out)
{
	if (t->exe->n) {
		strbuf_addstr(out, istr_str(t->exe));
		if (t->args_text->n) {
			strbuf_addc(out, ' ');
			strbuf_addstr(out, istr_str(t->args_text));
		}
	} else if (t->comm->n) {
		strbuf_addc(out, '[');
		strbuf_addstr(out, istr_str(t->comm));
		strbuf_addc(out, ']');
	}
}

/* The history's copy of a text: processes of one program share it. */
static struct str keep(struct history *h, struct str s)
{
	struct str *kept;

	if (!s.n)
		return STR("");
	kept = strmap_get(&h->texts, s);
	if (!kept) {
		kept = arena_alloc(&h->arena, sizeof(*kept));
		*kept = arena_str(&h->arena, s);
		strmap_put(&h->texts, *kept, kept);
	}
	return *kept;
}

static struct str keep_command(struct history *h, const struct thread *t)
{
	strbuf_reset(&h->text);
	process_command(t, &h->text);
	return keep(h, strbuf_str(&h->text));
}

static uint32_t find(const struct history *h, int64_t pid)
{
	uintptr_t at = (uintptr_t)u64map_get(&h->by_pid, (uint64_t)pid);

	return at ? (uint32_t)(at - 1) : HISTORY_NONE;
}

/* The leader, or the thread that stands for it. */
static const struct thread *face(const struct state *st, const struct thread *t)
{
	const struct thread *m = thread_main(st, t);

	return m && !thread_invalid(m) ? m : t;
}

/* What others than the process can change: the container's name may be told after it began. */
static void refresh_names(struct history *h, const struct state *st, struct process_record *r,
			  const struct thread *m)
{
	const struct user_entry *u = state_user(st, m->container, m->uid);

	r->tree_stamp = state_tree_stamp(st);
	r->user = keep(h, u ? istr_str(u->name) : STR(""));
	r->container = keep(h, container_label(m->container));
	r->container_id = keep(h, m->container ? m->container->id : STR(""));
}

static void refresh(struct history *h, const struct state *st, struct process_record *r,
		    const struct thread *m)
{
	r->stamp = m->stamp;
	r->uid = m->uid;
	r->gid = m->gid;
	r->loginuid = m->loginuid;
	r->tty = m->tty;
	r->comm = keep(h, istr_str(m->comm));
	r->exepath = keep(h, istr_str(m->exepath));
	r->command = keep_command(h, m);
	refresh_names(h, st, r, m);
}

static uint32_t add(struct history *h, const struct state *st, const struct thread *m)
{
	const struct thread *parent = state_thread(st, m->ptid);
	struct process_record r = {
		.pid = m->pid,
		.ppid = parent && parent->pid >= 0 ? parent->pid : m->ptid,
		.parent = HISTORY_NONE,
		.started = m->clone_ts,
		.clone_ts = m->clone_ts,
		.first_uid = m->uid,
	};
	uint32_t at = (uint32_t)h->records.n;

	refresh(h, st, &r, m);
	vec_push(&h->records, r);
	u64map_put(&h->by_pid, (uint64_t)m->pid, (void *)((uintptr_t)at + 1));
	return at;
}

/* The record of a process that has none, and those of its ancestors as far as they have none. */
static uint32_t add_with_ancestors(struct history *h, const struct state *st,
				   const struct thread *m)
{
	uint32_t first = add(h, st, m), child = first, at;
	const struct thread *p = thread_parent(st, m);

	while (p && !thread_invalid(p)) {
		at = find(h, p->pid);
		/* One of those just added: parents that go round in a made-up snapshot. */
		if (at != HISTORY_NONE && at >= first)
			break;
		if (at != HISTORY_NONE) {
			h->records.v[child].parent = at;
			break;
		}
		at = add(h, st, p);
		h->records.v[child].parent = at;
		child = at;
		p = thread_parent(st, p);
	}
	return first;
}

static uint32_t get_or_add(struct history *h, const struct state *st, const struct thread *t)
{
	const struct thread *m = face(st, t);
	uint32_t at = find(h, m->pid);
	struct process_record *r;

	if (at == HISTORY_NONE)
		return add_with_ancestors(h, st, m);
	r = &h->records.v[at];
	if (m->clone_ts <= r->clone_ts)
		return at;
	/* Of the snapshot, or of its own events only: now its birth is told. */
	if (!r->clone_ts && !r->ended) {
		r->clone_ts = r->started = m->clone_ts;
		return at;
	}
	return add_with_ancestors(h, st, m); /* the number was given again */
}

void history_snapshot(struct history *h, struct state *st)
{
	size_t n;
	struct thread **v = state_threads_sorted(st, &n);

	for (size_t i = 0; i < n; i++)
		if (!thread_invalid(v[i]))
			get_or_add(h, st, v[i]);
	free(v);
}

static bool is_clone(unsigned type)
{
	switch (type) {
	case EVT_SYSCALL_CLONE_20_X:
	case EVT_SYSCALL_FORK_20_X:
	case EVT_SYSCALL_VFORK_20_X:
	case EVT_SYSCALL_CLONE3_X:
		return true;
	default:
		return false;
	}
}

static bool is_exec(unsigned type)
{
	return type == EVT_SYSCALL_EXECVE_19_X || type == EVT_SYSCALL_EXECVEAT_X;
}

static void on_exec(struct history *h, const struct event_ctx *ctx, uint32_t at)
{
	struct process_record *r = &h->records.v[at];

	if (r->images.n >= HISTORY_IMAGES) {
		r->more_images++;
	} else {
		struct process_image im = { ctx->ev->ts, ctx->ev->num, r->command, r->exepath };

		vec_push(&r->images, im);
	}
}

/* procexit: status, ret, sig, core, reaper_tid. */
static void on_exit_event(const struct event_ctx *ctx, struct process_record *r)
{
	const struct thread *t = ctx->thread;

	if (thread_is_main(t)) {
		r->has_status = true;
		r->status = (int32_t)event_param_int_or(ctx->ev, 1, 0);
		r->signal = (int32_t)event_param_int_or(ctx->ev, 2, 0);
		r->core = event_param_int_or(ctx->ev, 3, 0) != 0;
	}
	if (!t->group || !t->group->alive)
		r->ended = ctx->ev->ts;
}

uint32_t history_event(struct history *h, const struct event_ctx *ctx)
{
	const struct state *st = ctx->st;
	const struct event *ev = ctx->ev;
	struct process_record *r;
	const struct thread *m;
	uint32_t at;

	if (!ctx->thread || thread_invalid(ctx->thread))
		return HISTORY_NONE;
	at = get_or_add(h, st, ctx->thread);
	m = face(st, ctx->thread);
	if (is_clone(ev->type) && ctx->has_res && ctx->res > 0) {
		const struct thread *child = state_thread(st, ctx->res);

		/* One that is lost before its first event is a process, too. */
		if (child && child->pid == child->tid && !thread_invalid(child) &&
		    child->clone_ts == ev->ts)
			get_or_add(h, st, child);
	}
	r = &h->records.v[at];
	r->events++;
	r->last_num = ev->num;
	if (!r->first_num)
		r->first_num = ev->num;
	if (r->stamp != m->stamp)
		refresh(h, st, r, m);
	else if (r->tree_stamp != state_tree_stamp(st))
		refresh_names(h, st, r, m);
	if (is_exec(ev->type) && ctx->has_res && ctx->res == 0)
		on_exec(h, ctx, at);
	else if (ev->type == EVT_PROCEXIT_1_E)
		on_exit_event(ctx, r);
	return at;
}
