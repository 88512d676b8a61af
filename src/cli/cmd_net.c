/*
 * eyas net: the sockets at a moment of a trace, with the processes that hold them.
 */
#include <stdlib.h>

#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/look.h"
#include "cli/look_socket.h"

enum { OPT_PORT = 256 };

static const struct option_row rows[] = {
	LOOK_MOMENT_ROWS,
	LOOK_PROCESS_ROWS,
	{ OPT_PORT, "port", "N", "only sockets with this port at either end" },
	{ 'l', "listening", NULL, "only sockets that wait for others" },
	{ 't', "tcp", NULL, "TCP sockets" },
	{ 'u', "udp", NULL, "UDP sockets" },
	{ 'x', "unix", NULL, "UNIX domain sockets" },
	{ 'a', "all", NULL, "also IP sockets without any address" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas net [OPTION]... TRACE [FILTER]",
	.about =
		"Lists the sockets as they were at a moment of a trace, with the processes that hold them: those of\n"
		"IP, or the kinds that are named, and for which FILTER, a condition as in rules over fields fd.*,\n"
		"proc.*, user.*, container.* and the like, is true.",
	.rows = rows,
	.more = "A trace - is standard input.",
};

enum {
	C_PROTOCOL,
	C_STATE,
	C_LOCAL,
	C_PEER,
	C_INODE,
	C_CONTAINER,
	C_CONTAINER_ID,
	C_PATH,
	C_PROCESSES,
	C_USERS,
	N_COLUMNS
};

static const struct table_column columns[N_COLUMNS] = {
	[C_PROTOCOL] = { "NETID", "protocol", 0 },
	[C_STATE] = { "STATE", "state", 0 },
	[C_LOCAL] = { "LOCAL", "local", 0 },
	[C_PEER] = { "PEER", "peer", 0 },
	[C_INODE] = { NULL, "inode", 0 },
	[C_CONTAINER] = { "CONTAINER", "container", TABLE_OPTIONAL },
	[C_CONTAINER_ID] = { NULL, "container_id", 0 },
	[C_PATH] = { "PATH", "path", TABLE_OPTIONAL },
	[C_PROCESSES] = { NULL, "processes", 0 },
	[C_USERS] = { "PROCESS", NULL, 0 },
};

/* A descriptor that is a socket. */
struct holder {
	struct thread *t;
	const struct fd_entry *f;
	struct socket_ends ends; /* of IP */
};

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_ip(const struct ipaddr *a, const struct ipaddr *b)
{
	int r = compare_u64(a->n, b->n);

	return r ? r : memcmp(a->b, b->b, a->n);
}

static int compare_container(const struct holder *a, const struct holder *b)
{
	struct str none = STR("");

	return str_cmp(a->t->container ? a->t->container->id : none,
		       b->t->container ? b->t->container->id : none);
}

/* Bound to a port that the kernel chose: no call tells which, the entry has only a name. */
static bool is_bound_anywhere(const struct holder *h)
{
	return fd_is_ip(h->f) && !h->ends.has_peer && !h->ends.local_port &&
	       str_ends(istr_str(fd_name(h->f)), STR(":0"));
}

/* An unbound socket is told apart only by who holds it. */
static bool is_unbound(const struct holder *h)
{
	return fd_is_ip(h->f) && !h->ends.has_peer && !h->ends.local_port && !h->f->ino &&
	       strcmp(socket_state(h->f), "LISTEN") != 0;
}

/* 0: as far as is known, the same socket. */
static int compare_socket(const struct holder *a, const struct holder *b)
{
	int r = strcmp(socket_protocol(a->f), socket_protocol(b->f));

	/* Listening ones first, as what they accepted belongs to them. */
	if (!r)
		r = -strcmp(socket_state(a->f), socket_state(b->f));
	if (!r)
		r = compare_ip(&a->ends.local, &b->ends.local);
	if (!r)
		r = compare_u64(a->ends.local_port, b->ends.local_port);
	if (!r)
		r = compare_ip(&a->ends.peer, &b->ends.peer);
	if (!r)
		r = compare_u64(a->ends.peer_port, b->ends.peer_port);
	if (!r)
		r = compare_container(a, b);
	if (!r)
		r = compare_u64(a->f->ino, b->f->ino);
	if (!r)
		r = compare_u64(a->f->unix_src, b->f->unix_src);
	if (!r && a->f->type == FD_UNIX_SOCK)
		r = str_cmp(istr_str(fd_name(a->f)), istr_str(fd_name(b->f)));
	if (!r &&
	    (is_unbound(a) || (a->f->type == FD_UNIX_SOCK && !a->f->ino && !a->f->unix_src))) {
		r = compare_u64((uint64_t)a->t->pid, (uint64_t)b->t->pid);
		if (!r)
			r = compare_u64((uint64_t)a->f->num, (uint64_t)b->f->num);
	}
	return r;
}

static int by_socket(const void *va, const void *vb)
{
	const struct holder *a = va, *b = vb;
	int r = compare_socket(a, b);

	if (!r)
		r = compare_u64((uint64_t)a->t->pid, (uint64_t)b->t->pid);
	return r ? r : compare_u64((uint64_t)a->f->num, (uint64_t)b->f->num);
}

static void add_processes(struct look *l, const struct holder *v, size_t n)
{
	struct json_writer w;

	strbuf_reset(&l->text);
	json_init(&w, &l->text);
	json_begin_array(&w);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(&w);
		json_key(&w, "comm");
		json_str(&w, istr_str(v[i].t->comm));
		json_key(&w, "pid");
		json_i64(&w, v[i].t->pid);
		json_key(&w, "fd");
		json_i64(&w, v[i].f->num);
		json_end_object(&w);
	}
	json_end_array(&w);
	table_json(l->table, C_PROCESSES, strbuf_str(&l->text));
	strbuf_reset(&l->text);
	for (size_t i = 0; i < n; i++) {
		strbuf_adds(&l->text, i ? "," : "");
		strbuf_addstr(&l->text, istr_str(v[i].t->comm));
		strbuf_addf(&l->text, "(%lld,fd=%lld)", (long long)v[i].t->pid,
			    (long long)v[i].f->num);
	}
	table_text(l->table, C_USERS, strbuf_str(&l->text));
}

