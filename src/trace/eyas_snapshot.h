/*
 * eyas_snapshot: a snapshot as the bytes of an .eyas SNAPSHOT block, and back.
 *
 * Layer: trace. A block is a row of tables, each with its length, rows with theirs: readers skip
 * tables and trailing fields that they do not know, and missing fields have the defaults.
 */
#ifndef EYAS_EYAS_SNAPSHOT_H
#define EYAS_EYAS_SNAPSHOT_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "event/snapshot.h"

void eyas_snapshot_encode(const struct snapshot *s, struct strbuf *out);
/* Fills an empty snapshot (strings are copied into it); false when the bytes are malformed. */
bool eyas_snapshot_decode(struct str bytes, struct snapshot *ret);

#endif
