/*
 * eyas convert: a trace in another format, record by record, as it was recorded.
 */
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/packet_owners.h"
#include "cli/progress.h"
#include "cli/select_option.h"
#include "trace/trace_format.h"

enum { OPT_TO = 256, OPT_LEVEL };

static const struct option_row rows[] = {
	{ OPT_TO, "to", "FORMAT",
	  "format of OUT: eyas, scap, script, or pcapng for the packets alone (default: by its ending,\n"
	  "else eyas)" },
	{ OPT_LEVEL, "level", "N", "compression: scap 0 (none) to 9, eyas 1 to 19" },
	{ 'f', "force", NULL, "replace OUT if it exists" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	"eyas convert [OPTION]... IN OUT",
	"Copies the trace IN to OUT in another format. Events and snapshots are kept as they were\n"
	"recorded. \"-\" is standard input or output.",
	rows,
	NULL,
};

/* All records from one to the other; the reader's result, or *ret_write the writer's. */
static int copy(struct source *src, struct sink *sink, struct packet_owners *owners, int *ret_write)
{
	struct progress p;
	struct record rec;
	uint64_t n = 0;
	int r, w = 0;

	progress_begin(&p);
	while (!w && (r = source_next(src, &rec)) == 1) {
		w = owners ? packet_owners_put(owners, &rec) : sink->ops->put(sink, &rec);
		n++;
		progress_show(&p, src, n);
	}
	if (!w && owners)
		w = packet_owners_flush(owners);
	progress_end(&p);
	*ret_write = w;
	return w ? 0 : r;
}

static int convert(const char *from, const char *to, struct trace_create_options *opt,
		   struct diag *diag)
{
	struct packet_owners *owners = NULL;
	struct source *src;
	struct sink *sink;
	int r, w, status;

	r = trace_open(from, diag, &src);
	if (r)
		return exit_of_trace(r);
	opt->provenance = src->provenance;
	w = trace_create(to, opt, diag, &sink);
	if (w) {
		source_close(src);
		return w == -EEXIST ? EXIT_USAGE : EXIT_FAILED;
	}
	if (opt->format == TRACE_PCAPNG)
		owners = packet_owners_new(sink);
	r = copy(src, sink, owners, &w);
	if (owners)
		packet_owners_free(owners);
	if (w)
		sink->ops->abort(sink);
	else
		w = sink->ops->finish(sink);
	status = w ? EXIT_FAILED : r == -EBADMSG ? EXIT_DAMAGED : r < 0 ? EXIT_FAILED : EXIT_DONE;
	if (status == EXIT_DAMAGED)
		diag_add(diag, DIAG_NOTE, NULL, "what could be read of %s is in %s", from, to);
	source_close(src);
	return status;
}

static bool parse_level(const char *arg, int *ret)
{
	unsigned long long n;

	if (!str_to_u64(str_of(arg), &n) || n > 22)
		return false;
	*ret = (int)n;
	return true;
}

/* --level as trace_create_options.compression; false when the format has no such level. */
static bool level_fits(enum trace_format format, int level, int *ret)
{
	if (format == TRACE_SCAP && level >= 0 && level <= 9) {
		*ret = level ? level : -1;
		return true;
	}
	*ret = level;
	return format == TRACE_EYAS && level >= 1 && level <= 19;
}

int cmd_convert(int argc, char **argv)
{
	struct trace_create_options opt = { 0 };
	const struct trace_format_row *f;
	struct option_state st;
	struct diag diag;
	int key, level = -1, status = EXIT_DONE;
	const char *readable[1], *to;

	option_init(&st, &spec, argc, argv);
	while ((key = option_next(&st)) >= 0) {
		switch (key) {
		case OPT_TO:
			f = trace_format_by_name(str_of(st.arg));
			if (!f) {
				status = option_usage_error(&st, "there is no format '%s'", st.arg);
				goto out;
			}
			opt.format = f->format;
			break;
		case OPT_LEVEL:
			if (!parse_level(st.arg, &level)) {
				status = option_usage_error(&st, "--level needs a number, not '%s'",
							    st.arg);
				goto out;
			}
			break;
		case 'f':
			opt.overwrite = true;
			break;
		}
	}
	if (key != OPTION_END) {
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
		goto out;
	}
	if (st.operands.n != 2) {
		status = option_usage_error(&st, "give the trace to read and the one to write");
		goto out;
	}
	to = st.operands.v[1];
	if (opt.format == TRACE_UNKNOWN)
		opt.format = trace_format_of_path(to);
	if (opt.format == TRACE_UNKNOWN)
		opt.format = TRACE_EYAS;
	if (level >= 0 && !level_fits(opt.format, level, &opt.compression)) {
		status = option_usage_error(&st, "this format has no --level %d", level);
		goto out;
	}
	if (strcmp(to, "-") == 0 && opt.format != TRACE_SCRIPT && isatty(STDOUT_FILENO)) {
		status = option_usage_error(&st,
					    "a trace is not written to a terminal; name a file");
		goto out;
	}
	readable[0] = st.operands.v[0];
	confine_to_create(&(struct confine_rules){ readable, 1 }, to);
	diag_init(&diag);
	status = convert(st.operands.v[0], to, &opt, &diag);
	diag_print(&diag, stderr);
	diag_free(&diag);
out:
	option_free(&st);
	return status;
}
