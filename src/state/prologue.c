/*
 * What every event goes through: its thread, descriptor and return value are looked up, then the
 * parser of its type runs. Half a million times a trace: in one function, without calls as a rule.
 */
#include <stdlib.h>

#include "base/debug.h"
#include "state/fd_table_impl.h"
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

static uint8_t kind_of(const struct event_info *info)
{
	uint8_t kind = 0;

	if (is_meta(info->type))
		kind |= TYPE_META;
	if (info->flags & EF_SKIPPARSERESET)
		kind |= TYPE_SKIPS;
	if (hidden_enter(info->type))
		kind |= TYPE_HIDDEN;
	if (lookup_only(info->type))
		kind |= TYPE_LOOKUP_ONLY;
	if (!(info->category & EC_METAEVENT))
		kind |= TYPE_DATES;
	if (info->exit)
		kind |= TYPE_EXIT;
	if (info->flags & EF_USES_FD)
		kind |= TYPE_USES_FD;
	return kind;
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
		t->kind = kind_of(info);
		t->settle = state_settle_kind(info);
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

static inline void find_fd(struct state *st, struct event_ctx *ctx, struct thread *t, int64_t num)
{
	const struct fd_table *fds = t->flags & THREAD_CLONE_FILES ? thread_fds(st, t) : t->fds;

	t->last_fd = num;
	ctx->fd_num = num;
	ctx->fd_known = true;
	ctx->fd = fds ? fd_table_look(fds, num) : NULL;
	if (ctx->fd)
		ctx->fd_oldname = fd_kept_name(ctx->fd);
}

/* One that belongs to no thread, or that leaves its thread alone. */
static bool begin_odd(struct state *st, struct event_ctx *ctx, unsigned kind)
{
	const struct event *ev = ctx->ev;

	/* What a recorder writes first of all belongs to the snapshot. */
	if ((kind & TYPE_META) && !st->section_began && ev->type != EVT_PLUGINEVENT_E)
		ctx->visible = false;
	else
		st->section_began = true;
	if (!st->first_ts && (kind & TYPE_DATES))
		st->first_ts = ev->ts;
	if (kind & TYPE_META)
		return true;
	if (ev->type == EVT_PROCINFO_E)
		ctx->thread = state_thread(st, ev->tid);
	return false;
}

/* Whether the exit in hand ends the call that its thread's last enter event began. */
static inline bool ends_last(const struct thread *t, const struct event *ev)
{
	return t->last_valid &&
	       (ev->type == t->last_type + 1 ||
		(ev->type == EVT_SYSCALL_EXECVE_19_X && t->last_type == EVT_SYSCALL_EXECVEAT_E));
}

/* Thread, descriptor and return value of the event into *ctx; false: no parser runs. */
static inline bool prologue(struct state *st, struct event_ctx *ctx, const struct type_traits *type)
{
	const struct event *ev = ctx->ev;
	struct thread *t;
	int64_t num;

	if ((ev->delivery & EVENT_STATE_ONLY) || (type->kind & TYPE_HIDDEN))
		ctx->visible = false;
	if (type->res_size)
		ctx->has_res = signed_param(ev, 0, type->res_size, &ctx->res);
	if (type->kind & (TYPE_META | TYPE_SKIPS))
		return begin_odd(st, ctx, type->kind);
	st->section_began = true;
	if (!st->first_ts && (type->kind & TYPE_DATES))
		st->first_ts = ev->ts;
	if (ev->tid < 0)
		return false;
	t = state_thread_look(st, ev->tid);
	if (!t && !(type->kind & TYPE_LOOKUP_ONLY))
		t = thread_get_or_fake(st, ev->tid);
	ctx->thread = t;
	if (!t)
		return true;
	if (!(type->kind & TYPE_EXIT)) {
		t->last_fd = -1;
		t->last_type = ev->type;
		t->last_valid = true;
	} else if (!ends_last(t, ev)) {
		t->last_valid = false;
		t->last_fd = -1;
	}
	if (!(type->kind & TYPE_USES_FD))
		return true;
	if (t->last_fd >= 0)
		find_fd(st, ctx, t, t->last_fd);
	else if (type->fd_param >= 0 &&
		 signed_param(ev, (unsigned)type->fd_param, type->fd_size, &num))
		find_fd(st, ctx, t, num);
	return true;
}

/* Field by field: compilers clear a struct of this size with a loop. */
static inline void begin_ctx(struct state *st, const struct event *ev, struct event_ctx *ctx)
{
	ctx->ev = ev;
	ctx->st = st;
	ctx->thread = NULL;
	ctx->fd = NULL;
	ctx->fd_num = -1;
	ctx->fd_known = false;
	ctx->fd_oldname = NULL;
	ctx->container = NULL;
	ctx->res = 0;
	ctx->has_res = false;
	ctx->visible = true;
}

void state_begin_section(struct state *st, uint64_t ts)
{
	st->section_began = true;
	if (!st->first_ts)
		st->first_ts = ts;
}

void state_begin(struct state *st, struct event *ev, struct event_ctx *ctx)
{
	const struct type_traits *type;

	if (st->deferred)
		state_do_deferred(st);
	state_look_after_memory(st);
	ev->num = ++st->n_events;
	begin_ctx(st, ev, ctx);
	if (ev->info) {
		type = &st->types[ev->info->type];
		if (prologue(st, ctx, type) && type->parser)
			type->parser(st, ctx);
		if (ctx->thread && !ctx->container)
			ctx->container = ctx->thread->container;
	} else if (ev->delivery & EVENT_STATE_ONLY) {
		ctx->visible = false;
	}
	ctx->first_ts = st->first_ts;
}

static void check(const struct state *st, const struct event *ev)
{
	const char *why = NULL;

	if (state_check(st, &why))
		return;
	debug_log(DEBUG_STATE, "after event %llu: %s", (unsigned long long)ev->num, why);
	abort();
}

void state_end(struct state *st, struct event_ctx *ctx)
{
	struct thread *t = ctx->thread;

	if (t && ctx->ev->info && ctx->ev->info->exit) {
		if (t->enter)
			enter_drop(st, t);
		t->last_valid = false;
	}
	if (st->opt.check)
		check(st, ctx->ev);
}
