#include "trace/eyas_salvage_scan.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 20)

struct scanner {
	int fd;
	struct salvage_scan *s;
	uint8_t *buf; /* bytes of the file from `at` on */
	uint64_t at;
	size_t n;
};

int salvage_read(int fd, void *buf, size_t n, uint64_t offset)
{
	uint8_t *p = buf;

	while (n) {
		ssize_t r = pread(fd, p, n, (off_t)offset);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r ? -errno : -ENODATA;
		p += r;
		offset += (uint64_t)r;
		n -= (size_t)r;
	}
	return 0;
}

/* Up to CHUNK bytes from an offset on into the buffer. */
static int load(struct scanner *k, uint64_t offset)
{
	uint64_t left = k->s->size - offset;

	k->at = offset;
	k->n = left < CHUNK ? (size_t)left : CHUNK;
	return salvage_read(k->fd, k->buf, k->n, offset);
}

/*
 * The next place from `offset` on where a header may begin: 1, 0 when there is none, -errno. The
 * bytes from there on are in the buffer, as many as a header can have.
 */
static int find_magic(struct scanner *k, uint64_t offset, uint64_t *ret)
{
	const struct str magic = str_mem(EYAS_MAGIC, EYAS_MAGIC_SIZE);

	while (k->s->size - offset >= EYAS_FRAME_FIXED + 4) {
		size_t at = 0;
		int r = load(k, offset);

		if (r)
			return r;
		while (k->n - at >= EYAS_FRAME_FIXED) {
			struct str rest = str_mem(k->buf + at + 8, k->n - at - 8);
			ptrdiff_t found = str_find(rest, magic);

			if (found < 0)
				break;
			at += (size_t)found;
			if (k->n - at >= EYAS_FRAME_FIXED && eyas_frame_size(k->buf + at)) {
				*ret = offset + at;
				return 1;
			}
			at++;
		}
		if (k->n < CHUNK)
			return 0;
		offset += CHUNK - EYAS_FRAME_FIXED;
	}
	return 0;
}

/* 1: the hash is right; 0: it is not; -errno. */
static int hash_matches(struct scanner *k, const struct eyas_stream *s, uint64_t offset)
{
	uint8_t hash[BLAKE2B_SIZE];
	uint64_t left = s->stored;
	struct blake2b b;

	blake2b_init(&b);
	while (left) {
		size_t n = left < CHUNK ? (size_t)left : CHUNK;
		int r = salvage_read(k->fd, k->buf, n, offset);

		k->n = 0;
		if (r)
			return r;
		blake2b_update(&b, k->buf, n);
		offset += n;
		left -= n;
	}
	blake2b_final(&b, hash);
	return memcmp(hash, s->hash, sizeof(hash)) == 0;
}

/* Is a block here? 1 and *ret, 0 when there is no header, -errno. Its streams are looked at if
 * asked for. */
static int look(struct scanner *k, uint64_t offset, bool streams, struct salvage_block *ret)
{
	uint8_t frame[EYAS_FRAME_FIXED + EYAS_MAX_FIELDS + EYAS_MAX_STREAMS * EYAS_STREAM_ENTRY +
		      4];
	struct eyas_block b;
	size_t n;
	int r;

	if (k->s->size - offset < EYAS_FRAME_FIXED)
		return 0;
	r = salvage_read(k->fd, frame, EYAS_FRAME_FIXED, offset);
	n = r ? 0 : eyas_frame_size(frame);
	if (n && n <= k->s->size - offset)
		r = salvage_read(k->fd, frame, n, offset);
	if (r || !n || n > k->s->size - offset || eyas_block_decode(frame, n, &b))
		return r;
	memset(ret, 0, sizeof(*ret));
	ret->offset = offset;
	ret->seq = b.seq;
	ret->kind = b.kind;
	ret->total = n;
	ret->good = true;
	memcpy(ret->previous, b.previous, sizeof(ret->previous));
	blake2b_hash(frame, n, ret->hash);
	if (b.kind == EYAS_EVENTS) {
		struct eyas_events_fields f;

		if (!eyas_events_fields_decode(b.fields, &f))
			return 0;
		ret->first_num = f.first_num;
		ret->count = f.count;
		ret->min_ts = f.min_ts;
		ret->max_ts = f.max_ts;
	}
	if (b.kind == EYAS_CHECKPOINT) {
		struct eyas_checkpoint cp;

		if (!eyas_checkpoint_fields_decode(b.fields, &cp))
			return 0;
		ret->first_num = cp.next_num;
		ret->min_ts = ret->max_ts = cp.ts;
	}
	for (size_t i = 0; streams && i < b.n_streams; i++) {
		uint64_t left = k->s->size - offset - ret->total;

		if (b.streams[i].stored > left) {
			ret->cut = true;
			ret->good = false;
			break;
		}
		r = hash_matches(k, &b.streams[i], offset + ret->total);
		if (r < 0)
			return r;
		ret->good &= r;
		ret->total += b.streams[i].stored;
	}
	return 1;
}

/* Index of the first block of at least this number. */
static size_t slot_of(const struct salvage_trace *t, uint64_t seq)
{
	size_t low = 0, high = t->blocks.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->blocks.v[mid].seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool same_hash(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, BLAKE2B_SIZE) == 0;
}

