/*
 * kernel_flags: the kernel's flags in the capture's encoding, for more than system calls.
 *
 * Layer: capture.
 */
#ifndef EYAS_KERNEL_FLAGS_H
#define EYAS_KERNEL_FLAGS_H

#include <stdint.h>

/* open(2) flags of this architecture into file_flags (enums.json). */
uint64_t map_open_flags(uint64_t flags);

#endif
