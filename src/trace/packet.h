/*
 * packet: a network packet as an event of a trace, and what is written about it in its headers.
 *
 * Layer: trace. A packet is an ASYNCEVENT_E of name "packet" without a thread; its data is laid out
 * as eyas-trace(5) says under "Packets". All here borrows the event's bytes. Link types are those
 * of the tcpdump group's registry (LINKTYPE_).
 */
#ifndef EYAS_PACKET_H
#define EYAS_PACKET_H

#include "base/ipaddr.h"
#include "base/strbuf.h"
#include "event/event.h"

#define PACKET_EVENT_NAME "packet"

struct packet {
	uint16_t linktype;
	uint32_t original; /* bytes it had; at least those kept */
	struct str iface;  /* the interface's name, at most 255 bytes */
	struct str bytes;  /* what was kept of it, from the link layer's header on */
};

/* Who speaks to whom, of a TCP or UDP packet. */
struct packet_tuple {
	uint8_t proto; /* IPPROTO_TCP or IPPROTO_UDP */
	struct ipaddr src, dst;
	uint16_t sport, dport;
};

/* The event is a packet (whether or not its data is as it must be). */
bool packet_is(const struct event *ev);
/* Reads a packet's event; false when its data is cut or of a later version. */
bool packet_read(const struct event *ev, struct packet *ret);
/* Appends the data parameter of a packet. */
void packet_data(const struct packet *p, struct strbuf *out);
/* Finds the tuple; false for other protocols, unknown link types, later fragments, cut headers. */
bool packet_tuple(const struct packet *p, struct packet_tuple *ret);

#endif
