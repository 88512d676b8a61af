#include "trace/script_value.h"

#include "base/text.h"
#include "trace/script_text.h"

/* Families in the first byte of addresses (types.json). */
enum { FAMILY_UNIX = 1, FAMILY_INET = 2, FAMILY_INET6 = 10 };

static void add_le(struct strbuf *out, uint64_t v, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		strbuf_addc(out, (char)(v >> 8 * i));
}

static uint64_t get_le(struct str s)
{
	uint64_t v = 0;

	for (size_t i = s.n; i; i--)
		v = v << 8 | (uint8_t)s.p[i - 1];
	return v;
}

/* Mostly bytes that a person can read. */
static bool is_readable(struct str s)
{
	size_t printable = 0;

	for (size_t i = 0; i < s.n; i++)
		printable += (uint8_t)s.p[i] >= 0x20 && s.p[i] != 0x7f;
	return printable * 4 >= s.n * 3 && printable > 0;
}

/* ---- flags */

static const char *flag_name_at(const void *arg, size_t i)
{
	const struct flag_table *t = arg;

	return i < t->n ? t->rows[i].name : NULL;
}

static const char *unknown_name(struct str name, const char *what, const char *nearest,
				struct strbuf *why)
{
	strbuf_addf(why, "unknown %s \"%.*s\"", what, STR_FMT(name));
	if (nearest)
		strbuf_addf(why, "; did you mean \"%s\"?", nearest);
	return why->s;
}

const char *script_flags_parse(const struct flag_table *t, struct str word, unsigned size,
			       uint64_t *ret, struct strbuf *why)
{
	struct str piece;
	uint64_t all = 0;

	while (str_split(&word, '|', &piece)) {
		uint32_t v;
		uint64_t n;

		if (flag_value(t, piece, &v))
			all |= v;
		else if (script_number(piece, size, &n))
			all |= n;
		else
			return unknown_name(piece, "flag", script_nearest(piece, flag_name_at, t),
					    why);
	}
	if (size < 8 && all >> 8 * size)
		return "the flag does not fit the parameter";
	*ret = all;
	return NULL;
}

void script_flags_print(const struct flag_table *t, uint32_t value, bool single, struct strbuf *out)
{
	uint32_t left = value;
	bool any = false;

	for (size_t i = 0; i < t->n; i++) {
		uint32_t row = t->rows[i].value;

		if (single || value == 0 ? row != value : !row || (left & row) != row)
			continue;
		strbuf_addf(out, any ? "|%s" : "%s", t->rows[i].name);
		any = true;
		left &= ~row;
		if (single || value == 0)
			return;
	}
	if (left)
		strbuf_addf(out, any ? "|0x%x" : "0x%x", left);
	else if (!any)
		strbuf_addc(out, '0');
}

/* ---- numbers */

struct number_name {
	int number;
	const char *name;
};

static const struct number_name errnos[] = {
#define ERRNO(number, name) { number, name },
#include "event/errno_list.def"
#undef ERRNO
	{ 0, NULL },
};

static const struct number_name signals[] = {
#define SIGNAL(number, name) { number, name },
#include "event/signal_list.def"
#undef SIGNAL
	{ 0, NULL },
};

static const char *number_name_at(const void *arg, size_t i)
{
	return ((const struct number_name *)arg)[i].name;
}

static bool number_by_name(const struct number_name *t, struct str name, uint64_t *ret)
{
	for (; t->name; t++)
		if (str_eqz(name, t->name)) {
			*ret = (uint64_t)t->number;
			return true;
		}
	return false;
}

static bool is_result(unsigned type)
{
	return type == PT_ERRNO || type == PT_FD || type == PT_FD32 || type == PT_PID;
}

static bool is_single(unsigned type)
{
	return type == PT_ENUMFLAGS8 || type == PT_ENUMFLAGS16 || type == PT_ENUMFLAGS32;
}

static const char *int_parse(unsigned type, const struct flag_table *flags, struct str w,
			     struct strbuf *out, struct strbuf *why)
{
	unsigned size = param_type_size(type);
	const struct syscall_info *sc;
	const char *wrong;
	uint64_t v;

