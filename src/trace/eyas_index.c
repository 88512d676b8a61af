#include "trace/eyas_index.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "trace/eyas_format.h"
#include "base/varint.h"

/* An index over this would be of a trace of some terabytes. */
#define MAX_INDEX (UINT64_C(256) << 20)

void eyas_summary_free(struct eyas_summary *s)
{
	vec_free(&s->types);
	vec_free(&s->blocks);
}

void eyas_index_encode(const struct eyas_summary *s, struct strbuf *index, struct strbuf *stats)
{
	uint64_t offset = 0, ts = 0;

	varint_add(index, s->blocks.n);
	for (size_t i = 0; i < s->blocks.n; i++) {
		const struct eyas_index_entry *e = &s->blocks.v[i];

		varint_add(index, e->kind);
		varint_add(index, e->offset - offset);
		offset = e->offset;
		if (e->kind != EYAS_EVENTS)
			continue;
		varint_add(index, e->first_num);
		varint_add(index, e->count);
		varint_add(index, zigzag((int64_t)(e->min_ts - ts)));
		varint_add(index, e->max_ts - e->min_ts);
		varint_add(index, e->lost + 1); /* unknown is 0 */
		ts = e->min_ts;
	}
	varint_add(stats, s->events);
	varint_add(stats, s->shown);
	varint_add(stats, s->lost + 1);
	varint_add(stats, s->losses);
	varint_add(stats, s->snapshots);
	varint_add(stats, s->notes);
	varint_add(stats, s->min_ts);
	varint_add(stats, s->max_ts);
	varint_add(stats, s->raw_bytes);
	varint_add(stats, s->types.n);
	for (size_t i = 0; i < s->types.n; i++) {
		varint_add(stats, s->types.v[i].type);
		varint_add(stats, s->types.v[i].count);
	}
}

static bool decode_index(struct str bytes, uint64_t trace_bytes, struct eyas_summary *ret)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	uint64_t n = cursor_varint(&c), offset = 0, ts = 0;

	if (n > trace_bytes / EYAS_FRAME_FIXED)
		return false;
	for (uint64_t i = 0; i < n && !c.bad; i++) {
		struct eyas_index_entry *e = vec_add(&ret->blocks);

		e->kind = (uint16_t)cursor_varint(&c);
		offset += cursor_varint(&c);
		e->offset = offset;
		if (e->kind != EYAS_EVENTS)
			continue;
		e->first_num = cursor_varint(&c);
		e->count = cursor_varint(&c);
		ts += (uint64_t)unzigzag(cursor_varint(&c));
		e->min_ts = ts;
		e->max_ts = ts + cursor_varint(&c);
		e->lost = cursor_varint(&c) - 1;
	}
	return !c.bad;
}

static bool decode_stats(struct str bytes, struct eyas_summary *ret)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	uint64_t n;

	ret->events = cursor_varint(&c);
	ret->shown = cursor_varint(&c);
	ret->lost = cursor_varint(&c) - 1;
	ret->losses = cursor_varint(&c);
	ret->snapshots = cursor_varint(&c);
	ret->notes = cursor_varint(&c);
	ret->min_ts = cursor_varint(&c);
	ret->max_ts = cursor_varint(&c);
	ret->raw_bytes = cursor_varint(&c);
	n = cursor_varint(&c);
	if (n > UINT16_MAX + 1)
		return false;
	for (uint64_t i = 0; i < n && !c.bad; i++) {
		struct eyas_type_count *t = vec_add(&ret->types);

		t->type = (uint16_t)cursor_varint(&c);
		t->count = cursor_varint(&c);
	}
	return !c.bad;
}

bool eyas_index_decode(struct str index, struct str stats, uint64_t trace_bytes,
		       struct eyas_summary *ret)
{
	return decode_index(index, trace_bytes, ret) && decode_stats(stats, ret);
}

/* All n bytes at an offset: 0, -ENOENT when the file is too short, or -errno. */
static int read_at(int fd, void *buf, size_t n, uint64_t offset)
{
	uint8_t *p = buf;

	while (n) {
		ssize_t r = pread(fd, p, n, (off_t)offset);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			return -ENOENT;
		p += r;
		offset += (uint64_t)r;
		n -= (size_t)r;
	}
	return 0;
}

int eyas_block_read(int fd, uint64_t offset, unsigned kind, struct strbuf *frame,
		    struct eyas_block *ret)
{
	uint8_t fixed[EYAS_FRAME_FIXED];
	int r = read_at(fd, fixed, sizeof(fixed), offset);
	size_t n;

