/* The provenance: one JSON object of which every text can hold something. See redactor_impl.h. */
#include "base/text.h"
#include "redact/redactor_impl.h"
#include "trace/provenance.h"

#define COMMAND "redact"

struct walk {
	struct redactor *r;
	const struct json_tree *tree;
	struct arena texts;
	bool changed;
	place_id place;
};

static struct str replace(struct walk *w, struct str s, enum text_form form, struct str program)
{
	struct strbuf good = STRBUF_INIT;
	struct str out;

	/* As it will be written: JSON is UTF-8. */
	if (!utf8_valid(s)) {
		utf8_sanitise(&good, s);
		s = arena_str(&w->texts, strbuf_str(&good));
		strbuf_release(&good);
		w->changed = true;
	}
	out = redact_text(w->r, s, form, program, w->place);
	w->changed |= !str_eq(out, s);
	return out;
}

/* Words of a command line: an option and the word behind it belong together. */
static bool is_word_list(const struct walk *w, const struct json_node *n)
{
	const struct json_node *kid = json_first(w->tree, n);

	if (n->kind != JSON_KIND_ARRAY || !kid)
		return false;
	for (; kid; kid = json_next(w->tree, n, kid))
		if (kid->kind != JSON_KIND_STRING)
			return false;
	return true;
}

static void put_words(struct walk *w, const struct json_node *n, struct json_writer *out)
{
	struct strbuf joined = STRBUF_INIT;
	struct str rest, word, program = STR("");

	for (const struct json_node *kid = json_first(w->tree, n); kid;
	     kid = json_next(w->tree, n, kid)) {
		word = json_string_of(kid, &w->texts);
		if (!joined.n)
			program = word;
		strbuf_add(&joined, word.p, strnlen(word.p, word.n));
		strbuf_addc(&joined, '\0');
	}
	rest = replace(w, strbuf_str(&joined), TEXT_ARGUMENTS, program);
	json_begin_array(out);
	while (rest.n) {
		word = str_mem(rest.p, strnlen(rest.p, rest.n));
		json_str(out, word);
		rest = str_from(rest, word.n + 1);
	}
	json_end_array(out);
	strbuf_release(&joined);
}

static bool key_is(const struct json_node *n, const char *key)
{
	return str_eqz(n->key, key);
}

static void put_node(struct walk *w, const struct json_node *n, struct json_writer *out,
		     unsigned depth)
{
	enum text_form form = key_is(n, "hostname") || key_is(n, "host") ? TEXT_HOST : TEXT_PLAIN;

	if (n->kind == JSON_KIND_STRING) {
		/* which texts are pseudonyms: of a run before */
		if (key_is(n, "pseudonyms"))
			json_str(out, json_string_of(n, &w->texts));
		else
			json_str(out, replace(w, json_string_of(n, &w->texts), form, STR("")));
	} else if (is_word_list(w, n)) {
		put_words(w, n, out);
	} else if ((n->kind == JSON_KIND_ARRAY || n->kind == JSON_KIND_OBJECT) &&
		   depth < JSON_MAX_DEPTH - 2) {
		bool object = n->kind == JSON_KIND_OBJECT;

		if (object)
			json_begin_object(out);
		else
			json_begin_array(out);
		for (const struct json_node *kid = json_first(w->tree, n); kid;
		     kid = json_next(w->tree, n, kid)) {
			if (object) {
				struct strbuf key = STRBUF_INIT;

				json_unescape(kid->key, &key);
				redact_ordinary(w->r, strbuf_str(&key));
				json_key_str(out, replace(w, arena_str(&w->texts, strbuf_str(&key)),
							  TEXT_PLAIN, STR("")));
				strbuf_release(&key);
			}
			put_node(w, kid, out, depth + 1);
		}
		if (object)
			json_end_object(out);
		else
			json_end_array(out);
	} else if (n->kind == JSON_KIND_ARRAY || n->kind == JSON_KIND_OBJECT) {
		json_nil(out); /* deeper than anybody writes it */
		w->changed = true;
	} else {
		json_raw(out, n->raw);
	}
}

/* Appends the object with all texts redacted; the original when none had to be. */
static void redact_json(struct redactor *r, const char *json, struct strbuf *out)
{
	struct json_tree tree = { 0 };
	struct walk w = { .r = r, .tree = &tree, .place = redact_place_id(r, "provenance") };
	struct strbuf text = STRBUF_INIT;
	struct json_writer writer;

	arena_init(&w.texts);
	arena_reset(&r->out);
	json_init(&writer, &text);
	if (json && json_tree_parse(&tree, str_of(json)))
		put_node(&w, json_tree_root(&tree), &writer, 0);
	else
		strbuf_adds(&text, "{}");
	if (json && json_tree_root(&tree) && !w.changed)
		strbuf_adds(out, json);
	else
		strbuf_addstr(out, strbuf_str(&text));
	json_tree_free(&tree);
	strbuf_release(&text);
	arena_destroy(&w.texts);
}

