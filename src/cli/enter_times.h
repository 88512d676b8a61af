/*
 * enter_times: how long each system call took, from the enter events of a capture that has them.
 *
 * Layer: cli. A source around another one, which it owns: it passes every record on and remembers
 * when each thread entered a call. Only old .scap captures hold enter events; of others nothing is
 * known, and nothing is made up.
 */
#ifndef EYAS_ENTER_TIMES_H
#define EYAS_ENTER_TIMES_H

#include "event/source.h"

struct enter_times;

/* Takes the source over; *ret_source is to be read, and closed, in its place. */
struct enter_times *enter_times_new(struct source *inner, struct source **ret_source);
/* The record last read is the exit of a call whose enter was seen: true and how long it took, ns.
 */
bool enter_times_last(const struct enter_times *t, uint64_t *ret_ns);

#endif
