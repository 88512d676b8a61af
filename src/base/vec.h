/*
 * vec: a growing array of any type.
 *
 * Layer: base. VEC(struct foo) declares { v, n, cap }; a zeroed one is empty.
 * Elements move when it grows: keep indices, not pointers.
 */
#ifndef EYAS_VEC_H
#define EYAS_VEC_H

#include <stddef.h>
#include <stdlib.h>

#include "base/xalloc.h"

#define VEC(type)              \
	struct {               \
		type *v;       \
		size_t n, cap; \
	}

void *vec_grow(void *v, size_t *cap, size_t need, size_t size);

/* Room for at least `need` elements in all. */
#define vec_reserve(vec, need)                                                                    \
	((void)((need) > (vec)->cap                                                               \
			? ((vec)->v = vec_grow((vec)->v, &(vec)->cap, (need), sizeof(*(vec)->v))) \
			: (vec)->v))
/* Appends a copy of `x`. */
#define vec_push(vec, x) (vec_reserve((vec), (vec)->n + 1), (void)((vec)->v[(vec)->n++] = (x)))
/* Appends a cleared element and gives its address (good until the next growth). */
#define vec_add(vec)                                                                          \
	(vec_reserve((vec), (vec)->n + 1), memset(&(vec)->v[(vec)->n], 0, sizeof(*(vec)->v)), \
	 &(vec)->v[(vec)->n++])
/* Frees the array; the vector is empty and usable again. */
#define vec_free(vec) (free((vec)->v), (vec)->v = NULL, (vec)->n = (vec)->cap = 0, (void)0)

#endif
