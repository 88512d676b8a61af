/*
 * Records of the driver, of any content. An input is a sequence of records: u8 kind, u8 tid, u16
 * nr, u8 flags, s8 ret, u8 for all arguments, u8 number of pieces (its upper five bits: how many
 * arguments are missing); for each piece u8 fetch, u8 status, u16 length and its bytes. The kind of
 * a piece is what the call's plan says, unless the status' upper half gives another. Kind 0: u16
 * length and the record as it is.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "capture/encode_call.h"
#include "event/event_text.h"

#define RECORD_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t made_record(struct cursor *c, unsigned kind, uint8_t *to)
{
	struct eyas_record r = { .ts = 1, .kind = (uint8_t)kind };
	const struct call_row *row;
	unsigned nr, pieces;
	uint8_t arg;
	size_t n;

	r.tid = cursor_u8(c);
	r.pid = r.tid;
	nr = cursor_u16(c) % (2 * EYAS_MAX_NR);
	r.nr = (uint16_t)(nr % EYAS_MAX_NR);
	row = call_row_of(call_event(nr));
	r.flags = (uint8_t)(cursor_u8(c) & ~EYAS_RF_COMPAT) |
		  (nr >= EYAS_MAX_NR ? EYAS_RF_COMPAT : 0);
	r.ret = (int8_t)cursor_u8(c);
	arg = cursor_u8(c);
	pieces = cursor_u8(c);
	r.n_args = EYAS_MAX_ARGS - (pieces >> 3) % (EYAS_MAX_ARGS + 1);
	pieces %= 8;
	n = sizeof(r) + r.n_args * sizeof(uint64_t);
	memset(to + sizeof(r), arg, n - sizeof(r));
	for (unsigned i = 0; i < pieces && !c->bad; i++) {
		struct eyas_piece p = { .fetch = cursor_u8(c) % EYAS_MAX_FETCHES };
		unsigned status = cursor_u8(c);
		size_t len = cursor_u16(c);

		p.status = status & 3;
		p.kind = status >> 4 ? (uint8_t)(status >> 4) : row->fetches[p.fetch].kind;
		if (len > cursor_left(c))
			len = cursor_left(c);
		if (len + sizeof(p) + 8 > RECORD_MAX - n)
			break;
		p.len = (uint32_t)len;
		memcpy(to + n, &p, sizeof(p));
		memcpy(to + n + sizeof(p), cursor_bytes(c, len).p, len);
		n += sizeof(p) + ((len + 7) & ~(size_t)7);
	}
	memcpy(to, &r, sizeof(r));
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(data, size);
	static struct encoder *e;
	struct event_text_options opt = { BUFFER_DOTS, 80 };
	struct strbuf out = STRBUF_INIT;
	static uint8_t made[RECORD_MAX];

	if (!e)
		e = encoder_new(0);
	while (cursor_left(&c)) {
		unsigned kind = cursor_u8(&c);
		struct event ev;
		uint8_t *exact;
		size_t n;

		memset(made, 0, sizeof(made));
		if (kind) {
			n = made_record(&c, kind, made);
		} else {
			struct str raw = cursor_bytes(&c, cursor_u16(&c) % RECORD_MAX);

			n = raw.n;
			memcpy(made, raw.p, n);
		}
		exact = malloc(n ? n : 1);
		if (!exact)
			abort();
		memcpy(exact, made, n);
		if (encoder_feed(e, exact, n, 0, &ev)) {
			event_args_text(&ev, NULL, &opt, &out);
			strbuf_reset(&out);
		}
		free(exact);
	}
	strbuf_release(&out);
	/* its tables are dear to make: ends of all threads make it as new */
	for (unsigned tid = 0; tid < 256; tid++) {
		struct eyas_record end = { .kind = EYAS_REC_PROC_EXIT, .tid = tid };
		struct event ev;

		(void)encoder_feed(e, &end, sizeof(end), 0, &ev);
	}
	return 0;
}
