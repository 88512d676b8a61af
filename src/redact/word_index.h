/*
 * word_index: many known words looked for in bytes, all at once.
 *
 * Layer: redact. What was found to be secret in one place is replaced wherever it stands. A table
 * of the first bytes of words passes over most positions; where it does not, the words are a sorted
 * list in which the longest that fits is found by halving. Memory is that of the words.
 */
#ifndef EYAS_WORD_INDEX_H
#define EYAS_WORD_INDEX_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "base/vec.h"

#define WORD_LEAST 3 /* bytes of a word */

struct word {
	struct str text;
	uint32_t value; /* the caller's */
	bool bounded;   /* only where no letter or digit stands in front or behind */
	/* private: the longest other word that it begins with, + 1; 0: none */
	uint32_t shorter;
};

struct word_index {
	struct arena arena;
	struct strmap seen;
	VEC(struct word) words;
	uint64_t first[1024];      /* bits by a hash of the first bytes */
	VEC(struct str) backwards; /* those that are looked for anywhere, last byte first; sorted */
};

void word_index_init(struct word_index *x);
void word_index_free(struct word_index *x);
/* Adds a word of at least WORD_LEAST bytes, which is copied; one that is there already stays as it
 * is. */
void word_index_add(struct word_index *x, struct str text, uint32_t value, bool bounded);
/* To be called behind the last word_index_add(). */
void word_index_ready(struct word_index *x);
/* The next word at or behind *at, the longest there; *at is then its place. NULL: no more. */
const struct word *word_index_find(const struct word_index *x, struct str text, size_t *at);

/*
 * How many bytes at the end of a text are the beginning of a word, and at its beginning the end of
 * one: of a word that is divided over two texts. Of words that need not be whole ones; at least
 * WORD_PART_LEAST bytes and at most WORD_PART_MOST, else 0.
 */
#define WORD_PART_LEAST 4
#define WORD_PART_MOST  256
size_t word_index_begun(const struct word_index *x, struct str text);
size_t word_index_ended(const struct word_index *x, struct str text);

#endif
