#include "state/state_impl.h"

/*
 * Takes the ends of a message's tuple over: the source as it is, the destination only
 * where it is not known yet. False when there is nothing new.
 */
static bool update_ends(struct state *st, struct fd_entry *f, const struct sock_ends *ends)
{
	static const struct ipaddr none4 = { .n = 4 }, none6 = { .n = 16 };
	bool server = f->type == FD_IPV4_SERVSOCK || f->type == FD_IPV6_SERVSOCK;
	const struct ipaddr *none;

	none = ends->family == AF_CAP_INET ? &none4 : &none6;
	f->type = ends->family == AF_CAP_INET ? FD_IPV4_SOCK : FD_IPV6_SOCK;
	if (f->dip.n != none->n || server)
		f->dip = *none;
	if (!server && fd_has_ends(f, ends))
		return false;
	f->sip = ends->sip;
	f->sport = ends->sport;
	if (ipaddr_eq(&f->dip, none))
		f->dip = ends->dip;
	if (!f->dport)
		f->dport = ends->dport;
	if (f->l4proto == L4_UNKNOWN || f->l4proto == L4_NA)
		f->l4proto = L4_UDP;
	ifaces_patch(st, f);
	return true;
}

/*
 * Ports as upstream's role test reads them: always where an IPv4 tuple has them, which in an IPv6
 * one is the middle of the source address.
 */
static void guess_ports(const struct fd_entry *f, uint16_t *ret_s, uint16_t *ret_d)
{
	if (f->type == FD_IPV4_SOCK) {
		*ret_s = f->sport;
		*ret_d = f->dport;
	} else {
		*ret_s = get_le16(f->sip.b + 8);
		*ret_d = get_le16(f->sip.b + 10);
	}
}

static void guess_role(struct state *st, const struct thread *t, struct fd_entry *f, bool incoming)
{
	const struct fd_table *fds = thread_fds(st, t);
	const struct fd_entry *o;
	bool bound = false, client_port = false;
	uint16_t sport, dport;
	size_t pos = 0;

	guess_ports(f, &sport, &dport);
	while (fds && (o = fd_table_next(fds, &pos))) {
		bound |= (o->type == FD_IPV4_SOCK && o->dport == dport) ||
			 (o->type == FD_IPV4_SERVSOCK && o->sport == dport);
		client_port |= o->type == FD_IPV4_SOCK && o->sport == sport;
	}
	if (!bound)
		f->role = FD_ROLE_CLIENT;
	else if (!client_port || incoming)
		f->role = FD_ROLE_SERVER;
	else
		f->role = FD_ROLE_CLIENT;
}

int rw_tuple_param(unsigned type)
{
	switch (type) {
	case EVT_SOCKET_RECVFROM_X:
		return 2;
	case EVT_SOCKET_RECVMSG_X:
		return 3;
	case EVT_SOCKET_RECV_X:
	case EVT_SOCKET_RECVMMSG_X:
	case EVT_SOCKET_SEND_X:
	case EVT_SOCKET_SENDTO_X:
	case EVT_SOCKET_SENDMSG_X:
	case EVT_SOCKET_SENDMMSG_X:
		return 4;
	default:
		return -1;
	}
}

/* A message on a descriptor never seen: it is taken for a UDP socket. */
static void assume_udp(struct state *st, struct event_ctx *ctx)
{
	struct sock_ends ends;
	struct fd_entry *f;

	switch (ctx->ev->type) {
	case EVT_SOCKET_SEND_X:
	case EVT_SOCKET_SENDTO_X:
	case EVT_SOCKET_SENDMSG_X:
		break;
	default:
		return;
	}
	if (ctx->fd_num < 0 || !sock_tuple_parse(event_param_bytes(ctx->ev, 4), &ends) ||
	    ends.family == AF_CAP_UNIX)
		return;
	f = state_fd_add(st, ctx, ctx->fd_num);
	if (!f)
		return;
	f->type = ends.family == AF_CAP_INET ? FD_IPV4_SOCK : FD_IPV6_SOCK;
	f->sip.n = f->dip.n = ends.sip.n;
	f->l4proto = L4_UDP;
}

/* A message that went through shows that the socket is connected; with tracking, one that did not,
 * not. */
static void set_rw_outcome(struct state *st, struct event_ctx *ctx)
{
	uint8_t want = ctx->res >= 0 ? FD_CONNECTED : FD_CONNECT_FAILED;
	struct fd_entry *f;

	if ((ctx->fd->type != FD_IPV4_SOCK && ctx->fd->type != FD_IPV6_SOCK) ||
	    (ctx->fd->flags & want) || (ctx->res < 0 && !st->opt.connection_tracking))
		return;
	f = state_fd_edit(st, ctx);
	if (!f)
		return;
	f->flags &= (uint8_t) ~(FD_CONNECTED | FD_CONNECT_PENDING | FD_CONNECT_FAILED);
	f->flags |= want;
}

/* All reads and writes. */
void parse_rw(struct state *st, struct event_ctx *ctx)
{
	const struct event *ev = ctx->ev;
	bool incoming = (ev->info->flags & EF_READS_FROM_FD) != 0;
	int param = rw_tuple_param(ev->type);
	struct sock_ends ends;
	struct fd_entry *f;

	if (!ctx->thread || !ctx->has_res)
		return;
	if (!ctx->fd && param >= 0 && ctx->res >= 0)
		assume_udp(st, ctx);
	if (!ctx->fd)
		return;
	set_rw_outcome(st, ctx);
	if (ctx->res < 0)
		return;
	if (param < 0 || !event_param(ev, (unsigned)param).n)
		return;
	if (fd_has_name(ctx->fd) && ctx->fd->type == FD_IPV4_SOCK && ctx->fd->l4proto == L4_TCP)
		return;
	if (!sock_tuple_parse(event_param_bytes(ev, (unsigned)param), &ends))
		return;
	f = state_fd_edit(st, ctx);
	if (!f)
		return;
	if (ends.family == AF_CAP_UNIX) {
		f->type = FD_UNIX_SOCK;
		fd_set_unix_ends(st, f, &ends);
		return;
	}
	sock_ends_unmap(&ends);
	if (f->type == FD_IPV6_SERVSOCK && ends.family == AF_CAP_INET6) {
		/* As upstream: it stays a server, with the peer in place of its own address. */
		f->sip = ends.sip;
		fd_set_tuple_name(st, f, &ends);
		return;
	}
	if (!update_ends(st, f, &ends))
		return;
	if (f->role == FD_ROLE_NONE)
		guess_role(st, ctx->thread, f, incoming);
	if (f->role == (incoming ? FD_ROLE_CLIENT : FD_ROLE_SERVER))
		fd_swap_ends(f);
	fd_name_later(st, f, FD_NAME_L4);
}
