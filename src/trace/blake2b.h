/*
 * blake2b: the BLAKE2b hash with 32 bytes of result, RFC 7693.
 *
 * Layer: trace. It chains the blocks of an .eyas trace, so that an altered, removed or added
 * block shows; with a key it makes the pseudonyms of `eyas redact`.
 */
#ifndef EYAS_BLAKE2B_H
#define EYAS_BLAKE2B_H

#include <stddef.h>
#include <stdint.h>

#define BLAKE2B_SIZE    32
#define BLAKE2B_KEY_MAX 64

struct blake2b {
	uint64_t h[8];
	uint64_t count; /* bytes compressed so far */
	uint8_t buf[128];
	size_t n;
};

void blake2b_init(struct blake2b *b);
/* The keyed hash of RFC 7693 section 2.9, with a key of 1 to 64 bytes. */
void blake2b_init_keyed(struct blake2b *b, const void *key, size_t n);
void blake2b_update(struct blake2b *b, const void *p, size_t n);
/* The 32 bytes of result. */
void blake2b_final(struct blake2b *b, uint8_t *ret);
/* All at once. */
void blake2b_hash(const void *p, size_t n, uint8_t *ret);

#endif
