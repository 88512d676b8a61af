/*
 * lineage: who started whom, who wrote, read, ran and removed which file, who spoke with whom.
 *
 * Layer: replay. The graph that `eyas story` walks. Fed with each snapshot and event of a replay. A
 * link stands for all acts of one kind between a process and a file or peer: its first and last
 * time, how often, how many bytes. Memory grows with the number of links, up to LINEAGE_MAX_LINKS;
 * what comes beyond is counted.
 */
#ifndef EYAS_LINEAGE_H
#define EYAS_LINEAGE_H

#include "fields/field.h"
#include "replay/history.h"

#define LINEAGE_MAX_LINKS 2000000
#define LINEAGE_NONE      UINT32_MAX

enum link_kind { LINK_WROTE, LINK_READ, LINK_RAN, LINK_REMOVED, LINK_CONNECTED, LINK_ACCEPTED };

struct lineage_link {
	uint32_t process, object; /* numbers of a record of the history, and of an object */
	uint8_t kind;             /* enum link_kind */
	uint64_t first_ts, last_ts, first_num, count, bytes;
	uint32_t next_of_process, next_of_object; /* LINEAGE_NONE at the end */
};

/* A file, or a peer: the other end's address, with the port when it is the server's. */
struct lineage_object {
	struct str name, container; /* container: id of the one the path is in; empty: the host */
	bool is_peer;
	/* The name it had before the last rename to this one, and when; LINEAGE_NONE. */
	uint32_t renamed_from;
	uint64_t renamed_ts;
	uint32_t renamed_to; /* the name it was last given instead; LINEAGE_NONE */
	uint32_t links;      /* first of the chain */
};

struct lineage {
	struct history history;
	struct arena arena;
	VEC(struct lineage_object) objects;
	VEC(struct lineage_link) links;
	VEC(uint32_t) of_process; /* first link of each record of the history */
	VEC(uint32_t) children;   /* of each record: the first child + 1, and ... */
	VEC(uint32_t) siblings; /* ... the next child of the same parent + 1; after lineage_end() */
	struct strmap object_numbers;
	struct u64map link_numbers;
	uint64_t left_out; /* acts beyond LINEAGE_MAX_LINKS */
	struct field_ref path, source, target;
	struct strbuf key, text;
};

void lineage_init(struct lineage *l);
void lineage_free(struct lineage *l);
void lineage_snapshot(struct lineage *l, struct state *st);
/* The event in hand; returns the number of its process's record, or HISTORY_NONE. */
uint32_t lineage_event(struct lineage *l, const struct field_env *env);
/* After the last event: children can be walked. */
void lineage_end(struct lineage *l);
/* The object of a path on the host or in a container, or of a peer; LINEAGE_NONE. With several
 * containers, the first that has one of this name. */
uint32_t lineage_find(const struct lineage *l, struct str name);

#endif
