#include <stdlib.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "state/state_impl.h"

/* " key=value", left out when it says nothing. */
static void num(struct strbuf *out, const char *key, int64_t v, int64_t unset)
{
	if (v == unset)
		return;
	strbuf_addf(out, " %s=", key);
	strbuf_addi(out, v);
}

static void hex(struct strbuf *out, const char *key, uint64_t v)
{
	if (!v)
		return;
	strbuf_addf(out, " %s=0x", key);
	strbuf_addx(out, v);
}

/* Quoted; a quote inside is doubled with a backslash, NULs show as \0. */
static void quote(struct strbuf *out, struct str s)
{
	strbuf_addc(out, '"');
	while (s.n) {
		size_t n = 0;

		while (n < s.n && s.p[n] != '"' && s.p[n] != '\0')
			n++;
		text_escape(out, (struct str){ s.p, n });
		if (n < s.n)
			strbuf_adds(out, s.p[n] ? "\\\"" : "\\0");
		s = str_from(s, n < s.n ? n + 1 : n);
	}
	strbuf_addc(out, '"');
}

static void text(struct strbuf *out, const char *key, struct str s)
{
	if (!s.n)
		return;
	strbuf_addf(out, " %s=", key);
	quote(out, s);
}

static void flag(struct strbuf *out, const char *key, bool set)
{
	if (set)
		strbuf_addf(out, " %s", key);
}

static void dump_fd(const struct fd_entry *f, struct strbuf *out)
{
	static const char *const roles[] = { "", "client", "server" };

	strbuf_adds(out, "  fd ");
	strbuf_addi(out, f->num);
	num(out, "type", f->type, -1);
	text(out, "name", istr_str(fd_name(f)));
	text(out, "raw", istr_str(f->nameraw));
	hex(out, "flags", f->openflags);
	num(out, "dev", f->dev, 0);
	num(out, "ino", (int64_t)f->ino, 0);
	if (fd_is_ip(f)) {
		strbuf_adds(out, " ends=");
		fd_socket_text(f, out);
		num(out, "l4", f->l4proto, -1);
	}
	hex(out, "src", f->unix_src);
	hex(out, "dst", f->unix_dst);
	num(out, "pid", f->pid, 0);
	flag(out, roles[f->role], f->role != FD_ROLE_NONE);
	flag(out, "connected", f->flags & FD_CONNECTED);
	flag(out, "pending", f->flags & FD_CONNECT_PENDING);
	flag(out, "failed", f->flags & FD_CONNECT_FAILED);
	flag(out, "upper", f->flags & FD_OVERLAY_UPPER);
	flag(out, "lower", f->flags & FD_OVERLAY_LOWER);
	strbuf_addc(out, '\n');
}

static void dump_thread(const struct thread *t, struct strbuf *out)
{
	const struct fd_entry *f;
	size_t pos = 0;

	strbuf_adds(out, "thread ");
	strbuf_addi(out, t->tid);
	num(out, "pid", t->pid, -1);
	num(out, "ptid", t->ptid, -1);
	num(out, "vtid", t->vtid, -1);
	num(out, "vpid", t->vpid, -1);
	num(out, "sid", t->sid, -1);
	num(out, "vpgid", t->vpgid, -1);
	num(out, "pgid", t->pgid, -1);
	hex(out, "flags", t->flags);
	text(out, "comm", istr_str(t->comm));
	text(out, "exe", istr_str(t->exe));
	text(out, "exepath", istr_str(t->exepath));
	text(out, "args", istr_str(t->args));
	text(out, "cmdline", istr_str(t->cmdline));
	text(out, "env", istr_str(t->env));
	text(out, "cwd", istr_str(t->cwd));
	text(out, "root", istr_str(t->root));
	num(out, "uid", t->uid, NO_ID);
	num(out, "gid", t->gid, NO_ID);
	num(out, "loginuid", t->loginuid, NO_ID);
	num(out, "tty", t->tty, 0);
	num(out, "fdlimit", t->fdlimit, -1);
	hex(out, "capi", t->cap_inheritable);
	hex(out, "capp", t->cap_permitted);
	hex(out, "cape", t->cap_effective);
	flag(out, "writable", t->exe_writable);
	flag(out, "upper", t->exe_upper_layer);
	flag(out, "lower", t->exe_lower_layer);
	flag(out, "memfd", t->exe_from_memfd);
	num(out, "ino", (int64_t)t->exe_ino, 0);
	num(out, "ctime", (int64_t)t->exe_ctime, 0);
	num(out, "mtime", (int64_t)t->exe_mtime, 0);
	num(out, "ctime_dur_clone", (int64_t)t->ctime_dur_clone, 0);
	num(out, "ctime_dur_pidns", (int64_t)t->ctime_dur_pidns, 0);
	num(out, "vm", t->vmsize_kb, 0);
	num(out, "rss", t->vmrss_kb, 0);
	num(out, "swap", t->vmswap_kb, 0);
	num(out, "majflt", (int64_t)t->pfmajor, 0);
	num(out, "minflt", (int64_t)t->pfminor, 0);
	num(out, "pidns_start", (int64_t)t->pidns_init_start_ts, 0);
	num(out, "clone", (int64_t)t->clone_ts, 0);
	num(out, "exec", (int64_t)t->lastexec_ts, 0);
	if (t->container)
		text(out, "container", t->container->id);
	for (size_t i = 0; i < t->cgroups.n; i++) {
		strbuf_adds(out, i ? "," : " cgroups=");
		text_escape(out, istr_str(t->cgroups.v[i].subsys));
		strbuf_addc(out, ':');
		text_escape(out, istr_str(t->cgroups.v[i].path));
	}
	strbuf_addc(out, '\n');
	while (t->fds && (f = fd_table_next(t->fds, &pos)))
		dump_fd(f, out);
	if (t->enter)
		strbuf_addf(out, "  in %u\n", t->enter->type);
}

