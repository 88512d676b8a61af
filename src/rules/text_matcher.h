/*
 * text_matcher: many comparisons of one text, in one pass over it.
 *
 * Layer: rules. A text is compared with hundreds of constants by =, in, startswith, endswith and
 * contains. All constants for one operand make one automaton (Aho, Corasick: "Efficient String
 * Matching"), in which a text begins with a letter of its own and ends with another, so that those
 * constants that stand at the beginning or the end are words like the others. A pass costs a few
 * instructions a byte, whatever the number of constants, and gives a bit for each comparison.
 */
#ifndef EYAS_TEXT_MATCHER_H
#define EYAS_TEXT_MATCHER_H

#include "base/arena.h"
#include "base/vec.h"
#include "base/str.h"

struct text_matcher;

struct text_word {
	struct str text; /* borrowed while it is made */
	bool at_start, at_end;
	uint32_t bit;
};

typedef VEC(struct text_word) text_words;

/* Lives in `a`; its table has a row of up to 1 KiB for each byte of the words and each end. */
struct text_matcher *text_matcher_new(const text_words *words, struct arena *a);
/* Sets the bits of all words that the text has, in an array that has room for them. */
void text_matcher_run(const struct text_matcher *m, struct str text, uint64_t *bits);

#endif
