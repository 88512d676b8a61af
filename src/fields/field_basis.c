/* Which interned string a field's value follows from; see field.h. */
#include "fields/field_extract.h"

bool field_has_basis(const struct field_ref *ref)
{
	field_extract_fn x = ref->def->extract;

	return x == field_x_proc_str || x == field_x_proc_parent_str || x == field_x_proc_args ||
	       x == field_x_proc_cwd || x == field_x_proc_env || x == field_x_user_str;
}

/* A command line that is not known is made from other strings. */
static const struct istr *basis_of_process(const struct thread *t, int what)
{
	const struct istr *s = field_proc_istr(t, what);

	return what == PROC_CMDLINE && !s->n ? NULL : s;
}

/* An unknown id has no name; that of root is known, as field_x_user_str() has it. */
static const struct istr *basis_of_root(const struct event_ctx *ctx, uint32_t id, const char *name)
{
	return id == 0 ? intern_get(state_intern(ctx->st), name, strlen(name)) : NULL;
}

static const struct istr *basis_of_user(const struct event_ctx *ctx, int what)
{
	const struct thread *t = ctx->thread;
	const struct user_entry *u;
	const struct group_entry *g;

	switch (what) {
	case USER_NAME:
		u = state_user(ctx->st, t->container, t->uid);
		return u && u->name->n ? u->name : basis_of_root(ctx, t->uid, "root");
	case USER_HOME:
		u = state_user(ctx->st, t->container, t->uid);
		return u && u->home->n ? u->home : basis_of_root(ctx, t->uid, "/root");
	case USER_SHELL:
		u = state_user(ctx->st, t->container, t->uid);
		return u && u->shell->n ? u->shell : NULL;
	case USER_LOGINNAME:
		u = state_user(ctx->st, t->container, t->loginuid);
		return u && u->name->n ? u->name : basis_of_root(ctx, t->loginuid, "root");
	default:
		g = state_group(ctx->st, t->container, t->gid);
		return g && g->name->n ? g->name : basis_of_root(ctx, t->gid, "root");
	}
}

const struct istr *field_basis(const struct field_ref *ref, const struct field_env *env)
{
	field_extract_fn x = ref->def->extract;
	struct thread *t = env->ctx->thread;
	const struct thread *other;

	if (!t)
		return NULL;
	if (x == field_x_proc_str)
		return basis_of_process(t, ref->aux);
	if (x == field_x_proc_parent_str) {
		other = thread_parent(env->ctx->st, t);
		return other ? basis_of_process(other, ref->aux) : NULL;
	}
	if (x == field_x_proc_args)
		return ref->has_arg ? t->args : t->args_text;
	if (x == field_x_proc_cwd || x == field_x_proc_env) {
		other = thread_main(env->ctx->st, t);
		if (!other)
			return NULL;
		return x == field_x_proc_cwd ? other->cwd : other->env;
	}
	return x == field_x_user_str ? basis_of_user(env->ctx, ref->aux) : NULL;
}

bool field_has_basis_kind(const struct field_ref *ref)
{
	field_extract_fn x = ref->def->extract;

	return x == field_x_fd_type || x == field_x_fd_typechar || x == field_x_fd_l4proto ||
	       x == field_x_fd_sockfamily || x == field_x_fd_flag;
}

bool field_has_basis_number(const struct field_ref *ref)
{
	return ref->def->extract == field_x_evt_arg && ref->param_of;
}

bool field_basis_number(const struct field_ref *ref, const struct field_env *env, uint32_t *ret,
			const void **ret_of)
{
	const struct event *ev = env->ctx->ev;
	const struct param_info *info;
	struct param p;
	int i;

	if (!ev->info || ev->type >= EVENT_N_TYPES)
		return false;
	i = ref->param_of[ev->type];
	if (i < 0 || (unsigned)i >= ev->n_params)
		return false;
	info = &ev->info->params[i];
	p = event_param(ev, (unsigned)i);
	switch (info->type) {
	case PT_FLAGS8:
	case PT_ENUMFLAGS8:
		if (p.n != 1)
			return false;
		*ret = p.p[0];
		break;
	case PT_FLAGS16:
	case PT_ENUMFLAGS16:
		if (p.n != 2)
			return false;
		*ret = get_le16(p.p);
		break;
	case PT_FLAGS32:
	case PT_ENUMFLAGS32:
		if (p.n != 4)
			return false;
		*ret = get_le32(p.p);
		break;
	default:
		return false;
	}
	*ret_of = info;
	return true;
}
