/*
 * fs.path.*: the paths of successful file system calls; evt.abspath: those of *at calls, successful
 * or not. fields.json `fs_path` says which parameter of which call is meant.
 */
#include "event/event_text.h"
#include "fields/field_extract.h"

/* Where a relative path starts. */
enum base {
	BASE_CWD,
	BASE_FD,     /* the name of the descriptor that was opened */
	BASE_DIRFD,  /* the directory of a descriptor; AT_FDCWD is the cwd */
	BASE_STRICT, /* the name of a descriptor: AT_FDCWD is unknown, as for Falco */
	BASE_IS_FD,  /* no path: the descriptor's name is it */
};

struct path_param {
	int8_t param;
	uint8_t base;
	int8_t dirfd;
};

/* One path, or source and target; param -1: none. */
struct path_row {
	uint16_t type;
	struct path_param name, source, target;
};

#define NONE              \
	{                 \
		-1, 0, -1 \
	}
#define ONE(type, param, base, dirfd)                          \
	{                                                      \
		EVT_##type, { param, base, dirfd }, NONE, NONE \
	}
#define TWO(type, sparam, sbase, sdirfd, tparam, tbase, tdirfd) \
	{                                                       \
		EVT_##type, NONE, { sparam, sbase, sdirfd },    \
		{                                               \
			tparam, tbase, tdirfd                   \
		}                                               \
	}

static const struct path_row rows[] = {
	ONE(SYSCALL_OPEN_X, 1, BASE_CWD, -1),
	ONE(SYSCALL_OPENAT_2_X, 2, BASE_FD, -1),
	ONE(SYSCALL_OPENAT2_X, 2, BASE_FD, -1),
	ONE(SYSCALL_MKDIR_2_X, 1, BASE_CWD, -1),
	ONE(SYSCALL_MKDIRAT_X, 2, BASE_STRICT, 1),
	ONE(SYSCALL_RMDIR_2_X, 1, BASE_CWD, -1),
	ONE(SYSCALL_UNLINK_2_X, 1, BASE_CWD, -1),
	ONE(SYSCALL_UNLINKAT_2_X, 2, BASE_STRICT, 1),
	ONE(SYSCALL_CHMOD_X, 1, BASE_CWD, -1),
	ONE(SYSCALL_FCHMODAT_X, 2, BASE_STRICT, 1),
	ONE(SYSCALL_FCHMOD_X, 1, BASE_IS_FD, -1),
	ONE(SYSCALL_FCHOWN_X, 1, BASE_IS_FD, -1),
	ONE(SYSCALL_CHOWN_X, 1, BASE_CWD, -1),
	ONE(SYSCALL_LCHOWN_X, 1, BASE_CWD, -1),
	ONE(SYSCALL_FCHOWNAT_X, 2, BASE_STRICT, 1),
	ONE(SYSCALL_QUOTACTL_X, 1, BASE_CWD, -1),
	ONE(SYSCALL_UMOUNT_1_X, 1, BASE_CWD, -1),
	ONE(SYSCALL_UMOUNT2_X, 1, BASE_CWD, -1),
	TWO(SYSCALL_RENAME_X, 1, BASE_CWD, -1, 2, BASE_CWD, -1),
	TWO(SYSCALL_RENAMEAT_X, 2, BASE_CWD, -1, 4, BASE_CWD, -1),
	TWO(SYSCALL_RENAMEAT2_X, 2, BASE_DIRFD, 1, 4, BASE_DIRFD, 3),
	TWO(SYSCALL_LINK_2_X, 2, BASE_CWD, -1, 1, BASE_CWD, -1),
	TWO(SYSCALL_LINKAT_2_X, 4, BASE_CWD, -1, 2, BASE_CWD, -1),
	TWO(SYSCALL_SYMLINK_X, 2, BASE_CWD, -1, 1, BASE_CWD, -1),
	TWO(SYSCALL_SYMLINKAT_X, 3, BASE_STRICT, 2, 1, BASE_STRICT, 2),
	TWO(SYSCALL_MOUNT_X, 1, BASE_CWD, -1, 2, BASE_CWD, -1),
};

static const struct path_row *path_row(unsigned type)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

/* A descriptor's name with '/' behind it. */
static bool fd_dir(const struct field_env *env, int64_t fd, struct strbuf *out)
{
	const struct fd_table *fds = thread_fds(env->ctx->st, env->ctx->thread);
	const struct fd_entry *f = fds ? fd_table_get(fds, fd) : NULL;

	if (!f)
		return false;
	strbuf_addstr(out, istr_str(fd_name(f)));
	if (out->n == 0 || out->s[out->n - 1] != '/')
		strbuf_addc(out, '/');
	return true;
}

