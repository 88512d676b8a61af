/* Whether a file is a trace; see file_kind.h. */
#include "cli/file_kind.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"

#define HEAD_BYTES 8192

/* Section header of a .scap, gzip, zstd with its skippable frames (a .eyas begins with one), a
 * script. */
static bool is_trace(struct str head)
{
	uint32_t magic;

	if (head.n < 4)
		return false;
	magic = get_le32((const uint8_t *)head.p);
	return magic == 0x0a0d0d0a || (magic & 0xffff) == 0x8b1f || magic == 0xfd2fb528 ||
	       (magic & 0xfffffff0) == 0x184d2a50 || str_starts(head, STR("eyas-script "));
}

/* The first line that says something begins an item of rules. */
static bool is_rules(struct str head)
{
	static const char *const items[] = { "- rule:", "- macro:", "- list:", "- required_" };
	struct str line;

	while (str_split(&head, '\n', &line)) {
		line = str_trim(line);
		if (!line.n || line.p[0] == '#' || str_starts(line, STR("---")))
			continue;
		for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
			if (str_starts(line, str_of(items[i])))
				return true;
		return false;
	}
	return false;
}

/* The beginning of a file; 0 when it is none or cannot be read. */
static size_t read_head(const char *path, char *head, size_t n)
{
	struct stat st;
	ssize_t got;
	int fd;

	/* Not a pipe: what is read from it here would be missing later. */
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	got = read(fd, head, n);
	close(fd);
	return got > 0 ? (size_t)got : 0;
}

bool file_looks_like_trace(const char *path)
{
	char head[16];
	struct str begin = str_mem(head, read_head(path, head, sizeof(head)));

	/* "{" begins an audit log; rules files hold a list */
	return is_trace(begin) || str_starts(begin, STR("{\""));
}

const char *file_not_to_replace(const char *path)
{
	char head[HEAD_BYTES];
	struct str begin = str_mem(head, read_head(path, head, sizeof(head)));

	/* other JSON may well be the alerts of the last time */
	if (is_trace(begin) || str_starts(begin, STR("{\"kind\"")))
		return "a trace";
	return is_rules(begin) ? "a rules file" : NULL;
}
