#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "rules/list_expand.h"

#include <stdio.h>
#include <stdlib.h>

struct given {
	struct str name;
	struct str items[4];
	size_t n;
	bool used;
};

static struct arena a;

static struct list_expander *expander(struct given *g, size_t n)
{
	struct list_expander *le = list_expander_new(&a);
	for (size_t i = 0; i < n; i++)
		list_expander_add(le, g[i].name, g[i].items, g[i].n, &g[i].used);
	return le;
}

static struct str expand(struct given *g, size_t n, struct str text)
{
	struct list_expander *le = expander(g, n);
	struct str ret = STR("");
	assert_true(list_expand(le, text, &ret));
	list_expander_mark_used(le);
	list_expander_done(le);
	return ret;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool delim(char c)
{
	return blank(c) || c == '(' || c == ')' || c == ',' || c == '=';
}

/* The definition of rule-language.md section 1, list by list over the whole text. */
static void reference(const struct given *g, size_t n, struct strbuf *text)
{
	for (size_t k = 0; k < n; k++) {
		struct strbuf sub = STRBUF_INIT;
		for (size_t i = 0; i < g[k].n; i++) {
			bool quote = str_chr(g[k].items[i], ' ') >= 0;
			strbuf_addf(&sub, "%s%s%.*s%s", i ? ", " : "", quote ? "\"" : "",
				    STR_FMT(g[k].items[i]), quote ? "\"" : "");
		}
		size_t at = 0;
		for (;;) {
			ptrdiff_t p = str_find(str_from(strbuf_str(text), at), g[k].name);
			if (p < 0)
				break;
			size_t start = at + (size_t)p, end = start + g[k].name.n;
			if ((start && !delim(text->s[start - 1])) ||
			    (end < text->n && !delim(text->s[end]))) {
				at = start + 1;
				continue;
			}
			while (start && blank(text->s[start - 1]))
				start--;
			while (end < text->n && blank(text->s[end]))
				end++;
			if (!sub.n && start && text->s[start - 1] == ',')
				start--;
			else if (!sub.n && end < text->n && text->s[end] == ',')
				end++;
			struct strbuf new = STRBUF_INIT;
			strbuf_add(&new, text->s, start);
			if (start)
				strbuf_addc(&new, ' ');
			strbuf_addstr(&new, strbuf_str(&sub));
			strbuf_addc(&new, ' ');
			at = new.n;
			strbuf_addstr(&new, str_from(strbuf_str(text), end));
			strbuf_release(text);
			*text = new;
		}
		strbuf_release(&sub);
	}
}

/* Runs of blanks as one, none at the ends or beside a delimiter: what may differ without meaning
 * anything. */
static void squeeze(struct str s, struct strbuf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		bool after = out->n && delim(out->s[out->n - 1]);
		if (!blank(s.p[i])) {
			if (delim(s.p[i]) && out->n && out->s[out->n - 1] == ' ')
				strbuf_truncate(out, out->n - 1);
			strbuf_addc(out, s.p[i]);
		} else if (out->n && !after) {
			strbuf_addc(out, ' ');
		}
	}
	if (out->n && out->s[out->n - 1] == ' ')
		strbuf_truncate(out, out->n - 1);
}

static void assert_expands(struct given *g, size_t n, const char *text, const char *expected)
{
	struct strbuf got = STRBUF_INIT;
	squeeze(expand(g, n, str_of(text)), &got);
	assert_string_equal(got.s, expected);
	strbuf_release(&got);
}

static void words_between_delimiters_are_replaced(void **state)
{
	struct given g[] = { { STR("shells"), { STR("bash"), STR("sh") }, 2, false } };
	(void)state;
	assert_expands(g, 1, "x in (shells)", "x in(bash,sh)");
	assert_true(g[0].used);
	assert_expands(g, 1, "x in (a,shells)", "x in(a,bash,sh)");
	assert_expands(g, 1, "x=shells", "x=bash,sh");
	assert_expands(g, 1, "shells", "bash,sh");
}

static void parts_of_words_are_not(void **state)
{
	struct given g[] = { { STR("sh"), { STR("x") }, 1, false } };
	(void)state;
	assert_expands(g, 1, "p in (bash, sh2, /bin/sh, \"sh\")", "p in(bash,sh2,/bin/sh,\"sh\")");
	assert_false(g[0].used);
}

static void an_item_with_a_blank_is_quoted(void **state)
{
	struct given g[] = { { STR("l"), { STR("a b"), STR("\"c d\""), STR("'e f'") }, 3, false } };
	(void)state;
	assert_expands(g, 1, "x in (l)", "x in(\"a b\",\"c d\",'e f')");
}

static void an_empty_list_takes_a_comma_along(void **state)
{
	struct given g[] = { { STR("none"), { { NULL, 0 } }, 0, false } };
	(void)state;
	assert_expands(g, 1, "x in (none)", "x in()");
	assert_expands(g, 1, "x in (a, none, b)", "x in(a,b)");
	assert_expands(g, 1, "x in (none, b)", "x in(b)");
	assert_expands(g, 1, "x in (a, none)", "x in(a)");
}

