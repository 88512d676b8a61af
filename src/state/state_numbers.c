/*
 * Events that the state takes by a few of their numbers, without the event: event_wants.settle().
 *
 * Half of what changes the state is a close, or a read or a write, which changes it only when it is
 * the first on a socket. Here they cost a look at the thread and at its descriptor: a sixth of
 * state_begin() and state_end() with an event made for them (55 instructions instead of 330).
 * Whatever is not the plain case is refused and comes as an event.
 */
#include "state/fd_table_impl.h"
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

	if (parser == parse_open) {
		open_numbers_want(info, want);
		return;
	}
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
static inline bool settle_rw(const struct state *st, const struct fd_entry *f, int tuple,
			     int64_t res)
{
	uint8_t said = res >= 0 ? FD_CONNECTED : FD_CONNECT_FAILED;

	/* A message may make a socket of a descriptor that is not known. */
	if (!f)
		return tuple < 0 || res < 0;
	if ((f->type == FD_IPV4_SOCK || f->type == FD_IPV6_SOCK) && !(f->flags & said) &&
	    (res >= 0 || st->opt.connection_tracking))
		return false;
	return tuple < 0 || res < 0 ||
	       (f->type == FD_IPV4_SOCK && f->l4proto == L4_TCP && f->name->n);
}

/* As parse_fcntl(), of a descriptor that is known. */
static void settle_fcntl(struct state *st, struct thread *t, struct fd_table *fds,
			 const struct fd_entry *from, const int64_t *v)
{
	struct fd_entry *f;

	switch (v[NUMBER_CMD]) {
	case F_CAP_DUPFD:
	case F_CAP_DUPFD_CLOEXEC:
		f = fd_table_dup(fds, from, v[NUMBER_RES]);
		t->last_fd = v[NUMBER_RES];
		if (!f) {
			st->stats.fds_dropped++;
			return;
		}
		fd_set_cloexec(f, v[NUMBER_CMD] == F_CAP_DUPFD_CLOEXEC);
		break;
	case F_CAP_SETFD:
		f = fd_table_edit(fds, from->num);
		fd_set_cloexec(f, v[NUMBER_ARG] & 1);
		break;
	default:
		return;
	}
	f->stamp = ++st->stamp;
}

bool state_settle_numbers(void *arg, unsigned type, int64_t tid, const int64_t *v, struct str text)
{
	struct state *st = arg;
	const struct fd_entry *f;
	struct fd_table *fds;
	struct thread *t;

	if (st->deferred)
		state_do_deferred(st);
	t = state_thread_look(st, tid);
	if (!t || t->enter || t->last_valid)
		return false;
	st->section_began = true;
	fds = t->flags & THREAD_CLONE_FILES ? thread_fds(st, t) : t->fds;
	if (type == EVT_SYSCALL_CLOSE_X) {
		if (v[NUMBER_RES] >= 0 && fds)
			fd_table_close(fds, v[NUMBER_FD]);
		return true;
	}
	if (st->types[type].parser == parse_open)
		return open_settle(st, type, t, v, text);
	f = fds ? fd_table_look(fds, v[NUMBER_FD]) : NULL;
	if (type != EVT_SYSCALL_FCNTL_X)
		return settle_rw(st, f, st->types[type].tuple, v[NUMBER_RES]);
	if (f && v[NUMBER_RES] >= 0)
		settle_fcntl(st, t, fds, f, v);
	return true;
}
