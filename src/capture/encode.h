/*
 * encode: records of the driver into events in the newest layout.
 *
 * Layer: capture. What a call's parameters are made of is data (call_list.def); kernel values
 * become the capture's own encoding here (open flags, clone flags, socket addresses...), outside of
 * the system call. Pieces that were read before a call ran (EYAS_REC_ENTER) are kept per thread
 * until its exit.
 */
#ifndef EYAS_ENCODE_H
#define EYAS_ENCODE_H

#include "event/event.h"
#include "eyas_abi.h"

struct encoder;

struct encode_stats {
	uint64_t records, events;
	uint64_t orphans;    /* enter pieces whose exit never came */
	uint64_t unreadable; /* pieces of user memory that could not be read */
	uint64_t
		malformed; /* records that contradict themselves (a bug, never the input's fault) */
};

/* `boot_to_epoch_ns` is added to the driver's times (CLOCK_BOOTTIME) to give ns since the epoch. */
struct encoder *encoder_new(uint64_t boot_to_epoch_ns);
/* Another one from the next event on. */
void encoder_set_clock(struct encoder *e, uint64_t boot_to_epoch_ns);
void encoder_free(struct encoder *e);

/*
 * One record of `n` bytes, aligned to 8, that came from `cpu`. Returns the number of events it
 * became (0: an enter piece, kept, or a record that makes no sense; 1), with *ret filled: borrowed
 * from the encoder and from the record, until the next call.
 */
int encoder_feed(struct encoder *e, const void *record, size_t n, uint16_t cpu, struct event *ret);

/* What the driver must be told to fetch for call `nr` (from EYAS_MAX_NR on: of the 32-bit table);
 * false when the call has no row (it is recorded as GENERIC with its number): *ret is good then,
 * too. */
bool encode_plan(unsigned nr, struct eyas_plan *ret);

const struct encode_stats *encoder_stats(const struct encoder *e);

#endif
