/*
 * param_text: the two halves of a parameter's text, "RAW(RESOLVED)".
 *
 * Layer: event, private to it. Each half is appended to a buffer on its own, so that
 * event_args_text() can write into one buffer without copies.
 */
#ifndef EYAS_PARAM_TEXT_H
#define EYAS_PARAM_TEXT_H

#include "event/event_text.h"
#include "event/param_value.h"

struct param_text {
	const struct event *ev;
	const struct param_info *row;
	unsigned type;  /* of the row, or of the variant for PT_DYN; PT_NONE: unknown variant */
	struct param p; /* without the variant's number for PT_DYN */
	bool has_int;   /* it is one integer, of the right size: v */
	int64_t v;
	const struct event_resolver *res;     /* or NULL */
	const struct event_text_options *opt; /* or NULL: defaults */
};

/* Takes parameter i, which the event and its row have; `ev`, `res` and `opt` are set already. */
static inline void param_text_take(struct param_text *t, unsigned i)
{
	t->row = &t->ev->info->params[i];
	t->type = t->row->type;
	t->p = event_param(t->ev, i);
	t->v = 0;
	if (t->type == PT_DYN && t->row->dyn && t->p.n) {
		t->type = t->p.p[0] < t->row->dyn->n ? t->row->dyn->types[t->p.p[0]] : PT_NONE;
		t->p.p++;
		t->p.n--;
	}
	t->has_int = param_type_is_int(t->type) && param_value_int(t->p, t->type, &t->v);
}

void param_text_raw(const struct param_text *t, struct strbuf *out);
/* The type has texts beyond the raw one at all. */
bool param_text_resolves(const struct param_text *t);
/* Appends nothing when there is nothing to say beyond the raw text. */
void param_text_resolved(const struct param_text *t, struct strbuf *out);

#endif
