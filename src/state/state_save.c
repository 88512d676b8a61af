/*
 * A state as bytes, and back.
 *
 * What is not written: stamps and what is remembered by them (both begin anew), caches, and
 * what follows from the rest (counts, links to parents, the lists' other directions).
 */
#include "state/state_save.h"

#include <errno.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "state/state_codec.h"

/* Bounds decide what is dropped: a state saved under others would go on differently. */
static void code_options(struct codec *c, struct state_options *o)
{
	code_u32(c, &o->max_threads);
	code_u32(c, &o->max_fds);
	code_u32(c, &o->max_containers);
	code_u32(c, &o->max_users);
	code_bool(c, &o->connection_tracking);
}

static void code_machine(struct codec *c)
{
	struct state *st = c->st;
	struct snap_machine *m = &st->machine;
	size_t n = st->ifaces.n;

	code_bool(c, &m->present);
	code_u32(c, &m->n_cpus);
	code_u64(c, &m->memory_bytes);
	code_u64(c, &m->max_pid);
	code_u64(c, &m->boot_ts);
	code_u64(c, &m->flags);
	code_u64(c, &m->reserved[0]);
	code_u64(c, &m->reserved[1]);
	code_str(c, &m->hostname);
	if (!c->saving) {
		st->hostname = xmalloc(m->hostname.n + 1);
		memcpy(st->hostname, m->hostname.p, m->hostname.n);
		st->hostname[m->hostname.n] = '\0';
		m->hostname.p = st->hostname;
	}
	code_count(c, &n, 5);
	for (size_t i = 0; i < n; i++) {
		struct snap_iface *f = c->saving ? &st->ifaces.v[i] : vec_add(&st->ifaces);

		f->name = STR("");
		code_u16(c, &f->type);
		code_ipaddr(c, &f->addr);
		code_ipaddr(c, &f->mask);
		code_ipaddr(c, &f->bcast);
		code_u64(c, &f->linkspeed);
	}
}

/* What the next event still has to do. */
static void code_deferred(struct codec *c)
{
	struct state *st = c->st;
	struct str id = st->forget ? st->forget->id : STR("");

	code_bool(c, &st->remove_pending);
	code_i64(c, &st->remove_tid);
	code_bool(c, &st->close_pending);
	code_i64(c, &st->close_tid);
	code_i64(c, &st->close_fd);
	code_str(c, &id);
	if (!c->saving && id.n) {
		st->forget = state_container(st, id);
		if (!st->forget)
			code_bad(c);
	}
	st->deferred = st->remove_pending || st->close_pending || st->forget;
}

/* The latest exits, the oldest first, as far as one may still ask for them. */
static void code_exited(struct codec *c)
{
	struct state *st = c->st;
	const struct exited *e;
	uint64_t ts = st->exited_ts;
	size_t n = 0;

	while (c->saving && exited_get(st, n, 0))
		n++;
	code_u64(c, &ts);
	st->exited_ts = ts;
	code_count(c, &n, 3);
	if (n > EXITED_RING) {
		code_bad(c);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct exited x = { 0 };
		int64_t before;

		e = c->saving ? exited_get(st, n - 1 - i, 0) : NULL;
		if (e)
			x = *e;
		before = (int64_t)(ts - x.ts);
		code_i64(c, &x.ptid);
		code_i64(c, &x.tid);
		code_i64(c, &before);
		x.ts = ts - (uint64_t)before;
		if (!c->saving)
			exited_add(st, &x);
	}
	st->exited_at &= EXITED_RING - 1;
}

