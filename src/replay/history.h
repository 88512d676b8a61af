/*
 * history: the processes of a trace over its whole span.
 *
 * Layer: replay. The state knows who lives; this remembers who has lived: start, end, how it ended,
 * what it executed, as whom, in which container, under whom. One record for each process, so memory
 * grows with their number and never with the events. Fed with each snapshot and event of a replay.
 */
#ifndef EYAS_HISTORY_H
#define EYAS_HISTORY_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "base/vec.h"
#include "state/state.h"

#define HISTORY_NONE   UINT32_MAX /* no record */
#define HISTORY_IMAGES 16         /* programs kept of one process; the first ones */

/* A successful exec. */
struct process_image {
	uint64_t ts, num;
	struct str command, exepath;
};

/* Texts belong to the history. */
struct process_record {
	int64_t pid, ppid;
	uint32_t
		parent; /* number of a record, or HISTORY_NONE: the parent when it was first seen */
	uint64_t started;             /* ns; 0: before the trace, or not known */
	uint64_t ended;               /* ns; 0: not ended */
	uint64_t first_num, last_num; /* of its own events, 0: none */
	uint64_t events;
	bool has_status, core;
	int32_t status, signal; /* what it exited with, or the signal that ended it */
	uint32_t first_uid, uid, gid, loginuid,
		tty;                        /* first_uid: when first seen; the others: last */
	struct str user;                    /* name of uid, or empty */
	struct str container, container_id; /* empty: the host */
	struct str comm, exepath, command;  /* as last seen */
	VEC(struct process_image) images;
	uint64_t more_images;       /* not kept */
	uint64_t stamp, tree_stamp; /* of the state's, when last looked at */
	uint64_t clone_ts;
};

struct history {
	struct arena arena;
	struct strmap texts;                /* one copy of each */
	VEC(struct process_record) records; /* in the order in which they were first seen */
	struct u64map by_pid;               /* the latest of a number, + 1 */
	struct strbuf text;
};

void history_init(struct history *h);
void history_free(struct history *h);
/* A section began: its processes are those that went on, or new ones. */
void history_snapshot(struct history *h, struct state *st);
/* An event; returns the number of its process's record, or HISTORY_NONE when it has none. */
uint32_t history_event(struct history *h, const struct event_ctx *ctx);

/* argv as one line, or "[comm]" of what has none (a kernel thread). */
void process_command(const struct thread *t, struct strbuf *out);
/* How a container is called in tables: its name, else its id; empty on the host. */
struct str container_label(const struct container *c);

#endif
