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
#include "rules/output_format.h"

enum { OPT_TO = 256, OPT_NO_CALLS };

static const struct option_row rows[] = {
	{ OPT_TO, "to", "perfetto|pcapng",
	  "perfetto: Chrome trace events, for ui.perfetto.dev; pcapng: what IP sockets sent and\n"
	  "received, as packets" },
	{ 'o', "output", "FILE", "the file to write; - is standard output" },
	{ 'f', "force", NULL, "replace FILE if it exists" },
	{ OPT_NO_CALLS, "no-calls", NULL, "leave out the single system calls" },
	CORPUS_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas export [OPTION]... --to FORM -o FILE TRACE [FILTER]",
	"Writes what happened in TRACE in a form that another tool opens. With FILTER, a condition, only\n"
	"the system calls for which it is true; with rules, their alerts too (perfetto).",
	rows,
	NULL,
};

struct export
{
	struct corpus corpus;
	struct corpus_options opt;
	struct diag diag;
	bool packets; /* as packets, else as Perfetto's */
	const char *to, *output;
	bool force, no_calls;
	struct event_filter *filter; /* NULL: all events */
	struct perfetto *perfetto;
	struct packet_export *packet_export;
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

	if (!x->packets) {
		x->error = perfetto_event(x->perfetto, &c->env, wanted);
		return x->error ? x->error : raise_alerts(x);
	}
	if (wanted)
		x->error = packet_export_event(x->packet_export, &c->env);
	return x->error;
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

static int export_trace(struct export *x, char *trace)
{
	struct outfile *out;
	int e = outfile_open(x->output, x->force, &x->diag, &out);
	int status;

	if (e)
		return e == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	status = x->packets ? write_packets(x, out, trace) : write_perfetto(x, out, trace);
	if (status == EXIT_DAMAGED)
		diag_add(&x->diag, DIAG_NOTE, NULL, "what could be read of %s is in %s", trace,
			 x->output);
	return status;
}

static int take_option(struct export *x, const struct option_state *st, int key)
{
	int status = EXIT_DONE;

	switch (key) {
	case OPT_TO:
		x->to = st->arg;
		x->packets = str_eqz(str_of(st->arg), "pcapng");
		if (!x->packets && !str_eqz(str_of(st->arg), "perfetto"))
			return option_usage_error(st, "a form is perfetto or pcapng, not '%s'",
						  st->arg);
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
	if (!status) {
		confine_to_create(&(struct confine_rules){ read, 1 }, x->output);
		status = export_trace(x, st->operands.v[0]);
	}
	diag_print(&x->diag, stderr);
	return status;
}

int cmd_export(int argc, char **argv)
{
	struct export x = { .to = NULL };
	struct option_state st;
	int key, status = EXIT_DONE;

	diag_init(&x.diag);
	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take_option(&x, &st, key);
	status = option_outcome(key, status);
	if (!status && !x.to)
		status = option_usage_error(&st, "say in which form with --to");
	else if (!status && !x.output)
		status = option_usage_error(&st, "name the file to write with -o");
	else if (!status && !st.operands.n)
		status = option_usage_error(&st, "give a trace");
	if (!status)
		status = run(&x, &st);
	event_filter_free(x.filter);
	free(x.ids);
	corpus_free(&x.corpus);
	corpus_options_free(&x.opt);
	option_free(&st);
	diag_free(&x.diag);
	return status < 0 ? EXIT_DONE : status;
}
