#include "state/container.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "base/xalloc.h"
#include "state/state_impl.h"

#define SHORT_ID 12

static struct container *find(const struct state *st, struct str id, uint64_t hash)
{
	struct container *c = u64map_get(&st->containers, hash);

	while (c && !str_eq(c->id, id))
		c = c->next_hash;
	return c;
}

struct container *state_container(const struct state *st, struct str id)
{
	struct container *c = find(st, id, hash_bytes(id.p, id.n));

	if (c || id.n <= SHORT_ID)
		return c;
	id.n = SHORT_ID;
	return find(st, id, hash_bytes(id.p, id.n));
}

static void list_push(struct container_list *l, struct container *c)
{
	c->prev = l->last;
	c->next = NULL;
	if (l->last)
		l->last->next = c;
	else
		l->first = c;
	l->last = c;
	l->n++;
}

static void list_del(struct container_list *l, struct container *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		l->first = c->next;
	if (c->next)
		c->next->prev = c->prev;
	else
		l->last = c->prev;
	l->n--;
}

static uint64_t ip_key(const struct ipaddr *a)
{
	return get_le32(a->b);
}

void container_add_ip(struct state *st, struct container *c)
{
	struct container *first;

	if (!ipaddr_parse(c->ip, &c->ip4) || c->ip4.n != 4) {
		c->ip4.n = 0;
		return;
	}
	first = u64map_put(&st->container_ips, ip_key(&c->ip4), c);
	c->prev_ip = NULL;
	c->next_ip = first;
	if (first)
		first->prev_ip = c;
}

void container_drop_ip(struct state *st, struct container *c)
{
	if (c->ip4.n != 4)
		return;
	if (c->next_ip)
		c->next_ip->prev_ip = c->prev_ip;
	if (c->prev_ip)
		c->prev_ip->next_ip = c->next_ip;
	else if (c->next_ip)
		u64map_put(&st->container_ips, ip_key(&c->ip4), c->next_ip);
	else
		u64map_del(&st->container_ips, ip_key(&c->ip4));
	c->ip4.n = 0;
	c->prev_ip = c->next_ip = NULL;
}

static void clear_metadata(struct state *st, struct container *c)
{
	struct container keep;

	container_drop_ip(st, c);
	keep = *c;
	vec_free(&c->mounts);
	vec_free(&c->labels);
	vec_free(&c->pod_labels);
	vec_free(&c->env);
	arena_reset(&c->arena);
	keep.arena = c->arena;
	*c = (struct container){
		.id = keep.id,
		.n_threads = keep.n_threads,
		.arena = keep.arena,
		.ids = keep.ids,
		.next_hash = keep.next_hash,
		.prev = keep.prev,
		.next = keep.next,
	};
}

static void container_free(struct state *st, struct container *c)
{
	clear_metadata(st, c);
	arena_destroy(&c->arena);
	if (c->ids) {
		id_table_free(st, c->ids);
		free(c->ids);
	}
	free((char *)(uintptr_t)c->id.p);
	free(c);
}

/* Takes an idle one out and frees it. */
static void drop_idle(struct state *st, struct container *c)
{
	uint64_t hash = hash_bytes(c->id.p, c->id.n);
	struct container *head = u64map_get(&st->containers, hash);

	list_del(&st->idle, c);
	if (head == c) {
		if (c->next_hash)
			u64map_put(&st->containers, hash, c->next_hash);
		else
			u64map_del(&st->containers, hash);
	} else {
		while (head->next_hash != c)
			head = head->next_hash;
		head->next_hash = c->next_hash;
	}
	container_free(st, c);
	state_touch(st);
}

struct container *container_get(struct state *st, struct str id)
{
	uint64_t hash = hash_bytes(id.p, id.n);
	struct container *c = find(st, id, hash);

	if (c)
		return c;
	while (st->idle.n &&
	       (st->idle.n >= IDLE_CONTAINERS || st->live.n + st->idle.n >= st->opt.max_containers))
		drop_idle(st, st->idle.first);
	if (st->live.n + st->idle.n >= st->opt.max_containers) {
		st->stats.containers_dropped++;
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	c->id = (struct str){ xmemdup(id.n ? id.p : "", id.n ? id.n : 1), id.n };
	c->next_hash = u64map_get(&st->containers, hash);
	u64map_put(&st->containers, hash, c);
	list_push(&st->idle, c);
	state_touch(st);
	return c;
}

struct container *container_restore(struct state *st, struct str id, bool live)
{
	struct container *c;

	/* A new one must not push out another. */
	if (find(st, id, hash_bytes(id.p, id.n)) || st->idle.n >= IDLE_CONTAINERS ||
	    st->live.n + st->idle.n >= st->opt.max_containers)
		return NULL;
	c = container_get(st, id);
	if (live) {
		list_del(&st->idle, c);
		list_push(&st->live, c);
	}
	return c;
}

void container_forget(struct state *st, struct container *c)
{
	if (!c->n_threads) {
		drop_idle(st, c);
		return;
	}
	clear_metadata(st, c);
	state_touch(st);
}

void containers_free(struct state *st)
{
	struct container_list *lists[] = { &st->live, &st->idle };

	for (int i = 0; i < 2; i++) {
		while (lists[i]->first) {
			struct container *c = lists[i]->first;

			list_del(lists[i], c);
			container_free(st, c);
		}
	}
	u64map_free(&st->containers);
	u64map_free(&st->container_ips);
}

void thread_leave_container(struct state *st, struct thread *t)
{
	struct container *c = t->container;

	if (!c)
		return;
	t->container = NULL;
	if (--c->n_threads)
		return;
	list_del(&st->live, c);
	list_push(&st->idle, c);
	if (st->idle.n > IDLE_CONTAINERS)
		drop_idle(st, st->idle.first);
}

void thread_set_container(struct state *st, struct thread *t, const struct thread *like)
{
	const struct istr *id = t->cgroup_set ? t->cgroup_set->container_id : st->empty;
	struct container *c;

	if (t->container ? str_eq(t->container->id, istr_str(id)) : !id->n)
		return;
	thread_leave_container(st, t);
	thread_touch(st, t);
	if (!id->n)
		return;
	c = like ? like->container : NULL;
	if (!c || !str_eq(c->id, istr_str(id)))
		c = container_get(st, istr_str(id));
	if (!c)
		return;
	t->container = c;
	if (c->n_threads++ == 0) {
		list_del(&st->idle, c);
		list_push(&st->live, c);
	}
}

static struct str without_nul(struct str s)
{
	ptrdiff_t nul = str_chr(s, '\0');

	return (struct str){ s.p, nul < 0 ? s.n : (size_t)nul };
}

void parse_container_json(struct state *st, struct event_ctx *ctx)
{
	ctx->container = container_from_json(st, without_nul(event_param_bytes(ctx->ev, 0)));
}

void parse_asyncevent(struct state *st, struct event_ctx *ctx)
{
	struct str name, data = without_nul(event_param_bytes(ctx->ev, 2));

	if (!event_param_str(ctx->ev, 1, &name))
		return;
	if (str_eqz(name, "container")) {
		ctx->container = container_from_json(st, data);
	} else if (str_eqz(name, "container_removed")) {
		/* This event still tells of it. */
		ctx->container = container_from_json(st, data);
		st->forget = ctx->container;
		st->deferred = true;
	}
}
