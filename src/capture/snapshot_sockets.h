/*
 * snapshot_sockets: what /proc/PID/net says about sockets, by inode.
 *
 * Layer: capture. Read once for each network namespace met.
 */
#ifndef EYAS_SNAPSHOT_SOCKETS_H
#define EYAS_SNAPSHOT_SOCKETS_H

#include "event/snapshot.h"

struct socket_tables;

struct socket_tables *socket_tables_new(void);
void socket_tables_free(struct socket_tables *t);
/*
 * Completes a descriptor that is the socket `ino`, seen in the process whose /proc directory is
 * `dir`. False when no table lists it; its type is then left alone. Strings go into the snapshot's
 * arena.
 */
bool socket_tables_find(struct socket_tables *t, int dir, uint64_t ino, struct snapshot *s,
			struct snap_fd *fd);

#endif
