/*
 * param_text: the two halves of a parameter's text, "RAW(RESOLVED)".
 *
 * Layer: event, private to it. Each half is appended to a buffer on its own, so that
 * event_args_text() can write into one buffer without copies.
 */
#ifndef EYAS_PARAM_TEXT_H
#define EYAS_PARAM_TEXT_H

#include "event/event_text.h"

struct param_text {
	const struct event *ev;
	const struct param_info *row;
	unsigned type;  /* of the row, or of the variant for PT_DYN; PT_NONE: unknown variant */
	struct param p; /* without the variant's number for PT_DYN */
	const struct event_resolver *res;     /* or NULL */
	const struct event_text_options *opt; /* or NULL: defaults */
};

/* Parameter i, which the event and its row have. */
struct param_text param_text_of(const struct event *ev, unsigned i,
				const struct event_resolver *res,
				const struct event_text_options *opt);
void param_text_raw(const struct param_text *t, struct strbuf *out);
/* Appends nothing when there is nothing to say beyond the raw text. */
void param_text_resolved(const struct param_text *t, struct strbuf *out);

#endif
