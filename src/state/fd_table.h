/*
 * fd_table: the open descriptors of one process.
 *
 * Layer: state. Entries are owned by the table and stay where they are until removed. A
 * table copied by fork shares its entries with the parent's until one of the two writes
 * (fd_table_edit), so a fork costs a few words.
 */
#ifndef EYAS_FD_TABLE_H
#define EYAS_FD_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "base/ipaddr.h"
#include "event/snapshot.h"

enum fd_role { FD_ROLE_NONE, FD_ROLE_CLIENT, FD_ROLE_SERVER };

enum fd_state_flag {
	FD_CONNECTED = 1 << 0,
	FD_CLONED = 1 << 1,
	FD_OVERLAY_UPPER = 1 << 2,
	FD_OVERLAY_LOWER = 1 << 3,
	FD_CONNECT_PENDING = 1 << 4,
	FD_CONNECT_FAILED = 1 << 5,
};

struct fd_entry {
	int64_t num;
	uint8_t type;    /* enum fd_type */
	uint8_t l4proto; /* enum l4_proto, as stored */
	uint8_t role;    /* enum fd_role */
	uint8_t flags;   /* enum fd_state_flag */
	uint32_t openflags; /* capture encoding (file_flags) */
	uint32_t dev;
	uint64_t ino;
	const struct istr *name, *nameraw, *oldname; /* never NULL */
	struct ipaddr sip, dip; /* source, destination; a server socket has its address in sip */
	uint16_t sport, dport;
	uint64_t unix_src, unix_dst;
	int64_t pid;    /* PIDFD */
	uint32_t stamp; /* changes whenever anything an FD-scope predicate could see has changed */
};

#define FD_TABLE_MAX 4096

struct fd_table;

struct fd_table *fd_table_new(void);
void fd_table_free(struct fd_table *t);
/* A table with the same entries. */
struct fd_table *fd_table_copy(struct fd_table *t);
/* The entry to look at, or NULL. */
const struct fd_entry *fd_table_get(const struct fd_table *t, int64_t num);
/* The entry to change, or NULL; good until the next add, edit or copy. */
struct fd_entry *fd_table_edit(struct fd_table *t, int64_t num);
/* A cleared entry for `num`, replacing any; NULL when the table is full. */
struct fd_entry *fd_table_add(struct fd_table *t, int64_t num);
bool fd_table_del(struct fd_table *t, int64_t num);
size_t fd_table_count(const struct fd_table *t);
/* The entries in ascending order of number: start with *pos = 0; NULL at the end. */
const struct fd_entry *fd_table_next(const struct fd_table *t, size_t *pos);

static inline bool fd_is_ip(const struct fd_entry *f)
{
	return f->type >= FD_IPV4_SOCK && f->type <= FD_IPV6_SERVSOCK;
}

static inline bool fd_is_file(const struct fd_entry *f)
{
	return f->type == FD_FILE || f->type == FD_FILE_V2;
}

#endif
