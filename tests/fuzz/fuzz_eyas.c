/* A native trace, whole; and the pieces behind its checksums, which flipped bits never get past. */
#include <stddef.h>
#include <stdint.h>

#include "trace/eyas_columns.h"
#include "trace/eyas_index.h"
#include "trace/eyas_reader.h"
#include "trace/eyas_snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void whole(struct str s)
{
	struct source *src;
	struct record rec;
	struct diag diag;

	diag_init(&diag);
	if (!eyas_reader_open(input_from_memory("fuzz", s.p, s.n), &diag, &src)) {
		while (source_next(src, &rec) > 0)
			;
		source_close(src);
	}
	diag_free(&diag);
}

static void walk_columns(const struct eyas_events_fields *f, const struct str *streams)
{
	struct eyas_column_reader r;
	uint64_t raw[EYAS_MAX_STREAMS];
	struct event ev;

	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		raw[k] = streams[k].n;
	eyas_column_reader_init(&r);
	if (eyas_column_reader_heads(&r, f, streams[EYAS_STREAM_HEADS], raw, NULL) &&
	    eyas_column_reader_begin(&r, streams, r.needed))
		while (eyas_column_reader_next(&r, r.count, NULL, NULL, &ev) > 0)
			;
	eyas_column_reader_free(&r);
}

/* The streams of an event block: the first bytes are the number of events and the sizes. */
static void columns(struct str s, bool version_1_0)
{
	struct cursor c = cursor_of(s.p, s.n);
	struct eyas_events_fields f = { .count = cursor_u8(&c) };
	uint8_t n[EYAS_MAX_STREAMS] = { 0 };
	struct strbuf upgraded[3] = { STRBUF_INIT, STRBUF_INIT, STRBUF_INIT };
	struct str in[EYAS_MAX_STREAMS];
	char types[(UINT16_MAX + 1) / 8];

	memset(types, 0xff, sizeof(types));
	f.types = str_mem(types, sizeof(types));
	for (unsigned k = EYAS_STREAM_TIMES; k <= EYAS_STREAM_STRINGS; k++)
		n[k] = cursor_u8(&c);
	if (!version_1_0) {
		n[EYAS_STREAM_PAYLOAD] = cursor_u8(&c);
		n[EYAS_STREAM_SELDOM_SMALL] = cursor_u8(&c);
		n[EYAS_STREAM_SELDOM_STRINGS] = cursor_u8(&c);
	}
	for (unsigned k = 0; k < EYAS_MAX_STREAMS; k++)
		in[k] = cursor_bytes(&c, n[k]);
	in[EYAS_STREAM_HEADS] = cursor_bytes(&c, cursor_left(&c));
	if (!version_1_0) {
		walk_columns(&f, in);
	} else if (eyas_columns_upgrade(&f, in, &upgraded[0], &upgraded[1], &upgraded[2])) {
		in[EYAS_STREAM_HEADS] = strbuf_str(&upgraded[0]);
		in[EYAS_STREAM_TIMES] = strbuf_str(&upgraded[1]);
		in[EYAS_STREAM_SMALL] = strbuf_str(&upgraded[2]);
		walk_columns(&f, in);
	}
	for (size_t i = 0; i < 3; i++)
		strbuf_release(&upgraded[i]);
}

static void snapshot_block(struct str s)
{
	struct snapshot snap;

	snapshot_init(&snap);
	(void)eyas_snapshot_decode(s, &snap);
	snapshot_free(&snap);
}

static void index_block(struct str s)
{
	struct eyas_summary sum = { 0 };

	(void)eyas_index_decode((struct str){ s.p, s.n / 2 }, str_from(s, s.n / 2), 1 << 16, &sum);
	eyas_summary_free(&sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s;

	if (!size)
		return 0;
	s = str_mem(data + 1, size - 1);
	switch (data[0]) {
	case 'c':
		columns(s, true);
		break;
	case 'd':
		columns(s, false);
		break;
	case 's':
		snapshot_block(s);
		break;
	case 'i':
		index_block(s);
		break;
	default:
		whole(str_mem(data, size));
	}
	return 0;
}
