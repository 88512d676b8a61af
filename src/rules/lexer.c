/* The tokens of a condition. See lexer.h. */
#include "rules/lexer.h"

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool lexer_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\b' || c == '\r' || c == '\n';
}

bool lexer_is_bare(char c)
{
	return c != '(' && c != ')' && c != '"' && c != '\'' && c != '=' && c != ',' && c != '\0' &&
	       !is_space(c);
}

bool lexer_is_bare_arg(char c)
{
	return c != '[' && c != ']' && c != '"' && c != '\'' && c != '\0' && !is_space(c);
}

void lexer_init(struct lexer *lx, struct str text)
{
	*lx = (struct lexer){ .text = text, .pos = { 0, 1, 1 }, .last = { "", 0 } };
}

char lexer_peek(const struct lexer *lx, size_t ahead)
{
	return lx->text.n - lx->pos.idx > ahead ? lx->text.p[lx->pos.idx + ahead] : '\0';
}

bool lexer_at_end(const struct lexer *lx)
{
	return lx->pos.idx == lx->text.n;
}

void lexer_skip(struct lexer *lx, size_t n)
{
	for (; n > 0; n--) {
		if (lx->text.p[lx->pos.idx++] == '\n') {
			lx->pos.line++;
			lx->pos.col = 1;
		} else {
			lx->pos.col++;
		}
	}
}

static bool take(struct lexer *lx, size_t n, struct str *ret)
{
	if (n == 0)
		return false;
	lx->last = (struct str){ lx->text.p + lx->pos.idx, n };
	if (ret)
		*ret = lx->last;
	lexer_skip(lx, n);
	return true;
}

bool lexer_blank(struct lexer *lx)
{
	size_t n = 0;

	while (lexer_is_blank(lexer_peek(lx, n)))
		n++;
	lexer_skip(lx, n);
	return n > 0;
}

bool lexer_char(struct lexer *lx, char c)
{
	return lexer_peek(lx, 0) == c && take(lx, 1, NULL);
}

static bool word_here(const struct lexer *lx, struct str word)
{
	return str_starts(str_from(lx->text, lx->pos.idx), word);
}

bool lexer_word_blank(struct lexer *lx, struct str word)
{
	return word_here(lx, word) && lexer_is_blank(lexer_peek(lx, word.n)) &&
	       take(lx, word.n, NULL);
}

/* Length of an identifier `from` bytes ahead. */
static size_t ident_len(const struct lexer *lx, size_t from)
{
	size_t n = from;

	if (!is_alpha(lexer_peek(lx, n)))
		return 0;
	while (is_alpha(lexer_peek(lx, n)) || is_digit(lexer_peek(lx, n)) ||
	       lexer_peek(lx, n) == '_')
		n++;
	return n - from;
}

bool lexer_ident(struct lexer *lx, struct str *ret)
{
	return take(lx, ident_len(lx, 0), ret);
}

bool lexer_field(struct lexer *lx, struct str *ret)
{
	size_t n = ident_len(lx, 0), more;
	bool dotted = false;

	if (n == 0)
		return false;
	while (lexer_peek(lx, n) == '.' && (more = ident_len(lx, n + 1)) > 0) {
		n += 1 + more;
		dotted = true;
	}
	return dotted && take(lx, n, ret);
}

bool lexer_call(struct lexer *lx, struct str *ret)
{
	size_t n = ident_len(lx, 0);
	struct str name = { lx->text.p + lx->pos.idx, n };

	if (n == 0 || lexer_peek(lx, n) != '(' ||
	    !(condition_is_transformer(name) || str_eq(name, STR("val"))))
		return false;
	take(lx, n, ret);
	lexer_skip(lx, 1);
	return true;
}

bool lexer_bare(struct lexer *lx, struct str *ret)
{
	size_t n = 0;

	while (lexer_is_bare(lexer_peek(lx, n)))
		n++;
	return take(lx, n, ret);
}

bool lexer_bare_arg(struct lexer *lx, struct str *ret)
{
	size_t n = 0;

	while (lexer_is_bare_arg(lexer_peek(lx, n)))
		n++;
	return take(lx, n, ret);
}

bool lexer_quoted(struct lexer *lx, struct str *ret)
{
	struct str s = str_from(lx->text, lx->pos.idx);
	size_t n;

	if (s.n == 0 || (s.p[0] != '"' && s.p[0] != '\''))
		return false;
	for (n = 1; n < s.n; n++)
		if (s.p[n] == s.p[0] && s.p[n - 1] != '\\')
			return take(lx, n + 1, ret);
	return false;
}

bool lexer_number(struct lexer *lx, struct str *ret)
{
	size_t n = 0, e;

	if (lexer_peek(lx, 0) == '0' && (lexer_peek(lx, 1) == 'x' || lexer_peek(lx, 1) == 'X') &&
	    is_hex(lexer_peek(lx, 2))) {
		for (n = 2; is_hex(lexer_peek(lx, n)); n++)
			;
		return take(lx, n, ret);
	}
	if (lexer_peek(lx, 0) == '+' || lexer_peek(lx, 0) == '-')
		n++;
	if (!is_digit(lexer_peek(lx, n)))
		return false;
	while (is_digit(lexer_peek(lx, n)))
		n++;
	if (lexer_peek(lx, n) == '.')
		n++;
	while (is_digit(lexer_peek(lx, n)))
		n++;
	e = n;
	if (lexer_peek(lx, e) == 'e' || lexer_peek(lx, e) == 'E') {
		e++;
		if (lexer_peek(lx, e) == '+' || lexer_peek(lx, e) == '-') {
			e++;
			if (is_digit(lexer_peek(lx, e))) {
				while (is_digit(lexer_peek(lx, e)))
					e++;
				n = e;
			}
		}
	}
	return take(lx, n, ret);
}
