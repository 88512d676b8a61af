#include "redact/redactor_impl.h"

#include <stdlib.h>

#define MAX_DISTINCT (1u << 20)

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

void redact_count_value(struct redactor *r, uint32_t row, uint64_t value, place_id place)
{
	struct redact_counts *c = &r->counts;
	uint64_t key = (uint64_t)row << 32 | place;
	void *at;

	if (r->mode != MODE_COUNT)
		return;
	c->replaced[row]++;
	c->total++;
	if (r->distinct.n < MAX_DISTINCT && !u64map_put(&r->distinct, value ^ hash_u64(row + 1), r))
		c->distinct[row]++;
	at = u64map_get(&r->place_counts, key);
	if (!at) {
		struct redact_place p = { r->place_names.entries[place - 1].key.p, row, 0 };

		vec_push(&c->places, p);
		at = (void *)(uintptr_t)c->places.n;
		u64map_put(&r->place_counts, key, at);
	}
	c->places.v[(uintptr_t)at - 1].count++;
}

void redact_count(struct redactor *r, uint32_t row, struct str value, place_id place)
{
	redact_count_value(r, row, hash_bytes(value.p, value.n), place);
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
	strbuf_init(&r->text_before);
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
	vec_free(&r->covered);
	vec_free(&r->covered_before);
	vec_free(&r->counts.places);
	word_index_free(&r->own_words);
	regex_scratch_free(r->scratch);
	snapshot_free(&r->snapshot);
	strbuf_release(&r->text);
	strbuf_release(&r->text_before);
	strbuf_release(&r->cache_key);
	arena_destroy(&r->arena);
	arena_destroy(&r->cache_arena);
	arena_destroy(&r->out);
	free(r);
}
