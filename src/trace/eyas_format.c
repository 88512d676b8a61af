#include "trace/eyas_format.h"

#include <assert.h>

#include "base/cursor.h"
#include "event/source.h"
#include "trace/crc32c.h"

bool eyas_magic_matches(const void *p, size_t n)
{
	struct cursor c = cursor_of(p, n);

	if (cursor_u32(&c) != EYAS_FRAME_MAGIC)
		return false;
	cursor_skip(&c, 4);
	return str_eq(cursor_bytes(&c, EYAS_MAGIC_SIZE), str_mem(EYAS_MAGIC, EYAS_MAGIC_SIZE)) &&
	       !c.bad;
}

bool eyas_magic_mangled(const void *p, size_t n)
{
	/* The frame's size has no byte that such a copy changes; what follows does. */
	return n >= 16 && !eyas_magic_matches(p, n) &&
	       str_find(str_mem(p, 16), str_mem("EYS", 3)) >= 0;
}

void eyas_add16(struct strbuf *sb, uint16_t v)
{
	uint8_t b[2];

	put_le16(b, v);
	strbuf_add(sb, b, sizeof(b));
}

void eyas_add32(struct strbuf *sb, uint32_t v)
{
	uint8_t b[4];

	put_le32(b, v);
	strbuf_add(sb, b, sizeof(b));
}

void eyas_add64(struct strbuf *sb, uint64_t v)
{
	uint8_t b[8];

	put_le64(b, v);
	strbuf_add(sb, b, sizeof(b));
}

void eyas_block_encode(const struct eyas_block *b, struct strbuf *out)
{
	size_t start = out->n;
	size_t size = EYAS_FRAME_FIXED + b->fields.n + b->n_streams * EYAS_STREAM_ENTRY + 4;

	assert(b->n_streams <= EYAS_MAX_STREAMS && b->fields.n <= EYAS_MAX_FIELDS);
	eyas_add32(out, EYAS_FRAME_MAGIC);
	eyas_add32(out, (uint32_t)(size - 8));
	strbuf_add(out, EYAS_MAGIC, EYAS_MAGIC_SIZE);
	eyas_add16(out, b->kind);
	eyas_add16(out, b->flags);
	eyas_add16(out, (uint16_t)b->n_streams);
	eyas_add16(out, (uint16_t)b->fields.n);
	eyas_add64(out, b->seq);
	strbuf_add(out, b->previous, BLAKE2B_SIZE);
	strbuf_addstr(out, b->fields);
	for (size_t i = 0; i < b->n_streams; i++) {
		eyas_add32(out, b->streams[i].kind);
		eyas_add64(out, b->streams[i].stored);
		eyas_add64(out, b->streams[i].raw);
		strbuf_add(out, b->streams[i].hash, BLAKE2B_SIZE);
	}
	eyas_add32(out, crc32c(out->s + start, out->n - start));
	assert(out->n - start == size);
}

size_t eyas_frame_size(const uint8_t *p)
{
	struct cursor c = cursor_of(p, EYAS_FRAME_FIXED);
	size_t n, fields, streams;

	if (!eyas_magic_matches(p, EYAS_FRAME_FIXED))
		return 0;
	cursor_skip(&c, 4);
	n = (size_t)cursor_u32(&c) + 8;
	cursor_skip(&c, EYAS_MAGIC_SIZE + 4);
	streams = cursor_u16(&c);
	fields = cursor_u16(&c);
	if (streams > EYAS_MAX_STREAMS || fields > EYAS_MAX_FIELDS ||
	    n != EYAS_FRAME_FIXED + fields + streams * EYAS_STREAM_ENTRY + 4)
		return 0;
	return n;
}

const char *eyas_block_decode(const uint8_t *p, size_t n, struct eyas_block *ret)
{
	struct cursor c = cursor_of(p, n);
	const uint8_t *hash;
	size_t n_fields;

	if (n < EYAS_FRAME_FIXED || eyas_frame_size(p) != n)
		return "its header is malformed";
	if (crc32c(p, n - 4) != get_le32(p + n - 4))
		return "the checksum of its header is wrong";
	cursor_skip(&c, 8 + EYAS_MAGIC_SIZE);
	ret->kind = cursor_u16(&c);
	ret->flags = cursor_u16(&c);
	ret->n_streams = cursor_u16(&c);
	n_fields = cursor_u16(&c);
	ret->seq = cursor_u64(&c);
	hash = cursor_take(&c, BLAKE2B_SIZE);
	if (hash)
		memcpy(ret->previous, hash, BLAKE2B_SIZE);
	ret->fields = cursor_bytes(&c, n_fields);
	for (size_t i = 0; i < ret->n_streams; i++) {
		struct eyas_stream *s = &ret->streams[i];

		s->kind = cursor_u32(&c);
		s->stored = cursor_u64(&c);
		s->raw = cursor_u64(&c);
		hash = cursor_take(&c, BLAKE2B_SIZE);
		if (hash)
			memcpy(s->hash, hash, BLAKE2B_SIZE);
		if (s->stored > INT64_MAX / EYAS_MAX_STREAMS)
			return "a stream's size is impossible";
	}
	return c.bad ? "its header is malformed" : NULL;
}

