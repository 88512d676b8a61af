/*
 * xalloc: allocation that does not fail.
 *
 * Layer: base. Out of memory aborts with a message (eyas is never left half
 * done); callers cap every size that comes from input before they get here.
 */
#ifndef EYAS_XALLOC_H
#define EYAS_XALLOC_H

#include <stddef.h>

/* As malloc, calloc, realloc and strdup; never NULL. The caller frees. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
/* realloc of n elements; aborts when n * size overflows. */
void *xreallocarray(void *p, size_t n, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
void *xmemdup(const void *p, size_t n) __attribute__((malloc, returns_nonnull));

#endif
