/*
 * hashmap: two maps, one keyed by 64-bit numbers, one by bytes.
 *
 * Layer: base. Values are pointers the map does not own. Neither map's hash
 * order can be seen: strmap iterates in order of insertion, u64map through
 * u64map_sorted_keys(). The byte hash is keyed per process, so that a trace or rules file cannot
 * be built to collide.
 */
#ifndef EYAS_HASHMAP_H
#define EYAS_HASHMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Keyed hash of n bytes. Differs from run to run: never let it reach output. */
uint64_t hash_bytes(const void *p, size_t n);
/* A mixing of one number, the same in every run. */
uint64_t hash_u64(uint64_t v);

struct u64map {
	struct u64map_slot *slots;
	size_t n, cap, used; /* live entries; slots (a power of two or 0); live + deleted */
};

/* A zeroed u64map is an empty one. */
void u64map_free(struct u64map *m);
void u64map_clear(struct u64map *m);
/* The value, or NULL. */
void *u64map_get(const struct u64map *m, uint64_t key);
/* Sets the value (not NULL); returns what was there before or NULL. */
void *u64map_put(struct u64map *m, uint64_t key, void *value);
/* Takes the entry out; returns its value or NULL. */
void *u64map_del(struct u64map *m, uint64_t key);
/* Walks all entries in no order: only for work whose result has none. */
bool u64map_next(const struct u64map *m, size_t *pos, uint64_t *ret_key, void **ret_value);
/* All keys in ascending order (as unsigned); malloc'ed, the caller frees; NULL when empty. */
uint64_t *u64map_sorted_keys(const struct u64map *m);

struct strmap_entry {
	struct str key;
	void *value;
	uint64_t hash;
};

struct strmap {
	struct strmap_entry *entries; /* in order of insertion */
	uint32_t *index;
	size_t n, cap, index_cap;
};

/* A zeroed strmap is an empty one. Keys are borrowed: they must outlive the map. */
void strmap_free(struct strmap *m);
/* The value, or NULL. */
void *strmap_get(const struct strmap *m, struct str key);
/* As strmap_get() for a value that may be NULL. */
bool strmap_has(const struct strmap *m, struct str key);
/* Sets the value; a known key keeps its place and its old bytes. */
void strmap_put(struct strmap *m, struct str key, void *value);

#endif
