#include "capture/snapshot_cgroups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hashmap.h"
#include "capture/proc_file.h"
#include "capture/snapshot_mounts.h"

#define MAX_CGROUPS (1u << 16)
#define MAX_DEPTH   64
#define MAX_TABLE   (16u << 20)
#define TICK_EVERY  64

struct hierarchy {
	uint32_t number;
	struct str controllers;    /* empty: the unified one */
	struct str point, mounted; /* where, and which of its groups is there; no p: not mounted */
};

struct cgroup_tables {
	const char *root;
	struct snapshot *snap;
	VEC(struct hierarchy) all;
	struct strmap texts; /* of threads, seen before; keys in the arena */
	struct strmap rows;  /* "number:path", present in the snapshot or to be */
	VEC(struct snap_cgroup) seen;
	struct arena arena;
	struct strbuf path, text;
	uint64_t left_out;
	unsigned ticks;
	void (*tick)(void *arg);
	void *tick_arg;
};

/* The next of "4:cpu,cpuacct:/a/path" lines; false at their end. */
static bool take_line(struct str *text, uint32_t *number, struct str *controllers, struct str *path)
{
	struct str line, id;
	unsigned long long v;

	while (str_split(text, '\n', &line)) {
		if (!str_split(&line, ':', &id) || !line.p || !str_split(&line, ':', controllers) ||
		    !line.p || !str_to_u64(id, &v))
			continue;
		*number = (uint32_t)v;
		*path = line;
		return true;
	}
	return false;
}

/* Each of the controllers is among a file system's options. */
static bool controls(struct str options, struct str controllers)
{
	struct str one, option, rest;

	while (str_split(&controllers, ',', &one)) {
		bool found = false;

		rest = options;
		while (!found && str_split(&rest, ',', &option))
			found = str_eq(one, option);
		if (!found)
			return false;
	}
	return true;
}

static bool is_cgroup_mount(const struct snap_mount *m, const struct hierarchy *h)
{
	return h->controllers.n ? str_eqz(m->fstype, "cgroup") && controls(m->super, h->controllers)
				: str_eqz(m->fstype, "cgroup2");
}

/* The recorder's own line of every hierarchy, and where it sees them mounted. */
static void find_hierarchies(struct cgroup_tables *t)
{
	struct str rest, line, path;
	struct hierarchy h = { 0 };

	strbuf_reset(&t->path);
	strbuf_addf(&t->path, "%s/proc/self/cgroup", t->root);
	if (proc_read(AT_FDCWD, t->path.s, MAX_TABLE, &t->text) < 0)
		return;
	rest = strbuf_str(&t->text);
	while (take_line(&rest, &h.number, &h.controllers, &path)) {
		h.controllers = arena_str(&t->arena, h.controllers);
		vec_push(&t->all, h);
	}
	strbuf_reset(&t->path);
	strbuf_addf(&t->path, "%s/proc/self/mountinfo", t->root);
	if (proc_read(AT_FDCWD, t->path.s, MAX_TABLE, &t->text) < 0)
		return;
	rest = strbuf_str(&t->text);
	while (str_split(&rest, '\n', &line)) {
		struct snap_mount m;

		if (!mountinfo_parse(line, &t->arena, &m))
			continue;
		for (size_t i = 0; i < t->all.n; i++) {
			struct hierarchy *to = &t->all.v[i];

			if (!is_cgroup_mount(&m, to) || (to->point.p && str_eqz(to->mounted, "/")))
				continue;
			to->point = m.point;
			to->mounted = m.root;
		}
	}
}

struct cgroup_tables *cgroup_tables_new(const char *root, struct snapshot *s)
{
	struct cgroup_tables *t = xcalloc(1, sizeof(*t));

	t->root = root;
	t->snap = s;
	arena_init(&t->arena);
	strbuf_init(&t->path);
	strbuf_init(&t->text);
	find_hierarchies(t);
	return t;
}

/* False when the row is there already, or there are too many. */
static bool is_new(struct cgroup_tables *t, uint32_t number, struct str path)
{
	struct str key = str_of(arena_printf(&t->arena, "%u:%.*s", number, STR_FMT(path)));

	if (strmap_has(&t->rows, key))
		return false;
	if (t->rows.n >= MAX_CGROUPS) {
		t->left_out++;
		return false;
	}
	strmap_put(&t->rows, key, NULL);
	return true;
}

void cgroup_tables_see(struct cgroup_tables *t, struct str text)
{
	struct snap_cgroup c = { 0 };

	if (strmap_has(&t->texts, text))
		return;
	text = arena_str(&t->arena, text);
	strmap_put(&t->texts, text, NULL);
	while (take_line(&text, &c.hierarchy, &c.controllers, &c.path))
		if (is_new(t, c.hierarchy, c.path))
			vec_push(&t->seen, c);
}

