#include "base/text.h"

unsigned utf8_len(const char *z, size_t n)
{
	const unsigned char *p = (const unsigned char *)z;
	unsigned len;

	if (!n)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		len = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (n < len)
		return 0;
	for (unsigned i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

bool utf8_valid(struct str s)
{
	for (size_t i = 0; i < s.n;) {
		unsigned len = utf8_len(s.p + i, s.n - i);

		if (!len)
			return false;
		i += len;
	}
	return true;
}

void utf8_sanitise(struct strbuf *out, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		unsigned len = utf8_len(s.p + i, s.n - i);

		if (len) {
			strbuf_add(out, s.p + i, len);
			i += len;
		} else {
			strbuf_adds(out, "\xef\xbf\xbd");
			i++;
		}
	}
}

/* Sixteen bytes at once, in whatever registers the machine has for that. */
typedef signed char bytes16 __attribute__((vector_size(16)));
typedef uint64_t halves16 __attribute__((vector_size(16)));

/* Bytes from 0x80 on are negative, below ' ' like the control characters. */
static inline bool all_plain(bytes16 v, bool json)
{
	bytes16 odd = (v < ' ') | (v == 0x7f);
	halves16 any;

	if (json)
		odd |= (v == '"') | (v == '\\');
	any = (halves16)odd;
	return !(any[0] | any[1]);
}

/*
 * Almost all text is plain, so what is looked for is the end of the first run: sixteen bytes at a
 * time while they are plain, the last ones together with some that were looked at before. Only what
 * is not plain to the end is looked at byte by byte.
 */
static inline size_t plain_run(const char *p, size_t n, bool json)
{
	bytes16 v;
	size_t i = 0;

	if (n >= sizeof(v)) {
		for (;;) {
			memcpy(&v, p + i, sizeof(v));
			if (!all_plain(v, json))
				break;
			i += sizeof(v);
			if (i == n)
				return n;
			if (n - i < sizeof(v))
				i = n - sizeof(v);
		}
	} else if (n >= 8) {
		memcpy(&v, p, 8);
		memcpy((char *)&v + 8, p + n - 8, 8);
		if (all_plain(v, json))
			return n;
	}
	for (; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c < 0x20 || c >= 0x7f || (json && (c == '"' || c == '\\')))
			break;
	}
	return i;
}

size_t text_plain_run(const char *p, size_t n)
{
	return plain_run(p, n, false);
}

size_t text_plain_run_json(const char *p, size_t n)
{
	return plain_run(p, n, true);
}

static bool is_control(const unsigned char *p, unsigned len)
{
	if (len == 1)
		return p[0] < 0x20 || p[0] == 0x7f;
	if (len == 2) /* C1: U+0080..U+009F */
		return p[0] == 0xc2 && p[1] < 0xa0;
	if (len ==
	    3) /* U+2028, U+2029, and what turns the writing direction: U+202A..E, U+2066..9 */
		return p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xa8 && p[2] <= 0xae) ||
					(p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
	return false;
}

static unsigned code_point(const unsigned char *p, unsigned len)
{
	if (len == 2)
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
}

void text_escape(struct strbuf *out, struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		const unsigned char *p = (const unsigned char *)s.p + i;
		size_t run = text_plain_run(s.p + i, s.n - i);
		unsigned len;

		strbuf_add(out, p, run);
		i += run;
		if (i == s.n)
			break;
		p += run;
		len = utf8_len((const char *)p, s.n - i);
		if (!len)
			strbuf_addf(out, "\\x%02x", p[0]);
		else if (!is_control(p, len))
			strbuf_add(out, p, len);
		else if (p[0] == '\n')
			strbuf_adds(out, "\\n");
		else if (p[0] == '\t')
			strbuf_adds(out, "\\t");
		else if (p[0] == '\r')
			strbuf_adds(out, "\\r");
		else if (len == 1)
			strbuf_addf(out, "\\x%02x", p[0]);
		else
			strbuf_addf(out, "\\u{%x}", code_point(p, len));
		i += len ? len : 1;
	}
}

void hex_encode(struct strbuf *out, struct str s)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		strbuf_addc(out, digits[c >> 4]);
		strbuf_addc(out, digits[c & 15]);
	}
}

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool hex_decode(struct strbuf *out, struct str text)
{
	size_t start = out->n;

	if (text.n % 2)
		return false;
	for (size_t i = 0; i < text.n; i += 2) {
		int hi = hex_digit(text.p[i]), lo = hex_digit(text.p[i + 1]);

		if (hi < 0 || lo < 0) {
			strbuf_truncate(out, start);
			return false;
		}
		strbuf_addc(out, (char)(hi << 4 | lo));
	}
	return true;
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct strbuf *out, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		unsigned v = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) |
			     (left > 2 ? p[i + 2] : 0);

		strbuf_addc(out, base64_digits[v >> 18]);
		strbuf_addc(out, base64_digits[v >> 12 & 63]);
		strbuf_addc(out, left > 1 ? base64_digits[v >> 6 & 63] : '=');
		strbuf_addc(out, left > 2 ? base64_digits[v & 63] : '=');
	}
}

bool base64_decode(struct strbuf *out, struct str text)
{
	size_t start = out->n;
	unsigned v = 0, bits = 0;

	/* One or two '=' fill up the last group of four. */
	if (text.n && text.n % 4 == 0 && text.p[text.n - 1] == '=') {
		text.n--;
		if (text.p[text.n - 1] == '=')
			text.n--;
	}
	if (text.n % 4 == 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		const char *d = text.p[i] ? strchr(base64_digits, text.p[i]) : NULL;

		if (!d) {
			strbuf_truncate(out, start);
			return false;
		}
		v = v << 6 | (unsigned)(d - base64_digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			strbuf_addc(out, (char)(v >> bits & 0xff));
		}
	}
	return true;
}
