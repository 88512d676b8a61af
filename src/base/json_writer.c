#include "base/json_writer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/timefmt.h"

void json_init(struct json_writer *w, struct strbuf *out)
{
	*w = (struct json_writer){ .out = out, .comma = ", ", .colon = ": " };
	w->first[0] = true;
}

/* What comes before a value: a comma, unless it is the first or follows its key. */
static void begin_value(struct json_writer *w)
{
	if (w->after_key)
		w->after_key = false;
	else if (w->first[w->depth])
		w->first[w->depth] = false;
	else
		strbuf_adds(w->out, w->comma);
}

static void open_level(struct json_writer *w, char c)
{
	begin_value(w);
	strbuf_addc(w->out, c);
	assert(w->depth + 1 < JSON_MAX_DEPTH);
	w->first[++w->depth] = true;
}

static void close_level(struct json_writer *w, char c)
{
	assert(w->depth > 0);
	w->depth--;
	strbuf_addc(w->out, c);
}

void json_begin_object(struct json_writer *w)
{
	open_level(w, '{');
}

void json_end_object(struct json_writer *w)
{
	close_level(w, '}');
}

void json_begin_array(struct json_writer *w)
{
	open_level(w, '[');
}

void json_end_array(struct json_writer *w)
{
	close_level(w, ']');
}

void json_key_str(struct json_writer *w, struct str key)
{
	begin_value(w);
	json_escape(w->out, key);
	strbuf_adds(w->out, w->colon);
	w->after_key = true;
}

void json_key_make(struct strbuf *out, struct str key)
{
	strbuf_adds(out, ", ");
	json_escape(out, key);
	strbuf_adds(out, ": ");
}

void json_key_made(struct json_writer *w, struct str made)
{
	bool first = w->first[w->depth];

	w->first[w->depth] = false;
	w->after_key = true;
	strbuf_addstr(w->out, str_from(made, first ? 2 : 0));
}

void json_key(struct json_writer *w, const char *key)
{
	json_key_str(w, str_of(key));
}

void json_str(struct json_writer *w, struct str s)
{
	begin_value(w);
	json_escape(w->out, s);
}

void json_strz(struct json_writer *w, const char *z)
{
	json_str(w, str_of(z));
}

void json_i64(struct json_writer *w, int64_t v)
{
	begin_value(w);
	strbuf_addi(w->out, v);
}

void json_u64(struct json_writer *w, uint64_t v)
{
	begin_value(w);
	strbuf_addu(w->out, v);
}

void json_double(struct json_writer *w, double v)
{
	char buf[40];

	begin_value(w);
	if (!isfinite(v)) {
		strbuf_adds(w->out, "null");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(buf, sizeof(buf), "%.*g", digits, v);
		if (strtod(buf, NULL) == v)
			break;
	}
	strbuf_adds(w->out, buf);
	if (!strpbrk(buf, ".e"))
		strbuf_adds(w->out, ".0");
}

void json_bool(struct json_writer *w, bool v)
{
	begin_value(w);
	strbuf_adds(w->out, v ? "true" : "false");
}

void json_nil(struct json_writer *w)
{
	begin_value(w);
	strbuf_adds(w->out, "null");
}

void json_raw(struct json_writer *w, struct str s)
{
	begin_value(w);
	strbuf_addstr(w->out, s);
}

static void escape(struct strbuf *out, struct str s, bool replace_control)
{
	size_t i = 0;

	if (s.n && text_plain_run_json(s.p, s.n) == s.n) {
		char *q = strbuf_reserve(out, s.n + 2);

		q[0] = '"';
		out->n++;
		strbuf_add(out, s.p, s.n);
		strbuf_addc(out, '"');
		return;
	}
	strbuf_addc(out, '"');
	while (i < s.n) {
		size_t run = text_plain_run_json(s.p + i, s.n - i);
		unsigned char c;
		unsigned len;

		strbuf_add(out, s.p + i, run);
		i += run;
		if (i == s.n)
			break;
		c = (unsigned char)s.p[i];
		len = utf8_len(s.p + i, s.n - i);
		if (c == '"' || c == '\\') {
			strbuf_addc(out, '\\');
			strbuf_addc(out, (char)c);
		} else if (!len || (replace_control && (c < 0x20 || c == 0x7f)))
			strbuf_adds(out, "\xef\xbf\xbd");
		else if (c == '\n')
			strbuf_adds(out, "\\n");
		else if (c == '\r')
			strbuf_adds(out, "\\r");
		else if (c == '\t')
			strbuf_adds(out, "\\t");
		else if (c == '\b')
			strbuf_adds(out, "\\b");
		else if (c == '\f')
			strbuf_adds(out, "\\f");
		else if (c < 0x20 || c == 0x7f)
			strbuf_addf(out, "\\u%04x", c);
		else
			strbuf_add(out, s.p + i, len);
		i += len ? len : 1;
	}
	strbuf_addc(out, '"');
}

void json_escape(struct strbuf *out, struct str s)
{
	escape(out, s, false);
}

void json_str_replaced(struct json_writer *w, struct str s)
{
	begin_value(w);
	escape(w->out, s, true);
}

void json_member_str(struct json_writer *w, const char *key, struct str value)
{
	json_key(w, key);
	json_str(w, value);
}

void json_member_u64(struct json_writer *w, const char *key, uint64_t value)
{
	json_key(w, key);
	json_u64(w, value);
}

void json_member_time(struct json_writer *w, const char *key, uint64_t ns)
{
	struct strbuf text = STRBUF_INIT;

	time_iso8601(&text, ns, "Z");
	json_member_str(w, key, strbuf_str(&text));
	strbuf_release(&text);
}

void json_optional_str(struct json_writer *w, const char *key, struct str value)
{
	if (value.n)
		json_member_str(w, key, value);
}

void json_optional_u64(struct json_writer *w, const char *key, uint64_t value)
{
	if (value)
		json_member_u64(w, key, value);
}

void json_optional_time(struct json_writer *w, const char *key, uint64_t ns)
{
	if (ns)
		json_member_time(w, key, ns);
}
