/* proc.*: the process of the event, and its parent. */
#include "event/event_text.h"
#include "fields/field_extract.h"

const struct istr *field_proc_istr(const struct thread *t, int what)
{
	switch (what) {
	case PROC_NAME:
		return t->comm;
	case PROC_EXE:
		return t->exe;
	case PROC_EXEPATH:
		return t->exepath;
	default:
		return t->cmdline;
	}
}

/* "comm args" where the cached command line is not known. */
static struct str made_cmdline(const struct field_env *env, const struct thread *t)
{
	struct strbuf *sb;

	if (t->comm->n == 0 || t->args_text->n == 0)
		return istr_str(t->comm);
	sb = field_scratch(env);
	strbuf_addstr(sb, istr_str(t->comm));
	strbuf_addc(sb, ' ');
	strbuf_addstr(sb, istr_str(t->args_text));
	return arena_str(env->arena, strbuf_str(sb));
}

bool field_proc_string(const struct field_ref *ref, const struct field_env *env,
		       const struct thread *t, int what, struct values *out)
{
	if (what == PROC_CMDLINE && t->cmdline->n == 0)
		return values_add_str(out, ref, made_cmdline(env, t));
	return values_add_istr(out, ref, field_proc_istr(t, what));
}

bool field_x_proc_str(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct thread *t = env->ctx->thread;

	return t && field_proc_string(ref, env, t, ref->aux, out);
}

bool field_x_proc_parent_str(const struct field_ref *ref, const struct field_env *env,
			     struct values *out)
{
	const struct thread *t = env->ctx->thread;
	const struct thread *parent = t ? thread_parent(env->ctx->st, t) : NULL;

	return parent && field_proc_string(ref, env, parent, ref->aux, out);
}

/* Piece `index` of a run of NUL-terminated strings; empty past the end. */
static struct str nul_piece(struct str list, uint64_t index)
{
	struct str piece;

	while (str_split(&list, '\0', &piece))
		if (index-- == 0)
			return piece;
	return STR("");
}

bool field_x_proc_args(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	if (ref->has_arg)
		return values_add_str(out, ref, nul_piece(istr_str(t->args), (uint64_t)ref->index));
	return values_add_istr(out, ref, t->args_text);
}

bool field_x_proc_cmdnargs(const struct field_ref *ref, const struct field_env *env,
			   struct values *out)
{
	const struct thread *t = env->ctx->thread;

	return t && values_add_u(out, ref, t->n_args);
}

bool field_x_proc_cmdlenargs(const struct field_ref *ref, const struct field_env *env,
			     struct values *out)
{
	const struct thread *t = env->ctx->thread;

	/* each argument is there with its NUL */
	return t && values_add_u(out, ref, t->args->n >= t->n_args ? t->args->n - t->n_args : 0);
}

bool field_x_proc_exeline(const struct field_ref *ref, const struct field_env *env,
			  struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	struct strbuf *sb = field_scratch(env);
	strbuf_addstr(sb, istr_str(t->exe));
	strbuf_addc(sb, ' ');
	strbuf_addstr(sb, istr_str(t->args_text));
	return values_add_scratch(out, ref, sb);
}

bool field_x_proc_cwd(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	const struct thread *leader = thread_main(env->ctx->st, t);
	if (leader)
		return values_add_istr(out, ref, leader->cwd);
	return values_add_str(out, ref, thread_cwd(env->ctx->st, t));
}

/* The leader's pid, or the thread's idea of it; missing when it can be no pid. */
static bool add_pid(struct values *out, const struct field_ref *ref, int64_t pid)
{
	return pid >= -1 && pid <= UINT32_MAX && values_add_i(out, ref, pid);
}

bool field_x_proc_num(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct thread *t = env->ctx->thread, *p;

	if (!t)
		return false;
	switch (ref->aux) {
	case PROC_TTY:
		return values_add_u(out, ref, t->tty);
	case PROC_PID:
		return add_pid(out, ref, t->pid);
	case PROC_PPID:
		p = thread_parent(env->ctx->st, t);
		return p && add_pid(out, ref, p->pid);
	case PROC_VPID:
		return t->vpid != -1 && values_add_i(out, ref, t->vpid);
	case PROC_PVPID:
		p = state_thread(env->ctx->st, t->ptid);
		return p && values_add_i(out, ref, p->vpid);
	case PROC_SID:
		return values_add_i(out, ref, t->sid);
	case PROC_VPGID:
		return values_add_i(out, ref, t->vpgid);
	default:
		return values_add_i(out, ref, t->pgid);
	}
}

