#include "trace/script_text.h"

#include "base/text.h"
#include "base/timefmt.h"

const char *const script_causes[LOSS_N] = {
	[LOSS_UNKNOWN] = "unknown", [LOSS_BUFFER_FULL] = "buffer_full",
	[LOSS_FAULT] = "fault",     [LOSS_TOO_LARGE] = "too_large",
	[LOSS_DISK] = "disk",       [LOSS_DAMAGE] = "damage",
	[LOSS_RATE] = "rate",
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Blanks, and line ends behind a backslash. */
static void skip_blanks(struct str *s)
{
	for (;;) {
		size_t k = 0;

		if (s->n && is_blank(s->p[0])) {
			*s = str_from(*s, 1);
			continue;
		}
		if (!s->n || s->p[0] != '\\')
			return;
		k = 1;
		while (k < s->n && is_blank(s->p[k]))
			k++;
		if (k >= s->n || s->p[k] != '\n')
			return;
		*s = str_from(*s, k + 1);
	}
}

/* Position behind the quoted string that begins at i, or 0 when it is not closed on its line. */
static size_t quoted_end(struct str s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '\n'; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

static size_t list_end(struct str s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '\n'; i++) {
		if (s.p[i] == ']')
			return i + 1;
		if (s.p[i] == '"') {
			i = quoted_end(s, i);
			if (!i)
				return 0;
			i--;
		}
	}
	return 0;
}

static bool is_key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

int script_next_word(struct str *rest, struct script_word *ret)
{
	size_t key = 0, i;

	skip_blanks(rest);
	if (!rest->n || rest->p[0] == '\n' || rest->p[0] == '#')
		return 0;
	while (key < rest->n && is_key_char(rest->p[key]))
		key++;
	memset(ret, 0, sizeof(*ret));
	ret->key = (struct str){ rest->p, 0 };
	i = 0;
	if (key && key < rest->n && rest->p[key] == '=') {
		ret->key.n = key;
		ret->has_value = true;
		i = key + 1;
	}
	ret->value = str_from(*rest, i);
	/* A string or a list only where a value begins: elsewhere quotes are ordinary. */
	if (i < rest->n && (rest->p[i] == '"' || rest->p[i] == '[')) {
		size_t end = rest->p[i] == '"' ? quoted_end(*rest, i) : list_end(*rest, i);

		/* "[::1]:80" is an address, not a list. */
		if (!end)
			return -1;
		i = end;
	}
	while (i < rest->n && !is_blank(rest->p[i]) && rest->p[i] != '\n')
		i++;
	ret->text = (struct str){ rest->p, i };
	ret->value.n = (size_t)(rest->p + i - ret->value.p);
	*rest = str_from(*rest, i);
	return 1;
}

bool script_unquote(struct str w, struct strbuf *out)
{
	if (!w.n || w.p[0] != '"') {
		strbuf_addstr(out, w);
		return true;
	}
	if (w.n < 2 || w.p[w.n - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < w.n; i++) {
		static const char from[] = "ntr\\\"0", to[] = "\n\t\r\\\"\0";
		const char *k;

		if (w.p[i] != '\\') {
			if (w.p[i] == '"')
				return false;
			strbuf_addc(out, w.p[i]);
			continue;
		}
		i++;
		if (w.p[i] == 'x') {
			int high = i + 3 < w.n ? hex_digit(w.p[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(w.p[i + 2]) : -1;

			if (low < 0)
				return false;
			strbuf_addc(out, (char)(high << 4 | low));
			i += 2;
			continue;
		}
		k = i + 1 < w.n && w.p[i] ? strchr(from, w.p[i]) : NULL;
		if (!k)
			return false;
		strbuf_addc(out, to[k - from]);
	}
	return true;
}

/* Could be read as nothing but itself, in a list too. */
static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!is_key_char(c) && !(c && strchr("/.:@%+-*^~!?&;$(){}<>|=", c)))
			return false;
	}
	return s.n > 0 && !str_starts(s, STR("hex:"));
}

/* Characters that change how a line looks or where it ends: controls, separators, directions. */
static bool is_tricky(struct str c)
{
	unsigned char a = (unsigned char)c.p[0], b = c.n > 1 ? (unsigned char)c.p[1] : 0,
		      d = c.n > 2 ? (unsigned char)c.p[2] : 0;

	if (c.n == 1)
		return a < 0x20 || a == 0x7f;
	if (c.n == 2)
		return a == 0xc2 && b < 0xa0;
	if (c.n == 3 && a == 0xe2)
		return (b == 0x80 && (d == 0xa8 || d == 0xa9 || (d >= 0x8b && d <= 0x8f) ||
				      (d >= 0xaa && d <= 0xae))) ||
		       (b == 0x81 && d >= 0xa0 && d <= 0xaf);
	return c.n == 3 && a == 0xef && b == 0xbb && d == 0xbf;
}

void script_quote(struct strbuf *out, struct str s)
{
	if (is_plain(s)) {
		strbuf_addstr(out, s);
		return;
	}
	strbuf_addc(out, '"');
	for (size_t i = 0; i < s.n;) {
		unsigned n = utf8_len(s.p + i, s.n - i);
		struct str c = { s.p + i, n ? n : 1 };

		if (c.p[0] == '\n')
			strbuf_adds(out, "\\n");
		else if (c.p[0] == '\t')
			strbuf_adds(out, "\\t");
		else if (c.p[0] == '"' || c.p[0] == '\\')
			strbuf_addf(out, "\\%c", c.p[0]);
		else if (!n || is_tricky(c))
			for (size_t k = 0; k < c.n; k++)
				strbuf_addf(out, "\\x%02x", (unsigned char)c.p[k]);
		else
			strbuf_addstr(out, c);
		i += c.n;
	}
	strbuf_addc(out, '"');
}

bool script_list_body(struct str w, struct str *ret)
{
	if (w.n < 2 || w.p[0] != '[' || list_end(w, 0) != w.n)
		return false;
	*ret = (struct str){ w.p + 1, w.n - 2 };
	return true;
}

bool script_next_element(struct str *rest, struct str *ret)
{
	size_t i = 0;

	while (rest->n && is_blank(rest->p[0]))
		*rest = str_from(*rest, 1);
	if (!rest->n)
		return false;
	if (rest->p[0] == '"') {
		i = quoted_end(*rest, 0);
		if (!i)
			i = rest->n;
	}
	while (i < rest->n && rest->p[i] != ',')
		i++;
	*ret = str_trim((struct str){ rest->p, i });
	*rest = str_from(*rest, i + 1);
	return true;
}

void script_print_strings(struct strbuf *out, struct str bytes)
{
	strbuf_addc(out, '[');
	for (size_t i = 0; i < bytes.n;) {
		struct str s = str_from(bytes, i);
		ptrdiff_t end = str_chr(s, '\0');

		if (end >= 0)
			s.n = (size_t)end;
		if (i)
			strbuf_addc(out, ',');
		script_quote(out, s);
		i += s.n + 1;
	}
	strbuf_addc(out, ']');
}

bool script_parse_strings(struct str word, struct strbuf *out)
{
	struct str body, item;

	if (!script_list_body(word, &body))
		return false;
	while (script_next_element(&body, &item)) {
		if (!script_unquote(item, out))
			return false;
		strbuf_addc(out, '\0');
	}
	return true;
}

bool script_number(struct str s, unsigned size, uint64_t *ret)
{
	uint64_t v = 0, limit = size >= 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;
	bool minus = s.n && s.p[0] == '-';
	unsigned base = 10;

	if (minus)
		s = str_from(s, 1);
	if (s.n > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X')) {
		base = 16;
		s = str_from(s, 2);
	} else if (s.n > 1 && s.p[0] == '0') {
		base = 8;
	}
	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int d = hex_digit(s.p[i]);

		if (d < 0 || (unsigned)d >= base || v > (UINT64_MAX - (unsigned)d) / base)
			return false;
		v = v * base + (unsigned)d;
	}
	if (minus ? v > limit / 2 + 1 : v > limit)
		return false;
	*ret = (minus ? 0 - v : v) & limit;
	return true;
}

