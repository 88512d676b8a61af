/*
 * state_codec: what the files that save and restore a state share.
 *
 * Layer: state, private. One function codes a thing in both directions: a codec made for saving
 * appends what it is given, one made for restoring reads it from bytes, which may be anybody's. All
 * numbers are varints. Strings and pages of descriptors that several hold are written once; the
 * same state gives the same bytes. After the first thing that is wrong a codec gives zeros and
 * empty strings, and `in.bad` is set.
 */
#ifndef EYAS_STATE_CODEC_H
#define EYAS_STATE_CODEC_H

#include "base/varint.h"
#include "state/state_impl.h"

struct fd_page;

struct codec {
	struct state *st;
	bool saving;
	bool lasting;       /* only what state_save_lasting() keeps */
	struct strbuf *out; /* saving */
	struct cursor in;   /* restoring */

	struct u64map string_of; /* saving: address -> number + 1 */
	VEC(const struct istr *) strings;
	struct u64map page_of; /* saving: address -> number + 1 */
	VEC(struct fd_page *) pages;
	struct u64map live; /* restoring: containers that must get threads, by address */
};

/* Numbers. Restoring, one that does not fit is bad. */
void code_u64(struct codec *c, uint64_t *v);
void code_u32(struct codec *c, uint32_t *v);
void code_u16(struct codec *c, uint16_t *v);
void code_u8(struct codec *c, uint8_t *v);
void code_i64(struct codec *c, int64_t *v);
void code_bool(struct codec *c, bool *v);
/* A number of things, each of at least `bytes` bytes. */
void code_count(struct codec *c, size_t *n, size_t bytes);
/* An interned string by its number. */
void code_istr(struct codec *c, const struct istr **s);
/* Bytes in place; restoring, borrowed from the input. */
void code_str(struct codec *c, struct str *s);
/* The same; NULL and empty differ. Restoring, copied into the arena. */
void code_text(struct codec *c, struct str *s, struct arena *a);
void code_ipaddr(struct codec *c, struct ipaddr *a);
/* Restoring: what was read cannot be. */
static inline void code_bad(struct codec *c)
{
	c->in.bad = true;
}

/* fd_codec.c: a table or NULL; restoring, *fds is NULL before. */
void code_fds(struct codec *c, struct fd_table **fds);
/* container_codec.c: all containers, but for the counts of their threads. */
void code_containers(struct codec *c);
/* id_codec.c: users and groups of the host or of a container. */
void code_ids(struct codec *c, struct id_table *ids);

#endif
