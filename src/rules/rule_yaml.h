/*
 * rule_yaml: YAML text as a small tree with positions.
 *
 * Layer: rules. libyaml reads the events; nodes live in the caller's arena. Every scalar is its
 * text: nothing is resolved to numbers or booleans, and a plain scalar that YAML 1.1 would take for
 * a tag (`!= after`) is the text that stands in the file. An alias shares the node it names; what a
 * walk over the tree would visit in all is bounded, as are depth and size.
 */
#ifndef EYAS_RULE_YAML_H
#define EYAS_RULE_YAML_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

#define YAML_MAX_DEPTH 64
#define YAML_MAX_NODES (4u << 20) /* visited by a walk, aliases expanded */

enum ynode_kind {
	YNODE_NULL, /* nothing, ~, null */
	YNODE_SCALAR,
	YNODE_SEQ,
	YNODE_MAP,
};

struct ynode {
	enum ynode_kind kind;
	bool plain;          /* scalar without quotes */
	bool block;          /* scalar written as | or > */
	struct str text;     /* of a scalar */
	uint32_t line, col;  /* from 0, columns in bytes */
	uint64_t start, end; /* byte offsets in the file; `end` of a collection is its start */
	uint32_t weight;     /* nodes below and itself, aliases expanded */
	uint32_t n;          /* elements of a sequence, pairs of a map */
	struct ynode **kids; /* map: key, value, key, value ... */
};

struct ydocs {
	struct ynode **v; /* root of each document */
	size_t n;
};

struct yaml_error {
	const char *problem; /* in the arena */
	uint32_t line, col;  /* from 0 */
	uint64_t offset;
};

/* Parses all documents of `text` into `a`. False with *ret_error when it is not YAML or over a
 * limit; the documents before the error are then in *ret. */
bool rule_yaml_parse(struct str text, struct arena *a, struct ydocs *ret,
		     struct yaml_error *ret_error);

/* The value of a map's key (the first, when given twice), or NULL; ret_key (may be NULL) gets the
 * key. */
const struct ynode *ynode_get(const struct ynode *map, const char *key,
			      const struct ynode **ret_key);

#endif
