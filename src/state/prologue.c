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

/* The exit's parameter 0 is its return value, as event_retval() says. */
static bool returns(const struct event_info *info)
{
	static const uint8_t zero[8];
	struct param res = { zero, info->n_params ? param_type_size(info->params[0].type) : 0 };
	struct event ev = { .type = info->type, .n_params = 1, .params = &res, .info = info };
	int64_t v;

	return event_retval(&ev, &v);
}

void state_types_init(struct type_traits *types)
{
	for (unsigned type = 0; type < EVENT_N_TYPES; type++) {
		const struct event_info *info = event_info(type);
		struct type_traits *t = &types[type];
		const struct param_info *fd;

		t->fd_param = -1;
		t->tuple = (int8_t)rw_tuple_param(type);
		if (!info)
			continue;
		t->parser = state_parser_of(type);
		t->is_meta = is_meta((uint16_t)type);
		t->lookup_only = lookup_only((uint16_t)type);
		t->hidden = hidden_enter((uint16_t)type);
		t->is_exit = info->exit;
		t->skips = info->flags & EF_SKIPPARSERESET;
		t->dates = !(info->category & EC_METAEVENT);
		t->uses_fd = info->flags & EF_USES_FD;
		if (returns(info))
			t->res_size = (uint8_t)param_type_size(info->params[0].type);
		if (info->fd_param < 0)
			continue;
		fd = &info->params[info->fd_param];
		if (param_type_is_int(fd->type) && param_type_is_signed(fd->type)) {
			t->fd_param = info->fd_param;
			t->fd_size = (uint8_t)param_type_size(fd->type);
		}
	}
}

/* A signed parameter of 4 or 8 bytes, as event_param_int() reads it. */
static inline bool signed_param(const struct event *ev, unsigned i, unsigned size, int64_t *ret)
{
	struct param p = event_param(ev, i);

	if (p.n != size)
		return false;
	if (size == 8)
		*ret = (int64_t)get_le64(p.p);
	else if (size == 4)
		*ret = (int32_t)get_le32(p.p);
	else
		return event_param_int(ev, i, ret);
	return true;
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
	static const struct type_traits none = { .fd_param = -1 };
	const struct event *ev = ctx->ev;
	const struct type_traits *type = ev->info ? &st->types[ev->info->type] : &none;
	struct thread *t;
	int64_t num;

	if ((ev->delivery & EVENT_STATE_ONLY) || type->hidden)
		ctx->visible = false;
	if (!ev->info)
		return false;
	if (type->res_size)
		ctx->has_res = signed_param(ev, 0, type->res_size, &ctx->res);
	/* What a recorder writes first of all belongs to the snapshot. */
	if (type->is_meta && !st->section_began && ev->type != EVT_PLUGINEVENT_E)
		ctx->visible = false;
	else
		st->section_began = true;
	if (!st->first_ts && type->dates)
		st->first_ts = ev->ts;
	if (type->is_meta)
		return true;
	if (type->skips) {
		if (ev->type == EVT_PROCINFO_E)
			ctx->thread = state_thread(st, ev->tid);
		return false;
	}
	if (ev->tid < 0)
		return false;
	t = type->lookup_only ? state_thread(st, ev->tid) : thread_get_or_fake(st, ev->tid);
	ctx->thread = t;
	if (!t)
		return true;
	if (!type->is_exit) {
		t->last_fd = -1;
		t->last_type = ev->type;
		t->last_valid = true;
		if (type->uses_fd && type->fd_param >= 0 &&
		    signed_param(ev, (unsigned)type->fd_param, type->fd_size, &num))
			find_fd(st, ctx, num);
		return true;
	}
	t->last_valid = t->last_valid &&
			(ev->type == t->last_type + 1 || (ev->type == EVT_SYSCALL_EXECVE_19_X &&
							  t->last_type == EVT_SYSCALL_EXECVEAT_E));
	if (!t->last_valid)
		t->last_fd = -1;
	if (type->uses_fd) {
		if (t->last_fd >= 0)
			find_fd(st, ctx, t->last_fd);
		else if (type->fd_param >= 0 &&
			 signed_param(ev, (unsigned)type->fd_param, type->fd_size, &num))
			find_fd(st, ctx, num);
	}
	return true;
}
