#include "state/fd_table_impl.h"
#include "state/state_impl.h"

struct fd_table *thread_fds(const struct state *st, const struct thread *t)
{
	const struct thread *m = t;

	(void)st;
	if (t->flags & THREAD_CLONE_FILES)
		m = thread_main_look(t);
	return m ? m->fds : NULL;
}

struct fd_table *thread_fds_rw(struct state *st, struct thread *t)
{
	struct thread *m = t->flags & THREAD_CLONE_FILES ? thread_main_look(t) : t;

	if (m && !m->fds)
		m->fds = fd_table_new(st->opt.max_fds);
	return m ? m->fds : NULL;
}

/* An entry that a call made or replaced, NULL: there was no room. */
static inline struct fd_entry *new_event_fd(struct state *st, struct event_ctx *ctx, int64_t num,
					    struct fd_entry *f)
{
	ctx->thread->last_fd = num;
	ctx->fd_num = num;
	ctx->fd_known = true;
	ctx->fd = f;
	if (f)
		f->stamp = ++st->stamp;
	else
		st->stats.fds_dropped++;
	return f;
}

struct fd_entry *state_fd_add(struct state *st, struct event_ctx *ctx, int64_t num)
{
	struct fd_table *fds = thread_fds_rw(st, ctx->thread);
	struct fd_entry *f;

	if (!fds)
		return NULL;
	f = new_event_fd(st, ctx, num, fd_table_put(fds, &st->new_fd, num));
	if (f)
		ctx->fd_oldname = st->empty;
	return f;
}

struct fd_entry *state_fd_dup(struct state *st, struct event_ctx *ctx, const struct fd_entry *src,
			      int64_t num)
{
	struct fd_table *fds = thread_fds_rw(st, ctx->thread);
	struct fd_entry *f;

	if (!fds)
		return NULL;
	f = new_event_fd(st, ctx, num, fd_table_dup(fds, src, num));
	if (f)
		ctx->fd_oldname = fd_kept_name(f);
	return f;
}

struct fd_entry *state_fd_edit(struct state *st, struct event_ctx *ctx)
{
	struct fd_table *fds;
	struct fd_entry *f;

	if (!ctx->thread || !ctx->fd)
		return NULL;
	fds = thread_fds_rw(st, ctx->thread);
	f = fds ? fd_table_edit(fds, ctx->fd->num) : NULL;
	if (!f)
		return NULL;
	/* What is changed may be what the name is made of. */
	if (f->naming != FD_NAME_KEPT)
		ctx->fd_oldname = fd_make_name(f);
	f->stamp = ++st->stamp;
	ctx->fd = f;
	return f;
}
