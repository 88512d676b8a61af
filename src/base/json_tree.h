/*
 * json_tree: JSON text as a flat tree of slices of it.
 *
 * Layer: base. For text that comes in quantity (audit logs): one pass, no memory per value but one
 * node in a growing array that the next parse uses again, and every value keeps the text it was
 * written with (numbers are not rounded, members keep their order). Nodes stand in the order of
 * the text; `end` of a node is the index behind its last descendant. Depth and number of values are
 * bounded. The tree borrows the text. Grammar: RFC 8259; control characters inside strings are let
 * pass.
 */
#ifndef EYAS_JSON_TREE_H
#define EYAS_JSON_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "base/vec.h"

#define JSON_TREE_DEPTH  256        /* arrays and objects inside each other */
#define JSON_TREE_VALUES (1u << 20) /* values in a text */

enum json_kind {
	JSON_KIND_NULL,
	JSON_KIND_FALSE,
	JSON_KIND_TRUE,
	JSON_KIND_NUMBER,
	JSON_KIND_STRING,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT,
};

struct json_node {
	uint8_t kind;     /* enum json_kind */
	bool escaped;     /* a string with a backslash in it */
	bool key_escaped; /* the same of the key */
	uint32_t end;     /* index of the node behind it and all in it */
	struct str raw;   /* as written; a string without its quotes */
	struct str key;   /* of a member of an object, without quotes; else empty */
};

struct json_tree {
	VEC(struct json_node) nodes; /* [0] is the root, if the text was good */
	const char *error;           /* what was wrong with the last text: a static sentence */
	size_t error_at;             /* byte of the text where that was seen */
};

/* False when the text is not JSON or over a bound: error and error_at say why, there are no nodes.
 * A zeroed tree is ready. */
bool json_tree_parse(struct json_tree *t, struct str text);
void json_tree_free(struct json_tree *t);

/* The root; NULL after a failed parse. */
const struct json_node *json_tree_root(const struct json_tree *t);
/* First element or member of an array or object, and the one behind `kid` in `of`; NULL: none. */
const struct json_node *json_first(const struct json_tree *t, const struct json_node *of);
const struct json_node *json_next(const struct json_tree *t, const struct json_node *of,
				  const struct json_node *kid);
/* The first member of this name (as meant, not as escaped), or element i; NULL: none. */
const struct json_node *json_member_of(const struct json_tree *t, const struct json_node *of,
				       struct str key);
const struct json_node *json_element_of(const struct json_tree *t, const struct json_node *of,
					uint64_t i);

/* A string as meant: a slice of the text when nothing in it is escaped, else in `a`. */
struct str json_string_of(const struct json_node *n, struct arena *a);
/* What the text between the quotes of a string means. */
void json_unescape(struct str raw, struct strbuf *out);
/* Good JSON text without blanks between its values. */
void json_compact(struct str raw, struct strbuf *out);
/* The same with a value a line, each level two blanks deeper, as Go's json.Indent() does. */
void json_indent(struct str raw, struct strbuf *out);

#endif