/* What makes it this socket, whoever holds it. */
static void socket_key(const struct holder *h, struct strbuf *out)
{
	strbuf_reset(out);
	strbuf_addf(out, "%s %llx ", socket_protocol(h->f), (unsigned long long)h->f->unix_src);
	socket_end_text(&h->ends.local, h->ends.local_port, out);
	strbuf_addc(out, ' ');
	socket_end_text(&h->ends.peer, h->ends.peer_port, out);
	strbuf_addf(out, " %llu ", (unsigned long long)h->f->ino);
	if (h->t->container)
		strbuf_addstr(out, h->t->container->id);
	if (is_unbound(h) || h->f->type == FD_UNIX_SOCK) {
		strbuf_addf(out, " %lld %lld ", (long long)h->t->pid, (long long)h->f->num);
		strbuf_addstr(out, istr_str(fd_name(h->f)));
	}
}

/* "%x->%x path" of a connected one: the path alone. */
static struct str unix_path(const struct fd_entry *f)
{
	struct str name = istr_str(fd_name(f));
	ptrdiff_t arrow = str_find(name, STR("->")), blank = str_chr(name, ' ');

	return arrow > 0 && blank > arrow ? str_from(name, (size_t)blank + 1) : name;
}

static void add_socket(struct look *l, const struct holder *v, size_t n)
{
	const struct holder *h = &v[0];
	struct table *tab = l->table;
	struct ipaddr a = h->ends.local;

	socket_key(h, &l->text);
	table_row(tab, strbuf_str(&l->text));
	table_text(tab, C_PROTOCOL, str_of(socket_protocol(h->f)));
	table_text(tab, C_STATE, str_of(socket_state(h->f)));
	if (is_bound_anywhere(h)) {
		ipaddr_parse((struct str){ fd_name(h->f)->s, fd_name(h->f)->n - 2 }, &a);
		strbuf_reset(&l->text);
		socket_end_text(&a, 0, &l->text);
		table_text(tab, C_LOCAL, strbuf_str(&l->text));
	} else if (fd_is_ip(h->f)) {
		strbuf_reset(&l->text);
		socket_end_text(&h->ends.local, h->ends.local_port, &l->text);
		table_text(tab, C_LOCAL, strbuf_str(&l->text));
		if (h->ends.has_peer) {
			strbuf_reset(&l->text);
			socket_end_text(&h->ends.peer, h->ends.peer_port, &l->text);
			table_text(tab, C_PEER, strbuf_str(&l->text));
		}
	} else if (unix_path(h->f).n) {
		table_text(tab, C_PATH, unix_path(h->f));
	}
	if (h->f->ino)
		table_uint(tab, C_INODE, h->f->ino);
	look_container(l, C_CONTAINER, h->t);
	if (h->t->container)
		table_text(tab, C_CONTAINER_ID, h->t->container->id);
	add_processes(l, v, n);
}

