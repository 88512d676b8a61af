#include <inttypes.h>

#include "base/compiler.h"
#include "event/event_text.h"
#include "state/state_impl.h"

enum { CLOSE_RANGE_CAP_CLOEXEC = 4 };
enum { F_O_RDONLY = 1, F_O_WRONLY = 2 };

static bool returned_fd(const struct event_ctx *ctx)
{
	return ctx->thread && ctx->has_res && ctx->res >= 0;
}

void parse_close(struct state *st, struct event_ctx *ctx)
{
	if (!returned_fd(ctx) || !ctx->fd)
		return;
	st->close_tid = ctx->thread->tid;
	st->close_fd = ctx->fd->num;
	st->close_pending = st->deferred = true;
}

struct fd_range {
	int64_t first, last;
};

static bool outside(void *arg, const struct fd_entry *f)
{
	const struct fd_range *r = arg;

	return f->num < r->first || f->num > r->last;
}

void parse_close_range(struct state *st, struct event_ctx *ctx)
{
	struct fd_range r;
	struct fd_table *fds;

	if (!returned_fd(ctx) || !event_param_int(ctx->ev, 1, &r.first) ||
	    !event_param_int(ctx->ev, 2, &r.last))
		return;
	fds = thread_fds(st, ctx->thread);
	if (!fds)
		return;
	if (event_param_int_or(ctx->ev, 3, 0) & CLOSE_RANGE_CAP_CLOEXEC) {
		const struct fd_entry *f;
		size_t pos = 0;

		while ((f = fd_table_next(fds, &pos))) {
			struct fd_entry *w;

			if (outside(&r, f) || (f->openflags & F_O_CLOEXEC))
				continue;
			w = fd_table_edit(fds, f->num);
			w->openflags |= F_O_CLOEXEC;
			w->stamp = ++st->stamp;
		}
		return;
	}
	fd_table_filter(fds, outside, &r);
}

void parse_dup(struct state *st, struct event_ctx *ctx)
{
	struct fd_table *fds;
	struct fd_entry *f;
	uint32_t flag = 0;

	if (!returned_fd(ctx))
		return;
	/* A shell that puts a pipe in place of its standard streams. */
	if (ctx->res == 0)
		flag = THREAD_PIPE_DST;
	else if (ctx->res == 1)
		flag = THREAD_PIPE_SRC;
	if (flag & ~ctx->thread->flags) {
		ctx->thread->flags |= flag;
		thread_touch(st, ctx->thread);
	}
	if (!ctx->fd) {
		/* What it was is not known; what it was before, it is no longer. */
		fds = thread_fds_rw(st, ctx->thread);
		if (fds)
			(void)fd_table_del(fds, ctx->res);
		return;
	}
	f = state_fd_dup(st, ctx, ctx->fd, ctx->res);
	if (f)
		fd_set_cloexec(f, ctx->ev->type == EVT_SYSCALL_DUP3_X &&
					  (event_param_int_or(ctx->ev, 3, 0) & F_O_CLOEXEC));
}

void parse_fcntl(struct state *st, struct event_ctx *ctx)
{
	int64_t cmd = event_param_int_or(ctx->ev, 2, -1);
	struct fd_entry *f;

	if (!returned_fd(ctx) || !ctx->fd)
		return;
	switch (cmd) {
	case F_CAP_DUPFD:
	case F_CAP_DUPFD_CLOEXEC:
		f = state_fd_dup(st, ctx, ctx->fd, ctx->res);
		if (f)
			fd_set_cloexec(f, cmd == F_CAP_DUPFD_CLOEXEC);
		break;
	case F_CAP_SETFD:
		f = state_fd_edit(st, ctx);
		if (f)
			fd_set_cloexec(f, event_param_int_or(ctx->ev, 3, 0) & 1);
		break;
	}
}

/*
 * The one request that gives a descriptor: of the terminal whose other side (the event's
 * descriptor) is held by sshd, script, a terminal's window. Which terminal it is only the kernel
 * knows.
 */
void parse_ioctl(struct state *st, struct event_ctx *ctx)
{
	const struct fd_table *fds;
	struct fd_entry *f;
	int64_t master;

	if (!returned_fd(ctx) || !ctx->fd ||
	    event_param_int_or(ctx->ev, 2, 0) != IOCTL_CAP_TIOCGPTPEER)
		return;
	master = ctx->fd->num;
	strbuf_reset(&st->text);
	strbuf_addf(&st->text, "/dev/pts/?%" PRId64 ":%" PRId64, ctx->thread->pid, master);
	f = state_fd_add(st, ctx, ctx->res);
	if (!f)
		return;
	f->type = FD_FILE_V2;
	fd_set_name(f, intern_get(st->intern, st->text.s, st->text.n));
	f->openflags = F_O_RDONLY | F_O_WRONLY;
	/* The event is about the side that was asked. */
	fds = thread_fds(st, ctx->thread);
	ctx->fd = fd_table_get(fds, master);
	ctx->fd_num = ctx->thread->last_fd = master;
}

