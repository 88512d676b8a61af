#include <stdlib.h>

#include "base/xalloc.h"
#include "state/state_impl.h"

/* A kept buffer larger than this is given back with its event. */
#define KEEP_BYTES 1024

void enter_drop(struct state *st, struct thread *t)
{
	struct stored_enter *e = t->enter;

	if (!e)
		return;
	t->enter = NULL;
	if (e->text.cap > KEEP_BYTES)
		strbuf_release(&e->text);
	e->next = st->free_enters;
	st->free_enters = e;
	st->n_enters--;
}

void enter_free_all(struct state *st)
{
	while (st->free_enters) {
		struct stored_enter *e = st->free_enters;

		st->free_enters = e->next;
		strbuf_release(&e->text);
		free(e);
	}
}

struct stored_enter *enter_new(struct state *st, struct thread *t)
{
	struct stored_enter *e = t->enter;

	if (!e) {
		if (st->n_enters >= ENTER_MAX)
			return NULL;
		e = st->free_enters;
		if (e) {
			st->free_enters = e->next;
		} else {
			e = xcalloc(1, sizeof(*e));
			strbuf_init(&e->text);
		}
		st->n_enters++;
		t->enter = e;
	}
	strbuf_reset(&e->text);
	e->has_text = false;
	e->dirfd = EVENT_AT_FDCWD;
	e->flags = 0;
	return e;
}

/* open, creat, openat, openat2, execve, execveat and connect enters. */
void parse_store_enter(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	struct stored_enter *e;
	struct str text = STR("");
	bool has = false;

	if (!ctx->thread)
		return;
	/* These three are kept only with a first parameter (the name; the directory). */
	if (ev->type != EVT_SYSCALL_EXECVEAT_E && ev->type != EVT_SOCKET_CONNECT_E &&
	    !event_param(ev, 0).n) {
		enter_drop(st, ctx->thread);
		return;
	}
	switch (ev->type) {
	case EVT_SOCKET_CONNECT_E:
		text = event_param_bytes(ev, 1);
		has = text.n > 0;
		break;
	case EVT_SYSCALL_OPENAT_2_E:
	case EVT_SYSCALL_OPENAT2_E:
	case EVT_SYSCALL_EXECVEAT_E:
		has = event_param_str(ev, 1, &text);
		break;
	default:
		has = event_param_str(ev, 0, &text);
	}
	e = text.n > ENTER_BYTES_MAX ? NULL : enter_new(st, ctx->thread);
	if (!e) {
		enter_drop(st, ctx->thread);
		st->stats.enters_dropped++;
		return;
	}
	e->type = ev->type;
	e->has_text = has;
	if (has)
		strbuf_addstr(&e->text, text);
	switch (ev->type) {
	case EVT_SYSCALL_OPEN_E:
		e->flags = (uint32_t)event_param_int_or(ev, 1, 0);
		break;
	case EVT_SYSCALL_OPENAT_2_E:
	case EVT_SYSCALL_OPENAT2_E:
	case EVT_SYSCALL_EXECVEAT_E:
		e->dirfd = event_param_int_or(ev, 0, EVENT_AT_FDCWD);
		e->flags = (uint32_t)event_param_int_or(ev, 2, 0);
		break;
	}
	st->stats.stored_evts++;
}

const struct stored_enter *enter_of(struct state *st, const struct event_ctx *ctx)
{
	const struct thread *t = ctx->thread;

	if (!t || !t->enter || !t->last_valid)
		return NULL;
	if (t->enter->type + 1 != ctx->ev->type &&
	    !(t->enter->type == EVT_SYSCALL_EXECVEAT_E && ctx->ev->type == EVT_SYSCALL_EXECVE_19_X))
		return NULL;
	st->stats.retrieved_evts++;
	return t->enter;
}
