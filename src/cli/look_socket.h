/*
 * look_socket: descriptors as `eyas fds` and `eyas net` show them.
 *
 * Layer: cli.
 */
#ifndef EYAS_LOOK_SOCKET_H
#define EYAS_LOOK_SOCKET_H

#include "base/strbuf.h"
#include "state/fd_table.h"

/* An IP socket's ends, seen from the process. */
struct socket_ends {
	struct ipaddr local, peer;
	uint16_t local_port, peer_port;
	bool has_peer;
};

/* False for what is no IP socket. */
bool socket_ends(const struct fd_entry *f, struct socket_ends *ret);
/* "192.0.2.1:80", "[2001:db8::1]:80"; "*" for what is not bound. */
void socket_end_text(const struct ipaddr *a, uint16_t port, struct strbuf *out);
/* "tcp", "udp", "icmp", "raw", "unix"; "ip" for an IP socket of another protocol. */
const char *socket_protocol(const struct fd_entry *f);
/* The state in the words of ss(8). */
const char *socket_state(const struct fd_entry *f);

#endif
