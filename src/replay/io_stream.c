/* Reads and writes of the same open file; see io_stream.h. */
#include "replay/io_stream.h"

#include <stdlib.h>

#include "base/hashmap.h"
#include "base/vec.h"
#include "event/event_io.h"

#define SWEEP_MIN 65536

/* The descriptors of a process that were used. */
struct process_fds {
	struct u64map streams; /* by number */
};

struct io_streams {
	struct u64map by_stamp; /* of a state's entry: equal ones are copies by fork */
	struct u64map by_inode; /* of pipes and sockets of the snapshot, by inode and access */
	struct u64map processes;
	VEC(struct io_stream *) all;
	uint64_t last_id;
	size_t swept; /* stamps after the last sweep */
};

struct io_streams *io_streams_new(void)
{
	return xcalloc(1, sizeof(struct io_streams));
}

static void process_free(struct process_fds *p)
{
	if (p)
		u64map_free(&p->streams);
	free(p);
}

static void forget_all(struct io_streams *s)
{
	size_t pos = 0;
	uint64_t key;
	void *v;

	while (u64map_next(&s->processes, &pos, &key, &v))
		process_free(v);
	u64map_clear(&s->processes);
	u64map_clear(&s->by_stamp);
	u64map_clear(&s->by_inode);
	for (size_t i = 0; i < s->all.n; i++)
		free(s->all.v[i]);
	s->all.n = 0;
	s->swept = 0;
}

void io_streams_free(struct io_streams *s)
{
	forget_all(s);
	u64map_free(&s->processes);
	u64map_free(&s->by_stamp);
	u64map_free(&s->by_inode);
	vec_free(&s->all);
	free(s);
}

void io_streams_snapshot(struct io_streams *s)
{
	forget_all(s);
}

/* Drops what no open descriptor is of. */
static void sweep(struct io_streams *s, const struct state *st)
{
	struct u64map kept = { 0 }, processes = { 0 };
	size_t n, pos = 0, streams = 0;
	struct thread **threads = state_threads_sorted(st, &n);
	uint64_t key;
	void *v;

	for (size_t i = 0; i < s->all.n; i++)
		s->all.v[i]->live = false;
	for (size_t i = 0; i < n; i++) {
		const struct fd_entry *f;
		size_t at = 0;

		while (threads[i]->fds && (f = fd_table_next(threads[i]->fds, &at))) {
			struct io_stream *x = u64map_get(&s->by_stamp, f->stamp);

			if (!x)
				continue;
			x->live = true;
			u64map_put(&kept, f->stamp, x);
		}
	}
	free(threads);
	/* A number whose entry has gone says nothing any more. */
	while (u64map_next(&s->processes, &pos, &key, &v)) {
		struct process_fds *p = v, *q = NULL;
		size_t at = 0;
		uint64_t fd;
		void *x;

		while (state_thread(st, (int64_t)key) && u64map_next(&p->streams, &at, &fd, &x)) {
			if (!((struct io_stream *)x)->live)
				continue;
			q = q ? q : xcalloc(1, sizeof(*q));
			u64map_put(&q->streams, fd, x);
		}
		process_free(p);
		if (q)
			u64map_put(&processes, key, q);
	}
	u64map_free(&s->by_stamp);
	u64map_free(&s->processes);
	u64map_clear(&s->by_inode);
	s->by_stamp = kept;
	s->processes = processes;
	for (size_t i = 0; i < s->all.n; i++) {
		if (s->all.v[i]->live)
			s->all.v[streams++] = s->all.v[i];
		else
			free(s->all.v[i]);
	}
	s->all.n = streams;
	s->swept = s->by_stamp.n;
}

static struct io_stream *stream_new(struct io_streams *s)
{
	struct io_stream *x = xcalloc(1, sizeof(*x));

	x->id = ++s->last_id;
	vec_push(&s->all, x);
	return x;
}

/* The stream is known by this descriptor of this process, as it is now. */
static void remember(struct io_streams *s, int64_t pid, const struct fd_entry *f,
		     struct io_stream *x)
{
	struct process_fds *p = u64map_get(&s->processes, (uint64_t)pid);

	if (!p) {
		p = xcalloc(1, sizeof(*p));
		u64map_put(&s->processes, (uint64_t)pid, p);
	}
	u64map_put(&p->streams, (uint64_t)f->num, x);
	u64map_put(&s->by_stamp, f->stamp, x);
}

static struct io_stream *remembered(const struct io_streams *s, int64_t pid, int64_t fd)
{
	const struct process_fds *p = u64map_get(&s->processes, (uint64_t)pid);

	return p ? u64map_get(&p->streams, (uint64_t)fd) : NULL;
}

/* Key of a pipe's end or a socket that the snapshot told of; 0: none. */
static uint64_t inode_key(const struct fd_entry *f)
{
	if (!f->ino || (f->type != FD_FIFO && f->type != FD_UNIX_SOCK && !fd_is_ip(f)))
		return 0;
	/* A pipe's two ends have one inode. */
	return f->ino << 2 | (f->type == FD_FIFO ? f->openflags & 3 : 0);
}

/* The stream of a descriptor that no event has just made. */
static struct io_stream *stream_of(struct io_streams *s, int64_t pid, const struct fd_entry *f)
{
	struct io_stream *x = u64map_get(&s->by_stamp, f->stamp);
	uint64_t inode = inode_key(f);

