/* JSON text as a flat tree: see json_tree.h. */
#include "base/json_tree.h"

#include <string.h>

struct parser {
	struct json_tree *t;
	const char *begin, *p, *end;
	uint32_t open[JSON_TREE_DEPTH]; /* containers not yet closed */
	unsigned depth;
};

static bool fail(struct parser *ps, const char *error)
{
	ps->t->error = error;
	ps->t->error_at = (size_t)(ps->p - ps->begin);
	return false;
}

static void blanks(struct parser *ps)
{
	while (ps->p < ps->end &&
	       (*ps->p == ' ' || *ps->p == '\t' || *ps->p == '\n' || *ps->p == '\r'))
		ps->p++;
}

static bool hex4(const char *p, const char *end, unsigned *ret)
{
	unsigned v = 0;

	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = p[i];

		v <<= 4;
		if (c >= '0' && c <= '9')
			v |= (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v |= (unsigned)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	*ret = v;
	return true;
}

/* Behind the opening quote; up to and with the closing one. */
static bool string(struct parser *ps, struct str *ret, bool *ret_escaped)
{
	const char *from = ps->p;
	unsigned v;

	*ret_escaped = false;
	while (ps->p < ps->end && *ps->p != '"') {
		if (*ps->p++ != '\\')
			continue;
		*ret_escaped = true;
		if (ps->p == ps->end)
			break;
		if (*ps->p == 'u' && ps->end - ps->p < 5) {
			ps->p = ps->end;
			break;
		}
		if (!*ps->p || !strchr("\"\\/bfnrtu", *ps->p) ||
		    (*ps->p == 'u' && !hex4(ps->p + 1, ps->end, &v)))
			return fail(ps,
				    "a backslash with something behind it that it cannot escape");
		ps->p += *ps->p == 'u' ? 5 : 1;
	}
	if (ps->p == ps->end)
		return fail(ps, "the text ends inside a string");
	*ret = str_mem(from, (size_t)(ps->p - from));
	ps->p++;
	return true;
}

static bool digits(struct parser *ps)
{
	const char *from = ps->p;

	while (ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9')
		ps->p++;
	return ps->p > from;
}

static bool number(struct parser *ps, struct str *ret)
{
	const char *from = ps->p;
	bool good;

	if (*ps->p == '-')
		ps->p++;
	if (ps->p < ps->end && *ps->p == '0') {
		ps->p++;
		good = true;
	} else {
		good = digits(ps);
	}
	if (good && ps->p < ps->end && *ps->p == '.') {
		ps->p++;
		good = digits(ps);
	}
	if (good && ps->p < ps->end && (*ps->p | 0x20) == 'e') {
		ps->p++;
		if (ps->p < ps->end && (*ps->p == '+' || *ps->p == '-'))
			ps->p++;
		good = digits(ps);
	}
	if (!good)
		return fail(ps, ps->p == ps->end ? "the text ends inside a number"
						 : "a number is malformed");
	*ret = str_mem(from, (size_t)(ps->p - from));
	return true;
}

static bool word(struct parser *ps, struct json_node *n)
{
	static const struct {
		struct str text;
		enum json_kind kind;
	} words[] = {
		{ { "null", 4 }, JSON_KIND_NULL },
		{ { "true", 4 }, JSON_KIND_TRUE },
		{ { "false", 5 }, JSON_KIND_FALSE },
	};
	struct str rest = str_mem(ps->p, (size_t)(ps->end - ps->p));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_starts(rest, words[i].text)) {
			n->kind = (uint8_t)words[i].kind;
			n->raw = str_mem(ps->p, words[i].text.n);
			ps->p += words[i].text.n;
			return true;
		}
		if (str_starts(words[i].text, rest)) {
			ps->p = ps->end;
			return fail(ps, "the text ends inside a word");
		}
	}
	return fail(ps, "there is no value where one must be");
}

/* A scalar, or the opening of a container. */
static bool value(struct parser *ps, struct str key, bool key_escaped)
{
	struct json_node n = { .key = key, .key_escaped = key_escaped };
	bool good = true;

	blanks(ps);
	if (ps->p == ps->end)
		return fail(ps, "the text ends where a value must be");
	if (ps->t->nodes.n == JSON_TREE_VALUES)
		return fail(ps, "there are more than 1048576 values");
	n.end = (uint32_t)ps->t->nodes.n + 1;
	switch (*ps->p) {
	case '{':
	case '[':
		if (ps->depth == JSON_TREE_DEPTH)
			return fail(ps, "it is nested more than 256 deep");
		n.kind = *ps->p == '{' ? JSON_KIND_OBJECT : JSON_KIND_ARRAY;
		n.raw.p = ps->p++;
		ps->open[ps->depth++] = (uint32_t)ps->t->nodes.n;
		break;
	case '"':
		ps->p++;
		n.kind = JSON_KIND_STRING;
		good = string(ps, &n.raw, &n.escaped);
		break;
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		n.kind = JSON_KIND_NUMBER;
		good = number(ps, &n.raw);
		break;
	default:
		good = word(ps, &n);
	}
	if (good)
		vec_push(&ps->t->nodes, n);
	return good;
}

