/*
 * script_text: the small pieces of a text script: words, quoted strings, lists, numbers, addresses.
 *
 * Layer: trace. eyas-script(5) is the specification. What is printed here reads back to the same
 * bytes.
 */
#ifndef EYAS_SCRIPT_TEXT_H
#define EYAS_SCRIPT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "event/source.h"

/* The word for each enum loss_cause. */
extern const char *const script_causes[LOSS_N];

/* One word of a line: "key=value", or a value alone (key empty). Borrowed from the text. */
struct script_word {
	struct str text; /* all of it */
	struct str key, value;
	bool has_value; /* there was a '=' */
};

/*
 * Takes the next word off *rest, which is left behind it. 1; 0 at the end of the line (also at a
 * comment); -1 when a quote or a bracket is not closed. A backslash at the end of a physical
 * line joins it with the next.
 */
int script_next_word(struct str *rest, struct script_word *ret);

/* The bytes of a bare or quoted word. False when an escape is malformed. */
bool script_unquote(struct str word, struct strbuf *out);
/* Appends a word that stands for these bytes: bare when that is unambiguous, else quoted. */
void script_quote(struct strbuf *out, struct str bytes);

/* A list "[a,"b c"]": the next element, still quoted, off *rest (what is between the brackets). */
bool script_next_element(struct str *rest, struct str *ret);
/* "[a,b]" without its brackets; false when it is not a list. */
bool script_list_body(struct str word, struct str *ret);
/* NUL-terminated strings one behind the other as a list, and back. */
void script_print_strings(struct strbuf *out, struct str bytes);
bool script_parse_strings(struct str word, struct strbuf *out);

/*
 * Decimal, 0x hexadecimal, or octal with a leading 0; a minus sign makes the two's complement. Must
 * fit `size` bytes, signed or unsigned.
 */
bool script_number(struct str s, unsigned size, uint64_t *ret);

/* "1.2.3.4:80", "[::1]:80". */
void script_print_endpoint(struct strbuf *out, const struct ipaddr *a, uint16_t port);
bool script_parse_endpoint(struct str s, struct ipaddr *ret_addr, uint16_t *ret_port);

/* Times: RFC 3339, or @SECONDS beyond what that can say; 0 is "0". */
void script_print_time(struct strbuf *out, uint64_t ns);
bool script_parse_time(struct str s, uint64_t *ret);
/* A step from the time before: "+1.5ms", "-20ns"; false when it is too far for that. */
bool script_print_step(struct strbuf *out, uint64_t from, uint64_t to);

/* The nearest of what `next` gives to a misspelt name, or NULL. `next` returns NULL at the end. */
const char *script_nearest(struct str name, const char *(*next)(const void *arg, size_t i),
			   const void *arg);

#endif
