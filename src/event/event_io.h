/*
 * event_io: what an event read or wrote.
 *
 * Layer: event. For whoever sums or puts together what went through descriptors. The events are in
 * their newest layout.
 */
#ifndef EYAS_EVENT_IO_H
#define EYAS_EVENT_IO_H

#include "event/event.h"

struct event_io {
	bool write;
	uint64_t bytes; /* that went through the descriptor */
	struct str
		data; /* the first of them, as far as they were recorded; borrowed from the event */
	int64_t fd;   /* -1 when it was not recorded */
};

/* False for events that are no successful read or write of a descriptor. */
bool event_io(const struct event *ev, struct event_io *ret);

#endif