	if (flags) {
		wrong = script_flags_parse(flags, w, size, &v, why);
		if (wrong)
			return wrong;
	} else if (type == PT_SYSCALLID && (sc = syscall_by_name(w))) {
		v = sc->sc;
	} else if (type == PT_SIGTYPE && number_by_name(signals, w, &v)) {
		/* v is set */
	} else if ((type == PT_FD || type == PT_FD32) && str_eqz(w, "AT_FDCWD")) {
		v = (uint64_t)EVENT_AT_FDCWD;
	} else if (is_result(type) && w.n > 1 && w.p[0] == '-' && w.p[1] == 'E') {
		w = str_from(w, 1);
		if (!number_by_name(errnos, w, &v))
			return unknown_name(w, "error", script_nearest(w, number_name_at, errnos),
					    why);
		v = 0 - v;
	} else if (!script_number(w, size, &v)) {
		strbuf_addf(why, "\"%.*s\" is not a number that fits %u byte%s", STR_FMT(w), size,
			    size > 1 ? "s" : "");
		return why->s;
	}
	add_le(out, v, size);
	return NULL;
}

static int64_t sign_extend(uint64_t v, unsigned size)
{
	unsigned shift = 64 - 8 * size;

	return (int64_t)(v << shift) >> shift;
}

static void int_print(unsigned type, unsigned format, const struct flag_table *flags,
		      struct str bytes, struct strbuf *out)
{
	uint64_t v = get_le(bytes);
	int64_t sv = sign_extend(v, (unsigned)bytes.n);
	const char *name = NULL;

	if (flags && bytes.n <= 4) {
		script_flags_print(flags, (uint32_t)v, is_single(type), out);
		return;
	}
	if (type == PT_SYSCALLID && v && syscall_info((unsigned)v))
		name = syscall_info((unsigned)v)->name;
	else if (type == PT_SIGTYPE)
		name = signal_name((int64_t)v);
	else if ((type == PT_FD || type == PT_FD32) && sv == EVENT_AT_FDCWD)
		name = "AT_FDCWD";
	if (name) {
		strbuf_adds(out, name);
	} else if (is_result(type) && sv < 0 && errno_name(sv)) {
		strbuf_addf(out, "-%s", errno_name(sv));
	} else if (format == PF_OCT) {
		strbuf_addf(out, v ? "0%llo" : "%llo", (unsigned long long)v);
	} else if (format == PF_HEX || type == PT_SIGSET) {
		strbuf_adds(out, v ? "0x" : "");
		strbuf_addx(out, v);
	} else if (param_type_is_signed(type)) {
		strbuf_addi(out, sv);
	} else if ((type == PT_UID || type == PT_GID) && v == UINT32_MAX) {
		strbuf_adds(out, "-1");
	} else {
		strbuf_addu(out, v);
	}
}

/* ---- addresses */

static void add_endpoint(struct strbuf *out, const struct ipaddr *a, uint16_t port)
{
	strbuf_add(out, a->b, a->n);
	add_le(out, port, 2);
}

static bool family_parse(struct str s, struct strbuf *out)
{
	uint64_t v;

	if (!str_starts(s, STR("family:")) || !script_number(str_from(s, 7), 1, &v))
		return false;
	strbuf_addc(out, (char)v);
	return true;
}

static const char *sockaddr_parse(struct str s, struct strbuf *out)
{
	struct ipaddr a;
	uint16_t port;

	if (family_parse(s, out))
		return NULL;
	if (str_starts(s, STR("unix:"))) {
		strbuf_addc(out, FAMILY_UNIX);
		strbuf_addstr(out, str_from(s, 5));
		strbuf_addc(out, '\0');
		return NULL;
	}
	if (!script_parse_endpoint(s, &a, &port))
		return "not an address: write 1.2.3.4:80, [::1]:80, unix:/path or family:N";
	strbuf_addc(out, a.n == 4 ? FAMILY_INET : FAMILY_INET6);
	add_endpoint(out, &a, port);
	return NULL;
}

static struct ipaddr get_addr(struct cursor *c, uint8_t n)
{
	struct ipaddr a = { .n = n };
	const uint8_t *p = cursor_take(c, n);

