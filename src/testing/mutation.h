/*
 * mutation: which mutants of the rules no test notices.
 *
 * Layer: testing. All mutants of a ruleset's tested rules go into one program, where they share
 * what they have in common, and each trace is replayed once for all of them. A mutant is noticed
 * when a test that passes would fail with it in place of its rule. Rules are taken each for itself,
 * as with `ruleMatching: all`.
 */
#ifndef EYAS_MUTATION_H
#define EYAS_MUTATION_H

#include "testing/mutant.h"
#include "testing/test_run.h"

struct rule_mutants {
	struct test_rules *rules;
	const struct rule *rule;
	mutants mutants;
	size_t n_noticed, n_counted; /* counted: those that compile and are not equivalent */
	size_t n_tests;              /* tests, by trace, that look at the rule by name */
};

struct mutation {
	struct arena arena;
	VEC(struct rule_mutants) rules;    /* in the order of their rulesets */
	VEC(const struct rule *) untested; /* selected rules that no test names */
	size_t n_noticed, n_counted, n_equivalent;
};

/* After test_run_all(), with no test failed. `wanted` (may be NULL: all) selects rules. */
void mutation_run(struct mutation *m, struct test_run *run,
		  bool (*wanted)(void *arg, const struct rule *rule), void *arg);
void mutation_free(struct mutation *m);

#endif
