#include "event/event.h"

#define NO_NR (-1)

static const struct syscall_info syscall_rows[] = {
#define SYSCALL(sc, name, x86_64, aarch64, enter, exit) \
	[sc] = { sc, name, x86_64, aarch64, EVT_##enter, EVT_##exit },
#include "event/syscall_list.def"
#undef SYSCALL
};

_Static_assert(sizeof(syscall_rows) / sizeof(syscall_rows[0]) == SYSCALL_N,
	       "SYSCALL_N counts the rows of syscall_list.def");

const struct syscall_info *syscall_info(unsigned sc)
{
	return sc < SYSCALL_N ? &syscall_rows[sc] : NULL;
}

const struct syscall_info *syscall_by_name(struct str name)
{
	for (unsigned i = 0; i < SYSCALL_N; i++) {
		if (str_eqz(name, syscall_rows[i].name))
			return &syscall_rows[i];
	}
	return NULL;
}

const struct syscall_info *syscall_by_native(unsigned nr, bool aarch64)
{
	for (unsigned i = 0; i < SYSCALL_N; i++) {
		int have = aarch64 ? syscall_rows[i].aarch64 : syscall_rows[i].x86_64;

		if (have >= 0 && (unsigned)have == nr)
			return &syscall_rows[i];
	}
	return NULL;
}
