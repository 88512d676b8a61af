#include "capture/proc_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int proc_read(int dir, const char *name, size_t max, struct strbuf *out)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC), r = 0;

	strbuf_reset(out);
	if (fd < 0)
		return -errno;
	while (out->n < max) {
		size_t room = max - out->n < 4096 ? max - out->n : 4096;
		char *p = strbuf_reserve(out, room);
		ssize_t n = read(fd, p, room);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = -errno;
		if (n <= 0)
			break;
		out->n += (size_t)n;
		out->s[out->n] = '\0';
	}
	close(fd);
	return r;
}

int proc_link(int dir, const char *name, struct strbuf *out)
{
	char *p;
	ssize_t n;

	strbuf_reset(out);
	p = strbuf_reserve(out, 4096);
	n = readlinkat(dir, name, p, 4096);
	if (n < 0)
		return -errno;
	out->n = (size_t)n;
	out->s[n] = '\0';
	return 0;
}

bool proc_line(struct str text, const char *key, struct str *ret)
{
	struct str line, k = str_of(key);

	while (str_split(&text, '\n', &line)) {
		if (line.n > k.n && str_starts(line, k) && line.p[k.n] == ':') {
			*ret = str_trim(str_from(line, k.n + 1));
			return true;
		}
	}
	return false;
}

struct str proc_word(struct str line, unsigned n)
{
	for (;; n--) {
		size_t end = 0;

		line = str_trim(line);
		while (end < line.n && line.p[end] != ' ' && line.p[end] != '\t')
			end++;
		if (!n || !line.n)
			return (struct str){ line.p, n ? 0 : end };
		line = str_from(line, end);
	}
}

uint64_t proc_number(struct str line, unsigned n, unsigned base)
{
	struct str word = proc_word(line, n);
	uint64_t v = 0;

	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];
		unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
							: 99;

		if (digit >= base)
			return i ? v : 0;
		v = v * base + digit;
	}
	return v;
}
