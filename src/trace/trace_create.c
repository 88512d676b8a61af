/* Creating a trace of any format: see trace.h. */
#include <errno.h>

#include "trace/outfile.h"
#include "trace/trace_format.h"

const struct trace_format_row *trace_format_by_name(struct str name)
{
	for (const struct trace_format_row *f = trace_formats; f->name; f++)
		if (f->create && str_eqz(name, f->name))
			return f;
	return NULL;
}

static const struct trace_format_row *by_number(enum trace_format format)
{
	for (const struct trace_format_row *f = trace_formats; f->name; f++)
		if (f->create && f->format == format)
			return f;
	return NULL;
}

enum trace_format trace_format_of_path(const char *path)
{
	struct str name = str_of(path);

	if (str_ends(name, STR(".gz")))
		name.n -= 3;
	for (const struct trace_format_row *f = trace_formats; f->name; f++)
		if (f->ending && str_ends(name, str_of(f->ending)))
			return f->format;
	return TRACE_UNKNOWN;
}

int trace_create(const char *path, const struct trace_create_options *opt, struct diag *diag,
		 struct sink **ret)
{
	enum trace_format format = opt->format;
	const struct trace_format_row *f;
	struct outfile *out;
	int r;

	if (format == TRACE_UNKNOWN)
		format = trace_format_of_path(path);
	if (format == TRACE_UNKNOWN)
		format = TRACE_EYAS;
	f = by_number(format);
	if (!f) {
		diag_add(diag, DIAG_ERROR, "TRACE_CREATE", "this format cannot be written")->file =
			path;
		return -EINVAL;
	}
	r = outfile_open(path, opt->overwrite, diag, &out);
	if (r)
		return r;
	*ret = f->create(out, opt, diag);
	return 0;
}
