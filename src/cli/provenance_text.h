/*
 * provenance_text: how a trace came about, for people: who recorded it, what was recorded, what was
 * left out, what was made of it since.
 *
 * Layer: cli.
 */
#ifndef EYAS_PROVENANCE_TEXT_H
#define EYAS_PROVENANCE_TEXT_H

#include "base/strbuf.h"

/* Appends lines as `eyas info` has them; the JSON itself, on one line, when it is not as eyas
 * writes it. */
void provenance_text(struct str json, struct strbuf *out);

#endif
