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

/* The streams of an event block: the first bytes are the number of events and the sizes. */
static void columns(struct str s)
{
	struct cursor c = cursor_of(s.p, s.n);
	struct eyas_events_fields f = { .count = cursor_u8(&c) };
	uint8_t n_times = cursor_u8(&c), n_small = cursor_u8(&c), n_strings = cursor_u8(&c);
	struct eyas_column_reader r;
	struct eyas_columns in = { 0 };
	struct event ev;

	in.times = cursor_bytes(&c, n_times);
	in.small = cursor_bytes(&c, n_small);
	in.strings = in.payload = cursor_bytes(&c, n_strings);
	in.heads = cursor_bytes(&c, cursor_left(&c));
	eyas_column_reader_init(&r);
	if (eyas_column_reader_begin(&r, &f, &in))
		while (eyas_column_reader_next(&r, &ev) > 0)
			;
	eyas_column_reader_free(&r);
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
		columns(s);
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
