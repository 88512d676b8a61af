#include "event/event_text.h"
#include "state/state_impl.h"

/* What is known of a file by its being opened. */
struct open_file {
	uint32_t flags, dev;
	uint64_t ino;
	const struct istr *path, *raw;
};

/* The parts of an open call, wherever they come from. */
struct open_call {
	struct str name;
	int64_t dirfd;
	struct open_file file;
};

struct open_layout open_layout_of(unsigned type)
{
	switch (type) {
	case EVT_SYSCALL_OPENAT_2_X:
		return (struct open_layout){ 1, 2, 3, 5, 6 };
	case EVT_SYSCALL_OPENAT2_X:
		return (struct open_layout){ 1, 2, 3, 6, 7 };
	case EVT_SYSCALL_CREAT_X:
		return (struct open_layout){ -1, 1, 5, 3, 4 };
	default:
		return (struct open_layout){ -1, 1, 2, 4, 5 };
	}
}

uint32_t open_flags_of(unsigned type, uint32_t flags)
{
	if (type != EVT_SYSCALL_CREAT_X)
		return flags;
	/* Which layer of an overlay the file is in. */
	return flags & 1 ? F_FD_UPPER_LAYER : flags & 2 ? F_FD_LOWER_LAYER : 0;
}

static void read_call(const struct event *ev, struct open_call *c)
{
	struct open_layout l = open_layout_of(ev->type);

	*c = (struct open_call){ .dirfd = EVENT_AT_FDCWD, .name = STR("<NA>") };
	event_param_str(ev, (unsigned)l.name, &c->name);
	if (l.dirfd >= 0)
		c->dirfd = event_param_int_or(ev, (unsigned)l.dirfd, EVENT_AT_FDCWD);
	c->file.flags =
		open_flags_of(ev->type, (uint32_t)event_param_int_or(ev, (unsigned)l.flags, 0));
	c->file.dev = (uint32_t)event_param_int_or(ev, (unsigned)l.dev, 0);
	c->file.ino = (uint64_t)event_param_int_or(ev, (unsigned)l.ino, 0);
}

static void add_file(struct state *st, struct event_ctx *ctx, const struct open_file *file)
{
	struct fd_entry *f = state_fd_add(st, ctx, ctx->res);

	if (f)
		file_entry_set(f, file->flags, file->dev, file->ino, file->path, file->raw);
}

void parse_open(struct state *st, struct event_ctx *ctx)
{
	const struct stored_enter *e;
	const struct opened *o;
	struct open_call c;

	if (!ctx->thread || !ctx->has_res)
		return;
	e = enter_of(st, ctx);
	if (ctx->res < 0)
		return;
	read_call(ctx->ev, &c);
	if (e && e->has_text) {
		/* What was asked for; the name in memory may have changed since. */
		c.name = strbuf_str(&e->text);
		c.dirfd = e->dirfd;
		if (ctx->ev->type != EVT_SYSCALL_CREAT_X)
			c.file.flags = e->flags | (c.file.flags & ~(uint32_t)(F_O_F_CREATED - 1));
	}
	o = opened_get(st, ctx->thread, c.dirfd, c.name);
	c.file.path = o->path;
	c.file.raw = o->raw;
	add_file(st, ctx, &c.file);
}

void parse_open_by_handle(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	struct str name = STR("<NA>");
	struct open_file file;

	if (!ctx->thread || !ctx->has_res || ctx->res < 0)
		return;
	event_param_str(ev, 3, &name);
	file.flags = (uint32_t)event_param_int_or(ev, 2, 0);
	file.dev = (uint32_t)event_param_int_or(ev, 4, 0);
	file.ino = (uint64_t)event_param_int_or(ev, 5, 0);
	strbuf_reset(&st->path);
	path_join(STR("/"), name, &st->path);
	file.path = intern_get(st->intern, st->path.s, st->path.n);
	file.raw = opened_raw_name(st, name);
	add_file(st, ctx, &file);
}
