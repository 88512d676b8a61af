#include <stdlib.h>

#include "base/xalloc.h"
#include "event/event_text.h"
#include "state/state_impl.h"

const struct istr *param_istr(struct state *st, const struct event *ev, unsigned i)
{
	struct str s;

	return event_param_str(ev, i, &s) ? intern_get(st->intern, s.p, s.n) : st->na;
}

/* Bytes that are 0, as 0x80 in a word of zeros. */
static inline uint64_t nuls_of(uint64_t w)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);

	return ~(((w & low) + low) | w | low);
}

static inline uint32_t count_marks(uint64_t nuls)
{
	return (uint32_t)((nuls >> 7) * UINT64_C(0x0101010101010101) >> 56);
}

static uint32_t count_nuls(const char *p, size_t n)
{
	uint32_t count = 0;
	uint64_t w;

	for (; n >= sizeof(w); p += sizeof(w), n -= sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		count += count_marks(nuls_of(w));
	}
	for (; n; n--)
		count += *p++ == '\0';
	return count;
}

/* Copies n bytes, with a blank for each NUL. */
static void copy_blanked(char *to, const char *from, size_t n)
{
	uint64_t w;

	for (; n >= sizeof(w); to += sizeof(w), from += sizeof(w), n -= sizeof(w)) {
		memcpy(&w, from, sizeof(w));
		w |= nuls_of(w) >> 2;
		memcpy(to, &w, sizeof(w));
	}
	for (; n; n--, from++)
		*to++ = *from ? *from : ' ';
}

/* Bytes of a list as captures have it: items separated by NULs, and one NUL at the end dropped. */
static size_t list_size(struct str raw)
{
	return raw.n && raw.p[raw.n - 1] == '\0' ? raw.n - 1 : raw.n;
}

/* The list is this one, in the form that is kept: each item with its NUL. */
static bool is_list(const struct istr *kept, struct str raw)
{
	size_t n = list_size(raw);

	return n && kept->n == n + 1 && memcmp(kept->s, raw.p, n) == 0;
}

/* A list in the form that is kept, and its number of items. */
static const struct istr *list_istr(struct state *st, struct str raw, uint32_t *ret_n)
{
	size_t n = list_size(raw);

	*ret_n = n ? count_nuls(raw.p, n) + 1 : 0;
	if (!n)
		return st->empty;
	if (n < raw.n)
		return intern_get(st->intern, raw.p, raw.n);
	strbuf_reset(&st->text);
	strbuf_addstr(&st->text, raw);
	strbuf_addc(&st->text, '\0');
	return intern_get(st->intern, st->text.s, st->text.n);
}

void thread_set_args(struct state *st, struct thread *t, struct str raw, const struct thread *like)
{
	size_t n = list_size(raw);
	char *text;

	if (like && is_list(like->args, raw)) {
		t->args = like->args;
		t->n_args = like->n_args;
		t->args_text = like->args_text;
		return;
	}
	t->args = list_istr(st, raw, &t->n_args);
	strbuf_reset(&st->text);
	text = strbuf_reserve(&st->text, n);
	copy_blanked(text, raw.p, n);
	t->args_text = intern_get(st->intern, text, n);
}

void thread_set_exepath(struct state *st, struct thread *t, struct str path)
{
	struct str deleted = STR(" (deleted)");

	if (str_ends(path, deleted))
		path.n -= deleted.n;
	t->exepath = intern_get(st->intern, path.p, path.n);
}

void thread_set_env(struct state *st, struct thread *t, struct str raw)
{
	/* As a rule it is what the process had before it exec'ed. */
	if (!is_list(t->env, raw))
		t->env = list_istr(st, raw, &t->n_env);
}

/* The text is a thread's comm and args. */
static bool is_cmdline(const struct istr *text, const struct thread *t)
{
	size_t n = t->comm->n;

	return text->n == n + 1 + t->args_text->n && memcmp(text->s, t->comm->s, n) == 0 &&
	       text->s[n] == ' ' && memcmp(text->s + n + 1, t->args_text->s, t->args_text->n) == 0;
}

void thread_set_cmdline(struct state *st, struct thread *t, const struct thread *like)
{
	if (!t->n_args || !t->comm->n) {
		t->cmdline = t->comm;
		return;
	}
	if (like && is_cmdline(like->cmdline, t)) {
		t->cmdline = like->cmdline;
		return;
	}
	strbuf_reset(&st->text);
	strbuf_add(&st->text, t->comm->s, t->comm->n);
	strbuf_addc(&st->text, ' ');
	strbuf_add(&st->text, t->args_text->s, t->args_text->n);
	t->cmdline = intern_get(st->intern, st->text.s, st->text.n);
}

struct str thread_cwd(const struct state *st, const struct thread *t)
{
	const struct thread *m = thread_main(st, t);

	return m ? istr_str(m->cwd) : STR("./");
}

bool thread_dir(const struct state *st, const struct thread *t, int64_t dirfd, struct strbuf *out)
{
	const struct fd_table *fds;
	const struct fd_entry *f;
	const struct istr *name;

	if (dirfd == EVENT_AT_FDCWD) {
		strbuf_addstr(out, thread_cwd(st, t));
		return true;
	}
	fds = thread_fds(st, t);
	f = fds ? fd_table_get(fds, dirfd) : NULL;
	if (!f)
		return false;
	name = fd_name(f);
	strbuf_add(out, name->s, name->n);
	if (name->n && name->s[name->n - 1] != '/')
		strbuf_addc(out, '/');
	return true;
}

