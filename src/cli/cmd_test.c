/*
 * eyas test: runs rule tests.
 *
 * Files of tests are read first: they name the rules and traces, so only then can the process give
 * up all other files. Reports are made at the end, as a whole: they are the same whatever ran in
 * parallel.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/glob.h"
#include "base/hashmap.h"
#include "base/option.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/select_option.h"
#include "cli/confine.h"
#include "cli/mutation_report.h"
#include "cli/test_report.h"
#include "cli/test_rewrite.h"
#include "output/line_sink.h"

enum {
	OPT_FORMAT = 3000,
	OPT_JSON,
	OPT_FILTER,
	OPT_RULE,
	OPT_LIST,
	OPT_FAILED,
	OPT_MUTATE,
	OPT_UPDATE,
	OPT_MUTATE_MIN,
};

static const struct option_row rows[] = {
	{ 'r', "rules", "PATH", "rules for files of tests that name none (repeatable)" },
	{ 'j', "jobs", "N", "replay N traces at once (default: as many as there are processors)" },
	{ OPT_FILTER, "filter", "NAME",
	  "only tests whose name contains NAME, or matches it where it has a `*` (repeatable)" },
	{ OPT_RULE, "rule", "NAME",
	  "only tests of this rule; `*` stands for any text (repeatable)" },
	{ OPT_LIST, "list", NULL, "list the tests, run none" },
	{ OPT_FAILED, "failed", "FILE",
	  "run only the tests that FILE lists, all when there are none; write those that fail to it" },
	{ OPT_UPDATE, "update", NULL,
	  "rewrite expectations that are not met to what came, in their files" },
	{ OPT_MUTATE, "mutate", NULL,
	  "break the tested rules in small ways and tell what no test notices" },
	{ OPT_MUTATE_MIN, "mutate-min", "PERCENT",
	  "the same, and fail when less than PERCENT of them are noticed" },
	{ OPT_FORMAT, "format", "FORMAT", "human (default), tap, junit, markdown or json" },
	{ OPT_JSON, "json", NULL, "the same as --format json" },
	{ 'o', "output", "FILE", "write the report to FILE" },
	{ 'v', "verbose", NULL, "tell the tests that pass, too" },
	{ 0, NULL, NULL, NULL }
};

static const struct option_spec spec = {
	.usage = "eyas test [OPTION]... [PATH]...",
	.about =
		"Runs rule tests: files of tests, or all of them below directories (default: here).",
	.rows = rows,
	.more = "eyas-test(5) describes the files. Exit status: 0 all passed, 1 a test failed, 2 wrong usage,\n"
		"invalid tests or rules, 3 a trace is damaged, 4 could not do it.",
};

enum format { FORMAT_HUMAN, FORMAT_TAP, FORMAT_JUNIT, FORMAT_MARKDOWN, FORMAT_JSON, FORMAT_N };

static const char *const format_names[FORMAT_N] = { "human", "tap", "junit", "markdown", "json" };

struct test_command {
	struct option_state st;
	VEC(const char *) filters, rules_wanted;
	const char *output, *failed;
	enum format format;
	bool list, verbose, mutate, update;
	unsigned jobs, mutate_min; /* tenths of a percent */
	struct diag diag;
	struct test_set set;
	struct test_run run;
	struct strmap rerun; /* ids; empty: all */
	struct strbuf rerun_text;
	struct line_sink *sink, *failed_sink;
};

static int take_format(struct test_command *c)
{
	for (int i = 0; i < FORMAT_N; i++)
		if (strcmp(c->st.arg, format_names[i]) == 0) {
			c->format = (enum format)i;
			return EXIT_DONE;
		}
	return option_usage_error(
		&c->st, "there is no format '%s'; there are human, tap, junit, markdown and json",
		c->st.arg);
}

static int take_percent(struct test_command *c)
{
	char *end;
	double v = strtod(c->st.arg, &end);

	if (end == c->st.arg || *end || !(v >= 0 && v <= 100))
		return option_usage_error(
			&c->st, "--mutate-min takes a number from 0 to 100, not '%s'", c->st.arg);
	c->mutate = true;
	c->mutate_min = (unsigned)(v * 10 + 0.5);
	return EXIT_DONE;
}

