/* Constants as they are written in a condition, and back. See condition.h. */
#include "rules/lexer.h"

#include "base/text.h"

/* What must stand in quotes so that the grammar reads it as one constant. */
static bool is_plain(struct str s)
{
	size_t i;

	if (s.n == 0)
		return false;
	for (i = 0; i < s.n; i++)
		if (!lexer_is_bare(s.p[i]) || (unsigned char)s.p[i] <= ' ')
			return false;
	return true;
}

/* The same as canonical text has it: brackets, '=' and ',' stay bare, and so does nothing at all.
 */
static bool is_plain_canonical(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '\'')
			return false;
	return true;
}

static bool is_plain_arg(struct str s)
{
	size_t i;

	if (s.n == 0)
		return false;
	for (i = 0; i < s.n; i++)
		if (!lexer_is_bare_arg(s.p[i]) || (unsigned char)s.p[i] <= ' ')
			return false;
	return true;
}

static void add_quoted(struct str s, struct strbuf *out)
{
	size_t i;

	strbuf_addc(out, '"');
	for (i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '\b':
			strbuf_adds(out, "\\b");
			break;
		case '\f':
			strbuf_adds(out, "\\f");
			break;
		case '\n':
			strbuf_adds(out, "\\n");
			break;
		case '\r':
			strbuf_adds(out, "\\r");
			break;
		case '\t':
			strbuf_adds(out, "\\t");
			break;
		case '"':
			strbuf_adds(out, "\\\"");
			break;
		case '\\':
			/* A backslash before the closing quote, also an escaped one, would hide it.
			 */
			strbuf_adds(out, i + 1 == s.n ? "\\x5c" : "\\\\");
			break;
		default:
			strbuf_addc(out, s.p[i]);
		}
	}
	strbuf_addc(out, '"');
}

void condition_quote(struct str value, struct strbuf *out)
{
	if (is_plain(value))
		strbuf_addstr(out, value);
	else
		add_quoted(value, out);
}

void condition_quote_canonical(struct str value, struct strbuf *out)
{
	if (is_plain_canonical(value))
		strbuf_addstr(out, value);
	else
		add_quoted(value, out);
}

void condition_quote_arg(struct str value, struct strbuf *out)
{
	if (is_plain_arg(value))
		strbuf_addstr(out, value);
	else
		add_quoted(value, out);
}

const char *condition_unquote(struct str text, struct strbuf *out)
{
	size_t i, end;
	char quote;

	if (text.n == 0 || (text.p[0] != '"' && text.p[0] != '\'')) {
		strbuf_addstr(out, text);
		return NULL;
	}
	quote = text.p[0];
	if (text.n < 2 || text.p[text.n - 1] != quote)
		return "the closing quote is missing";
	end = text.n - 1;
	for (i = 1; i < end; i++) {
		if (text.p[i] != '\\') {
			strbuf_addc(out, text.p[i]);
			continue;
		}
		if (++i == end)
			return "a backslash hides the closing quote";
		switch (text.p[i]) {
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
		case '\\':
			strbuf_addc(out, '\\');
			break;
		case '/':
			strbuf_addc(out, '/');
			break;
		case ' ':
			strbuf_addc(out, '\\');
			break;
		case '"':
		case '\'':
			if (text.p[i] != quote)
				return "only the enclosing quote can be escaped";
			strbuf_addc(out, quote);
			break;
		case 'x':
			if (end - i < 3 || hex_digit(text.p[i + 1]) < 0 ||
			    hex_digit(text.p[i + 2]) < 0)
				return "\\x needs two hexadecimal digits";
			strbuf_addc(out, (char)(hex_digit(text.p[i + 1]) << 4 |
						hex_digit(text.p[i + 2])));
			i += 2;
			break;
		default:
			return "unknown escape sequence; write \\\\ for a backslash";
		}
	}
	return NULL;
}
