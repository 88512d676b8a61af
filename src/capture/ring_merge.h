/*
 * ring_merge: the records of all CPUs in one order of time.
 *
 * Layer: capture. Each CPU's ring is in order; records are handed out oldest first, up to a moment
 * that no ring can still undercut. They are read where they are, in the memory that the kernel's
 * ring shares with us; only when a ring fills up are they copied out of it, so that the kernel has
 * its room back.
 */
#ifndef EYAS_RING_MERGE_H
#define EYAS_RING_MERGE_H

#include <stddef.h>
#include <stdint.h>

struct ring_merge;

/* How long a program may take from reading the clock to sending its record, ns. */
#define RING_MERGE_SLACK_NS UINT64_C(20000000)

/* A BPF ring buffer as it is mapped (kernel/bpf/ringbuf.c). Positions only grow; a record is a head
 * of RING_MERGE_HEAD bytes, whose first 32 bits are its length and two flags, and its bytes. */
struct ring_pages {
	const uint8_t *data; /* twice in a row, so that no record is broken */
	size_t size;         /* of it once; a power of two */
	const unsigned long *producer;
	unsigned long *consumer;
};

#define RING_MERGE_HEAD    8
#define RING_MERGE_BUSY    (UINT32_C(1) << 31) /* is still being written */
#define RING_MERGE_DISCARD (UINT32_C(1) << 30)

struct ring_merge *ring_merge_new(uint16_t n_cpus);
void ring_merge_free(struct ring_merge *m);
/* Where a CPU's records are; borrowed. Once for each CPU, before anything else. */
void ring_merge_attach(struct ring_merge *m, uint16_t cpu, const struct ring_pages *pages);
/* Sees what has come into the rings: the next ring_merge_take() knows of it. */
void ring_merge_look(struct ring_merge *m);
/*
 * Hands out, oldest first, at most `most` of the records older than `now` less the slack (of all
 * when `now` is UINT64_MAX), and then gives their room back. fn returns 0 to go on; another value
 * stops and is returned, the record counts as taken; it is borrowed until fn returns. Returns the
 * number handed out.
 */
int ring_merge_take(struct ring_merge *m, uint64_t now, int most,
		    int (*fn)(void *arg, const void *record, size_t n, uint16_t cpu), void *arg);
/* Copies what waits out of all rings that are fuller than one part in `parts`. */
void ring_merge_relieve(struct ring_merge *m, unsigned parts);
/* Bytes that were copied out and wait. */
size_t ring_merge_bytes(const struct ring_merge *m);
/* CLOCK_BOOTTIME, ns: the clock of the records. */
uint64_t ring_merge_now(void);

#endif
