#include "event/event_text.h"
#include "state/process_params.h"
#include "state/state_impl.h"

/* Parameters of execve and execveat exits. */
enum {
	P_ENV = P_COMMON_END,
	P_TTY,
	P_VPGID,
	P_LOGINUID,
	P_FLAGS,
	P_CAP_INHERITABLE,
	P_CAP_PERMITTED,
	P_CAP_EFFECTIVE,
	P_EXE_INO,
	P_EXE_CTIME,
	P_EXE_MTIME,
	P_UID,
	P_EXEPATH,
	P_PGID,
	P_GID,
	P_FILENAME,
};

enum { EXE_WRITABLE = 1, EXE_UPPER_LAYER = 2, EXE_FROM_MEMFD = 4, EXE_LOWER_LAYER = 8 };

#define AT_EMPTY_PATH   1
#define MFD_CAP_CLOEXEC 1

/* The path of execve's or execveat's enter event into st->path; false when it cannot be told. */
static bool enter_path(struct state *st, const struct thread *t, const struct stored_enter *e)
{
	struct str name = strbuf_str(&e->text);

	strbuf_reset(&st->text);
	if (e->type == EVT_SYSCALL_EXECVE_19_E) {
		if (!e->has_text)
			return false;
		strbuf_addstr(&st->text, thread_cwd(st, t));
	} else if (e->flags & AT_EMPTY_PATH) {
		if (!thread_dir(st, t, e->dirfd, &st->text))
			return false;
		path_join(STR(""), strbuf_str(&st->text), &st->path);
		return true;
	} else if (!e->has_text || !name.n) {
		return false;
	} else if (name.p[0] != '/' && !thread_dir(st, t, e->dirfd, &st->text)) {
		return false;
	}
	path_join(strbuf_str(&st->text), name, &st->path);
	return true;
}

static void set_exepath(struct state *st, struct event_ctx *ctx)
{
	struct thread *t = ctx->thread;
	const struct stored_enter *e;
	struct str path;

	strbuf_reset(&st->path);
	if (event_param_str(ctx->ev, P_EXEPATH, &path)) {
		strbuf_addstr(&st->path, path);
	} else if (ctx->ev->type == EVT_SYSCALL_EXECVE_19_X &&
		   event_param_str(ctx->ev, P_FILENAME, &path)) {
		path_join(thread_cwd(st, t), path, &st->path);
	} else {
		e = enter_of(st, ctx);
		if (!e)
			return;
		if (!enter_path(st, t, e)) {
			t->exepath = st->na;
			return;
		}
	}
	thread_set_exepath(st, t, strbuf_str(&st->path));
}

static void set_numbers(struct thread *t, const struct event *ev)
{
	uint32_t flags;

	t->fdlimit = process_i64(ev, P_FDLIMIT, t->fdlimit);
	t->pfmajor = process_u64(ev, P_PGFT_MAJ, t->pfmajor);
	t->pfminor = process_u64(ev, P_PGFT_MIN, t->pfminor);
	t->vmsize_kb = process_u32(ev, P_VM_SIZE, t->vmsize_kb);
	t->vmrss_kb = process_u32(ev, P_VM_RSS, t->vmrss_kb);
	t->vmswap_kb = process_u32(ev, P_VM_SWAP, t->vmswap_kb);
	t->tty = process_u32(ev, P_TTY, t->tty);
	t->vpgid = process_i64(ev, P_VPGID, t->vpgid);
	t->pgid = process_i64(ev, P_PGID, -1);
	t->loginuid = process_u32(ev, P_LOGINUID, t->loginuid);
	t->uid = process_u32(ev, P_UID, t->uid);
	t->gid = process_u32(ev, P_GID, t->gid);
	if (event_param(ev, P_FLAGS).n == 4) {
		flags = process_u32(ev, P_FLAGS, 0);
		t->exe_writable = flags & EXE_WRITABLE;
		t->exe_upper_layer = flags & EXE_UPPER_LAYER;
		t->exe_lower_layer = flags & EXE_LOWER_LAYER;
		t->exe_from_memfd = flags & EXE_FROM_MEMFD;
	}
	t->cap_inheritable = process_u64(ev, P_CAP_INHERITABLE, t->cap_inheritable);
	t->cap_permitted = process_u64(ev, P_CAP_PERMITTED, t->cap_permitted);
	t->cap_effective = process_u64(ev, P_CAP_EFFECTIVE, t->cap_effective);
	t->exe_ino = process_u64(ev, P_EXE_INO, t->exe_ino);
	if (event_param(ev, P_EXE_CTIME).n == 8) {
		t->exe_ctime = process_u64(ev, P_EXE_CTIME, 0);
		if (t->clone_ts)
			t->ctime_dur_clone = t->clone_ts - t->exe_ctime;
		if (t->pidns_init_start_ts && t->exe_ctime > t->pidns_init_start_ts)
			t->ctime_dur_pidns = t->exe_ctime - t->pidns_init_start_ts;
	}
	t->exe_mtime = process_u64(ev, P_EXE_MTIME, t->exe_mtime);
}

static bool survives_exec(void *arg, const struct fd_entry *f)
{
	(void)arg;
	/* This kind keeps its creator's own flags. */
	if (f->type == FD_MEMFD)
		return !(f->openflags & MFD_CAP_CLOEXEC);
	return !(f->openflags & F_O_CLOEXEC);
}

/* An exec ends all other threads of the process but the leader, which is the one that should exec.
 */
static void remove_others(struct state *st, struct thread *t)
{
	struct thread *o = t->group ? t->group->first : NULL;

	while (o) {
		struct thread *next = o->group_next;

		if (o != t && !thread_is_main(o))
			thread_remove(st, o->tid);
		o = next;
	}
}

void parse_execve(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	struct thread *t = ctx->thread;
	struct str s;

	if (!t || !ctx->has_res || ctx->res < 0)
		return;
	thread_resurrect(t);
	t->exe = param_istr(st, ev, P_EXE);
	t->lastexec_ts = ev->ts;
	t->comm =
		event_param_str(ev, P_COMM, &s) && s.n ? intern_get(st->intern, s.p, s.n) : t->exe;
	thread_set_args(st, t, event_param_bytes(ev, P_ARGS), NULL);
	thread_set_cmdline(st, t, NULL);
	if (!t->group) {
		t->pid = process_i64(ev, P_PID, t->pid);
		if (thread_invalid(t)) {
			t->ptid = process_i64(ev, P_PTID, t->ptid);
			if (!(t->flags & THREAD_CHILD_IN_PIDNS)) {
				t->vtid = t->tid;
				t->vpid = t->pid;
			}
		}
		thread_link(st, t);
	}
	if (event_param(ev, P_ENV).n)
		thread_set_env(st, t, event_param_bytes(ev, P_ENV));
	if (event_param(ev, P_CGROUPS).n)
		thread_set_cgroups(st, t, event_param_bytes(ev, P_CGROUPS), t);
	set_exepath(st, ctx);
	set_numbers(t, ev);
	if (t->fds)
		fd_table_filter(t->fds, survives_exec, NULL);
	t->flags &= THREAD_PIPE_SRC | THREAD_PIPE_DST | THREAD_IS_MAIN | THREAD_CLONE_INVERTED;
	t->flags |= THREAD_ACTIVE | THREAD_NAME_CHANGED;
	remove_others(st, t);
	thread_set_container(st, t, NULL);
	thread_touch(st, t);
	tree_touch(st);
}
