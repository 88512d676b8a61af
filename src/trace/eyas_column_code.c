#include "trace/eyas_columns.h"
#include "base/varint.h"

/* The value that all of a column have stands in HEADS when it is no larger. */
#define SAME_MAX 64
/* A table pays when so many of the values of a column are in it already. */
#define TABLE_REPEATS(n) ((n) / 4)

static uint32_t length_of(const struct eyas_values *v, uint64_t i)
{
	uint32_t n;

	if (!v->lengths.n)
		return v->size;
	memcpy(&n, v->lengths.p + i * sizeof(n), sizeof(n));
	return n;
}

/* The size of all values, or 0 when they differ. */
static uint32_t common_size(const struct eyas_values *v)
{
	uint32_t first = length_of(v, 0);

	if (!v->lengths.n)
		return v->size;
	if (v->n > 1 &&
	    memcmp(v->lengths.p, v->lengths.p + sizeof(first), v->lengths.n - sizeof(first)) != 0)
		return 0;
	return first;
}

static bool all_same(const struct eyas_values *v, uint32_t size)
{
	return memcmp(v->data.p, v->data.p + size, v->data.n - size) == 0;
}

/* Room at the end of a buffer for n numbers, which are there from now on. */
static uint8_t *add_numbers(struct strbuf *out, uint64_t n, unsigned width)
{
	uint8_t *p = (uint8_t *)strbuf_reserve(out, n * width);

	out->n += n * width;
	out->s[out->n] = '\0';
	return p;
}

static inline void put_number(uint8_t *p, unsigned width, uint64_t i, uint32_t v)
{
	if (width == 1)
		p[i] = (uint8_t)v;
	else if (width == 2)
		put_le16(p + 2 * i, (uint16_t)v);
	else
		put_le32(p + 4 * i, v);
}

static unsigned width_of(uint32_t max)
{
	return max <= UINT8_MAX ? 1 : max <= UINT16_MAX ? 2 : 4;
}

static inline uint64_t integer_at(const uint8_t *p, unsigned size, uint64_t i)
{
	uint64_t v = 0;

	if (size == 8)
		return get_le64(p + 8 * i);
	if (size == 4)
		return get_le32(p + 4 * i);
	if (size == 2)
		return get_le16(p + 2 * i);
	for (unsigned k = size; k-- > 0;)
		v = v << 8 | p[size * i + k];
	return v;
}

/* The bits that any of the integers has set; signed ones as those of their complement, doubled. */
static inline uint64_t bits_of(const uint8_t *p, unsigned size, uint64_t n, bool is_signed)
{
	unsigned unused = 64 - 8 * size;
	uint64_t over = 0;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t u = integer_at(p, size, i);

		if (is_signed) {
			uint64_t minus = u >> (8 * size - 1) ? UINT64_MAX : 0;

			u = (u ^ minus) << unused >> unused << 1;
		}
		over |= u;
	}
	return over;
}

/* Bytes that integers of this size need: 1, 2, 4 or `size`. */
static unsigned narrow_width(const struct eyas_values *v, uint32_t size, bool is_signed)
{
	const uint8_t *p = (const uint8_t *)v->data.p;
	uint64_t over;
	unsigned width = 1;

	/* the loops of the common sizes are compiled for them */
	if (size == 8)
		over = bits_of(p, 8, v->n, is_signed);
	else if (size == 4)
		over = bits_of(p, 4, v->n, is_signed);
	else
		over = bits_of(p, size, v->n, is_signed);
	while (width < size && over >> 8 * width)
		width *= 2;
	return width < size ? width : size;
}

static void narrow(uint8_t *to, unsigned width, const uint8_t *p, unsigned size, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		put_number(to, width, i, (uint32_t)integer_at(p, size, i));
}

/* Codes integers without their upper bytes if they can be. */
static bool code_narrow(const struct eyas_values *v, uint32_t size, struct strbuf *heads,
			struct strbuf *small)
{
	const uint8_t *p = (const uint8_t *)v->data.p;
	unsigned width, width_signed;

