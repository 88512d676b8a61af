#include "capture/snapshot_mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hashmap.h"
#include "capture/proc_file.h"

#define MAX_TABLE      (64u << 20)
#define MAX_MOUNTS     (1u << 16) /* of all namespaces together */
#define MAX_NAMESPACES (1u << 16)
#define MAX_TEXT       4095

/* A namespace, and a thread in it. */
struct namespace
{
	uint64_t ino, pid, tid;
	bool read;
};

struct mount_tables {
	int proc;
	struct snapshot *snap;
	VEC(struct namespace) all; /* in the order in which they were met */
	struct u64map places;      /* inode -> 1 + place in `all` */
	struct strbuf text;
	uint64_t left_out; /* mounts and namespaces beyond the limits */
};

struct mount_tables *mount_tables_new(int proc, struct snapshot *s)
{
	struct mount_tables *t = xcalloc(1, sizeof(*t));

	t->proc = proc;
	t->snap = s;
	strbuf_init(&t->text);
	return t;
}

/* The next word of a line; the kernel writes blanks, newlines and backslashes in it as \ooo. */
static struct str take_field(struct str *line, struct arena *arena)
{
	struct str word;
	size_t n = 0;
	char *text;

	if (!line->p || !str_split(line, ' ', &word))
		return (struct str){ "", 0 };
	text = arena_alloc(arena, word.n + 1);
	for (struct str at = word; at.n && n < MAX_TEXT; at = str_from(at, 1)) {
		char c = at.p[0];

		if (c == '\\' && at.n > 3 && at.p[1] >= '0' && at.p[1] <= '3' && at.p[2] >= '0' &&
		    at.p[2] <= '7' && at.p[3] >= '0' && at.p[3] <= '7') {
			c = (char)((at.p[1] - '0') << 6 | (at.p[2] - '0') << 3 | (at.p[3] - '0'));
			at = str_from(at, 3);
		}
		text[n++] = c;
	}
	return str_mem(text, n);
}

static uint64_t take_number(struct str *line)
{
	unsigned long long v = 0;
	struct str word;

	if (line->p && str_split(line, ' ', &word))
		(void)str_to_u64(word, &v);
	return v;
}

/*
 * "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue". Of the fields
 * before the dash there may be none or many.
 */
bool mountinfo_parse(struct str line, struct arena *arena, struct snap_mount *ret)
{
	struct snap_mount m = { 0 };
	unsigned long long major = 0, minor = 0;
	struct str word, number, optional = { "", 0 };
	bool dash = false;

	m.id = take_number(&line);
	m.parent = take_number(&line);
	if (line.p && str_split(&line, ' ', &word) && str_split(&word, ':', &number)) {
		(void)str_to_u64(number, &major);
		if (word.p)
			(void)str_to_u64(word, &minor);
	}
	m.major = (uint32_t)major;
	m.minor = (uint32_t)minor;
	m.root = take_field(&line, arena);
	m.point = take_field(&line, arena);
	m.options = take_field(&line, arena);
	while (!dash && line.p && str_split(&line, ' ', &word)) {
		dash = str_eqz(word, "-");
		if (!dash && word.p) {
			if (!optional.n)
				optional.p = word.p;
			optional.n = (size_t)(word.p + word.n - optional.p);
		}
	}
	m.propagation = arena_str(arena, optional);
	m.fstype = take_field(&line, arena);
	m.source = take_field(&line, arena);
	m.super = take_field(&line, arena);
	*ret = m;
	return dash && m.point.n;
}

/* 0 or -errno. A process that has ended reads as empty. */
static int take_table(struct mount_tables *t, int dir, struct namespace *ns)
{
	int r = proc_read(dir, "mountinfo", MAX_TABLE, &t->text);
	struct str rest = strbuf_str(&t->text), line;
	struct snap_mount m;

	if (r < 0 || !rest.n)
		return r;
	ns->read = true;
	while (str_split(&rest, '\n', &line)) {
		if (!line.n)
			continue;
		if (t->snap->mounts.n >= MAX_MOUNTS)
			t->left_out++;
		else if (mountinfo_parse(line, &t->snap->arena, &m)) {
			m.ns = ns->ino;
			vec_push(&t->snap->mounts, m);
		}
	}
	return 0;
}

static struct namespace *namespace_of(struct mount_tables *t, uint64_t ino)
{
	size_t place = (size_t)(uintptr_t)u64map_get(&t->places, ino);
	struct namespace *ns;

	if (place)
		return &t->all.v[place - 1];
	if (t->all.n >= MAX_NAMESPACES) {
		t->left_out++;
		return NULL;
	}
	ns = vec_add(&t->all);
	ns->ino = ino;
	(void)u64map_put(&t->places, ino, (void *)(uintptr_t)t->all.n);
	return ns;
}

uint64_t mount_tables_see(struct mount_tables *t, int dir, const struct snap_thread *th,
			  int *ret_error)
{
	unsigned long long ino = 0;
	struct namespace *ns;
	struct str text;
	int r = proc_link(dir, "ns/mnt", &t->text); /* "mnt:[4026531841]" */

	*ret_error = r < 0 ? r : 0;
	text = strbuf_str(&t->text);
	if (r < 0 || !str_starts(text, STR("mnt:[")) || !str_ends(text, STR("]")) ||
	    !str_to_u64((struct str){ text.p + 5, text.n - 6 }, &ino) || !ino)
		return 0;
	ns = namespace_of(t, ino);
	if (ns && !ns->read) {
		if (str_eqz(th->root, "/"))
			*ret_error = take_table(t, dir, ns);
		else if (!ns->tid) {
			ns->pid = th->pid;
			ns->tid = th->tid;
		}
	}
	return ino;
}

/* A namespace of which no thread with its root was met. */
static void take_rest(struct mount_tables *t, struct namespace *ns)
{
	char path[64];
	int dir;

	snprintf(path, sizeof(path), "%llu/task/%llu", (unsigned long long)ns->pid,
		 (unsigned long long)ns->tid);
	dir = openat(t->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	/* unless the thread has ended and its number is another's */
	if (proc_link(dir, "ns/mnt", &t->text) == 0) {
		unsigned long long ino;
		struct str s = strbuf_str(&t->text);

		if (s.n > 6 && str_to_u64((struct str){ s.p + 5, s.n - 6 }, &ino) && ino == ns->ino)
			(void)take_table(t, dir, ns);
	}
	close(dir);
}

void mount_tables_finish(struct mount_tables *t, struct diag *diag)
{
	for (size_t i = 0; i < t->all.n; i++)
		if (!t->all.v[i].read && t->all.v[i].tid)
			take_rest(t, &t->all.v[i]);
	if (t->left_out)
		diag_add(diag, DIAG_WARNING, "SNAPSHOT",
			 "%llu mounts are left out of the snapshot: it holds %u at most",
			 (unsigned long long)t->left_out, MAX_MOUNTS);
	u64map_free(&t->places);
	vec_free(&t->all);
	strbuf_release(&t->text);
	free(t);
}
