#include "base/hashmap.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/cursor.h"
#include "base/xalloc.h"

static uint64_t hash_key[3];

/* Before main, so that a key never changes under a map and no lock is needed. */
__attribute__((constructor)) static void keys_init(void)
{
	if (getrandom(hash_key, sizeof(hash_key), GRND_NONBLOCK) != (ssize_t)sizeof(hash_key)) {
		hash_key[0] = (uint64_t)(uintptr_t)&hash_key * UINT64_C(0x9e3779b97f4a7c15);
		hash_key[1] = (uint64_t)time(NULL) * UINT64_C(0xbf58476d1ce4e5b9);
		hash_key[2] = hash_key[0] ^ hash_key[1] >> 7;
	}
}

/* Both halves of the product of two numbers, of which one holds a key: it cannot be told from
 * outside which inputs give the same. */
static inline uint64_t fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ unsigned __int128 p = (unsigned __int128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
#else
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t low = al * bl, m1 = ah * bl + (low >> 32), m2 = al * bh + (uint32_t)m1;

	return (m2 << 32 | (uint32_t)low) ^ (ah * bh + (m1 >> 32) + (m2 >> 32));
#endif
}

uint64_t hash_bytes(const void *data, size_t n)
{
	const uint8_t *p = data;
	uint64_t h = hash_key[0] ^ n, a = 0, b = 0;

	for (; n > 16; p += 16, n -= 16)
		h = fold(get_le64(p) ^ hash_key[1], get_le64(p + 8) ^ h);
	/* The rest, of which bytes may be read twice: their number is in `h`. */
	if (n >= 8) {
		a = get_le64(p);
		b = get_le64(p + n - 8);
	} else if (n >= 4) {
		a = get_le32(p);
		b = get_le32(p + n - 4);
	} else if (n) {
		a = (uint64_t)p[0] << 16 | (uint64_t)p[n / 2] << 8 | p[n - 1];
	}
	return fold(fold(a ^ hash_key[1], b ^ h), hash_key[2]);
}

uint64_t hash_u64(uint64_t v)
{
	v ^= v >> 32;
	v *= UINT64_C(0xd6e8feb86659fd93);
	v ^= v >> 32;
	v *= UINT64_C(0xd6e8feb86659fd93);
	return v ^ v >> 32;
}

struct u64map_slot {
	uint64_t key;
	void *value; /* NULL: free; DELETED: was used */
};

static char deleted_mark;
#define DELETED ((void *)&deleted_mark)

void u64map_free(struct u64map *m)
{
	free(m->slots);
	*m = (struct u64map){ 0 };
}

void u64map_clear(struct u64map *m)
{
	if (m->slots)
		memset(m->slots, 0, m->cap * sizeof(*m->slots));
	m->n = m->used = 0;
}

void *u64map_get(const struct u64map *m, uint64_t key)
{
	size_t i;

	if (!m->cap)
		return NULL;
	for (i = hash_u64(key) & (m->cap - 1); m->slots[i].value; i = (i + 1) & (m->cap - 1))
		if (m->slots[i].key == key && m->slots[i].value != DELETED)
			return m->slots[i].value;
	return NULL;
}

static void u64map_resize(struct u64map *m)
{
	struct u64map old = *m;

	m->cap = 16;
	while (m->cap < old.n * 3)
		m->cap *= 2;
	m->slots = xcalloc(m->cap, sizeof(*m->slots));
	m->used = old.n;
	for (size_t k = 0; k < old.cap; k++) {
		size_t i;

		if (!old.slots[k].value || old.slots[k].value == DELETED)
			continue;
		i = hash_u64(old.slots[k].key) & (m->cap - 1);
		while (m->slots[i].value)
			i = (i + 1) & (m->cap - 1);
		m->slots[i] = old.slots[k];
	}
	free(old.slots);
}

