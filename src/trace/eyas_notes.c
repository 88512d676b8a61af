#include "trace/eyas_notes.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/cursor.h"
#include "trace/eyas_format.h"
#include "trace/eyas_index.h"

#define LEVEL 3

void eyas_notes_free(struct eyas_notes *n)
{
	vec_free(&n->v);
	arena_destroy(&n->arena);
}

static int read_note(int fd, uint64_t offset, struct eyas_notes *to)
{
	struct strbuf frame = STRBUF_INIT, data = STRBUF_INIT;
	struct eyas_block b;
	struct note note = { 0 };
	int r = eyas_block_read(fd, offset, EYAS_NOTE, &frame, &b);

	offset += frame.n;
	for (size_t i = 0; !r && i < b.n_streams; i++) {
		if (b.streams[i].kind == EYAS_STREAM_DATA)
			r = eyas_stream_read(fd, offset, &b.streams[i], &data);
		offset += b.streams[i].stored;
	}
	if (!r && (data.n < 8 || !eyas_note_fields_decode(b.fields, &note)))
		r = -EBADMSG;
	if (!r) {
		note.ts = get_le64((const uint8_t *)data.s);
		note.text = arena_str(&to->arena, str_from(strbuf_str(&data), 8));
		note.author = arena_str(&to->arena, note.author);
		vec_push(&to->v, note);
	}
	strbuf_release(&frame);
	strbuf_release(&data);
	return r == -ENOENT ? -EBADMSG : r;
}

int eyas_notes_read(int fd, struct eyas_notes *ret)
{
	struct eyas_summary sum = { 0 };
	int r = eyas_summary_read(fd, &sum);

	if (r)
		return r;
	memset(ret, 0, sizeof(*ret));
	arena_init(&ret->arena);
	for (size_t i = 0; !r && i < sum.blocks.n; i++)
		if (sum.blocks.v[i].kind == EYAS_NOTE)
			r = read_note(fd, sum.trace_start + sum.blocks.v[i].offset, ret);
	if (r)
		eyas_notes_free(ret);
	eyas_summary_free(&sum);
	return r;
}

/* ---- adding */

/* Blocks to be appended to a trace. */
struct tail {
	struct strbuf bytes;
	uint64_t start, seq; /* of the next block: in the trace, its number */
	uint8_t previous[BLAKE2B_SIZE];
};

struct part {
	enum eyas_stream_kind kind;
	struct str raw;
};

static int add_block(struct tail *t, enum eyas_block_kind kind, struct str fields,
		     const struct part *parts, size_t n_parts)
{
	struct eyas_block b = { .kind = (uint16_t)kind,
				.flags = EYAS_BLOCK_OPTIONAL,
				.seq = t->seq++,
				.fields = fields };
	struct strbuf packed = STRBUF_INIT;
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	int err = zstd ? 0 : -ENOMEM;
	size_t start = t->bytes.n;

	for (size_t i = 0; !err && i < n_parts; i++) {
		struct eyas_stream *s = &b.streams[b.n_streams];
		size_t bound = ZSTD_compressBound(parts[i].raw.n), n;
		char *to = strbuf_reserve(&packed, bound);

		if (!parts[i].raw.n)
			continue;
		ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, LEVEL);
		ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
		n = ZSTD_compress2(zstd, to, bound, parts[i].raw.p, parts[i].raw.n);
		if (ZSTD_isError(n)) {
			err = -ENOMEM;
			break;
		}
		s->kind = parts[i].kind;
		s->stored = n;
		s->raw = parts[i].raw.n;
		blake2b_hash(to, n, s->hash);
		packed.n += n;
		b.n_streams++;
	}
	memcpy(b.previous, t->previous, sizeof(b.previous));
	if (!err) {
		eyas_block_encode(&b, &t->bytes);
		blake2b_hash(t->bytes.s + start, t->bytes.n - start, t->previous);
		strbuf_addstr(&t->bytes, strbuf_str(&packed));
	}
	strbuf_release(&packed);
	ZSTD_freeCCtx(zstd);
	return err;
}

