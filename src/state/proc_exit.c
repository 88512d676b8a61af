#include "state/state_impl.h"

#define P_REAPER_TID 4

void parse_procexit(struct state *st, struct event_ctx *ctx)
{
	struct thread *t = ctx->thread;
	struct exited e;

	if (!t)
		return;
	if (t->first_child)
		t->reaper_tid = event_param_int_or(ctx->ev, P_REAPER_TID, t->reaper_tid);
	thread_mark_dead(st, t);
	e = (struct exited){ .ptid = t->ptid, .tid = t->tid, .ts = ctx->ev->ts };
	exited_add(st, &e);
	if (e.ts > st->exited_ts)
		st->exited_ts = e.ts;
	st->remove_tid = t->tid;
	st->remove_pending = st->deferred = true;
	/* Who was told of the thread must be told again, although it goes a little later. */
	st->epoch++;
}