static void dump_groups(const struct state *st, struct strbuf *out)
{
	uint64_t *keys = u64map_sorted_keys(&st->groups);

	for (size_t i = 0; i < st->groups.n; i++) {
		const struct thread_group *g = u64map_get(&st->groups, keys[i]);

		strbuf_adds(out, "group ");
		strbuf_addi(out, g->pid);
		strbuf_addf(out, " alive=%u", g->alive);
		flag(out, "reaper", g->reaper);
		strbuf_adds(out, " threads=");
		for (const struct thread *t = g->first; t; t = t->group_next) {
			strbuf_addi(out, t->tid);
			if (t->group_next)
				strbuf_addc(out, ',');
		}
		strbuf_addc(out, '\n');
	}
	free(keys);
}

static void dump_ids(const struct id_table *ids, const char *where, struct strbuf *out)
{
	uint64_t *keys = u64map_sorted_keys(&ids->users);

	for (size_t i = 0; i < ids->users.n; i++) {
		const struct user_entry *u = u64map_get(&ids->users, keys[i]);

		strbuf_addf(out, "%suser %u", where, u->uid);
		num(out, "gid", u->gid, NO_ID);
		text(out, "name", istr_str(u->name));
		text(out, "home", istr_str(u->home));
		text(out, "shell", istr_str(u->shell));
		strbuf_addc(out, '\n');
	}
	free(keys);
	keys = u64map_sorted_keys(&ids->groups);
	for (size_t i = 0; i < ids->groups.n; i++) {
		const struct group_entry *g = u64map_get(&ids->groups, keys[i]);

		strbuf_addf(out, "%sgroupid %u", where, g->gid);
		text(out, "name", istr_str(g->name));
		strbuf_addc(out, '\n');
	}
	free(keys);
}

static void dump_containers(const struct state *st, struct strbuf *out)
{
	struct container **v;
	size_t n;

	v = state_containers_sorted(st, &n);
	for (size_t i = 0; i < n; i++) {
		const struct container *c = v[i];

		strbuf_adds(out, "container ");
		quote(out, c->id);
		num(out, "threads", c->n_threads, 0);
		text(out, "full_id", c->full_id);
		text(out, "type", c->type);
		text(out, "name", c->name);
		text(out, "image", c->image);
		text(out, "ip", c->ip);
		flag(out, "privileged", c->privileged);
		for (size_t j = 0; j < c->mounts.n; j++)
			text(out, "mount", c->mounts.v[j].source);
		for (size_t j = 0; j < c->labels.n; j++)
			text(out, "label", c->labels.v[j].key);
		strbuf_addc(out, '\n');
		if (c->ids)
			dump_ids(c->ids, "  ", out);
	}
	free(v);
}

void state_dump(const struct state *st, struct strbuf *out)
{
	struct thread **threads;
	size_t n;

	threads = state_threads_sorted(st, &n);
	for (size_t i = 0; i < n; i++)
		dump_thread(threads[i], out);
	free(threads);
	dump_groups(st, out);
	dump_containers(st, out);
	dump_ids(&st->host_ids, "", out);
}
