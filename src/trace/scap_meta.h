/*
 * scap_meta: the metadata blocks of .scap: machine, interfaces, users, processes, descriptors.
 *
 * Layer: trace, private to the .scap reader and writer. Parsing keeps every complete entry
 * before the first malformed one. Encoding chooses, for processes, the version of the list that has
 * just the fields an entry has, so that a copy says no more and no less than its original.
 */
#ifndef EYAS_SCAP_META_H
#define EYAS_SCAP_META_H

#include "base/cursor.h"
#include "base/strbuf.h"
#include "event/snapshot.h"
#include "trace/scap_format.h"

/* More entries than any host has; what comes beyond is dropped and said. */
#define SCAP_MAX_THREADS (4u << 20)
#define SCAP_MAX_FDS     (8u << 20)
#define SCAP_MAX_USERS   (1u << 20)
#define SCAP_MAX_IFACES  (1u << 16)

struct scap_meta_result {
	const char *problem; /* NULL: none */
	size_t at;           /* offset in the body of the entry that is malformed */
	size_t newer;        /* entries with appended fields that are not known */
};

/*
 * Adds the entries of one block's body to `s` (strings are copied), and fills *ret. The first
 * malformed entry ends it.
 */
void scap_meta_parse(enum scap_kind kind, unsigned version, struct cursor body, struct snapshot *s,
		     struct scap_meta_result *ret);

/* The list version (1 to 9) that a thread with these SNAP_HAS_ bits needs. */
unsigned scap_thread_version(uint32_t has);
/* The block number of a list version. */
uint32_t scap_thread_block(unsigned version);

/*
 * Encoders of one entry, v2 forms with their length, appended to `out`. Return the number of
 * strings that had to be cut to 65,535 bytes.
 */
void scap_put_machine(struct strbuf *out, const struct snap_machine *m);
unsigned scap_put_iface(struct strbuf *out, const struct snap_iface *i);
unsigned scap_put_user(struct strbuf *out, const struct snap_user *u);
unsigned scap_put_group(struct strbuf *out, const struct snap_group *g);
unsigned scap_put_thread(struct strbuf *out, const struct snap_thread *t, unsigned version);
unsigned scap_put_fd(struct strbuf *out, const struct snap_fd *f);

#endif