	if (size < 2 || size > 8)
		return false;
	width = narrow_width(v, size, false);
	width_signed = width > 1 ? narrow_width(v, size, true) : width;
	if (width_signed >= width)
		width_signed = 0;
	else
		width = width_signed;
	if (width >= size)
		return false;
	strbuf_addc(heads, (char)(EYAS_NARROW | v->flags));
	strbuf_addc(heads, (char)size);
	strbuf_addc(heads, (char)(width | (width_signed ? EYAS_SIGNED : 0)));
	if (size == 8)
		narrow(add_numbers(small, v->n, width), width, p, 8, v->n);
	else
		narrow(add_numbers(small, v->n, width), width, p, size, v->n);
	return true;
}

static void code_fixed(const struct eyas_values *v, uint32_t size, struct strbuf *heads,
		       struct strbuf *small)
{
	if (size <= SAME_MAX && all_same(v, size)) {
		strbuf_addc(heads, EYAS_SAME);
		varint_add(heads, size);
		strbuf_add(heads, v->data.p, size);
	} else if (!code_narrow(v, size, heads, small)) {
		strbuf_addc(heads, (char)(EYAS_PLAIN | v->flags));
		varint_add(heads, size);
		strbuf_addstr(small, v->data);
	}
}

/* What a table needs: the different values in the order of their first use. */
static bool code_table(const struct eyas_values *v, size_t *max_entries, struct strbuf *heads,
		       struct strbuf *small, struct strbuf *strings)
{
	uint64_t max = v->n - TABLE_REPEATS(v->n), bytes = 0;
	const char *p = v->data.p;
	struct strmap seen = { 0 };
	uint16_t *ids;
	unsigned width;
	uint32_t longest = 0;
	bool good = v->n > 1;

	if (max > EYAS_MAX_TABLE)
		max = EYAS_MAX_TABLE;
	if (max > *max_entries)
		max = *max_entries;
	ids = xcalloc(v->n, sizeof(*ids));
	for (uint64_t i = 0; good && i < v->n; i++) {
		struct str s = str_mem(p, length_of(v, i));
		uintptr_t id = (uintptr_t)strmap_get(&seen, s);

		p += s.n;
		if (!id) {
			id = seen.n + 1;
			good = id <= max;
			strmap_put(&seen, s, (void *)id);
			bytes += s.n;
			if (s.n > longest)
				longest = (uint32_t)s.n;
		}
		ids[i] = (uint16_t)(id - 1);
	}
	if (good) {
		uint8_t *to;

		*max_entries -= seen.n;
		width = width_of(longest);
		strbuf_addc(heads, (char)(EYAS_TABLE | v->flags));
		varint_add(heads, bytes);
		varint_add(heads, seen.n);
		strbuf_addc(heads, (char)width);
		to = add_numbers(small, seen.n, width);
		for (size_t i = 0; i < seen.n; i++) {
			put_number(to, width, i, (uint32_t)seen.entries[i].key.n);
			strbuf_addstr(strings, seen.entries[i].key);
		}
		width = seen.n > 256 ? 2 : 1;
		to = add_numbers(small, v->n, width);
		for (uint64_t i = 0; i < v->n; i++)
			put_number(to, width, i, ids[i]);
	}
	strmap_free(&seen);
	free(ids);
	return good;
}

static void code_varying(const struct eyas_values *v, struct strbuf *heads, struct strbuf *small,
			 struct strbuf *strings)
{
	uint32_t longest = 0;
	unsigned width;
	uint8_t *to;

	for (uint64_t i = 0; i < v->n; i++)
		if (length_of(v, i) > longest)
			longest = length_of(v, i);
	width = width_of(longest);
	strbuf_addc(heads, (char)((v->payload ? EYAS_PAYLOAD : EYAS_VARYING) | v->flags));
	varint_add(heads, v->data.n);
	strbuf_addc(heads, (char)width);
	to = add_numbers(small, v->n, width);
	for (uint64_t i = 0; i < v->n; i++)
		put_number(to, width, i, length_of(v, i));
	strbuf_addstr(strings, v->data);
}

void eyas_column_code(const struct eyas_values *v, bool tables, size_t *max_entries,
		      struct strbuf *heads, struct strbuf *small, struct strbuf *strings)
{
	uint32_t size;

	if (!v->data.n) {
		strbuf_addc(heads, EYAS_ABSENT);
		return;
	}
	size = v->payload ? 0 : common_size(v);
	if (!v->lengths.n || (size && size <= SAME_MAX && all_same(v, size)))
		code_fixed(v, size, heads, small);
	else if (v->payload || !tables || !code_table(v, max_entries, heads, small, strings))
		code_varying(v, heads, small, strings);
}
