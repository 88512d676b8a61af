/*
 * fd.*: the descriptor the event is about. fields.json `fd_fields`: there are values only for
 * events that create, use or close a descriptor, by a known thread. When the descriptor itself is
 * not known (a failed open, one from before the recording), its name and type are taken from the
 * event.
 */
#include "event/event_text.h"
#include "fields/field_extract.h"

bool field_fd_applies(const struct field_env *env)
{
	const struct event_info *info = env->ctx->ev->info;

	return info && (info->flags & (EF_CREATES_FD | EF_USES_FD | EF_DESTROYS_FD)) &&
	       env->ctx->thread;
}

const struct fd_entry *field_fd(const struct field_env *env)
{
	const struct event_ctx *ctx = env->ctx;

	if (!field_fd_applies(env))
		return NULL;
	if (ctx->fd)
		return ctx->fd;
	const struct fd_table *fds = thread_fds(ctx->st, ctx->thread);
	return fds ? fd_table_get(fds, ctx->fd_num) : NULL;
}

const char *field_fd_type_text(unsigned type)
{
	switch (type) {
	case FD_FILE:
	case FD_FILE_V2:
		return "file";
	case FD_DIRECTORY:
		return "directory";
	case FD_IPV4_SOCK:
	case FD_IPV4_SERVSOCK:
		return "ipv4";
	case FD_IPV6_SOCK:
	case FD_IPV6_SERVSOCK:
		return "ipv6";
	case FD_UNIX_SOCK:
		return "unix";
	case FD_FIFO:
		return "pipe";
	case FD_EVENT:
		return "event";
	case FD_SIGNALFD:
		return "signalfd";
	case FD_EVENTPOLL:
		return "eventpoll";
	case FD_INOTIFY:
		return "inotify";
	case FD_TIMERFD:
		return "timerfd";
	case FD_NETLINK:
		return "netlink";
	case FD_BPF:
		return "bpf";
	case FD_USERFAULTFD:
		return "userfaultfd";
	case FD_IOURING:
		return "io_uring";
	case FD_MEMFD:
		return "memfd";
	case FD_PIDFD:
		return "pidfd";
	default:
		return "unknown";
	}
}

char field_fd_type_char(unsigned type)
{
	switch (type) {
	case FD_FILE:
	case FD_FILE_V2:
		return 'f';
	case FD_DIRECTORY:
		return 'd';
	case FD_IPV4_SOCK:
	case FD_IPV4_SERVSOCK:
		return '4';
	case FD_IPV6_SOCK:
	case FD_IPV6_SERVSOCK:
		return '6';
	case FD_UNIX_SOCK:
		return 'u';
	case FD_FIFO:
		return 'p';
	case FD_EVENT:
		return 'e';
	case FD_SIGNALFD:
		return 's';
	case FD_EVENTPOLL:
		return 'l';
	case FD_INOTIFY:
		return 'i';
	case FD_TIMERFD:
		return 't';
	case FD_NETLINK:
		return 'n';
	case FD_BPF:
		return 'b';
	case FD_USERFAULTFD:
		return 'u';
	case FD_IOURING:
		return 'r';
	case FD_MEMFD:
		return 'm';
	case FD_PIDFD:
		return 'P';
	default:
		return 'o';
	}
}

bool field_x_fd_none(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	(void)ref;
	(void)env;
	(void)out;
	return false;
}

bool field_x_fd_num(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	return field_fd_applies(env) && values_add_i(out, ref, env->ctx->fd_num);
}

bool field_x_fd_type(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct fd_entry *f = field_fd(env);

	return f && values_add_z(out, ref, field_fd_type_text(f->type));
}

/* What an event's descriptor must be when it is not known. */
static char type_char_of_event(unsigned type)
{
	switch (type) {
	case EVT_SYSCALL_OPENAT_2_X:
	case EVT_SYSCALL_OPENAT2_X:
	case EVT_SYSCALL_CREAT_X:
		return 'f';
	case EVT_SOCKET_SOCKET_X:
	case EVT_SOCKET_ACCEPT_5_X:
	case EVT_SOCKET_ACCEPT4_6_X:
		return '4';
	case EVT_SYSCALL_PIPE_X:
	case EVT_SYSCALL_PIPE2_X:
		return 'p';
	case EVT_SYSCALL_EVENTFD_X:
	case EVT_SYSCALL_EVENTFD2_X:
		return 'e';
	case EVT_SYSCALL_SIGNALFD_X:
	case EVT_SYSCALL_SIGNALFD4_X:
		return 's';
	case EVT_SYSCALL_TIMERFD_CREATE_X:
		return 't';
	case EVT_SYSCALL_INOTIFY_INIT_X:
	case EVT_SYSCALL_INOTIFY_INIT1_X:
		return 'i';
	default:
		return 'o';
	}
}

