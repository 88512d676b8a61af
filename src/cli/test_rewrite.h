/*
 * test_rewrite: `eyas test --update` and `eyas test new`, which write files of tests.
 *
 * Layer: cli.
 */
#ifndef EYAS_TEST_REWRITE_H
#define EYAS_TEST_REWRITE_H

#include "testing/test_update.h"

struct test_rewrite {
	char *const *paths; /* files and directories of tests */
	size_t n_paths;
	const char *const *rules; /* -r */
	size_t n_rules;
	unsigned jobs;
	bool (*wanted)(void *arg, const struct rule_test *t);
	void *arg;
};

/* Rewrites what is not as it came, until nothing is left to rewrite; an exit_status. Tells on
 * standard error which files were changed. */
int test_rewrite(const struct test_rewrite *w);
/* eyas test new */
int test_new(int argc, char **argv);

#endif
