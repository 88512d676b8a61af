#include "state/state_impl.h"

/* Types of events that belong to no thread. */
static bool is_meta(uint16_t type)
{
	switch (type) {
	case EVT_CONTAINER_JSON_2_E:
	case EVT_USER_ADDED_E:
	case EVT_USER_DELETED_E:
	case EVT_GROUP_ADDED_E:
	case EVT_GROUP_DELETED_E:
	case EVT_PLUGINEVENT_E:
	case EVT_ASYNCEVENT_E:
		return true;
	default:
		return false;
	}
}

/* Their thread is looked up but never invented. */
static bool lookup_only(uint16_t type)
{
	switch (type) {
	case EVT_SYSCALL_CLONE_20_X:
	case EVT_SYSCALL_CLONE3_X:
	case EVT_SYSCALL_FORK_20_X:
	case EVT_SYSCALL_VFORK_20_X:
	case EVT_SCHEDSWITCH_6_E:
	case EVT_PROCEXIT_1_E:
		return true;
	default:
		return false;
	}
}

/* Enter events that only the state needs. */
static bool hidden_enter(uint16_t type)
{
	switch (type) {
	case EVT_SYSCALL_OPEN_E:
	case EVT_SYSCALL_CREAT_E:
	case EVT_SYSCALL_OPENAT_2_E:
	case EVT_SYSCALL_OPENAT2_E:
	case EVT_SOCKET_CONNECT_E:
	case EVT_SYSCALL_EXECVE_19_E:
	case EVT_SYSCALL_EXECVEAT_E:
		return true;
	default:
		return false;
	}
}

static void find_fd(struct state *st, struct event_ctx *ctx, int64_t num)
{
	const struct fd_table *fds = thread_fds(st, ctx->thread);

	ctx->thread->last_fd = num;
	ctx->fd_num = num;
	ctx->fd_known = true;
	ctx->fd = fds ? fd_table_get(fds, num) : NULL;
	if (ctx->fd)
		ctx->fd_oldname = ctx->fd->name;
}

bool state_prologue(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	const struct event_info *info = ev->info;
	struct thread *t;
	int64_t num;

	if ((ev->delivery & EVENT_STATE_ONLY) || hidden_enter(ev->type))
		ctx->visible = false;
	if (!info)
		return false;
	ctx->has_res = event_retval(ev, &ctx->res);
	if (is_meta(ev->type)) {
		/* What a recorder writes first of all belongs to the snapshot. */
		if (!st->section_began && ev->type != EVT_PLUGINEVENT_E)
			ctx->visible = false;
		else
			st->section_began = true;
		if (!st->first_ts && !(info->category & EC_METAEVENT))
			st->first_ts = ev->ts;
		return true;
	}
	st->section_began = true;
	if (!st->first_ts && !(info->category & EC_METAEVENT))
		st->first_ts = ev->ts;
	if (info->flags & EF_SKIPPARSERESET) {
		if (ev->type == EVT_PROCINFO_E)
			ctx->thread = state_thread(st, ev->tid);
		return false;
	}
	if (ev->tid < 0)
		return false;
	t = lookup_only(ev->type) ? state_thread(st, ev->tid) : thread_get_or_fake(st, ev->tid);
	ctx->thread = t;
	if (!t)
		return true;
	if (!info->exit) {
		t->last_fd = -1;
		t->last_type = ev->type;
		t->last_valid = true;
		if ((info->flags & EF_USES_FD) && info->fd_param >= 0 &&
		    event_param_int(ev, (unsigned)info->fd_param, &num))
			find_fd(st, ctx, num);
		return true;
	}
	t->last_valid = t->last_valid &&
			(ev->type == t->last_type + 1 || (ev->type == EVT_SYSCALL_EXECVE_19_X &&
							  t->last_type == EVT_SYSCALL_EXECVEAT_E));
	if (!t->last_valid)
		t->last_fd = -1;
	if (info->flags & EF_USES_FD) {
		if (t->last_fd >= 0)
			find_fd(st, ctx, t->last_fd);
		else if (info->fd_param >= 0 && event_param_int(ev, (unsigned)info->fd_param, &num))
			find_fd(st, ctx, num);
	}
	return true;
}
