/*
 * Events that the state takes by a few of their numbers, without the event: event_wants.settle().
 *
 * Half of what changes the state is a close, or a read or a write, which changes it only when it is
 * the first on a socket. Here they cost a look at the thread and at its descriptor: a sixth of
 * state_begin() and state_end() with an event made for them (55 instructions instead of 330).
 * Whatever is not the plain case is refused and comes as an event.
 */
#include "state/state_impl.h"

/* Which numbers each function below gets. */
enum { NUMBER_RES, NUMBER_FD, NUMBER_CMD, NUMBER_ARG };

static bool is_signed_8(const struct event_info *info, int i)
{
	return i >= 0 && i < info->n_params && param_type_is_int(info->params[i].type) &&
	       param_type_is_signed(info->params[i].type) &&
	       param_type_size(info->params[i].type) == 8;
}

void state_numbers_want(const struct event_info *info, struct event_want *want)
{
	state_parser parser = state_parser_of(info->type);

	if ((parser != parse_rw && parser != parse_close && parser != parse_fcntl) ||
	    !(info->flags & EF_USES_FD) || !is_signed_8(info, 0) ||
	    !is_signed_8(info, info->fd_param))
		return;
	want->n_numbers = 2;
	want->numbers[NUMBER_RES] = (struct event_number_param){ 0, 8 };
	want->numbers[NUMBER_FD] = (struct event_number_param){ (uint8_t)info->fd_param, 8 };
	if (parser == parse_fcntl) {
		want->n_numbers = 4;
		want->numbers[NUMBER_CMD] = (struct event_number_param){ 2, 1 };
		want->numbers[NUMBER_ARG] = (struct event_number_param){ 3, 8 };
	}
	if (parser == parse_rw) {
		int tuple = rw_tuple_param(info->type);

		want->params = 1u << 0 | 1u << info->fd_param;
		if (tuple >= 0)
			want->params |= 1u << tuple;
	}
}

/* As parse_rw(). */
static bool settle_rw(struct state *st, unsigned type, struct thread *t, const int64_t *v)
{
	const struct fd_table *fds = thread_fds(st, t);
	const struct fd_entry *f = fds ? fd_table_get(fds, v[NUMBER_FD]) : NULL;
	uint8_t said = v[NUMBER_RES] >= 0 ? FD_CONNECTED : FD_CONNECT_FAILED;
	int tuple = rw_tuple_param(type);

	/* A message may make a socket of a descriptor that is not known. */
	if (!f)
		return tuple < 0 || v[NUMBER_RES] < 0;
	if ((f->type == FD_IPV4_SOCK || f->type == FD_IPV6_SOCK) && !(f->flags & said) &&
	    (v[NUMBER_RES] >= 0 || st->opt.connection_tracking))
		return false;
	return tuple < 0 || v[NUMBER_RES] < 0 ||
	       (f->type == FD_IPV4_SOCK && f->l4proto == L4_TCP && f->name->n);
}

bool state_settle_numbers(void *arg, unsigned type, int64_t tid, const int64_t *v, struct str text)
{
	struct state *st = arg;
	struct event_ctx ctx;
	struct thread *t;

	(void)text;
	state_settle(st);
	t = state_thread(st, tid);
	if (!t || t->enter || t->last_valid)
		return false;
	st->section_began = true;
	switch (type) {
	case EVT_SYSCALL_CLOSE_X:
		if (v[NUMBER_RES] >= 0) {
			struct fd_table *fds = thread_fds(st, t);

			if (fds)
				fd_table_del(fds, v[NUMBER_FD]);
		}
		return true;
	case EVT_SYSCALL_FCNTL_X:
		if (v[NUMBER_RES] < 0)
			return true;
		ctx = (struct event_ctx){ .st = st, .thread = t };
		ctx.fd = thread_fds(st, t) ? fd_table_get(thread_fds(st, t), v[NUMBER_FD]) : NULL;
		fcntl_apply(st, &ctx, v[NUMBER_CMD], v[NUMBER_RES], v[NUMBER_ARG]);
		return true;
	default:
		return settle_rw(st, type, t, v);
	}
}