static bool base_dir(const struct field_env *env, const struct path_param *p, struct strbuf *out)
{
	int64_t dirfd = EVENT_AT_FDCWD;

	if (p->dirfd >= 0)
		dirfd = event_param_int_or(env->ctx->ev, (unsigned)p->dirfd, EVENT_AT_FDCWD);
	if (p->base == BASE_STRICT)
		return fd_dir(env, dirfd, out);
	return thread_dir(env->ctx->st, env->ctx->thread, dirfd, out);
}

/* base + path into the event's arena; "<UNKNOWN>" stands for a directory that is not known. */
static struct str absolute(const struct field_env *env, const struct path_param *p, struct str path)
{
	struct strbuf *sb = field_scratch(env), *dir = field_scratch_part(env);

	if (!(path.n && path.p[0] == '/') && !base_dir(env, p, dir)) {
		strbuf_reset(dir);
		strbuf_adds(dir, "<UNKNOWN>");
	}
	path_join(strbuf_str(dir), path, sb);
	return arena_str(env->arena, strbuf_str(sb));
}

static bool succeeded(const struct field_env *env)
{
	const struct event *ev = env->ctx->ev;
	int64_t res;

	if (!event_retval(ev, &res))
		return false;
	/* as Falco: an open counts as failed only when it returned -1 */
	if (ev->info->flags & EF_CREATES_FD)
		return res != -1;
	return res == 0;
}

bool field_x_fs_path(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct event *ev = env->ctx->ev;
	const struct path_row *row = path_row(ev->type);
	const struct path_param *p;
	const struct fd_entry *f;
	bool raw = ref->aux & FS_RAW;
	struct str path;

	if (!row || !env->ctx->thread)
		return false;
	p = (ref->aux & FS_TARGET)   ? &row->target
	    : (ref->aux & FS_SOURCE) ? &row->source
				     : &row->name;
	if (p->param < 0 || !succeeded(env))
		return false;
	if (p->base == BASE_IS_FD || (p->base == BASE_FD && !raw)) {
		f = field_fd(env);
		if (f)
			return values_add_istr(out, ref, fd_name(f));
		if (p->base == BASE_IS_FD)
			return false;
	}
	if (!event_param_str(ev, (unsigned)p->param, &path))
		return false;
	if (raw)
		return values_add_str(out, ref, path);
	if (p->base == BASE_FD && path.n && path.p[0] != '/')
		return values_add_z(out, ref, "<UNKNOWN>"); /* as Falco */
	return values_add_str(out, ref, absolute(env, p, path));
}

/* The *at calls of evt.abspath. */
struct abspath_row {
	uint16_t type;
	int8_t dirfd[2], path[2];
};

static const struct abspath_row abspath_rows[] = {
	{ EVT_SYSCALL_RENAMEAT_X, { 1, 3 }, { 2, 4 } },
	{ EVT_SYSCALL_RENAMEAT2_X, { 1, 3 }, { 2, 4 } },
	{ EVT_SYSCALL_SYMLINKAT_X, { 2, -1 }, { 3, -1 } },
	{ EVT_SYSCALL_OPENAT_2_X, { 1, -1 }, { 2, -1 } },
	{ EVT_SYSCALL_OPENAT2_X, { 1, -1 }, { 2, -1 } },
	{ EVT_SYSCALL_OPEN_BY_HANDLE_AT_X, { -1, -1 }, { 3, -1 } },
	{ EVT_SYSCALL_LINKAT_2_X, { 1, 3 }, { 2, 4 } },
	{ EVT_SYSCALL_UNLINKAT_2_X, { 1, -1 }, { 2, -1 } },
	{ EVT_SYSCALL_MKDIRAT_X, { 1, -1 }, { 2, -1 } },
	{ EVT_SYSCALL_FCHMODAT_X, { 1, -1 }, { 2, -1 } },
	{ EVT_SYSCALL_FCHOWNAT_X, { 1, -1 }, { 2, -1 } },
};

/* aux: .dst, the second path. */
bool field_x_evt_abspath(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	const struct event *ev = env->ctx->ev;
	const struct abspath_row *row = NULL;
	int64_t dirfd = EVENT_AT_FDCWD, fd;
	struct str path;

	if (!env->ctx->thread)
		return false;
	for (size_t i = 0; i < sizeof(abspath_rows) / sizeof(abspath_rows[0]); i++)
		if (abspath_rows[i].type == ev->type)
			row = &abspath_rows[i];
	if (!row || row->path[ref->aux] < 0)
		return false;
	if (row->type == EVT_SYSCALL_OPEN_BY_HANDLE_AT_X && (!event_retval(ev, &fd) || fd <= 0))
		return false;
	if (!event_param_str(ev, (unsigned)row->path[ref->aux], &path))
		return false;
	int8_t d = row->dirfd[ref->aux];
	if (d >= 0 && !event_param_int(ev, (unsigned)d, &dirfd))
		return false;
	struct path_param p = { row->path[ref->aux], BASE_DIRFD, d };
	return values_add_str(out, ref, absolute(env, &p, path));
}
