/*
 * event_numbers: which numbers (evt.num) events get that are copied to another trace.
 *
 * Layer: trace. Numbers are given by replay, to all events that the conversion of old layouts
 * leaves. Whoever copies a part of a trace counts here as replay would, so that notes on events can
 * be made notes on the same events in the copy.
 */
#ifndef EYAS_EVENT_NUMBERS_H
#define EYAS_EVENT_NUMBERS_H

#include "base/vec.h"
#include "event/source.h"
#include "trace/layout.h"

/* Events old..old+n-1 are new.. in the copy. */
struct event_numbers_run {
	uint64_t old_num, new_num, n;
};

struct event_numbers {
	struct layout *layout;
	uint64_t last; /* number of the last event read, 0: none */
	VEC(struct event_numbers_run) runs;
};

void event_numbers_init(struct event_numbers *e);
void event_numbers_free(struct event_numbers *e);
/* The next record of the original: true when it is an event that takes a number, which is then
 * e->last. */
bool event_numbers_read(struct event_numbers *e, const struct record *rec);
/* The event just read has this number in the copy. */
void event_numbers_copied(struct event_numbers *e, uint64_t new_num);
/*
 * Makes what a note says of events of the original say the same of the copy's; of events that are
 * not in it, it then says nothing.
 */
void event_numbers_note(const struct event_numbers *e, struct note *n);

#endif