void script_print_endpoint(struct strbuf *out, const struct ipaddr *a, uint16_t port)
{
	if (a->n == 16)
		strbuf_addc(out, '[');
	ipaddr_text(a, out);
	strbuf_addf(out, a->n == 16 ? "]:%u" : ":%u", port);
}

bool script_parse_endpoint(struct str s, struct ipaddr *ret_addr, uint16_t *ret_port)
{
	ptrdiff_t colon = str_rchr(s, ':');
	struct str host;
	uint64_t port;

	if (colon < 0)
		return false;
	host = (struct str){ s.p, (size_t)colon };
	if (!script_number(str_from(s, (size_t)colon + 1), 2, &port))
		return false;
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = (struct str){ host.p + 1, host.n - 2 };
	if (!ipaddr_parse(host, ret_addr))
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* The first nanosecond of the year 2500, where RFC 3339 as we read it ends. */
#define YEAR_2500 UINT64_C(16725225600000000000)

void script_print_time(struct strbuf *out, uint64_t ns)
{
	if (ns == 0) {
		strbuf_addc(out, '0');
	} else if (ns < YEAR_2500) {
		time_iso8601(out, ns, "Z");
	} else {
		strbuf_addf(out, "@%llu.", (unsigned long long)(ns / 1000000000));
		strbuf_addu_pad(out, ns % 1000000000, 9);
	}
}

bool script_parse_time(struct str s, uint64_t *ret)
{
	if (str_eqz(s, "0")) {
		*ret = 0;
		return true;
	}
	return time_parse(s, ret);
}

bool script_print_step(struct strbuf *out, uint64_t from, uint64_t to)
{
	static const struct {
		const char *unit;
		uint64_t ns;
		unsigned digits;
	} units[] = {
		{ "s", 1000000000, 9 }, { "ms", 1000000, 6 }, { "us", 1000, 3 }, { "ns", 1, 0 }
	};
	uint64_t step = to >= from ? to - from : from - to;
	unsigned i = 0;

	if (step > UINT64_C(86400) * 1000000000)
		return false;
	strbuf_addc(out, to >= from ? '+' : '-');
	if (!step) {
		strbuf_addc(out, '0');
		return true;
	}
	while (step < units[i].ns)
		i++;
	strbuf_addu(out, step / units[i].ns);
	if (step % units[i].ns) {
		strbuf_addc(out, '.');
		strbuf_addu_pad(out, step % units[i].ns, units[i].digits);
		while (out->s[out->n - 1] == '0')
			strbuf_truncate(out, out->n - 1);
	}
	strbuf_adds(out, units[i].unit);
	return true;
}

const char *script_nearest(struct str name, const char *(*next)(const void *arg, size_t i),
			   const void *arg)
{
	unsigned best = name.n < 4 ? 2 : 3;
	const char *found = NULL, *s;

	for (size_t i = 0; (s = next(arg, i)); i++) {
		unsigned d = *s ? str_distance(name, str_of(s), best) : best;

		if (d < best) {
			best = d;
			found = s;
		}
	}
	return found;
}
