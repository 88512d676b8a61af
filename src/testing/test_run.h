/*
 * test_run: replays what the tests of a set need, each thing once, and judges.
 *
 * Layer: testing. Tests that load the same rules share one ruleset, tests that replay the same
 * trace through it share one replay. Replays run in parallel; results are in the order of the tests
 * and do not depend on how many run at once.
 */
#ifndef EYAS_TEST_RUN_H
#define EYAS_TEST_RUN_H

#include "testing/judge.h"

#define TEST_ALERTS_MAX 20000 /* kept of one replay; more are an error of the test */

/* Rules as one list of files gives them. */
struct test_rules {
	struct str key;
	const struct rule_test *first; /* names the files */
	struct ruleset *rules;
	struct diag diag;
	int error; /* 0 or -errno: -EINVAL when the rules are invalid */
};

/* One trace through one ruleset. */
struct replay_unit {
	struct test_rules *rules;
	bool first_match;
	const struct test_trace *trace;
	const struct rule_test *first; /* whose trace it is */
	/* what came of it */
	struct arena arena;
	VEC(const struct fired *) alerts;
	bool too_many;
	uint64_t events;
	int error; /* 0; -EBADMSG: damaged, the alerts before it are there; other -errno */
	struct diag diag;
};

enum test_status { TEST_PASSED, TEST_FAILED, TEST_SKIPPED, TEST_ERROR };

/* One test on one of its traces. */
struct test_result {
	const struct rule_test *test;
	const struct test_trace *trace; /* NULL: skipped */
	struct replay_unit *unit;       /* NULL: skipped */
	enum test_status status;
	struct verdict verdict; /* of a failed or passed one */
};

struct test_run {
	struct test_set *set;
	unsigned jobs; /* at once; 0: as many as there are processors */
	struct arena arena;
	struct diag *diag; /* invalid rules, tests that name unknown rules */
	VEC(struct test_rules *) rules;
	VEC(struct replay_unit *) units;
	VEC(struct test_result) results;
	size_t n_passed, n_failed, n_skipped, n_errors;
	int worst; /* of the units' errors: 0, -EBADMSG, -EINVAL or another -errno */
};

void test_run_init(struct test_run *r, struct test_set *set, struct diag *diag);
void test_run_free(struct test_run *r);
/*
 * Loads the rules and lists what is to be replayed, of the tests for which `wanted` (may be NULL:
 * all) is true. 0, or -errno: -EINVAL when rules are invalid or a test names a rule there is not;
 * all that is wrong is in the diag.
 */
int test_run_prepare(struct test_run *r, bool (*wanted)(void *arg, const struct rule_test *t),
		     void *arg);
/* Replays and judges. */
void test_run_all(struct test_run *r);

/*
 * Calls fn for each unit, several at once (in any order): the way of everything that replays units.
 */
void test_run_parallel(struct test_run *r, void (*fn)(void *arg, size_t unit), void *arg);
/* Called for each event that is visible; the environment is that of the event. */
struct unit_visitor {
	void *arg;
	int (*event)(void *arg, const struct field_env *env);
};
/*
 * Walks the trace of a unit with a new state. 0 or -errno; what is wrong is told in `diag`, with
 * places in scripts as places in the file of tests. *ret_events (may be NULL) counts events.
 */
int replay_unit_walk(const struct replay_unit *u, const struct unit_visitor *v, struct diag *diag,
		     uint64_t *ret_events);
/* An alert of a rule for the event in hand, copied into the arena. */
const struct fired *fired_new(const struct rule *rule, const struct field_env *env,
			      struct arena *a);

#endif
