/*
 * packet_owners: packets of a trace with the processes whose sockets they belong to.
 *
 * Layer: cli. The calls of the trace are replayed to know the sockets; a packet is held until a
 * second of the trace has passed (a connection's first packet is older than the end of the call
 * that made it), but never more than 16 MiB of them. What a connection ends in, at either side, is
 * remembered for up to 262,144 of them.
 */
#ifndef EYAS_PACKET_OWNERS_H
#define EYAS_PACKET_OWNERS_H

#include "event/source.h"

struct packet_owners;

/* Writes into a sink of pcapng_writer_create(), which it borrows. */
struct packet_owners *packet_owners_new(struct sink *out);
void packet_owners_free(struct packet_owners *o);
/* Takes the next record of the trace; 0 or -errno of the sink. */
int packet_owners_put(struct packet_owners *o, const struct record *rec);
/* Writes the packets that are held; 0 or -errno. */
int packet_owners_flush(struct packet_owners *o);

#endif