	if (p)
		memcpy(a.b, p, n);
	return a;
}

static void sockaddr_print(struct str bytes, struct strbuf *out)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	unsigned family = cursor_u8(&c);

	if ((family == FAMILY_INET && bytes.n == 7) || (family == FAMILY_INET6 && bytes.n == 19)) {
		struct ipaddr a = get_addr(&c, family == FAMILY_INET ? 4 : 16);

		script_print_endpoint(out, &a, cursor_u16(&c));
	} else if (family == FAMILY_UNIX && bytes.n >= 2) {
		strbuf_adds(out, "unix:");
		strbuf_add(out, bytes.p + 1, bytes.n - 2);
	} else {
		strbuf_addf(out, "family:%u", family);
	}
}

static const char *tuple_parse(struct str s, struct strbuf *out)
{
	static const char wrong[] = "not a tuple: write 1.2.3.4:5->6.7.8.9:10, [::1]:5->[::2]:10, "
				    "unix:SOURCE->DEST:/path with hexadecimal numbers, or family:N";
	struct ipaddr a, b;
	uint16_t aport, bport;
	ptrdiff_t arrow = str_find(s, STR("->"));
	struct str left, right;

	if (family_parse(s, out))
		return NULL;
	if (arrow < 0)
		return wrong;
	left = (struct str){ s.p, (size_t)arrow };
	right = str_from(s, (size_t)arrow + 2);
	if (str_starts(left, STR("unix:"))) {
		ptrdiff_t colon = str_chr(right, ':');
		struct strbuf num = STRBUF_INIT;
		uint64_t src, dst;
		bool good;

		if (colon < 0)
			return wrong;
		strbuf_addf(&num, "0x%.*s", STR_FMT(str_from(left, 5)));
		good = script_number(strbuf_str(&num), 8, &src);
		strbuf_reset(&num);
		strbuf_addf(&num, "0x%.*s", (int)colon, right.p);
		good = good && script_number(strbuf_str(&num), 8, &dst);
		strbuf_release(&num);
		if (!good)
			return wrong;
		strbuf_addc(out, FAMILY_UNIX);
		add_le(out, src, 8);
		add_le(out, dst, 8);
		strbuf_addstr(out, str_from(right, (size_t)colon + 1));
		strbuf_addc(out, '\0');
		return NULL;
	}
	if (!script_parse_endpoint(left, &a, &aport) || !script_parse_endpoint(right, &b, &bport) ||
	    a.n != b.n)
		return wrong;
	strbuf_addc(out, a.n == 4 ? FAMILY_INET : FAMILY_INET6);
	add_endpoint(out, &a, aport);
	add_endpoint(out, &b, bport);
	return NULL;
}

static void tuple_print(struct str bytes, struct strbuf *out)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	unsigned family = cursor_u8(&c);

	if ((family == FAMILY_INET && bytes.n == 13) || (family == FAMILY_INET6 && bytes.n == 37)) {
		uint8_t n = family == FAMILY_INET ? 4 : 16;
		struct ipaddr a = get_addr(&c, n);

		script_print_endpoint(out, &a, cursor_u16(&c));
		strbuf_adds(out, "->");
		a = get_addr(&c, n);
		script_print_endpoint(out, &a, cursor_u16(&c));
	} else if (family == FAMILY_UNIX && bytes.n >= 18) {
		strbuf_adds(out, "unix:");
		strbuf_addx(out, cursor_u64(&c));
		strbuf_adds(out, "->");
		strbuf_addx(out, cursor_u64(&c));
		strbuf_addc(out, ':');
		strbuf_add(out, bytes.p + 17, bytes.n - 18);
	} else {
		strbuf_addf(out, "family:%u", family);
	}
}

static const char *ip_parse(struct str s, unsigned size, struct strbuf *out)
{
	struct ipaddr a;

	if (!ipaddr_parse(s, &a) || (size && a.n != size))
		return "not an address of this kind";
	strbuf_add(out, a.b, a.n);
	return NULL;
}

/* ---- lists of descriptors: "[3:0x1,4:0x41]" */

