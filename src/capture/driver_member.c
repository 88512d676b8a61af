#include "capture/driver_member.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* Structures without a name in one another: as deep as any in the kernel. */
#define MAX_DEPTH 8

static const struct driver_member_info infos[MEMBER_N] = {
#define MEMBER(name, type, member, module, config, without) \
	{ type, member, module, config, without },
#include "capture/driver_member.def"
#undef MEMBER
};

const struct driver_member_info *driver_member_info(enum driver_member m)
{
	return &infos[m];
}

/* `name` is a member of a structure, or of one without a name in it. */
static bool has_member(const struct btf *btf, const struct btf_type *t, const char *name, int depth)
{
	const struct btf_member *m = btf_members(t);

	for (unsigned i = 0; i < btf_vlen(t); i++) {
		const char *its = btf__name_by_offset(btf, m[i].name_off);
		const struct btf_type *inner;

		if (its && strcmp(its, name) == 0)
			return true;
		inner = its && *its ? NULL : btf__type_by_id(btf, m[i].type);
		if (inner && btf_is_composite(inner) && depth < MAX_DEPTH &&
		    has_member(btf, inner, name, depth + 1))
			return true;
	}
	return false;
}

static bool is_there(const struct btf *btf, const struct driver_member_info *info)
{
	int id = btf__find_by_name_kind(btf, info->type, BTF_KIND_STRUCT);
	char path[64];

	if (id > 0)
		return has_member(btf, btf__type_by_id(btf, (unsigned)id), info->member, 0);
	if (!info->module)
		return false;
	/* libbpf looks there, too */
	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", info->module);
	return access(path, R_OK) == 0;
}

void driver_members_find(const char *path, bool ret_missing[MEMBER_N])
{
	struct btf *btf = path ? btf__parse(path, NULL) : btf__load_vmlinux_btf();

	for (unsigned m = 0; m < MEMBER_N; m++)
		ret_missing[m] = btf && !is_there(btf, &infos[m]);
	/* without sockets, nobody asks of what kind */
	if (ret_missing[MEMBER_SOCK])
		ret_missing[MEMBER_IPV6] = ret_missing[MEMBER_UNIX] = false;
	btf__free(btf);
}
