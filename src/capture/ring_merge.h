/*
 * ring_merge: the records of all CPUs in one order of time.
 *
 * Layer: capture. Each CPU's ring is in order; records are copied out of the rings at once (so that
 * the kernel has its room back) and handed out oldest first, up to a moment that no ring can still
 * undercut.
 */
#ifndef EYAS_RING_MERGE_H
#define EYAS_RING_MERGE_H

#include <stddef.h>
#include <stdint.h>

struct ring_merge;

/* How long a program may take from reading the clock to sending its record, ns. */
#define RING_MERGE_SLACK_NS UINT64_C(20000000)

struct ring_merge *ring_merge_new(uint16_t n_cpus);
void ring_merge_free(struct ring_merge *m);
/* Copies a record that came from a CPU's ring; records of one CPU come in their order. */
void ring_merge_put(struct ring_merge *m, uint16_t cpu, const void *record, size_t n);
/*
 * Hands out, oldest first, at most `most` of the records older than `now` less the slack (of all
 * when `now` is UINT64_MAX). fn returns 0 to go on; another value stops and is returned, the record
 * counts as taken. Returns the number handed out.
 */
int ring_merge_take(struct ring_merge *m, uint64_t now, int most,
		    int (*fn)(void *arg, const void *record, size_t n, uint16_t cpu), void *arg);
/* Bytes waiting. */
size_t ring_merge_bytes(const struct ring_merge *m);
/* CLOCK_BOOTTIME, ns: the clock of the records. */
uint64_t ring_merge_now(void);

#endif
