#include "trace/provenance.h"

#include "base/json_tree.h"

static const struct str key = STR("derived");

/* A value as it was written. */
static void put_node(struct json_writer *w, const struct json_node *n)
{
	struct strbuf sb = STRBUF_INIT;

	if (n->kind == JSON_KIND_STRING) {
		strbuf_addc(&sb, '"');
		strbuf_addstr(&sb, n->raw);
		strbuf_addc(&sb, '"');
		json_raw(w, strbuf_str(&sb));
	} else {
		json_raw(w, n->raw);
	}
	strbuf_release(&sb);
}

static void put_key(struct json_writer *w, const struct json_node *n)
{
	struct strbuf sb = STRBUF_INIT;

	json_unescape(n->key, &sb);
	json_key_str(w, strbuf_str(&sb));
	strbuf_release(&sb);
}

static bool is_origin(const struct json_tree *tree, const struct json_node *root,
		      const struct json_node *n)
{
	static const struct str names[] = { STR("recorder"), STR("hostname"), STR("kernel"),
					    STR("started") };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_member_of(tree, root, names[i]) == n)
			return true;
	return false;
}

static void derive(const char *original, bool all, struct str entry, struct strbuf *out)
{
	const struct json_node *root = NULL, *derived = NULL;
	struct json_tree tree = { 0 };
	struct json_writer w;

	if (original && json_tree_parse(&tree, str_of(original)))
		root = json_tree_root(&tree);
	if (root && root->kind != JSON_KIND_OBJECT)
		root = NULL;
	json_init(&w, out);
	json_begin_object(&w);
	if (root) {
		derived = json_member_of(&tree, root, key);
		for (const struct json_node *n = json_first(&tree, root); n;
		     n = json_next(&tree, root, n)) {
			if (n == derived || (!all && !is_origin(&tree, root, n)))
				continue;
			put_key(&w, n);
			put_node(&w, n);
		}
	}
	json_key_str(&w, key);
	json_begin_array(&w);
	if (derived && derived->kind == JSON_KIND_ARRAY)
		for (const struct json_node *n = json_first(&tree, derived); n;
		     n = json_next(&tree, derived, n))
			put_node(&w, n);
	json_raw(&w, entry);
	json_end_array(&w);
	json_end_object(&w);
	json_tree_free(&tree);
}

void provenance_derive(const char *original, struct str entry, struct strbuf *out)
{
	derive(original, true, entry, out);
}

void provenance_derive_short(const char *original, struct str entry, struct strbuf *out)
{
	derive(original, false, entry, out);
}

void provenance_uuid(const uint8_t *uuid, struct strbuf *out)
{
	for (size_t i = 0; i < 16; i++)
		strbuf_addf(out, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", uuid[i]);
}