static const char *fdlist_parse(struct str w, struct strbuf *out)
{
	static const char wrong[] = "not a list of descriptors: write [FD:FLAGS,...]";
	struct str body, item;
	size_t start = out->n, n = 0;

	if (!script_list_body(w, &body))
		return wrong;
	add_le(out, 0, 2);
	while (script_next_element(&body, &item)) {
		ptrdiff_t colon = str_chr(item, ':');
		uint64_t fd, flags;

		if (colon < 0 || !script_number((struct str){ item.p, (size_t)colon }, 8, &fd) ||
		    !script_number(str_from(item, (size_t)colon + 1), 2, &flags) ||
		    ++n > UINT16_MAX)
			return wrong;
		add_le(out, fd, 8);
		add_le(out, flags, 2);
	}
	put_le16((uint8_t *)out->s + start, (uint16_t)n);
	return NULL;
}

static void fdlist_print(struct str bytes, struct strbuf *out)
{
	struct cursor c = cursor_of(bytes.p, bytes.n);
	unsigned n = cursor_u16(&c);

	strbuf_addc(out, '[');
	for (unsigned i = 0; i < n && cursor_left(&c); i++) {
		int64_t fd = cursor_i64(&c);

		strbuf_addf(out, "%s%lld:0x%x", i ? "," : "", (long long)fd, cursor_u16(&c));
	}
	strbuf_addc(out, ']');
}

/* ---- a value of one of several types, which its first byte names: "2:5" */

static const char *dyn_parse(const struct param_info *info, struct str w, struct strbuf *out,
			     struct strbuf *why)
{
	ptrdiff_t colon = str_chr(w, ':');
	struct str value;
	uint64_t variant;
	unsigned type;

	if (colon < 0 || !info->dyn ||
	    !script_number((struct str){ w.p, (size_t)colon }, 1, &variant) ||
	    variant >= info->dyn->n)
		return "write VARIANT:VALUE (see eyas-script(5)), or hex:...";
	type = info->dyn->types[variant];
	value = str_from(w, (size_t)colon + 1);
	strbuf_addc(out, (char)variant);
	if (param_type_is_int(type))
		return int_parse(type, NULL, value, out, why);
	strbuf_addstr(out, value);
	if (param_type_is_text(type))
		strbuf_addc(out, '\0');
	return NULL;
}

static void dyn_print(const struct param_info *info, struct str bytes, struct strbuf *out)
{
	unsigned variant = (uint8_t)bytes.p[0], type;
	struct str value = str_from(bytes, 1);

	if (!info->dyn || variant >= info->dyn->n || !value.n)
		return;
	type = info->dyn->types[variant];
	if (!param_type_is_int(type) && !is_readable(value))
		return;
	strbuf_addf(out, "%u:", variant);
	if (param_type_is_text(type))
		strbuf_add(out, value.p, value.n - 1);
	else if (!param_type_is_int(type))
		strbuf_addstr(out, value);
	else if (value.n <= 8)
		int_print(type, PF_DEC, NULL, value, out);
}

/* ---- strings */

static bool is_strings(const struct param_info *info)
{
	return info->type == PT_CHARBUFARRAY || str_eqz(str_of(info->name), "args") ||
	       str_eqz(str_of(info->name), "env") || str_eqz(str_of(info->name), "cgroups");
}

static void string_print(const struct param_info *info, struct str bytes, struct strbuf *out)
{
	bool ends = bytes.p[bytes.n - 1] == '\0';
	struct str text = { bytes.p, bytes.n - ends };

	if (ends &&
	    (is_strings(info) || (param_type_is_text(info->type) && str_chr(text, '\0') >= 0)))
		script_print_strings(out, bytes);
	else if (param_type_is_text(info->type))
		script_quote(out, text);
	else
		script_quote(out, bytes);
}

static const char *typed_parse(const struct param_info *info, struct str w, struct strbuf *out,
			       struct strbuf *why)
{
	struct strbuf plain = STRBUF_INIT;
	const char *wrong = NULL;

