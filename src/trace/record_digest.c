#include "trace/record_digest.h"

#include "base/varint.h"
#include "trace/eyas_snapshot.h"

/* Bytes that are hashed at once. */
#define GATHER ((size_t)64 << 10)

void record_digest_begin(struct record_digest *d)
{
	blake2b_init(&d->hash);
	strbuf_init(&d->gathered);
}

static void add_event(struct strbuf *out, const struct event *ev)
{
	varint_add(out, ev->ts);
	varint_add(out, zigzag(ev->tid));
	varint_add(out, ev->type);
	varint_add(out, ev->cpu);
	varint_add(out, ev->delivery);
	varint_add(out, ev->n_params);
	for (uint32_t i = 0; i < ev->n_params; i++) {
		varint_add(out, ev->params[i].n);
		if (ev->params[i].n)
			strbuf_add(out, ev->params[i].p, ev->params[i].n);
	}
}

void record_digest_add(struct record_digest *d, const struct record *rec)
{
	struct strbuf *out = &d->gathered;

	varint_add(out, rec->kind);
	switch (rec->kind) {
	case RECORD_EVENT:
		add_event(out, &rec->event);
		break;
	case RECORD_SNAPSHOT:
		eyas_snapshot_encode(rec->snapshot, out);
		break;
	case RECORD_LOSS:
		varint_add(out, rec->loss.count);
		varint_add(out, rec->loss.from_ts);
		varint_add(out, rec->loss.to_ts);
		varint_add(out, rec->loss.cpu);
		varint_add(out, rec->loss.cause);
		break;
	case RECORD_NOTE:
		varint_add(out, rec->note.ts);
		varint_add_str(out, rec->note.text);
		break;
	}
	if (out->n >= GATHER) {
		blake2b_update(&d->hash, out->s, out->n);
		strbuf_reset(out);
	}
}

void record_digest_end(struct record_digest *d, uint8_t ret[BLAKE2B_SIZE])
{
	blake2b_update(&d->hash, d->gathered.s, d->gathered.n);
	blake2b_final(&d->hash, ret);
	strbuf_reset(&d->gathered);
}

void record_digest_free(struct record_digest *d)
{
	strbuf_release(&d->gathered);
}
