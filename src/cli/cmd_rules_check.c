/*
 * eyas rules check: validates rules files.
 */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/rules_options.h"
#include "cli/rules_sarif.h"

enum { OPT_JSON = 256, OPT_DESCRIBE, OPT_PLUGIN, OPT_PLUGINS, OPT_LINT, OPT_NO_LINT, OPT_SARIF };

static const struct option_row rows[] = {
	RULES_OPTION_ROWS,
	{ OPT_JSON, "json", NULL, "load results as JSON, as falco -V gives them" },
	{ OPT_SARIF, "sarif", NULL, "everything as SARIF 2.1.0, for code scanning" },
	{ OPT_LINT, "lint", NULL, "with --json: also what lint finds, with EYAS_ codes" },
	{ OPT_NO_LINT, "no-lint", NULL, "only what is wrong, not what lint finds" },
	{ OPT_DESCRIBE, "describe", NULL,
	  "with --json: also what the rules are, as falco -L tells" },
	{ OPT_PLUGIN, "plugin", "NAME:VERSION",
	  "a plugin that required_plugin_versions may count on, instead of those whose part eyas "
	  "has itself; none: no plugin" },
	{ OPT_PLUGINS, "check-plugins", NULL, "unmet required_plugin_versions are an error" },
	{ 'q', "quiet", NULL, "say nothing, only set the exit status" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas rules check [OPTION]... FILE...",
	.about =
		"Loads rules files (or directories of them) in order and tells everything that is wrong\n"
		"with them, each with its place. Exit status: 0 valid, 2 invalid, 4 a file cannot be read.",
	.rows = rows,
};

struct check_options {
	struct rules_options rules;
	VEC(char *) plugins; /* NAME:VERSION */
	bool json, sarif, lint, no_lint, describe, check_plugins, quiet;
};

/* "NAME:VERSION" cut in two; false when it is not that. */
static bool split_plugin(char *s, const char **name, const char **version)
{
	char *colon = strrchr(s, ':');
	if (!colon || colon == s || !colon[1])
		return false;
	*colon = 0;
	*name = s;
	*version = colon + 1;
	return true;
}

static int print_json(const struct check_options *o, const struct ruleset *rs, int status)
{
	struct strbuf out = STRBUF_INIT;
	struct json_writer w;

	json_init(&w, &out);
	w.comma = ",";
	w.colon = ":";
	json_begin_object(&w);
	if (o->describe && status == EXIT_DONE) {
		json_key(&w, "falco_describe_results");
		ruleset_describe(rs, NULL, &w);
	}
	json_key(&w, "falco_load_results");
	ruleset_load_results(rs, &w);
	json_end_object(&w);
	strbuf_addc(&out, '\n');
	bool ok = fwrite(out.s, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
	strbuf_release(&out);
	if (ok)
		return status;
	perror("eyas rules: cannot write");
	return EXIT_FAILED;
}

static void print_summary(const struct diag *diag, const struct ruleset *rs)
{
	printf("%zu rule%s: ", ruleset_count(rs), ruleset_count(rs) == 1 ? "" : "s");
	if (diag->n_errors)
		printf("%zu error%s", diag->n_errors, diag->n_errors == 1 ? "" : "s");
	else
		printf("ok");
	if (diag->n_warnings)
		printf(", %zu warning%s", diag->n_warnings, diag->n_warnings == 1 ? "" : "s");
	putchar('\n');
}

static int check(struct check_options *o, const struct option_state *st)
{
	struct ruleset_options ro = {
		.suggested_output = o->rules.suggested_output,
		.appends = o->rules.appends.v,
		.n_appends = o->rules.appends.n,
	};
	struct ruleset *rs;
	struct diag diag;
	int status;

	vec_push(&o->rules.sources, NULL);
	ro.sources = o->rules.sources.v;
	for (size_t i = 0; i < o->plugins.n; i++) {
		if (strcmp(o->plugins.v[i], "none") == 0)
			continue;
		if (ro.n_plugins == sizeof(ro.plugins) / sizeof(ro.plugins[0]))
			return option_usage_error(st, "no more than %zu plugins", ro.n_plugins);
		if (!split_plugin(o->plugins.v[i], &ro.plugins[ro.n_plugins].name,
				  &ro.plugins[ro.n_plugins].version))
			return option_usage_error(st, "a plugin is NAME:VERSION, not '%s'",
						  o->plugins.v[i]);
		ro.n_plugins++;
	}
	if (!o->plugins.n)
		ruleset_options_known(&ro);
	diag_init(&diag);
	rs = ruleset_new(&ro);
	status = rules_add_all(&o->rules, rs, o->json, &diag);
	if (!status && o->check_plugins && !ruleset_requirements_met(rs)) {
		diag_add(
			&diag, DIAG_ERROR, "LOAD_ERR_VALIDATE",
			"required_plugin_versions asks for a plugin, or a version of it, that is not there");
		status = EXIT_USAGE;
	}
	if (!status && !o->no_lint && (o->lint || !o->json))
		ruleset_lint(rs, &diag);
	if (o->sarif) {
		status = rules_sarif_print(&diag, status);
	} else if (o->json) {
		status = print_json(o, rs, status);
	} else if (!o->quiet) {
		diag_print(&diag, stderr);
		print_summary(&diag, rs);
	}
	ruleset_free(rs);
	diag_free(&diag);
	return status;
}

int rules_check(int argc, char **argv)
{
	struct check_options o = { .json = false };
	struct option_state st;
	int key, status;

	rules_options_init(&o.rules);
	option_init(&st, &spec, argc, argv);
	while ((key = option_next(&st)) >= 0) {
		if (key == OPT_JSON)
			o.json = true;
		else if (key == OPT_SARIF)
			o.sarif = true;
		else if (key == OPT_LINT)
			o.lint = true;
		else if (key == OPT_NO_LINT)
			o.no_lint = true;
		else if (key == OPT_DESCRIBE)
			o.describe = true;
		else if (key == OPT_PLUGIN)
			vec_push(&o.plugins, (char *)st.arg);
		else if (key == 'q')
			o.quiet = true;
		else if (key != OPT_PLUGINS)
			rules_option(&o.rules, &st, key);
		o.check_plugins |= key == OPT_PLUGIN || key == OPT_PLUGINS;
	}
	for (size_t i = 0; i < st.operands.n; i++)
		vec_push(&o.rules.files, st.operands.v[i]);
	if (key != OPTION_END)
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	else if (o.json && o.sarif)
		status = option_usage_error(&st, "either --json or --sarif");
	else if ((status = rules_options_config(&o.rules, o.quiet)) != EXIT_DONE)
		;
	else if (!o.rules.files.n)
		status = option_usage_error(&st, "give a rules file or directory");
	else
		status = check(&o, &st);
	vec_free(&o.plugins);
	rules_options_free(&o.rules);
	option_free(&st);
	return status;
}
