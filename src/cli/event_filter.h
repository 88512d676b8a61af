/*
 * event_filter: one condition, as a word of a command line, evaluated over events.
 *
 * Layer: cli. A filter belongs to one replay (it remembers what it knows of threads).
 */
#ifndef EYAS_EVENT_FILTER_H
#define EYAS_EVENT_FILTER_H

#include "base/diag.h"
#include "base/option.h"
#include "state/state.h"

struct event_filter;

/* Compiles; NULL with errors in `diag`, each with the text and a caret. The caller frees it. */
struct event_filter *event_filter_new(struct str text, struct diag *diag);
/*
 * A filter over what is, not over events: only fields of the classes named in `classes`
 * (NULL-terminated: "process", "user", ...) are allowed, since others would never have a value.
 */
struct event_filter *event_filter_of_state(struct str text, const char *const *classes,
					   struct diag *diag);
/* The operands behind the trace, a blank between, are put into `out`: EXIT_DONE; or EXIT_USAGE
 * after saying that one of them is another trace. */
int event_filter_words(const struct option_state *st, struct strbuf *out);
/* Compiles the operands behind the trace into *ret, which stays as it is when there are none.
 * EXIT_DONE, or EXIT_USAGE with errors in `diag`. */
int event_filter_of_operands(const struct option_state *st, struct diag *diag,
			     struct event_filter **ret);
/* NULL does nothing. */
void event_filter_free(struct event_filter *f);
/* The condition is true of the event in hand. `a` is the event's arena. */
bool event_filter_match(struct event_filter *f, struct event_ctx *ctx, struct arena *a);

#endif
