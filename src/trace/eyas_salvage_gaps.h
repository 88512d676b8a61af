/*
 * eyas_salvage_gaps: what is missing between the good blocks of a trace, as exactly as it can be
 * known.
 *
 * Layer: trace, private to eyas_salvage*.c.
 */
#ifndef EYAS_EYAS_SALVAGE_GAPS_H
#define EYAS_EYAS_SALVAGE_GAPS_H

#include "trace/eyas_salvage.h"
#include "trace/eyas_salvage_scan.h"

/* Adds the gaps of trace `which` to the report, in order. 0 or -errno. */
int salvage_gaps(int fd, const struct salvage_scan *scan, size_t which, struct salvage_report *ret);

#endif
