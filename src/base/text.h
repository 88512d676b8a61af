/*
 * text: UTF-8, escaping for terminals and logs, hexadecimal, base64.
 *
 * Layer: base. What a file name can hold must not be able to forge a log line:
 * whatever is printed goes through text_escape() or the JSON writer.
 */
#ifndef EYAS_TEXT_H
#define EYAS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/strbuf.h"

/* Length (1 to 4) of the well-formed UTF-8 sequence at p, 0 if there is none. */
unsigned utf8_len(const char *p, size_t n);
bool utf8_valid(struct str s);
/* A copy with each malformed byte replaced by U+FFFD. */
void utf8_sanitise(struct strbuf *out, struct str s);
/* How many bytes at the beginning of p are printable ASCII; JSON: and neither a quote nor a
 * backslash. */
size_t text_plain_run(const char *p, size_t n);
size_t text_plain_run_json(const char *p, size_t n);
/* Control characters (C0, DEL, C1, line separators) as \n \t \xHH \u{HHHH}, bytes that are not
 * UTF-8 as \xHH, a backslash as it is. One line of text always stays one line. */
void text_escape(struct strbuf *out, struct str s);
/* The value of a hexadecimal digit of either case, or -1. */
int hex_digit(char c);
/* Two lower-case digits a byte; and back: false when odd or not hexadecimal. */
void hex_encode(struct strbuf *out, struct str s);
bool hex_decode(struct strbuf *out, struct str text);
/* Standard alphabet; encode pads; decode takes padded or not, false when malformed. */
void base64_encode(struct strbuf *out, struct str s);
bool base64_decode(struct strbuf *out, struct str text);

#endif
