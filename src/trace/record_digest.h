/*
 * record_digest: a digest over records, to tell that two traces hold the same.
 *
 * Layer: trace. Everything that a trace is to keep goes in, in order: events with every byte of
 * their parameters, snapshots, losses, notes. Not the number of an event, which follows from it.
 */
#ifndef EYAS_RECORD_DIGEST_H
#define EYAS_RECORD_DIGEST_H

#include "base/strbuf.h"
#include "event/source.h"
#include "trace/blake2b.h"

struct record_digest {
	struct blake2b hash;
	struct strbuf gathered; /* not hashed yet */
};

void record_digest_begin(struct record_digest *d);
void record_digest_add(struct record_digest *d, const struct record *rec);
void record_digest_free(struct record_digest *d);
/* The digest of all that was added. */
void record_digest_end(struct record_digest *d, uint8_t ret[BLAKE2B_SIZE]);

#endif
