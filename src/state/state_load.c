#include <stdlib.h>

#include "base/compiler.h"
#include "base/xalloc.h"
#include "event/event_text.h"
#include "state/state_impl.h"

static int64_t id_of(uint64_t v)
{
	return v <= INT64_MAX ? (int64_t)v : -1;
}

static const struct istr *text(struct state *st, struct str s)
{
	ptrdiff_t nul = str_chr(s, '\0');

	return intern_get(st->intern, s.p, nul < 0 ? s.n : (size_t)nul);
}

static void load_thread(struct state *st, const struct snap_thread *s)
{
	struct thread *t = state_thread(st, id_of(s->tid));

	/* The last entry with a tid counts. */
	if (t)
		thread_remove(st, t->tid);
	t = thread_create(st, id_of(s->tid));
	if (!t)
		return;
	t->pid = id_of(s->pid);
	t->ptid = id_of(s->ptid);
	t->sid = s->sid;
	t->vpgid = s->vpgid;
	t->pgid = s->pgid;
	t->vtid = s->vtid;
	t->vpid = s->vpid;
	t->flags = s->flags | THREAD_ACTIVE;
	if (!thread_is_main(t))
		t->flags |= THREAD_CLONE_FILES;
	else
		t->flags &= ~(uint32_t)THREAD_CLONE_FILES;
	t->uid = s->uid;
	t->gid = s->gid;
	t->loginuid = s->loginuid;
	t->tty = s->tty;
	t->fdlimit = s->fdlimit;
	t->comm = text(st, s->comm);
	t->exe = text(st, s->exe);
	thread_set_exepath(st, t, istr_str(text(st, s->exepath)));
	t->root = text(st, s->root);
	thread_set_args(st, t, s->args, NULL);
	thread_set_cmdline(st, t, NULL);
	thread_set_env(st, t, s->env);
	if (thread_is_main(t)) {
		strbuf_reset(&st->path);
		path_join(STR(""), istr_str(text(st, s->cwd)), &st->path);
		if (!st->path.n || st->path.s[st->path.n - 1] != '/')
			strbuf_addc(&st->path, '/');
		t->cwd = intern_get(st->intern, st->path.s, st->path.n);
	}
	t->cap_inheritable = s->cap_inheritable;
	t->cap_permitted = s->cap_permitted;
	t->cap_effective = s->cap_effective;
	t->exe_writable = s->exe_writable;
	t->exe_upper_layer = s->exe_upper_layer;
	t->exe_lower_layer = s->exe_lower_layer;
	t->exe_from_memfd = s->exe_from_memfd;
	t->exe_ino = s->exe_ino;
	t->exe_ctime = s->exe_ino_ctime;
	t->exe_mtime = s->exe_ino_mtime;
	t->vmsize_kb = s->vmsize_kb;
	t->vmrss_kb = s->vmrss_kb;
	t->vmswap_kb = s->vmswap_kb;
	t->pfmajor = s->pfmajor;
	t->pfminor = s->pfminor;
	t->pidns_init_start_ts = s->pidns_init_start_ts;
	thread_set_cgroups(st, t, s->cgroups, NULL);
}

