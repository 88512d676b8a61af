/*
 * eyas report: a trace as a page to look at.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/report_page.h"
#include "trace/outfile.h"

enum { OPT_JSON = 256 };

static const struct option_row rows[] = {
	{ 'o', "output", "OUT", "the page to write (- is standard output)" },
	{ 'f', "force", NULL, "replace OUT if it exists" },
	{ OPT_JSON, "json", NULL, "what the page shows, as JSON; to standard output without -o" },
	CORPUS_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas report [OPTION]... -o OUT TRACE",
	.about =
		"Writes a page that a browser opens from disk: what is in the trace and what was lost, alerts of rules,\n"
		"notable acts, events over time, and processes with their files and connections.",
	.rows = rows,
	.more = "A trace - is standard input.",
};

struct reporting {
	struct corpus corpus;
	struct corpus_options opt;
	struct strbuf builtin;
	const char *to;
	bool force, json;
	struct diag diag; /* what is said of the output */
};

static int put(void *arg, struct str text)
{
	return outfile_write(arg, text.p, text.n);
}

static int write_report(const struct reporting *g, const struct report *r, struct outfile *file)
{
	struct report_output out = { .put = put, .arg = file };
	int e;

	if (!g->json)
		return report_page_write(r, &out);
	e = report_json(r, &out);
	return e ? e : outfile_write(file, "\n", 1);
}

/* Reads the trace and writes what came of it; an exit_status. */
static int report(struct reporting *g, const char *trace, struct outfile *file)
{
	struct report r;
	int e = report_read(&r, &g->corpus, trace), w, status = exit_of_trace(e);
	bool opened = r.summary.trace != NULL;

	if (opened && (status == EXIT_DONE || status == EXIT_DAMAGED)) {
		w = write_report(g, &r, file);
		if (w)
			outfile_abort(file);
		else
			w = outfile_finish(file);
		if (w)
			status = w == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	} else {
		outfile_abort(file);
		if (opened)
			fprintf(stderr, "eyas report: %s: %s\n", trace, strerror(-e));
	}
	diag_print(&r.diag, stderr);
	report_free(&r);
	return status;
}

static void confine_report(const struct reporting *g, const char *trace)
{
	VEC(const char *) paths = { 0 };

	for (size_t i = 0; i < g->opt.rules.n; i++)
		vec_push(&paths, g->opt.rules.v[i]);
	vec_push(&paths, trace);
	confine_to_create(&(struct confine_rules){ paths.v, paths.n }, g->to);
	vec_free(&paths);
}

static int run(struct reporting *g, char *trace)
{
	struct outfile *file;
	int status, e;

	confine_report(g, trace);
	acts_rules(&g->builtin);
	g->opt.builtin = strbuf_str(&g->builtin);
	status = corpus_load(&g->corpus, "eyas report", &g->opt, g->opt.rules.v, g->opt.rules.n);
	if (status)
		return status;
	e = outfile_open(g->to, g->force, &g->diag, &file);
	if (e)
		return e == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	return report(g, trace, file);
}

static int take_option(struct reporting *g, const struct option_state *st, int key)
{
	int status = EXIT_DONE;

	switch (key) {
	case 'o':
		g->to = st->arg;
		break;
	case 'f':
		g->force = true;
		break;
	case OPT_JSON:
		g->json = true;
		break;
	default:
		corpus_option(&g->opt, st, key, &status);
		break;
	}
	return status;
}

static int check(struct reporting *g, const struct option_state *st)
{
	if (st->operands.n != 1)
		return option_usage_error(st, "give one trace");
	if (!g->to && g->json)
		g->to = "-";
	if (!g->to)
		return option_usage_error(st, "name the page to write: -o report.html");
	if (g->json)
		return 0;
	if (!report_page_is_there()) {
		fputs("eyas report: this eyas was built without the page (it is made with npm, or comes with a "
		      "release: see README.md); --json prints what it would show\n",
		      stderr);
		return EXIT_FAILED;
	}
	if (strcmp(g->to, "-") == 0 && isatty(STDOUT_FILENO))
		return option_usage_error(st, "a page is not written to a terminal; name a file");
	return 0;
}

int cmd_report(int argc, char **argv)
{
	struct reporting g = { .builtin = STRBUF_INIT };
	struct option_state st;
	int key, status = EXIT_DONE;

	diag_init(&g.diag);
	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take_option(&g, &st, key);
	status = option_outcome(key, status);
	if (!status)
		status = check(&g, &st);
	if (!status)
		status = run(&g, st.operands.v[0]);
	diag_print(&g.diag, stderr);
	diag_free(&g.diag);
	corpus_free(&g.corpus);
	corpus_options_free(&g.opt);
	strbuf_release(&g.builtin);
	option_free(&st);
	return status < 0 ? EXIT_DONE : status;
}
