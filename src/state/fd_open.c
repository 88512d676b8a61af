#include "event/event_text.h"
#include "state/state_impl.h"

/* The parts of an open call, wherever they come from. */
struct open_call {
	bool has_name;
	struct str name;
	int64_t dirfd;
	uint32_t flags;
	uint32_t dev;
	uint64_t ino;
};

/* Positions of an exit event's parameters; -1: it has none. */
struct open_layout {
	int8_t dirfd, name, flags, dev, ino;
};

static struct open_layout layout_of(uint16_t type)
{
	switch (type) {
	case EVT_SYSCALL_OPENAT_2_X:
		return (struct open_layout){ 1, 2, 3, 5, 6 };
	case EVT_SYSCALL_OPENAT2_X:
		return (struct open_layout){ 1, 2, 3, 6, 7 };
	case EVT_SYSCALL_CREAT_X:
		return (struct open_layout){ -1, 1, -1, 3, 4 };
	default:
		return (struct open_layout){ -1, 1, 2, 4, 5 };
	}
}

static void read_call(const struct event *ev, struct open_call *c)
{
	struct open_layout l = layout_of(ev->type);

	*c = (struct open_call){ .dirfd = EVENT_AT_FDCWD, .name = STR("<NA>") };
	c->has_name = event_param_str(ev, (unsigned)l.name, &c->name);
	if (l.dirfd >= 0)
		c->dirfd = event_param_int_or(ev, (unsigned)l.dirfd, EVENT_AT_FDCWD);
	if (l.flags >= 0)
		c->flags = (uint32_t)event_param_int_or(ev, (unsigned)l.flags, 0);
	c->dev = (uint32_t)event_param_int_or(ev, (unsigned)l.dev, 0);
	c->ino = (uint64_t)event_param_int_or(ev, (unsigned)l.ino, 0);
	if (ev->type == EVT_SYSCALL_CREAT_X) {
		uint32_t creat = (uint32_t)event_param_int_or(ev, 5, 0);

		if (creat & 1)
			c->flags |= F_FD_UPPER_LAYER;
		else if (creat & 2)
			c->flags |= F_FD_LOWER_LAYER;
	}
}

/* nameraw: as given, runs of '/' as one. */
static const struct istr *raw_name(struct state *st, struct str name)
{
	strbuf_reset(&st->text);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] != '/' || i == 0 || name.p[i - 1] != '/')
			strbuf_addc(&st->text, name.p[i]);
	return intern_get(st->intern, st->text.s, st->text.n);
}

static void add_file(struct state *st, struct event_ctx *ctx, const struct open_call *c,
		     const struct istr *name)
{
	struct fd_entry *f = state_fd_add(st, ctx, ctx->res);

	if (!f)
		return;
	f->type = c->flags & F_O_DIRECTORY ? FD_DIRECTORY : FD_FILE_V2;
	f->openflags = c->flags;
	f->dev = c->dev;
	f->ino = c->ino;
	if (c->flags & F_FD_UPPER_LAYER)
		f->flags |= FD_OVERLAY_UPPER;
	if (c->flags & F_FD_LOWER_LAYER)
		f->flags |= FD_OVERLAY_LOWER;
	f->name = name;
	f->nameraw = raw_name(st, c->name);
}

void parse_open(struct state *st, struct event_ctx *ctx)
{
	const struct stored_enter *e;
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
			c.flags = e->flags | (c.flags & ~(uint32_t)(F_O_F_CREATED - 1));
	}
	strbuf_reset(&st->path);
	strbuf_reset(&st->text);
	if (c.name.n && c.name.p[0] == '/') {
		path_join(STR(""), c.name, &st->path);
	} else if (thread_dir(st, ctx->thread, c.dirfd, &st->text)) {
		path_join(strbuf_str(&st->text), c.name, &st->path);
	} else {
		path_join(STR("<UNKNOWN>"), c.name, &st->path);
	}
	add_file(st, ctx, &c, intern_get(st->intern, st->path.s, st->path.n));
}

void parse_open_by_handle(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	struct open_call c = { .name = STR("<NA>") };

	if (!ctx->thread || !ctx->has_res || ctx->res < 0)
		return;
	event_param_str(ev, 3, &c.name);
	c.flags = (uint32_t)event_param_int_or(ev, 2, 0);
	c.dev = (uint32_t)event_param_int_or(ev, 4, 0);
	c.ino = (uint64_t)event_param_int_or(ev, 5, 0);
	strbuf_reset(&st->path);
	path_join(STR("/"), c.name, &st->path);
	add_file(st, ctx, &c, intern_get(st->intern, st->path.s, st->path.n));
}
