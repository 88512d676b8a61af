#include "capture/cgroup_find.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <sys/vfs.h>

#ifndef CGROUP2_SUPER_MAGIC
#define CGROUP2_SUPER_MAGIC 0x63677270
#endif

static const char *mount_point(void)
{
	static const char *const where[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs fs;

	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++)
		if (statfs(where[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return where[i];
	return NULL;
}

/*
 * The group is one that runtimes make beside a container's, for the program that watches over it:
 * "libpod-conmon-ID.scope" of podman, "crio-conmon-ID.scope" of CRI-O.
 */
static bool is_monitor(const char *name, const char *text)
{
	return strstr(name, "-conmon-") && !strstr(text, "conmon");
}

int cgroup_find(const char *text, struct diag *diag, int *ret_fd)
{
	const char *root = mount_point();
	char *paths[] = { NULL, NULL };
	struct strbuf found = STRBUF_INIT, path = STRBUF_INIT;
	int n = 0, fd, r = 0;
	FTSENT *e;
	FTS *fts;

	if (!root) {
		diag_add(
			diag, DIAG_ERROR, "CONTAINER",
			"cgroup 2 is not mounted at /sys/fs/cgroup: containers cannot be selected");
		return -ENOTSUP;
	}
	paths[0] = (char *)(uintptr_t)root;
	fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	while (fts && (e = fts_read(fts))) {
		if (e->fts_info != FTS_D || !e->fts_level || !strstr(e->fts_name, text) ||
		    is_monitor(e->fts_name, text))
			continue;
		strbuf_addf(&found, "%s%s", n++ ? ", " : "", e->fts_path);
		strbuf_reset(&path);
		strbuf_adds(&path, e->fts_path);
		/* what is below a container belongs to it */
		fts_set(fts, e, FTS_SKIP);
	}
	if (fts)
		fts_close(fts);
	if (!n) {
		diag_add(diag, DIAG_ERROR, "CONTAINER", "no cgroup below %s has '%s' in its name",
			 root, text);
		r = -ENOENT;
	} else if (n > 1) {
		diag_add(diag, DIAG_ERROR, "CONTAINER",
			 "'%s' is in the names of several cgroups: %s", text, found.s);
		r = -ENOTUNIQ;
	} else {
		fd = open(path.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0) {
			r = -errno;
			diag_add(diag, DIAG_ERROR, "CONTAINER", "%s: %s", found.s, strerror(-r));
		} else {
			*ret_fd = fd;
		}
	}
	strbuf_release(&path);
	strbuf_release(&found);
	return r;
}
