/*
 * test_reader: one test of a file, from its YAML nodes.
 *
 * Layer: testing; only the files that make up the reading of tests include it. A reader holds what
 * is the same for a whole file, and the variables of the case in hand.
 */
#ifndef EYAS_TEST_READER_H
#define EYAS_TEST_READER_H

#include "testing/test_file.h"

struct case_value {
	struct str key, value;
};

struct test_case {
	VEC(struct case_value) values;
};

typedef VEC(struct test_case) test_cases;

struct test_reader {
	struct test_set *set;
	const struct test_file *file;
	const struct test_case *vars; /* of the case in hand; NULL: none */
	const struct ynode *rules;    /* of the file, or NULL */
	const struct ynode *enable;
	const struct ynode *matching;
	size_t n_errors;
	size_t spent; /* bytes of texts made for cases */
};

/* An error at a node; counted. */
void reader_error(struct test_reader *r, const struct ynode *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Counts bytes of a text that is made for a case; false after an error: there are too many. */
bool reader_spend(struct test_reader *r, const struct ynode *n, size_t bytes);
/* All keys are among `known` (NULL-terminated) and stand once; others are errors. */
bool reader_check_keys(struct test_reader *r, const struct ynode *map, const char *const *known,
		       const char *what);
/* A scalar's text with variables replaced; false after an error. */
bool reader_text(struct test_reader *r, const struct ynode *n, const char *what, struct str *ret);
/* One text or a list of texts; false after an error. */
bool reader_texts(struct test_reader *r, const struct ynode *n, const char *what, str_vec *ret);

/* cases.c: the combinations a `cases:` value stands for; false after an error. */
bool reader_cases(struct test_reader *r, const struct ynode *n, test_cases *ret);
void test_cases_free(test_cases *c);
/* "who=cat, file=/x" */
void test_case_text(const struct test_case *c, struct strbuf *out);

/* outcome.c: `expectedOutcome` of a test, or an item of falsePositives. */
bool reader_outcomes(struct test_reader *r, const struct ynode *n, struct rule_test *t);
bool reader_false_positive(struct test_reader *r, const struct ynode *n, struct rule_test *t);

#endif
