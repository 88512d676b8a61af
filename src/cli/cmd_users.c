/*
 * eyas users: the users at a moment of a trace, with what runs as them.
 */
#include <stdlib.h>

#include "base/hashmap.h"
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/look.h"

static const struct option_row rows[] = {
	LOOK_MOMENT_ROWS,
	{ OPT_USER, "user", "NAME", "only this user: a name or a number" },
	{ OPT_CONTAINER, "container", "NAME",
	  "only users in this container: an id, a name, or host for none" },
	{ 'a', "all", NULL, "also users as whom nothing runs" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas users [OPTION]... TRACE",
	.about =
		"Lists the users as whom processes ran at a moment of a trace, on the host and in each container,\n"
		"with the terminals of these processes.",
	.rows = rows,
	.more = "A trace - is standard input. Names are those of the recorded host and its containers.",
};

enum {
	C_USER,
	C_UID,
	C_GID,
	C_CONTAINER,
	C_CONTAINER_ID,
	C_PROCESSES,
	C_TTYS,
	C_TTY_LIST,
	C_HOME,
	C_SHELL,
	N_COLUMNS
};

static const struct table_column columns[N_COLUMNS] = {
	[C_USER] = { "USER", "user", 0 },
	[C_UID] = { "UID", "uid", TABLE_RIGHT },
	[C_GID] = { "GID", "gid", TABLE_RIGHT },
	[C_CONTAINER] = { "CONTAINER", "container", TABLE_OPTIONAL },
	[C_CONTAINER_ID] = { NULL, "container_id", 0 },
	[C_PROCESSES] = { "PROCESSES", "processes", TABLE_RIGHT },
	[C_TTYS] = { "TERMINALS", NULL, 0 },
	[C_TTY_LIST] = { NULL, "terminals", 0 },
	[C_HOME] = { "HOME", "home", 0 },
	[C_SHELL] = { "SHELL", "shell", 0 },
};

/* A user of the host or a container. */
struct who {
	const struct container *c; /* NULL: the host */
	uint32_t uid;
	const struct user_entry *entry; /* or NULL */
	uint64_t processes;
	VEC(uint32_t) ttys;
};

typedef VEC(struct who) who_vec;

static int by_container_and_uid(const void *va, const void *vb)
{
	const struct who *a = va, *b = vb;
	int r;

	if (!a->c != !b->c)
		return a->c ? 1 : -1;
	r = a->c ? str_cmp(a->c->id, b->c->id) : 0;
	return r ? r : a->uid < b->uid ? -1 : a->uid > b->uid;
}

static void add_known(const struct look *l, const struct container *c, who_vec *all)
{
	size_t n;
	const struct user_entry **v = state_users_sorted(l->st, c, &n);

	for (size_t i = 0; i < n; i++) {
		struct who w = { .c = c, .uid = v[i]->uid, .entry = v[i] };

		vec_push(all, w);
	}
	free(v);
}

/* One row for each user of whom there is an entry or a process, in order. */
static void collect(const struct look *l, who_vec *all)
{
	size_t n, kept = 0;
	struct container **containers = state_containers_sorted(l->st, &n);
	struct thread **threads;

	add_known(l, NULL, all);
	for (size_t i = 0; i < n; i++)
		add_known(l, containers[i], all);
	free(containers);
	threads = look_processes(l->st, false, &n);
	for (size_t i = 0; i < n; i++) {
		struct who w = { .c = threads[i]->container, .uid = threads[i]->uid };

		if (w.uid == UINT32_MAX)
			continue;
		w.processes = 1;
		if (threads[i]->tty)
			vec_push(&w.ttys, threads[i]->tty);
		vec_push(all, w);
	}
	free(threads);
	if (all->n)
		qsort(all->v, all->n, sizeof(*all->v), by_container_and_uid);
	for (size_t i = 0; i < all->n; i++) {
		struct who *w = &all->v[i], *last = kept ? &all->v[kept - 1] : NULL;

		if (!last || by_container_and_uid(last, w) != 0) {
			all->v[kept++] = *w;
			continue;
		}
		if (w->entry)
			last->entry = w->entry;
		last->processes += w->processes;
		for (size_t k = 0; k < w->ttys.n; k++)
			vec_push(&last->ttys, w->ttys.v[k]);
		vec_free(&w->ttys);
	}
	all->n = kept;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void add_ttys(struct look *l, struct who *w)
{
	struct strbuf name = STRBUF_INIT;
	struct strbuf list = STRBUF_INIT;
	struct json_writer j;

	if (!w->ttys.n)
		return;
	qsort(w->ttys.v, w->ttys.n, sizeof(*w->ttys.v), by_number);
	strbuf_reset(&l->text);
	json_init(&j, &list);
	json_begin_array(&j);
	for (size_t i = 0; i < w->ttys.n; i++) {
		if (i && w->ttys.v[i] == w->ttys.v[i - 1])
			continue;
		strbuf_reset(&name);
		tty_name(w->ttys.v[i], &name);
		strbuf_adds(&l->text, l->text.n ? "," : "");
		strbuf_addstr(&l->text, strbuf_str(&name));
		json_str(&j, strbuf_str(&name));
	}
	json_end_array(&j);
	table_text(l->table, C_TTYS, strbuf_str(&l->text));
	table_json(l->table, C_TTY_LIST, strbuf_str(&list));
	strbuf_release(&name);
	strbuf_release(&list);
}

static void add_user(struct look *l, struct who *w)
{
	const struct user_entry *u = w->entry;
	struct table *tab = l->table;

	strbuf_reset(&l->text);
	strbuf_addu(&l->text, w->uid);
	if (w->c) {
		strbuf_addc(&l->text, ' ');
		strbuf_addstr(&l->text, w->c->id);
	}
	table_row(tab, strbuf_str(&l->text));
	if (u && u->name->n)
		table_text(tab, C_USER, istr_str(u->name));
	table_uint(tab, C_UID, w->uid);
	if (u && u->gid != UINT32_MAX)
		table_uint(tab, C_GID, u->gid);
	if (w->c) {
		table_text(tab, C_CONTAINER, container_label(w->c));
		table_text(tab, C_CONTAINER_ID, w->c->id);
	}
	table_uint(tab, C_PROCESSES, w->processes);
	add_ttys(l, w);
	if (u && u->home->n)
		table_text(tab, C_HOME, istr_str(u->home));
	if (u && u->shell->n)
		table_text(tab, C_SHELL, istr_str(u->shell));
}

static bool wanted(const struct look *l, const struct who *w)
{
	unsigned long long uid;
	struct str want;

	if (!w->processes && !l->all)
		return false;
	if (l->user && !(w->entry && str_eqz(istr_str(w->entry->name), l->user)) &&
	    !(str_to_u64(str_of(l->user), &uid) && uid == w->uid))
		return false;
	if (!l->container)
		return true;
	want = str_of(l->container);
	if (!w->c)
		return str_eqz(want, "host");
	return str_eq(want, w->c->id) || str_eq(want, w->c->name) || str_eq(want, w->c->full_id);
}

static void fill(struct look *l)
{
	who_vec all = { 0 };

	collect(l, &all);
	for (size_t i = 0; i < all.n; i++) {
		if (wanted(l, &all.v[i]))
			add_user(l, &all.v[i]);
		vec_free(&all.v[i].ttys);
	}
	vec_free(&all);
}

static const struct look_view view = {
	.spec = &spec,
	.command = "eyas users",
	.columns = columns,
	.n_columns = N_COLUMNS,
	.fill = fill,
};

int cmd_users(int argc, char **argv)
{
	return look_main(&view, argc, argv);
}
