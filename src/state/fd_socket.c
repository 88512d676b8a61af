#include "event/event_text.h"
#include "state/state_impl.h"

enum { SOCK_CAP_STREAM = 1, SOCK_CAP_DGRAM = 2, SOCK_CAP_RAW = 3 };
enum { PROTO_IP = 0, PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_RAW = 255 };
enum { CAP_EINPROGRESS = 115 };
enum { SOCK_CAP_CLOEXEC = 0x80000 }; /* in the type, as the call takes it */
enum { SOL_CAP_SOCKET = 1, SO_CAP_ERROR = 4 };

static uint8_t l4_of(uint32_t type, uint32_t proto)
{
	switch (proto) {
	case PROTO_TCP:
		return type == SOCK_CAP_RAW ? L4_RAW : L4_TCP;
	case PROTO_UDP:
		return type == SOCK_CAP_RAW ? L4_RAW : L4_UDP;
	case PROTO_IP:
		/* The upper bits are SOCK_NONBLOCK and SOCK_CLOEXEC. */
		switch (type & 0xff) {
		case SOCK_CAP_STREAM:
			return L4_TCP;
		case SOCK_CAP_DGRAM:
			return L4_UDP;
		default:
			return L4_UNKNOWN;
		}
	case PROTO_ICMP:
		return type == SOCK_CAP_RAW ? L4_RAW : L4_ICMP;
	case PROTO_RAW:
		return L4_RAW;
	default:
		return L4_UNKNOWN;
	}
}

void parse_socket(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	struct fd_entry *f;
	uint32_t domain;

	if (!ctx->thread || !ctx->has_res || ctx->res < 0)
		return;
	domain = (uint32_t)event_param_int_or(ev, 1, 0);
	f = state_fd_add(st, ctx, ctx->res);
	if (!f)
		return;
	f->openflags = (uint32_t)event_param_int_or(ev, 4, 0);
	switch (domain) {
	case AF_CAP_UNIX:
		f->type = FD_UNIX_SOCK;
		break;
	case AF_CAP_INET:
	case AF_CAP_INET6:
		f->type = domain == AF_CAP_INET ? FD_IPV4_SOCK : FD_IPV6_SOCK;
		f->sip.n = f->dip.n = domain == AF_CAP_INET ? 4 : 16;
		f->l4proto = l4_of((uint32_t)event_param_int_or(ev, 2, 0),
				   (uint32_t)event_param_int_or(ev, 3, 0));
		break;
	case AF_CAP_NETLINK:
		f->type = FD_NETLINK;
		break;
	default:
		f->type = FD_UNKNOWN;
	}
}

void parse_socketpair(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	const struct fd_table *fds;
	int64_t a, b;

	if (!ctx->thread || !ctx->has_res || ctx->res < 0 || !event_param_int(ev, 1, &a) ||
	    !event_param_int(ev, 2, &b) || a == b)
		return;
	for (int i = 0; i < 2; i++) {
		struct fd_entry *f = state_fd_add(st, ctx, i ? b : a);

		if (!f)
			return;
		f->type = FD_UNIX_SOCK;
		f->unix_src = (uint64_t)event_param_int_or(ev, 3, 0);
		f->unix_dst = (uint64_t)event_param_int_or(ev, 4, 0);
		if (event_param_int_or(ev, 6, 0) & SOCK_CAP_CLOEXEC)
			f->openflags |= F_O_CLOEXEC;
	}
	/* The event is about the first, its number is the second's. */
	fds = thread_fds(st, ctx->thread);
	ctx->fd = fds ? fd_table_get(fds, a) : NULL;
}

void parse_bind(struct state *st, struct event_ctx *ctx)
{
	struct str addr = event_param_bytes(ctx->ev, 1);
	struct sock_ends e;
	struct fd_entry *f;

	if (!ctx->has_res || ctx->res < 0 || !addr.n)
		return;
	f = state_fd_edit(st, ctx);
	if (!f)
		return;
	if (sock_addr_parse(addr, &e) && e.family != AF_CAP_UNIX && e.sport > 0) {
		struct ipaddr v4;

		if (ipaddr_v4_mapped(&e.sip, &v4))
			e.sip = v4;
		f->type = e.sip.n == 4 ? FD_IPV4_SERVSOCK : FD_IPV6_SERVSOCK;
		f->sip = e.sip;
		f->sport = e.sport;
		f->dip = (struct ipaddr){ .n = e.sip.n };
		f->dport = 0;
		f->role = FD_ROLE_SERVER;
	}
	strbuf_reset(&st->text);
	sock_addr_text(addr, &st->text);
	fd_set_name(f, intern_get(st->intern, st->text.s, st->text.n));
}

/* The state of a connection attempt; false: nothing more to learn from this event. */
static bool connect_result(struct state *st, const struct event_ctx *ctx, uint8_t *flags)
{
	if (!st->opt.connection_tracking) {
		if (ctx->res < 0 && ctx->res != -CAP_EINPROGRESS)
			return false;
		*flags |= FD_CONNECTED;
		return true;
	}
	*flags &= (uint8_t) ~(FD_CONNECTED | FD_CONNECT_PENDING | FD_CONNECT_FAILED);
	if (ctx->res == -CAP_EINPROGRESS)
		*flags |= FD_CONNECT_PENDING;
	else if (ctx->res < 0)
		*flags |= FD_CONNECT_FAILED;
	else
		*flags |= FD_CONNECTED;
	return true;
}

/*
 * The destination the caller asked for in the enter event counts, where the tuple only repeats what
 * the exit read from memory again.
 */
