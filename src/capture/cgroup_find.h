/*
 * cgroup_find: the cgroup of a container.
 *
 * Layer: capture.
 */
#ifndef EYAS_CGROUP_FIND_H
#define EYAS_CGROUP_FIND_H

#include "base/diag.h"

/*
 * Opens the directory of the cgroup (version 2) whose name holds `text`, such as a container's id;
 * not that of the program with which a runtime watches over the container.
 * 0, and a descriptor that the caller closes; or -ENOENT when there is none, -ENOTUNIQ when there
 * are several, -ENOTSUP without cgroup 2, with an error in `diag`.
 */
int cgroup_find(const char *text, struct diag *diag, int *ret_fd);

#endif
