/*
 * event_names: the names of what a condition can match, for descriptions.
 *
 * Layer: rules. Names of event types, and of system calls that have no event of their own: more
 * than program_event_set() can tell, as those calls share one event type.
 */
#ifndef EYAS_EVENT_NAMES_H
#define EYAS_EVENT_NAMES_H

#include "base/vec.h"
#include "rules/condition.h"

typedef VEC(struct str) name_vec;

/* Reasons on evt.type alone. In bytewise order; the strings are static, the caller frees with
 * vec_free(). */
void event_names(const struct ast *n, name_vec *ret);

#endif
