#include "capture/snapshot_select.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hashmap.h"
#include "base/vec.h"
#include "capture/proc_file.h"

#define MAX_DEPTH 4096 /* of ancestors: pids that are used again could make a ring */

struct process {
	uint64_t pid, ppid;
	uint8_t role; /* enum snapshot_role */
};

struct snapshot_select {
	VEC(struct process) all; /* not changed once by_pid points into it */
	struct u64map by_pid;
};

static void read_parents(struct snapshot_select *s, int proc)
{
	int fd = openat(proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct strbuf text = STRBUF_INIT;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		unsigned long long pid;
		char path[64];
		struct str line;

		if (!str_to_u64(str_of(e->d_name), &pid))
			continue;
		snprintf(path, sizeof(path), "%.20s/status", e->d_name);
		if (proc_read(proc, path, 65536, &text) < 0 ||
		    !proc_line(strbuf_str(&text), "PPid", &line))
			continue;
		vec_push(&s->all,
			 ((struct process){ pid, proc_number(line, 0, 10), SNAPSHOT_OTHER }));
	}
	if (d)
		closedir(d);
	strbuf_release(&text);
	for (size_t i = 0; i < s->all.n; i++)
		(void)u64map_put(&s->by_pid, s->all.v[i].pid, &s->all.v[i]);
}

/* Has it a selected ancestor? */
static bool descends(const struct snapshot_select *s, const struct process *p)
{
	for (unsigned i = 0; p && i < MAX_DEPTH; i++) {
		if (p->role == SNAPSHOT_SELECTED)
			return true;
		p = u64map_get(&s->by_pid, p->ppid);
	}
	return false;
}

static void mark_ancestors(struct snapshot_select *s, const struct process *of)
{
	struct process *p = u64map_get(&s->by_pid, of->ppid);

	while (p && p->role == SNAPSHOT_OTHER) {
		p->role = SNAPSHOT_ANCESTOR;
		p = u64map_get(&s->by_pid, p->ppid);
	}
}

struct snapshot_select *snapshot_select_new(int proc, const uint32_t *pids, size_t n,
					    bool descendants)
{
	struct snapshot_select *s = xcalloc(1, sizeof(*s));

	read_parents(s, proc);
	for (size_t i = 0; i < n; i++) {
		struct process *p = u64map_get(&s->by_pid, pids[i]);

		if (p)
			p->role = SNAPSHOT_SELECTED;
	}
	for (size_t i = 0; descendants && i < s->all.n; i++)
		if (descends(s, &s->all.v[i]))
			s->all.v[i].role = SNAPSHOT_SELECTED;
	for (size_t i = 0; i < s->all.n; i++)
		if (s->all.v[i].role == SNAPSHOT_SELECTED)
			mark_ancestors(s, &s->all.v[i]);
	return s;
}

void snapshot_select_free(struct snapshot_select *s)
{
	if (!s)
		return;
	u64map_free(&s->by_pid);
	vec_free(&s->all);
	free(s);
}

enum snapshot_role snapshot_select_role(const struct snapshot_select *s, uint64_t pid)
{
	const struct process *p = u64map_get(&s->by_pid, pid);

	return p ? (enum snapshot_role)p->role : SNAPSHOT_OTHER;
}
