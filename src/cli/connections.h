/*
 * connections: which processes had which sockets, over the span of a trace.
 *
 * Layer: cli. One entry for each process, protocol and pair of ends: what went through it, when,
 * and how it failed. Sockets of the local kind count by the path at their other end. Memory grows
 * with the entries, up to CONNECTIONS_MAX; what comes beyond is counted.
 */
#ifndef EYAS_CONNECTIONS_H
#define EYAS_CONNECTIONS_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "state/state.h"

#define CONNECTIONS_MAX  300000
#define CONNECTIONS_NONE UINT32_MAX

/* Texts belong to the table. */
struct connection {
	uint32_t process;       /* number of a record of the history */
	uint32_t next;          /* of the same process, CONNECTIONS_NONE at the end */
	const char *protocol;   /* "tcp", "unix" ... */
	const char *direction;  /* "out", "in", "listen"; "" when it is not known who began */
	struct str local, peer; /* "192.0.2.1:80", a path; peer is empty for a listener */
	uint64_t first_ts, last_ts, first_num;
	uint64_t received, sent; /* bytes */
	uint64_t failed;         /* attempts to connect that failed */
	int64_t error;           /* of the last of them: an errno, negative */
};

struct connections {
	VEC(struct connection) v;
	VEC(uint32_t) of_process; /* of each record of the history: its last entry */
	struct strmap known;
	struct arena arena;
	struct strbuf key, local, peer;
	uint64_t left_out; /* events of entries beyond the bound */
};

void connections_init(struct connections *c);
void connections_free(struct connections *c);
/* An event of a process (the number of its record in the history). */
void connections_event(struct connections *c, uint32_t process, const struct event_ctx *ctx);
/* The entry of a process that was made last, or CONNECTIONS_NONE. */
uint32_t connections_last(const struct connections *c, uint32_t process);

#endif
