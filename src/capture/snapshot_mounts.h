/*
 * snapshot_mounts: the mounts of every mount namespace that a process is in.
 *
 * Layer: capture. A table is read once for each namespace, from a thread whose root is that of the
 * namespace when there is one: a thread that has changed its root sees only what is below it.
 */
#ifndef EYAS_SNAPSHOT_MOUNTS_H
#define EYAS_SNAPSHOT_MOUNTS_H

#include "base/diag.h"
#include "event/snapshot.h"

struct mount_tables;

/*
 * One line of a mountinfo (proc(5)), without its namespace. False when it is not one. Strings go
 * into the arena.
 */
bool mountinfo_parse(struct str line, struct arena *arena, struct snap_mount *ret);

/* `proc`: a descriptor of /proc, borrowed. The rows go into the snapshot, strings into its arena.
 */
struct mount_tables *mount_tables_new(int proc, struct snapshot *s);
/*
 * A thread: its namespace, by the inode that /proc/PID/ns/mnt names, is read if it has not been;
 * `dir` is its directory below /proc, `th` has its tid, pid and root. Returns the inode, or 0 when
 * it cannot be told; *ret_error is then -errno, else 0.
 */
uint64_t mount_tables_see(struct mount_tables *t, int dir, const struct snap_thread *th,
			  int *ret_error);
/* Reads what is left, notes in `diag` what did not fit; frees. */
void mount_tables_finish(struct mount_tables *t, struct diag *diag);

#endif
