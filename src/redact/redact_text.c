/* One text: what is found in it, and what stands instead. See redactor_impl.h. */
#include <stdlib.h>

#include "redact/redactor_impl.h"

/* The cache begins anew when it has grown to this. */
#define MAX_CACHE      ((size_t)32 << 20)
#define MAX_CACHE_TEXT 65536
#define SETTLE_ROUNDS  4

struct cached_hit {
	uint32_t row;
	uint64_t value; /* hash */
};

struct cached_text {
	struct str out;
	bool same;
	size_t n;
	struct cached_hit *hits;
};

static void find_patterns(struct redactor *r)
{
	struct find *f = &r->find;

	for (size_t i = 0; i < r->opt->n_patterns; i++) {
		size_t at = 0, from, to;
		int found;

		while ((found = regex_find(r->opt->patterns[i], r->scratch, f->text, at, &from,
					   &to)) == 1) {
			find_add(f, DETECT_WORD, from, to);
			at = to;
		}
		if (found < 0) {
			/* Rather too much than too little: all texts in it. */
			for (at = 0; at < f->text.n; at = to + 1) {
				ptrdiff_t nul = str_chr(str_from(f->text, at), '\0');

				to = nul < 0 ? f->text.n : at + (size_t)nul;
				find_add(f, DETECT_WORD, at, to);
			}
			r->counts.given_up += r->mode == MODE_COUNT;
		}
	}
}

static void find_words(struct redactor *r)
{
	const struct word *w;
	size_t at = 0;

	while ((w = word_index_find(r->words, r->find.text, &at))) {
		const struct word_value *v = &r->words_of->word_values.v[w->value];
		struct finding x = { (uint32_t)at, (uint32_t)w->text.n, v->detector, v->form,
				     v->value };

		vec_push(&r->found, x);
		at += w->text.n;
	}
}

bool redact_is_known(const struct redactor *r, struct str v)
{
	return pseudonym_is_known(r->pseudonyms, v) ||
	       (r->is_check && pseudonym_is_given(r->pseudonyms, v));
}

static void add_part(struct redactor *r, size_t at, size_t n)
{
	struct finding x = { .at = (uint32_t)at,
			     .n = (uint32_t)n,
			     .detector = DETECT_PASSWORD,
			     .form = FORM_SHAPE };

	if (n)
		vec_push(&r->found, x);
}

/*
 * What was read or written may hold a part of a word whose other part is in the next piece. When it
 * is checked, the search of all bytes sees those that are left.
 */
static void find_parts(struct redactor *r)
{
	struct str text = r->find.text;
	size_t n = word_index_begun(r->words, text);

	add_part(r, 0, word_index_ended(r->words, text));
	add_part(r, text.n - n, n);
}

static void clear_covered(struct redactor *r)
{
	vec_reserve(&r->covered, r->find.text.n);
	r->covered.n = r->find.text.n;
	memset(r->covered.v, 0, r->covered.n);
}

static bool is_covered(const struct redactor *r, const struct finding *f)
{
	return !memchr(r->covered.v + f->at, 0, f->n);
}

/*
 * Pseudonyms of a run before stay, and what seems to be something in the midst of them. `made`: so
 * do those of this run, in a text that has some.
 */
static void leave_known(struct redactor *r, bool made)
{
	size_t n = 0, known = 0;

	for (size_t i = 0; i < r->found.n; i++) {
		struct finding f = r->found.v[i];
		struct str v = str_mem(r->find.text.p + f.at, f.n);

		if (!find_is_mask(v) && !redact_is_known(r, v) &&
		    !(made && pseudonym_is_given(r->pseudonyms, v))) {
			r->found.v[n++] = f;
			continue;
		}
		if (!known++ && !made)
			clear_covered(r);
		memset(r->covered.v + f.at, 1, f.n);
	}
	r->found.n = n;
	if (!known && !made)
		return;
	n = 0;
	for (size_t i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i];

		if (!is_covered(r, f))
			r->found.v[n++] = *f;
		else if (made)
			pseudonym_remember(r->pseudonyms, str_mem(r->find.text.p + f->at, f->n));
	}
	r->found.n = n;
}

/* Secrets first, and the longest: what is painted by one is not painted again. */
static int by_rank(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int gx = detectors[x->detector].group, gy = detectors[y->detector].group;

	if (gx != gy)
		return gx - gy;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (int)x->detector - (int)y->detector;
}

static void paint(struct redactor *r)
{
	vec_reserve(&r->owners, r->find.text.n);
	memset(r->owners.v, 0, r->find.text.n * sizeof(*r->owners.v));
	qsort(r->found.v, r->found.n, sizeof(*r->found.v), by_rank);
	for (size_t i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i];

		for (size_t k = f->at; k < f->at + f->n; k++)
			if (!r->owners.v[k])
				r->owners.v[k] = (uint32_t)i + 1;
	}
}

static bool edge_of(const struct redactor *r, size_t from, size_t *ret)
{
	size_t low = 0, high = r->edges.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->edges.v[mid].from < from)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == r->edges.n || r->edges.v[low].from != from)
		return false;
	*ret = r->edges.v[low].to;
	return true;
}

/* A finding as it stands in the result must be known next time, also when another took part of it.
 */
