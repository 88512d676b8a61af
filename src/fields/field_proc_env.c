/* proc.env and proc.aenv: environment variables, which belong to the main thread. */
#include "fields/field_extract.h"

#define MAX_ENV_ANCESTORS 20

static struct str env_of(const struct field_env *env, const struct thread *t)
{
	const struct thread *leader = thread_main(env->ctx->st, t);

	return leader ? istr_str(leader->env) : STR("");
}

/* All entries, a blank between. */
static struct str whole_env(const struct field_env *env, const struct thread *t)
{
	struct str list = env_of(env, t);
	char *text;

	if (list.n == 0)
		return list;
	/* each entry has its NUL; those between become blanks, the last one goes */
	text = arena_memdup(env->arena, list.p, list.n);
	if (text[list.n - 1] == '\0')
		list.n--;
	for (size_t i = 0; i < list.n; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	return str_mem(text, list.n);
}

static struct str strip_blanks(struct str s)
{
	while (s.n && s.p[0] == ' ')
		s = str_from(s, 1);
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

/* The value of NAME, without blanks around it; empty when it is not set. */
static struct str env_value(const struct field_env *env, const struct thread *t, struct str name)
{
	struct str list = env_of(env, t), entry;

	while (str_split(&list, '\0', &entry))
		if (entry.n > name.n && entry.p[name.n] == '=' && str_starts(entry, name))
			return strip_blanks(str_from(entry, name.n + 1));
	return STR("");
}

bool field_x_proc_env(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	if (ref->has_arg && !ref->arg_is_index)
		return values_add_str(out, ref, env_value(env, t, ref->arg));
	return values_add_str(out, ref, whole_env(env, t));
}

struct walk {
	const struct field_ref *ref;
	const struct field_env *env;
	struct values *out;
	unsigned n;
};

static bool add_whole(void *arg, struct thread *anc)
{
	struct walk *w = arg;

	values_add_str(w->out, w->ref, whole_env(w->env, anc));
	return true;
}

static bool find_value(void *arg, struct thread *anc)
{
	struct walk *w = arg;
	struct str v = env_value(w->env, anc, w->ref->arg);

	if (v.n)
		values_add_str(w->out, w->ref, v);
	return v.n == 0 && ++w->n < MAX_ENV_ANCESTORS;
}

bool field_x_proc_aenv(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	struct walk w = { ref, env, out, 0 };
	struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	if (ref->has_arg && !ref->arg_is_index) {
		thread_walk_ancestors(env->ctx->st, t, find_value, &w);
		return out->n || values_add_str(out, ref, STR(""));
	}
	if (!env->for_output) {
		thread_walk_ancestors(env->ctx->st, t, add_whole, &w);
		return out->n > 0;
	}
	if (ref->has_arg && ref->index > 0) {
		t = ref->index > UINT32_MAX
			    ? NULL
			    : thread_ancestor(env->ctx->st, t, (unsigned)ref->index);
		if (!t)
			return false;
	}
	return values_add_str(out, ref, whole_env(env, t));
}
