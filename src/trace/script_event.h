/*
 * script_event: one event as a line of a text script, and back.
 *
 * Layer: trace. "TIME [cpuN] tid=N [delivery=N] NAME [nparams=N] PARAM=VALUE...".
 */
#ifndef EYAS_SCRIPT_EVENT_H
#define EYAS_SCRIPT_EVENT_H

#include "base/arena.h"
#include "base/strbuf.h"
#include "event/event.h"
#include "trace/script_text.h"

/* The time of an event without one is this long after the one before. */
#define SCRIPT_STEP UINT64_C(1000000)

/* Appends the line of an event; `before` is the time of the event before, or 0. */
void script_event_print(const struct event *ev, uint64_t before, struct strbuf *out);

struct script_event_error {
	struct str at;    /* the word that is wrong */
	const char *what; /* static, or in `why` */
	struct strbuf why;
};

/*
 * Reads the line of an event, whose first word has been taken off *rest; parameters are put in
 * the arena. `before` as above. False and *ret_error when it is wrong; *rest is then anywhere in
 * the line.
 */
bool script_event_parse(const struct script_word *first, struct str *rest, uint64_t before,
			struct arena *arena, struct event *ret,
			struct script_event_error *ret_error);

#endif
