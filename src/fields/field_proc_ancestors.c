/*
 * proc.aname and its kin: values of ancestors. With [N] that of ancestor N (0: the process
 * itself); without, the values of all ancestors for a comparison that any may satisfy, or joined
 * for printing. Leaders of sessions and process groups, and proc.loginshellid, are found on the
 * same way.
 */
#include "fields/field_extract.h"

static struct thread *ancestor(const struct field_ref *ref, const struct field_env *env)
{
	struct thread *t = env->ctx->thread;

	if (!t || ref->index > UINT32_MAX)
		return NULL;
	return thread_ancestor(env->ctx->st, t, (unsigned)ref->index);
}

struct walk {
	const struct field_ref *ref;
	const struct field_env *env;
	struct values *out;
	int what;
};

static bool add_string(void *arg, struct thread *anc)
{
	struct walk *w = arg;

	return field_proc_string(w->ref, w->env, anc, w->what, w->out);
}

/* All values as one, a blank between; missing when that is empty. */
static bool join_values(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	struct strbuf *sb = field_scratch(env);

	for (uint32_t i = 0; i < out->n; i++) {
		/* an empty one leaves a trace only behind others */
		if (sb->n)
			strbuf_addc(sb, ' ');
		strbuf_addstr(sb, out->v[i].s);
	}
	out->n = 0;
	return sb->n > 0 && values_add_scratch(out, ref, sb);
}

static bool ancestor_strings(const struct field_ref *ref, const struct field_env *env, int what,
			     bool join, struct values *out)
{
	struct walk w = { ref, env, out, what };

	if (!env->ctx->thread)
		return false;
	thread_walk_ancestors(env->ctx->st, env->ctx->thread, add_string, &w);
	return join ? join_values(ref, env, out) : out->n > 0;
}

bool field_x_proc_ancestor_str(const struct field_ref *ref, const struct field_env *env,
			       struct values *out)
{
	if (!ref->has_arg)
		return ancestor_strings(ref, env, ref->aux, env->for_output, out);
	const struct thread *t = ancestor(ref, env);
	return t && field_proc_string(ref, env, t, ref->aux, out);
}

static bool add_args(void *arg, struct thread *anc)
{
	struct walk *w = arg;

	return values_add_istr(w->out, w->ref, anc->args_text);
}

bool field_x_proc_aargs(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	struct walk w = { ref, env, out, 0 };

	if (!env->ctx->thread)
		return false;
	if (ref->has_arg) {
		const struct thread *t = ancestor(ref, env);
		return t && values_add_istr(out, ref, t->args_text);
	}
	thread_walk_ancestors(env->ctx->st, env->ctx->thread, add_args, &w);
	return join_values(ref, env, out);
}

static bool add_pid(void *arg, struct thread *anc)
{
	struct walk *w = arg;

	return values_add_i(w->out, w->ref, anc->pid);
}

/* Without a number: any ancestor's when compared, the own one when printed. */
bool field_x_proc_apid(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	struct walk w = { ref, env, out, 0 };
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	if (!ref->has_arg && !env->for_output) {
		thread_walk_ancestors(env->ctx->st, t, add_pid, &w);
		return out->n > 0;
	}
	if (ref->has_arg)
		t = ancestor(ref, env);
	return t && t->pid != -1 && values_add_i(out, ref, t->pid);
}

struct leader_walk {
	int what;
	int64_t id;
	struct thread *last;
};

static int64_t leader_id(const struct thread *t, int what)
{
	return what == PROC_SID ? t->sid : what == PROC_VPGID ? t->vpgid : t->pgid;
}

static bool same_leader(void *arg, struct thread *anc)
{
	struct leader_walk *w = arg;

	if (leader_id(anc, w->what) != w->id)
		return false;
	w->last = anc;
	return true;
}

/* fields.json `leaders`: the thread of that id, or the last ancestor in the same group. */
static struct thread *leader(const struct field_env *env, const struct thread *t, int what)
{
	struct leader_walk w = { what, leader_id(t, what), NULL };

	if (w.id == -1)
		return NULL;
	if (what == PROC_PGID || !thread_in_pidns(t)) {
		struct thread *l = state_thread(env->ctx->st, w.id);
		if (l)
			return l;
	}
	thread_walk_ancestors(env->ctx->st, t, same_leader, &w);
	return w.last;
}

bool field_x_proc_leader(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	t = leader(env, t, ref->aux >> 8);
	if (!t)
		return values_add_str(out, ref, STR(""));
	return field_proc_string(ref, env, t, ref->aux & 0xff, out);
}

static bool is_shell(const struct thread *t)
{
	return str_ends(istr_str(t->comm), STR("sh"));
}

static bool oldest_shell(void *arg, struct thread *anc)
{
	const struct thread **last = arg;

	if (is_shell(anc))
		*last = anc;
	return true;
}

bool field_x_proc_loginshellid(const struct field_ref *ref, const struct field_env *env,
			       struct values *out)
{
	const struct thread *t = env->ctx->thread, *last = NULL;

	if (!t)
		return false;
	if (is_shell(t))
		last = t;
	thread_walk_ancestors(env->ctx->st, t, oldest_shell, &last);
	return last && values_add_i(out, ref, last->pid);
}
