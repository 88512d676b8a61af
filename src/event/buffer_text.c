/* PT_BYTEBUF in the formats that the tools of the ecosystem offer. */
#include "event/event_text.h"

#include "base/text.h"

/* Sixteen bytes at once, in whatever registers the machine has for that. */
typedef signed char bytes16 __attribute__((vector_size(16)));

static bool printable(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

static void add_dots(const uint8_t *p, size_t n, struct strbuf *out)
{
	char *q = strbuf_reserve(out, n);
	size_t i = 0;

	/* from 0x80 on they are negative, below ' ' like the control characters */
	for (; n - i >= sizeof(bytes16); i += sizeof(bytes16)) {
		bytes16 v, odd;

		memcpy(&v, p + i, sizeof(v));
		odd = (v < ' ') | (v == 0x7f);
		v = (v & ~odd) | (odd & '.');
		memcpy(q + i, &v, sizeof(v));
	}
	for (; i < n; i++)
		q[i] = printable(p[i]) ? (char)p[i] : '.';
	q[n] = '\0';
	out->n += n;
}

/* 16 bytes a line, in groups of two. */
static void add_hex(const uint8_t *p, size_t n, bool ascii, struct strbuf *out)
{
	for (size_t at = 0; at < n; at += 16) {
		size_t len = n - at < 16 ? n - at : 16;

		strbuf_addf(out, "\n\t0x%04zx:", at);
		for (size_t i = 0; i < 16; i += 2) {
			if (i + 1 < len)
				strbuf_addf(out, " %02x%02x", p[at + i], p[at + i + 1]);
			else if (i < len)
				strbuf_addf(out, ascii ? " %02x  " : " %02x", p[at + i]);
			else if (ascii)
				strbuf_adds(out, "     ");
		}
		if (ascii) {
			strbuf_adds(out, "  ");
			add_dots(p + at, len, out);
		}
	}
	strbuf_addc(out, '\n');
}

static void add_ascii(const uint8_t *p, size_t n, struct strbuf *out)
{
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < n; i++) {
		if (printable(p[i]))
			strbuf_addc(out, (char)p[i]);
		else if (p[i] == '\r' || (p[i] == '\n' && (i == 0 || p[i - 1] != '\r')))
			strbuf_addc(out, '\n');
	}
}

void buffer_text(struct str bytes, const struct event_text_options *opt, struct strbuf *out)
{
	const uint8_t *p = (const uint8_t *)bytes.p;
	size_t start = out->n, max = opt ? opt->max_buffer : 0;

	switch (opt ? opt->buffer : BUFFER_DOTS) {
	case BUFFER_DOTS:
		add_dots(p, bytes.n, out);
		break;
	case BUFFER_HEX:
		add_hex(p, bytes.n, false, out);
		break;
	case BUFFER_HEXASCII:
		add_hex(p, bytes.n, true, out);
		break;
	case BUFFER_ASCII:
		add_ascii(p, bytes.n, out);
		break;
	case BUFFER_BASE64:
		base64_encode(out, bytes);
		break;
	}
	if (max && out->n - start > max) {
		size_t dots = max < 3 ? max : 3;

		strbuf_truncate(out, start + max - dots);
		strbuf_add(out, "...", dots);
	}
}
