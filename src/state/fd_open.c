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
	if (str_find(name, STR("//")) < 0)
		return intern_get(st->intern, name.p, name.n);
	strbuf_reset(&st->text);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] != '/' || i == 0 || name.p[i - 1] != '/')
			strbuf_addc(&st->text, name.p[i]);
	return intern_get(st->intern, st->text.s, st->text.n);
}

/*
 * The directory that a name is relative to as a string of its own, which makes the path together
 * with the name: cwd as it is, or a descriptor's name. NULL when it is not known.
 */
static const struct istr *directory_of(const struct state *st, const struct thread *t,
				       int64_t dirfd)
{
	const struct fd_table *fds;
	const struct fd_entry *f;

	if (dirfd == EVENT_AT_FDCWD) {
		const struct thread *m = thread_main(st, t);

		return m ? m->cwd : NULL;
	}
	fds = thread_fds(st, t);
	f = fds ? fd_table_get(fds, dirfd) : NULL;
	return f ? f->name : NULL;
}

/* Where a name and directory stand in st->opened: from a few bytes of the name only. */
static struct opened *opened_slot(const struct state *st, struct str name, const struct istr *dir)
{
	uint64_t a = 0, b = 0, h = name.n ^ (uint64_t)(uintptr_t)dir >> 4;

	if (name.n >= 8) {
		memcpy(&a, name.p, 8);
		memcpy(&b, name.p + name.n - 8, 8);
	} else {
		memcpy(&a, name.p, name.n);
	}
	h = (h ^ a) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ h >> 29 ^ b) * UINT64_C(0xbf58476d1ce4e5b9);
	if (name.n > 16) {
		memcpy(&a, name.p + name.n / 2 - 4, 8);
		h = (h ^ h >> 32 ^ a) * UINT64_C(0x94d049bb133111eb);
	}
	return &st->opened[h >> 32 & (OPENED - 1)];
}

static void make_path(struct state *st, const struct thread *t, const struct open_call *c)
{
	strbuf_reset(&st->path);
	strbuf_reset(&st->text);
	if (c->name.n && c->name.p[0] == '/')
		path_join(STR(""), c->name, &st->path);
	else if (thread_dir(st, t, c->dirfd, &st->text))
		path_join(strbuf_str(&st->text), c->name, &st->path);
	else
		path_join(STR("<UNKNOWN>"), c->name, &st->path);
}

/*
 * The path and the raw name of a call, interned. Programs open the same names from the same
 * directories again and again: those are found without making and hashing two strings.
 */
static void find_names(struct state *st, const struct thread *t, const struct open_call *c,
		       const struct istr **ret_path, const struct istr **ret_raw)
{
	bool absolute = c->name.n && c->name.p[0] == '/';
	const struct istr *dir = absolute ? NULL : directory_of(st, t, c->dirfd);
	struct opened *o;

	if (!absolute && !dir) {
		make_path(st, t, c);
		*ret_path = intern_get(st->intern, st->path.s, st->path.n);
		*ret_raw = raw_name(st, c->name);
		return;
	}
	o = opened_slot(st, c->name, dir);
	/* The same string may be a directory that is open and one that is not joined with '/'. */
	if (!o->raw || o->dir != dir || o->from_cwd != (c->dirfd == EVENT_AT_FDCWD) ||
	    !str_eq(istr_str(o->raw), c->name)) {
		make_path(st, t, c);
		o->path = intern_get(st->intern, st->path.s, st->path.n);
		o->raw = raw_name(st, c->name);
		o->dir = dir;
		o->from_cwd = c->dirfd == EVENT_AT_FDCWD;
	}
	*ret_path = o->path;
	*ret_raw = o->raw;
}

const struct istr *state_opened_path(struct state *st, const struct thread *t, int64_t dirfd,
				     struct str name)
{
	const struct open_call c = { .name = name, .dirfd = dirfd };
	const struct istr *path, *raw;

	find_names(st, t, &c, &path, &raw);
	return path;
}

static void add_file(struct state *st, struct event_ctx *ctx, const struct open_call *c,
		     const struct istr *name, const struct istr *raw)
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
	f->nameraw = raw;
}

void parse_open(struct state *st, struct event_ctx *ctx)
{
	const struct istr *path, *raw;
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
	find_names(st, ctx->thread, &c, &path, &raw);
	add_file(st, ctx, &c, path, raw);
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
	add_file(st, ctx, &c, intern_get(st->intern, st->path.s, st->path.n), raw_name(st, c.name));
}
