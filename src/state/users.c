#include <stdlib.h>

#include "base/xalloc.h"
#include "state/state_impl.h"

/* Names that begin with these are markers of the name service, not users. */
static bool is_marker(struct str name)
{
	return name.n && (name.p[0] == '+' || name.p[0] == '-');
}

static void put_user(struct state *st, struct id_table *ids, uint32_t uid, uint32_t gid,
		     struct str name, struct str home, struct str shell)
{
	struct user_entry *u = u64map_get(&ids->users, uid);

	if (uid == NO_ID || is_marker(name))
		return;
	if (!u) {
		if (st->n_ids >= st->opt.max_users) {
			st->stats.users_dropped++;
			return;
		}
		u = xcalloc(1, sizeof(*u));
		u64map_put(&ids->users, uid, u);
		st->n_ids++;
	}
	*u = (struct user_entry){
		.uid = uid,
		.gid = gid,
		.name = intern_get(st->intern, name.p, name.n),
		.home = intern_get(st->intern, home.p, home.n),
		.shell = intern_get(st->intern, shell.p, shell.n),
	};
	state_touch(st);
}

static void put_group(struct state *st, struct id_table *ids, uint32_t gid, struct str name)
{
	struct group_entry *g = u64map_get(&ids->groups, gid);

	if (gid == NO_ID || is_marker(name))
		return;
	if (!g) {
		if (st->n_ids >= st->opt.max_users) {
			st->stats.users_dropped++;
			return;
		}
		g = xcalloc(1, sizeof(*g));
		u64map_put(&ids->groups, gid, g);
		st->n_ids++;
	}
	*g = (struct group_entry){ gid, intern_get(st->intern, name.p, name.n) };
	state_touch(st);
}

static void free_map(struct state *st, struct u64map *m)
{
	size_t pos = 0;
	uint64_t key;
	void *v;

	st->n_ids -= (uint32_t)m->n;
	while (u64map_next(m, &pos, &key, &v))
		free(v);
	u64map_free(m);
}

void id_table_free(struct state *st, struct id_table *t)
{
	free_map(st, &t->users);
	free_map(st, &t->groups);
}

void id_table_mark(struct state *st, const struct id_table *t)
{
	size_t pos = 0;
	uint64_t key;
	void *v;

	while (u64map_next(&t->users, &pos, &key, &v)) {
		const struct user_entry *u = v;

		intern_mark(st->intern, u->name);
		intern_mark(st->intern, u->home);
		intern_mark(st->intern, u->shell);
	}
	pos = 0;
	while (u64map_next(&t->groups, &pos, &key, &v))
		intern_mark(st->intern, ((const struct group_entry *)v)->name);
}

void users_load(struct state *st, const struct snapshot *snap)
{
	for (size_t i = 0; i < snap->users.n; i++) {
		const struct snap_user *u = &snap->users.v[i];

		put_user(st, &st->host_ids, u->uid, u->gid, u->name, u->home, u->shell);
	}
	for (size_t i = 0; i < snap->groups.n; i++)
		put_group(st, &st->host_ids, snap->groups.v[i].gid, snap->groups.v[i].name);
}

/* The table a meta event is about; NULL when it is a container's that is not there. */
static struct id_table *table_of(struct state *st, const struct event *ev, unsigned param,
				 bool create)
{
	struct container *c;
	struct str id;

	if (!event_param_str(ev, param, &id) || !id.n || str_eqz(id, "host"))
		return &st->host_ids;
	c = create ? container_get(st, id) : state_container(st, id);
	if (!c)
		return NULL;
	if (!c->ids)
		c->ids = xcalloc(1, sizeof(*c->ids));
	return c->ids;
}

static struct str text_param(const struct event *ev, unsigned i)
{
	struct str s;

	return event_param_str(ev, i, &s) ? s : STR("");
}

void parse_user_added(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	struct id_table *ids;
	int64_t uid;

	if (!event_param_int(ev, 0, &uid))
		return;
	ids = table_of(st, ev, 5, true);
	if (ids)
		put_user(st, ids, (uint32_t)uid, (uint32_t)event_param_int_or(ev, 1, NO_ID),
			 text_param(ev, 2), text_param(ev, 3), text_param(ev, 4));
}

void parse_group_added(struct state *st, struct event_ctx *ctx)
{
	struct id_table *ids;
	int64_t gid;

	if (!event_param_int(ctx->ev, 0, &gid))
		return;
	ids = table_of(st, ctx->ev, 2, true);
	if (ids)
		put_group(st, ids, (uint32_t)gid, text_param(ctx->ev, 1));
}

static void delete_id(struct state *st, struct u64map *m, uint32_t id)
{
	void *v = u64map_del(m, id);

	if (!v)
		return;
	free(v);
	st->n_ids--;
	state_touch(st);
}

void parse_user_deleted(struct state *st, struct event_ctx *ctx)
{
	struct id_table *ids = table_of(st, ctx->ev, 5, false);
	int64_t uid;

	if (ids && event_param_int(ctx->ev, 0, &uid))
		delete_id(st, &ids->users, (uint32_t)uid);
}

void parse_group_deleted(struct state *st, struct event_ctx *ctx)
{
	struct id_table *ids = table_of(st, ctx->ev, 2, false);
	int64_t gid;

	if (ids && event_param_int(ctx->ev, 0, &gid))
		delete_id(st, &ids->groups, (uint32_t)gid);
}

const struct user_entry *state_user(const struct state *st, const struct container *c, uint32_t uid)
{
	const struct id_table *ids = c ? c->ids : &st->host_ids;

	return ids ? u64map_get(&ids->users, uid) : NULL;
}

const struct group_entry *state_group(const struct state *st, const struct container *c,
				      uint32_t gid)
{
	const struct id_table *ids = c ? c->ids : &st->host_ids;

	return ids ? u64map_get(&ids->groups, gid) : NULL;
}
