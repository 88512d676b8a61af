#include "base/vec.h"

void *vec_grow(void *v, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap ? *cap * 2 : 8;

	if (n < need)
		n = need;
	*cap = n;
	return xreallocarray(v, n, size);
}
