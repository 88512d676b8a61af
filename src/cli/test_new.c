/* eyas test new: a file of tests from what fires on traces; see test_rewrite.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exit_status.h"
#include "base/json_writer.h"
#include "base/option.h"
#include "cli/test_rewrite.h"
#include "output/line_sink.h"

static const struct option_row rows[] = {
	{ 'r', "rules", "PATH", "the rules (repeatable)" },
	{ 'o', "output", "FILE", "write the tests to FILE; its paths are relative to it" },
	{ 0, NULL, NULL, NULL }
};

static const struct option_spec spec = {
	.usage = "eyas test new -r RULES [OPTION]... TRACE...",
	.about =
		"Writes a test for each rule that fires on each trace, which passes as things are.",
	.rows = rows,
};

struct writer {
	struct option_state st;
	VEC(const char *) rules;
	const char *output;
	struct diag diag;
	struct test_set set;
	struct test_run run;
	struct strbuf out;
};

/* The way from the directory of `file` to `path`, both as they are on disk. */
static void relative(const char *file, const char *path, struct strbuf *out)
{
	const char *slash = file ? strrchr(file, '/') : NULL;
	struct strbuf dir = STRBUF_INIT;
	char *from, *to;
	size_t same = 0;

	strbuf_adds(&dir, ".");
	if (slash) {
		strbuf_reset(&dir);
		strbuf_add(&dir, file, slash == file ? 1 : (size_t)(slash - file));
	}
	from = realpath(dir.s, NULL);
	to = realpath(path, NULL);
	strbuf_release(&dir);
	if (!file || path[0] == '/' || !from || !to) {
		strbuf_adds(out, path);
	} else {
		for (size_t i = 0;; i++) {
			bool end_from = !from[i] || from[i] == '/', end_to = !to[i] || to[i] == '/';

			if (end_from && end_to)
				same = i;
			if (!from[i] || !to[i] || from[i] != to[i])
				break;
		}
		for (const char *p = from + same; *p; p++)
			if (*p == '/' && p[1])
				strbuf_adds(out, "../");
		strbuf_adds(out, to[same] == '/' ? to + same + 1 : to + same);
	}
	free(from);
	free(to);
}

static void add_path(struct writer *w, const char *path)
{
	struct strbuf rel = STRBUF_INIT;

	relative(w->output, path, &rel);
	yaml_scalar(strbuf_str(&rel), &w->out);
	strbuf_release(&rel);
}

static void add_rules(struct writer *w)
{
	strbuf_adds(&w->out, "rules:");
	for (size_t i = 0; i < w->rules.n; i++) {
		strbuf_adds(&w->out, w->rules.n > 1 ? "\n  - " : " ");
		add_path(w, w->rules.v[i]);
	}
	strbuf_adds(&w->out, "\n\ntests:\n");
}

/* Fields that have the same value in all alerts of the rule. */
static void add_fields(struct writer *w, const struct replay_unit *u, const struct fired *first)
{
	size_t n = 0;

	for (size_t f = 0; f < first->n_fields; f++) {
		const struct fired_field *v = &first->fields[f];
		bool same = true;

		for (size_t i = 0; i < u->alerts.n && same; i++) {
			const struct fired *a = u->alerts.v[i];

			same = a->rule != first->rule || (a->fields[f].present == v->present &&
							  str_eq(a->fields[f].text, v->text));
		}
		if (!same)
			continue;
		if (!n++)
			strbuf_adds(&w->out, "      outputFields:\n");
		strbuf_adds(&w->out, "        ");
		yaml_scalar(v->name, &w->out);
		strbuf_adds(&w->out, ": ");
		if (v->present)
			yaml_scalar(v->text, &w->out);
		else
			strbuf_adds(&w->out, "null");
		strbuf_addc(&w->out, '\n');
	}
}

static void add_head(struct writer *w, struct str name, const char *trace, struct str rule)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(&text, "%.*s: %s", STR_FMT(name), trace);
	strbuf_adds(&w->out, "  - name: ");
	yaml_scalar(strbuf_str(&text), &w->out);
	strbuf_addc(&w->out, '\n');
	if (rule.n) {
		strbuf_adds(&w->out, "    rule: ");
		yaml_scalar(rule, &w->out);
		strbuf_addc(&w->out, '\n');
	}
	strbuf_adds(&w->out, "    traces: ");
	add_path(w, trace);
	strbuf_addc(&w->out, '\n');
	strbuf_release(&text);
}

