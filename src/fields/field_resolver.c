/* What texts of parameters say of descriptors, pids, users and directories: looked up in the state.
 */
#include "fields/field_extract.h"

static const struct fd_entry *fd_entry(const struct field_env *env, int64_t fd)
{
	const struct thread *t = env->ctx->thread;
	const struct fd_table *fds = t ? thread_fds(env->ctx->st, t) : NULL;

	return fds ? fd_table_get(fds, fd) : NULL;
}

/* "<f>/etc/passwd", "<4t>1.2.3.4:5->6.7.8.9:80" */
static bool resolve_fd(void *arg, int64_t fd, struct strbuf *out)
{
	static const char protos[] = {
		[L4_TCP] = 't', [L4_UDP] = 'u', [L4_ICMP] = 'i', [L4_RAW] = 'r'
	};
	const struct fd_entry *f = fd_entry(arg, fd);

	if (!f)
		return false;
	strbuf_addc(out, '<');
	strbuf_addc(out, field_fd_type_char(f->type));
	if (fd_is_ip(f)) {
		unsigned proto = field_fd_visible_proto(f);
		if (proto < sizeof(protos) && protos[proto])
			strbuf_addc(out, protos[proto]);
	}
	strbuf_addc(out, '>');
	strbuf_addstr(out, istr_str(fd_name(f)));
	return true;
}

static char resolve_typechar(void *arg, int64_t fd)
{
	const struct fd_entry *f = fd_entry(arg, fd);

	return f ? field_fd_type_char(f->type) : '?';
}

static bool resolve_pid(void *arg, int64_t pid, struct strbuf *out)
{
	const struct field_env *env = arg;
	const struct thread *t = state_thread(env->ctx->st, pid);

	if (!t)
		return false;
	strbuf_addstr(out, istr_str(t->comm));
	return true;
}

static bool resolve_user(void *arg, uint32_t uid, struct strbuf *out)
{
	const struct field_env *env = arg;
	const struct thread *t = env->ctx->thread;
	const struct user_entry *u = state_user(env->ctx->st, t ? t->container : NULL, uid);

	if (u && u->name->n)
		strbuf_addstr(out, istr_str(u->name));
	else if (uid == 0)
		strbuf_adds(out, "root");
	else
		return false;
	return true;
}

static bool resolve_group(void *arg, uint32_t gid, struct strbuf *out)
{
	const struct field_env *env = arg;
	const struct thread *t = env->ctx->thread;
	const struct group_entry *g = state_group(env->ctx->st, t ? t->container : NULL, gid);

	if (g && g->name->n)
		strbuf_addstr(out, istr_str(g->name));
	else if (gid == 0)
		strbuf_adds(out, "root");
	else
		return false;
	return true;
}

static bool resolve_dir(void *arg, int64_t dirfd, struct strbuf *out)
{
	const struct field_env *env = arg;
	const struct thread *t = env->ctx->thread;

	return t && thread_dir(env->ctx->st, t, dirfd, out);
}

void field_resolver(const struct field_env *env, struct event_resolver *ret)
{
	*ret = (struct event_resolver){
		.arg = (void *)env,
		.fd = resolve_fd,
		.fd_typechar = resolve_typechar,
		.pid = resolve_pid,
		.user = resolve_user,
		.group = resolve_group,
		.dir = resolve_dir,
	};
}

struct event_text_options field_text_options(const struct field_env *env)
{
	return (struct event_text_options){ .buffer = env->buffer_format };
}