enum fit { FIT_NOT, FIT_MAYBE, FIT_LINKED, FIT_SAME };

/* Could this block be of that trace? Its neighbours there, if they are known, tell by their hashes.
 */
static enum fit fits(const struct salvage_trace *t, const struct salvage_block *b, size_t *ret_slot)
{
	size_t i = slot_of(t, b->seq);
	const struct salvage_block *v = t->blocks.v;
	enum fit fit = FIT_MAYBE;

	*ret_slot = i;
	if (i < t->blocks.n && v[i].seq == b->seq)
		return same_hash(v[i].hash, b->hash) ? FIT_SAME : FIT_NOT;
	if (i > 0 && v[i - 1].seq + 1 == b->seq) {
		if (!same_hash(v[i - 1].hash, b->previous))
			return FIT_NOT;
		fit = FIT_LINKED;
	}
	if (i < t->blocks.n && v[i].seq == b->seq + 1) {
		if (!same_hash(v[i].previous, b->hash))
			return FIT_NOT;
		fit = FIT_LINKED;
	}
	/* Behind a footer only what is added to a finished trace can follow. */
	if (fit == FIT_MAYBE && i > 0 && v[i - 1].kind == EYAS_FOOTER && b->kind != EYAS_NOTE &&
	    b->kind != EYAS_INDEX && b->kind != EYAS_FOOTER)
		return FIT_NOT;
	return fit;
}

static void insert(struct salvage_trace *t, size_t i, const struct salvage_block *b)
{
	vec_reserve(&t->blocks, t->blocks.n + 1);
	memmove(&t->blocks.v[i + 1], &t->blocks.v[i], (t->blocks.n - i) * sizeof(*b));
	t->blocks.v[i] = *b;
	t->blocks.n++;
}

static void added(struct salvage_scan *s, struct salvage_trace *t, const struct salvage_block *b)
{
	if (b->good)
		s->good_bytes += b->total;
	if (b->offset + b->total > t->end)
		t->end = b->offset + b->total;
}

/*
 * Puts a block where it belongs. `inside`: it was found where the data of the last block should be,
 * and only the chain of hashes can vouch for it.
 */
static void place(struct salvage_scan *s, const struct salvage_block *b, bool inside)
{
	enum fit best = FIT_NOT;
	size_t slot = 0, trace = 0;

	for (size_t k = s->traces.n; k-- > 0;) {
		size_t i;
		enum fit fit = fits(&s->traces.v[k], b, &i);

		/* A header that links to nothing begins a trace of its own. */
		if (fit == FIT_MAYBE && b->kind == EYAS_HEADER)
			fit = FIT_NOT;
		if (fit > best) {
			best = fit;
			slot = i;
			trace = k;
		}
	}
	if (best == FIT_SAME) {
		struct salvage_block *there = &s->traces.v[trace].blocks.v[slot];

		s->doubled += there->good && b->good;
		if (b->good && !there->good) {
			*there = *b;
			added(s, &s->traces.v[trace], b);
		} else if (b->good) {
			s->good_bytes += b->total;
		}
		return;
	}
	if (inside && best != FIT_LINKED)
		return;
	if (best == FIT_NOT) {
		vec_add(&s->traces);
		trace = s->traces.n - 1;
		slot = 0;
	}
	insert(&s->traces.v[trace], slot, b);
	added(s, &s->traces.v[trace], b);
}

/*
 * Is the place behind a damaged block, as its header gives its size, the start of the next? Then
 * its bytes are all there, and what looks like a block inside them is something that was read or
 * written while it was recorded. 1, 0, -errno.
 */
static int ends_in_place(struct scanner *k, const struct salvage_block *b)
{
	struct salvage_block next;
	int r;

	if (b->cut || b->offset + b->total == k->s->size)
		return 0;
	r = look(k, b->offset + b->total, false, &next);
	return r == 1 ? same_hash(next.previous, b->hash) : r;
}

int salvage_scan(int fd, struct salvage_scan *ret)
{
	struct scanner k = { .fd = fd, .s = ret };
	struct salvage_block b;
	bool inside = false;
	uint64_t at = 0;
	struct stat st;
	int r;

	memset(ret, 0, sizeof(*ret));
	if (fstat(fd, &st))
		return -errno;
	ret->size = (uint64_t)st.st_size;
	k.buf = xmalloc(CHUNK);
	while ((r = find_magic(&k, at, &at)) == 1) {
		r = look(&k, at, true, &b);
		if (r < 0)
			break;
		if (r == 0) {
			at++;
			continue;
		}
		place(ret, &b, inside);
		r = b.good ? 1 : ends_in_place(&k, &b);
		if (r < 0)
			break;
		inside |= !r && at + b.total == ret->size;
		at += r ? b.total : EYAS_FRAME_FIXED;
	}
	free(k.buf);
	return r < 0 ? r : 0;
}

void salvage_scan_free(struct salvage_scan *s)
{
	for (size_t i = 0; i < s->traces.n; i++)
		vec_free(&s->traces.v[i].blocks);
	vec_free(&s->traces);
}