static int add_note(struct tail *t, const struct note *n, struct eyas_summary *sum)
{
	struct strbuf data = STRBUF_INIT, fields = STRBUF_INIT;
	struct eyas_index_entry *e = vec_add(&sum->blocks);
	struct part part = { .kind = EYAS_STREAM_DATA };
	int r;

	e->kind = EYAS_NOTE;
	e->offset = t->start + t->bytes.n;
	eyas_add64(&data, n->ts);
	strbuf_addstr(&data, n->text);
	eyas_note_fields_encode(n, &fields);
	part.raw = strbuf_str(&data);
	r = add_block(t, EYAS_NOTE, strbuf_str(&fields), &part, 1);
	sum->notes++;
	sum->raw_bytes += data.n;
	strbuf_release(&data);
	strbuf_release(&fields);
	return r;
}

static int add_end(struct tail *t, const struct eyas_summary *sum)
{
	struct strbuf index = STRBUF_INIT, stats = STRBUF_INIT, fields = STRBUF_INIT;
	uint64_t at = t->start + t->bytes.n;
	struct eyas_footer_fields f;
	struct part parts[2];
	int r;

	eyas_index_encode(sum, &index, &stats);
	parts[0] = (struct part){ EYAS_STREAM_DATA, strbuf_str(&index) };
	parts[1] = (struct part){ EYAS_STREAM_STATS, strbuf_str(&stats) };
	r = add_block(t, EYAS_INDEX, STR(""), parts, 2);
	if (!r) {
		f.trace_length = t->start + t->bytes.n;
		f.index_back = f.trace_length - at;
		eyas_footer_fields_encode(&f, &fields);
		r = add_block(t, EYAS_FOOTER, strbuf_str(&fields), NULL, 0);
	}
	strbuf_release(&index);
	strbuf_release(&stats);
	strbuf_release(&fields);
	return r;
}

/* The footer at the end, and the bytes of the contents of the index in front of it. */
static int read_end(int fd, uint64_t size, struct tail *t, uint64_t *ret_index_raw)
{
	struct strbuf frame = STRBUF_INIT;
	uint64_t at = size - EYAS_FOOTER_SIZE;
	struct eyas_footer_fields f;
	struct eyas_block b;
	int r = eyas_block_read(fd, at, EYAS_FOOTER, &frame, &b);

	if (!r && (!eyas_footer_fields_decode(b.fields, &f) || f.index_back > at))
		r = -EBADMSG;
	if (!r) {
		t->seq = b.seq + 1;
		blake2b_hash(frame.s, frame.n, t->previous);
		r = eyas_block_read(fd, at - f.index_back, EYAS_INDEX, &frame, &b);
	}
	*ret_index_raw = 0;
	for (size_t i = 0; !r && i < b.n_streams; i++)
		*ret_index_raw += b.streams[i].raw;
	strbuf_release(&frame);
	return r;
}

static int write_at(int fd, struct str bytes, uint64_t offset)
{
	while (bytes.n) {
		ssize_t n = pwrite(fd, bytes.p, bytes.n, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes = str_from(bytes, (size_t)n);
		offset += (uint64_t)n;
	}
	return fsync(fd) < 0 && errno != EINVAL && errno != EROFS ? -errno : 0;
}

int eyas_notes_add(int fd, const struct note *notes, size_t n)
{
	struct tail t = { .bytes = STRBUF_INIT };
	struct eyas_summary sum = { 0 };
	uint64_t size, index_raw = 0;
	struct stat st;
	int r = eyas_summary_read(fd, &sum);

	if (r)
		return r;
	r = fstat(fd, &st) < 0 ? -errno : 0;
	size = r ? 0 : (uint64_t)st.st_size;
	if (!r)
		r = read_end(fd, size, &t, &index_raw);
	t.start = size - sum.trace_start;
	sum.raw_bytes += index_raw;
	for (size_t i = 0; !r && i < n; i++)
		r = add_note(&t, &notes[i], &sum);
	if (!r)
		r = add_end(&t, &sum);
	if (!r) {
		r = write_at(fd, strbuf_str(&t.bytes), size);
		/* Part of a note would make the trace a damaged one. */
		if (r && ftruncate(fd, (off_t)size) < 0)
			r = -EIO;
	}
	strbuf_release(&t.bytes);
	eyas_summary_free(&sum);
	return r;
}
