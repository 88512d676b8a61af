/* What a file looks like; see file_kind.h. */
#include "cli/file_kind.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"

#define LOOK_AT 16384

static const char *const rule_words[] = {
	"rule:", "macro:", "list:", "required_engine_version:", "required_plugin_versions:",
};

/* A line "- rule: ..." as items of rules files begin. */
static bool has_rule_item(struct str text)
{
	struct str line;

	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		if (!line.n || line.p[0] != '-')
			continue;
		line = str_trim(str_from(line, 1));
		for (size_t i = 0; i < sizeof(rule_words) / sizeof(rule_words[0]); i++)
			if (str_starts(line, str_of(rule_words[i])))
				return true;
	}
	return false;
}

/* Section header of a .scap, gzip, and zstd with its skippable frames (a .eyas begins with one). */
static bool is_trace(const uint8_t *p, size_t n)
{
	uint32_t magic;

	if (n < 4)
		return false;
	magic = get_le32(p);
	return magic == 0x0a0d0d0a || (magic & 0xffff) == 0x8b1f || magic == 0xfd2fb528 ||
	       (magic & 0xfffffff0) == 0x184d2a50;
}

enum file_kind file_kind(const char *path)
{
	uint8_t buf[LOOK_AT];
	enum file_kind kind = FILE_OTHER;
	struct stat st;
	ssize_t n;
	int fd;

	/* Not a pipe: what is read from it here would be missing later. */
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return FILE_OTHER;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return FILE_OTHER;
	n = read(fd, buf, sizeof(buf));
	if (n > 0 && is_trace(buf, (size_t)n))
		kind = FILE_TRACE;
	else if (n > 0 && has_rule_item(str_mem(buf, (size_t)n)))
		kind = FILE_RULES;
	close(fd);
	return kind;
}