void *u64map_put(struct u64map *m, uint64_t key, void *value)
{
	struct u64map_slot *hole = NULL;
	size_t i;

	assert(value);
	if ((m->used + 1) * 4 > m->cap * 3)
		u64map_resize(m);
	for (i = hash_u64(key) & (m->cap - 1); m->slots[i].value; i = (i + 1) & (m->cap - 1)) {
		struct u64map_slot *s = &m->slots[i];

		if (s->value == DELETED) {
			if (!hole)
				hole = s;
		} else if (s->key == key) {
			void *old = s->value;

			s->value = value;
			return old;
		}
	}
	if (!hole) {
		hole = &m->slots[i];
		m->used++;
	}
	*hole = (struct u64map_slot){ key, value };
	m->n++;
	return NULL;
}

void *u64map_del(struct u64map *m, uint64_t key)
{
	size_t i;

	if (!m->cap)
		return NULL;
	for (i = hash_u64(key) & (m->cap - 1); m->slots[i].value; i = (i + 1) & (m->cap - 1)) {
		if (m->slots[i].key == key && m->slots[i].value != DELETED) {
			void *old = m->slots[i].value;

			m->slots[i].value = DELETED;
			m->n--;
			return old;
		}
	}
	return NULL;
}

bool u64map_next(const struct u64map *m, size_t *pos, uint64_t *ret_key, void **ret_value)
{
	while (*pos < m->cap) {
		const struct u64map_slot *s = &m->slots[(*pos)++];

		if (s->value && s->value != DELETED) {
			*ret_key = s->key;
			*ret_value = s->value;
			return true;
		}
	}
	return false;
}

static int cmp_u64(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

uint64_t *u64map_sorted_keys(const struct u64map *m)
{
	uint64_t *keys;
	size_t pos = 0, n = 0;
	void *value;

	if (!m->n)
		return NULL;
	keys = xcalloc(m->n, sizeof(*keys));
	while (n < m->n && u64map_next(m, &pos, &keys[n], &value))
		n++;
	qsort(keys, n, sizeof(*keys), cmp_u64);
	return keys;
}

/* strmap: entries in an array, an open-addressed index of entry number + 1 beside it. */

void strmap_free(struct strmap *m)
{
	free(m->entries);
	free(m->index);
	*m = (struct strmap){ 0 };
}

static struct strmap_entry *strmap_find(const struct strmap *m, struct str key, uint64_t h)
{
	if (!m->index_cap)
		return NULL;
	for (size_t i = h & (m->index_cap - 1); m->index[i]; i = (i + 1) & (m->index_cap - 1)) {
		struct strmap_entry *e = &m->entries[m->index[i] - 1];

		if (e->hash == h && str_eq(e->key, key))
			return e;
	}
	return NULL;
}

void *strmap_get(const struct strmap *m, struct str key)
{
	struct strmap_entry *e = m->n ? strmap_find(m, key, hash_bytes(key.p, key.n)) : NULL;

	return e ? e->value : NULL;
}

bool strmap_has(const struct strmap *m, struct str key)
{
	return m->n && strmap_find(m, key, hash_bytes(key.p, key.n));
}

static void index_add(struct strmap *m, uint32_t number)
{
	size_t i = m->entries[number - 1].hash & (m->index_cap - 1);

	while (m->index[i])
		i = (i + 1) & (m->index_cap - 1);
	m->index[i] = number;
}

void strmap_put(struct strmap *m, struct str key, void *value)
{
	uint64_t h = hash_bytes(key.p, key.n);
	struct strmap_entry *e = strmap_find(m, key, h);

	if (e) {
		e->value = value;
		return;
	}
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 8;
		m->entries = xreallocarray(m->entries, m->cap, sizeof(*m->entries));
	}
	m->entries[m->n++] = (struct strmap_entry){ key, value, h };
	if (m->n * 2 > m->index_cap) {
		m->index_cap = m->index_cap ? m->index_cap * 2 : 16;
		free(m->index);
		m->index = xcalloc(m->index_cap, sizeof(*m->index));
		for (uint32_t i = 1; i <= m->n; i++)
			index_add(m, i);
	} else {
		index_add(m, (uint32_t)m->n);
	}
}
