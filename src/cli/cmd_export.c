/*
 * eyas export: a trace in the form of other tools.
 *
 * What is written follows the state, unlike `eyas convert`, which copies records. One walk over the
 * trace; the form's module writes as it goes, so memory does not grow with the trace.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/corpus.h"
#include "cli/event_filter.h"
#include "cli/export_packets.h"
#include "cli/export_perfetto.h"
#include "cli/export_tables.h"
#include "rules/output_format.h"

enum { OPT_TO = 256, OPT_NO_CALLS, OPT_FIELD };

static const struct option_row rows[] = {
	{ OPT_TO, "to", "perfetto|pcapng|tables",
	  "perfetto: Chrome trace events, for ui.perfetto.dev; pcapng: what IP sockets sent and\n"
	  "received, as packets; tables: a directory for DuckDB and Spark" },
	{ 'o', "output", "FILE",
	  "the file to write, - being standard output; of tables, the directory" },
	{ 'f', "force", NULL, "replace FILE if it exists (not a directory)" },
	{ OPT_NO_CALLS, "no-calls", NULL, "leave out the single system calls" },
	{ OPT_FIELD, "field", "FIELD", "tables: a further column of all events (repeatable)" },
	CORPUS_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas export [OPTION]... --to FORM -o FILE TRACE [FILTER]",
	"Writes what happened in TRACE in a form that another tool opens. With FILTER, a condition, only\n"
	"the system calls for which it is true; with rules, their alerts too (perfetto, tables).",
	rows,
	NULL,
};

enum form { FORM_NONE, FORM_PERFETTO, FORM_PCAPNG, FORM_TABLES, FORM_N };

static const char *const forms[FORM_N] = {
	[FORM_PERFETTO] = "perfetto",
	[FORM_PCAPNG] = "pcapng",
	[FORM_TABLES] = "tables",
};

struct export
{
	struct corpus corpus;
	struct corpus_options opt;
	struct diag diag;
	enum form form;
	const char *output;
	bool force, no_calls;
	VEC(const char *) fields;    /* of tables */
	struct event_filter *filter; /* NULL: all events */
	struct perfetto *perfetto;
	struct packet_export *packet_export;
	struct out_dir *dir; /* of the tables */
	struct tables *tables;
	int *ids; /* room for the ids of all conditions */
	int error;
};

static int raise_alerts(struct export *x)
{
	struct corpus *c = &x->corpus;
	struct strbuf text = STRBUF_INIT;
	size_t n;

	if (!c->run)
		return 0;
	n = program_match(c->run, &c->env, false, x->ids);
	for (size_t i = 0; i < n && !x->error; i++) {
		const struct rule *rule = ruleset_rule_by_id(c->rules, x->ids[i]);

		if (x->tables) {
			x->error = tables_alert(x->tables, &c->env, rule, i == 0);
			continue;
		}
		strbuf_reset(&text);
		output_format_text(rule->output, &c->env, &text);
		x->error = perfetto_alert(x->perfetto, &c->env, rule->name,
					  str_of(priority_name(rule->priority)), strbuf_str(&text));
	}
	strbuf_release(&text);
	return x->error;
}

static int on_event(struct corpus *c, void *arg)
{
	struct export *x = arg;
	bool wanted = !x->no_calls &&
		      (!x->filter || event_filter_match(x->filter, c->env.ctx, c->env.arena));

	if (x->packet_export && wanted)
		x->error = packet_export_event(x->packet_export, &c->env);
	else if (x->perfetto)
		x->error = perfetto_event(x->perfetto, &c->env, wanted);
	else if (x->tables)
		x->error = tables_event(x->tables, &c->env, wanted);
	return x->error ? x->error : raise_alerts(x);
}

static void on_section(void *arg, struct state *st)
{
	tables_section(((struct export *)arg)->tables, st);
}

static void on_loss(void *arg, const struct loss *loss)
{
	tables_loss(((struct export *)arg)->tables, loss);
}

/* To an open file; an exit_status, in which EXIT_DAMAGED is a success. */
static int write_perfetto(struct export *x, struct outfile *out, char *trace)
{
	int status, e;

	x->perfetto = perfetto_begin(out);
	status = corpus_walk(&x->corpus, &trace, 1, on_event, x);
	e = perfetto_end(x->perfetto);
	if (status != EXIT_DONE && status != EXIT_DAMAGED) {
		outfile_abort(out);
		return status;
	}
	if (x->error || e) {
		outfile_abort(out);
		return EXIT_FAILED;
	}
	return outfile_finish(out) ? EXIT_FAILED : status;
}

static int write_packets(struct export *x, struct outfile *out, char *trace)
{
	struct sink *k = pcapng_writer_create(out, NULL, &x->diag);
	uint64_t packets;
	int status;

	x->packet_export = packet_export_begin(k);
	status = corpus_walk(&x->corpus, &trace, 1, on_event, x);
	packets = packet_export_end(x->packet_export);
	if (!packets && (status == EXIT_DONE || status == EXIT_DAMAGED)) {
		diag_add(&x->diag, DIAG_ERROR, "NO_PACKETS",
			 "%s: no event sends or receives over an IP socket", trace);
		status = EXIT_FAILED;
	}
	if (x->error || (status != EXIT_DONE && status != EXIT_DAMAGED)) {
		k->ops->abort(k);
		return status == EXIT_DONE || status == EXIT_DAMAGED ? EXIT_FAILED : status;
	}
	return k->ops->finish(k) ? EXIT_FAILED : status;
}