	if (r)
		return r;
	n = eyas_frame_size(fixed);
	if (!n)
		return -EBADMSG;
	strbuf_reset(frame);
	r = read_at(fd, strbuf_reserve(frame, n), n, offset);
	if (r)
		return r == -ENOENT ? -EBADMSG : r;
	if (eyas_block_decode((const uint8_t *)frame->s, n, ret) || ret->kind != kind)
		return -EBADMSG;
	frame->n = n;
	return 0;
}

int eyas_stream_read(int fd, uint64_t offset, const struct eyas_stream *s, struct strbuf *out)
{
	struct strbuf packed = STRBUF_INIT;
	int r = -EBADMSG;

	if (s->stored > MAX_INDEX || s->raw > MAX_INDEX || s->raw / EYAS_MAX_RATIO > s->stored)
		return r;
	strbuf_reset(out);
	r = read_at(fd, strbuf_reserve(&packed, (size_t)s->stored), (size_t)s->stored, offset);
	if (!r) {
		size_t n = ZSTD_decompress(strbuf_reserve(out, (size_t)s->raw), (size_t)s->raw,
					   packed.s, (size_t)s->stored);

		if (ZSTD_isError(n) || n != s->raw)
			r = -EBADMSG;
		else
			out->n = n;
	}
	strbuf_release(&packed);
	return r == -ENOENT ? -EBADMSG : r;
}

int eyas_index_read(int fd, uint64_t offset, uint64_t trace_bytes, struct eyas_summary *ret)
{
	struct strbuf frame = STRBUF_INIT, index = STRBUF_INIT, stats = STRBUF_INIT;
	struct eyas_block b;
	int r = eyas_block_read(fd, offset, EYAS_INDEX, &frame, &b);

	offset += frame.n;
	for (size_t i = 0; !r && i < b.n_streams; i++) {
		if (b.streams[i].kind == EYAS_STREAM_DATA)
			r = eyas_stream_read(fd, offset, &b.streams[i], &index);
		else if (b.streams[i].kind == EYAS_STREAM_STATS)
			r = eyas_stream_read(fd, offset, &b.streams[i], &stats);
		offset += b.streams[i].stored;
	}
	if (!r && !eyas_index_decode(strbuf_str(&index), strbuf_str(&stats), trace_bytes, ret))
		r = -EBADMSG;
	strbuf_release(&frame);
	strbuf_release(&index);
	strbuf_release(&stats);
	return r;
}

int eyas_summary_read(int fd, struct eyas_summary *ret)
{
	struct strbuf frame = STRBUF_INIT;
	struct eyas_summary s = { 0 };
	struct eyas_footer_fields f;
	struct eyas_header_fields h;
	struct eyas_block b;
	struct stat st;
	uint64_t at;
	int r;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < EYAS_FOOTER_SIZE)
		return -ENOENT;
	at = (uint64_t)st.st_size - EYAS_FOOTER_SIZE;
	r = eyas_block_read(fd, at, EYAS_FOOTER, &frame, &b);
	if (r) {
		r = r == -EBADMSG ? -ENOENT : r; /* the file ends in something else */
		goto out;
	}
	r = -EBADMSG;
	if (!eyas_footer_fields_decode(b.fields, &f) || f.trace_length > at ||
	    f.index_back > f.trace_length)
		goto out;
	s.trace_start = at - f.trace_length;
	r = eyas_index_read(fd, at - f.index_back, f.trace_length, &s);
	if (!r)
		r = eyas_block_read(fd, s.trace_start, EYAS_HEADER, &frame, &b);
	if (!r && !eyas_header_fields_decode(b.fields, &h))
		r = -EBADMSG;
	if (r == -ENOENT)
		r = -EBADMSG;
	if (!r) {
		memcpy(s.uuid, h.uuid, sizeof(s.uuid));
		*ret = s;
	}
out:
	if (r)
		eyas_summary_free(&s);
	strbuf_release(&frame);
	return r;
}

int eyas_summary_open(const char *path, struct eyas_summary *ret)
{
	struct stat st;
	int fd, r;

	if (!strcmp(path, "-") || stat(path, &st) || !S_ISREG(st.st_mode))
		return -ENOENT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = eyas_summary_read(fd, ret);
	if (!r)
		return fd;
	close(fd);
	return r;
}

int eyas_summary_checkpoint(int fd, const struct eyas_summary *s, const struct eyas_index_entry *e,
			    struct eyas_checkpoint *ret)
{
	struct strbuf frame = STRBUF_INIT;
	struct eyas_block b;
	int r = eyas_block_read(fd, s->trace_start + e->offset, EYAS_CHECKPOINT, &frame, &b);

	if (!r && !eyas_checkpoint_fields_decode(b.fields, ret))
		r = -EBADMSG;
	strbuf_release(&frame);
	return r == -ENOENT ? -EBADMSG : r;
}
