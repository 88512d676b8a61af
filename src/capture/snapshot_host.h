/*
 * snapshot_host: the parts of a snapshot that are not processes: machine, users, groups,
 * interfaces.
 *
 * Layer: capture.
 */
#ifndef EYAS_SNAPSHOT_HOST_H
#define EYAS_SNAPSHOT_HOST_H

#include "event/snapshot.h"

/* Fill their part of *s from below `root` ("" for this system); what cannot be read is left out. */
void snapshot_machine(const char *root, struct snapshot *s);
void snapshot_users(const char *root, struct snapshot *s);
void snapshot_ifaces(struct snapshot *s);

#endif