static struct json_node *innermost(struct parser *ps)
{
	return &ps->t->nodes.v[ps->open[ps->depth - 1]];
}

/* The next byte closes the innermost container. */
static bool closes(struct parser *ps)
{
	struct json_node *n = innermost(ps);

	if (*ps->p != (n->kind == JSON_KIND_OBJECT ? '}' : ']'))
		return false;
	ps->p++;
	n->raw.n = (size_t)(ps->p - n->raw.p);
	n->end = (uint32_t)ps->t->nodes.n;
	ps->depth--;
	return true;
}

/* The value of an element or member, with the key in front. */
static bool element(struct parser *ps)
{
	struct str key = STR("");
	bool escaped = false;

	if (innermost(ps)->kind == JSON_KIND_OBJECT) {
		blanks(ps);
		if (ps->p == ps->end)
			return fail(ps, "the text ends inside an object");
		if (*ps->p != '"')
			return fail(ps, "a member of an object must begin with its name in quotes");
		ps->p++;
		if (!string(ps, &key, &escaped))
			return false;
		blanks(ps);
		if (ps->p == ps->end)
			return fail(ps, "the text ends inside an object");
		if (*ps->p != ':')
			return fail(ps, "there must be a colon behind the name of a member");
		ps->p++;
	}
	return value(ps, key, escaped);
}

static bool parse(struct parser *ps)
{
	if (!value(ps, STR(""), false))
		return false;
	while (ps->depth) {
		blanks(ps);
		if (ps->p == ps->end)
			return fail(ps, "the text ends inside an array or object");
		if (closes(ps))
			continue;
		/* A container that has nothing in it yet is the last node. */
		if (ps->t->nodes.n != ps->open[ps->depth - 1] + 1) {
			if (*ps->p != ',')
				return fail(ps, "there must be a comma, or the end of the array or "
						"object");
			ps->p++;
		}
		if (!element(ps))
			return false;
	}
	blanks(ps);
	return ps->p == ps->end || fail(ps, "something stands behind the end of the value");
}

bool json_tree_parse(struct json_tree *t, struct str text)
{
	struct parser ps = { .t = t, .begin = text.p, .p = text.p };

	ps.end = text.n ? text.p + text.n : text.p;
	t->error = NULL;
	t->error_at = 0;
	t->nodes.n = 0;
	if (parse(&ps))
		return true;
	t->nodes.n = 0;
	return false;
}

void json_tree_free(struct json_tree *t)
{
	vec_free(&t->nodes);
}

const struct json_node *json_tree_root(const struct json_tree *t)
{
	return t->nodes.n ? &t->nodes.v[0] : NULL;
}

const struct json_node *json_first(const struct json_tree *t, const struct json_node *of)
{
	uint32_t at = (uint32_t)(of - t->nodes.v);

	return of->end > at + 1 ? of + 1 : NULL;
}

const struct json_node *json_next(const struct json_tree *t, const struct json_node *of,
				  const struct json_node *kid)
{
	return kid->end < of->end ? &t->nodes.v[kid->end] : NULL;
}

static bool key_is(const struct json_node *n, struct str key)
{
	struct strbuf sb = STRBUF_INIT;
	bool same;

	if (!n->key_escaped)
		return str_eq(n->key, key);
	json_unescape(n->key, &sb);
	same = str_eq(strbuf_str(&sb), key);
	strbuf_release(&sb);
	return same;
}

const struct json_node *json_member_of(const struct json_tree *t, const struct json_node *of,
				       struct str key)
{
	const struct json_node *n;

	if (of->kind != JSON_KIND_OBJECT)
		return NULL;
	for (n = json_first(t, of); n; n = json_next(t, of, n))
		if (key_is(n, key))
			return n;
	return NULL;
}

const struct json_node *json_element_of(const struct json_tree *t, const struct json_node *of,
					uint64_t i)
{
	const struct json_node *n;

	if (of->kind != JSON_KIND_ARRAY)
		return NULL;
	for (n = json_first(t, of); n && i; i--)
		n = json_next(t, of, n);
	return n;
}

