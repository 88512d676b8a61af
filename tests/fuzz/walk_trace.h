/*
 * walk_trace: one trace in memory from beginning to end, as every command reads it.
 *
 * Test code, for fuzz targets and mutations: reads every record and looks at every byte that is
 * lent; then once more through layout conversion and state, with every field of every event.
 */
#ifndef EYAS_WALK_TRACE_H
#define EYAS_WALK_TRACE_H

#include <stddef.h>
#include <stdint.h>

/* The result of trace_open() or source_next() that ended it. */
int walk_trace(const uint8_t *data, size_t size);

#endif
