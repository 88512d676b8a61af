/*
 * fd.* of sockets: ends of a connection by role (client, server) and by place (local, remote).
 * Ends are known only once the socket has a role; a server socket has just its own address.
 */
#include "event/event_text.h"
#include "fields/field_extract.h"

static bool is_server_socket(const struct fd_entry *f)
{
	return f->type == FD_IPV4_SERVSOCK || f->type == FD_IPV6_SERVSOCK;
}

static bool is_connection(const struct fd_entry *f)
{
	return f->type == FD_IPV4_SOCK || f->type == FD_IPV6_SOCK;
}

struct end {
	const struct ipaddr *addr; /* the descriptor's own */
	uint16_t port;
};

/* The end that FD_CLIENT, FD_SERVER, FD_LOCAL or FD_REMOTE means. */
static bool end_of(const struct field_env *env, const struct fd_entry *f, int which,
		   struct end *ret)
{
	if (is_server_socket(f)) {
		if (which != FD_SERVER)
			return false;
		*ret = (struct end){ &f->sip, f->sport };
		return true;
	}
	if (!is_connection(f) || f->role == FD_ROLE_NONE)
		return false;
	bool source = which == FD_CLIENT;
	if (which == FD_LOCAL || which == FD_REMOTE) {
		bool local = state_is_local(env->ctx->st, env->ctx->thread, &f->sip);
		source = local == (which == FD_LOCAL);
	}
	*ret = source ? (struct end){ &f->sip, f->sport } : (struct end){ &f->dip, f->dport };
	return true;
}

/* Addresses are borrowed from the descriptor: it stays as it is while the event is in hand. */
bool field_x_fd_end_ip(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct fd_entry *f = field_fd(env);
	struct end e;

	if (env->for_output && (ref->def->flags & FIELD_ANY_END))
		return false; /* which of the two it would be nobody can say */
	for (int which = FD_CLIENT; f && which <= FD_REMOTE; which <<= 1)
		if ((ref->aux & which) && end_of(env, f, which, &e) && e.addr->n)
			values_add_str(out, ref, str_mem(e.addr->b, e.addr->n));
	return out->n > 0;
}

bool field_x_fd_end_port(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	const struct fd_entry *f = field_fd(env);
	struct end e;

	if (env->for_output && (ref->def->flags & FIELD_ANY_END))
		return false; /* which of the two it would be nobody can say */
	for (int which = FD_CLIENT; f && which <= FD_REMOTE; which <<= 1)
		if ((ref->aux & which) && end_of(env, f, which, &e))
			values_add_u(out, ref, e.port);
	return out->n > 0;
}

/* The port as text. Sockets without ports give "" where Falco does. */
bool field_x_fd_proto(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	const struct fd_entry *f = field_fd(env);
	struct end e;

	if (!f)
		return false;
	if (is_connection(f) && end_of(env, f, ref->aux, &e))
		return values_add_z(out, ref, arena_printf(env->arena, "%u", e.port));
	if (ref->aux == FD_CLIENT && f->role != FD_ROLE_NONE && !is_connection(f))
		return values_add_str(out, ref, STR(""));
	if (ref->aux == FD_SERVER && is_server_socket(f))
		return values_add_str(out, ref, STR(""));
	return false;
}

unsigned field_fd_visible_proto(const struct fd_entry *f)
{
	if (!fd_is_ip(f))
		return L4_NA;
	if (f->l4proto == L4_RAW || is_server_socket(f) || f->role != FD_ROLE_NONE)
		return f->l4proto;
	return L4_NA;
}

bool field_x_fd_l4proto(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	static const char *const names[] = {
		[L4_UNKNOWN] = "<NA>", [L4_NA] = "<NA>",   [L4_TCP] = "tcp",
		[L4_UDP] = "udp",      [L4_ICMP] = "icmp", [L4_RAW] = "raw",
	};
	const struct fd_entry *f = field_fd(env);

	if (!f)
		return false;
	unsigned proto = field_fd_visible_proto(f);
	return values_add_z(out, ref, proto <= L4_RAW ? names[proto] : "<NA>");
}

bool field_x_fd_sockfamily(const struct field_ref *ref, const struct field_env *env,
			   struct values *out)
{
	const struct fd_entry *f = field_fd(env);

	if (!f)
		return false;
	if (fd_is_ip(f))
		return values_add_z(out, ref, "ip");
	return f->type == FD_UNIX_SOCK && values_add_z(out, ref, "unix");
}

static bool is_zero(const struct ipaddr *a)
{
	for (unsigned i = 0; i < a->n; i++)
		if (a->b[i])
			return false;
	return true;
}

bool field_x_fd_is_server(const struct field_ref *ref, const struct field_env *env,
			  struct values *out)
{
	const struct fd_entry *f = field_fd(env);

	if (!f)
		return false;
	bool server = is_server_socket(f);
	if (f->type == FD_IPV6_SOCK &&
	    is_zero(&f->dip)) /* as Falco: "::" is an address of the host */
		server = env->ctx->thread->container == NULL;
	else if (is_connection(f))
		server = state_is_local(env->ctx->st, env->ctx->thread, &f->dip);
	return values_add_u(out, ref, server);
}
