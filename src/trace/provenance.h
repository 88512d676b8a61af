/*
 * provenance: what a trace says of how it came about, when it was made from another.
 *
 * Layer: trace. The provenance is one JSON object (eyas-trace(5)). What eyas makes of a trace keeps
 * it and adds an element to its array "derived": an object with the command, and what that says of
 * it.
 */
#ifndef EYAS_PROVENANCE_H
#define EYAS_PROVENANCE_H

#include "base/json_writer.h"

/*
 * Appends the object `original` (NULL, or no object: an empty one) with `entry`, a JSON object, at
 * the end of its "derived".
 */
void provenance_derive(const char *original, struct str entry, struct strbuf *out);
/* The same, with no more of the original than who recorded it, where and when, and its "derived".
 */
void provenance_derive_short(const char *original, struct str entry, struct strbuf *out);
/* A UUID as text. */
void provenance_uuid(const uint8_t *uuid, struct strbuf *out);

#endif