static bool wanted_kind(const struct look *l, const struct fd_entry *f)
{
	bool any = l->tcp || l->udp || l->unix_sockets;

	if (f->type == FD_UNIX_SOCK)
		return l->unix_sockets;
	if (!fd_is_ip(f))
		return false;
	return !any || (l->tcp && f->l4proto == L4_TCP) || (l->udp && f->l4proto == L4_UDP);
}

static bool wanted(struct look *l, struct holder *h)
{
	if (!wanted_kind(l, h->f))
		return false;
	if (l->has_port && !(fd_is_ip(h->f) && (h->f->sport == l->port || h->f->dport == l->port)))
		return false;
	if (socket_ends(h->f, &h->ends) && is_unbound(h) && !is_bound_anywhere(h) && !l->all)
		return false;
	if (l->listening && (h->f->type == FD_UNIX_SOCK || h->ends.has_peer))
		return false;
	return look_matches(l, h->t, h->f);
}

static void fill(struct look *l)
{
	size_t n;
	struct thread **v = look_processes(l->st, false, &n);
	VEC(struct holder) holders = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct fd_table *fds = thread_fds(l->st, v[i]);
		struct holder h = { .t = v[i] };
		size_t pos = 0;

		if (!look_wants(l, v[i]))
			continue;
		while (fds && (h.f = fd_table_next(fds, &pos))) {
			memset(&h.ends, 0, sizeof(h.ends));
			if (wanted(l, &h))
				vec_push(&holders, h);
		}
	}
	free(v);
	if (holders.n)
		qsort(holders.v, holders.n, sizeof(*holders.v), by_socket);
	for (size_t i = 0; i < holders.n;) {
		size_t k = i + 1;

		while (k < holders.n && compare_socket(&holders.v[i], &holders.v[k]) == 0)
			k++;
		add_socket(l, holders.v + i, k - i);
		i = k;
	}
	vec_free(&holders);
}

static int option(struct look *l, const struct option_state *st, int key)
{
	switch (key) {
	case OPT_PORT:
		return look_port(l, st);
	case 'l':
		l->listening = true;
		break;
	case 't':
		l->tcp = true;
		break;
	case 'u':
		l->udp = true;
		break;
	case 'x':
		l->unix_sockets = true;
		break;
	default:
		l->all = true;
	}
	return 0;
}

static const char *const classes[] = { "fd", "process", "user", "group", "container", NULL };

static const struct look_view view = {
	.spec = &spec,
	.command = "eyas net",
	.columns = columns,
	.n_columns = N_COLUMNS,
	.classes = classes,
	.option = option,
	.fill = fill,
};

int cmd_net(int argc, char **argv)
{
	return look_main(&view, argc, argv);
}