void redactor_learn_provenance(struct redactor *r, const char *json)
{
	struct json_tree tree = { 0 };
	struct arena texts = ARENA_INIT;
	struct strbuf unused = STRBUF_INIT;

	if (json && json_tree_parse(&tree, str_of(json)))
		for (size_t i = 0; i < tree.nodes.n; i++) {
			const struct json_node *n = &tree.nodes.v[i];

			/* also of traces that were merged, deeper down */
			if (n->kind == JSON_KIND_STRING && key_is(n, "pseudonyms"))
				pseudonyms_load(r->pseudonyms, json_string_of(n, &texts));
		}
	json_tree_free(&tree);
	arena_destroy(&texts);
	redact_json(r, json, &unused);
	strbuf_release(&unused);
}

void redactor_count_provenance(struct redactor *r, const char *json)
{
	struct strbuf unused = STRBUF_INIT;

	redact_json(r, json, &unused);
	strbuf_release(&unused);
}

/* How it is redacted: the members that have to be the same for nothing to be left to do. */
static void put_settings(const struct redactor *r, struct json_writer *w)
{
	json_key(w, "command");
	json_strz(w, COMMAND);
	json_key(w, "detectors");
	json_begin_array(w);
	for (size_t i = 0; i < DETECT_N; i++)
		if (r->opt->set.on[i])
			json_strz(w, detectors[i].name);
	json_end_array(w);
	json_key(w, "payload");
	json_strz(w, content_use_name(r->opt->payload));
	json_key(w, "environment");
	json_strz(w, content_use_name(r->opt->environment));
	if (r->opt->n_words + r->opt->n_patterns) {
		json_key(w, "own_words");
		json_u64(w, r->opt->n_words);
		json_key(w, "own_patterns");
		json_u64(w, r->opt->n_patterns);
	}
}

/* An earlier run with these settings says so in the provenance. */
static bool says_so_already(const struct redactor *r, const char *json)
{
	struct strbuf settings = STRBUF_INIT, raw = STRBUF_INIT;
	struct json_tree tree = { 0 };
	const struct json_node *list;
	struct json_writer w;
	bool found = false;

	json_init(&w, &settings);
	json_begin_object(&w);
	put_settings(r, &w);
	/* compared without blanks, up to the members that differ from run to run */
	json_compact(strbuf_str(&settings), &raw);
	if (json && json_tree_parse(&tree, str_of(json)) &&
	    json_tree_root(&tree)->kind == JSON_KIND_OBJECT) {
		list = json_member_of(&tree, json_tree_root(&tree), STR("derived"));
		for (const struct json_node *n =
			     list && list->kind == JSON_KIND_ARRAY ? json_first(&tree, list) : NULL;
		     n && !found; n = json_next(&tree, list, n)) {
			struct strbuf entry = STRBUF_INIT;

			json_compact(n->raw, &entry);
			found = str_starts(strbuf_str(&entry), strbuf_str(&raw)) &&
				entry.n > raw.n && (entry.s[raw.n] == ',' || entry.s[raw.n] == '}');
			strbuf_release(&entry);
		}
	}
	json_tree_free(&tree);
	strbuf_release(&settings);
	strbuf_release(&raw);
	return found;
}

void redactor_provenance(struct redactor *r, const char *json, struct strbuf *out)
{
	struct strbuf redacted = STRBUF_INIT, entry = STRBUF_INIT, text = STRBUF_INIT;
	struct json_writer w;

	if (!r->counts.total && says_so_already(r, json)) {
		strbuf_adds(out, json);
		return;
	}
	redact_json(r, json, &redacted);
	json_init(&w, &entry);
	json_begin_object(&w);
	put_settings(r, &w);
	if (r->opt->key_is_kept) {
		json_key(&w, "key");
		pseudonyms_key_name(r->pseudonyms, &text);
		json_str(&w, strbuf_str(&text));
		strbuf_reset(&text);
	}
	json_key(&w, "pseudonyms");
	pseudonyms_save(r->pseudonyms, &text);
	json_str(&w, strbuf_str(&text));
	json_end_object(&w);
	provenance_derive(redacted.n > 2 ? redacted.s : NULL, strbuf_str(&entry), out);
	strbuf_release(&redacted);
	strbuf_release(&entry);
	strbuf_release(&text);
}
