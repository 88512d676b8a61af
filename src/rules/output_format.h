/*
 * output_format: "%proc.name opened %fd.name" compiled once, rendered per alert.
 *
 * Layer: rules. rule-language.md section 6: %field, %field[arg], %transformer(...), %20field (cut
 * or padded to a width), a leading '*' prints <NA> for what is missing. The longest known field
 * behind a % is taken.
 */
#ifndef EYAS_OUTPUT_FORMAT_H
#define EYAS_OUTPUT_FORMAT_H

#include "base/json_writer.h"
#include "fields/field.h"
#include "rules/condition.h"

struct output_format;
struct stand_ins;

struct output_format_options {
	const struct stand_ins *stand_ins; /* values given by hand, or NULL */
	bool with_transformed;             /* toupper(proc.name) is a field too, beside proc.name */
	uint8_t of_source; /* only fields of this source are known: 1 + enum event_source; 0: all */
	uint32_t *next_id; /* counts the ids of fields with a memory over a ruleset; NULL: from 1 */
};

/* Compiles; NULL with a message in *ret_error (in `a`) when a field is unknown or the text
 * malformed. The format lives in `a`. */
struct output_format *output_format_new(struct str text, struct arena *a, const char **ret_error);
/* The same with options (may be NULL); the error has a position in the text and a hint. */
struct output_format *output_format_new_with(struct str text,
					     const struct output_format_options *opt,
					     struct arena *a, struct condition_error *ret_error);
/*
 * Renders into `out` (unescaped). Missing values print <NA>; false when a value was missing and the
 * format does not begin with '*' (rendering stopped there).
 */
bool output_format_text(const struct output_format *f, const struct field_env *env,
			struct strbuf *out);
/* Its fields as members of the object open in `w`, sorted by name: "proc.name": value; null when
 * missing. */
void output_format_fields(const struct output_format *f, const struct field_env *env,
			  struct json_writer *w);
/* It prints a thread's memory sizes; see field_is_of_memory(). */
bool output_format_is_of_memory(const struct output_format *f);
/* It may print what was read or written; see field_is_of_payload(). */
bool output_format_is_of_payload(const struct output_format *f);
/* Number and names of the fields, in order of first appearance. */
size_t output_format_count(const struct output_format *f);
struct str output_format_name(const struct output_format *f, size_t i);
/* It prints a field that remembers something from event to event (evt.deltatime). */
bool output_format_remembers(const struct output_format *f);
/* Text of one field; false when it is missing. */
bool output_format_field_text(const struct output_format *f, const struct field_env *env, size_t i,
			      struct strbuf *out);

#endif
