#include "redact/redactor_impl.h"

#include <stdlib.h>

#define MAX_DISTINCT (1u << 20)
/* The cache begins anew when it has grown to this. */
#define MAX_CACHE      ((size_t)32 << 20)
#define MAX_CACHE_TEXT 65536

struct cached_hit {
	uint32_t row, count;
	uint64_t value; /* hash */
};

struct cached_text {
	struct str out;
	bool same;
	size_t n;
	struct cached_hit *hits;
};

const char *content_use_name(enum content_use use)
{
	return use == CONTENT_FILL ? "redact" : use == CONTENT_DROP ? "drop" : "scan";
}

const char *redact_row_name(uint32_t row)
{
	if (row < DETECT_N)
		return detectors[row].name;
	return row == REDACT_PAYLOAD ? "payload" : "environment";
}

/* ---- counting */

place_id redact_place_id(struct redactor *r, const char *name)
{
	void *known = strmap_get(&r->place_names, str_of(name));
	struct str copy;

	if (known)
		return (place_id)(uintptr_t)known;
	copy = arena_str(&r->arena, str_of(name));
	strmap_put(&r->place_names, copy, (void *)(uintptr_t)(r->place_names.n + 1));
	return (place_id)r->place_names.n;
}

static void count_hits(struct redactor *r, uint32_t row, uint64_t value, uint64_t n, place_id place)
{
	struct redact_counts *c = &r->counts;
	uint64_t key = (uint64_t)row << 32 | place;
	void *at;

	if (r->mode != MODE_COUNT)
		return;
	c->replaced[row] += n;
	c->total += n;
	if (r->distinct.n < MAX_DISTINCT && !u64map_put(&r->distinct, value ^ hash_u64(row + 1), r))
		c->distinct[row]++;
	at = u64map_get(&r->place_counts, key);
	if (!at) {
		struct redact_place p = { r->place_names.entries[place - 1].key.p, row, 0 };

		vec_push(&c->places, p);
		at = (void *)(uintptr_t)c->places.n;
		u64map_put(&r->place_counts, key, at);
	}
	c->places.v[(uintptr_t)at - 1].count += n;
}

void redact_count(struct redactor *r, uint32_t row, struct str value, place_id place)
{
	count_hits(r, row, hash_bytes(value.p, value.n), 1, place);
}

/* ---- one text */

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
			/* Rather too much than too little. */
			find_add(f, DETECT_WORD, 0, f->text.n);
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

/* The bytes of the finding are all known to be of pseudonyms. */
static bool is_covered(const struct redactor *r, const struct finding *f)
{
	for (size_t k = f->at; k < f->at + f->n; k++)
		if (!r->owners.v[k])
			return false;
	return true;
}

/* Pseudonyms of a run before stay, and what seems to be something in the midst of them. */
static void leave_known(struct redactor *r)
{
	size_t n = 0, known = 0;

	for (size_t i = 0; i < r->found.n; i++) {
		struct finding f = r->found.v[i];
		struct str v = str_mem(r->find.text.p + f.at, f.n);

		if (!find_is_mask(v) && !redact_is_known(r, v)) {
			r->found.v[n++] = f;
			continue;
		}
		if (!known++) {
			vec_reserve(&r->owners, r->find.text.n);
			memset(r->owners.v, 0, r->find.text.n * sizeof(*r->owners.v));
		}
		for (size_t k = f.at; k < f.at + f.n; k++)
			r->owners.v[k] = 1;
	}
	r->found.n = n;
	if (!known)
		return;
	n = 0;
	for (size_t i = 0; i < r->found.n; i++)
		if (!is_covered(r, &r->found.v[i]))
			r->found.v[n++] = r->found.v[i];
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

static void replace_painted(struct redactor *r)
{
	struct str text = r->find.text;
	size_t i = 0;

	strbuf_reset(&r->text);
	r->edges.n = 0;
	while (i < text.n) {
		uint32_t owner = r->owners.v[i];
		struct redact_edge edge = { i, r->text.n };
		size_t end = i;

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
		i = end;
	}
	vec_push(&r->edges, ((struct redact_edge){ text.n, r->text.n }));
	remember_all(r);
}

/* Findings in hand, as a text that is remembered for the next time. */
static struct cached_text *make(struct redactor *r)
{
	struct cached_text *c = arena_calloc(&r->cache_arena, 1, sizeof(*c));

	c->same = r->mode == MODE_LEARN || !r->found.n;
	if (c->same)
		return c;
	paint(r);
	replace_painted(r);
	c->out = arena_str(&r->cache_arena, strbuf_str(&r->text));
	c->hits = arena_alloc(&r->cache_arena, r->found.n * sizeof(*c->hits));
	for (size_t i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i];

		/* what others took whole is not counted */
		for (size_t k = f->at; k < f->at + f->n; k++)
			if (r->owners.v[k] == i + 1) {
				c->hits[c->n++] = (struct cached_hit){
					f->detector, 1,
					f->value ? f->value
						 : hash_bytes(r->find.text.p + f->at, f->n)
				};
				break;
			}
	}
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
	leave_known(r);
	if (r->mode == MODE_LEARN)
		redact_learn(r, form);
	else
		find_words(r);
	return make(r);
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
		count_hits(r, c->hits[i].row, c->hits[i].value, c->hits[i].count, place);
	return arena_str(&r->out, c->out);
}