static int take(struct test_command *c, int key)
{
	switch (key) {
	case 'r':
		vec_push(&c->set.default_rules, c->st.arg);
		break;
	case 'j':
		return option_jobs(&c->st, &c->jobs);
	case OPT_FILTER:
		vec_push(&c->filters, c->st.arg);
		break;
	case OPT_RULE:
		vec_push(&c->rules_wanted, c->st.arg);
		break;
	case OPT_LIST:
		c->list = true;
		break;
	case OPT_FAILED:
		c->failed = c->st.arg;
		break;
	case OPT_UPDATE:
		c->update = true;
		break;
	case OPT_MUTATE:
		c->mutate = true;
		break;
	case OPT_MUTATE_MIN:
		return take_percent(c);
	case OPT_FORMAT:
		return take_format(c);
	case OPT_JSON:
		c->format = FORMAT_JSON;
		break;
	case 'o':
		c->output = c->st.arg;
		break;
	case 'v':
		c->verbose = true;
		break;
	}
	return EXIT_DONE;
}

static bool name_matches(const char *pattern, struct str name)
{
	if (strchr(pattern, '*'))
		return wildcard_match(str_of(pattern), name);
	return str_find(name, str_of(pattern)) >= 0;
}

static bool wanted(void *arg, const struct rule_test *t)
{
	const struct test_command *c = arg;
	struct strbuf id = STRBUF_INIT, name = STRBUF_INIT, clean = STRBUF_INIT;
	bool yes = !c->filters.n;

	strbuf_addstr(&name, t->name);
	if (t->cases.n)
		strbuf_addf(&name, " [%.*s]", STR_FMT(t->cases));
	for (size_t i = 0; i < c->filters.n && !yes; i++)
		yes = name_matches(c->filters.v[i], strbuf_str(&name));
	if (yes && c->rules_wanted.n) {
		yes = false;
		for (size_t i = 0; i < c->rules_wanted.n && !yes; i++)
			yes = wildcard_match(str_of(c->rules_wanted.v[i]), t->rule);
	}
	if (yes && c->rerun.n) {
		rule_test_id(t, &id);
		text_escape(&clean, strbuf_str(&id));
		yes = strmap_has(&c->rerun, strbuf_str(&clean));
	}
	strbuf_release(&id);
	strbuf_release(&name);
	strbuf_release(&clean);
	return yes;
}

/* The tests that failed last time; no such file: all are run. */
static int read_failed(struct test_command *c)
{
	FILE *f = fopen(c->failed, "re");
	struct str rest, line;
	char buf[4096];
	size_t n;

	if (!f && errno == ENOENT)
		return EXIT_DONE;
	if (!f) {
		fprintf(stderr, "eyas test: cannot read %s: %s\n", c->failed, strerror(errno));
		return EXIT_FAILED;
	}
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0 && c->rerun_text.n < TEST_FILE_MAX)
		strbuf_add(&c->rerun_text, buf, n);
	fclose(f);
	rest = strbuf_str(&c->rerun_text);
	while (str_split(&rest, '\n', &line))
		if (line.n)
			strmap_put(&c->rerun, line, NULL);
	return EXIT_DONE;
}

static int write_failed(struct test_command *c)
{
	struct strbuf id = STRBUF_INIT, clean = STRBUF_INIT;
	struct strmap written = { 0 };
	int e = 0;

	for (size_t i = 0; i < c->run.results.n && !e; i++) {
		const struct test_result *res = &c->run.results.v[i];

		if (res->status == TEST_PASSED || res->status == TEST_SKIPPED)
			continue;
		strbuf_reset(&id);
		strbuf_reset(&clean);
		rule_test_id(res->test, &id);
		text_escape(&clean, strbuf_str(&id));
		if (strmap_has(&written, strbuf_str(&clean)))
			continue;
		strmap_put(&written, arena_str(&c->run.arena, strbuf_str(&clean)), NULL);
		e = line_sink_put(c->failed_sink, strbuf_str(&clean));
	}
	if (!e)
		e = line_sink_finish(c->failed_sink);
	else
		line_sink_drop(c->failed_sink);
	c->failed_sink = NULL;
	strmap_free(&written);
	strbuf_release(&id);
	strbuf_release(&clean);
	if (!e)
		return EXIT_DONE;
	fprintf(stderr, "eyas test: cannot write %s: %s\n", c->failed, strerror(-e));
	return EXIT_FAILED;
}