void eyas_header_fields_encode(const struct eyas_header_fields *f, struct strbuf *out)
{
	eyas_add16(out, f->major);
	eyas_add16(out, f->minor);
	eyas_add32(out, f->incompatible);
	eyas_add64(out, f->compatible);
	strbuf_add(out, f->uuid, sizeof(f->uuid));
}

bool eyas_header_fields_decode(struct str s, struct eyas_header_fields *ret)
{
	struct cursor c = cursor_of(s.p, s.n);
	const uint8_t *uuid;

	ret->major = cursor_u16(&c);
	ret->minor = cursor_u16(&c);
	ret->incompatible = cursor_u32(&c);
	ret->compatible = cursor_u64(&c);
	uuid = cursor_take(&c, sizeof(ret->uuid));
	if (uuid)
		memcpy(ret->uuid, uuid, sizeof(ret->uuid));
	return !c.bad;
}

void eyas_events_fields_encode(const struct eyas_events_fields *f, struct strbuf *out)
{
	eyas_add64(out, f->first_num);
	eyas_add64(out, f->count);
	eyas_add64(out, f->first_ts);
	eyas_add64(out, f->last_ts);
	eyas_add64(out, f->min_ts);
	eyas_add64(out, f->max_ts);
	eyas_add64(out, f->lost);
	eyas_add16(out, (uint16_t)f->types.n);
	strbuf_addstr(out, f->types);
	eyas_add64(out, f->shown);
}

bool eyas_events_fields_decode(struct str s, struct eyas_events_fields *ret)
{
	struct cursor c = cursor_of(s.p, s.n);

	ret->first_num = cursor_u64(&c);
	ret->count = cursor_u64(&c);
	ret->first_ts = cursor_u64(&c);
	ret->last_ts = cursor_u64(&c);
	ret->min_ts = cursor_u64(&c);
	ret->max_ts = cursor_u64(&c);
	ret->lost = cursor_u64(&c);
	ret->types = cursor_str16(&c);
	ret->shown = cursor_left(&c) >= 8 ? cursor_u64(&c) : UINT64_MAX;
	return !c.bad;
}

void eyas_checkpoint_fields_encode(const struct eyas_checkpoint *cp, struct strbuf *out)
{
	eyas_add64(out, cp->next_num);
	eyas_add64(out, cp->shown);
	eyas_add64(out, cp->ts);
}

bool eyas_checkpoint_fields_decode(struct str s, struct eyas_checkpoint *ret)
{
	struct cursor c = cursor_of(s.p, s.n);

	ret->next_num = cursor_u64(&c);
	ret->shown = cursor_u64(&c);
	ret->ts = cursor_u64(&c);
	ret->data = STR("");
	return !c.bad;
}

void eyas_note_fields_encode(const struct note *n, struct strbuf *out)
{
	struct str author = n->author;

	if (!n->first_num && !n->last_num && !n->from_ts && !n->to_ts && !author.n)
		return;
	if (author.n > EYAS_MAX_AUTHOR)
		author.n = EYAS_MAX_AUTHOR;
	eyas_add64(out, n->first_num);
	eyas_add64(out, n->last_num);
	eyas_add64(out, n->from_ts);
	eyas_add64(out, n->to_ts);
	eyas_add16(out, (uint16_t)author.n);
	strbuf_addstr(out, author);
}

bool eyas_note_fields_decode(struct str s, struct note *ret)
{
	struct cursor c = cursor_of(s.p, s.n);

	ret->first_num = ret->last_num = ret->from_ts = ret->to_ts = 0;
	ret->author = STR("");
	if (!s.n)
		return true;
	ret->first_num = cursor_u64(&c);
	ret->last_num = cursor_u64(&c);
	ret->from_ts = cursor_u64(&c);
	ret->to_ts = cursor_u64(&c);
	ret->author = cursor_str16(&c);
	return !c.bad && ret->last_num >= ret->first_num && ret->to_ts >= ret->from_ts;
}

void eyas_footer_fields_encode(const struct eyas_footer_fields *f, struct strbuf *out)
{
	eyas_add64(out, f->index_back);
	eyas_add64(out, f->trace_length);
}

bool eyas_footer_fields_decode(struct str s, struct eyas_footer_fields *ret)
{
	struct cursor c = cursor_of(s.p, s.n);

	ret->index_back = cursor_u64(&c);
	ret->trace_length = cursor_u64(&c);
	return !c.bad;
}

const char *eyas_block_kind_name(unsigned kind)
{
	static const char *const names[] = {
		[EYAS_HEADER] = "header",         [EYAS_SCHEMA] = "schema",
		[EYAS_PROVENANCE] = "provenance", [EYAS_SNAPSHOT] = "snapshot",
		[EYAS_EVENTS] = "events",         [EYAS_NOTE] = "note",
		[EYAS_INDEX] = "index",           [EYAS_FOOTER] = "footer",
		[EYAS_CHECKPOINT] = "checkpoint",
	};

	return kind < sizeof(names) / sizeof(names[0]) && names[kind] ? names[kind] : "unknown";
}
