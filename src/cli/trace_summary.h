/*
 * trace_summary: what is in a trace, counted while its records go by.
 *
 * Layer: cli. For `eyas info`. Times are the least and greatest seen, since the events of several
 * CPUs may stand out of order.
 */
#ifndef EYAS_TRACE_SUMMARY_H
#define EYAS_TRACE_SUMMARY_H

#include "base/json_writer.h"
#include "event/source.h"

struct history;

/* One section: a snapshot and the events up to the next. */
struct trace_section {
	bool has_snapshot, has_machine;
	uint64_t events, first_ts, last_ts;
	char *hostname;
	uint32_t n_cpus;
	uint64_t memory_bytes, boot_ts;
	size_t threads, fds, users, groups, ifaces, mounts, cgroups;
};

struct trace_summary {
	const char *trace, *format;
	uint64_t bytes;                     /* of the file; of what was read, for a pipe */
	char *provenance;                   /* JSON text or NULL */
	VEC(struct trace_section) sections; /* from the index: the first only */
	uint64_t n_sections;
	uint64_t events, first_ts, last_ts;
	uint64_t *types, *cpus; /* 65,536 counters each; from the index, cpus are not counted */
	uint64_t loss_records, lost;
	bool lost_unknown; /* some record does not know how many */
	uint64_t lost_by[LOSS_N];
	uint64_t notes;
	const struct note_list *note_list; /* their texts, or NULL; borrowed */
	bool has_index;
	uint64_t checkpoints;          /* known with an index only */
	const struct history *history; /* events counted by process, or NULL; borrowed */
	uint64_t process_events;       /* of all processes */
	bool damaged;                  /* from the index: not looked for */
	bool from_index;               /* told from the index and the first section, not counted */
};

void trace_summary_init(struct trace_summary *s, const struct source *src);
void trace_summary_free(struct trace_summary *s);
void trace_summary_add(struct trace_summary *s, const struct record *rec);
struct eyas_summary;
/* Takes the counts from an .eyas trace's index, after the records before the first event were
 * added. */
void trace_summary_take_index(struct trace_summary *s, const struct eyas_summary *index);
/* How many checkpoints it names. */
void trace_summary_take_checkpoints(struct trace_summary *s, const struct eyas_summary *index);
/* For people: several lines. `top` event types at most are listed, 0: all. */
void trace_summary_text(const struct trace_summary *s, unsigned top, struct strbuf *out);
/* One JSON object; `diag` is what was said of the trace. */
void trace_summary_json(const struct trace_summary *s, const struct diag *diag, struct strbuf *out);

#endif
