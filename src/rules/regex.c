/* Regular expressions through PCRE2. See regex.h. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "rules/regex.h"

#include <pcre2.h>

#include "base/text.h"
#include "base/xalloc.h"

#define PATTERN_MAX   65536
#define WORKSPACE     32768  /* ints, of the DFA matcher: room for some ten thousand states */
#define MATCH_LIMIT   200000 /* steps of one match */
#define HEAP_LIMIT_KB 4096

struct regex {
	pcre2_code *code;
};

struct regex_scratch {
	pcre2_match_context *limits;
	pcre2_match_data *data;
	struct strbuf utf8;
	uint64_t given_up;
	int workspace[WORKSPACE];
};

/* Position of the ']' that ends the bracket expression at p[i]; the end of p when none does. */
static size_t skip_bracket(struct str p, size_t i)
{
	i++;
	if (i < p.n && p.p[i] == '^')
		i++;
	if (i < p.n && p.p[i] == ']')
		i++;
	while (i < p.n && p.p[i] != ']') {
		if (p.p[i] == '\\') {
			i++;
		} else if (p.p[i] == '[' && i + 1 < p.n && p.p[i + 1] == ':') {
			ptrdiff_t end = str_find(str_from(p, i), STR(":]"));

			i += end > 0 ? (size_t)end + 1 : 0;
		}
		i++;
	}
	return i;
}

/*
 * What PCRE2 knows beyond regular languages, or beyond RE2: groups that are more than groups,
 * backtracking verbs, possessive repetition, back references. NULL when there is none.
 */
static const char *unsupported(struct str p)
{
	bool repeated = false; /* the last thing was a repetition operator */
	size_t i;

	for (i = 0; i < p.n; i++) {
		char c = p.p[i], next = i + 1 < p.n ? p.p[i + 1] : '\0';
		bool again = repeated;

		repeated = c == '*' || c == '+' || c == '?' || c == '}';
		if (c == '\\') {
			if ((next >= '0' && next <= '9') || (next && strchr("CgkKGRXEQNoc", next)))
				return "back references and PCRE escapes are not part of the syntax";
			i++;
		} else if (c == '[') {
			i = skip_bracket(p, i);
		} else if (again && (c == '+' || c == '*')) {
			return "repetition of a repetition: put the inner one in parentheses";
		} else if (c == '(' && next == '*') {
			return "no argument for repetition operator: *";
		} else if (c == '(' && next == '?') {
			if (i + 2 >= p.n || p.p[i + 2] != ':')
				return "groups that begin with (? are not part of the syntax";
			i += 2;
		}
	}
	return NULL;
}

#define COMPILE_TO_MATCH (PCRE2_ANCHORED | PCRE2_UTF)
#define COMPILE_TO_FIND  0

static struct regex *compile(struct str pattern, uint32_t options, struct arena *a,
			     const char **ret_error)
{
	pcre2_compile_context *ctx;
	struct strbuf utf8 = STRBUF_INIT;
	struct regex *re = NULL;
	const char *wrong = NULL;
	pcre2_code *code;
	PCRE2_SIZE at;
	int err;

	if (pattern.n > PATTERN_MAX)
		wrong = "the expression is longer than 64 KiB";
	else
		wrong = unsupported(pattern);
	if (wrong) {
		*ret_error = arena_printf(a, "invalid regular expression '%.*s': %s",
					  STR_FMT(pattern), wrong);
		return NULL;
	}
	ctx = pcre2_compile_context_create(NULL);
	if (!ctx)
		abort();
	pcre2_set_newline(ctx, PCRE2_NEWLINE_LF);
	utf8_sanitise(&utf8, pattern);
	code = pcre2_compile((PCRE2_SPTR)utf8.s, utf8.n,
			     options | PCRE2_MULTILINE | PCRE2_NO_AUTO_CAPTURE |
				     PCRE2_NEVER_BACKSLASH_C,
			     &err, &at, ctx);
	if (code) {
		re = xcalloc(1, sizeof(*re));
		re->code = code;
	} else {
		PCRE2_UCHAR text[256];

		pcre2_get_error_message(err, text, sizeof(text));
		*ret_error = arena_printf(a, "invalid regular expression '%.*s': %s at offset %zu",
					  STR_FMT(pattern), (const char *)text, (size_t)at);
	}
	pcre2_compile_context_free(ctx);
	strbuf_release(&utf8);
	return re;
}

