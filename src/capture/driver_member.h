/*
 * driver_member: what the running kernel was built without, as far as a recording lacks something
 * then.
 *
 * Layer: capture. Reads the kernel's description of its types (BTF), in which the driver's programs
 * look up where members are, with libbpf.
 */
#ifndef EYAS_DRIVER_MEMBER_H
#define EYAS_DRIVER_MEMBER_H

#include <stdbool.h>

enum driver_member {
#define MEMBER(name, type, member, module, config, without) MEMBER_##name,
#include "capture/driver_member.def"
#undef MEMBER
	MEMBER_N
};

struct driver_member_info {
	const char *type, *member, *module, *config;
	const char *without; /* what a recording then lacks: a clause */
};

/* A row of driver_member.def. */
const struct driver_member_info *driver_member_info(enum driver_member m);

/*
 * Looks all of them up in the running kernel's types, or in those in the file `path` unless that is
 * NULL. Types that cannot be read lack nothing: the driver does not load with them, and that says
 * more.
 */
void driver_members_find(const char *path, bool ret_missing[MEMBER_N]);

#endif
