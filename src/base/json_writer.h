/*
 * json_writer: JSON text into a strbuf, one value at a time.
 *
 * Layer: base. Commas and nesting are kept track of; strings are escaped, bytes
 * that are not UTF-8 become U+FFFD. JSON is read by json_tree.h and, where it is little, jansson.
 */
#ifndef EYAS_JSON_WRITER_H
#define EYAS_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/strbuf.h"

#define JSON_MAX_DEPTH 32

struct json_writer {
	struct strbuf *out;
	unsigned depth;
	bool first[JSON_MAX_DEPTH];
	bool after_key;
	const char *comma, *colon; /* ", " and ": " by default */
};

void json_init(struct json_writer *w, struct strbuf *out);
void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_key_str(struct json_writer *w, struct str key);
/* A key that comes again and again: made once, with the comma before and the colon behind it as
 * they are by default; and put from then on. */
void json_key_make(struct strbuf *out, struct str key);
void json_key_made(struct json_writer *w, struct str made);
void json_str(struct json_writer *w, struct str s);
/* The same, each control character as U+FFFD instead of an escape. */
void json_str_replaced(struct json_writer *w, struct str s);
void json_strz(struct json_writer *w, const char *z);
void json_i64(struct json_writer *w, int64_t v);
void json_u64(struct json_writer *w, uint64_t v);
/* Shortest text that reads back as the same number, with ".0" when it is whole. */
void json_double(struct json_writer *w, double v);
void json_bool(struct json_writer *w, bool v);
/* (json_null is a function of jansson.) */
void json_nil(struct json_writer *w);
/* Text that is already JSON. */
void json_raw(struct json_writer *w, struct str s);
/* A member: the key and its value, a time as 2026-11-21T23:00:41.832515770Z. */
void json_member_str(struct json_writer *w, const char *key, struct str value);
void json_member_u64(struct json_writer *w, const char *key, uint64_t value);
void json_member_time(struct json_writer *w, const char *key, uint64_t ns);
/* The same, but no member at all for an empty text, for 0. */
void json_optional_str(struct json_writer *w, const char *key, struct str value);
void json_optional_u64(struct json_writer *w, const char *key, uint64_t value);
void json_optional_time(struct json_writer *w, const char *key, uint64_t ns);
/* A string with its quotes, outside any writer. */
void json_escape(struct strbuf *out, struct str s);

#endif
