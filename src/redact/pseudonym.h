/*
 * pseudonym: what stands for a value, made of it and a key.
 *
 * Layer: redact. The same value has the same pseudonym, wherever it stands and in all traces that
 * are redacted with the same key. Without the key nothing can be learnt from a pseudonym but what
 * it is meant to show, its shape: as long, of the same classes of characters (hexadecimal stays
 * so), with the prefix that tells what kind of token it is. What is too short to have a shape
 * becomes asterisks.
 *
 * A pseudonym must not be replaced again when the trace is redacted again. So each is remembered,
 * as 64 bits of its (unkeyed) hash; the trace takes these along, and the next run knows them.
 */
#ifndef EYAS_PSEUDONYM_H
#define EYAS_PSEUDONYM_H

#include "base/hashmap.h"
#include "base/strbuf.h"
#include "redact/detector.h"
#include "trace/blake2b.h"

struct pseudonyms {
	uint8_t key[BLAKE2B_SIZE];
	struct u64map given; /* by this run */
	struct u64map known; /* of runs before */
};

/* The key may be of any size and content; it is hashed. */
void pseudonyms_init(struct pseudonyms *p, struct str key);
void pseudonyms_free(struct pseudonyms *p);
/* Names the key and tells nothing else of it: 16 hexadecimal digits. */
void pseudonyms_key_name(const struct pseudonyms *p, struct strbuf *out);

/* The keyed hash of n bytes for the purpose `label`. */
void pseudonym_hash(const struct pseudonyms *p, const char *label, const void *v, size_t n,
		    uint8_t ret[BLAKE2B_SIZE]);
/* Appends the pseudonym of a value and remembers it. An address is one that address_map.h maps. */
void pseudonym_add(struct pseudonyms *p, enum pseudonym_form form, struct str v,
		   struct strbuf *out);
/* So many asterisks. */
void pseudonym_mask(size_t n, struct strbuf *out);

/* Remembers that a text is a pseudonym, or part of one. */
void pseudonym_remember(struct pseudonyms *p, struct str v);
/* It was one before this run. */
bool pseudonym_is_known(const struct pseudonyms *p, struct str v);
/* It was given by this run. */
bool pseudonym_is_given(const struct pseudonyms *p, struct str v);
/* Those given by this run, as base64 text; and back, adding to the known: false when malformed. */
void pseudonyms_save(const struct pseudonyms *p, struct strbuf *out);
bool pseudonyms_load(struct pseudonyms *p, struct str text);

#endif