/* What the group's directory tells of it. */
static void look_into(struct cgroup_tables *t, int dir, struct snap_cgroup *c)
{
	struct str rest, line;
	struct stat st;

	if (fstat(dir, &st) == 0)
		c->id = st.st_ino;
	/* only the unified hierarchy tells, and not of its root */
	if (c->controllers.n || proc_read(dir, "cgroup.events", 4096, &t->text) < 0)
		return;
	rest = strbuf_str(&t->text);
	while (str_split(&rest, '\n', &line)) {
		if (str_starts(line, STR("populated ")))
			c->populated =
				str_ends(line, STR(" 0")) ? SNAP_POPULATED_NO : SNAP_POPULATED_YES;
	}
}

static void add_row(struct cgroup_tables *t, const struct snap_cgroup *c)
{
	struct snap_cgroup row = *c;

	row.controllers = arena_str(&t->snap->arena, c->controllers);
	row.path = arena_str(&t->snap->arena, c->path);
	vec_push(&t->snap->cgroups, row);
	if (t->tick && ++t->ticks % TICK_EVERY == 0)
		t->tick(t->tick_arg);
}

static const struct hierarchy *hierarchy_of(const struct cgroup_tables *t, uint32_t number)
{
	for (size_t i = 0; i < t->all.n; i++)
		if (t->all.v[i].number == number)
			return &t->all.v[i];
	return NULL;
}

/* A group that threads are in; when its directory cannot be found it has just its name. */
static void add_seen(struct cgroup_tables *t, struct snap_cgroup *c)
{
	const struct hierarchy *h = hierarchy_of(t, c->hierarchy);
	struct str below = c->path;
	int dir;

	/* outside of what the recorder's own cgroup namespace shows, it begins with "/.." */
	if (h && h->point.p && !str_starts(below, STR("/.."))) {
		if (!str_eqz(h->mounted, "/") && str_starts(below, h->mounted))
			below = str_from(below, h->mounted.n);
		strbuf_reset(&t->path);
		strbuf_addf(&t->path, "%s%.*s%.*s", t->root, STR_FMT(h->point), STR_FMT(below));
		dir = open(t->path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir >= 0) {
			look_into(t, dir, c);
			close(dir);
		}
	}
	add_row(t, c);
}

/* The group whose directory is `dir`, which is closed, and those below it. */
static void walk(struct cgroup_tables *t, const struct hierarchy *h, int dir, struct str path,
		 unsigned depth)
{
	struct snap_cgroup c = { .hierarchy = h->number,
				 .controllers = h->controllers,
				 .path = path.n ? path : STR("/") };
	struct dirent *e;
	DIR *d;

	if (is_new(t, h->number, c.path)) {
		look_into(t, dir, &c);
		add_row(t, &c);
	}
	d = fdopendir(dir);
	if (!d) {
		close(dir);
		return;
	}
	while (t->rows.n < MAX_CGROUPS && (e = readdir(d))) {
		struct str below;
		int sub;

		if (e->d_name[0] == '.' || (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN))
			continue;
		sub = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (sub < 0)
			continue;
		if (depth >= MAX_DEPTH) {
			t->left_out++;
			close(sub);
			continue;
		}
		below = str_of(arena_printf(&t->arena, "%.*s/%s", STR_FMT(path), e->d_name));
		walk(t, h, sub, below, depth + 1);
	}
	closedir(d);
}

void cgroup_tables_finish(struct cgroup_tables *t, bool all, void (*tick)(void *arg),
			  void *tick_arg, struct diag *diag)
{
	t->tick = tick;
	t->tick_arg = tick_arg;
	for (size_t i = 0; i < t->seen.n; i++)
		add_seen(t, &t->seen.v[i]);
	for (size_t i = 0; all && i < t->all.n; i++) {
		const struct hierarchy *h = &t->all.v[i];
		int dir;

		if (!h->point.p)
			continue;
		strbuf_reset(&t->path);
		strbuf_addf(&t->path, "%s%.*s", t->root, STR_FMT(h->point));
		dir = open(t->path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir >= 0)
			walk(t, h, dir, str_eqz(h->mounted, "/") ? STR("") : h->mounted, 0);
	}
	if (t->left_out)
		diag_add(
			diag, DIAG_WARNING, "SNAPSHOT",
			"control groups are left out of the snapshot: it holds %u at most, in %u levels",
			MAX_CGROUPS, MAX_DEPTH);
	strmap_free(&t->texts);
	strmap_free(&t->rows);
	vec_free(&t->all);
	vec_free(&t->seen);
	strbuf_release(&t->path);
	strbuf_release(&t->text);
	arena_destroy(&t->arena);
	free(t);
}
