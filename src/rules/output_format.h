/*
 * output_format: "%proc.name opened %fd.name" compiled once, rendered per alert.
 *
 * Layer: rules. rule-language.md section 6.
 */
#ifndef EYAS_OUTPUT_FORMAT_H
#define EYAS_OUTPUT_FORMAT_H

#include "base/json_writer.h"
#include "fields/field.h"

struct output_format;

/* Compiles; NULL with a message in *ret_error (in `a`) when a field is unknown or the text malformed.
 * The format lives in `a`. */
struct output_format *output_format_new(struct str text, struct arena *a, const char **ret_error);
/*
 * Renders into `out` (unescaped). Missing values print <NA>; false when a value was missing and the format
 * does not begin with '*' (rendering stopped there).
 */
bool output_format_text(const struct output_format *f, const struct field_env *env,
			struct strbuf *out);
/* Its fields as members of the object open in `w`: "proc.name": value; null when missing. */
void output_format_fields(const struct output_format *f, const struct field_env *env,
			  struct json_writer *w);
/* Number and names of the fields, in order of first appearance. */
size_t output_format_count(const struct output_format *f);
struct str output_format_name(const struct output_format *f, size_t i);

#endif