	if (x) {
		if (remembered(s, pid, f->num) != x)
			remember(s, pid, f, x);
		return x;
	}
	/* The entry has changed (a connect): it is the same open file. */
	x = remembered(s, pid, f->num);
	if (!x && inode)
		x = u64map_get(&s->by_inode, inode);
	if (!x)
		x = stream_new(s);
	remember(s, pid, f, x);
	if (inode)
		u64map_put(&s->by_inode, inode, x);
	return x;
}

/* The descriptor that this event has made a copy of, or -1. */
static int64_t copied_from(const struct event *ev)
{
	int i;

	switch (ev->type) {
	case EVT_SYSCALL_DUP_1_X:
	case EVT_SYSCALL_DUP2_X:
	case EVT_SYSCALL_DUP3_X:
		i = event_param_index(ev->info, STR("oldfd"));
		break;
	case EVT_SYSCALL_FCNTL_X:
		i = event_param_index(ev->info, STR("fd"));
		break;
	default:
		return -1;
	}
	return i >= 0 ? event_param_int_or(ev, (unsigned)i, -1) : -1;
}

static bool makes_descriptor(const struct event *ev, const struct event_ctx *ctx)
{
	return (ev->info->flags & EF_CREATES_FD) && ctx->fd && ctx->has_res && ctx->res >= 0;
}

static void on_end(struct io_streams *s, int64_t pid)
{
	process_free(u64map_del(&s->processes, (uint64_t)pid));
}

static void forget_number(struct io_streams *s, int64_t pid, int64_t fd)
{
	struct process_fds *p = u64map_get(&s->processes, (uint64_t)pid);

	if (p)
		u64map_del(&p->streams, (uint64_t)fd);
}

/* An event made descriptors: what was there under these numbers has gone. */
static void made(struct io_streams *s, int64_t pid, const struct event *ev, int64_t first)
{
	static const char *const names[] = { "fd1", "fd2" };

	forget_number(s, pid, first);
	for (size_t k = 0; k < 2; k++) {
		int i = event_param_index(ev->info, str_of(names[k]));

		if (i >= 0)
			forget_number(s, pid, event_param_int_or(ev, (unsigned)i, -1));
	}
}

/* Several descriptors may have been closed at once. */
static void prune(struct io_streams *s, const struct event_ctx *ctx, int64_t pid)
{
	struct process_fds *p = u64map_get(&s->processes, (uint64_t)pid);
	const struct fd_table *fds = thread_fds(ctx->st, ctx->thread);
	uint64_t *keys = p ? u64map_sorted_keys(&p->streams) : NULL;
	size_t n = keys ? p->streams.n : 0;

	for (size_t i = 0; i < n; i++)
		if (!fds || !fd_table_get(fds, (int64_t)keys[i]))
			u64map_del(&p->streams, keys[i]);
	free(keys);
}

static bool closes_several(const struct event_ctx *ctx)
{
	unsigned type = ctx->ev->type;

	return ctx->has_res && ctx->res == 0 &&
	       (type == EVT_SYSCALL_EXECVE_19_X || type == EVT_SYSCALL_EXECVEAT_X ||
		type == EVT_SYSCALL_CLOSE_RANGE_X);
}

struct io_stream *io_streams_event(struct io_streams *s, const struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	const struct fd_table *fds;
	const struct fd_entry *f = ctx->fd, *from;
	struct io_stream *x;
	int64_t pid, copied;

	if (!ctx->thread || !ev->info || ctx->thread->pid < 0)
		return NULL;
	pid = ctx->thread->pid;
	if (ev->type == EVT_PROCEXIT_1_E && (!ctx->thread->group || !ctx->thread->group->alive)) {
		on_end(s, pid);
		return NULL;
	}
	if (s->by_stamp.n > SWEEP_MIN && s->by_stamp.n > 2 * s->swept)
		sweep(s, ctx->st);
	if (closes_several(ctx)) {
		prune(s, ctx, pid);
		return NULL;
	}
	copied = copied_from(ev);
	if (copied >= 0 && ctx->has_res && ctx->res >= 0) {
		/* fcntl copies only when its result is another descriptor that is there now. */
		fds = thread_fds(ctx->st, ctx->thread);
		f = fds ? fd_table_get(fds, ctx->res) : NULL;
		from = fds ? fd_table_get(fds, copied) : NULL;
		if (ev->type == EVT_SYSCALL_FCNTL_X && (!ctx->fd || ctx->fd->num != ctx->res))
			return ctx->fd && from ? stream_of(s, pid, from) : NULL;
		if (!f || !from || f == from)
			return NULL;
		x = stream_of(s, pid, from);
		remember(s, pid, f, x);
		return x;
	}
	if (!f)
		return NULL;
	if (makes_descriptor(ev, ctx)) {
		made(s, pid, ev, f->num);
		return NULL;
	}
	if (!(ev->info->flags & (EF_USES_FD | EF_READS_FROM_FD | EF_WRITES_TO_FD)))
		return NULL;
	x = stream_of(s, pid, f);
	if (ev->type == EVT_SYSCALL_CLOSE_X && ctx->has_res && ctx->res == 0)
		forget_number(s, pid, f->num);
	return x;
}
