/*
 * process_counts: events by process, for `eyas info --scan`.
 *
 * Layer: cli.
 */
#ifndef EYAS_PROCESS_COUNTS_H
#define EYAS_PROCESS_COUNTS_H

#include "base/json_writer.h"
#include "replay/history.h"

/* Lines as `eyas info` has them: the `top` processes with most events (0: all), `events` being
 * those of all of them. */
void process_counts_text(const struct history *h, uint64_t events, unsigned top,
			 struct strbuf *out);
/* Member "processes" of an object: all of them. */
void process_counts_json(const struct history *h, struct json_writer *w);

#endif
