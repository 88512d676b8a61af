/*
 * script_value: one parameter of an event as text, and back.
 *
 * Layer: trace. The text says what the bytes mean by the parameter's type: numbers, names of flags
 * and errors, paths, lists, addresses; any bytes can be written as hex:....
 */
#ifndef EYAS_SCRIPT_VALUE_H
#define EYAS_SCRIPT_VALUE_H

#include "base/strbuf.h"
#include "event/event.h"

/*
 * Appends the bytes that a word stands for. `info` is NULL for a parameter the table does not know
 * (only hex: and strings then). NULL when it is good, else what is wrong (in a static text, or in
 * `why`, which the caller empties).
 */
const char *script_value_parse(const struct param_info *info, struct str word, struct strbuf *out,
			       struct strbuf *why);
/* Appends a word that reads back to exactly these bytes. */
void script_value_print(const struct param_info *info, struct str bytes, struct strbuf *out);

/* Names joined by '|' (with a number for bits that have none) of a flag table, and back. */
void script_flags_print(const struct flag_table *t, uint32_t value, bool single,
			struct strbuf *out);
const char *script_flags_parse(const struct flag_table *t, struct str word, unsigned size,
			       uint64_t *ret, struct strbuf *why);

#endif