bool field_x_fd_typechar(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	static const char chars[128][2] = {
		['f'] = "f", ['d'] = "d", ['4'] = "4", ['6'] = "6", ['u'] = "u", ['p'] = "p",
		['e'] = "e", ['s'] = "s", ['l'] = "l", ['i'] = "i", ['t'] = "t", ['n'] = "n",
		['b'] = "b", ['r'] = "r", ['m'] = "m", ['P'] = "P", ['o'] = "o",
	};
	const struct fd_entry *f = field_fd(env);
	char c;

	if (!field_fd_applies(env))
		return false;
	c = f ? field_fd_type_char(f->type) : type_char_of_event(env->ctx->ev->type);
	return values_add_z(out, ref, chars[(unsigned char)c & 127]);
}

/* directory and path as one, "<UNKNOWN>" for a directory that is not known. */
static struct str joined(const struct field_env *env, int64_t dirfd, struct str path,
			 const struct istr **ret_istr)
{
	*ret_istr = state_opened_path(env->ctx->st, env->ctx->thread, dirfd, path);
	return istr_str(*ret_istr);
}

/* The parameter with the path of an open-like exit, or -1. */
static int path_param(unsigned type)
{
	switch (type) {
	case EVT_SYSCALL_OPEN_X:
	case EVT_SYSCALL_CREAT_X:
		return 1;
	case EVT_SYSCALL_OPENAT_2_X:
	case EVT_SYSCALL_OPENAT2_X:
		return 2;
	case EVT_SYSCALL_OPEN_BY_HANDLE_AT_X:
		return 3;
	default:
		return -1;
	}
}

/* The name in the parameters of an exit whose descriptor is not known; "" when there is none. */
static struct str name_from_event(const struct field_env *env, const struct istr **ret_istr)
{
	const struct event *ev = env->ctx->ev;
	struct strbuf *sb;
	struct str path;

	int i = path_param(ev->type);

	if (i >= 0 && !event_param_str(ev, (unsigned)i, &path))
		return STR("");
	switch (ev->type) {
	case EVT_SYSCALL_OPEN_X:
	case EVT_SYSCALL_CREAT_X:
		return joined(env, EVENT_AT_FDCWD, path, ret_istr);
	case EVT_SYSCALL_OPENAT_2_X:
	case EVT_SYSCALL_OPENAT2_X:
		return joined(env, event_param_int_or(ev, 1, EVENT_AT_FDCWD), path, ret_istr);
	case EVT_SYSCALL_OPEN_BY_HANDLE_AT_X:
		return path;
	case EVT_SOCKET_CONNECT_X:
	case EVT_SOCKET_ACCEPT_5_X:
	case EVT_SOCKET_ACCEPT4_6_X:
		sb = field_scratch(env);
		sock_tuple_text(event_param_bytes(ev, 1), sb);
		return arena_str(env->arena, strbuf_str(sb));
	default:
		break;
	}
	return STR("");
}

bool field_fd_name_text(const struct field_env *env, struct str *ret, const struct istr **ret_istr)
{
	const struct fd_entry *f = field_fd(env);

	*ret_istr = NULL;
	if (f) {
		*ret = istr_str(fd_name(f));
		*ret_istr = fd_name(f);
		return true;
	}
	if (!field_fd_applies(env) || !env->ctx->ev->info->exit)
		return false;
	*ret = name_from_event(env, ret_istr);
	return true;
}

bool field_x_fd_name(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct istr *istr;
	struct str name;

	if (!field_fd_name_text(env, &name, &istr))
		return false;
	return istr ? values_add_istr(out, ref, istr) : values_add_str(out, ref, name);
}

static bool directory_of(const struct field_env *env, struct str *ret)
{
	const struct fd_entry *f = field_fd(env);
	const struct istr *istr;

	if (f && !fd_is_file(f) && f->type != FD_DIRECTORY)
		return false;
	if (!field_fd_name_text(env, ret, &istr))
		return false;
	if (f && f->type == FD_DIRECTORY)
		return true;
	ptrdiff_t slash = str_rchr(*ret, '/');
	if (slash <= 0)
		*ret = STR("/");
	else if ((size_t)slash + 1 < ret->n)
		ret->n = (size_t)slash;
	return true;
}

