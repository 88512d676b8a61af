/*
 * field_json: the JSON payload of the event in hand, parsed once.
 *
 * Layer: fields, private. The tree is kept in the memory of the replay (field_memory.c) until a
 * field asks about another event.
 */
#ifndef EYAS_FIELD_JSON_H
#define EYAS_FIELD_JSON_H

#include "base/json_tree.h"
#include "fields/field_extract.h"

struct field_json {
	struct json_tree tree;
	uint64_t num; /* of the event it is of; 0: none */
	const char *p;
	size_t n;
};

/* Where the tree is kept. */
struct field_json *field_json_memory(const struct field_env *env);
/* The root of the payload, *ret_tree its tree; NULL when there is none, or it is not JSON. */
const struct json_node *field_json(const struct field_env *env, const struct json_tree **ret_tree);
/* Appends a value: a string as meant, anything else as JSON without blanks. */
bool field_json_add(const struct field_ref *ref, const struct json_node *n, struct values *out);
struct str field_json_text(const struct json_node *n, struct arena *a);

#endif
