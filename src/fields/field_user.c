/* user.* and group.*: names come from the trace only; an unknown name is <NA>, and 0 is root. */
#include "fields/field_extract.h"

bool field_x_user_id(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	switch (ref->aux) {
	case USER_UID:
		return values_add_u(out, ref, t->uid);
	case USER_LOGINUID:
		return values_add_i(out, ref, (int32_t)t->loginuid);
	default:
		return values_add_u(out, ref, t->gid);
	}
}

static bool add_known(struct values *out, const struct field_ref *ref, const struct istr *s,
		      uint32_t id, const char *of_root)
{
	if (s && s->n)
		return values_add_istr(out, ref, s);
	return values_add_z(out, ref, id == 0 && of_root ? of_root : "<NA>");
}

bool field_x_user_str(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct thread *t = env->ctx->thread;
	const struct container *c = t ? t->container : env->ctx->container;
	const struct user_entry *u;
	const struct group_entry *g;

	if (!t) {
		/* a container event: the user its metadata names */
		return ref->aux == USER_NAME && c && c->user.n && values_add_str(out, ref, c->user);
	}
	switch (ref->aux) {
	case USER_NAME:
		u = state_user(env->ctx->st, c, t->uid);
		return add_known(out, ref, u ? u->name : NULL, t->uid, "root");
	case USER_HOME:
		u = state_user(env->ctx->st, c, t->uid);
		return add_known(out, ref, u ? u->home : NULL, t->uid, "/root");
	case USER_SHELL:
		u = state_user(env->ctx->st, c, t->uid);
		return add_known(out, ref, u ? u->shell : NULL, t->uid, NULL);
	case USER_LOGINNAME:
		u = state_user(env->ctx->st, c, t->loginuid);
		return add_known(out, ref, u ? u->name : NULL, t->loginuid, "root");
	default:
		g = state_group(env->ctx->st, c, t->gid);
		return add_known(out, ref, g ? g->name : NULL, t->gid, "root");
	}
}
