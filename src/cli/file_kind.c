/* Whether a file is a trace; see file_kind.h. */
#include "cli/file_kind.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"

/* Section header of a .scap, gzip, zstd with its skippable frames (a .eyas begins with one), a
 * script. */
static bool is_trace(struct str head)
{
	uint32_t magic;

	if (head.n < 4)
		return false;
	magic = get_le32((const uint8_t *)head.p);
	return magic == 0x0a0d0d0a || (magic & 0xffff) == 0x8b1f || magic == 0xfd2fb528 ||
	       (magic & 0xfffffff0) == 0x184d2a50 || str_starts(head, STR("eyas-script ")) ||
	       str_starts(head, STR("{\"")); /* an audit log; rules files hold a list */
}

bool file_looks_like_trace(const char *path)
{
	char head[16];
	struct stat st;
	ssize_t n;
	int fd;

	/* Not a pipe: what is read from it here would be missing later. */
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, head, sizeof(head));
	close(fd);
	return n > 0 && is_trace(str_mem(head, (size_t)n));
}
