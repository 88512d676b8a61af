#include "state/process_params.h"
#include "state/state_impl.h"

/* Parameters of clone, clone3, fork and vfork exits, behind the common ones. */
enum {
	P_FLAGS = P_COMMON_END,
	P_UID,
	P_GID,
	P_VTID,
	P_VPID,
	P_PIDNS_START,
};

/* The parameter is this text, as event_param_str() reads it. */
static inline bool is_text(struct param p, const struct istr *s)
{
	/* "(NULL)" has 6 bytes. */
	return s->n && p.n == s->n + 1 && s->n != 6 && memcmp(p.p, s->s, p.n) == 0 &&
	       !memchr(s->s, '\0', s->n);
}

/*
 * exe, args and comm of the event; comm is the exe when the event has none. `like` is a thread that
 * has the same ones as a rule, or NULL: to compare is a third of the cost of making them.
 */
static void set_command(struct state *st, struct thread *t, const struct event *ev,
			const struct thread *like)
{
	struct str s;

	if (like && is_text(event_param(ev, P_EXE), like->exe))
		t->exe = like->exe;
	else
		t->exe = param_istr(st, ev, P_EXE);
	if (like && is_text(event_param(ev, P_COMM), like->comm))
		t->comm = like->comm;
	else if (event_param_str(ev, P_COMM, &s) && s.n)
		t->comm = intern_get(st->intern, s.p, s.n);
	else
		t->comm = t->exe;
	thread_set_args(st, t, event_param_bytes(ev, P_ARGS), like);
	thread_set_cmdline(st, t, like);
}

static void set_numbers(struct thread *t, const struct event *ev)
{
	t->fdlimit = process_i64(ev, P_FDLIMIT, t->fdlimit);
	if (event_param(ev, P_VM_SWAP).n == 4) {
		t->vmswap_kb = process_u32(ev, P_VM_SWAP, 0);
		t->pfmajor = process_u64(ev, P_PGFT_MAJ, 0);
		t->pfminor = process_u64(ev, P_PGFT_MIN, 0);
		t->vmsize_kb = process_u32(ev, P_VM_SIZE, 0);
		t->vmrss_kb = process_u32(ev, P_VM_RSS, 0);
	}
	t->uid = process_u32(ev, P_UID, t->uid);
	t->gid = process_u32(ev, P_GID, t->gid);
}

/* What the events do not tell and a child has from the thread that made it. */
static void inherit(struct state *st, struct thread *t, const struct thread *from)
{
	t->exepath = from->exepath;
	t->exe_writable = from->exe_writable;
	t->exe_upper_layer = from->exe_upper_layer;
	t->exe_lower_layer = from->exe_lower_layer;
	t->exe_from_memfd = from->exe_from_memfd;
	t->root = from->root;
	t->sid = from->sid;
	t->vpgid = from->vpgid;
	t->pgid = from->pgid;
	t->tty = from->tty;
	t->loginuid = from->loginuid;
	t->cap_inheritable = from->cap_inheritable;
	t->cap_permitted = from->cap_permitted;
	t->cap_effective = from->cap_effective;
	t->exe_ino = from->exe_ino;
	t->exe_ctime = from->exe_ctime;
	t->exe_mtime = from->exe_mtime;
	t->ctime_dur_clone = from->ctime_dur_clone;
	if (t->flags & THREAD_CLONE_THREAD) {
		t->lastexec_ts = from->lastexec_ts;
	} else {
		const struct thread *m = thread_main(st, from);
		struct fd_table *fds = thread_fds(st, from);

		if (fds)
			t->fds = fd_table_copy(fds);
		t->cwd = m ? m->cwd : intern_get(st->intern, "./", 2);
		if (m) {
			t->env = m->env;
			t->n_env = m->n_env;
		}
	}
}

static uint16_t *exited_count(const struct state *st, const struct exited *e)
{
	return &st->exited_tids[(uint64_t)e->tid & (EXITED_TIDS - 1)];
}

void exited_add(struct state *st, const struct exited *e)
{
	struct exited *slot = &st->exited[st->exited_at++ & (EXITED_RING - 1)];

	if (slot->ts)
		--*exited_count(st, slot);
	*slot = *e;
	if (slot->ts)
		++*exited_count(st, slot);
}

const struct exited *exited_get(const struct state *st, size_t i, uint64_t now)
{
	const struct exited *e = &st->exited[(st->exited_at - 1 - i) & (EXITED_RING - 1)];

	/* Once stale, always stale, also for an event with an earlier time: it need not be saved.
	 */
	if (now < st->exited_ts)
		now = st->exited_ts;
	if (i >= EXITED_RING || !e->ts || (now > e->ts && now - e->ts >= CLONE_STALE_NS))
		return NULL;
	return e;
}

static bool recently_exited(const struct state *st, int64_t ptid, int64_t tid, uint64_t now)
{
	const struct exited *e;

	/* There may be thousands within the time; none of this tid as a rule. */
	if (!st->exited_tids[(uint64_t)tid & (EXITED_TIDS - 1)])
		return false;
	for (size_t i = 0; (e = exited_get(st, i, now)); i++) {
		if (e->tid == tid && e->ptid == ptid)
			return true;
	}
	return false;
}