static int put(struct test_command *c, struct strbuf *report)
{
	int e = 0;

	/* The sink ends each line itself. */
	while (report->n && report->s[report->n - 1] == '\n')
		strbuf_truncate(report, report->n - 1);
	if (report->n)
		e = line_sink_put(c->sink, strbuf_str(report));
	if (!e)
		e = line_sink_finish(c->sink);
	else
		line_sink_drop(c->sink);
	c->sink = NULL;
	if (!e)
		return EXIT_DONE;
	fprintf(stderr, "eyas test: cannot write %s: %s\n",
		c->output ? c->output : "standard output", strerror(-e));
	return EXIT_FAILED;
}

static void report(const struct test_command *c, struct strbuf *out)
{
	switch (c->format) {
	case FORMAT_TAP:
		test_report_tap(&c->run, out);
		break;
	case FORMAT_JUNIT:
		test_report_junit(&c->run, out);
		break;
	case FORMAT_MARKDOWN:
		test_report_markdown(&c->run, out);
		break;
	case FORMAT_JSON:
		test_report_json(&c->run, out);
		break;
	default:
		test_report_human(&c->run, c->verbose, out);
	}
}

static int list(struct test_command *c)
{
	struct strbuf out = STRBUF_INIT, id = STRBUF_INIT;
	int status;

	for (size_t i = 0; i < c->set.tests.n; i++) {
		if (!wanted(c, c->set.tests.v[i]))
			continue;
		strbuf_reset(&id);
		rule_test_id(c->set.tests.v[i], &id);
		text_escape(&out, strbuf_str(&id));
		strbuf_addc(&out, '\n');
	}
	status = put(c, &out);
	strbuf_release(&out);
	strbuf_release(&id);
	return status;
}

static int worst(int a, int b)
{
	return a > b ? a : b;
}

static int exit_of_load(int e)
{
	return e == 0 ? EXIT_DONE : e == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

/* From here on, only the rules and traces of the tests can be read. */
static void confine_self(const struct test_command *c)
{
	VEC(const char *) paths = { 0 };
	struct confine_rules allowed;

	for (size_t i = 0; i < c->set.tests.n; i++) {
		const struct rule_test *t = c->set.tests.v[i];

		for (size_t k = 0; k < t->rules.n; k++)
			vec_push(&paths, t->rules.v[k]);
		for (size_t k = 0; k < t->traces.n; k++)
			if (t->traces.v[k].path)
				vec_push(&paths, t->traces.v[k].path);
	}
	allowed = (struct confine_rules){ paths.v, paths.n };
	confine(&allowed);
	vec_free(&paths);
}

/* Before the tests are read to be run, and before this process gives up writing files. */
static int update(struct test_command *c)
{
	struct test_rewrite w = {
		.paths = c->st.operands.v,
		.n_paths = c->st.operands.n,
		.rules = c->set.default_rules.v,
		.n_rules = c->set.default_rules.n,
		.jobs = c->jobs,
		.wanted = wanted,
		.arg = c,
	};

	return test_rewrite(&w);
}

static int read_tests(struct test_command *c)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < c->st.operands.n; i++)
		status = worst(status, exit_of_load(test_set_add(&c->set, c->st.operands.v[i])));
	return status;
}

