#include "trace/blake2b.h"

#include <assert.h>
#include <string.h>

#include "base/cursor.h"

static const uint64_t iv[8] = {
	UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b), UINT64_C(0x3c6ef372fe94f82b),
	UINT64_C(0xa54ff53a5f1d36f1), UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
	UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179),
};

/* RFC 7693 section 2.7; rounds 10 and 11 repeat 0 and 1. */
static const uint8_t sigma[10][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

static inline uint64_t rotr(uint64_t v, unsigned n)
{
	return v >> n | v << (64 - n);
}

/* clang-format off */
#define G(a, b, c, d, x, y)                  \
	do {                                 \
		v[a] += v[b] + (x);          \
		v[d] = rotr(v[d] ^ v[a], 32); \
		v[c] += v[d];                \
		v[b] = rotr(v[b] ^ v[c], 24); \
		v[a] += v[b] + (y);          \
		v[d] = rotr(v[d] ^ v[a], 16); \
		v[c] += v[d];                \
		v[b] = rotr(v[b] ^ v[c], 63); \
	} while (0)

/* clang-format on */

static void compress(struct blake2b *b, const uint8_t *p, uint64_t last)
{
	uint64_t v[16], m[16];

	for (unsigned i = 0; i < 8; i++) {
		v[i] = b->h[i];
		v[i + 8] = iv[i];
	}
	v[12] ^= b->count;
	v[14] ^= last;
	for (unsigned i = 0; i < 16; i++)
		m[i] = get_le64(p + 8 * i);
	for (unsigned r = 0; r < 12; r++) {
		const uint8_t *s = sigma[r % 10];

		G(0, 4, 8, 12, m[s[0]], m[s[1]]);
		G(1, 5, 9, 13, m[s[2]], m[s[3]]);
		G(2, 6, 10, 14, m[s[4]], m[s[5]]);
		G(3, 7, 11, 15, m[s[6]], m[s[7]]);
		G(0, 5, 10, 15, m[s[8]], m[s[9]]);
		G(1, 6, 11, 12, m[s[10]], m[s[11]]);
		G(2, 7, 8, 13, m[s[12]], m[s[13]]);
		G(3, 4, 9, 14, m[s[14]], m[s[15]]);
	}
	for (unsigned i = 0; i < 8; i++)
		b->h[i] ^= v[i] ^ v[i + 8];
}

void blake2b_init(struct blake2b *b)
{
	memcpy(b->h, iv, sizeof(iv));
	b->h[0] ^= 0x01010000 ^ BLAKE2B_SIZE; /* fanout 1, depth 1, no key */
	b->count = 0;
	b->n = 0;
}

void blake2b_init_keyed(struct blake2b *b, const void *key, size_t n)
{
	assert(n >= 1 && n <= BLAKE2B_KEY_MAX);
	blake2b_init(b);
	b->h[0] ^= (uint64_t)n << 8;
	/* The key is the first block, filled up with zeros. */
	memset(b->buf, 0, sizeof(b->buf));
	memcpy(b->buf, key, n);
	b->n = sizeof(b->buf);
}

void blake2b_update(struct blake2b *b, const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n) {
		size_t take = sizeof(b->buf) - b->n;

		/* A full buffer waits: the last one is compressed with the final flag. */
		if (take == 0) {
			b->count += sizeof(b->buf);
			compress(b, b->buf, 0);
			b->n = 0;
			while (n > sizeof(b->buf)) {
				b->count += sizeof(b->buf);
				compress(b, p, 0);
				p += sizeof(b->buf);
				n -= sizeof(b->buf);
			}
			take = sizeof(b->buf);
		}
		if (take > n)
			take = n;
		memcpy(b->buf + b->n, p, take);
		b->n += take;
		p += take;
		n -= take;
	}
}

void blake2b_final(struct blake2b *b, uint8_t *ret)
{
	memset(b->buf + b->n, 0, sizeof(b->buf) - b->n);
	b->count += b->n;
	compress(b, b->buf, UINT64_MAX);
	for (unsigned i = 0; i < BLAKE2B_SIZE / 8; i++)
		put_le64(ret + 8 * i, b->h[i]);
}

void blake2b_hash(const void *p, size_t n, uint8_t *ret)
{
	struct blake2b b;

	blake2b_init(&b);
	blake2b_update(&b, p, n);
	blake2b_final(&b, ret);
}
