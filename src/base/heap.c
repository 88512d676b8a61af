#include "base/heap.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#ifdef __GLIBC__

#include <malloc.h>

#define THRESHOLD (32 << 20)           /* bytes; the greatest that is allowed */
#define ROOM      ((size_t)31 << 20)   /* less than that, or else it is not of the heap */
#define HUGE_PAGE ((uintptr_t)2 << 20) /* most often */

static void advise(uintptr_t from, uintptr_t to)
{
#ifdef MADV_HUGEPAGE
	from = (from + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
	to &= ~(HUGE_PAGE - 1);
	if (from < to)
		madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
	(void)from;
	(void)to;
#endif
}

/*
 * The heap of a thread grows and shrinks by pages, with a system call each that all threads wait
 * for, and then takes a fault a page; where what is read first is written later, it takes two, and
 * all processors are told of the second.
 */
void heap_make_room(void)
{
	void *volatile room; /* else the compiler leaves out both calls */

	mallopt(M_MMAP_THRESHOLD, THRESHOLD);
	mallopt(M_TRIM_THRESHOLD, THRESHOLD + THRESHOLD / 4);
	room = malloc(ROOM);
	if (room)
		advise((uintptr_t)room, (uintptr_t)room + ROOM);
	free(room);
}

#else

void heap_make_room(void)
{
}

#endif
