/*
 * Opening any trace, by content: see trace.h. A format is a row in trace_format.c.
 */
#include "trace/trace.h"

#include <errno.h>

#include "trace/eyas_reader.h"
#include "trace/input.h"
#include "trace/trace_format.h"
#include "trace/trace_guess.h"

/* As many first bytes as probes and guesses look at. */
#define HEAD 4096
/* Enough for the native format's first bytes. */
#define LIVE_HEAD 64

static int not_a_trace(const struct input *in, struct str head, struct diag *diag)
{
	const char *what = trace_guess(head);
	struct strbuf hex = STRBUF_INIT;

	/* What damaged gzip data unpacks to may look like anything. */
	if (in->error)
		return input_report(in, diag);
	if (what) {
		diag_add(diag, DIAG_ERROR, "TRACE_NOT_A_TRACE", "this is not a trace: %s", what)
			->file = in->name;
		return -EINVAL;
	}
	for (size_t i = 0; i < head.n && i < 8; i++)
		strbuf_addf(&hex, " %02x", (unsigned char)head.p[i]);
	diag_add(
		diag, DIAG_ERROR, "TRACE_UNKNOWN",
		"this is not a trace, or its beginning is damaged: it begins with the bytes%s, and no "
		"format eyas reads (.eyas, .scap) does",
		hex.s)
		->file = in->name;
	strbuf_release(&hex);
	return -EBADMSG;
}

int trace_open_input(struct input *in, struct diag *diag, struct source **ret)
{
	struct str head;
	int r;

	/* A live trace through a pipe must not wait until there is more than its first block. */
	input_need(in, LIVE_HEAD);
	if (eyas_reader_probe(str_mem(in->p, in->n)))
		return eyas_reader_open(in, diag, ret);
	input_need(in, HEAD);
	head = str_mem(in->p, in->n < HEAD ? in->n : HEAD);
	if (!head.n) {
		r = input_report(in, diag);
		if (!r) {
			diag_add(diag, DIAG_ERROR, "TRACE_EMPTY",
				 in->gzip ? "the gzip data is empty: there is no trace in it"
					  : "the file is empty: there is no trace in it")
				->file = in->name;
			r = -EBADMSG;
		}
		input_close(in);
		return r;
	}
	for (const struct trace_format_row *f = trace_formats; f->name; f++)
		if (f->probe && f->probe(head))
			return f->open(in, diag, ret);
	r = not_a_trace(in, head, diag);
	input_close(in);
	return r;
}

int trace_open(const char *path, struct diag *diag, struct source **ret)
{
	struct input *in;
	int r = input_open(path, diag, &in);

	return r ? r : trace_open_input(in, diag, ret);
}

int trace_open_ahead(const char *path, struct diag *diag, struct source **ret)
{
	struct input *in;
	int r = input_open(path, diag, &in);

	if (r)
		return r;
	input_ahead(in);
	return trace_open_input(in, diag, ret);
}

enum trace_format trace_format_of_file(const char *path)
{
	enum trace_format format = TRACE_UNKNOWN;
	struct input *in;
	struct diag diag;
	struct str head;

	diag_init(&diag);
	if (input_open(path, &diag, &in) == 0) {
		input_need(in, HEAD);
		head = str_mem(in->p, in->n < HEAD ? in->n : HEAD);
		for (const struct trace_format_row *f = trace_formats; head.n && f->name; f++) {
			if (f->probe && f->probe(head)) {
				format = f->format;
				break;
			}
		}
		input_close(in);
	}
	diag_free(&diag);
	return format;
}
