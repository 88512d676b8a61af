/*
 * cgroup_find: the cgroup of a container.
 *
 * Layer: capture.
 */
#ifndef EYAS_CGROUP_FIND_H
#define EYAS_CGROUP_FIND_H

#include <stdint.h>

#include "base/diag.h"

/*
 * The id of the cgroup (version 2) whose directory's name holds `text`, such as a container's id. 0; or -ENOENT
 * when there is none, -ENOTUNIQ when there are several, -ENOTSUP without cgroup 2, with an error in `diag`.
 */
int cgroup_find(const char *text, struct diag *diag, uint64_t *ret_id);

#endif
