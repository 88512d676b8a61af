/*
 * The paths that names of open calls make, kept by name and directory: programs open the same names
 * from the same directories again and again, and those are found without making and hashing two
 * strings. With each stands what was said of the opens of it that need no event.
 */
#include <stdlib.h>

#include "base/xalloc.h"
#include "event/event_text.h"
#include "state/state_impl.h"

#define OPENED      32768 /* a power of two */
#define OPENED_LINE 64    /* bytes of a line of the cache: two of them stand in one */

void opened_new(struct state *st)
{
	uintptr_t at;

	st->opened_memory = xcalloc(OPENED * sizeof(*st->opened) + OPENED_LINE, 1);
	at = ((uintptr_t)st->opened_memory + OPENED_LINE - 1) & ~(uintptr_t)(OPENED_LINE - 1);
	st->opened = (struct opened *)at;
}

void opened_forget(struct state *st)
{
	memset(st->opened, 0, OPENED * sizeof(*st->opened));
}

void opened_free(struct state *st)
{
	free(st->opened_memory);
}

/* nameraw: as given, runs of '/' as one. */
const struct istr *opened_raw_name(struct state *st, struct str name)
{
	if (str_find(name, STR("//")) < 0)
		return intern_get(st->intern, name.p, name.n);
	strbuf_reset(&st->text);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] != '/' || i == 0 || name.p[i - 1] != '/')
			strbuf_addc(&st->text, name.p[i]);
	return intern_get(st->intern, st->text.s, st->text.n);
}

static bool is_absolute(struct str name)
{
	return name.n && name.p[0] == '/';
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
static struct opened *slot_of(const struct state *st, struct str name, const struct istr *dir)
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

/* The same string may be a directory that is open and one that is not joined with '/'. */
static bool is_of(const struct opened *o, struct str name, const struct istr *dir, bool from_cwd)
{
	return o->raw && o->dir == dir && o->from_cwd == from_cwd && str_eq(istr_str(o->raw), name);
}

static void make(struct state *st, const struct thread *t, int64_t dirfd, struct str name,
		 struct opened *ret)
{
	strbuf_reset(&st->path);
	strbuf_reset(&st->text);
	if (is_absolute(name))
		path_join(STR(""), name, &st->path);
	else if (thread_dir(st, t, dirfd, &st->text))
		path_join(strbuf_str(&st->text), name, &st->path);
	else
		path_join(STR("<UNKNOWN>"), name, &st->path);
	*ret = (struct opened){ .path = intern_get(st->intern, st->path.s, st->path.n) };
	ret->raw = opened_raw_name(st, name);
}

struct opened *opened_find(const struct state *st, const struct thread *t, int64_t dirfd,
			   struct str name)
{
	bool absolute = is_absolute(name);
	const struct istr *dir = absolute ? NULL : directory_of(st, t, dirfd);
	struct opened *o;

	if (!absolute && !dir)
		return NULL;
	o = slot_of(st, name, dir);
	return is_of(o, name, dir, dirfd == EVENT_AT_FDCWD) ? o : NULL;
}

struct opened *opened_get(struct state *st, const struct thread *t, int64_t dirfd, struct str name)
{
	bool absolute = is_absolute(name), from_cwd = dirfd == EVENT_AT_FDCWD;
	const struct istr *dir = absolute ? NULL : directory_of(st, t, dirfd);
	struct opened *o;

	if (!absolute && !dir) {
		make(st, t, dirfd, name, &st->opened_once);
		return &st->opened_once;
	}
	o = slot_of(st, name, dir);
	if (!is_of(o, name, dir, from_cwd)) {
		make(st, t, dirfd, name, o);
		o->dir = dir;
		o->from_cwd = from_cwd;
	}
	return o;
}

const struct istr *state_opened_path(struct state *st, const struct thread *t, int64_t dirfd,
				     struct str name)
{
	return opened_get(st, t, dirfd, name)->path;
}
