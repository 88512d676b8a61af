#include "trace/pcapng_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "config.h"
#include "trace/outfile.h"
#include "trace/packet.h"

/* Block types and options. */
enum { BLOCK_SHB = 0x0a0d0d0a, BLOCK_IDB = 1, BLOCK_EPB = 6 };
enum { OPT_END = 0, OPT_COMMENT = 1, OPT_SHB_USERAPPL = 4, OPT_IF_NAME = 2, OPT_IF_TSRESOL = 9 };

#define BYTE_ORDER_MAGIC UINT32_C(0x1a2b3c4d)
#define MAX_IFACES       65536

struct iface {
	char *name;
	size_t name_n;
	uint16_t linktype;
};

struct pcapng_writer {
	struct sink sink;
	struct outfile *out;
	VEC(struct iface) ifaces;
	struct strbuf block;
	uint64_t packets, unreadable;
	bool began;
};

static void add_u16(struct strbuf *b, unsigned v)
{
	uint8_t p[2];

	put_le16(p, (uint16_t)v);
	strbuf_add(b, p, sizeof(p));
}

static void add_u32(struct strbuf *b, uint32_t v)
{
	uint8_t p[4];

	put_le32(p, v);
	strbuf_add(b, p, sizeof(p));
}

/* Bytes, padded to a multiple of four. */
static void add_padded(struct strbuf *b, struct str s)
{
	strbuf_addstr(b, s);
	strbuf_add(b, "\0\0\0", (4 - s.n % 4) % 4);
}

static void add_option(struct strbuf *b, unsigned code, struct str value)
{
	if (value.n > UINT16_MAX)
		value.n = UINT16_MAX;
	add_u16(b, code);
	add_u16(b, (unsigned)value.n);
	add_padded(b, value);
}

static void begin(struct pcapng_writer *w, uint32_t type)
{
	strbuf_reset(&w->block);
	add_u32(&w->block, type);
	add_u32(&w->block, 0);
}

/* Both lengths, and out. */
static int end(struct pcapng_writer *w)
{
	add_u32(&w->block, (uint32_t)w->block.n + 4);
	put_le32((uint8_t *)w->block.s + 4, (uint32_t)w->block.n);
	return outfile_write(w->out, w->block.s, w->block.n);
}

static int put_section(struct pcapng_writer *w)
{
	begin(w, BLOCK_SHB);
	add_u32(&w->block, BYTE_ORDER_MAGIC);
	add_u16(&w->block, 1);
	add_u16(&w->block, 0);
	add_u32(&w->block, UINT32_MAX); /* length of the section: not said */
	add_u32(&w->block, UINT32_MAX);
	add_option(&w->block, OPT_SHB_USERAPPL, STR("eyas " PACKAGE_VERSION));
	add_u32(&w->block, OPT_END);
	return end(w);
}

/* The interface's number; it is described before its first packet. */
static int find_iface(struct pcapng_writer *w, const struct packet *p, uint32_t *ret)
{
	struct iface new = { .linktype = p->linktype, .name_n = p->iface.n };

	for (*ret = 0; *ret < w->ifaces.n; ++*ret) {
		const struct iface *i = &w->ifaces.v[*ret];

		if (i->linktype == p->linktype && i->name_n == p->iface.n &&
		    memcmp(i->name, p->iface.p, i->name_n) == 0)
			return 0;
	}
	if (w->ifaces.n == MAX_IFACES)
		return -E2BIG;
	new.name = xmalloc(p->iface.n + 1);
	memcpy(new.name, p->iface.p, p->iface.n);
	vec_push(&w->ifaces, new);
	begin(w, BLOCK_IDB);
	add_u16(&w->block, p->linktype);
	add_u16(&w->block, 0);
	add_u32(&w->block, 0); /* no snap length that would hold for all */
	add_option(&w->block, OPT_IF_NAME, p->iface);
	add_option(&w->block, OPT_IF_TSRESOL, STR("\x09"));
	add_u32(&w->block, OPT_END);
	return end(w);
}

int pcapng_writer_put(struct sink *k, uint64_t ts, const struct packet *p,
		      const struct str *comments, unsigned n)
{
	struct pcapng_writer *w = (struct pcapng_writer *)k;
	uint32_t iface;
	int r = w->began ? 0 : put_section(w);

	w->began = true;
	if (!r)
		r = find_iface(w, p, &iface);
	if (r)
		return r;
	w->packets++;
	begin(w, BLOCK_EPB);
	add_u32(&w->block, iface);
	add_u32(&w->block, (uint32_t)(ts >> 32));
	add_u32(&w->block, (uint32_t)ts);
	add_u32(&w->block, (uint32_t)p->bytes.n);
	add_u32(&w->block, p->original);
	add_padded(&w->block, p->bytes);
	for (unsigned i = 0; i < n; i++)
		add_option(&w->block, OPT_COMMENT, comments[i]);
	if (n)
		add_u32(&w->block, OPT_END);
	return end(w);
}

static int writer_put(struct sink *k, const struct record *r)
{
	struct pcapng_writer *w = (struct pcapng_writer *)k;
	struct packet p;

	if (r->kind != RECORD_EVENT || !packet_is(&r->event))
		return 0;
	if (!packet_read(&r->event, &p)) {
		w->unreadable++;
		return 0;
	}
	return pcapng_writer_put(k, r->event.ts, &p, NULL, 0);
}

static void writer_free(struct pcapng_writer *w)
{
	for (size_t i = 0; i < w->ifaces.n; i++)
		free(w->ifaces.v[i].name);
	vec_free(&w->ifaces);
	strbuf_release(&w->block);
	free(w);
}

static int writer_finish(struct sink *k)
{
	struct pcapng_writer *w = (struct pcapng_writer *)k;
	int r;

	if (w->unreadable)
		diag_add(k->diag, DIAG_WARNING, "PACKET",
			 "packets left out, whose data is damaged or of a later version: %" PRIu64,
			 w->unreadable);
	if (w->packets) {
		r = outfile_finish(w->out);
	} else {
		diag_add(k->diag, DIAG_ERROR, "NO_PACKETS",
			 "the trace holds no packets (eyas-capture --packets records them)");
		outfile_abort(w->out);
		r = -ENODATA;
	}
	writer_free(w);
	return r;
}

static void writer_abort(struct sink *k)
{
	struct pcapng_writer *w = (struct pcapng_writer *)k;

	outfile_abort(w->out);
	writer_free(w);
}

static const struct sink_ops ops = { writer_put, writer_finish, writer_abort };

struct sink *pcapng_writer_create(struct outfile *out, const struct trace_create_options *opt,
				  struct diag *diag)
{
	struct pcapng_writer *w = xcalloc(1, sizeof(*w));

	(void)opt;
	w->sink = (struct sink){ &ops, diag };
	w->out = out;
	w->block = STRBUF_INIT;
	return &w->sink;
}
