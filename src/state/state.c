#include "state/state.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "state/state_impl.h"

void state_options_default(struct state_options *o)
{
	*o = (struct state_options){
		.max_threads = 262144,
		.max_fds = 4096,
		.max_containers = 65536,
		.max_users = 1048576,
	};
}

struct state *state_new(const struct state_options *o)
{
	struct state *st = xcalloc(1, sizeof(*st));

	if (o)
		st->opt = *o;
	else
		state_options_default(&st->opt);
	st->types = xcalloc(EVENT_N_TYPES, sizeof(*st->types));
	state_types_init(st->types);
	st->intern = intern_new();
	st->empty = intern_empty(st->intern);
	st->na = intern_get(st->intern, "<NA>", 4);
	st->new_fd =
		(struct fd_entry){ .l4proto = L4_NA, .kept_name = st->empty, .nameraw = st->empty };
	thread_template_init(st);
	st->cache = xcalloc(THREAD_CACHE, sizeof(*st->cache));
	st->exited = xcalloc(EXITED_RING, sizeof(*st->exited));
	st->exited_tids = xcalloc(EXITED_TIDS, sizeof(*st->exited_tids));
	opened_new(st);
	strbuf_init(&st->path);
	strbuf_init(&st->text);
	st->name_text = xcalloc(1, sizeof(*st->name_text));
	strbuf_init(st->name_text);
	return st;
}

void state_free(struct state *st)
{
	if (!st)
		return;
	thread_table_clear(st);
	threads_free(st);
	containers_free(st);
	cgroup_sets_free(st);
	id_table_free(st, &st->host_ids);
	enter_free_all(st);
	vec_free(&st->ifaces);
	strbuf_release(&st->path);
	strbuf_release(&st->text);
	strbuf_release(st->name_text);
	free(st->name_text);
	free(st->hostname);
	free(st->cache);
	free(st->exited);
	free(st->exited_tids);
	free(st->types);
	opened_free(st);
	intern_free(st->intern);
	free(st);
}

const struct state_stats *state_stats(const struct state *st)
{
	return &st->stats;
}

struct intern *state_intern(struct state *st)
{
	return st->intern;
}

const struct snap_machine *state_machine(const struct state *st)
{
	return &st->machine;
}

const struct state_options *state_opts(const struct state *st)
{
	return &st->opt;
}

static void mark_fd(void *arg, const struct fd_entry *f)
{
	if (f->naming == FD_NAME_KEPT)
		intern_mark(arg, f->kept_name);
	intern_mark(arg, f->nameraw);
}

static void mark_thread(struct state *st, const struct thread *t)
{
	const struct istr *const all[] = {
		t->comm, t->exe, t->exepath,   t->cwd,     t->root,
		t->args, t->env, t->args_text, t->cmdline,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		intern_mark(st->intern, all[i]);
	if (t->fds)
		fd_table_walk(t->fds, st->fd_round, mark_fd, st->intern);
}

void state_sweep(struct state *st)
{
	size_t pos = 0;
	uint64_t key;
	void *v;

	cgroup_sets_sweep(st);
	intern_mark_begin(st->intern);
	intern_mark(st->intern, st->na);
	st->fd_round++;
	while (u64map_next(&st->threads, &pos, &key, &v))
		mark_thread(st, v);
	pos = 0;
	while (u64map_next(&st->cgroup_sets, &pos, &key, &v)) {
		const struct cgroup_set *set = v;

		intern_mark(st->intern, set->raw);
		intern_mark(st->intern, set->container_id);
		for (size_t i = 0; i < set->n; i++) {
			intern_mark(st->intern, set->v[i].subsys);
			intern_mark(st->intern, set->v[i].path);
		}
	}
	id_table_mark(st, &st->host_ids);
	for (const struct container *c = st->live.first; c; c = c->next)
		if (c->ids)
			id_table_mark(st, c->ids);
	for (const struct container *c = st->idle.first; c; c = c->next)
		if (c->ids)
			id_table_mark(st, c->ids);
	intern_sweep(st->intern);
	/* They hold strings that may be gone. */
	opened_forget(st);
	st->plain_cwd = NULL;
}

void state_tidy(struct state *st)
{
	opened_make_room(st);
	if (intern_wants_sweep(st->intern))
		state_sweep(st);
	else if (st->cgroup_sets.n > 2 * st->cgroup_sets_swept + 1024)
		cgroup_sets_sweep(st);
}

/* What the last event left for now, so that rules could still see it. */
void state_do_deferred(struct state *st)
{
	st->deferred = false;
	if (st->forget) {
		container_forget(st, st->forget);
		st->forget = NULL;
	}
	if (st->remove_pending) {
		st->remove_pending = false;
		thread_remove(st, st->remove_tid);
	}
	if (st->close_pending) {
		struct thread *t = state_thread(st, st->close_tid);
		struct fd_table *fds = t ? thread_fds(st, t) : NULL;

		st->close_pending = false;
		if (fds)
			fd_table_del(fds, st->close_fd);
	}
}

void state_settle(struct state *st)
{
	if (st->deferred)
		state_do_deferred(st);
}