	if (info->type == PT_FDLIST)
		return fdlist_parse(w, out);
	if (w.n && w.p[0] == '[' &&
	    (info->type == PT_BYTEBUF || info->type == PT_CHARBUFARRAY ||
	     param_type_is_text(info->type)))
		return script_parse_strings(w, out) ? NULL : "the list is malformed";
	if (!script_unquote(w, &plain)) {
		strbuf_release(&plain);
		return "the string is malformed (escapes are \\n \\t \\r \\0 \\\\ \\\" \\xHH)";
	}
	w = strbuf_str(&plain);
	switch (info->type) {
	case PT_CHARBUF:
	case PT_FSPATH:
	case PT_FSRELPATH:
		strbuf_addstr(out, w);
		strbuf_addc(out, '\0');
		break;
	case PT_BYTEBUF:
	case PT_CHARBUFARRAY:
		strbuf_addstr(out, w);
		break;
	case PT_SOCKADDR:
		wrong = sockaddr_parse(w, out);
		break;
	case PT_SOCKTUPLE:
		wrong = tuple_parse(w, out);
		break;
	case PT_IPV4ADDR:
		wrong = ip_parse(w, 4, out);
		break;
	case PT_IPV6ADDR:
		wrong = ip_parse(w, 16, out);
		break;
	case PT_IPADDR:
		wrong = ip_parse(w, 0, out);
		break;
	case PT_DYN:
		wrong = dyn_parse(info, w, out, why);
		break;
	default:
		wrong = param_type_is_int(info->type)
				? int_parse(info->type, info->flags, w, out, why)
				: "a parameter of this type is written as hex:...";
	}
	strbuf_release(&plain);
	return wrong;
}

const char *script_value_parse(const struct param_info *info, struct str w, struct strbuf *out,
			       struct strbuf *why)
{
	if (!w.n)
		return NULL; /* "name=": empty */
	if (str_starts(w, STR("hex:")))
		return hex_decode(out, str_from(w, 4)) ? NULL
						       : "not hexadecimal digits, two a byte";
	if (!info)
		return "this parameter is not in the event table: write its bytes as hex:...";
	return typed_parse(info, w, out, why);
}

static void typed_print(const struct param_info *info, struct str bytes, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;

	switch (info->type) {
	case PT_CHARBUF:
	case PT_FSPATH:
	case PT_FSRELPATH:
	case PT_CHARBUFARRAY:
		string_print(info, bytes, out);
		return;
	case PT_BYTEBUF:
		if (is_strings(info) || is_readable(bytes))
			string_print(info, bytes, out);
		return;
	case PT_FDLIST:
		fdlist_print(bytes, out);
		return;
	case PT_SOCKADDR:
		sockaddr_print(bytes, &text);
		break;
	case PT_SOCKTUPLE:
		tuple_print(bytes, &text);
		break;
	case PT_IPV4ADDR:
	case PT_IPV6ADDR:
	case PT_IPADDR:
		if (bytes.n == 4 || bytes.n == 16) {
			struct ipaddr a = { .n = (uint8_t)bytes.n };

			memcpy(a.b, bytes.p, bytes.n);
			ipaddr_text(&a, &text);
		}
		break;
	case PT_DYN:
		dyn_print(info, bytes, &text);
		break;
	default:
		if (param_type_is_int(info->type) && bytes.n == param_type_size(info->type))
			int_print(info->type, info->format, info->flags, bytes, &text);
	}
	if (text.n)
		script_quote(out, strbuf_str(&text));
	strbuf_release(&text);
}

void script_value_print(const struct param_info *info, struct str bytes, struct strbuf *out)
{
	struct strbuf again = STRBUF_INIT, why = STRBUF_INIT;
	size_t start = out->n;
	struct str word;

	if (!bytes.n)
		return;
	if (info)
		typed_print(info, bytes, out);
	/* A text is good only if it reads back to the same bytes: tried, not argued. */
	word = (struct str){ out->s + start, out->n - start };
	if (!word.n || script_value_parse(info, word, &again, &why) ||
	    !str_eq(strbuf_str(&again), bytes)) {
		strbuf_truncate(out, start);
		strbuf_adds(out, "hex:");
		hex_encode(out, bytes);
	}
	strbuf_release(&again);
	strbuf_release(&why);
}