/* The parent's side: res is the child's tid. */
static void clone_caller(struct state *st, struct event_ctx *ctx, bool vfork)
{
	const struct event *ev = ctx->ev;
	uint32_t flags = process_u32(ev, P_FLAGS, 0);
	struct thread *caller, *t;
	bool valid = true;

	if (!ctx->thread)
		ctx->thread = thread_get_or_fake(st, ev->tid);
	caller = ctx->thread;
	if (!caller)
		return;
	if (thread_invalid(caller)) {
		valid = false;
		caller->pid = process_i64(ev, P_PID, caller->pid);
		caller->ptid = process_i64(ev, P_PTID, caller->ptid);
		caller->vtid = process_i64(ev, P_VTID, caller->tid);
		caller->vpid = process_i64(ev, P_VPID, -1);
		thread_link(st, caller);
		thread_touch(st, caller);
	}
	/* In a namespace the result is a number of that namespace: only the child knows its tid. */
	if ((flags & THREAD_CLONE_NOT_BY_CALLER) || caller->tid != caller->vtid)
		return;
	if (vfork || ctx->res == ev->tid)
		return;
	if (recently_exited(st, ev->tid, ctx->res, ev->ts))
		return;
	t = state_thread(st, ctx->res);
	if (t) {
		if (t->flags & THREAD_CLONE_INVERTED)
			return;
		/* Its exit was missed. */
		thread_remove(st, ctx->res);
		if (state_thread(st, ctx->res))
			return;
		/* The last thread of the caller's own process takes the caller with it. */
		caller = ctx->thread = state_thread(st, ev->tid);
		if (!caller)
			return;
	}
	t = thread_create(st, ctx->res);
	if (!t)
		return;
	t->flags = flags;
	t->clone_ts = ev->ts;
	if (flags & THREAD_CLONE_THREAD) {
		t->flags |= THREAD_CLONE_FILES;
		t->pid = caller->pid;
		t->ptid = caller->ptid;
	} else {
		/* An entry of its own, whatever it shares with the parent. */
		t->flags &= ~(uint32_t)THREAD_CLONE_FILES;
		t->pid = t->tid;
		t->ptid = caller->tid;
	}
	t->vtid = t->tid;
	t->vpid = t->pid;
	set_command(st, t, ev, caller);
	set_numbers(t, ev);
	if (valid) {
		inherit(st, t, caller);
	} else {
		set_command(st, caller, ev, NULL);
		thread_touch(st, caller);
	}
	thread_set_cgroups(st, t, event_param_bytes(ev, P_CGROUPS), caller);
	thread_link(st, t);
	thread_set_container(st, t, caller);
}

/* The child's side: res is 0. */
static void clone_child(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	struct thread *t = ctx->thread, *from;
	const struct thread *like;
	bool thread;

	if (t) {
		if (t->clone_ts && ev->ts - t->clone_ts < CLONE_STALE_NS) {
			thread_set_container(st, t, NULL);
			return;
		}
		if (t->clone_ts) {
			ctx->thread = NULL;
			thread_remove(st, ev->tid);
			if (state_thread(st, ev->tid))
				return;
			t = NULL;
		}
	}
	/* One of which only a snapshot or nothing was known is described anew, with the children it
	 * has. */
	if (t)
		thread_renew(st, t);
	else
		t = thread_create(st, ev->tid);
	ctx->thread = t;
	if (!t)
		return;
	t->clone_ts = ev->ts;
	t->flags = process_u32(ev, P_FLAGS, 0) | THREAD_CLONE_INVERTED;
	t->pid = process_i64(ev, P_PID, -1);
	t->ptid = process_i64(ev, P_PTID, -1);
	t->vtid = process_i64(ev, P_VTID, t->tid);
	t->vpid = process_i64(ev, P_VPID, -1);
	thread = (t->flags & THREAD_CLONE_THREAD) != 0;
	if (thread)
		t->flags |= THREAD_CLONE_FILES;
	else
		t->flags &= ~(uint32_t)THREAD_CLONE_FILES;
	like = state_thread(st, thread ? t->pid : t->ptid);
	set_command(st, t, ev, like);
	set_numbers(t, ev);
	/* The boot time is not added: a live analyzer knows it, on captures Falco takes it for 0.
	 */
	if ((t->flags & (THREAD_CHILD_IN_PIDNS | THREAD_CLONE_NEWPID)) || t->tid != t->vtid)
		t->pidns_init_start_ts = process_u64(ev, P_PIDNS_START, 0);
	from = t->tid == (thread ? t->pid : t->ptid)
		       ? NULL
		       : thread_get_or_fake(st, thread ? t->pid : t->ptid);
	if (from && thread_invalid(from) && thread) {
		/* A leader of which nothing was known: the child's event says this much. */
		from->pid = t->pid;
		from->ptid = t->ptid;
		from->vpid = from->vtid = t->vpid;
		from->exe = t->exe;
		from->comm = t->comm;
		from->args = t->args;
		from->args_text = t->args_text;
		from->n_args = t->n_args;
		from->cmdline = t->cmdline;
		thread_link(st, from);
		thread_touch(st, from);
	} else if (from && !thread_invalid(from)) {
		inherit(st, t, from);
	}
	thread_set_cgroups(st, t, event_param_bytes(ev, P_CGROUPS), like);
	thread_link(st, t);
	thread_set_container(st, t, like);
}

static void clone_exit(struct state *st, struct event_ctx *ctx, bool vfork)
{
	if (!ctx->has_res || ctx->res < 0)
		return;
	if (ctx->res == 0)
		clone_child(st, ctx);
	else
		clone_caller(st, ctx, vfork);
}

void parse_clone(struct state *st, struct event_ctx *ctx)
{
	clone_exit(st, ctx, false);
}

void parse_vfork(struct state *st, struct event_ctx *ctx)
{
	clone_exit(st, ctx, true);
}
