/*
 * fd_table_impl: how a descriptor table is laid out.
 *
 * Layer: state, private to fd_table.c and to fd_codec.c, which saves shared pages once.
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
};

#endif
