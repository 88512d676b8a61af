/* thread.*: the thread of the event: ids, memory, capabilities, control groups, CPU use. */
#include "base/xalloc.h"
#include "fields/field_extract.h"

bool field_x_thread_tid(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	return values_add_i(out, ref, env->ctx->ev->tid);
}

bool field_x_thread_ismain(const struct field_ref *ref, const struct field_env *env,
			   struct values *out)
{
	const struct thread *t = env->ctx->thread;

	return t && values_add_u(out, ref, thread_is_main(t));
}

bool field_x_thread_vtid(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	const struct thread *t = env->ctx->thread;

	return t && t->vtid != -1 && values_add_i(out, ref, t->vtid);
}

bool field_x_thread_nametid(const struct field_ref *ref, const struct field_env *env,
			    struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	struct strbuf *sb = field_scratch(env);
	strbuf_addstr(sb, istr_str(t->comm));
	strbuf_addi(sb, env->ctx->ev->tid);
	return values_add_scratch(out, ref, sb);
}

/* aux: permitted, inheritable, effective. */
bool field_x_thread_cap(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	struct strbuf *sb = field_scratch(env);
	capability_text(sb, ref->aux == 0   ? t->cap_permitted
			    : ref->aux == 1 ? t->cap_inheritable
					    : t->cap_effective);
	return values_add_scratch(out, ref, sb);
}

bool field_x_thread_mem(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	bool leads = thread_is_main(t);
	switch (ref->aux) {
	case THREAD_VMSIZE:
		return values_add_u(out, ref, t->vmsize_kb);
	case THREAD_VMRSS:
		return values_add_u(out, ref, t->vmrss_kb);
	case THREAD_VMSWAP:
		return values_add_u(out, ref, t->vmswap_kb);
	case THREAD_PFMAJOR:
		return values_add_u(out, ref, t->pfmajor);
	case THREAD_PFMINOR:
		return values_add_u(out, ref, t->pfminor);
	case THREAD_MAIN_VMSIZE:
		return values_add_u(out, ref, leads ? t->vmsize_kb : 0);
	case THREAD_MAIN_VMRSS:
		return values_add_u(out, ref, leads ? t->vmrss_kb : 0);
	case THREAD_MAIN_VMSIZE_B:
		return values_add_u(out, ref, leads ? t->vmsize_kb * UINT64_C(1024) : 0);
	default:
		return values_add_u(out, ref, leads ? t->vmrss_kb * UINT64_C(1024) : 0);
	}
}

bool field_x_thread_cgroups(const struct field_ref *ref, const struct field_env *env,
			    struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t || t->cgroups.n == 0)
		return false;
	struct strbuf *sb = field_scratch(env);
	for (size_t i = 0; i < t->cgroups.n; i++) {
		if (i)
			strbuf_addc(sb, ' ');
		strbuf_addstr(sb, istr_str(t->cgroups.v[i].subsys));
		strbuf_addc(sb, '=');
		strbuf_addstr(sb, istr_str(t->cgroups.v[i].path));
	}
	return values_add_scratch(out, ref, sb);
}

bool field_x_thread_cgroup(const struct field_ref *ref, const struct field_env *env,
			   struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	for (size_t i = 0; i < t->cgroups.n; i++)
		if (str_eq(istr_str(t->cgroups.v[i].subsys), ref->arg))
			return values_add_istr(out, ref, t->cgroups.v[i].path);
	return false;
}

/* aux: the leader does not count. */
bool field_x_thread_group_count(const struct field_ref *ref, const struct field_env *env,
				struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	uint64_t alive = t->group ? t->group->alive : 0;
	if (ref->aux && alive) {
		const struct thread *leader = thread_main(env->ctx->st, t);
		if (leader && !(leader->flags & THREAD_CLOSED))
			alive--;
	}
	return values_add_u(out, ref, alive);
}

/* Time since the last switch on the event's CPU. */
static uint64_t since_switch(struct field_slot *slot, const struct event *ev)
{
	uint64_t last;

	if (slot->n_cpus <= ev->cpu) {
		size_t n = ev->cpu + 1;
		slot->by_cpu = xreallocarray(slot->by_cpu, n, sizeof(*slot->by_cpu));
		while (slot->n_cpus < n)
			slot->by_cpu[slot->n_cpus++] = 0;
	}
	last = slot->by_cpu[ev->cpu];
	slot->by_cpu[ev->cpu] = ev->ts;
	return last && ev->ts > last ? ev->ts - last : 0;
}

/* aux: summed up over the thread. */
bool field_x_thread_exectime(const struct field_ref *ref, const struct field_env *env,
			     struct values *out)
{
	const struct event *ev = env->ctx->ev;
	struct field_slot *slot = field_slot(env, ref);
	uint64_t delta = 0;

	if (ref->aux && !env->ctx->thread)
		return false;
	if (ev->type == EVT_SCHEDSWITCH_6_E || ev->type == EVT_SCHEDSWITCH_1_E)
		delta = since_switch(slot, ev);
	if (!ref->aux)
		return values_add_u(out, ref, delta);
	struct field_thread_sum *sum = field_slot_thread(slot, ev->tid);
	sum->total += delta;
	return values_add_u(out, ref, sum->total);
}

/* Increase since the last report, in per cent of a second, at most 100. */
static double cpu_delta(uint64_t now, uint64_t *last)
{
	uint64_t delta = *last && now > *last ? now - *last : 0;

	*last = now;
	return delta > 100 ? 100 : (double)delta;
}

bool field_x_thread_cpu(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	const struct event *ev = env->ctx->ev;
	int64_t user, system;
	double use;

	if (ev->type != EVT_PROCINFO_E || !env->ctx->thread)
		return false;
	if (!event_param_int(ev, 0, &user) || !event_param_int(ev, 1, &system))
		return false;
	struct field_thread_sum *sum = field_slot_thread(field_slot(env, ref), ev->tid);
	switch (ref->aux) {
	case THREAD_CPU_USER:
		use = cpu_delta((uint64_t)user, &sum->user);
		break;
	case THREAD_CPU_SYSTEM:
		use = cpu_delta((uint64_t)system, &sum->system);
		break;
	default:
		use = cpu_delta((uint64_t)user + (uint64_t)system, &sum->total);
		break;
	}
	values_add(out, ref)->d = use;
	return true;
}