static void load_fd(struct state *st, const struct snap_fd *s)
{
	struct thread *t = state_thread(st, id_of(s->tid));
	struct fd_table *fds = t ? thread_fds_rw(st, t) : NULL;
	struct fd_entry *f;
	struct ipaddr a, b;

	if (!fds)
		return;
	f = fd_table_add(fds, s->fd);
	if (!f) {
		st->stats.fds_dropped++;
		return;
	}
	fd_set_name(f, st->empty);
	f->nameraw = st->empty;
	f->type = s->type;
	f->ino = s->ino;
	f->l4proto = s->l4proto;
	f->sip = s->sip;
	f->dip = s->dip;
	f->sport = s->sport;
	f->dport = s->dport;
	f->unix_src = s->unix_src;
	f->unix_dst = s->unix_dst;
	f->openflags = s->open_flags;
	f->dev = s->dev;
	if (f->openflags & F_FD_UPPER_LAYER)
		f->flags |= FD_OVERLAY_UPPER;
	if (f->openflags & F_FD_LOWER_LAYER)
		f->flags |= FD_OVERLAY_LOWER;
	f->stamp = ++st->stamp;
	fd_set_name(f, text(st, s->name));
	switch (f->type) {
	case FD_IPV6_SOCK:
		if (ipaddr_v4_mapped(&f->sip, &a) && ipaddr_v4_mapped(&f->dip, &b)) {
			f->type = FD_IPV4_SOCK;
			f->sip = a;
			f->dip = b;
		}
		FALLTHROUGH;
	case FD_IPV4_SOCK:
		ifaces_patch(st, f);
		if (f->l4proto == L4_TCP)
			f->flags |= FD_CONNECTED;
		FALLTHROUGH;
	case FD_IPV4_SERVSOCK:
	case FD_IPV6_SERVSOCK:
		strbuf_reset(&st->text);
		fd_socket_text(f, &st->text);
		fd_set_name(f, intern_get(st->intern, st->text.s, st->text.n));
		if (f->type == FD_IPV4_SERVSOCK || f->type == FD_IPV6_SERVSOCK)
			f->role = FD_ROLE_SERVER;
		break;
	case FD_UNIX_SOCK:
		f->role = fd_name(f)->n ? FD_ROLE_SERVER : FD_ROLE_CLIENT;
		break;
	}
}

/* Who listens on what: IPv4 connections from such a port were accepted, the others made. */
static void fix_roles(struct state *st, const struct snapshot *snap)
{
	uint8_t *listening = xcalloc(1, 65536 / 8);

	for (size_t i = 0; i < snap->fds.n; i++) {
		const struct snap_fd *s = &snap->fds.v[i];

		if (s->type == FD_IPV4_SERVSOCK || s->type == FD_IPV6_SERVSOCK)
			listening[s->sport / 8] |= (uint8_t)(1u << s->sport % 8);
	}
	for (size_t i = 0; i < snap->fds.n; i++) {
		const struct snap_fd *s = &snap->fds.v[i];
		struct thread *t = state_thread(st, id_of(s->tid));
		struct fd_table *fds = t ? thread_fds(st, t) : NULL;
		struct fd_entry *f = fds ? fd_table_edit(fds, s->fd) : NULL;

		if (!f || f->type != FD_IPV4_SOCK || f->role != FD_ROLE_NONE)
			continue;
		if (listening[f->sport / 8] >> f->sport % 8 & 1) {
			fd_swap_ends(f);
			f->role = FD_ROLE_SERVER;
			strbuf_reset(&st->text);
			fd_socket_text(f, &st->text);
			fd_set_name(f, intern_get(st->intern, st->text.s, st->text.n));
		} else {
			f->role = FD_ROLE_CLIENT;
		}
	}
	free(listening);
}

void state_load(struct state *st, const struct snapshot *snap)
{
	thread_table_clear(st);
	st->first_ts = 0;
	st->section_began = false;
	/* Users and groups are a host's: another one's mean nothing here. */
	if (snap->machine.present && st->machine.present &&
	    !str_eq(snap->machine.hostname, st->machine.hostname))
		id_table_free(st, &st->host_ids);
	if (snap->machine.present || !st->machine.present) {
		free(st->hostname);
		st->machine = snap->machine;
		st->hostname = xmalloc(snap->machine.hostname.n + 1);
		if (snap->machine.hostname.n)
			memcpy(st->hostname, snap->machine.hostname.p, snap->machine.hostname.n);
		st->hostname[snap->machine.hostname.n] = '\0';
		st->machine.hostname.p = st->hostname;
	}
	ifaces_load(st, snap);
	users_load(st, snap);
	for (size_t i = 0; i < snap->threads.n; i++)
		load_thread(st, &snap->threads.v[i]);
	/* Groups and tree once all are there, in the order of the list. */
	for (size_t i = 0; i < snap->threads.n; i++) {
		struct thread *t = state_thread(st, id_of(snap->threads.v[i].tid));

		if (!t || t->group)
			continue;
		thread_link(st, t);
		thread_set_container(st, t, NULL);
	}
	for (size_t i = 0; i < snap->fds.n; i++)
		load_fd(st, &snap->fds.v[i]);
	fix_roles(st, snap);
	state_touch(st);
}
