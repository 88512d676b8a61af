/*
 * eyas assemble: a trace from a text script. The script is checked whole before anything is
 * written.
 */
#include <errno.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/select_option.h"
#include "trace/script_reader.h"
#include "trace/trace_format.h"

static const struct option_row rows[] = {
	{ 'o', "output", "TRACE", "where to write the trace; \"-\" is standard output" },
	{ 't', "to", "FORMAT",
	  "format of TRACE: eyas, scap or script (default: by its ending, else eyas)" },
	{ 'f', "force", NULL, "replace TRACE if it exists" },
	{ 'n', "check", NULL, "only check SCRIPT; write nothing" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas assemble [OPTION]... SCRIPT",
	"Makes a trace from a text script (eyas-script(5)). \"-\" is standard input. Everything that is\n"
	"wrong in the script is shown, and nothing is written then.",
	rows,
	NULL,
};

/* Opens the script, and nothing else than a script. */
static int open_script(const char *path, struct diag *diag, struct source **ret)
{
	struct input *in;
	int r = input_open(path, diag, &in);

	if (r)
		return r;
	input_need(in, 4096);
	if (!script_reader_probe(str_mem(in->p, in->n))) {
		r = input_report(in, diag);
		if (!r) {
			diag_add(
				diag, DIAG_ERROR, "SCRIPT",
				"this is not a text script: its first line must be \"eyas-script 1\"")
				->file = path;
			r = -EINVAL;
		}
		input_close(in);
		return r;
	}
	return script_reader_open(in, diag, ret);
}

static int copy(struct source *src, struct sink *sink)
{
	struct record rec;
	int r, w = 0;

	while ((r = source_next(src, &rec)) > 0 && !w)
		w = sink->ops->put(sink, &rec);
	if (r < 0 || w) {
		sink->ops->abort(sink);
		return w ? w : r;
	}
	return sink->ops->finish(sink);
}

static int assemble(const char *script, const char *output, bool only_check,
		    struct trace_create_options *opt, struct diag *diag)
{
	struct source *src;
	struct sink *sink;
	int r = open_script(script, diag, &src);

	if (r)
		return r == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
	if (!only_check) {
		opt->provenance = src->provenance;
		r = trace_create(output, opt, diag, &sink);
		if (!r)
			r = copy(src, sink);
	}
	source_close(src);
	return r ? EXIT_FAILED : EXIT_DONE;
}

int cmd_assemble(int argc, char **argv)
{
	struct trace_create_options opt = { .format = TRACE_UNKNOWN };
	const struct trace_format_row *format;
	struct option_state st;
	const char *output = NULL;
	bool only_check = false;
	struct diag diag;
	int key, status = -1;

	option_init(&st, &spec, argc, argv);
	while (status < 0 && (key = option_next(&st)) != OPTION_END) {
		switch (key) {
		case OPTION_EXIT:
			status = EXIT_DONE;
			break;
		case OPTION_ERROR:
			status = EXIT_USAGE;
			break;
		case 'o':
			output = st.arg;
			break;
		case 't':
			format = trace_format_by_name(str_of(st.arg));
			if (format)
				opt.format = format->format;
			else
				status = option_usage_error(&st,
							    "no format is called \"%s\" (there are "
							    "eyas, scap and script)",
							    st.arg);
			break;
		case 'f':
			opt.overwrite = true;
			break;
		case 'n':
			only_check = true;
			break;
		}
	}
	if (status < 0 && st.operands.n != 1)
		status = option_usage_error(&st, "give one script");
	if (status < 0 && !output && !only_check)
		status = option_usage_error(&st,
					    "give the trace to write with -o TRACE (or --check)");
	if (status < 0) {
		diag_init(&diag);
		status = assemble(st.operands.v[0], output, only_check, &opt, &diag);
		diag_print(&diag, stderr);
		diag_free(&diag);
	}
	option_free(&st);
	return status;
}
