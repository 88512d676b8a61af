#include "cli/report_page.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "base/text.h"

#define PLACE  "@EYAS_REPORT@" /* in the page: where the report goes */
#define LEVEL  6
#define TRIPLE 3 /* bytes that are four digits of base64 */

struct packing {
	const struct report_output *out;
	z_stream z;
	struct strbuf digits;
	unsigned char left[TRIPLE]; /* of the last bytes: less than a triple */
	size_t n_left;
	unsigned char bytes[3 * 8192];
};

bool report_page_is_there(void)
{
	return report_page_size > 0;
}

static int put_digits(struct packing *p, const unsigned char *bytes, size_t n)
{
	strbuf_reset(&p->digits);
	base64_encode(&p->digits, str_mem((const char *)bytes, n));
	return n ? p->out->put(p->out->arg, strbuf_str(&p->digits)) : 0;
}

/* Takes compressed bytes; those that make no triple wait for the next ones. */
static int put_bytes(struct packing *p, const unsigned char *bytes, size_t n)
{
	size_t whole;
	int r;

	while (n && p->n_left && p->n_left < TRIPLE) {
		p->left[p->n_left++] = *bytes++;
		n--;
	}
	if (p->n_left == TRIPLE) {
		r = put_digits(p, p->left, TRIPLE);
		if (r)
			return r;
		p->n_left = 0;
	}
	if (!n)
		return 0;
	whole = n - n % TRIPLE;
	memcpy(p->left, bytes + whole, n - whole);
	p->n_left = n - whole;
	return put_digits(p, bytes, whole);
}

static int pack(struct packing *p, struct str text, int flush)
{
	int r = 0, z;

	p->z.next_in = (unsigned char *)(uintptr_t)text.p;
	p->z.avail_in = (unsigned)text.n;
	do {
		p->z.next_out = p->bytes;
		p->z.avail_out = sizeof(p->bytes);
		z = deflate(&p->z, flush);
		assert(z != Z_STREAM_ERROR);
		r = put_bytes(p, p->bytes, sizeof(p->bytes) - p->z.avail_out);
	} while (!r && !p->z.avail_out);
	return r;
}

/* zlib counts in 32 bits. */
static int put_text(void *arg, struct str text)
{
	while (text.n) {
		struct str part = { text.p, text.n < 1u << 20 ? text.n : 1u << 20 };
		int r = pack(arg, part, Z_NO_FLUSH);

		if (r)
			return r;
		text = str_from(text, part.n);
	}
	return 0;
}

static int put_report(const struct report *r, const struct report_output *out)
{
	struct packing p = { .out = out, .digits = STRBUF_INIT };
	struct report_output packed = { .put = put_text, .arg = &p };
	int e;

	/* 31: a gzip header; it has no time and no name */
	if (deflateInit2(&p.z, LEVEL, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	e = report_json(r, &packed);
	if (!e)
		e = pack(&p, STR(""), Z_FINISH);
	if (!e)
		e = put_digits(&p, p.left, p.n_left);
	deflateEnd(&p.z);
	strbuf_release(&p.digits);
	return e;
}

int report_page_write(const struct report *r, const struct report_output *out)
{
	struct str page = str_mem((const char *)report_page, report_page_size);
	const char *place = memmem(page.p, page.n, PLACE, strlen(PLACE));
	struct str head, tail;
	int e;

	assert(place);
	head = str_mem(page.p, (size_t)(place - page.p));
	tail = str_from(page, head.n + strlen(PLACE));
	e = out->put(out->arg, head);
	if (!e)
		e = put_report(r, out);
	return e ? e : out->put(out->arg, tail);
}