static void code_enter(struct codec *c, struct thread *t)
{
	bool there = t->enter != NULL;
	struct stored_enter *e = t->enter;
	struct str text;

	code_bool(c, &there);
	if (!there)
		return;
	if (!c->saving)
		e = enter_new(c->st, t);
	if (!e) {
		code_bad(c);
		return;
	}
	text = strbuf_str(&e->text);
	code_u16(c, &e->type);
	code_bool(c, &e->has_text);
	code_i64(c, &e->dirfd);
	code_u32(c, &e->flags);
	code_str(c, &text);
	if (text.n > ENTER_BYTES_MAX)
		code_bad(c);
	else if (!c->saving)
		strbuf_addstr(&e->text, text);
}

static void restore_container(struct codec *c, struct thread *t, struct str id)
{
	struct container *k = state_container(c->st, id);

	if (!k || !u64map_get(&c->live, (uintptr_t)k)) {
		code_bad(c);
		return;
	}
	t->container = k;
	k->n_threads++;
}

static void code_cgroups(struct codec *c, struct thread *t)
{
	struct str id = t->container ? t->container->id : STR("");
	bool there = t->cgroup_set != NULL;
	const struct istr *raw = there ? t->cgroup_set->raw : NULL;

	code_bool(c, &there);
	if (there)
		code_istr(c, &raw);
	if (there && !c->saving) {
		struct strbuf text = STRBUF_INIT;

		/* The NUL that ends a list as events have it. */
		strbuf_add(&text, raw->s, raw->n);
		strbuf_addc(&text, '\0');
		thread_set_cgroups(c->st, t, strbuf_str(&text), NULL);
		strbuf_release(&text);
		if (!t->cgroup_set)
			code_bad(c);
	}
	code_str(c, &id);
	if (!c->saving && id.n)
		restore_container(c, t, id);
}

