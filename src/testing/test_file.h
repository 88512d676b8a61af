/*
 * test_file: files of rule tests, from YAML to tests ready to run (eyas-test(5)).
 *
 * Layer: testing. A file is read whole and all that is wrong in it is told with line, column and
 * excerpt. Each combination of a test's cases becomes a test of its own, with ${item.KEY} replaced.
 * Everything lives in the set until test_set_free(). Tests keep the YAML nodes their expectations
 * come from, so that these can be rewritten in place.
 */
#ifndef EYAS_TEST_FILE_H
#define EYAS_TEST_FILE_H

#include "base/diag.h"
#include "rules/ruleset.h"
#include "testing/matcher.h"

#define TEST_FILE_MAX  (16u << 20)
#define TEST_CASES_MAX 10000        /* of one test */
#define TEST_TEXTS_MAX (128u << 20) /* of a file, with its cases in place */

struct test_file {
	const char *path; /* as given, or found in a directory */
	struct str dir;   /* what its paths are relative to; empty: the working directory */
	struct str text;
};

/* A number of alerts and what they are like. */
struct outcome {
	struct str rule; /* empty: any */
	bool has_count, has_min, has_max;
	uint64_t count, min, max;
	bool has_priority;
	enum priority priority;
	struct str source, hostname; /* empty: any */
	struct field_matchers output;
	VEC(struct field_matchers) fields;
	struct str reason;        /* of a known false positive */
	const struct ynode *node; /* the map, or the word `none` */
	const struct ynode *count_node, *min_node, *max_node, *priority_node, *source_node,
		*hostname_node;
};

struct test_trace {
	struct str shown; /* in reports */
	const char *path; /* to open; NULL: the script */
	struct str script;
	const struct ynode *script_node;
	bool script_headless; /* its first line was put in front */
};

struct rule_test {
	const struct test_file *file;
	struct str name, description;
	struct str rule;  /* empty: any */
	struct str cases; /* "who=cat, file=/etc/shadow"; empty: no cases */
	const struct ynode *node;
	const struct ynode *rule_node;
	VEC(const char *) rules; /* files and directories to load */
	str_vec enable;          /* rules enabled whatever their file says, wildcards */
	bool first_match;
	bool only; /* alerts that no outcome describes are a failure */
	bool is_baseline;
	bool update_shared; /* its expectations are those of other cases too */
	VEC(struct test_trace) traces;
	VEC(struct outcome) outcomes;
	struct str skip; /* why; empty: it runs */
};

struct test_set {
	struct arena arena;
	VEC(struct test_file *) files;
	VEC(struct rule_test *) tests;
	VEC(struct regex *) regexes;
	VEC(const char *) default_rules; /* for files that name none; borrowed */
	struct diag *diag;
};

void test_set_init(struct test_set *s, struct diag *diag);
void test_set_free(struct test_set *s);
/*
 * Adds a file, or all files of tests below a directory (.yaml and .yml with `tests:` or
 * `baselines:`), in bytewise order. 0; -EINVAL when there are errors, -errno when something cannot
 * be read; both are told in the diag.
 */
int test_set_add(struct test_set *s, const char *path);
/* The same of a text. */
int test_set_add_text(struct test_set *s, const char *name, struct str text);
/* "FILE: NAME [CASES]": what a test is called in lists; unique enough to run it again. */
void rule_test_id(const struct rule_test *t, struct strbuf *out);
/* An error at a node of a file. */
void test_error(struct diag *d, const struct test_file *f, const struct ynode *at, const char *fmt,
		...) __attribute__((format(printf, 4, 5)));

#endif
