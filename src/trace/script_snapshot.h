/*
 * script_snapshot: the lines of a text script that describe a snapshot.
 *
 * Layer: trace. A line is a kind (machine, iface, user, group, thread, fd, fdlist, mount,
 * cgroup) and key=value words; what is left out has its default, and the writer leaves out what has
 * it.
 */
#ifndef EYAS_SCRIPT_SNAPSHOT_H
#define EYAS_SCRIPT_SNAPSHOT_H

#include "base/hashmap.h"
#include "base/strbuf.h"
#include "event/snapshot.h"
#include "trace/script_text.h"

/* Appends all lines of a snapshot, each with its newline. */
void script_snapshot_print(const struct snapshot *s, struct strbuf *out);

/* A line of this kind belongs to a snapshot. */
bool script_snapshot_kind(struct str kind);

/* One line being read: begin, each word, end. */
struct script_row {
	struct snapshot *snap;
	struct u64map *listed;
	const struct script_row_kind *kind;
	union {
		struct snap_machine machine;
		struct snap_iface iface;
		struct snap_user user;
		struct snap_group group;
		struct snap_thread thread;
		struct snap_fd fd;
		uint64_t fd_tid;
		struct snap_mount mount;
		struct snap_cgroup cgroup;
	} u;
	uint64_t seen;    /* bit i: field i of the kind was given */
	unsigned special; /* which combined keys were given */
};

/* Begins a line of a known kind. `listed`: the threads in snap->fd_tids so far, kept by these
 * calls. */
void script_row_begin(struct script_row *row, struct str kind, struct snapshot *snap,
		      struct u64map *listed);
/* NULL, or what is wrong with the word (static text or in `why`). */
const char *script_row_word(struct script_row *row, const struct script_word *w,
			    struct strbuf *why);
/* Adds the row to the snapshot. NULL, or what is missing. */
const char *script_row_end(struct script_row *row);

#endif