void parse_pipe(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;

	if (!returned_fd(ctx))
		return;
	for (unsigned i = 1; i <= 2; i++) {
		struct fd_entry *f;
		int64_t num;

		if (!event_param_int(ev, i, &num))
			return;
		f = state_fd_add(st, ctx, num);
		if (!f)
			return;
		f->type = FD_FIFO;
		f->ino = (uint64_t)event_param_int_or(ev, 3, 0);
		if (ev->type == EVT_SYSCALL_PIPE2_X)
			f->openflags = (uint32_t)event_param_int_or(ev, 4, 0);
	}
}

/* Calls whose result is a descriptor of a kind: that kind, and the parameter with its flags. */
void parse_new_fd(struct state *st, struct event_ctx *ctx)
{
	struct fd_entry *f;
	uint8_t type;
	int flags_param = -1;

	if (!returned_fd(ctx))
		return;
	switch (ctx->ev->type) {
	case EVT_SYSCALL_EVENTFD2_X:
		flags_param = 1;
		FALLTHROUGH;
	case EVT_SYSCALL_EVENTFD_X:
		type = FD_EVENT;
		break;
	case EVT_SYSCALL_SIGNALFD4_X:
		flags_param = 1;
		FALLTHROUGH;
	case EVT_SYSCALL_SIGNALFD_X:
		type = FD_SIGNALFD;
		break;
	case EVT_SYSCALL_INOTIFY_INIT1_X:
		flags_param = 1;
		FALLTHROUGH;
	case EVT_SYSCALL_INOTIFY_INIT_X:
		type = FD_INOTIFY;
		break;
	case EVT_SYSCALL_TIMERFD_CREATE_X:
		type = FD_TIMERFD;
		break;
	case EVT_SYSCALL_EPOLL_CREATE_X:
	case EVT_SYSCALL_EPOLL_CREATE1_X:
		type = FD_EVENTPOLL;
		break;
	case EVT_SYSCALL_BPF_2_X:
		type = FD_BPF;
		break;
	case EVT_SYSCALL_USERFAULTFD_X:
		flags_param = 1;
		type = FD_USERFAULTFD;
		break;
	default:
		type = FD_IOURING;
	}
	f = state_fd_add(st, ctx, ctx->res);
	if (!f)
		return;
	f->type = type;
	if (flags_param >= 0)
		f->openflags = (uint32_t)event_param_int_or(ctx->ev, (unsigned)flags_param, 0);
	/* EPOLL_CLOEXEC */
	if (ctx->ev->type == EVT_SYSCALL_EPOLL_CREATE1_X)
		fd_set_cloexec(f, event_param_int_or(ctx->ev, 1, 0) & 1);
}

void parse_memfd(struct state *st, struct event_ctx *ctx)
{
	struct fd_entry *f;

	/* As upstream, also for a call that failed: its error number is then a descriptor. */
	if (!ctx->thread || !ctx->has_res)
		return;
	f = state_fd_add(st, ctx, ctx->res);
	if (!f)
		return;
	f->type = FD_MEMFD;
	fd_set_name(f, param_istr(st, ctx->ev, 1));
	f->openflags = (uint32_t)event_param_int_or(ctx->ev, 2, 0);
}

void parse_pidfd_open(struct state *st, struct event_ctx *ctx)
{
	struct fd_entry *f;
	int64_t pid;

	if (!returned_fd(ctx) || !event_param_int(ctx->ev, 1, &pid))
		return;
	f = state_fd_add(st, ctx, ctx->res);
	if (!f)
		return;
	strbuf_reset(&st->text);
	strbuf_adds(&st->text, "/proc/");
	strbuf_addi(&st->text, pid);
	f->type = FD_PIDFD;
	f->pid = pid;
	fd_set_name(f, intern_get(st->intern, st->text.s, st->text.n));
	f->openflags = (uint32_t)event_param_int_or(ctx->ev, 2, 0);
}

void parse_pidfd_getfd(struct state *st, struct event_ctx *ctx)
{
	const struct fd_table *fds;
	const struct fd_entry *src;
	const struct thread *target;
	struct fd_entry *f;
	int64_t pidfd, num;

	if (!returned_fd(ctx) || !event_param_int(ctx->ev, 1, &pidfd) ||
	    !event_param_int(ctx->ev, 2, &num))
		return;
	fds = thread_fds(st, ctx->thread);
	src = fds ? fd_table_get(fds, pidfd) : NULL;
	if (!src || src->type != FD_PIDFD)
		return;
	target = state_thread(st, src->pid);
	fds = target ? thread_fds(st, target) : NULL;
	src = fds ? fd_table_get(fds, num) : NULL;
	if (!src)
		return;
	f = state_fd_dup(st, ctx, src, ctx->res);
	if (f)
		fd_set_cloexec(f, true);
}
