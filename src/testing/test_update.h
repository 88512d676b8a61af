/*
 * test_update: expectations rewritten to what came, in the text of their file.
 *
 * Layer: testing. Only the scalars that are wrong are replaced, so comments and layout stay. An
 * expectation that several cases or traces share is rewritten only when all of them want the same.
 * Fixing one value may show the next: callers run the tests again and repeat.
 */
#ifndef EYAS_TEST_UPDATE_H
#define EYAS_TEST_UPDATE_H

#include "testing/test_run.h"

struct test_edit {
	const struct test_file *file;
	uint64_t start, end; /* bytes of the file's text */
	struct str text;
	const struct rule_test *test;
};

struct test_update {
	struct arena arena;
	VEC(struct test_edit) edits; /* by file and place */
};

/* What is to be rewritten after a run; reasons why something cannot be go to `diag` as notes. */
void test_update_collect(struct test_update *u, const struct test_run *run, struct diag *diag);
/* The text of a file with its edits. */
void test_update_apply(const struct test_update *u, const struct test_file *f, struct strbuf *out);
void test_update_free(struct test_update *u);

/* A text as a YAML scalar, on one line, quoted where it needs it. */
void yaml_scalar(struct str text, struct strbuf *out);

#endif
