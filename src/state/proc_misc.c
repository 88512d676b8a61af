#include "event/event_text.h"
#include "state/state_impl.h"

/* The capability sets of someone who made a user namespace. */
#define ALL_CAPS ((UINT64_C(1) << 41) - 1)

enum { PR_SET_CHILD_SUBREAPER = 36, PR_GET_CHILD_SUBREAPER = 37 };

static bool succeeded(const struct event_ctx *ctx)
{
	return ctx->thread && ctx->has_res && ctx->res >= 0;
}

static void set_id(struct state *st, struct event_ctx *ctx, unsigned param, bool group)
{
	struct thread *t = ctx->thread;
	uint32_t *id;
	int64_t v;

	if (!t || !ctx->has_res || ctx->res != 0 || !event_param_int(ctx->ev, param, &v))
		return;
	id = group ? &t->gid : &t->uid;
	if (*id == (uint32_t)v)
		return;
	*id = (uint32_t)v;
	thread_touch(st, t);
}

void parse_setuid(struct state *st, struct event_ctx *ctx)
{
	set_id(st, ctx, 1, false);
}

void parse_seteuid(struct state *st, struct event_ctx *ctx)
{
	set_id(st, ctx, 2, false);
}

void parse_setgid(struct state *st, struct event_ctx *ctx)
{
	set_id(st, ctx, 1, true);
}

void parse_setegid(struct state *st, struct event_ctx *ctx)
{
	set_id(st, ctx, 2, true);
}

void parse_setsid(struct state *st, struct event_ctx *ctx)
{
	if (!succeeded(ctx))
		return;
	ctx->thread->sid = ctx->res;
	thread_touch(st, ctx->thread);
	tree_touch(st);
}

void parse_capset(struct state *st, struct event_ctx *ctx)
{
	struct thread *t = ctx->thread;

	if (!succeeded(ctx))
		return;
	t->cap_inheritable = (uint64_t)event_param_int_or(ctx->ev, 1, (int64_t)t->cap_inheritable);
	t->cap_permitted = (uint64_t)event_param_int_or(ctx->ev, 2, (int64_t)t->cap_permitted);
	t->cap_effective = (uint64_t)event_param_int_or(ctx->ev, 3, (int64_t)t->cap_effective);
	thread_touch(st, t);
}

static void new_user_namespace(struct state *st, struct event_ctx *ctx, unsigned flags_param)
{
	struct thread *t = ctx->thread;

	if (!succeeded(ctx) ||
	    !(event_param_int_or(ctx->ev, flags_param, 0) & THREAD_CLONE_NEWUSER))
		return;
	t->cap_inheritable = t->cap_permitted = t->cap_effective = ALL_CAPS;
	thread_touch(st, t);
}

void parse_unshare(struct state *st, struct event_ctx *ctx)
{
	new_user_namespace(st, ctx, 1);
}

void parse_setns(struct state *st, struct event_ctx *ctx)
{
	new_user_namespace(st, ctx, 2);
}

void parse_prctl(struct state *st, struct event_ctx *ctx)
{
	int64_t option = event_param_int_or(ctx->ev, 1, -1);

	(void)st;
	if (!succeeded(ctx) || !ctx->thread->group)
		return;
	if (option == PR_SET_CHILD_SUBREAPER || option == PR_GET_CHILD_SUBREAPER)
		ctx->thread->group->reaper = event_param_int_or(ctx->ev, 3, 0) != 0;
}

void parse_chroot(struct state *st, struct event_ctx *ctx)
{
	struct thread *t = ctx->thread;
	struct str path;

	if (!succeeded(ctx))
		return;
	if (event_param_str(ctx->ev, 1, &path) && path.n) {
		strbuf_reset(&st->path);
		if (path.p[0] == '/')
			strbuf_addstr(&st->path, path);
		else
			path_join(thread_cwd(st, t), path, &st->path);
		t->root = intern_get(st->intern, st->path.s, st->path.n);
		thread_touch(st, t);
	}
	thread_set_container(st, t, NULL);
}

void parse_chdir(struct state *st, struct event_ctx *ctx)
{
	struct str path;

	if (succeeded(ctx) && event_param_str(ctx->ev, 1, &path))
		thread_join_cwd(st, ctx->thread, path);
}

void parse_fchdir(struct state *st, struct event_ctx *ctx)
{
	if (succeeded(ctx) && ctx->fd)
		thread_join_cwd(st, ctx->thread, istr_str(fd_name(ctx->fd)));
}

void parse_getcwd(struct state *st, struct event_ctx *ctx)
{
	parse_chdir(st, ctx);
}

static void set_fdlimit(struct state *st, const struct thread *t, int64_t cur)
{
	struct thread *m = thread_main(st, t);

	if (!m || cur == -1 || m->fdlimit == cur)
		return;
	m->fdlimit = cur;
	thread_touch(st, m);
}

void parse_rlimit(struct state *st, struct event_ctx *ctx)
{
	if (succeeded(ctx) && event_param_int_or(ctx->ev, 3, -1) == RLIMIT_CAP_NOFILE)
		set_fdlimit(st, ctx->thread, event_param_int_or(ctx->ev, 1, -1));
}

void parse_prlimit(struct state *st, struct event_ctx *ctx)
{
	const struct thread *t = ctx->thread;
	int64_t tid;

	if (!t || !ctx->has_res || ctx->res != 0 ||
	    event_param_int_or(ctx->ev, 6, -1) != RLIMIT_CAP_NOFILE ||
	    !event_param_int(ctx->ev, 5, &tid))
		return;
	if (tid != 0)
		t = state_thread(st, tid);
	if (t)
		set_fdlimit(st, t, event_param_int_or(ctx->ev, 1, -1));
}

void parse_switch(struct state *st, struct event_ctx *ctx)
{
	struct thread *t = ctx->thread, *m;
	int64_t swap;

	/* Older captures have none of these. */
	if (!t || !event_param_int(ctx->ev, 5, &swap))
		return;
	t->pfmajor = (uint64_t)event_param_int_or(ctx->ev, 1, (int64_t)t->pfmajor);
	t->pfminor = (uint64_t)event_param_int_or(ctx->ev, 2, (int64_t)t->pfminor);
	m = thread_main(st, t);
	if (!m)
		return;
	m->vmsize_kb = (uint32_t)event_param_int_or(ctx->ev, 3, m->vmsize_kb);
	m->vmrss_kb = (uint32_t)event_param_int_or(ctx->ev, 4, m->vmrss_kb);
	m->vmswap_kb = (uint32_t)swap;
}

void parse_vm(struct state *st, struct event_ctx *ctx)
{
	struct thread *t = ctx->thread;

	(void)st;
	if (!t)
		return;
	t->vmsize_kb = (uint32_t)event_param_int_or(ctx->ev, 1, t->vmsize_kb);
	t->vmrss_kb = (uint32_t)event_param_int_or(ctx->ev, 2, t->vmrss_kb);
	t->vmswap_kb = (uint32_t)event_param_int_or(ctx->ev, 3, t->vmswap_kb);
}