bool state_is_same_directory(struct state *st, const struct istr *cwd, struct str path)
{
	if (!path.n || path.p[0] != '/' || path.n + 1 != cwd->n ||
	    memcmp(path.p, cwd->s, path.n) != 0 || cwd->s[path.n] != '/')
		return false;
	if (cwd == st->plain_cwd)
		return true;
	if (str_find(path, STR("//")) >= 0 || str_find(path, STR("/.")) >= 0)
		return false;
	st->plain_cwd = cwd;
	return true;
}

void thread_join_cwd(struct state *st, struct thread *t, struct str path)
{
	struct thread *m = thread_main(st, t);
	const struct istr *cwd;

	if (!m || state_is_same_directory(st, m->cwd, path))
		return;
	strbuf_reset(&st->path);
	path_join(istr_str(t->cwd), path, &st->path);
	if (!st->path.n || st->path.s[st->path.n - 1] != '/')
		strbuf_addc(&st->path, '/');
	cwd = intern_get(st->intern, st->path.s, st->path.n);
	if (cwd == m->cwd)
		return;
	m->cwd = cwd;
	thread_touch(st, m);
}

/* Old captures have other names of the same controllers. */
static struct str subsys_name(struct str s)
{
	static const struct {
		struct str from, to;
	} renamed[] = {
		{ STR("perf"), STR("perf_event") },
		{ STR("mem"), STR("memory") },
		{ STR("io"), STR("blkio") },
	};

	if (str_ends(s, STR("_cgroup")))
		s.n -= sizeof("_cgroup") - 1;
	for (size_t i = 0; i < sizeof(renamed) / sizeof(*renamed); i++)
		if (str_eq(s, renamed[i].from))
			return renamed[i].to;
	return s;
}

const struct cgroup_set *cgroup_set_get(struct state *st, struct str raw)
{
	const struct istr *key;
	struct cgroup_set *set;
	struct str rest, item;
	struct str id = STR("");
	size_t n = 1;

	if (raw.n && raw.p[raw.n - 1] == '\0')
		raw.n--;
	if (!raw.n)
		return NULL;
	key = intern_get(st->intern, raw.p, raw.n);
	set = u64map_get(&st->cgroup_sets, (uint64_t)(uintptr_t)key);
	if (set)
		return set;
	for (size_t i = 0; i < raw.n; i++)
		n += raw.p[i] == '\0';
	if (n > CGROUPS_MAX)
		return NULL;
	set = xcalloc(1, sizeof(*set) + n * sizeof(*set->v));
	set->raw = key;
	rest = istr_str(key);
	while (str_split(&rest, '\0', &item)) {
		ptrdiff_t eq = str_chr(item, '=');
		struct str name, path;

		if (eq < 0) {
			free(set);
			return NULL;
		}
		name = subsys_name((struct str){ item.p, (size_t)eq });
		path = str_from(item, (size_t)eq + 1);
		set->v[set->n].subsys = intern_get(st->intern, name.p, name.n);
		set->v[set->n].path = intern_get(st->intern, path.p, path.n);
		set->n++;
		if (!id.n)
			id = container_id_of_path(path);
	}
	set->container_id = intern_get(st->intern, id.p, id.n);
	u64map_put(&st->cgroup_sets, (uint64_t)(uintptr_t)key, set);
	return set;
}

/* The text is what a set was made of. */
static bool is_cgroup_set(const struct cgroup_set *set, struct str raw)
{
	if (raw.n && raw.p[raw.n - 1] == '\0')
		raw.n--;
	return set && str_eq(istr_str(set->raw), raw);
}

void thread_set_cgroups(struct state *st, struct thread *t, struct str raw,
			const struct thread *like)
{
	const struct cgroup_set *set = like && is_cgroup_set(like->cgroup_set, raw)
					       ? like->cgroup_set
					       : cgroup_set_get(st, raw);

	if (!set || set == t->cgroup_set)
		return;
	t->cgroup_set = set;
	t->cgroups.v = set->v;
	t->cgroups.n = set->n;
}

void cgroup_sets_sweep(struct state *st)
{
	size_t pos = 0, n = 0;
	uint64_t key;
	void *v;
	uint64_t *dead;

	st->cgroup_round++;
	while (u64map_next(&st->threads, &pos, &key, &v)) {
		const struct thread *t = v;

		/* The sets are the state's own; a thread only reads them. */
		if (t->cgroup_set)
			((struct cgroup_set *)(uintptr_t)t->cgroup_set)->mark = st->cgroup_round;
	}
	dead = xcalloc(st->cgroup_sets.n + 1, sizeof(*dead));
	pos = 0;
	while (u64map_next(&st->cgroup_sets, &pos, &key, &v))
		if (((struct cgroup_set *)v)->mark != st->cgroup_round)
			dead[n++] = key;
	for (size_t i = 0; i < n; i++)
		free(u64map_del(&st->cgroup_sets, dead[i]));
	free(dead);
	st->cgroup_sets_swept = st->cgroup_sets.n;
}

void cgroup_sets_free(struct state *st)
{
	size_t pos = 0;
	uint64_t key;
	void *v;

	while (u64map_next(&st->cgroup_sets, &pos, &key, &v))
		free(v);
	u64map_free(&st->cgroup_sets);
}
