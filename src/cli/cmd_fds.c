/*
 * eyas fds: the open files of processes at a moment of a trace.
 */
#include <stdlib.h>

#include "cli/command.h"
#include "cli/look.h"
#include "cli/look_socket.h"
#include "event/event_text.h"
#include "fields/field.h"

enum { OPT_PORT = 256, OPT_TYPE };

static const struct option_row rows[] = {
	LOOK_MOMENT_ROWS,
	LOOK_PROCESS_ROWS,
	{ OPT_PORT, "port", "N", "only sockets with this port at either end" },
	{ 'a', "all", NULL, "also current directories (cwd), roots (rtd) and programs (txt)" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas fds [OPTION]... TRACE [FILTER]",
	.about =
		"Lists the open descriptors of processes as they were at a moment of a trace: all, or those for\n"
		"which FILTER, a condition as in rules over fields fd.*, proc.*, user.*, container.* and the like,\n"
		"is true.",
	.rows = rows,
	.more = "A trace - is standard input. Access is r, w or u (both), where it is known.",
};

enum {
	C_COMM,
	C_PID,
	C_USER,
	C_CONTAINER,
	C_CONTAINER_ID,
	C_FD,
	C_NUM,
	C_ACCESS,
	C_TYPE,
	C_FLAGS,
	C_DEVICE,
	C_INODE,
	C_PROTOCOL,
	C_LOCAL,
	C_PEER,
	C_NAME,
	N_COLUMNS
};

static const struct table_column columns[N_COLUMNS] = {
	[C_COMM] = { "COMMAND", "comm", 0 },
	[C_PID] = { "PID", "pid", TABLE_RIGHT },
	[C_USER] = { "USER", "user", 0 },
	[C_CONTAINER] = { "CONTAINER", "container", TABLE_OPTIONAL },
	[C_CONTAINER_ID] = { NULL, "container_id", 0 },
	[C_FD] = { "FD", NULL, TABLE_RIGHT },
	[C_NUM] = { NULL, "fd", 0 },
	[C_ACCESS] = { NULL, "access", 0 },
	[C_TYPE] = { "TYPE", "type", 0 },
	[C_FLAGS] = { NULL, "flags", 0 },
	[C_DEVICE] = { "DEVICE", "device", TABLE_RIGHT | TABLE_OPTIONAL },
	[C_INODE] = { "NODE", "inode", TABLE_RIGHT },
	[C_PROTOCOL] = { NULL, "protocol", 0 },
	[C_LOCAL] = { NULL, "local", 0 },
	[C_PEER] = { NULL, "peer", 0 },
	[C_NAME] = { "NAME", "name", 0 },
};

static void begin_row(struct look *l, const struct thread *t, struct str what)
{
	strbuf_reset(&l->text);
	strbuf_addi(&l->text, t->pid);
	strbuf_addc(&l->text, ' ');
	strbuf_addstr(&l->text, what);
	table_row(l->table, strbuf_str(&l->text));
	table_text(l->table, C_COMM, istr_str(t->comm));
	table_int(l->table, C_PID, t->pid);
	look_user(l, C_USER, t);
	look_container(l, C_CONTAINER, t);
	if (t->container)
		table_text(l->table, C_CONTAINER_ID, t->container->id);
}

/* Letter of the access mode; '\0' when it was not recorded. */
static char access_letter(const struct fd_entry *f)
{
	static const char letters[] = { '\0', 'r', 'w', 'u' };

	if (fd_is_ip(f) || f->type == FD_UNIX_SOCK || f->type == FD_NETLINK)
		return 'u';
	return letters[f->openflags & 3];
}

static void add_flags(struct look *l, const struct fd_entry *f)
{
	if (!f->openflags)
		return;
	strbuf_reset(&l->text);
	flags_text(flag_table(STR("file_flags")), f->openflags, &l->text);
	if (l->text.n)
		table_text(l->table, C_FLAGS, strbuf_str(&l->text));
}

static void add_fd(struct look *l, const struct thread *t, const struct fd_entry *f)
{
	char access = access_letter(f), num[32];
	struct table *tab = l->table;
	struct socket_ends ends;

	snprintf(num, sizeof(num), "%lld", (long long)f->num);
	begin_row(l, t, str_of(num));
	table_int(tab, C_NUM, f->num);
	strbuf_reset(&l->text);
	strbuf_adds(&l->text, num);
	if (access) {
		table_text(tab, C_ACCESS, (struct str){ &access, 1 });
		strbuf_addc(&l->text, access);
	}
	table_text(tab, C_FD, strbuf_str(&l->text));
	table_text(tab, C_TYPE, str_of(field_fd_type_text(f->type)));
	add_flags(l, f);
	if (f->dev) {
		/* As the kernel packs a device number (new_encode_dev). */
		strbuf_reset(&l->text);
		strbuf_addf(&l->text, "%u,%u", (f->dev >> 8) & 0xfff,
			    (f->dev & 0xff) | ((f->dev >> 12) & 0xfff00));
		table_text(tab, C_DEVICE, strbuf_str(&l->text));
	}
	if (f->ino)
		table_uint(tab, C_INODE, f->ino);
	if (socket_ends(f, &ends)) {
		table_text(tab, C_PROTOCOL, str_of(socket_protocol(f)));
		strbuf_reset(&l->text);
		socket_end_text(&ends.local, ends.local_port, &l->text);
		table_text(tab, C_LOCAL, strbuf_str(&l->text));
		if (ends.has_peer) {
			strbuf_reset(&l->text);
			socket_end_text(&ends.peer, ends.peer_port, &l->text);
			table_text(tab, C_PEER, strbuf_str(&l->text));
		}
	}
	if (fd_name(f)->n)
		table_text(tab, C_NAME, istr_str(fd_name(f)));
}

static void add_path(struct look *l, const struct thread *t, const char *what, struct str path)
{
	if (!path.n)
		return;
	/* The state's directories end in a slash. */
	if (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	begin_row(l, t, str_of(what));
	table_text(l->table, C_FD, str_of(what));
	table_text(l->table, C_TYPE, str_of(what[0] == 't' ? "file" : "directory"));
	table_text(l->table, C_NAME, path);
}

static bool wanted(struct look *l, struct thread *t, const struct fd_entry *f)
{
	if (l->has_port && !(fd_is_ip(f) && (f->sport == l->port || f->dport == l->port)))
		return false;
	return look_matches(l, t, f);
}

static void fill(struct look *l)
{
	size_t n;
	struct thread **v = look_processes(l->st, false, &n);

	for (size_t i = 0; i < n; i++) {
		struct thread *t = v[i];
		const struct fd_table *fds = thread_fds(l->st, t);
		const struct fd_entry *f;
		size_t pos = 0;

		if (!look_wants(l, t))
			continue;
		if (l->all && !l->has_port && !l->filter) {
			add_path(l, t, "cwd", thread_cwd(l->st, t));
			add_path(l, t, "rtd", istr_str(t->root));
			add_path(l, t, "txt", istr_str(t->exepath));
		}
		while (fds && (f = fd_table_next(fds, &pos)))
			if (wanted(l, t, f))
				add_fd(l, t, f);
	}
	free(v);
}

static int option(struct look *l, const struct option_state *st, int key)
{
	if (key == OPT_PORT)
		return look_port(l, st);
	l->all = true;
	return 0;
}

static const char *const classes[] = { "fd", "process", "user", "group", "container", NULL };

static const struct look_view view = {
	.spec = &spec,
	.command = "eyas fds",
	.columns = columns,
	.n_columns = N_COLUMNS,
	.classes = classes,
	.option = option,
	.fill = fill,
};

int cmd_fds(int argc, char **argv)
{
	return look_main(&view, argc, argv);
}