static void code_ids_of(struct codec *c, struct thread *t)
{
	int64_t *const ids[] = {
		&t->pid, &t->ptid, &t->reaper_tid, &t->sid, &t->vpgid, &t->pgid, &t->vtid, &t->vpid,
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		code_i64(c, ids[i]);
	code_u32(c, &t->flags);
	code_u32(c, &t->uid);
	code_u32(c, &t->gid);
	code_u32(c, &t->loginuid);
	code_u32(c, &t->tty);
	code_i64(c, &t->fdlimit);
}

static void code_strings_of(struct codec *c, struct thread *t)
{
	const struct istr **const all[] = {
		&t->comm, &t->exe, &t->exepath,   &t->cwd,     &t->root,
		&t->args, &t->env, &t->args_text, &t->cmdline,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		code_istr(c, all[i]);
	code_u32(c, &t->n_args);
	code_u32(c, &t->n_env);
}

static void code_numbers_of(struct codec *c, struct thread *t)
{
	uint64_t *const all[] = {
		&t->cap_inheritable, &t->cap_permitted,   &t->cap_effective,
		&t->exe_ino,         &t->exe_ctime,       &t->exe_mtime,
		&t->ctime_dur_clone, &t->ctime_dur_pidns, &t->pidns_init_start_ts,
		&t->clone_ts,        &t->lastexec_ts,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		code_u64(c, all[i]);
	code_bool(c, &t->exe_writable);
	code_bool(c, &t->exe_upper_layer);
	code_bool(c, &t->exe_lower_layer);
	code_bool(c, &t->exe_from_memfd);
}

/* What calls without other effect leave behind. */
static void code_passing(struct codec *c, struct thread *t)
{
	code_i64(c, &t->last_fd);
	code_u16(c, &t->last_type);
	code_bool(c, &t->last_valid);
	code_u64(c, &t->pfmajor);
	code_u64(c, &t->pfminor);
	code_u32(c, &t->vmsize_kb);
	code_u32(c, &t->vmrss_kb);
	code_u32(c, &t->vmswap_kb);
}

static void code_thread(struct codec *c, struct thread *t)
{
	code_ids_of(c, t);
	code_strings_of(c, t);
	code_numbers_of(c, t);
	if (!c->lasting)
		code_passing(c, t);
	code_cgroups(c, t);
	code_enter(c, t);
	code_fds(c, &t->fds);
}

static void code_threads(struct codec *c, struct thread **threads, size_t n)
{
	code_count(c, &n, 50);
	for (size_t i = 0; i < n && !c->in.bad; i++) {
		struct thread *t = threads ? threads[i] : NULL;
		int64_t tid = t ? t->tid : 0;

		code_i64(c, &tid);
		if (!c->saving)
			t = state_thread(c->st, tid) ? NULL : thread_create(c->st, tid);
		if (t)
			code_thread(c, t);
		else
			code_bad(c);
	}
}

/* A thread by its tid; restoring, NULL when there is none. */
static struct thread *code_link(struct codec *c, struct thread *t)
{
	int64_t tid = t ? t->tid : 0;

	code_i64(c, &tid);
	if (c->saving)
		return t;
	t = c->in.bad ? NULL : state_thread(c->st, tid);
	if (!t)
		code_bad(c);
	return t;
}

static size_t count_children(const struct thread *t)
{
	size_t n = 0;

	for (t = t->first_child; t; t = t->next_sibling)
		n++;
	return n;
}

/* The children of all threads, in the order in which each has them. */
static void code_tree(struct codec *c, struct thread **threads, size_t n_threads)
{
	size_t n = 0;

	for (size_t i = 0; c->saving && i < n_threads; i++)
		n += threads[i]->first_child != NULL;
	code_count(c, &n, 3);
	for (size_t i = 0; n && !c->in.bad; i++) {
		struct thread *p = c->saving ? threads[i] : NULL, *child;
		size_t children = p ? count_children(p) : 0;

		if (c->saving && !children)
			continue;
		n--;
		p = code_link(c, p);
		code_count(c, &children, 1);
		child = c->saving ? p->first_child : NULL;
		for (size_t k = 0; k < children && !c->in.bad; k++) {
			child = code_link(c, child);
			if (c->saving) {
				child = child->next_sibling;
				continue;
			}
			if (!p || !child || child->parent || child == p) {
				code_bad(c);
				return;
			}
			thread_add_child(p, child);
		}
	}
}

static void restore_member(struct codec *c, struct thread_group *g, struct thread *t)
{
	if (!t || t->group || t->pid != g->pid) {
		code_bad(c);
		return;
	}
	t->group = g;
	t->group_prev = g->last;
	if (g->last)
		g->last->group_next = t;
	else
		g->first = t;
	g->last = t;
	g->n++;
	g->alive += !(t->flags & THREAD_CLOSED);
}

static void code_group_of_threads(struct codec *c, struct thread_group *g)
{
	struct thread *t = g->first;
	size_t n = g->n;

	code_bool(c, &g->reaper);
	code_count(c, &n, 1);
	for (size_t i = 0; i < n && !c->in.bad; i++) {
		t = code_link(c, t);
		if (c->saving)
			t = t->group_next;
		else
			restore_member(c, g, t);
	}
	if (!n)
		code_bad(c);
}

static void code_thread_groups(struct codec *c)
{
	struct u64map *m = &c->st->groups;
	uint64_t *keys = c->saving ? u64map_sorted_keys(m) : NULL;
	size_t n = m->n;

	code_count(c, &n, 4);
	for (size_t i = 0; i < n && !c->in.bad; i++) {
		struct thread_group *g = keys ? u64map_get(m, keys[i]) : NULL;
		int64_t pid = g ? g->pid : 0;

		code_i64(c, &pid);
		if (!c->saving && u64map_get(m, (uint64_t)pid)) {
			code_bad(c);
			break;
		}
		if (!g) {
			g = xcalloc(1, sizeof(*g));
			g->pid = pid;
			u64map_put(m, (uint64_t)pid, g);
		}
		code_group_of_threads(c, g);
	}
	free(keys);
}

static void code_stats(struct codec *c)
{
	struct state_stats *s = &c->st->stats;
	uint64_t *const all[] = {
		&s->threads_dropped, &s->fds_dropped,    &s->containers_dropped,
		&s->users_dropped,   &s->fake_threads,   &s->failed_thread_lookups,
		&s->stored_evts,     &s->retrieved_evts, &s->enters_dropped,
		&s->json_errors,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		code_u64(c, all[i]);
	code_u32(c, &s->peak_threads);
}

static void code_state(struct codec *c)
{
	struct state *st = c->st;
	struct thread **threads = NULL;
	size_t n = 0;

	if (c->saving)
		threads = state_threads_sorted(st, &n);
	code_machine(c);
	code_u64(c, &st->n_events);
	code_u64(c, &st->first_ts);
	code_bool(c, &st->section_began);
	code_ids(c, &st->host_ids);
	code_containers(c);
	code_threads(c, threads, n);
	code_tree(c, threads, n);
	code_thread_groups(c);
	code_deferred(c);
	code_exited(c);
	/* Last: restoring counts, too. */
	if (!c->lasting)
		code_stats(c);
	free(threads);
}

static void save(const struct state *st, bool lasting, struct strbuf *out)
{
	/* Saving reads only. */
	struct codec c = { .st = (struct state *)(uintptr_t)st,
			   .saving = true,
			   .lasting = lasting };
	struct strbuf body = STRBUF_INIT;
	struct state_options opt = st->opt;

	c.out = &body;
	code_state(&c);
	c.out = out;
	varint_add(out, STATE_VERSION);
	code_options(&c, &opt);
	varint_add(out, c.strings.n);
	for (size_t i = 0; i < c.strings.n; i++)
		varint_add_str(out, istr_str(c.strings.v[i]));
	varint_add_str(out, strbuf_str(&body));
	strbuf_release(&body);
	u64map_free(&c.string_of);
	u64map_free(&c.page_of);
	vec_free(&c.strings);
	vec_free(&c.pages);
}

void state_save(const struct state *st, struct strbuf *out)
{
	save(st, false, out);
}

void state_save_lasting(struct state *st, struct strbuf *out)
{
	state_settle(st);
	/* Of what was settled before, which says nothing any more. */
	st->remove_tid = st->close_tid = st->close_fd = 0;
	save(st, true, out);
}

static bool same_options(const struct state_options *a, const struct state_options *b)
{
	return a->max_threads == b->max_threads && a->max_fds == b->max_fds &&
	       a->max_containers == b->max_containers && a->max_users == b->max_users &&
	       a->connection_tracking == b->connection_tracking;
}

/* Strings are good until the state's next event begins: by then all that are needed are held. */
static void restore_strings(struct codec *c)
{
	size_t n = 0;

	code_count(c, &n, 1);
	vec_reserve(&c->strings, n + 1);
	for (size_t i = 0; i < n && !c->in.bad; i++) {
		struct str s = varint_get_str(&c->in);

		vec_push(&c->strings, intern_get(c->st->intern, s.p, s.n));
	}
}

int state_restore(struct state *st, struct cursor *from)
{
	struct codec c = { .st = st, .in = *from };
	struct state_options opt = { 0 };
	struct str body;
	const char *why;
	int r = 0;

	if (cursor_varint(&c.in) != STATE_VERSION)
		return -ENOTSUP;
	code_options(&c, &opt);
	if (c.in.bad)
		return -EBADMSG;
	if (!same_options(&opt, &st->opt))
		return -ENOTSUP;
	restore_strings(&c);
	body = varint_get_str(&c.in);
	*from = c.in;
	if (!c.in.bad) {
		c.in = cursor_of(body.p, body.n);
		code_state(&c);
	}
	if (c.in.bad || cursor_left(&c.in) || !state_check(st, &why))
		r = -EBADMSG;
	state_touch(st);
	vec_free(&c.strings);
	vec_free(&c.pages);
	u64map_free(&c.live);
	return r;
}
