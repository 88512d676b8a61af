/*
 * snapshot_proc: the running system from /proc, as a snapshot.
 *
 * Layer: capture. Taken after the driver is attached; what happens while it is taken is in the
 * events, and reconciled by whoever merges the two (an exit before the snapshot's entry, a clone
 * after it).
 */
#ifndef EYAS_SNAPSHOT_PROC_H
#define EYAS_SNAPSHOT_PROC_H

#include "base/diag.h"
#include "event/snapshot.h"

struct snapshot_proc_options {
	const char *root; /* "" for this system: where proc/, etc/ and sys/ are looked up (tests use
			     another) */
	bool fds;         /* descriptors too */
	bool environment;
	bool only_selected; /* only `pids`; of their ancestors the leader, without descriptors and
			       environment */
	bool descendants;   /* with that: also what descends from `pids` */
	const uint32_t *pids;
	size_t n_pids;
	void (*tick)(void *arg); /* called before each process, or NULL */
	void *tick_arg;
};

/* Fills *ret (initialised). Processes that end while being read are left out. 0 or -errno; what
 * could not be read for lack of a right is counted and noted in `diag`. */
int snapshot_proc_take(const struct snapshot_proc_options *opt, struct diag *diag,
		       struct snapshot *ret);

#endif