static int write_tables(struct export *x, char *trace)
{
	int status = EXIT_USAGE;

	x->tables =
		tables_begin(x->dir, x->fields.v, x->fields.n, x->corpus.rules != NULL, &x->diag);
	if (x->tables) {
		x->corpus.section = on_section;
		x->corpus.loss = on_loss;
		status = corpus_walk(&x->corpus, &trace, 1, on_event, x);
		if (!x->error && (status == EXIT_DONE || status == EXIT_DAMAGED) &&
		    tables_end(x->tables))
			status = EXIT_FAILED;
		tables_free(x->tables);
	}
	if (x->error || (status != EXIT_DONE && status != EXIT_DAMAGED)) {
		out_dir_abort(x->dir);
		return status == EXIT_USAGE ? status : EXIT_FAILED;
	}
	return out_dir_finish(x->dir) ? EXIT_FAILED : status;
}

static int export_trace(struct export *x, char *trace)
{
	struct outfile *out;
	int e;

	if (x->form == FORM_TABLES)
		return write_tables(x, trace);
	e = outfile_open(x->output, x->force, &x->diag, &out);
	if (e)
		return e == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	return x->form == FORM_PCAPNG ? write_packets(x, out, trace)
				      : write_perfetto(x, out, trace);
}

/* Gives up what is not needed; a directory is looked at and begun before. */
static int confine_export(struct export *x, const char *const *read)
{
	const struct confine_rules rules = { read, 1 };
	int e;

	if (x->form != FORM_TABLES) {
		confine_to_create(&rules, x->output);
		return EXIT_DONE;
	}
	e = out_dir_open(x->output, &x->diag, &x->dir);
	if (e)
		return e == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	confine_to_fill(&rules, out_dir_path(x->dir));
	return EXIT_DONE;
}

static int take_option(struct export *x, const struct option_state *st, int key)
{
	int status = EXIT_DONE;

	switch (key) {
	case OPT_TO:
		for (x->form = FORM_NONE + 1; x->form < FORM_N; x->form++)
			if (strcmp(forms[x->form], st->arg) == 0)
				return EXIT_DONE;
		return option_usage_error(st, "a form is perfetto, pcapng or tables, not '%s'",
					  st->arg);
	case OPT_FIELD:
		vec_push(&x->fields, st->arg);
		break;
	case 'o':
		x->output = st->arg;
		break;
	case 'f':
		x->force = true;
		break;
	case OPT_NO_CALLS:
		x->no_calls = true;
		break;
	default:
		corpus_option(&x->opt, st, key, &status);
		break;
	}
	return status;
}

static int check_options(const struct export *x, const struct option_state *st)
{
	if (!x->form)
		return option_usage_error(st, "say in which form with --to");
	if (!x->output)
		return option_usage_error(st, "name what to write with -o");
	if (!st->operands.n)
		return option_usage_error(st, "give a trace");
	if (x->form != FORM_TABLES && x->fields.n)
		return option_usage_error(st, "--field is for --to tables");
	if (x->form == FORM_TABLES && x->force)
		return option_usage_error(st,
					  "--force does not replace directories: remove it first");
	if (x->form == FORM_TABLES && strcmp(x->output, "-") == 0)
		return option_usage_error(st, "tables are a directory: name it with -o");
	return EXIT_DONE;
}

static int run(struct export *x, struct option_state *st)
{
	const char *const read[] = { st->operands.v[0] };
	int status = event_filter_of_operands(st, &x->diag, &x->filter);

	x->corpus.command = "eyas export";
	x->corpus.opt = &x->opt;
	if (!status && x->opt.rules.n) {
		/* the rules are the user's own: they are read before what a stranger made */
		status = corpus_load(&x->corpus, "eyas export", &x->opt, x->opt.rules.v,
				     x->opt.rules.n);
		if (!status)
			x->ids = xcalloc(ruleset_count(x->corpus.rules) + 1, sizeof(*x->ids));
	}
	if (!status)
		status = confine_export(x, read);
	if (!status)
		status = export_trace(x, st->operands.v[0]);
	if (status == EXIT_DAMAGED)
		diag_add(&x->diag, DIAG_NOTE, NULL, "what could be read of %s is in %s",
			 st->operands.v[0], x->output);
	diag_print(&x->diag, stderr);
	return status;
}

int cmd_export(int argc, char **argv)
{
	struct export x = { .form = FORM_NONE };
	struct option_state st;
	int key, status = EXIT_DONE;

	diag_init(&x.diag);
	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take_option(&x, &st, key);
	status = option_outcome(key, status);
	if (!status)
		status = check_options(&x, &st);
	if (!status)
		status = run(&x, &st);
	event_filter_free(x.filter);
	free(x.ids);
	vec_free(&x.fields);
	corpus_free(&x.corpus);
	corpus_options_free(&x.opt);
	option_free(&st);
	diag_free(&x.diag);
	return status < 0 ? EXIT_DONE : status;
}
