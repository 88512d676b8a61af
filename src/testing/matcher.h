/*
 * matcher: what a test expects of one value of an alert.
 *
 * Layer: testing. An exact text, or a map of words that all must hold ("startswith: /etc/"). Values
 * are the texts that alerts print; a missing one satisfies only "absent: true", null and "not".
 * The rows are matcher_list.def. Matchers live in the arena they were read into; their regular
 * expressions belong to the test_set.
 */
#ifndef EYAS_MATCHER_H
#define EYAS_MATCHER_H

#include "base/strbuf.h"
#include "base/vec.h"
#include "rules/regex.h"
#include "rules/rule_yaml.h"

enum matcher_kind {
#define MATCHER(name, word, arg) MATCHER_##name,
#include "testing/matcher_list.def"
#undef MATCHER
	MATCHER_N
};

/* What stands behind the word. */
enum matcher_argument {
	MATCHER_ARG_TEXT,
	MATCHER_ARG_LIST,   /* of texts */
	MATCHER_ARG_REGEX,  /* must match the whole value, as in rules */
	MATCHER_ARG_NUMBER, /* compared as a number */
	MATCHER_ARG_LENGTH, /* bytes of the text */
	MATCHER_ARG_TRUTH,
};

struct matcher {
	uint8_t kind;
	bool missing; /* EQUALS null: there is no value; ABSENT true */
	struct str text;
	struct str *items; /* IN */
	size_t n_items;
	long double number;
	uint64_t length;
	const struct regex *regex;
	const struct ynode *key; /* the word; NULL: an exact value without one */
	const struct ynode *value;
};

/* What is expected of one field: all matchers must accept its value. */
struct field_matchers {
	struct str name;
	VEC(struct matcher) matchers;
};

const char *matcher_word(unsigned kind);
/* The kind with this word, or -1; and what stands behind it. */
int matcher_by_word(struct str word);
enum matcher_argument matcher_argument(unsigned kind);
/* "equals, not, in ...", for messages. */
void matcher_words(struct strbuf *out);
/* A text that is a number as a whole; false when it is none. */
bool matcher_number(struct str text, long double *ret);

/* Whether the value satisfies it. */
bool matcher_accepts(const struct matcher *m, bool present, struct str value,
		     struct regex_scratch *scratch);
/* "startswith \"/etc/\"", for reports. */
void matcher_text(const struct matcher *m, struct strbuf *out);

#endif
