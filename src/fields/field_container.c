/*
 * container.*: the container of the thread, or the one a container event is about. On the host
 * there is a pretended one of the name "host". Everything but the id comes from metadata in the
 * trace.
 */
#include "fields/field_extract.h"

static const struct container *container_of(const struct field_env *env)
{
	return env->ctx->container;
}

struct str field_container_id(const struct field_env *env)
{
	const struct thread *t = env->ctx->thread;

	return t && t->container ? t->container->id : STR("");
}

bool field_x_container_none(const struct field_ref *ref, const struct field_env *env,
			    struct values *out)
{
	(void)ref;
	(void)env;
	(void)out;
	return false;
}

static struct str container_str(const struct container *c, int what)
{
	switch (what) {
	case CONTAINER_ID:
		return c->id;
	case CONTAINER_FULL_ID:
		return c->full_id;
	case CONTAINER_NAME:
		return c->name;
	case CONTAINER_IMAGE:
		return c->image;
	case CONTAINER_IMAGE_ID:
		return c->image_id;
	case CONTAINER_TYPE:
		return c->type;
	case CONTAINER_REPO:
		return c->image_repo;
	case CONTAINER_TAG:
		return c->image_tag;
	case CONTAINER_DIGEST:
		return c->image_digest;
	case CONTAINER_IP:
		return c->ip;
	default:
		return c->cni_json;
	}
}

bool field_x_container_str(const struct field_ref *ref, const struct field_env *env,
			   struct values *out)
{
	const struct container *c = container_of(env);

	if (!c) {
		if (!env->ctx->thread)
			return false;
		switch (ref->aux) {
		case CONTAINER_ID:
		case CONTAINER_FULL_ID:
		case CONTAINER_NAME:
		case CONTAINER_TYPE:
			return values_add_z(out, ref, "host");
		default:
			return false;
		}
	}
	struct str s = container_str(c, ref->aux);
	return s.n && values_add_str(out, ref, s);
}

bool field_x_container_bool(const struct field_ref *ref, const struct field_env *env,
			    struct values *out)
{
	const struct container *c = container_of(env);

	if (!c || !c->has_flags)
		return false;
	switch (ref->aux) {
	case CONTAINER_PRIVILEGED:
		return values_add_u(out, ref, c->privileged);
	case CONTAINER_HOST_PID:
		return values_add_u(out, ref, c->host_pid);
	case CONTAINER_HOST_NETWORK:
		return values_add_u(out, ref, c->host_network);
	default:
		return values_add_u(out, ref, c->host_ipc);
	}
}

/* aux: since then. */
bool field_x_container_time(const struct field_ref *ref, const struct field_env *env,
			    struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t || !t->container || !t->pidns_init_start_ts)
		return false;
	return values_add_u(out, ref,
			    ref->aux ? env->ctx->ev->ts - t->pidns_init_start_ts
				     : t->pidns_init_start_ts);
}

/* SOURCE:DEST:MODE:true|false:PROPAGATION */
static void add_mount(struct strbuf *sb, const struct container_mount *m)
{
	strbuf_addstr(sb, m->source);
	strbuf_addc(sb, ':');
	strbuf_addstr(sb, m->dest);
	strbuf_addc(sb, ':');
	strbuf_addstr(sb, m->mode);
	strbuf_adds(sb, m->rdwr ? ":true:" : ":false:");
	strbuf_addstr(sb, m->propagation);
}

bool field_x_container_mounts(const struct field_ref *ref, const struct field_env *env,
			      struct values *out)
{
	const struct container *c = container_of(env);

	if (!c || !c->has_metadata)
		return false;
	struct strbuf *sb = field_scratch(env);
	for (size_t i = 0; i < c->mounts.n; i++) {
		if (i)
			strbuf_addc(sb, ',');
		add_mount(sb, &c->mounts.v[i]);
	}
	return values_add_scratch(out, ref, sb);
}

/* By number; else by destination for the source, by source for all others. */
static const struct container_mount *find_mount(const struct container *c,
						const struct field_ref *ref)
{
	if (ref->arg_is_index)
		return (uint64_t)ref->index < c->mounts.n ? &c->mounts.v[ref->index] : NULL;
	for (size_t i = 0; i < c->mounts.n; i++) {
		const struct container_mount *m = &c->mounts.v[i];
		if (str_eq(ref->aux == MOUNT_SOURCE ? m->dest : m->source, ref->arg))
			return m;
	}
	return NULL;
}

bool field_x_container_mount(const struct field_ref *ref, const struct field_env *env,
			     struct values *out)
{
	const struct container *c = container_of(env);
	const struct container_mount *m = c ? find_mount(c, ref) : NULL;
	struct strbuf *sb;

	if (!m)
		return false;
	switch (ref->aux) {
	case MOUNT_SOURCE:
		return values_add_str(out, ref, m->source);
	case MOUNT_DEST:
		return values_add_str(out, ref, m->dest);
	case MOUNT_MODE:
		return values_add_str(out, ref, m->mode);
	case MOUNT_RDWR:
		return values_add_z(out, ref, m->rdwr ? "true" : "false");
	case MOUNT_PROPAGATION:
		return values_add_str(out, ref, m->propagation);
	default:
		sb = field_scratch(env);
		add_mount(sb, m);
		return values_add_scratch(out, ref, sb);
	}
}

bool field_x_container_label(const struct field_ref *ref, const struct field_env *env,
			     struct values *out)
{
	const struct container *c = container_of(env);

	for (size_t i = 0; c && i < c->labels.n; i++)
		if (str_eq(c->labels.v[i].key, ref->arg))
			return values_add_str(out, ref, c->labels.v[i].value);
	return false;
}

bool field_x_container_labels(const struct field_ref *ref, const struct field_env *env,
			      struct values *out)
{
	const struct container *c = container_of(env);

	if (!c || c->labels.n == 0)
		return false;
	struct strbuf *sb = field_scratch(env);
	for (size_t i = 0; i < c->labels.n; i++) {
		const struct container_kv *kv = &c->labels.v[i];
		/* those are for Kubernetes' own use */
		if (str_starts(kv->key, STR("annotation.")) ||
		    str_starts(kv->key, STR("io.kubernetes.")))
			continue;
		if (sb->n)
			strbuf_adds(sb, ", ");
		strbuf_addstr(sb, kv->key);
		strbuf_addc(sb, ':');
		strbuf_addstr(sb, kv->value);
	}
	return values_add_scratch(out, ref, sb);
}