static void remember_all(struct redactor *r)
{
	for (size_t i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i];
		size_t from, to;

		if (edge_of(r, f->at, &from) && edge_of(r, f->at + f->n, &to))
			pseudonym_remember(r->pseudonyms, str_mem(r->text.s + from, to - from));
	}
}

/* The text with its findings replaced; which bytes of it are of pseudonyms. */
static void replace_painted(struct redactor *r, bool again)
{
	struct str text = r->find.text;
	size_t i = 0;

	strbuf_reset(&r->text);
	r->edges.n = 0;
	r->covered.n = 0;
	while (i < text.n) {
		uint32_t owner = r->owners.v[i];
		struct redact_edge edge = { i, r->text.n };
		size_t end = i, n;

		vec_push(&r->edges, edge);
		while (end < text.n && r->owners.v[end] == owner)
			end++;
		if (!owner) {
			strbuf_add(&r->text, text.p + i, end - i);
		} else {
			const struct finding *f = &r->found.v[owner - 1];
			bool all = f->at == i && f->n == end - i;

			pseudonym_add(r->pseudonyms, all ? f->form : FORM_SHAPE,
				      str_mem(text.p + i, end - i), &r->text);
		}
		n = r->text.n - edge.to;
		vec_reserve(&r->covered, r->text.n);
		if (!owner && again)
			memcpy(r->covered.v + edge.to, r->covered_before.v + i, n);
		else
			memset(r->covered.v + edge.to, owner != 0, n);
		r->covered.n = r->text.n;
		i = end;
	}
	vec_push(&r->edges, ((struct redact_edge){ text.n, r->text.n }));
	remember_all(r);
}

/*
 * The next run looks at what this one has made. What it would find inside of pseudonyms is
 * remembered as one; what is made up of one and its neighbours is replaced here and now.
 */
static void settle(struct redactor *r, enum text_form form)
{
	for (unsigned round = 0; round < SETTLE_ROUNDS; round++) {
		strbuf_reset(&r->text_before);
		strbuf_addstr(&r->text_before, strbuf_str(&r->text));
		r->find.text = strbuf_str(&r->text_before);
		r->found.n = 0;
		find_all(&r->find, form);
		find_patterns(r);
		leave_known(r, true);
		if (!r->found.n)
			return;
		vec_reserve(&r->covered_before, r->covered.n);
		r->covered_before.n = r->covered.n;
		memcpy(r->covered_before.v, r->covered.v, r->covered.n);
		paint(r);
		replace_painted(r, true);
	}
}

/* Findings in hand, as a text that is remembered for the next time. */
static struct cached_text *make(struct redactor *r, enum text_form form)
{
	struct cached_text *c = arena_calloc(&r->cache_arena, 1, sizeof(*c));

	c->same = r->mode == MODE_LEARN || !r->found.n;
	if (c->same)
		return c;
	paint(r);
	replace_painted(r, false);
	c->hits = arena_alloc(&r->cache_arena, r->found.n * sizeof(*c->hits));
	for (size_t i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i];

		/* what others took whole is not counted */
		for (size_t k = f->at; k < f->at + f->n; k++)
			if (r->owners.v[k] == i + 1) {
				c->hits[c->n++] = (struct cached_hit){
					f->detector,
					f->value ? f->value
						 : hash_bytes(r->find.text.p + f->at, f->n)
				};
				break;
			}
	}
	settle(r, form);
	c->out = arena_str(&r->cache_arena, strbuf_str(&r->text));
	return c;
}

static struct cached_text *look(struct redactor *r, struct str text, enum text_form form,
				struct str program)
{
	r->found.n = 0;
	r->find.text = text;
	r->find.program = program;
	r->find.out = &r->found;
	find_all(&r->find, form);
	find_patterns(r);
	leave_known(r, false);
	if (r->mode == MODE_LEARN)
		redact_learn(r, form);
	else
		find_words(r);
	if (r->mode != MODE_LEARN && form == TEXT_PAYLOAD && !r->is_check)
		find_parts(r);
	return make(r, form);
}

static struct cached_text *cached(struct redactor *r, struct str text, enum text_form form,
				  struct str program)
{
	struct strbuf *key = &r->cache_key;
	struct cached_text *c;
	struct str k;

	if (text.n > MAX_CACHE_TEXT)
		return look(r, text, form, program);
	strbuf_reset(key);
	strbuf_addc(key, (char)form);
	if (form == TEXT_ARGUMENTS) {
		strbuf_addstr(key, program);
		strbuf_addc(key, '\0');
	}
	strbuf_addstr(key, text);
	c = strmap_get(&r->cache, strbuf_str(key));
	if (c)
		return c;
	if (r->cache_arena.used > MAX_CACHE) {
		strmap_free(&r->cache);
		arena_reset(&r->cache_arena);
	}
	k = arena_str(&r->cache_arena, strbuf_str(key));
	c = look(r, text, form, program);
	strmap_put(&r->cache, k, c);
	return c;
}

struct str redact_text(struct redactor *r, struct str text, enum text_form form, struct str program,
		       place_id place)
{
	const struct cached_text *c;

	if (!text.n || text.n > UINT32_MAX)
		return text;
	c = cached(r, text, form, program);
	if (c->same)
		return text;
	for (size_t i = 0; i < c->n; i++)
		redact_count_value(r, c->hits[i].row, c->hits[i].value, place);
	return arena_str(&r->out, c->out);
}
