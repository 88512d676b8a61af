/* Containers of a saved state; see state_codec.h. */
#include "base/xalloc.h"
#include "state/state_codec.h"

static void code_mount(struct codec *c, struct container_mount *m, struct arena *a)
{
	code_text(c, &m->source, a);
	code_text(c, &m->dest, a);
	code_text(c, &m->mode, a);
	code_text(c, &m->propagation, a);
	code_bool(c, &m->rdwr);
}

static struct container_kv *code_pairs(struct codec *c, struct container_kv *v, size_t *n,
				       struct arena *a)
{
	code_count(c, n, 2);
	if (!c->saving)
		v = *n ? xcalloc(*n, sizeof(*v)) : NULL;
	for (size_t i = 0; i < *n; i++) {
		code_text(c, &v[i].key, a);
		code_text(c, &v[i].value, a);
	}
	return v;
}

#define CODE_PAIRS(c, vec, a)                                         \
	do {                                                          \
		(vec)->v = code_pairs((c), (vec)->v, &(vec)->n, (a)); \
		if (!(c)->saving)                                     \
			(vec)->cap = (vec)->n;                        \
	} while (0)

static void code_texts(struct codec *c, struct container *k)
{
	struct str *const all[] = {
		&k->full_id,      &k->name,      &k->image,        &k->image_id,
		&k->image_repo,   &k->image_tag, &k->type,         &k->ip,
		&k->cni_json,     &k->user,      &k->image_digest, &k->pod_sandbox_id,
		&k->pod_cni_json,
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		code_text(c, all[i], &k->arena);
}

static void code_metadata(struct codec *c, struct container *k)
{
	bool *const flags[] = {
		&k->has_flags,    &k->privileged, &k->host_pid,
		&k->host_network, &k->host_ipc,   &k->is_pod_sandbox,
	};
	size_t n = k->mounts.n;

	code_texts(c, k);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		code_bool(c, flags[i]);
	code_u64(c, &k->created_time);
	code_count(c, &n, 5);
	for (size_t i = 0; i < n; i++)
		code_mount(c, c->saving ? &k->mounts.v[i] : vec_add(&k->mounts), &k->arena);
	CODE_PAIRS(c, &k->labels, &k->arena);
	CODE_PAIRS(c, &k->pod_labels, &k->arena);
	CODE_PAIRS(c, &k->env, &k->arena);
	if (!c->saving)
		container_add_ip(c->st, k);
}

static void code_container(struct codec *c, struct container *k)
{
	bool ids = k->ids != NULL;

	code_bool(c, &k->has_metadata);
	if (k->has_metadata)
		code_metadata(c, k);
	code_bool(c, &ids);
	if (ids && !c->saving)
		k->ids = xcalloc(1, sizeof(*k->ids));
	if (ids)
		code_ids(c, k->ids);
}

static void code_list(struct codec *c, struct container *first, size_t n, bool live)
{
	code_count(c, &n, 3);
	for (size_t i = 0; i < n && !c->in.bad; i++) {
		struct container *k = first;
		struct str id = k ? k->id : STR("");

		code_str(c, &id);
		if (!c->saving)
			k = container_restore(c->st, id, live);
		if (!k) {
			code_bad(c);
			return;
		}
		if (!c->saving && live)
			u64map_put(&c->live, (uintptr_t)k, k);
		code_container(c, k);
		first = k->next;
	}
}

void code_containers(struct codec *c)
{
	struct state *st = c->st;

	/* Those with threads first: on the way in, each passes through the list of the others. */
	code_list(c, st->live.first, st->live.n, true);
	code_list(c, st->idle.first, st->idle.n, false);
}
