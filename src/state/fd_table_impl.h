/*
 * fd_table_impl: how a descriptor table is laid out.
 *
 * Layer: state, private to fd_table.c, to fd_codec.c, which saves shared pages once, and to
 * state_numbers.c and open_numbers.c, which look at a descriptor a million times a trace.
 */
#ifndef EYAS_FD_TABLE_IMPL_H
#define EYAS_FD_TABLE_IMPL_H

#include "state/fd_table.h"

#define PAGE_BITS 3
#define PAGE_SIZE (1 << PAGE_BITS)

struct fd_page {
	uint32_t refs; /* tables that hold it */
	uint32_t mark;
	uint8_t used; /* a bit an entry */
	struct fd_entry v[PAGE_SIZE];
};

struct fd_slot {
	int64_t no; /* number >> PAGE_BITS */
	struct fd_page *page;
};

struct fd_table {
	uint32_t n, max; /* entries */
	uint32_t n_slots, cap_slots;
	struct fd_slot *slots; /* ascending; pages with no entry are not kept */
	struct fd_page *spare; /* one that lost its last entry, for the next, or NULL */
};

/*
 * Descriptors are small and dense as a rule: page 0 is slot 0, and so on. The slot of a number
 * where that is so, else NULL: it may be in another slot, or in none.
 */
static inline struct fd_slot *fd_dense_slot(const struct fd_table *t, int64_t num)
{
	uint64_t no = (uint64_t)num >> PAGE_BITS;

	return no < t->n_slots && t->slots[no].no == (int64_t)no ? &t->slots[no] : NULL;
}

/* Its place in a page. */
static inline unsigned fd_page_at(int64_t num)
{
	return (unsigned)((uint64_t)num & (PAGE_SIZE - 1));
}

/* Its bit in fd_page.used. */
static inline unsigned fd_page_bit(int64_t num)
{
	return 1u << fd_page_at(num);
}

static inline const struct fd_entry *fd_page_look(const struct fd_page *p, int64_t num)
{
	return p->used & fd_page_bit(num) ? &p->v[fd_page_at(num)] : NULL;
}

/* fd_table_get() without a call, as a rule. */
static inline const struct fd_entry *fd_table_look(const struct fd_table *t, int64_t num)
{
	const struct fd_slot *s = fd_dense_slot(t, num);

	return s ? fd_page_look(s->page, num) : fd_table_get(t, num);
}

/* fd_table_del() without a call, as a rule: not the last of its page, nor of a shared one. */
static inline void fd_table_close(struct fd_table *t, int64_t num)
{
	const struct fd_slot *s = fd_dense_slot(t, num);
	unsigned bit = fd_page_bit(num);

	if (!s || s->page->refs > 1 || s->page->used == bit) {
		(void)fd_table_del(t, num);
	} else if (s->page->used & bit) {
		s->page->used &= (uint8_t)~bit;
		t->n--;
	}
}

/* fd_table_dup() without a call, as a rule; `from` is not in a table. */
static inline struct fd_entry *fd_table_put(struct fd_table *t, const struct fd_entry *from,
					    int64_t num)
{
	const struct fd_slot *s = fd_dense_slot(t, num);
	unsigned bit = fd_page_bit(num);
	struct fd_entry *f;

	if (!s || s->page->refs > 1)
		return fd_table_dup(t, from, num);
	if (!(s->page->used & bit)) {
		if (t->n >= t->max)
			return NULL;
		s->page->used |= (uint8_t)bit;
		t->n++;
	}
	f = &s->page->v[fd_page_at(num)];
	*f = *from;
	f->num = num;
	return f;
}

/* It has a descriptor of a number below 0, as no process has. */
static inline bool fd_has_negative(const struct fd_table *t)
{
	return t->n_slots && t->slots[0].no < 0;
}

#endif
