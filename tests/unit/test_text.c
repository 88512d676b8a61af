#include "unit.h"

#include "base/glob.h"
#include "base/ipaddr.h"
#include "base/json_writer.h"
#include "base/text.h"

static void a_line_stays_one_line(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	text_escape(&sb, STR("a\nb\tc\x1b[31m\\d"));
	assert_strbuf(&sb, "a\\nb\\tc\\x1b[31m\\d");
	text_escape(&sb, STR("caf\xc3\xa9 \xff\xc3"));
	assert_strbuf(&sb, "caf\xc3\xa9 \\xff\\xc3");
	/* NEL, LINE SEPARATOR, RIGHT-TO-LEFT OVERRIDE */
	text_escape(&sb, STR("\xc2\x85\xe2\x80\xa8\xe2\x80\xae"));
	assert_strbuf(&sb, "\\u{85}\\u{2028}\\u{202e}");
	strbuf_release(&sb);
}

/* Looked at byte by byte, to compare with. */
static size_t slow_run(const char *p, size_t n, bool json)
{
	size_t i = 0;

	while (i < n && p[i] >= ' ' && p[i] <= '~' && (!json || (p[i] != '"' && p[i] != '\\')))
		i++;
	return i;
}

static void a_run_of_plain_text_ends_at_the_first_odd_byte(void **state)
{
	char text[70];

	(void)state;
	for (size_t n = 0; n <= sizeof(text); n++) {
		memset(text, 'a', sizeof(text));
		assert_int_equal(text_plain_run(text, n), n);
		assert_int_equal(text_plain_run_json(text, n), n);
		for (size_t at = 0; at < n; at++) {
			for (int c = 0; c < 256; c++) {
				text[at] = (char)c;
				/* a second one behind it changes nothing */
				text[n - 1] = at + 1 < n ? '\n' : (char)c;
				assert_int_equal(text_plain_run(text, n), slow_run(text, n, false));
				assert_int_equal(text_plain_run_json(text, n),
						 slow_run(text, n, true));
			}
			text[at] = text[n - 1] = 'a';
		}
	}
}

static void malformed_utf8_is_replaced_byte_by_byte(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	assert_true(utf8_valid(STR("\xf0\x9f\xa6\x85 ok")));
	assert_false(utf8_valid(STR("\xed\xa0\x80")));     /* a surrogate */
	assert_false(utf8_valid(STR("\xc0\x80")));         /* overlong */
	assert_false(utf8_valid(STR("\xf4\x90\x80\x80"))); /* beyond U+10FFFF */
	utf8_sanitise(&sb, STR("a\xff"
			       "b"));
	assert_strbuf(&sb, "a\xef\xbf\xbd"
			   "b");
	strbuf_release(&sb);
}

static void base64_goes_both_ways(void **state)
{
	static const char *const pairs[][2] = {
		{ "", "" },        { "f", "Zg==" },        { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "charbuf", "Y2hhcmJ1Zg==" },
	};
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct str coded = str_of(pairs[i][1]);

		base64_encode(&sb, str_of(pairs[i][0]));
		assert_strbuf(&sb, pairs[i][1]);
		assert_true(base64_decode(&sb, coded));
		assert_strbuf(&sb, pairs[i][0]);
		while (coded.n && coded.p[coded.n - 1] == '=')
			coded.n--;
		assert_true(base64_decode(&sb, coded));
		assert_strbuf(&sb, pairs[i][0]);
	}
	assert_false(base64_decode(&sb, STR("a")));
	assert_false(base64_decode(&sb, STR("Zg=a")));
	assert_false(base64_decode(&sb, STR("Z===")));
	assert_false(base64_decode(&sb, STR("Z g=")));
	assert_int_equal(sb.n, 0);
	strbuf_release(&sb);
}

static void hex_rejects_odd_and_foreign_digits(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	assert_true(hex_decode(&sb, STR("656c6C")));
	assert_strbuf(&sb, "ell");
	assert_false(hex_decode(&sb, STR("656")));
	assert_false(hex_decode(&sb, STR("65zz")));
	hex_encode(&sb, STR("\x01\xff"));
	assert_strbuf(&sb, "01ff");
	strbuf_release(&sb);
}

