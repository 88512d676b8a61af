/*
 * driver: the BPF programs at work: selection, and their rings, merged into one stream in time
 * order.
 *
 * Layer: capture. With driver_object it wraps libbpf; nothing else in the tree includes it.
 */
#ifndef EYAS_DRIVER_H
#define EYAS_DRIVER_H

#include "base/diag.h"
#include "base/json_writer.h"
#include "eyas_abi.h"

struct driver;

struct driver_options {
	struct eyas_config config; /* snap lengths, selection */
	size_t ring_bytes;         /* per CPU, a power of two */
	const uint8_t *syscalls;   /* 2 * EYAS_MAX_NR flags: which are recorded; NULL: all */
	const uint32_t *pids;      /* for EYAS_SELECT_PID / TREE */
	size_t n_pids;
	int cgroup_fd; /* directory, for EYAS_SELECT_CGROUP; -1 without */
	bool signals;  /* signal_deliver */
};

/* Loads and attaches; everything that a kernel lacks is turned off and noted in `diag`. 0 or -errno
 * with an error in `diag` that names the missing capability or kernel feature. */
int driver_open(const struct driver_options *opt, struct diag *diag, struct driver **ret);
void driver_close(struct driver *d);
/* One more selected process (the tree of a command). 0 or -errno. */
int driver_select_pid(struct driver *d, uint32_t pid);

/*
 * Takes what is in the rings and hands each record to fn in order of time over all CPUs, waiting at
 * most `timeout_ms` for the first. fn returns 0 to go on. Records that may still be overtaken by
 * another CPU's are held back until the next call; driver_drain() gives them out at the end.
 * Returns the number handed out, or -errno or fn's.
 */
typedef int (*driver_record_fn)(void *arg, const void *record, size_t n, uint16_t cpu);
int driver_poll(struct driver *d, int timeout_ms, driver_record_fn fn, void *arg);
int driver_drain(struct driver *d, driver_record_fn fn, void *arg);
/* Hands out all records older than `ts` (ring_merge_now()), waiting for those still on their way.
 */
int driver_take_until(struct driver *d, uint64_t ts, driver_record_fn fn, void *arg);
/* Only makes room in the rings: their records wait for the next call. */
void driver_fill(struct driver *d);
/* What a trace says of the driver, an object: the form of its tracepoints, and what is missing. */
void driver_describe(const struct driver *d, struct json_writer *w);
/* Stops tracing; the rings can still be drained. */
void driver_detach(struct driver *d);

/* Counters of one CPU as they are now. */
void driver_stats(const struct driver *d, uint16_t cpu, struct eyas_cpu_stats *ret);
uint16_t driver_cpus(const struct driver *d);

#endif
