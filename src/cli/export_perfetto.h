/*
 * export_perfetto: a trace as Chrome's Trace Event JSON, which ui.perfetto.dev and chrome://tracing
 * open.
 *
 * Layer: cli. A process is a track of slices, one for each program it ran (complete events, "X");
 * system calls and signals are instants on their thread ("i"), connections are async slices ("b",
 * "e"), alerts are instants over everything. Times are microseconds since the first event; the
 * date of that is in otherData. Format: "Trace Event Format", Google, 2016.
 */
#ifndef EYAS_EXPORT_PERFETTO_H
#define EYAS_EXPORT_PERFETTO_H

#include "fields/field.h"
#include "trace/outfile.h"

struct perfetto;

/* Borrows the file, which the caller finishes after perfetto_end(). */
struct perfetto *perfetto_begin(struct outfile *out);
/* An event, as a replay shows it; `call` false: only what it changes is written (a process began,
 * ended, connected), not the event. 0 or -errno of writing. */
int perfetto_event(struct perfetto *p, const struct field_env *env, bool call);
/* An alert raised by the event in hand. */
int perfetto_alert(struct perfetto *p, const struct field_env *env, struct str rule,
		   struct str priority, struct str text);
/* Ends what is open at the time of the last event, writes the rest and frees. 0 or -errno. */
int perfetto_end(struct perfetto *p);

#endif
