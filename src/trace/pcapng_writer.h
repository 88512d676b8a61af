/*
 * pcapng_writer: the packets of a trace as a network capture (pcapng 1.0, nanoseconds).
 *
 * Layer: trace. A sink like those of traces: events that are packets are written, all else is left
 * out. Block layouts: draft-ietf-opsawg-pcapng. A trace without packets is an error at the end.
 */
#ifndef EYAS_PCAPNG_WRITER_H
#define EYAS_PCAPNG_WRITER_H

#include "event/source.h"
#include "trace/trace.h"

struct outfile;
struct packet;

struct sink *pcapng_writer_create(struct outfile *out, const struct trace_create_options *opt,
				  struct diag *diag);
/*
 * Writes one packet captured at `ts` (ns since the epoch) with comments, each of which becomes an
 * opt_comment of its enhanced packet block. `k` is a sink of pcapng_writer_create(). 0 or -errno.
 */
int pcapng_writer_put(struct sink *k, uint64_t ts, const struct packet *p,
		      const struct str *comments, unsigned n);

#endif