bool field_x_proc_bool(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	switch (ref->aux) {
	case PROC_EXE_WRITABLE:
		return values_add_u(out, ref, t->exe_writable);
	case PROC_EXE_UPPER:
		return values_add_u(out, ref, t->exe_upper_layer);
	case PROC_EXE_LOWER:
		return values_add_u(out, ref, t->exe_lower_layer);
	case PROC_EXE_MEMFD:
		return values_add_u(out, ref, t->exe_from_memfd);
	case PROC_IS_SID_LEADER:
		return values_add_u(out, ref, t->sid == t->vpid);
	case PROC_IS_VPGID_LEADER:
		return values_add_u(out, ref, t->vpgid == t->vpid);
	default:
		return values_add_u(out, ref, t->pgid == t->pid);
	}
}

bool field_x_proc_exe_ino(const struct field_ref *ref, const struct field_env *env,
			  struct values *out)
{
	const struct thread *t = env->ctx->thread;
	uint64_t v;

	if (!t)
		return false;
	switch (ref->aux) {
	case PROC_INO:
		v = t->exe_ino;
		break;
	case PROC_INO_CTIME:
		v = t->exe_ctime;
		break;
	case PROC_INO_MTIME:
		v = t->exe_mtime;
		break;
	case PROC_INO_DUR_START:
		v = t->ctime_dur_clone;
		break;
	case PROC_INO_DUR_PIDNS:
		v = t->ctime_dur_pidns;
		break;
	default:
		v = t->pidns_init_start_ts;
		break;
	}
	return v && values_add_u(out, ref, v);
}

static uint64_t open_fds(const struct field_env *env, const struct thread *t)
{
	const struct thread *leader = thread_main(env->ctx->st, t);
	const struct fd_table *fds = leader ? leader->fds : NULL;

	return fds ? fd_table_count(fds) : 0;
}

bool field_x_proc_time(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct thread *t = env->ctx->thread, *p;
	uint64_t now = env->ctx->ev->ts;

	if (!t)
		return false;
	switch (ref->aux) {
	case PROC_DURATION:
		return t->clone_ts && values_add_u(out, ref, now - t->clone_ts);
	case PROC_PPID_DURATION:
		p = thread_parent(env->ctx->st, t);
		if (!p)
			return false;
		/* as Falco: without a start it gives the number of descriptors */
		return values_add_u(out, ref, p->clone_ts ? now - p->clone_ts : open_fds(env, t));
	case PROC_PID_TS:
		return t->clone_ts && values_add_u(out, ref, t->clone_ts);
	default:
		p = state_thread(env->ctx->st, t->ptid);
		return p && values_add_u(out, ref, p->clone_ts);
	}
}

/* aux: the limit instead of the number. */
bool field_x_proc_fdcount(const struct field_ref *ref, const struct field_env *env,
			  struct values *out)
{
	const struct thread *t = env->ctx->thread;

	if (!t)
		return false;
	if (!ref->aux)
		return values_add_u(out, ref, open_fds(env, t));
	const struct thread *leader = thread_main(env->ctx->st, t);
	return values_add_i(out, ref, leader ? leader->fdlimit : 0);
}

bool field_x_proc_fdusage(const struct field_ref *ref, const struct field_env *env,
			  struct values *out)
{
	const struct thread *t = env->ctx->thread;
	double usage = 0;

	if (!t)
		return false;
	const struct thread *leader = thread_main(env->ctx->st, t);
	if (leader && leader->fdlimit > 0) {
		usage = 100.0 * (double)open_fds(env, t) / (double)leader->fdlimit;
		if (usage > 100)
			usage = 100;
	}
	values_add(out, ref)->d = usage;
	return true;
}

static const struct fd_entry *stdio(const struct field_ref *ref, const struct field_env *env)
{
	const struct thread *t = env->ctx->thread;
	const struct fd_table *fds = t ? thread_fds(env->ctx->st, t) : NULL;

	return fds ? fd_table_get(fds, ref->aux) : NULL;
}

bool field_x_proc_stdio_type(const struct field_ref *ref, const struct field_env *env,
			     struct values *out)
{
	const struct fd_entry *f = stdio(ref, env);

	return f && values_add_z(out, ref, field_fd_type_text(f->type));
}

bool field_x_proc_stdio_name(const struct field_ref *ref, const struct field_env *env,
			     struct values *out)
{
	const struct fd_entry *f = stdio(ref, env);

	return f && values_add_istr(out, ref, fd_name(f));
}
