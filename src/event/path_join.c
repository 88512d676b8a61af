#include "event/event_text.h"

#define PATH_JOIN_MAX 1024 /* bytes of base, path and a NUL; longer ones get a fixed text */

/* Cuts the last component off out (which begins at `start`), never its first byte. */
static void drop_component(struct strbuf *out, size_t start)
{
	size_t n = out->n;

	if (n <= start + 1)
		return;
	n--; /* the '/' behind the component */
	while (n > start && out->s[n - 1] != '/')
		n--;
	strbuf_truncate(out, n);
}

void path_join(struct str base, struct str path, struct strbuf *out)
{
	size_t start = out->n;
	struct str part;
	bool glued; /* the path continues the base's last component ("<UNKNOWN>") */

	if (base.n + path.n + 1 > PATH_JOIN_MAX) {
		strbuf_adds(out, "/DIR_TOO_LONG/FILENAME_TOO_LONG");
		return;
	}
	if (!path.n)
		return;
	if (path.p[0] == '/')
		base = STR("/");
	strbuf_addstr(out, base);
	glued = base.n && base.p[base.n - 1] != '/';
	while (str_split(&path, '/', &part)) {
		if (!glued && (part.n == 0 || str_eq(part, STR("."))))
			continue;
		if (!glued && str_eq(part, STR(".."))) {
			drop_component(out, start);
			continue;
		}
		glued = false;
		strbuf_addstr(out, part);
		if (path.p)
			strbuf_addc(out, '/');
	}
	if (out->n > start + 1 && out->s[out->n - 1] == '/')
		strbuf_truncate(out, out->n - 1);
}
