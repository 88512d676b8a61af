/* evt.*: what the event is: number, type, category, source, flags, outcome. */
#include "fields/field_extract.h"

#define X(name)                                                                  \
	bool field_x_##name(const struct field_ref *ref __attribute__((unused)), \
			    const struct field_env *env __attribute__((unused)), \
			    struct values *out __attribute__((unused)))

X(evt_num)
{
	return values_add_u(out, ref, env->ctx->ev->num);
}

X(evt_zero)
{
	return ref->aux ? values_add_z(out, ref, "0ns") : values_add_u(out, ref, 0);
}

X(evt_count)
{
	return values_add_u(out, ref, 1);
}

X(evt_dir)
{
	return values_add_z(out, ref, env->ctx->ev->type % 2 ? "<" : ">");
}

X(evt_cpu)
{
	return values_add_i(out, ref, env->ctx->ev->cpu);
}

static uint32_t category(const struct field_env *env)
{
	const struct event_info *info = env->ctx->ev->info;

	return info ? info->category : EC_UNKNOWN;
}

X(evt_source)
{
	const char *name = event_source_name(event_source_of(env->ctx->ev));

	return name && values_add_z(out, ref, name);
}

/* aux: its text of the event. */
X(evt_plugin)
{
	const char *name = event_plugin_name(env->ctx->ev);

	if (!name)
		return false;
	return ref->aux ? values_add_str(out, ref, event_plugin_data(env->ctx->ev))
			: values_add_z(out, ref, name);
}

X(evt_is_async)
{
	return values_add_u(out, ref, (category(env) & EC_METAEVENT) != 0);
}

X(evt_asynctype)
{
	if (!(category(env) & EC_METAEVENT))
		return false;
	return values_add_str(out, ref, event_type_text(env->ctx->ev));
}

X(evt_hostname)
{
	const struct snap_machine *m = state_machine(env->ctx->st);

	return values_add_str(out, ref, m ? m->hostname : STR(""));
}

/* aux: only system calls. */
X(evt_type)
{
	if (ref->aux && !(category(env) & EC_SYSCALL))
		return false;
	return values_add_str(out, ref, event_type_text(env->ctx->ev));
}

X(evt_type_is)
{
	int type = env->ctx->ev->type;

	/* by name the exit is meant, and its enter; by number just that one */
	return values_add_u(out, ref,
			    type == ref->aux || (ref->arg.p[0] > '9' && (type ^ 1) == ref->aux));
}

/* Reads, writes and the like are of the kind their descriptor is. */
static const char *io_category(const struct fd_entry *f)
{
	if (!f)
		return "unknown";
	switch (f->type) {
	case FD_FILE:
	case FD_FILE_V2:
	case FD_DIRECTORY:
		return "file";
	case FD_IPV4_SOCK:
	case FD_IPV6_SOCK:
	case FD_IPV4_SERVSOCK:
	case FD_IPV6_SERVSOCK:
		return "net";
	case FD_FIFO:
	case FD_UNIX_SOCK:
	case FD_EVENT:
	case FD_SIGNALFD:
	case FD_INOTIFY:
	case FD_USERFAULTFD:
		return "ipc";
	default:
		return "unknown";
	}
}

X(evt_category)
{
	uint32_t kind = category(env) & ~(uint32_t)EC_SOURCE_MASK;

	if (kind >= EC_IO_READ && kind <= EC_IO_OTHER)
		return values_add_z(out, ref, io_category(env->ctx->fd));
	return values_add_z(out, ref, event_category_name(category(env)));
}

static unsigned event_flags(const struct field_env *env)
{
	const struct event_info *info = env->ctx->ev->info;

	return info ? info->flags : 0;
}

X(evt_flag)
{
	static const unsigned bits[] = {
		[EVT_IO] = EF_READS_FROM_FD | EF_WRITES_TO_FD,
		[EVT_IO_READ] = EF_READS_FROM_FD,
		[EVT_IO_WRITE] = EF_WRITES_TO_FD,
		[EVT_WAIT] = EF_WAITS,
	};
	return values_add_u(out, ref, (event_flags(env) & bits[ref->aux]) != 0);
}

X(evt_io_dir)
{
	unsigned flags = event_flags(env);

	if (flags & EF_WRITES_TO_FD)
		return values_add_z(out, ref, "write");
	if (flags & EF_READS_FROM_FD)
		return values_add_z(out, ref, "read");
	return false;
}

X(evt_is_syslog)
{
	const struct fd_entry *f = env->ctx->fd;

	return values_add_u(out, ref,
			    (event_flags(env) & EF_WRITES_TO_FD) && f &&
				    str_find(istr_str(fd_name(f)), STR("/dev/log")) >= 0);
}

X(evt_count_exit)
{
	return env->ctx->ev->type % 2 ? values_add_u(out, ref, 1) : false;
}

