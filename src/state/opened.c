/*
 * The paths that names of open calls make, kept by name and directory: programs open the same names
 * from the same directories again and again, and those are found without making and hashing two
 * strings. With each stands what was said of the opens of it that need no event.
 */
#include <stdlib.h>

#include "base/xalloc.h"
#include "event/event_text.h"
#include "state/state_impl.h"

#define OPENED_FEW  1024  /* slots at first; a power of two */
#define OPENED_MANY 32768 /* when those are not enough; a power of two */
#define OPENED_LINE 64    /* bytes of a line of the cache */
#define TEXTS       512   /* a power of two */

/* One in a line, so that a look at it is one at a line. */
struct opened_slot {
	_Alignas(OPENED_LINE) struct opened o;
};

/* A source's text, and the name it was found to be. */
struct opened_text {
	const char *p; /* NULL: none */
	uint32_t n;    /* with its NUL */
	uint32_t number;
	struct opened *opened; /* what it is as long as this is its number */
};

/* What stands in `memory`. */
static struct opened_slot *slots_of(void *memory)
{
	uintptr_t at = (uintptr_t)memory + OPENED_LINE - 1;

	return (struct opened_slot *)(at & ~(uintptr_t)(OPENED_LINE - 1));
}

static void make_slots(struct state *st, uint32_t n)
{
	st->opened_memory = xcalloc(n + 1, sizeof(struct opened_slot));
	st->opened = slots_of(st->opened_memory);
	st->n_slots = n;
}

void opened_new(struct state *st)
{
	make_slots(st, OPENED_FEW);
	st->texts = xcalloc(TEXTS, sizeof(*st->texts));
}

void opened_free(struct state *st)
{
	free(st->opened_memory);
	free(st->texts);
}

void opened_forget(struct state *st)
{
	memset(st->opened, 0, st->n_slots * sizeof(*st->opened));
	state_texts_gone(st);
}

void state_texts_gone(void *arg)
{
	struct state *st = arg;

	memset(st->texts, 0, TEXTS * sizeof(*st->texts));
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
	return f ? fd_name(f) : NULL;
}

/*
 * The two slots that a name and directory may stand in: from a few bytes of the name only. With one
 * slot some of the names that are opened again and again put each other out.
 */
static inline struct opened_slot *slots_for(const struct state *st, struct str name,
					    const struct istr *dir)
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
	return &st->opened[(h >> 32 & (st->n_slots / 2 - 1)) * 2];
}

/* The same string may be a directory that is open and one that is not joined with '/'. */
static inline bool is_of(const struct opened *o, struct str name, const struct istr *dir,
			 bool from_cwd)
{
	return o->raw && o->dir == dir && o->from_cwd == from_cwd && str_eq(istr_str(o->raw), name);
}

static inline struct opened *find(struct opened_slot *slots, struct str name,
				  const struct istr *dir, bool from_cwd)
{
	if (is_of(&slots[0].o, name, dir, from_cwd))
		return &slots[0].o;
	return is_of(&slots[1].o, name, dir, from_cwd) ? &slots[1].o : NULL;
}

/* The one that has been there longer. */
static struct opened *to_replace(struct opened_slot *slots)
{
	return &slots[slots[1].o.number < slots[0].o.number].o;
}

void opened_make_room(struct state *st)
{
	void *memory = st->opened_memory;
	const struct opened_slot *old = st->opened;

	if (st->n_slots != OPENED_FEW || st->n_opened < OPENED_FEW / 2)
		return;
	make_slots(st, OPENED_MANY);
	for (size_t i = 0; i < OPENED_FEW; i++) {
		const struct opened *o = &old[i].o;
		struct opened *to;

		if (!o->raw)
			continue;
		to = to_replace(slots_for(st, istr_str(o->raw), o->dir));
		*to = *o;
		to->next = NULL;
	}
	/* They say where the others were. */
	memset(st->opened_orders, 0, sizeof(st->opened_orders));
	state_texts_gone(st);
	free(memory);
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
	ret->path = intern_get(st->intern, st->path.s, st->path.n);
	/* As nearly all are that are absolute: there is no "//" in what was joined. */
	if (is_absolute(name) && str_eq(istr_str(ret->path), name))
		ret->raw = ret->path;
	else
		ret->raw = opened_raw_name(st, name);
}

struct opened *opened_get(struct state *st, const struct thread *t, int64_t dirfd, struct str name)
{
	bool absolute = is_absolute(name), from_cwd = dirfd == EVENT_AT_FDCWD;
	const struct istr *dir = absolute ? NULL : directory_of(st, t, dirfd);
	struct opened *o = &st->opened_once;

	if (absolute || dir) {
		struct opened_slot *slots = slots_for(st, name, dir);

		o = find(slots, name, dir, from_cwd);
		if (o)
			return o;
		o = to_replace(slots);
	}
	*o = (struct opened){ .dir = dir, .from_cwd = from_cwd, .number = ++st->n_opened };
	make(st, t, dirfd, name, o);
	return o;
}

/*
 * A name is that of a text when it is absolute, or when the directory is still the same one. What a
 * text says has not to be looked at again, and neither the name it was compared with: both would
 * have to come from memory.
 */
struct opened *opened_find(struct state *st, const struct thread *t, int64_t dirfd, struct str text)
{
	uint64_t h = (uint64_t)(uintptr_t)text.p * UINT64_C(0x9e3779b97f4a7c15);
	struct opened_text *at = &st->texts[h >> 32 & (TEXTS - 1)];
	struct str name = str_mem(text.p, text.n - 1);
	const struct istr *dir = NULL;
	struct opened *o = at->opened;
	bool absolute;

	if (at->p == text.p && at->n == text.n && o->number == at->number) {
		if (!o->dir)
			return o;
		dir = directory_of(st, t, dirfd);
		if (o->dir == dir && o->from_cwd == (dirfd == EVENT_AT_FDCWD))
			return o;
		absolute = false;
	} else {
		absolute = is_absolute(name);
		dir = absolute ? NULL : directory_of(st, t, dirfd);
	}
	if (!absolute && !dir)
		return NULL;
	o = find(slots_for(st, name, dir), name, dir, dirfd == EVENT_AT_FDCWD);
	if (o)
		*at = (struct opened_text){ text.p, (uint32_t)text.n, o->number, o };
	return o;
}

const struct istr *state_opened_path(struct state *st, const struct thread *t, int64_t dirfd,
				     struct str name)
{
	return opened_get(st, t, dirfd, name)->path;
}
