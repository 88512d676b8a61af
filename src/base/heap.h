/*
 * heap: where the C library takes the memory of a thread from.
 *
 * Layer: base. A replay fills tables of some megabytes within a fraction of a second, in each of
 * its threads. Page by page that costs as much as some of its real work; in huge pages, a tenth of
 * it. Only a hint: where the C library or the kernel does not know of such things, nothing happens.
 */
#ifndef EYAS_HEAP_H
#define EYAS_HEAP_H

/*
 * Gives the heap of the calling thread some room, of huge pages if there are any. Only what is used
 * of it becomes memory. From then on, in all threads, large blocks come from the heaps, and what is
 * freed stays there. For a process that ends when its work is done.
 */
void heap_make_room(void);

#endif
