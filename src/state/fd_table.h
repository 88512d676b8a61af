/*
 * fd_table: the open descriptors of one process.
 *
 * Layer: state. Descriptors are kept in pages of eight. A table copied by fork shares the pages
 * with the original until one of the two writes to a page (fd_table_edit, _add, _del), which then
 * gets its own copy: a fork costs a few words. Any 64-bit number is a legal descriptor.
 */
#ifndef EYAS_FD_TABLE_H
#define EYAS_FD_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/ipaddr.h"
#include "event/snapshot.h"

enum fd_role { FD_ROLE_NONE, FD_ROLE_CLIENT, FD_ROLE_SERVER };

enum fd_state_flag {
	FD_CONNECTED = 1 << 0,
	FD_OVERLAY_UPPER = 1 << 2,
	FD_OVERLAY_LOWER = 1 << 3,
	FD_CONNECT_PENDING = 1 << 4,
	FD_CONNECT_FAILED = 1 << 5,
};

/*
 * Where the name of a descriptor is. That of most sockets is made of their ends only when somebody
 * looks at it, which hardly anybody does; what changes the ends makes it first.
 */
enum fd_naming {
	FD_NAME_KEPT, /* in kept_name */
	FD_NAME_ENDS, /* fd_socket_text() */
	FD_NAME_L4,   /* fd_socket_text_l4() */
};

struct state;

struct fd_entry {
	int64_t num;
	uint8_t type;       /* enum fd_type */
	uint8_t l4proto;    /* enum l4_proto, as stored */
	uint8_t role;       /* enum fd_role */
	uint8_t flags;      /* enum fd_state_flag */
	uint8_t naming;     /* enum fd_naming */
	uint32_t openflags; /* capture encoding (file_flags) */
	uint32_t dev;
	uint64_t ino;
	/* Read by fd_name(). */
	union {
		const struct istr *kept_name;
		const struct state *name_maker; /* unless FD_NAME_KEPT */
	};
	const struct istr *nameraw;
	struct ipaddr sip, dip; /* source, destination; a server socket has its address in sip */
	uint16_t sport, dport;
	uint64_t unix_src, unix_dst;
	int64_t pid; /* PIDFD */
	/* Of its last change: two entries with the same stamp are equal in all but `num`; the
	 * stamps of one state are never used twice. */
	uint64_t stamp;
};

struct fd_table;

/* An empty table for at most `max` entries. */
struct fd_table *fd_table_new(uint32_t max);
void fd_table_free(struct fd_table *t);
/* A table with the same entries. */
struct fd_table *fd_table_copy(struct fd_table *t);
/* The entry to look at, or NULL. */
const struct fd_entry *fd_table_get(const struct fd_table *t, int64_t num);
/* The entry to change, or NULL; pointers to entries got before may be stale afterwards. */
struct fd_entry *fd_table_edit(struct fd_table *t, int64_t num);
/* A cleared entry for `num`, replacing any; NULL when the table is full. */
struct fd_entry *fd_table_add(struct fd_table *t, int64_t num);
/* The same as `from`, an entry of this or another table, for `num`; NULL when the table is full. */
struct fd_entry *fd_table_dup(struct fd_table *t, const struct fd_entry *from, int64_t num);
bool fd_table_del(struct fd_table *t, int64_t num);
/* Removes all entries for which `keep` says false. */
void fd_table_filter(struct fd_table *t, bool (*keep)(void *arg, const struct fd_entry *f),
		     void *arg);
size_t fd_table_count(const struct fd_table *t);
/* The entries in ascending order of number: start with *pos = 0; NULL at the end. */
const struct fd_entry *fd_table_next(const struct fd_table *t, size_t *pos);
/*
 * The pages, for the sweep of interned strings: calls fn for each entry of every page whose mark is
 * not `round`, and marks those pages, so that shared ones are walked once.
 */
void fd_table_walk(struct fd_table *t, uint32_t round,
		   void (*fn)(void *arg, const struct fd_entry *f), void *arg);
/* Counts agree and pages are in order. */
bool fd_table_check(const struct fd_table *t);

/* fd_name() of one that is not FD_NAME_KEPT, but is from then on. */
const struct istr *fd_make_name(const struct fd_entry *f);
/* The name, never NULL; interned. */
static inline const struct istr *fd_name(const struct fd_entry *f)
{
	return f->naming == FD_NAME_KEPT ? f->kept_name : fd_make_name(f);
}

static inline bool fd_is_ip(const struct fd_entry *f)
{
	return f->type >= FD_IPV4_SOCK && f->type <= FD_IPV6_SERVSOCK;
}

/* Opened for writing (bit of file_flags). */
static inline bool fd_is_writable(const struct fd_entry *f)
{
	return f->openflags & 2;
}

static inline bool fd_is_file(const struct fd_entry *f)
{
	return f->type == FD_FILE || f->type == FD_FILE_V2;
}

#endif