static void a_list_brings_only_later_lists(void **state)
{
	struct given g[] = {
		{ STR("early"), { STR("late"), STR("one") }, 2, false },
		{ STR("late"), { STR("two"), STR("early") }, 2, false },
	};
	(void)state;
	assert_expands(g, 2, "x in (early)", "x in(two,early,one)");
	assert_true(g[1].used);
	g[0].used = g[1].used = false;
	assert_expands(g, 2, "x in (late)", "x in(two,early)");
	assert_false(g[0].used);
}

static void a_name_with_a_blank_is_found_too(void **state)
{
	struct given g[] = { { STR("test list"), { STR("a") }, 1, false } };
	(void)state;
	assert_expands(g, 1, "x in (test list)", "x in(a)");
	assert_true(g[0].used);
}

/* Small words, so that names meet often; the generator is ours, as results must not vary. */
static uint32_t next_random(uint32_t *s)
{
	*s = *s * 1664525u + 1013904223u;
	return *s >> 8;
}

static void one_walk_gives_what_the_definition_gives(void **state)
{
	static const char *const parts[] = { "a", "b", "c", "d", "ab", "x", "\"a\"", "a/b" };
	static const char *const gaps[] = { ",",     ", ",           " ,",
					    " ,\n ", ") and f in (", ") or f=a and g in ( " };
	uint32_t seed = 1;
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct given g[4];
		static const char *const names[] = { "a", "b", "c", "d" };
		struct strbuf text = STRBUF_INIT, got = STRBUF_INIT, want = STRBUF_INIT,
			      ref = STRBUF_INIT;
		for (size_t i = 0; i < 4; i++) {
			g[i] = (struct given){ .name = str_of(names[i]) };
			g[i].n = next_random(&seed) % 4;
			for (size_t k = 0; k < g[i].n; k++)
				g[i].items[k] = str_of(parts[next_random(&seed) % 4]);
		}
		strbuf_adds(&text, "f in (");
		for (unsigned i = next_random(&seed) % 8; i > 0; i--)
			strbuf_addf(
				&text, "%s%s",
				parts[next_random(&seed) % (sizeof(parts) / sizeof(parts[0]))],
				i > 1 ? gaps[next_random(&seed) % (sizeof(gaps) / sizeof(gaps[0]))]
				      : "");
		strbuf_addc(&text, ')');
		strbuf_addstr(&ref, strbuf_str(&text));
		reference(g, 4, &ref);
		squeeze(expand(g, 4, strbuf_str(&text)), &got);
		squeeze(strbuf_str(&ref), &want);
		if (strcmp(got.s, want.s) != 0)
			print_error("for '%s'\n", text.s);
		assert_string_equal(got.s, want.s);
		strbuf_release(&text);
		strbuf_release(&got);
		strbuf_release(&want);
		strbuf_release(&ref);
		arena_reset(&a);
	}
}

/* --- sharing -------------------------------------------------------------------------------- */

#define MANY 200

static struct list_expander *with_large_list(struct str *items, bool *used)
{
	struct list_expander *le = list_expander_new(&a);
	for (unsigned i = 0; i < MANY; i++)
		items[i] = str_of(arena_printf(&a, "item%u", i));
	list_expander_add(le, STR("large"), items, MANY, used);
	return le;
}

static void assert_shared_as_full(const char *text, bool expect_shared)
{
	struct str items[MANY], shared, full;
	struct condition_error err;
	bool used = false;
	struct list_expander *le = with_large_list(items, &used);
	struct strbuf x = STRBUF_INIT, y = STRBUF_INIT;
	size_t marks = 0;
	struct ast *n = NULL, *f;

	bool is_shared = list_expand_shared(le, str_of(text), &shared, &marks, NULL);
	if (is_shared) {
		n = condition_parse(shared, NULL, &a, &err, NULL);
		is_shared = n && list_fill_shared(le, n, marks);
	}
	assert_int_equal(is_shared, expect_shared);
	assert_true(list_expand(le, str_of(text), &full));
	f = condition_parse(full, NULL, &a, &err, NULL);
	if (is_shared) {
		assert_non_null(f);
		ast_text(n, &x);
		ast_text(f, &y);
		assert_string_equal(x.s, y.s);
	}
	strbuf_release(&x);
	strbuf_release(&y);
	list_expander_done(le);
}

static void a_shared_list_is_the_same_tree(void **state)
{
	(void)state;
	assert_shared_as_full("a.b in (large)", true);
	assert_shared_as_full("a.b in ( x, large , \"y z\") and c.d startswith oneof (large)",
			      true);
	assert_shared_as_full("a.b in (large, large)", true);
}

static void a_list_elsewhere_is_written_out(void **state)
{
	(void)state;
	assert_shared_as_full("a.b = large", false);
	assert_shared_as_full("a.b = \"x (large) y\"", false);
	assert_shared_as_full("(large) and a.b = c", false);
	assert_shared_as_full("a.b = c", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_between_delimiters_are_replaced),
		cmocka_unit_test(parts_of_words_are_not),
		cmocka_unit_test(an_item_with_a_blank_is_quoted),
		cmocka_unit_test(an_empty_list_takes_a_comma_along),
		cmocka_unit_test(a_list_brings_only_later_lists),
		cmocka_unit_test(a_name_with_a_blank_is_found_too),
		cmocka_unit_test(one_walk_gives_what_the_definition_gives),
		cmocka_unit_test(a_shared_list_is_the_same_tree),
		cmocka_unit_test(a_list_elsewhere_is_written_out),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	arena_destroy(&a);
	return r;
}