static void add_utf8(struct strbuf *out, unsigned c)
{
	if (c < 0x80) {
		strbuf_addc(out, (char)c);
	} else if (c < 0x800) {
		strbuf_addc(out, (char)(0xc0 | c >> 6));
		strbuf_addc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		strbuf_addc(out, (char)(0xe0 | c >> 12));
		strbuf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		strbuf_addc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		strbuf_addc(out, (char)(0xf0 | c >> 18));
		strbuf_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		strbuf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		strbuf_addc(out, (char)(0x80 | (c & 0x3f)));
	}
}

/* Behind "\u"; half of a surrogate pair without the other is U+FFFD. */
static const char *unescape_unicode(const char *p, const char *end, struct strbuf *out)
{
	unsigned hi, lo;

	if (!hex4(p, end, &hi))
		return end;
	p += 4;
	if (hi >= 0xd800 && hi < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
	    hex4(p + 2, end, &lo) && lo >= 0xdc00 && lo < 0xe000) {
		add_utf8(out, 0x10000 + ((hi - 0xd800) << 10) + (lo - 0xdc00));
		return p + 6;
	}
	add_utf8(out, hi >= 0xd800 && hi < 0xe000 ? 0xfffd : hi);
	return p;
}

void json_unescape(struct str raw, struct strbuf *out)
{
	const char *p = raw.p, *end = raw.p + raw.n, *bs;

	while (p < end) {
		bs = memchr(p, '\\', (size_t)(end - p));
		if (!bs || bs + 1 == end) {
			strbuf_add(out, p, (size_t)(end - p));
			return;
		}
		strbuf_add(out, p, (size_t)(bs - p));
		p = bs + 2;
		switch (bs[1]) {
		case 'b':
			strbuf_addc(out, '\b');
			break;
		case 'f':
			strbuf_addc(out, '\f');
			break;
		case 'n':
			strbuf_addc(out, '\n');
			break;
		case 'r':
			strbuf_addc(out, '\r');
			break;
		case 't':
			strbuf_addc(out, '\t');
			break;
		case 'u':
			p = unescape_unicode(p, end, out);
			break;
		default:
			strbuf_addc(out, bs[1]);
		}
	}
}

struct str json_string_of(const struct json_node *n, struct arena *a)
{
	struct strbuf sb = STRBUF_INIT;
	struct str s;

	if (!n->escaped)
		return n->raw;
	json_unescape(n->raw, &sb);
	s = arena_str(a, strbuf_str(&sb));
	strbuf_release(&sb);
	return s;
}

/* The length of the string (with its quotes) or the run of other bytes that are copied as they are.
 */
static size_t verbatim(struct str s)
{
	size_t i = 1;

	if (s.p[0] == '"') {
		while (i < s.n && s.p[i] != '"')
			i += s.p[i] == '\\' ? 2 : 1;
		return i < s.n ? i + 1 : s.n;
	}
	while (i < s.n && !memchr(" \t\r\n\"{}[],:", s.p[i], 11))
		i++;
	return i;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void json_compact(struct str raw, struct strbuf *out)
{
	while (raw.n) {
		size_t n = 1;

		if (!is_blank(raw.p[0])) {
			n = verbatim(raw);
			strbuf_add(out, raw.p, n);
		}
		raw = str_from(raw, n);
	}
}

static void new_line(struct strbuf *out, unsigned depth)
{
	strbuf_addc(out, '\n');
	while (depth--)
		strbuf_adds(out, "  ");
}

void json_indent(struct str raw, struct strbuf *out)
{
	unsigned depth = 0;
	bool fresh = false; /* a container was opened, nothing is in it yet */

	while (raw.n) {
		char c = raw.p[0];
		size_t n = 1;

		if (is_blank(c)) {
			raw = str_from(raw, 1);
			continue;
		}
		if (c == '}' || c == ']') {
			depth -= depth > 0;
			if (!fresh)
				new_line(out, depth);
			fresh = false;
			strbuf_addc(out, c);
		} else {
			if (fresh)
				new_line(out, depth);
			fresh = c == '{' || c == '[';
			depth += fresh;
			if (c == '"' || !memchr("{}[],:", c, 6))
				n = verbatim(raw);
			strbuf_add(out, raw.p, n);
			if (c == ',')
				new_line(out, depth);
			else if (c == ':')
				strbuf_addc(out, ' ');
		}
		raw = str_from(raw, n);
	}
}