static void globs_follow_fnmatch_without_flags(void **state)
{
	(void)state;
	assert_true(glob_match(STR("/home/*/.ssh/*"), STR("/home/a/b/.ssh/id"), false));
	assert_true(glob_match(STR("a?c"), STR("a/c"), false));
	assert_false(glob_match(STR("a?c"), STR("ac"), false));
	assert_true(glob_match(STR("[a-c]x"), STR("bx"), false));
	assert_false(glob_match(STR("[!a-c]x"), STR("bx"), false));
	assert_true(glob_match(STR("[]]"), STR("]"), false));
	assert_true(glob_match(STR("[x"), STR("[x"), false));
	assert_true(glob_match(STR("a\\*b"), STR("a*b"), false));
	assert_false(glob_match(STR("a\\*b"), STR("axb"), false));
	assert_true(glob_match(STR("*.TXT"), STR("f.txt"), true));
	assert_false(glob_match(STR("*.TXT"), STR("f.txt"), false));
	assert_true(glob_match(STR(""), STR(""), false));
	assert_true(glob_match(STR("***"), STR(""), false));
}

static void a_hostile_glob_ends_soon(void **state)
{
	static char text[20001], pattern[2001];

	(void)state;
	memset(text, 'a', 20000);
	for (int i = 0; i < 1000; i++)
		memcpy(pattern + 2 * i, "*a", 2);
	pattern[1999] = 'b';
	assert_false(glob_match(str_mem(pattern, 2000), str_mem(text, 20000), false));
}

static void addresses_read_and_print(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct ipaddr a, v4;
	struct ipnet net;

	(void)state;
	assert_true(ipaddr_parse(STR("10.1.2.3"), &a));
	assert_true(ipnet_parse(STR("10.0.0.0/8"), &net));
	assert_true(ipnet_contains(&net, &a));
	assert_true(ipnet_parse(STR("10.1.2.0/25"), &net));
	assert_true(ipnet_contains(&net, &a));
	assert_true(ipnet_parse(STR("10.1.2.128/25"), &net));
	assert_false(ipnet_contains(&net, &a));
	assert_false(ipnet_parse(STR("10.0.0.0/33"), &net));
	assert_false(ipnet_parse(STR("10.0.0.0"), &net));
	assert_false(ipaddr_parse(STR("10.1.2"), &a));
	assert_false(ipaddr_parse(STR("10.1.2.3x"), &a));
	assert_true(ipaddr_parse(STR("2001:db8:0:0::1"), &a));
	ipaddr_text(&a, &sb);
	assert_strbuf(&sb, "2001:db8::1");
	assert_false(ipaddr_v4_mapped(&a, &v4));
	assert_true(ipaddr_parse(STR("::ffff:1.2.3.4"), &a));
	assert_true(ipaddr_v4_mapped(&a, &v4));
	ipaddr_text(&v4, &sb);
	assert_strbuf(&sb, "1.2.3.4");
	strbuf_release(&sb);
}

static void json_nests_and_escapes(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	struct json_writer w;

	(void)state;
	json_init(&w, &sb);
	json_begin_object(&w);
	json_key(&w, "a");
	json_begin_array(&w);
	json_i64(&w, -1);
	json_nil(&w);
	json_double(&w, 0.1);
	json_double(&w, 2);
	json_end_array(&w);
	json_key(&w, "s");
	json_str(&w, STR("\"\\\n\x01\xff\xc3\xa9"));
	json_end_object(&w);
	assert_strbuf(&sb, "{\"a\": [-1, null, 0.1, 2.0], "
			   "\"s\": \"\\\"\\\\\\n\\u0001\xef\xbf\xbd\xc3\xa9\"}");
	strbuf_release(&sb);
}

static void keys_made_before_are_put_with_their_commas(void **state)
{
	struct strbuf sb = STRBUF_INIT, a = STRBUF_INIT, b = STRBUF_INIT;
	struct json_writer w;

	(void)state;
	json_key_make(&a, STR("a\"b"));
	json_key_make(&b, STR("evt.num"));
	json_init(&w, &sb);
	json_begin_object(&w);
	json_key_made(&w, strbuf_str(&a));
	json_u64(&w, 1);
	json_key_made(&w, strbuf_str(&b));
	json_str_replaced(&w, STR("a\n\x7f\xff\"\\z"));
	json_end_object(&w);
	assert_strbuf(&sb, "{\"a\\\"b\": 1, \"evt.num\": "
			   "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\\"\\\\z\"}");
	strbuf_release(&sb);
	strbuf_release(&a);
	strbuf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_stays_one_line),
		cmocka_unit_test(a_run_of_plain_text_ends_at_the_first_odd_byte),
		cmocka_unit_test(malformed_utf8_is_replaced_byte_by_byte),
		cmocka_unit_test(base64_goes_both_ways),
		cmocka_unit_test(hex_rejects_odd_and_foreign_digits),
		cmocka_unit_test(globs_follow_fnmatch_without_flags),
		cmocka_unit_test(a_hostile_glob_ends_soon),
		cmocka_unit_test(addresses_read_and_print),
		cmocka_unit_test(json_nests_and_escapes),
		cmocka_unit_test(keys_made_before_are_put_with_their_commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
