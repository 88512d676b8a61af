/* JSON as a flat tree: what is there, what it means, what is refused. */
#include "unit.h"

#include "base/json_tree.h"

static struct json_tree tree;
static struct arena arena;

static bool parse(const char *text)
{
	return json_tree_parse(&tree, str_of(text));
}

static void good_text_is_read(void **state)
{
	static const char *const good[] = {
		"0",         "-0.5e+3",
		"1E9",       "\"\"",
		"null",      "true",
		"false",     "[]",
		"{}",        " [ ] ",
		"[1 , [2]]", "{\"a\":{\"b\":[]}}",
		"\t[\n1\r]", "[\"\\u00e9\\\\\"]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!parse(good[i]))
			fail_msg("%s: %s", good[i], tree.error);
}

static void bad_text_is_refused(void **state)
{
	static const char *const bad[] = {
		"",           " ",           "[",       "]",     "[1",    "[1,",   "[1,]", "{",
		"{,}",        "{\"a\"",      "{\"a\":", "{1:2}", "{a:1}", "[1 2]", "01",   "1.",
		"-",          "1e",          "+1",      ".5",    "nul",   "truth", "\"a",  "\"\\",
		"\"\\x\"",    "\"\\u12g4\"", "\"\\u12", "[}",    "{]",    "[1]]",  "1 1",  "'a'",
		"{\"a\":1,}", "{\"a\" 1}",   "[,1]",    "\xff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(bad[i]))
			fail_msg("accepted: %s", bad[i]);
		assert_non_null(tree.error);
		assert_true(tree.error_at <= strlen(bad[i]));
		assert_null(json_tree_root(&tree));
	}
}

static void cut_text_is_told_as_such(void **state)
{
	static const char text[] = "{\"a\":[1,\"x\\u0041\",{\"b\":null}],\"c\":-1.5e3}";

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		assert_false(json_tree_parse(&tree, str_mem(text, n)));
		assert_int_equal(tree.error_at, n);
	}
	assert_true(parse(text));
}

static void depth_and_size_are_bounded(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	for (int i = 0; i < JSON_TREE_DEPTH; i++)
		strbuf_addc(&sb, '[');
	for (int i = 0; i < JSON_TREE_DEPTH; i++)
		strbuf_addc(&sb, ']');
	assert_true(json_tree_parse(&tree, strbuf_str(&sb)));
	strbuf_reset(&sb);
	for (int i = 0; i <= JSON_TREE_DEPTH; i++)
		strbuf_addc(&sb, '[');
	assert_false(json_tree_parse(&tree, strbuf_str(&sb)));
	strbuf_reset(&sb);
	strbuf_addc(&sb, '[');
	for (unsigned i = 0; i < JSON_TREE_VALUES; i++)
		strbuf_adds(&sb, "1,");
	strbuf_adds(&sb, "1]");
	assert_false(json_tree_parse(&tree, strbuf_str(&sb)));
	strbuf_release(&sb);
}

static void members_and_elements_are_found(void **state)
{
	const struct json_node *root, *n;

	(void)state;
	assert_true(parse("{\"x\":[10,{\"y\":1},[2,3]],\"\\u0061b\":\"v\",\"x\":0,\"\":true}"));
	root = json_tree_root(&tree);
	n = json_member_of(&tree, root, STR("x"));
	assert_int_equal(n->kind, JSON_KIND_ARRAY);
	assert_str(n->raw, "[10,{\"y\":1},[2,3]]");
	assert_str(json_element_of(&tree, n, 0)->raw, "10");
	assert_str(json_element_of(&tree, n, 2)->raw, "[2,3]");
	assert_null(json_element_of(&tree, n, 3));
	assert_null(json_member_of(&tree, n, STR("y")));
	assert_str(json_member_of(&tree, root, STR("ab"))->raw, "v");
	assert_int_equal(json_member_of(&tree, root, STR(""))->kind, JSON_KIND_TRUE);
	assert_null(json_member_of(&tree, root, STR("y")));
	assert_null(json_element_of(&tree, root, 0));
}

static void strings_mean_what_they_escape(void **state)
{
	static const char *const pairs[][2] = {
		{ "\"plain\"", "plain" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
		{ "\"\\u00e9\\u20ac\"", "\xc3\xa9\xe2\x82\xac" },
		{ "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" },
		{ "\"\\ud83dx\\ude00\"", "\xef\xbf\xbdx\xef\xbf\xbd" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_true(parse(pairs[i][0]));
		assert_str(json_string_of(json_tree_root(&tree), &arena), pairs[i][1]);
	}
}

static void text_can_be_made_compact_or_indented(void **state)
{
	static const char text[] =
		"{ \"a b\" : [ 1 , 2.50, \"x , y\\\" \" ] , \"e\":{ }, \"f\" : [] }";
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	json_compact(str_of(text), &sb);
	assert_strbuf(&sb, "{\"a b\":[1,2.50,\"x , y\\\" \"],\"e\":{},\"f\":[]}");
	json_indent(str_of(text), &sb);
	assert_strbuf(&sb, "{\n  \"a b\": [\n    1,\n    2.50,\n    \"x , y\\\" \"\n  ],\n"
			   "  \"e\": {},\n  \"f\": []\n}");
	strbuf_release(&sb);
}

static int teardown(void **state)
{
	(void)state;
	json_tree_free(&tree);
	arena_destroy(&arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_text_is_read),
		cmocka_unit_test(bad_text_is_refused),
		cmocka_unit_test(cut_text_is_told_as_such),
		cmocka_unit_test(depth_and_size_are_bounded),
		cmocka_unit_test(members_and_elements_are_found),
		cmocka_unit_test(strings_mean_what_they_escape),
		cmocka_unit_test(text_can_be_made_compact_or_indented),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
