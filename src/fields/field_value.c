/* Values: appending them, and their text and JSON; see field.h and types.json field_value_formats.
 */
#include "base/compiler.h"
#include "base/ipaddr.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "event/event_text.h"
#include "fields/field_extract.h"

struct value *values_add(struct values *out, const struct field_ref *ref)
{
	if (out->n == out->cap) {
		uint32_t cap = out->cap ? out->cap * 2 : 8;
		struct value *v = arena_alloc(out->arena, cap * sizeof(*v));
		if (out->n)
			memcpy(v, out->v, out->n * sizeof(*v));
		out->v = v;
		out->cap = cap;
	}
	struct value *v = &out->v[out->n++];
	*v = (struct value){ .type = ref->type, .format = ref->format };
	return v;
}

bool values_add_i(struct values *out, const struct field_ref *ref, int64_t v)
{
	values_add(out, ref)->i = v;
	return true;
}

bool values_add_u(struct values *out, const struct field_ref *ref, uint64_t v)
{
	values_add(out, ref)->u = v;
	return true;
}

bool values_add_str(struct values *out, const struct field_ref *ref, struct str s)
{
	values_add(out, ref)->s = s;
	return true;
}

bool values_add_istr(struct values *out, const struct field_ref *ref, const struct istr *s)
{
	struct value *v = values_add(out, ref);

	v->s = istr_str(s);
	v->istr = s;
	return true;
}

bool values_add_z(struct values *out, const struct field_ref *ref, const char *z)
{
	return values_add_str(out, ref, str_of(z));
}

static void integer_text(uint64_t u, bool negative, unsigned format, struct strbuf *out)
{
	char buf[24];
	size_t at = sizeof(buf);

	switch (format) {
	case PF_HEX:
		do
			buf[--at] = "0123456789ABCDEF"[u & 15];
		while (u >>= 4);
		strbuf_add(out, buf + at, sizeof(buf) - at);
		break;
	case PF_OCT:
		do
			buf[--at] = (char)('0' + (u & 7));
		while (u >>= 3);
		strbuf_add(out, buf + at, sizeof(buf) - at);
		break;
	case PF_10_PADDED_DEC:
		if (!negative) {
			strbuf_addu_pad(out, u, 9);
			break;
		}
		FALLTHROUGH;
	default:
		if (negative)
			strbuf_addi(out, (int64_t)u);
		else
			strbuf_addu(out, u);
	}
}

static void address_text(struct str s, struct strbuf *out)
{
	struct ipaddr a = { 0 };

	if (s.n != 4 && s.n != 16)
		return;
	a.n = (uint8_t)s.n;
	memcpy(a.b, s.p, s.n);
	ipaddr_text(&a, out);
}

static void bytes_text(struct str s, struct strbuf *out)
{
	buffer_text(s, &(struct event_text_options){ .buffer = BUFFER_DOTS }, out);
}

static bool is_decimal(const struct value *v)
{
	return v->format != PF_HEX && v->format != PF_OCT && v->format != PF_10_PADDED_DEC;
}

void value_text(const struct value *v, struct strbuf *out)
{
	if (param_type_is_signed(v->type) && is_decimal(v)) {
		strbuf_addi(out, v->i);
		return;
	}
	switch (v->type) {
	case PT_BOOL:
		strbuf_adds(out, v->u ? "true" : "false");
		return;
	case PT_DOUBLE:
		strbuf_addf(out, "%.1f", v->d);
		return;
	case PT_BYTEBUF:
		bytes_text(v->s, out);
		return;
	case PT_IPADDR:
	case PT_IPV4ADDR:
	case PT_IPV6ADDR:
		address_text(v->s, out);
		return;
	case PT_IPNET:
	case PT_IPV4NET:
	case PT_IPV6NET:
		strbuf_adds(out, "<IPNET>");
		return;
	case PT_SOCKADDR:
		sock_addr_text(v->s, out);
		return;
	case PT_SOCKTUPLE:
		sock_tuple_text(v->s, out);
		return;
	default:
		break;
	}
	if (param_type_is_signed(v->type))
		integer_text((uint64_t)v->i, v->i < 0, v->format, out);
	else if (param_type_is_int(v->type) || v->type == PT_RELTIME || v->type == PT_ABSTIME)
		integer_text(v->u, false, v->format, out);
	else
		strbuf_addstr(out, v->s);
}

void values_text(const struct field_ref *ref, const struct values *vals, struct strbuf *out)
{
	bool list = ref->def->flags & FIELD_LIST;

	if (list)
		strbuf_addc(out, '(');
	for (uint32_t i = 0; i < vals->n; i++) {
		if (i)
			strbuf_addc(out, list ? ',' : ' ');
		value_text(&vals->v[i], out);
	}
	if (list)
		strbuf_addc(out, ')');
}

/* What has no form in JSON but its text. */
static void other_json(const struct value *v, struct json_writer *w)
{
	struct strbuf text = STRBUF_INIT;

	value_text(v, &text);
	json_str(w, strbuf_str(&text));
	strbuf_release(&text);
}

static void value_json(const struct value *v, struct json_writer *w)
{
	if (v->time) {
		json_u64(w, v->time);
		return;
	}
	switch (v->type) {
	case PT_BOOL:
		json_bool(w, v->u != 0);
		return;
	case PT_DOUBLE:
		if (v->format == PF_DEC)
			json_i64(w, (int64_t)v->d);
		else
			json_double(w, v->d);
		return;
	case PT_CHARBUF:
	case PT_FSPATH:
	case PT_FSRELPATH:
		/* As from Falco, each control character is U+FFFD, like a byte that is not UTF-8.
		 */
		json_str_replaced(w, v->s);
		return;
	default:
		break;
	}
	if (v->format != PF_HEX && v->format != PF_OCT) {
		if (param_type_is_signed(v->type)) {
			json_i64(w, v->i);
			return;
		}
		if (param_type_is_int(v->type) || v->type == PT_RELTIME || v->type == PT_ABSTIME) {
			json_u64(w, v->u);
			return;
		}
	}
	other_json(v, w);
}

void values_text_escaped(const struct field_ref *ref, const struct values *vals, struct strbuf *out,
			 struct strbuf *scratch)
{
	if (vals->n == 1 && !(ref->def->flags & FIELD_LIST)) {
		const struct value *v = &vals->v[0];

		if (param_type_is_text(v->type)) {
			text_escape(out, v->s);
			return;
		}
		if (param_type_is_int(v->type)) {
			value_text(v, out);
			return;
		}
	}
	strbuf_reset(scratch);
	values_text(ref, vals, scratch);
	text_escape(out, strbuf_str(scratch));
}

void values_json(const struct field_ref *ref, const struct values *vals, struct json_writer *w)
{
	struct strbuf text;

	if (ref->def->flags & FIELD_LIST) {
		json_begin_array(w);
		for (uint32_t i = 0; i < vals->n; i++)
			value_json(&vals->v[i], w);
		json_end_array(w);
	} else if (vals->n == 1) {
		value_json(&vals->v[0], w);
	} else if (vals->n == 0) {
		json_nil(w);
	} else {
		strbuf_init(&text);
		values_text(ref, vals, &text);
		json_str(w, strbuf_str(&text));
		strbuf_release(&text);
	}
}
