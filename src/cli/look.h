/*
 * look: what `eyas ps`, `fds`, `net`, `containers` and `users` share.
 *
 * Layer: cli. The command line (a moment or two, filters, --json), the replay to the moment, and
 * the output. A command is a struct look_view: its options and columns, and what fills the table
 * from a state.
 */
#ifndef EYAS_LOOK_H
#define EYAS_LOOK_H

#include "base/option.h"
#include "cli/event_filter.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "replay/history.h"
#include "replay/moment.h"

enum {
	OPT_AT = 4000,
	OPT_DIFF,
	OPT_PID,
	OPT_USER,
	OPT_CONTAINER,
	OPT_LOOK_JSON,
	OPT_LOOK_ALL = 'a'
};

#define LOOK_MOMENT_ROWS                                                              \
	{ OPT_AT, "at", "MOMENT",                                                     \
	  "a time (RFC 3339, @SECONDS), an event's number, or end (default)" },       \
		{ OPT_DIFF, "diff", "M1 M2",                                          \
		  "what appeared, vanished and changed from one moment to another" }, \
	{                                                                             \
		OPT_LOOK_JSON, "json", NULL,                                          \
			"print a JSON object a line, with all there is to say"        \
	}
#define LOOK_PROCESS_ROWS                                                                        \
	{ OPT_PID, "pid", "N", "only this process (repeatable)" },                               \
		{ OPT_USER, "user", "NAME", "only processes of this user: a name or a number" }, \
	{                                                                                        \
		OPT_CONTAINER, "container", "NAME",                                              \
			"only processes in this container: an id, a name, or host for none"      \
	}

struct look {
	const struct look_view *view;
	struct table *table; /* to be filled */
	const struct state *st;
	uint64_t ts; /* of the moment; 0: the trace has no events */
	/* What was asked for. */
	VEC(int64_t) pids;
	const char *user, *container; /* or NULL */
	bool json, all, tcp, udp, unix_sockets, listening, threads;
	bool has_port;
	uint16_t port;
	/* Scratch of the command that fills. */
	struct strbuf text;

	struct moment moments[2];
	uint64_t times[2], nums[2]; /* of them; of the last events before them */
	bool diff;
	struct event_filter *filter; /* or NULL */
	struct arena event_arena;
	struct table tables[2];
	enum moment_place places[2];
	struct progress progress;
	struct diag diag;
	size_t told;
	bool shown; /* there is something in the tables */
};

struct look_view {
	const struct option_spec *spec;
	const char *command; /* "eyas ps" */
	const struct table_column *columns;
	size_t n_columns;
	const char *const *classes; /* of fields that a filter can use; NULL: it takes none */
	/* Takes an option of its own: 0, or EXIT_USAGE after saying what is wrong. NULL: there are
	 * none. */
	int (*option)(struct look *l, const struct option_state *st, int key);
	void (*fill)(struct look *l);
};

/* Runs such a command; an exit_status. */
int look_main(const struct look_view *view, int argc, char **argv);
/* Takes the argument of --port; 0 or EXIT_USAGE. */
int look_port(struct look *l, const struct option_state *st);

/* The process of a leader (or a thread of which the leader is not known) is one of those asked for.
 */
bool look_wants(struct look *l, const struct thread *t);
/* The filter is true of a thread, and of a descriptor of it unless that is NULL. */
bool look_matches(struct look *l, struct thread *t, const struct fd_entry *f);
/* Processes in order of their pids: malloc'ed, the caller frees. A process of which only other
 * threads are known is the first of those. `threads`: all threads. */
struct thread **look_processes(const struct state *st, bool threads, size_t *ret_n);
/* Sets a cell to a user's name, or number; nothing when it is not known who it is. */
void look_user(struct look *l, size_t column, const struct thread *t);
void look_container(struct look *l, size_t column, const struct thread *t);

/* "pts/0", "tty1" of a terminal's device number; false when there is none (0). */
bool tty_name(uint32_t dev, struct strbuf *out);

#endif
