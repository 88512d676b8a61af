/*
 * packets: packets of network interfaces, by libpcap, as events of the trace.
 *
 * Layer: capture. Opening needs CAP_NET_RAW, reading nothing. Packets wait here until the recorder
 * has handed out the calls before them.
 */
#ifndef EYAS_PACKETS_H
#define EYAS_PACKETS_H

#include "event/source.h"

#define PACKETS_MAX_IFACES 8
/* How long the kernel keeps packets to itself: less than the slack of ring_merge.h. */
#define PACKETS_LATE_MS 10

struct packets;

/*
 * Opens n interfaces, each "IFACE" or "IFACE,FILTER", keeping `snaplen` bytes of a packet. 0, or
 * -errno with an error in `diag`.
 */
int packets_open(char *const *specs, size_t n, int snaplen, struct diag *diag,
		 struct packets **ret);
void packets_close(struct packets *p);
/* Takes over what the kernel holds. When an interface has gone this is a warning in `diag`, and no
 * packets come from it any more. */
void packets_read(struct packets *p, struct diag *diag);
/*
 * The oldest packet not newer than `until` (ns since the epoch) as an event, good until the next
 * call; false when there is none.
 */
bool packets_next(struct packets *p, uint64_t until, struct event *ret);
/* How many were lost, in the kernel or here, since the last call. */
uint64_t packets_lost(struct packets *p);

#endif
