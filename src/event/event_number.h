/*
 * event_number: EVT_<CODE> for every row of event_list.def.
 *
 * Layer: event. Included by event.h. The numbers reach disk.
 */
#ifndef EYAS_EVENT_NUMBER_H
#define EYAS_EVENT_NUMBER_H

enum event_number {
#define EVENT(num, code, ...) EVT_##code = (num),
#include "event/event_list.def"
#undef EVENT
};

#endif
