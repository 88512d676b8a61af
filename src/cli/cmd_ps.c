/*
 * eyas ps: the processes at a moment of a trace.
 */
#include <stdlib.h>

#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/look.h"

static const struct option_row rows[] = {
	LOOK_MOMENT_ROWS,
	LOOK_PROCESS_ROWS,
	{ 'T', "threads", NULL, "a line for each thread" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas ps [OPTION]... TRACE [FILTER]",
	.about =
		"Lists the processes as they were at a moment of a trace: all, or those for which FILTER, a\n"
		"condition as in rules over fields proc.*, thread.*, user.*, group.* and container.*, is true.",
	.rows = rows,
	.more = "A trace - is standard input. STARTED is known of processes that began while it was recorded.",
};

enum {
	C_USER,
	C_UID,
	C_GID,
	C_LOGINUID,
	C_PID,
	C_TID,
	C_PPID,
	C_SID,
	C_PGID,
	C_VPID,
	C_THREADS,
	C_FDS,
	C_CONTAINER,
	C_CONTAINER_ID,
	C_TTY,
	C_STARTED,
	C_EXECUTED,
	C_COMM,
	C_EXEPATH,
	C_CWD,
	C_ROOT,
	C_ARGV,
	C_COMMAND,
	N_COLUMNS
};

static const struct table_column columns[N_COLUMNS] = {
	[C_USER] = { "USER", "user", 0 },
	[C_UID] = { NULL, "uid", 0 },
	[C_GID] = { NULL, "gid", 0 },
	[C_LOGINUID] = { NULL, "loginuid", 0 },
	[C_PID] = { "PID", "pid", TABLE_RIGHT },
	[C_TID] = { "TID", "tid", TABLE_RIGHT | TABLE_OPTIONAL },
	[C_PPID] = { "PPID", "ppid", TABLE_RIGHT },
	[C_SID] = { NULL, "sid", 0 },
	[C_PGID] = { NULL, "pgid", 0 },
	[C_VPID] = { NULL, "vpid", 0 },
	[C_THREADS] = { "NLWP", "threads", TABLE_RIGHT },
	[C_FDS] = { NULL, "fds", 0 },
	[C_CONTAINER] = { "CONTAINER", "container", TABLE_OPTIONAL },
	[C_CONTAINER_ID] = { NULL, "container_id", 0 },
	[C_TTY] = { "TTY", "tty", 0 },
	[C_STARTED] = { "STARTED", "started", 0 },
	[C_EXECUTED] = { NULL, "executed", 0 },
	[C_COMM] = { NULL, "comm", 0 },
	[C_EXEPATH] = { NULL, "exepath", 0 },
	[C_CWD] = { NULL, "cwd", 0 },
	[C_ROOT] = { NULL, "root", 0 },
	[C_ARGV] = { NULL, "argv", 0 },
	[C_COMMAND] = { "COMMAND", "command", 0 },
};

static void text_if(struct look *l, size_t column, const struct istr *s)
{
	if (s->n)
		table_text(l->table, column, istr_str(s));
}

static void id_if(struct look *l, size_t column, int64_t v)
{
	if (v >= 0)
		table_int(l->table, column, v);
}

static void uid_if(struct look *l, size_t column, uint32_t v)
{
	if (v != UINT32_MAX)
		table_uint(l->table, column, v);
}

/* argv[0] and the others, each as it was. */
static void add_argv(struct look *l, const struct thread *t)
{
	struct str rest = istr_str(t->args), word;
	struct json_writer w;

	if (!t->exe->n)
		return;
	strbuf_reset(&l->text);
	json_init(&w, &l->text);
	json_begin_array(&w);
	json_str(&w, istr_str(t->exe));
	while (rest.n && str_split(&rest, '\0', &word) && rest.p)
		json_str(&w, word);
	json_end_array(&w);
	table_json(l->table, C_ARGV, strbuf_str(&l->text));
}

static void add_process(struct look *l, const struct thread *t)
{
	const struct thread *m = thread_main(l->st, t);
	const struct fd_table *fds = thread_fds(l->st, t);
	struct table *tab = l->table;

	if (!m)
		m = t;
	strbuf_reset(&l->text);
	/* A number can be given again: with the time it is another process. */
	strbuf_addi(&l->text, t->tid);
	strbuf_addc(&l->text, '@');
	strbuf_addu(&l->text, t->clone_ts);
	table_row(tab, strbuf_str(&l->text));
	look_user(l, C_USER, t);
	uid_if(l, C_UID, t->uid);
	uid_if(l, C_GID, t->gid);
	uid_if(l, C_LOGINUID, t->loginuid);
	table_int(tab, C_PID, t->pid);
	if (l->threads)
		table_int(tab, C_TID, t->tid);
	id_if(l, C_PPID, t->ptid);
	id_if(l, C_SID, t->sid);
	id_if(l, C_PGID, t->pgid);
	id_if(l, C_VPID, t->vpid);
	table_uint(tab, C_THREADS, t->group->alive);
	table_uint(tab, C_FDS, fds ? fd_table_count(fds) : 0);
	look_container(l, C_CONTAINER, t);
	if (t->container)
		table_text(tab, C_CONTAINER_ID, t->container->id);
	strbuf_reset(&l->text);
	if (tty_name(t->tty, &l->text))
		table_text(tab, C_TTY, strbuf_str(&l->text));
	if (t->clone_ts)
		table_time(tab, C_STARTED, t->clone_ts);
	if (t->lastexec_ts)
		table_time(tab, C_EXECUTED, t->lastexec_ts);
	text_if(l, C_COMM, t->comm);
	text_if(l, C_EXEPATH, t->exepath);
	text_if(l, C_CWD, m->cwd);
	text_if(l, C_ROOT, t->root);
	add_argv(l, t);
	strbuf_reset(&l->text);
	process_command(t, &l->text);
	table_text(tab, C_COMMAND, strbuf_str(&l->text));
}

static void fill(struct look *l)
{
	size_t n;
	struct thread **v = look_processes(l->st, l->threads, &n);

	for (size_t i = 0; i < n; i++)
		if (look_wants(l, v[i]) && look_matches(l, v[i], NULL))
			add_process(l, v[i]);
	free(v);
}

static int option(struct look *l, const struct option_state *st, int key)
{
	(void)st;
	(void)key; /* there is one */
	l->threads = true;
	return 0;
}

static const char *const classes[] = { "process", "user", "group", "container", NULL };

static const struct look_view view = {
	.spec = &spec,
	.command = "eyas ps",
	.columns = columns,
	.n_columns = N_COLUMNS,
	.classes = classes,
	.option = option,
	.fill = fill,
};

int cmd_ps(int argc, char **argv)
{
	return look_main(&view, argc, argv);
}