/* aux: only those of main threads. */
X(evt_count_procinfo)
{
	bool is = env->ctx->ev->type == EVT_PROCINFO_E;

	if (is && ref->aux)
		is = env->ctx->thread && thread_is_main(env->ctx->thread);
	return values_add_u(out, ref, is);
}

/* The return value of a system call: its first parameter, as a signed number of its size. */
static bool result(const struct field_env *env, int64_t *ret)
{
	const struct event *ev = env->ctx->ev;
	struct param p = event_param(ev, 0);

	if (!(category(env) & EC_SYSCALL) || ev->type % 2 == 0 || ev->type == EVT_GENERIC_X)
		return false;
	if (p.n == 4)
		*ret = (int32_t)get_le32(p.p);
	else if (p.n == 8)
		*ret = (int64_t)get_le64(p.p);
	else
		return false;
	return param_type_is_int(ev->info->params[0].type);
}

X(evt_rawres)
{
	int64_t res;

	return result(env, &res) && values_add_i(out, ref, res);
}

X(evt_failed)
{
	int64_t res;

	return result(env, &res) && values_add_u(out, ref, res < 0);
}

X(evt_res)
{
	int64_t res;

	if (!result(env, &res))
		return false;
	if (res >= 0)
		return values_add_z(out, ref, "SUCCESS");
	const char *name = errno_name(-res);
	if (name)
		return values_add_z(out, ref, name);
	return values_add_z(out, ref, arena_printf(out->arena, "%lld", (long long)res));
}

static bool is_file(const struct fd_entry *f)
{
	return fd_is_file(f) || f->type == FD_DIRECTORY;
}

static bool is_net(const struct fd_entry *f)
{
	return fd_is_ip(f) || f->type == FD_UNIX_SOCK;
}

/* The event is of a group of evt.count.error.*: one of memory may also be one of a file. */
static bool in_error_group(const struct field_env *env, int group)
{
	const struct fd_entry *f = env->ctx->fd;
	unsigned type = env->ctx->ev->type;

	switch (group) {
	case EVT_ERROR_ANY:
		return true;
	case EVT_ERROR_FILE:
		if (f)
			return is_file(f);
		return type == EVT_SYSCALL_OPEN_X || type == EVT_SYSCALL_CREAT_X ||
		       type == EVT_SYSCALL_OPENAT_2_X || type == EVT_SYSCALL_OPENAT2_X ||
		       type == EVT_SYSCALL_OPEN_BY_HANDLE_AT_X;
	case EVT_ERROR_NET:
		if (f)
			return is_net(f);
		return type == EVT_SOCKET_ACCEPT_5_X || type == EVT_SOCKET_ACCEPT4_6_X ||
		       type == EVT_SOCKET_CONNECT_X;
	case EVT_ERROR_MEMORY:
		return (category(env) & ~(uint32_t)EC_SOURCE_MASK) == EC_MEMORY;
	default:
		return !in_error_group(env, EVT_ERROR_FILE) &&
		       !in_error_group(env, EVT_ERROR_NET) &&
		       (f || !in_error_group(env, EVT_ERROR_MEMORY));
	}
}

X(evt_count_error)
{
	int64_t res;

	if (!result(env, &res))
		return false;
	return in_error_group(env, ref->aux) && values_add_u(out, ref, res < 0);
}

/* The value of "KEY: " in "k: v; k: v", up to the next ';'. */
static bool infra_value(struct str text, struct str key, struct str *ret)
{
	struct str piece;

	while (str_split(&text, ';', &piece)) {
		piece = str_trim(piece);
		if (piece.n > key.n + 1 && str_starts(piece, key) && piece.p[key.n] == ':') {
			*ret = str_trim(str_from(piece, key.n + 1));
			return true;
		}
	}
	return false;
}

X(evt_infra)
{
	static const struct {
		const char *key;
	} keys[] = {
		[EVT_INFRA_NAME] = { "Event" },
		[EVT_INFRA_ID] = { "ID" },
		[EVT_INFRA_CONTAINER] = { "name" },
		[EVT_INFRA_IMAGE] = { "Image" },
	};
	const struct event *ev = env->ctx->ev;
	struct str text, value;

	if (ev->type != EVT_INFRASTRUCTURE_EVENT_E || !ev->info)
		return false;
	int i = event_param_index(ev->info, STR("description"));
	if (i < 0 || !event_param_str(ev, (unsigned)i, &text) ||
	    !infra_value(text, str_of(keys[ref->aux].key), &value))
		return false;
	if (ref->aux == EVT_INFRA_ID && value.n > 12)
		value.n = 12;
	ptrdiff_t at = str_chr(value, '@');
	if (ref->aux == EVT_INFRA_IMAGE && at >= 0)
		value.n = (size_t)at;
	return values_add_str(out, ref, value);
}
