/* Descriptors as tables show them; see look_socket.h. */
#include "cli/look_socket.h"

static bool is_server(const struct fd_entry *f)
{
	return f->type == FD_IPV4_SERVSOCK || f->type == FD_IPV6_SERVSOCK;
}

static bool is_any(const struct ipaddr *a)
{
	for (unsigned i = 0; i < a->n; i++)
		if (a->b[i])
			return false;
	return true;
}

bool socket_ends(const struct fd_entry *f, struct socket_ends *ret)
{
	bool accepted = f->role == FD_ROLE_SERVER && !is_server(f);

	if (!fd_is_ip(f))
		return false;
	/* A connection's source is the client, whichever end the process is. */
	*ret = (struct socket_ends){
		.local = accepted ? f->dip : f->sip,
		.peer = accepted ? f->sip : f->dip,
		.local_port = accepted ? f->dport : f->sport,
		.peer_port = accepted ? f->sport : f->dport,
	};
	ret->has_peer = !is_server(f) && (ret->peer_port || !is_any(&ret->peer));
	return true;
}

void socket_end_text(const struct ipaddr *a, uint16_t port, struct strbuf *out)
{
	if (a->n == 16)
		strbuf_addc(out, '[');
	if (a->n)
		ipaddr_text(a, out);
	else
		strbuf_addc(out, '*');
	if (a->n == 16)
		strbuf_addc(out, ']');
	strbuf_addc(out, ':');
	if (port)
		strbuf_addu(out, port);
	else
		strbuf_addc(out, '*');
}

const char *socket_protocol(const struct fd_entry *f)
{
	if (f->type == FD_UNIX_SOCK)
		return "unix";
	switch (f->l4proto) {
	case L4_TCP:
		return "tcp";
	case L4_UDP:
		return "udp";
	case L4_ICMP:
		return "icmp";
	case L4_RAW:
		return "raw";
	default:
		return "ip";
	}
}

const char *socket_state(const struct fd_entry *f)
{
	struct socket_ends e;

	if (f->type == FD_UNIX_SOCK)
		return f->unix_dst ? "ESTAB" : "-";
	if (f->flags & FD_CONNECT_PENDING)
		return "SYN-SENT";
	/* Also when the kernel chose the port, which no call tells. */
	if (is_server(f) || str_ends(istr_str(fd_name(f)), STR(":0")))
		return f->l4proto == L4_TCP || f->l4proto == L4_NA ? "LISTEN" : "UNCONN";
	return socket_ends(f, &e) && e.has_peer ? "ESTAB" : "UNCONN";
}