bool field_x_fd_directory(const struct field_ref *ref, const struct field_env *env,
			  struct values *out)
{
	struct str dir;

	return directory_of(env, &dir) && values_add_str(out, ref, dir);
}

bool field_x_fd_filename(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	const struct fd_entry *f = field_fd(env);

	if (!f || !fd_is_file(f))
		return false;
	struct str name = istr_str(fd_name(f));
	ptrdiff_t slash = str_rchr(name, '/');
	return values_add_str(out, ref, slash < 0 ? STR("/") : str_from(name, (size_t)slash + 1));
}

/* aux: fd.directory instead of fd.name. */
bool field_x_fd_container(const struct field_ref *ref, const struct field_env *env,
			  struct values *out)
{
	const struct istr *istr;
	struct str name;

	if (ref->aux ? !directory_of(env, &name) : !field_fd_name_text(env, &name, &istr))
		return false;
	struct strbuf *sb = field_scratch(env);
	strbuf_addstr(sb, field_container_id(env));
	strbuf_addc(sb, ':');
	strbuf_addstr(sb, name);
	return values_add_scratch(out, ref, sb);
}

bool field_x_fd_uid(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	if (!field_fd_applies(env))
		return false;
	struct strbuf *sb = field_scratch(env);
	strbuf_addi(sb, env->ctx->ev->tid);
	strbuf_addi(sb, env->ctx->fd_num);
	return values_add_scratch(out, ref, sb);
}

/* aux: the enum fd_state_flag. */
bool field_x_fd_flag(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct fd_entry *f = field_fd(env);

	return f && values_add_u(out, ref, (f->flags & ref->aux) != 0);
}

bool field_x_fd_name_changed(const struct field_ref *ref, const struct field_env *env,
			     struct values *out)
{
	const struct fd_entry *f = field_fd(env);

	if (!f)
		return false;
	return values_add_u(out, ref, env->ctx->fd_oldname && fd_name(f) != env->ctx->fd_oldname);
}

/* aux: whole, major, minor; as the kernel's new_encode_dev() packs them. */
bool field_x_fd_dev(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct fd_entry *f = field_fd(env);

	if (!f)
		return false;
	uint32_t dev = f->dev;
	if (ref->aux == 1)
		dev = (dev & 0xfff00) >> 8;
	else if (ref->aux == 2)
		dev = (dev & 0xff) | ((dev >> 12) & 0xfff00);
	return values_add_i(out, ref, dev);
}

bool field_x_fd_ino(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct fd_entry *f = field_fd(env);

	return f && values_add_i(out, ref, (int64_t)f->ino);
}

/* Runs of '/' are one. */
static struct str without_double_slashes(const struct field_env *env, struct str path)
{
	if (str_find(path, STR("//")) < 0)
		return path;
	char *p = arena_memdup(env->arena, path.p, path.n);
	size_t n = 0;
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] != '/' || n == 0 || p[n - 1] != '/')
			p[n++] = path.p[i];
	return str_mem(p, n);
}

bool field_x_fd_nameraw(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	const struct fd_entry *f = field_fd(env);
	struct str name = STR("");
	int path;

	if (f) {
		name = istr_str(f->nameraw);
	} else {
		if (!field_fd_applies(env) || !env->ctx->ev->info->exit)
			return false;
		path = path_param(env->ctx->ev->type);
		if (path >= 0 && !event_param_str(env->ctx->ev, (unsigned)path, &name))
			name = STR("");
	}
	return values_add_str(out, ref, without_double_slashes(env, name));
}

/* One type, or all of them, each once, in order of the descriptors' numbers. */
bool field_x_fd_types(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct fd_table *fds;
	const struct fd_entry *f;
	size_t pos = 0;

	if (!field_fd_applies(env))
		return false;
	fds = thread_fds(env->ctx->st, env->ctx->thread);
	if (!fds)
		return false;
	if (ref->has_arg) {
		f = fd_table_get(fds, ref->index);
		return f && values_add_z(out, ref, field_fd_type_text(f->type));
	}
	while ((f = fd_table_next(fds, &pos))) {
		const char *type = field_fd_type_text(f->type);
		uint32_t i = 0;
		while (i < out->n && out->v[i].s.p != type)
			i++;
		if (i == out->n)
			values_add_z(out, ref, type);
	}
	return out->n > 0;
}
