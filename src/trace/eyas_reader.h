/*
 * eyas_reader: .eyas traces as a source of raw events.
 *
 * Layer: trace. Block by block: the header's checksum and its place in the chain of hashes are
 * checked, then the streams are unpacked (zstd checks theirs) and events are given out of them.
 * Damage in a block ends the stream: all blocks before it have been delivered whole.
 */
#ifndef EYAS_EYAS_READER_H
#define EYAS_EYAS_READER_H

#include "event/source.h"
#include "trace/input.h"

/* These first bytes are those of an .eyas trace, also one that a text-mode copy has damaged. */
bool eyas_reader_probe(struct str head);
/*
 * Reads the first blocks, up to the provenance. Owns `in` from here on, also when it fails. 0, or
 * -errno with an error in `diag` (-EBADMSG damaged or cut, -EPROTONOSUPPORT a newer version).
 */
int eyas_reader_open(struct input *in, struct diag *diag, struct source **ret);
/*
 * From now on payload (what was read and written: PT_BYTEBUF parameters of I/O events) is not
 * unpacked; those parameters are then empty. Only for sources of format "eyas"; else ignored.
 */
void eyas_reader_skip_payload(struct source *s);
/* Also check the hash of every stream (zstd's own checksum always is): for `eyas verify`. */
void eyas_reader_check_hashes(struct source *s);

#endif