void redactor_counted(struct redactor *r)
{
	r->mode = MODE_WRITE;
}

/* ---- records */

static void redact_record(struct redactor *r, const struct record *rec, struct record *ret)
{
	place_id text, author;

	arena_reset(&r->out);
	*ret = *rec;
	switch (rec->kind) {
	case RECORD_EVENT:
		redact_event(r, &rec->event, &ret->event);
		break;
	case RECORD_SNAPSHOT:
		ret->snapshot = redact_snapshot(r, rec->snapshot);
		break;
	case RECORD_NOTE:
		text = redact_place_id(r, "note text");
		author = redact_place_id(r, "note author");
		ret->note.text = redact_text(r, rec->note.text, TEXT_PLAIN, STR(""), text);
		ret->note.author = redact_text(r, rec->note.author, TEXT_USER, STR(""), author);
		break;
	case RECORD_LOSS:
		break;
	}
}

void redactor_learn(struct redactor *r, const struct record *rec)
{
	struct record out;

	redact_record(r, rec, &out);
}

void redactor_replace(struct redactor *r, const struct record *rec, struct record *ret)
{
	redact_record(r, rec, ret);
}

void redactor_text(struct redactor *r, struct str text, struct strbuf *out)
{
	arena_reset(&r->out);
	strbuf_addstr(out, redact_text(r, text, TEXT_PLAIN, STR(""), redact_place_id(r, "text")));
}

const struct redact_counts *redactor_counts(const struct redactor *r)
{
	return &r->counts;
}

bool redactor_finds_in(const struct redactor *r, struct str bytes, uint32_t *ret_row)
{
	size_t at = 0;
	const struct word *w = word_index_find(r->words, bytes, &at);

	if (w)
		*ret_row = r->word_values.v[w->value].detector;
	return w != NULL;
}

struct redactor *redactor_new(const struct redact_options *opt)
{
	struct redactor *r = xcalloc(1, sizeof(*r));

	r->opt = opt;
	r->pseudonyms = &r->own_pseudonyms;
	pseudonyms_init(r->pseudonyms, opt->key);
	arena_init(&r->arena);
	arena_init(&r->cache_arena);
	arena_init(&r->out);
	strbuf_init(&r->text);
	strbuf_init(&r->cache_key);
	snapshot_init(&r->snapshot);
	word_index_init(&r->own_words);
	r->words = &r->own_words;
	r->words_of = r;
	find_init(&r->find, &opt->set);
	r->scratch = regex_scratch_new();
	return r;
}

struct redactor *redactor_new_check(struct redactor *of)
{
	struct redactor *r = redactor_new(of->opt);

	r->is_check = true;
	r->mode = MODE_COUNT;
	r->pseudonyms = of->pseudonyms;
	r->words = of->words;
	r->words_of = of;
	return r;
}

void redactor_free(struct redactor *r)
{
	if (!r)
		return;
	pseudonyms_free(&r->own_pseudonyms);
	strmap_free(&r->values);
	strmap_free(&r->ordinary);
	strmap_free(&r->cache);
	strmap_free(&r->place_names);
	u64map_free(&r->distinct);
	u64map_free(&r->place_counts);
	u64map_free(&r->event_places);
	vec_free(&r->learnt);
	vec_free(&r->word_values);
	vec_free(&r->found);
	vec_free(&r->owners);
	vec_free(&r->edges);
	vec_free(&r->counts.places);
	word_index_free(&r->own_words);
	regex_scratch_free(r->scratch);
	snapshot_free(&r->snapshot);
	strbuf_release(&r->text);
	strbuf_release(&r->cache_key);
	arena_destroy(&r->arena);
	arena_destroy(&r->cache_arena);
	arena_destroy(&r->out);
	free(r);
}
