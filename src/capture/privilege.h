/*
 * privilege: what the recorder needs, and giving it up.
 *
 * Layer: capture. The driver needs CAP_BPF and CAP_PERFMON (before 5.8: CAP_SYS_ADMIN); the
 * snapshot CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH. Once attached nothing but writing files is left
 * to do.
 */
#ifndef EYAS_PRIVILEGE_H
#define EYAS_PRIVILEGE_H

#include <stdbool.h>

#include "base/diag.h"

/* Names of the effective capabilities the driver lacks ("CAP_BPF and CAP_PERFMON"), static; NULL:
 * none. */
const char *privilege_missing_for_driver(void);
/* The same for a snapshot of other users' processes. */
const char *privilege_missing_for_snapshot(void);
/* Same, for reading packets. */
const char *privilege_missing_for_packets(void);
/* Rights that stay: later snapshots need CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH; creating later
 * files in a directory that the recorder's user may not write to needs CAP_DAC_OVERRIDE. */
enum privilege_keep { PRIVILEGE_SNAPSHOT = 1, PRIVILEGE_OVERRIDE = 2 };

/* Drops all capabilities but these (enum privilege_keep bits), in all sets, and forbids gaining any
 * (no_new_privs). 0 or -errno. */
int privilege_drop(unsigned keep);
/* A seccomp filter that leaves the recorder what it still does; what else is called fails with
 * EPERM. 0 or -errno. */
int privilege_confine(void);

#endif
