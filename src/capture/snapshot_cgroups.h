/*
 * snapshot_cgroups: the control groups, with the numbers the kernel knows them by.
 *
 * Layer: capture. All of every mounted hierarchy, also those without a process; or, where only some
 * processes are recorded, the groups of these.
 */
#ifndef EYAS_SNAPSHOT_CGROUPS_H
#define EYAS_SNAPSHOT_CGROUPS_H

#include "base/diag.h"
#include "event/snapshot.h"

struct cgroup_tables;

/* `root`: as in struct snapshot_proc_options. Rows and strings go into the snapshot. */
struct cgroup_tables *cgroup_tables_new(const char *root, struct snapshot *s);
/* The text of a recorded thread's /proc/PID/cgroup; copied. */
void cgroup_tables_see(struct cgroup_tables *t, struct str text);
/*
 * Adds the rows: those of the threads seen and, with `all`, all others. `tick`: called now and
 * then, or NULL. Notes in `diag` what did not fit; frees.
 */
void cgroup_tables_finish(struct cgroup_tables *t, bool all, void (*tick)(void *arg),
			  void *tick_arg, struct diag *diag);

#endif