struct regex *regex_new(struct str pattern, struct arena *a, const char **ret_error)
{
	return compile(pattern, COMPILE_TO_MATCH, a, ret_error);
}

struct regex *regex_new_to_find(struct str pattern, struct arena *a, const char **ret_error)
{
	return compile(pattern, COMPILE_TO_FIND, a, ret_error);
}

void regex_free(struct regex *re)
{
	if (!re)
		return;
	pcre2_code_free(re->code);
	free(re);
}

struct regex_scratch *regex_scratch_new(void)
{
	struct regex_scratch *s = xcalloc(1, sizeof(*s));

	strbuf_init(&s->utf8);
	s->limits = pcre2_match_context_create(NULL);
	s->data = pcre2_match_data_create(1, NULL);
	if (!s->limits || !s->data)
		abort();
	pcre2_set_match_limit(s->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(s->limits, 250);
	pcre2_set_heap_limit(s->limits, HEAP_LIMIT_KB);
	return s;
}

void regex_scratch_free(struct regex_scratch *s)
{
	if (!s)
		return;
	pcre2_match_data_free(s->data);
	pcre2_match_context_free(s->limits);
	strbuf_release(&s->utf8);
	free(s);
}

bool regex_match(const struct regex *re, struct regex_scratch *s, struct str text)
{
	int rc;

	if (!utf8_valid(text)) {
		strbuf_reset(&s->utf8);
		utf8_sanitise(&s->utf8, text);
		text = strbuf_str(&s->utf8);
	}
	rc = pcre2_dfa_match(re->code, (PCRE2_SPTR)(text.n ? text.p : ""), text.n, 0,
			     PCRE2_NO_UTF_CHECK, s->data, s->limits, s->workspace, WORKSPACE);
	/* The DFA matcher gives the longest match first: it is the whole text, or nothing is. */
	if (rc >= 0)
		return pcre2_get_ovector_pointer(s->data)[1] == text.n;
	if (rc != PCRE2_ERROR_NOMATCH)
		s->given_up++;
	return false;
}

int regex_find(const struct regex *re, struct regex_scratch *s, struct str text, size_t from,
	       size_t *ret_from, size_t *ret_to)
{
	const PCRE2_SIZE *at;
	int rc;

	if (from > text.n)
		return 0;
	rc = pcre2_dfa_match(re->code, (PCRE2_SPTR)(text.n ? text.p : ""), text.n, from,
			     PCRE2_NOTEMPTY, s->data, s->limits, s->workspace, WORKSPACE);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc < 0) {
		s->given_up++;
		return -1;
	}
	at = pcre2_get_ovector_pointer(s->data);
	*ret_from = at[0];
	*ret_to = at[1];
	return 1;
}

uint64_t regex_given_up(const struct regex_scratch *s)
{
	return s->given_up;
}

/* Cuts ".*", ".+" or ".?" off one end. */
static struct str cut_wildcard(struct str s, bool front)
{
	static const struct str wild[] = { { ".*", 2 }, { ".+", 2 }, { ".?", 2 } };
	size_t i;

	for (i = 0; i < 3; i++) {
		if (front && str_starts(s, wild[i]))
			return str_from(s, 2);
		if (!front && str_ends(s, wild[i]))
			return (struct str){ s.p, s.n - 2 };
	}
	return s;
}

bool regex_is_trivial(struct str p)
{
	size_t i;

	if (p.n && p.p[0] == '^')
		p = str_from(p, 1);
	if (p.n && p.p[p.n - 1] == '$')
		p.n--;
	p = cut_wildcard(cut_wildcard(p, true), false);
	for (i = 0; i < p.n; i++)
		if (strchr("\\^$.|?*+()[]{}", p.p[i]))
			return false;
	return true;
}
