/* Whether two conditions come to the same; see program.h. */
#include "rules/program_internal.h"

/* What a condition is for a type: its root there, or false. */
static uint32_t root_of(const struct type_program *tp, int id)
{
	uint32_t from = 0, to = tp ? tp->n : 0;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (tp->conditions[mid].id == id)
			return tp->conditions[mid].root;
		if (tp->conditions[mid].id < id)
			from = mid + 1;
		else
			to = mid;
	}
	return ID_FALSE;
}

bool program_same(const struct program *p, int a, int b)
{
	const struct type_program *last = NULL;

	if (p->roots.v[a] == p->roots.v[b])
		return true;
	for (unsigned t = 0; t < N_TYPE_SLOTS; t++) {
		if (p->types[t] == last)
			continue;
		last = p->types[t];
		if (root_of(last, a) != root_of(last, b))
			return false;
	}
	return true;
}