static void use_enter_address(struct state *st, struct event_ctx *ctx, struct sock_ends *ends)
{
	const struct stored_enter *e = enter_of(st, ctx);
	struct sock_ends asked, seen;

	if (!e || !e->has_text || !sock_addr_parse(strbuf_str(&e->text), &asked) ||
	    !sock_addr_parse(event_param_bytes(ctx->ev, 3), &seen) || asked.family != seen.family ||
	    asked.family != ends->family)
		return;
	if (asked.family == AF_CAP_UNIX) {
		if (str_eq(ends->path, seen.path))
			ends->path = asked.path;
	} else if (ipaddr_eq(&ends->dip, &seen.sip) && ends->dport == seen.sport) {
		ends->dip = asked.sip;
		ends->dport = asked.sport;
	}
}

/* A connect without a tuple: only the destination, as it was asked for. No name and no role come of
 * it. */
static void connect_destination(struct state *st, struct event_ctx *ctx, struct fd_entry *f)
{
	const struct stored_enter *e = enter_of(st, ctx);
	struct sock_ends addr;
	struct ipaddr v4;

	if (!e || !e->has_text || !sock_addr_parse(strbuf_str(&e->text), &addr))
		return;
	if (addr.family == AF_CAP_UNIX) {
		fd_set_name(f, intern_get(st->intern, "NULL", 4));
		return;
	}
	if (ipaddr_v4_mapped(&addr.sip, &v4))
		addr.sip = v4;
	f->type = addr.sip.n == 4 ? FD_IPV4_SOCK : FD_IPV6_SOCK;
	if (f->sip.n != addr.sip.n)
		f->sip = (struct ipaddr){ .n = addr.sip.n };
	f->dip = addr.sip;
	f->dport = addr.sport;
}

void parse_connect(struct state *st, struct event_ctx *ctx)
{
	struct sock_ends ends;
	struct fd_entry *f;
	uint8_t flags;

	if (!ctx->thread || !ctx->has_res || !ctx->fd)
		return;
	flags = ctx->fd->flags;
	if (!connect_result(st, ctx, &flags))
		return;
	f = state_fd_edit(st, ctx);
	if (!f)
		return;
	f->flags = flags;
	if (!event_param(ctx->ev, 1).n) {
		connect_destination(st, ctx, f);
		return;
	}
	if (!sock_tuple_parse(event_param_bytes(ctx->ev, 1), &ends))
		return;
	use_enter_address(st, ctx, &ends);
	if (ends.family == AF_CAP_UNIX) {
		if (f->type != FD_UNIX_SOCK)
			return;
		fd_set_unix_ends(st, f, &ends);
	} else {
		bool changed;

		sock_ends_unmap(&ends);
		f->type = ends.family == AF_CAP_INET ? FD_IPV4_SOCK : FD_IPV6_SOCK;
		changed = !fd_has_ends(f, &ends);
		if (changed) {
			f->sip = ends.sip;
			f->sport = ends.sport;
			f->dip = ends.dip;
			f->dport = ends.dport;
		}
		if (changed && f->role == FD_ROLE_SERVER && f->type == FD_IPV4_SOCK &&
		    f->l4proto == L4_UDP)
			fd_swap_ends(f);
		fd_name_later(st, f, FD_NAME_L4);
	}
	if (f->role == FD_ROLE_NONE)
		f->role = FD_ROLE_CLIENT;
}

void parse_accept(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	struct sock_ends ends;
	struct fd_entry *f;

	if (!ctx->thread || !ctx->has_res || ctx->res < 0)
		return;
	ctx->thread->last_fd = ctx->fd_num = ctx->res;
	ctx->fd_known = true;
	if (!sock_tuple_parse(event_param_bytes(ev, 1), &ends))
		return;
	f = state_fd_add(st, ctx, ctx->res);
	if (!f)
		return;
	if (ends.family == AF_CAP_UNIX) {
		f->type = FD_UNIX_SOCK;
		fd_set_unix_ends(st, f, &ends);
	} else {
		sock_ends_unmap(&ends);
		f->type = ends.family == AF_CAP_INET ? FD_IPV4_SOCK : FD_IPV6_SOCK;
		f->sip = ends.sip;
		f->dip = ends.dip;
		f->sport = ends.sport;
		f->dport = ends.dport;
		f->l4proto = L4_TCP;
		fd_name_later(st, f, FD_NAME_ENDS);
	}
	f->role = FD_ROLE_SERVER;
	f->flags |= FD_CONNECTED;
	if (ev->type == EVT_SOCKET_ACCEPT4_6_X && (event_param_int_or(ev, 5, 0) & F_O_CLOEXEC))
		f->openflags |= F_O_CLOEXEC;
}

void parse_getsockopt(struct state *st, struct event_ctx *ctx)
{
	struct str val = event_param_bytes(ctx->ev, 4);
	struct cursor c = cursor_of(val.p, val.n);
	struct fd_entry *f;
	int64_t err;

	if (!st->opt.connection_tracking || !ctx->has_res || ctx->res < 0 || !ctx->fd ||
	    event_param_int_or(ctx->ev, 2, -1) != SOL_CAP_SOCKET ||
	    event_param_int_or(ctx->ev, 3, -1) != SO_CAP_ERROR)
		return;
	/* Variant 1 is an errno. */
	if (cursor_u8(&c) != 1)
		return;
	err = cursor_i64(&c);
	if (c.bad)
		return;
	f = state_fd_edit(st, ctx);
	if (!f)
		return;
	f->flags &= (uint8_t) ~(FD_CONNECTED | FD_CONNECT_PENDING | FD_CONNECT_FAILED);
	f->flags |= err < 0 ? FD_CONNECT_FAILED : FD_CONNECTED;
}
