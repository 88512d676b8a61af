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
#include "trace/eyas_format.h"
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
/*
 * Looks on while a trace is read, and may find fault. With one, every stream of every block is
 * unpacked and its hash checked; zstd's own checksum always is. For eyas_check.h.
 */
struct eyas_watch {
	void *arg;
	/*
	 * A block has been read, `streams` are its unpacked streams by kind; its records come next.
	 * NULL, or what is wrong with it: a static text.
	 */
	const char *(*begin)(void *arg, const struct eyas_block *b, uint64_t offset,
			     const uint8_t *hash, const struct strbuf *streams);
	/* All records of an events block were given out. As above. */
	const char *(*end)(void *arg);
	/* The trace is damaged or cut: in a block of this kind (0: not known), which begins here.
	 */
	void (*bad)(void *arg, uint64_t seq, unsigned kind, uint64_t offset, const char *what);
};
/* As eyas_reader_open(). The watch is copied. */
int eyas_reader_open_watched(struct input *in, struct diag *diag, const struct eyas_watch *watch,
			     struct source **ret);

/*
 * Goes on behind the checkpoint block at an offset of the file: 0 and the checkpoint, whose data is
 * good until the next record is read. -ESPIPE when that is no .eyas trace that is a plain file;
 * -EBADMSG, without a word in the diag, when there is no such block: the source can then only be
 * closed.
 */
int eyas_reader_seek(struct source *s, uint64_t offset, struct eyas_checkpoint *ret);
/* The trace ends where the block at this offset of the file begins. */
void eyas_reader_end_at(struct source *s, uint64_t offset);
/*
 * After such an end: the block there is a checkpoint, and follows what was read (its place in the
 * chain and its number are right).
 */
bool eyas_reader_at_end(const struct source *s);

/* After such an end: goes on to the next; false when it was the trace's own. */
bool eyas_reader_go_on(struct source *s, uint64_t offset);

#endif