static void add_test(struct writer *w, const struct replay_unit *u, const struct fired *first)
{
	struct strbuf text = STRBUF_INIT;
	uint64_t n = 0;

	for (size_t i = 0; i < u->alerts.n; i++)
		n += u->alerts.v[i]->rule == first->rule;
	add_head(w, first->rule->name, u->trace->path, first->rule->name);
	strbuf_adds(&text, priority_name(first->rule->priority));
	for (size_t i = 0; i < text.n; i++)
		if (text.s[i] >= 'a' && text.s[i] <= 'z')
			text.s[i] = (char)(text.s[i] - 'a' + 'A');
	strbuf_addf(&w->out, "    expectedOutcome:\n      count: %llu\n      priority: %s\n",
		    (unsigned long long)n, text.s);
	strbuf_release(&text);
	add_fields(w, u, first);
}

static void add_unit(struct writer *w, const struct replay_unit *u)
{
	for (size_t i = 0; i < u->alerts.n; i++) {
		bool seen = false;

		for (size_t k = 0; k < i && !seen; k++)
			seen = u->alerts.v[k]->rule == u->alerts.v[i]->rule;
		if (!seen)
			add_test(w, u, u->alerts.v[i]);
	}
	if (u->alerts.n)
		return;
	add_head(w, STR("nothing fires"), u->trace->path, STR(""));
	strbuf_adds(&w->out, "    expectedOutcome: none\n");
}

/* The traces as tests of which nothing is known yet. */
static int replay_traces(struct writer *w)
{
	struct strbuf text = STRBUF_INIT;
	int e;

	strbuf_adds(&text, "tests:\n- name: new\n  expectedOutcome: none\n  traces:\n");
	for (size_t i = 0; i < w->st.operands.n; i++) {
		strbuf_adds(&text, "  - ");
		json_escape(&text, str_of(w->st.operands.v[i]));
		strbuf_addc(&text, '\n');
	}
	for (size_t i = 0; i < w->rules.n; i++)
		vec_push(&w->set.default_rules, w->rules.v[i]);
	e = test_set_add_text(&w->set, "eyas test new", strbuf_str(&text));
	strbuf_release(&text);
	if (!e)
		e = test_run_prepare(&w->run, NULL, NULL);
	if (e)
		return e == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	test_run_all(&w->run);
	for (size_t i = 0; i < w->run.units.n; i++)
		diag_print(&w->run.units.v[i]->diag, stderr);
	for (size_t i = 0; i < w->run.units.n; i++)
		if (w->run.units.v[i]->too_many) {
			fprintf(stderr, "eyas test new: %s: more than %d alerts\n",
				w->run.units.v[i]->trace->path, TEST_ALERTS_MAX);
			return EXIT_FAILED;
		}
	return exit_of_trace(w->run.worst);
}

static int write_tests(struct writer *w)
{
	struct line_sink *sink;
	int e;

	add_rules(w);
	for (size_t i = 0; i < w->run.units.n; i++) {
		if (i)
			strbuf_addc(&w->out, '\n');
		add_unit(w, w->run.units.v[i]);
	}
	strbuf_truncate(&w->out, w->out.n - 1);
	if (w->output && access(w->output, F_OK) == 0) {
		fprintf(stderr, "eyas test new: %s is there already\n", w->output);
		return EXIT_FAILED;
	}
	sink = w->output ? line_sink_file(w->output, false, &w->diag) : line_sink_stdout(false);
	if (!sink)
		return EXIT_FAILED;
	e = line_sink_put(sink, strbuf_str(&w->out));
	if (!e)
		e = line_sink_finish(sink);
	else
		line_sink_drop(sink);
	if (!e)
		return EXIT_DONE;
	fprintf(stderr, "eyas test new: cannot write %s: %s\n",
		w->output ? w->output : "standard output", strerror(-e));
	return EXIT_FAILED;
}

static int parse(struct writer *w, bool *ret_go)
{
	int key;

	while ((key = option_next(&w->st)) >= 0) {
		if (key == 'r')
			vec_push(&w->rules, w->st.arg);
		else
			w->output = w->st.arg;
	}
	if (key != OPTION_END)
		return key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	if (!w->rules.n)
		return option_usage_error(&w->st, "no rules: give them with -r");
	if (!w->st.operands.n)
		return option_usage_error(&w->st, "no trace is given");
	*ret_go = true;
	return EXIT_DONE;
}

int test_new(int argc, char **argv)
{
	struct writer w = { .out = STRBUF_INIT };
	bool go = false;
	int status;

	diag_init(&w.diag);
	test_set_init(&w.set, &w.diag);
	test_run_init(&w.run, &w.set, &w.diag);
	option_init(&w.st, &spec, argc, argv);
	status = parse(&w, &go);
	if (go)
		status = replay_traces(&w);
	if (go && status == EXIT_DONE)
		status = write_tests(&w);
	diag_print(&w.diag, stderr);
	strbuf_release(&w.out);
	test_run_free(&w.run);
	test_set_free(&w.set);
	vec_free(&w.rules);
	diag_free(&w.diag);
	option_free(&w.st);
	return status;
}
