/*
 * export_packets: what was sent and received over IP sockets, as the packets that could have
 * carried it.
 *
 * Layer: cli. The trace has the calls, not the packets: addresses, ports, lengths, order and the
 * recorded bytes are real, headers are made up: a handshake at the beginning of each TCP
 * connection, sequence numbers that count what was transferred, acknowledgements as the window
 * needs them, right checksums. Bytes that were not recorded are missing from the packet, whose
 * original length counts them. Headers: RFC 791, 8200, 9293, 768. Of a connection with both ends in
 * the trace the end that acts first is written.
 */
#ifndef EYAS_EXPORT_PACKETS_H
#define EYAS_EXPORT_PACKETS_H

#include "fields/field.h"
#include "trace/pcapng_writer.h"

struct packet_export;

/* Borrows the sink of pcapng_writer_create(), which the caller finishes. */
struct packet_export *packet_export_begin(struct sink *k);
/* The event in hand; 0 or -errno of writing. */
int packet_export_event(struct packet_export *x, const struct field_env *env);
/* Frees it; the number of packets written. */
uint64_t packet_export_end(struct packet_export *x);

#endif
