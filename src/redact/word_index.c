#include "redact/word_index.h"

#include <stdlib.h>

#include "redact/find.h"

void word_index_init(struct word_index *x)
{
	*x = (struct word_index){ .first = { 0 } };
	arena_init(&x->arena);
}

void word_index_free(struct word_index *x)
{
	arena_destroy(&x->arena);
	strmap_free(&x->seen);
	vec_free(&x->words);
	vec_free(&x->backwards);
}

void word_index_add(struct word_index *x, struct str text, uint32_t value, bool bounded)
{
	struct word *w;

	if (text.n < WORD_LEAST || strmap_has(&x->seen, text))
		return;
	text = arena_str(&x->arena, text);
	strmap_put(&x->seen, text, NULL);
	w = vec_add(&x->words);
	w->text = text;
	w->value = value;
	w->bounded = bounded;
}

static uint32_t first_of(const char *p)
{
	uint32_t v = (uint32_t)(uint8_t)p[0] | (uint32_t)(uint8_t)p[1] << 8 |
		     (uint32_t)(uint8_t)p[2] << 16;

	return v * UINT32_C(2654435761) >> 16;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(((const struct word *)a)->text, ((const struct word *)b)->text);
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The text with its last byte first, in `to`. */
static struct str reverse(struct str text, char *to)
{
	for (size_t i = 0; i < text.n; i++)
		to[i] = text.p[text.n - 1 - i];
	return str_mem(to, text.n);
}

static void add_backwards(struct word_index *x)
{
	for (size_t i = 0; i < x->words.n; i++) {
		struct str w = x->words.v[i].text;

		if (!x->words.v[i].bounded)
			vec_push(&x->backwards, reverse(w, arena_alloc(&x->arena, w.n + 1)));
	}
	if (x->backwards.n)
		qsort(x->backwards.v, x->backwards.n, sizeof(*x->backwards.v), by_bytes);
}

void word_index_ready(struct word_index *x)
{
	if (x->words.n)
		qsort(x->words.v, x->words.n, sizeof(*x->words.v), by_text);
	for (size_t i = 0; i < x->words.n; i++) {
		struct word *w = &x->words.v[i];
		uint32_t first = first_of(w->text.p), shorter = (uint32_t)i;

		x->first[first / 64] |= UINT64_C(1) << (first % 64);
		/* The word before it, or one that that begins with. */
		while (shorter && !str_starts(w->text, x->words.v[shorter - 1].text))
			shorter = x->words.v[shorter - 1].shorter;
		w->shorter = shorter;
	}
	add_backwards(x);
}

static bool is_bounded(struct str text, size_t at, size_t n)
{
	return (at == 0 || !find_is_alnum(text.p[at - 1])) &&
	       (at + n == text.n || !find_is_alnum(text.p[at + n]));
}

static const struct word *longest_at(const struct word_index *x, struct str text, size_t at)
{
	struct str rest = str_from(text, at);
	size_t low = 0, high = x->words.n;
	uint32_t i;

	/* The last word that is not behind the text in order; what fits begins it, or is before it.
	 */
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct str w = x->words.v[mid].text;

		if (str_starts(rest, w) || str_cmp(w, rest) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (i = (uint32_t)low; i; i = x->words.v[i - 1].shorter) {
		const struct word *w = &x->words.v[i - 1];

		if (str_starts(rest, w->text) && (!w->bounded || is_bounded(text, at, w->text.n)))
			return w;
	}
	return NULL;
}

const struct word *word_index_find(const struct word_index *x, struct str text, size_t *at)
{
	if (!x->words.n)
		return NULL;
	for (size_t i = *at; i + WORD_LEAST <= text.n; i++) {
		uint32_t first = first_of(text.p + i);
		const struct word *w;

		if (!(x->first[first / 64] >> (first % 64) & 1))
			continue;
		w = longest_at(x, text, i);
		if (w) {
			*at = i;
			return w;
		}
	}
	return NULL;
}

size_t word_index_begun(const struct word_index *x, struct str text)
{
	size_t most = text.n < WORD_PART_MOST ? text.n : WORD_PART_MOST;

	for (size_t n = most; n >= WORD_PART_LEAST; n--) {
		struct str part = str_from(text, text.n - n);
		uint32_t first = first_of(part.p);
		size_t low = 0, high = x->words.n;

		if (!(x->first[first / 64] >> (first % 64) & 1))
			continue;
		while (low < high) {
			size_t mid = low + (high - low) / 2;

			if (str_cmp(x->words.v[mid].text, part) < 0)
				low = mid + 1;
			else
				high = mid;
		}
		for (; low < x->words.n && str_starts(x->words.v[low].text, part); low++)
			if (!x->words.v[low].bounded)
				return n;
	}
	return 0;
}

size_t word_index_ended(const struct word_index *x, struct str text)
{
	char bytes[WORD_PART_MOST];

	for (size_t n = text.n < WORD_PART_MOST ? text.n : WORD_PART_MOST; n >= WORD_PART_LEAST;
	     n--) {
		struct str part = reverse(str_mem(text.p, n), bytes);
		size_t low = 0, high = x->backwards.n;

		while (low < high) {
			size_t mid = low + (high - low) / 2;

			if (str_cmp(x->backwards.v[mid], part) < 0)
				low = mid + 1;
			else
				high = mid;
		}
		if (low < x->backwards.n && str_starts(x->backwards.v[low], part))
			return n;
	}
	return 0;
}