static int open_outputs(struct test_command *c)
{
	c->sink = c->output ? line_sink_file(c->output, false, &c->diag) : line_sink_stdout(false);
	if (c->sink && c->failed)
		c->failed_sink = line_sink_file(c->failed, false, &c->diag);
	return c->sink && (!c->failed || c->failed_sink) ? EXIT_DONE : EXIT_FAILED;
}

static bool rule_wanted(void *arg, const struct rule *rule)
{
	const struct test_command *c = arg;

	for (size_t i = 0; i < c->rules_wanted.n; i++)
		if (wildcard_match(str_of(c->rules_wanted.v[i]), rule->name))
			return true;
	return !c->rules_wanted.n;
}

static int mutate(struct test_command *c, struct strbuf *text)
{
	struct mutation m;
	unsigned score;

	mutation_run(&m, &c->run, rule_wanted, c);
	score = mutation_score(m.n_noticed, m.n_counted);
	if (c->format == FORMAT_JSON)
		mutation_report_json(&m, text);
	else
		mutation_report_human(&m, c->verbose, text);
	mutation_free(&m);
	return score < c->mutate_min ? EXIT_TEST_FAILED : EXIT_DONE;
}

static int run(struct test_command *c)
{
	struct strbuf text = STRBUF_INIT;
	static char here[] = ".";
	int failed, status = EXIT_DONE;

	if (!c->st.operands.n)
		vec_push(&c->st.operands, here);
	if (c->failed)
		status = read_failed(c);
	if (!status && c->update)
		status = update(c);
	if (!status)
		status = read_tests(c);
	if (!status)
		status = open_outputs(c);
	if (status)
		return status;
	if (!c->set.tests.n) {
		fprintf(stderr, "eyas test: there are no tests in %s\n", c->st.operands.v[0]);
		return EXIT_USAGE;
	}
	if (c->list)
		return list(c);
	confine_self(c);
	c->run.jobs = c->jobs;
	status = exit_of_load(test_run_prepare(&c->run, wanted, c));
	if (status)
		return status;
	if (!c->run.results.n) {
		fputs("eyas test: no test has such a name or rule\n", stderr);
		return EXIT_USAGE;
	}
	test_run_all(&c->run);
	/* What no test notices is told only when the tests pass as things are. */
	if (c->mutate && !c->run.n_failed && !c->run.n_errors)
		status = mutate(c, &text);
	else
		report(c, &text);
	failed = status;
	status = worst(failed, put(c, &text));
	strbuf_release(&text);
	if (c->failed)
		status = worst(status, write_failed(c));
	if (c->run.n_failed || c->run.n_errors)
		status = worst(status, EXIT_TEST_FAILED);
	if (c->run.worst)
		status = worst(status, exit_of_trace(c->run.worst));
	return status;
}

static void release(struct test_command *c)
{
	line_sink_drop(c->sink);
	line_sink_drop(c->failed_sink);
	strmap_free(&c->rerun);
	strbuf_release(&c->rerun_text);
	test_run_free(&c->run);
	test_set_free(&c->set);
	vec_free(&c->filters);
	vec_free(&c->rules_wanted);
	diag_free(&c->diag);
	option_free(&c->st);
}

int cmd_test(int argc, char **argv)
{
	struct test_command c = { .rerun_text = STRBUF_INIT };
	int key, status = EXIT_DONE;

	if (argc > 1 && strcmp(argv[1], "new") == 0)
		return test_new(argc - 1, argv + 1);
	diag_init(&c.diag);
	test_set_init(&c.set, &c.diag);
	test_run_init(&c.run, &c.set, &c.diag);
	option_init(&c.st, &spec, argc, argv);
	while (!status && (key = option_next(&c.st)) >= 0)
		status = take(&c, key);
	if (!status && key == OPTION_ERROR)
		status = EXIT_USAGE;
	if (!status && key == OPTION_END && c.mutate && c.format != FORMAT_HUMAN &&
	    c.format != FORMAT_JSON)
		status = option_usage_error(&c.st, "--mutate has the formats human and json only");
	if (!status && key == OPTION_END)
		status = run(&c);
	diag_print(&c.diag, stderr);
	release(&c);
	return status;
}
