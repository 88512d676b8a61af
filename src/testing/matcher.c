/* What a test expects of a value; see matcher.h. */
#include "testing/matcher.h"

#include <math.h>
#include <stdlib.h>

#include "base/glob.h"
#include "base/json_writer.h"

static const struct {
	const char *word;
	enum matcher_argument argument;
} rows[MATCHER_N] = {
#define MATCHER(name, word, arg) { word, MATCHER_ARG_##arg },
#include "testing/matcher_list.def"
#undef MATCHER
};

const char *matcher_word(unsigned kind)
{
	return rows[kind].word;
}

enum matcher_argument matcher_argument(unsigned kind)
{
	return rows[kind].argument;
}

int matcher_by_word(struct str word)
{
	for (int i = 0; i < MATCHER_N; i++)
		if (str_eqz(word, rows[i].word))
			return i;
	return -1;
}

void matcher_words(struct strbuf *out)
{
	for (int i = 0; i < MATCHER_N; i++)
		strbuf_addf(out, "%s%s", i ? ", " : "", rows[i].word);
}

bool matcher_number(struct str text, long double *ret)
{
	char buf[64], *end;
	long double v;

	if (!text.n || text.n >= sizeof(buf) || memchr(text.p, '\0', text.n))
		return false;
	memcpy(buf, text.p, text.n);
	buf[text.n] = '\0';
	/* strtold would skip blanks, and knows "nan" and "infinity". */
	if (!strchr("+-.0123456789", buf[0]))
		return false;
	v = strtold(buf, &end);
	if (*end || isnan(v) || isinf(v))
		return false;
	*ret = v;
	return true;
}

static bool one_of(const struct matcher *m, struct str value)
{
	for (size_t i = 0; i < m->n_items; i++)
		if (str_eq(m->items[i], value))
			return true;
	return false;
}

static bool compare(const struct matcher *m, struct str value)
{
	long double v;

	if (!matcher_number(value, &v))
		return false;
	switch (m->kind) {
	case MATCHER_GT:
		return v > m->number;
	case MATCHER_GE:
		return v >= m->number;
	case MATCHER_LT:
		return v < m->number;
	default:
		return v <= m->number;
	}
}

bool matcher_accepts(const struct matcher *m, bool present, struct str value,
		     struct regex_scratch *scratch)
{
	if (m->kind == MATCHER_ABSENT)
		return present != m->missing;
	if (m->kind == MATCHER_EQUALS && m->missing)
		return !present;
	if (m->kind == MATCHER_NOT && m->missing)
		return present;
	if (!present)
		return m->kind == MATCHER_NOT;
	switch ((enum matcher_kind)m->kind) {
	case MATCHER_EQUALS:
		return str_eq(value, m->text);
	case MATCHER_NOT:
		return !str_eq(value, m->text);
	case MATCHER_IN:
		return one_of(m, value);
	case MATCHER_CONTAINS:
		return str_find(value, m->text) >= 0;
	case MATCHER_STARTSWITH:
		return str_starts(value, m->text);
	case MATCHER_ENDSWITH:
		return str_ends(value, m->text);
	case MATCHER_GLOB:
		return glob_match(m->text, value, false);
	case MATCHER_REGEX:
		return regex_match(m->regex, scratch, value);
	case MATCHER_GT:
	case MATCHER_GE:
	case MATCHER_LT:
	case MATCHER_LE:
		return compare(m, value);
	case MATCHER_LEN:
		return value.n == m->length;
	case MATCHER_ABSENT:
	case MATCHER_N:
		break;
	}
	return false;
}

void matcher_text(const struct matcher *m, struct strbuf *out)
{
	if (m->kind == MATCHER_ABSENT) {
		strbuf_adds(out, m->missing ? "no value" : "any value");
		return;
	}
	if (m->kind != MATCHER_EQUALS) {
		strbuf_adds(out, rows[m->kind].word);
		strbuf_addc(out, ' ');
	}
	if (m->kind == MATCHER_IN) {
		for (size_t i = 0; i < m->n_items; i++) {
			strbuf_adds(out, i ? ", " : "(");
			json_escape(out, m->items[i]);
		}
		strbuf_addc(out, ')');
	} else if (m->missing) {
		strbuf_adds(out, "no value");
	} else if (rows[m->kind].argument == MATCHER_ARG_NUMBER ||
		   rows[m->kind].argument == MATCHER_ARG_LENGTH) {
		strbuf_addstr(out, m->text);
	} else {
		json_escape(out, m->text);
	}
}
