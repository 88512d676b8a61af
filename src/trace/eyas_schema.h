/*
 * eyas_schema: what the event types in a trace are, as the text of its SCHEMA blocks.
 *
 * Layer: trace. JSON Lines: with it a reader that has no event table can name and decode every
 * parameter. Types, and the flag tables they refer to, are described before their first use.
 */
#ifndef EYAS_EYAS_SCHEMA_H
#define EYAS_EYAS_SCHEMA_H

#include <stdbool.h>

#include "base/hashmap.h"
#include "base/strbuf.h"

/* What has been described so far; a zeroed one is empty. */
struct eyas_schema {
	bool types[UINT16_MAX + 1];
	struct strmap flag_tables;
};

/* Appends the lines for a type and its flag tables, unless done before or unknown. */
void eyas_schema_add(struct eyas_schema *s, unsigned type, struct strbuf *out);
/* Nothing has been described (a new trace begins). */
void eyas_schema_reset(struct eyas_schema *s);

#endif
