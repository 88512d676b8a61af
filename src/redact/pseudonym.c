#include "redact/pseudonym.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "base/text.h"
#include "redact/address_map.h"
#include "redact/find.h"

#define MARK_SIZE 8
/* With fewer letters and digits than this, a value has no shape to keep. */
#define SHAPE_LEAST 4
#define TRIES       16

static char present; /* any address but NULL */

void pseudonyms_init(struct pseudonyms *p, struct str key)
{
	*p = (struct pseudonyms){ .given = { 0 } };
	blake2b_hash(key.p, key.n, p->key);
}

void pseudonyms_free(struct pseudonyms *p)
{
	u64map_free(&p->given);
	u64map_free(&p->known);
}

void pseudonym_hash(const struct pseudonyms *p, const char *label, const void *v, size_t n,
		    uint8_t ret[BLAKE2B_SIZE])
{
	struct blake2b b;

	blake2b_init_keyed(&b, p->key, sizeof(p->key));
	blake2b_update(&b, label, strlen(label) + 1);
	blake2b_update(&b, v, n);
	blake2b_final(&b, ret);
}

void pseudonyms_key_name(const struct pseudonyms *p, struct strbuf *out)
{
	uint8_t hash[BLAKE2B_SIZE];

	pseudonym_hash(p, "key name", "", 0, hash);
	hex_encode(out, str_mem(hash, 8));
}

/* ---- which are pseudonyms */

static uint64_t mark_of(struct str v)
{
	uint8_t hash[BLAKE2B_SIZE];
	struct blake2b b;

	blake2b_init(&b);
	blake2b_update(&b, "eyas pseudonym", 15);
	blake2b_update(&b, v.p, v.n);
	blake2b_final(&b, hash);
	return get_le64(hash);
}

void pseudonym_remember(struct pseudonyms *p, struct str v)
{
	uint64_t mark = mark_of(v);

	if (!u64map_get(&p->known, mark))
		u64map_put(&p->given, mark, &present);
}

bool pseudonym_is_known(const struct pseudonyms *p, struct str v)
{
	return p->known.n && u64map_get(&p->known, mark_of(v)) != NULL;
}

bool pseudonym_is_given(const struct pseudonyms *p, struct str v)
{
	return u64map_get(&p->given, mark_of(v)) != NULL;
}

void pseudonyms_save(const struct pseudonyms *p, struct strbuf *out)
{
	uint64_t *marks = u64map_sorted_keys(&p->given);
	struct strbuf bytes = STRBUF_INIT;
	uint8_t b[MARK_SIZE];

	for (size_t i = 0; i < p->given.n; i++) {
		put_le64(b, marks[i]);
		strbuf_add(&bytes, b, sizeof(b));
	}
	base64_encode(out, strbuf_str(&bytes));
	strbuf_release(&bytes);
	free(marks);
}

bool pseudonyms_load(struct pseudonyms *p, struct str text)
{
	struct strbuf bytes = STRBUF_INIT;
	bool good = base64_decode(&bytes, text) && bytes.n % MARK_SIZE == 0;

	for (size_t i = 0; good && i < bytes.n; i += MARK_SIZE)
		u64map_put(&p->known, get_le64((const uint8_t *)bytes.s + i), &present);
	strbuf_release(&bytes);
	return good;
}

/* ---- how they are made */

/* Bytes that only value and key decide, as many as are asked for. */
struct stream {
	const struct pseudonyms *p;
	uint8_t seed[BLAKE2B_SIZE + 8], bytes[BLAKE2B_SIZE];
	uint64_t block;
	size_t left;
};

static void stream_begin(struct stream *s, const struct pseudonyms *p, struct str v,
			 unsigned attempt)
{
	s->p = p;
	s->block = (uint64_t)attempt << 32;
	s->left = 0;
	pseudonym_hash(p, "value", v.p, v.n, s->seed);
}

static unsigned stream_pick(struct stream *s, unsigned n)
{
	if (!s->left) {
		put_le64(s->seed + BLAKE2B_SIZE, s->block++);
		pseudonym_hash(s->p, "stream", s->seed, sizeof(s->seed), s->bytes);
		s->left = sizeof(s->bytes);
	}
	return s->bytes[--s->left] % n;
}

void pseudonym_mask(size_t n, struct strbuf *out)
{
	memset(strbuf_reserve(out, n), '*', n);
	out->n += n;
	out->s[out->n] = '\0';
}

/* How a token begins that tells what it is: that stays. */
static size_t public_prefix(struct str v)
{
	static const char *const prefixes[] = {
#define TOKEN(detector, prefix, chars, least, most) prefix,
#include "redact/token_list.def"
#undef TOKEN
		"eyJ", /* JSON web tokens */
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (str_starts(v, str_of(prefixes[i])) && v.n >= 2 * strlen(prefixes[i]))
			return strlen(prefixes[i]);
	return 0;
}

/* All letters of the value can be digits of one hexadecimal number. */
static bool is_hex(struct str v)
{
	bool lower = false, upper = false, digit = false;

	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];

		if (find_is_alnum(c) && hex_digit(c) < 0)
			return false;
		lower |= find_is_lower(c);
		upper |= find_is_upper(c);
		digit |= find_is_digit(c);
	}
	return digit && lower != upper && v.n >= 8;
}

static char stand_in(struct stream *s, char c, bool hex)
{
	unsigned letters = hex ? 6 : 26;

	if (find_is_digit(c))
		return (char)('0' + stream_pick(s, 10));
	if (find_is_lower(c))
		return (char)('a' + stream_pick(s, letters));
	if (find_is_upper(c))
		return (char)('A' + stream_pick(s, letters));
	/* Signs that make up the structure of tokens, names and texts stay; and masks. */
	if (c == '\0' || find_is_blank(c) || strchr("-_./+=:@%,&*\\\"'", c))
		return c;
	if ((uint8_t)c >= 0x80)
		return 'x';
	return "!^#"[stream_pick(s, 3)];
}

static void add_shape(struct pseudonyms *p, struct str v, bool is_name, struct strbuf *out)
{
	size_t at = out->n, prefix = is_name ? 0 : public_prefix(v), n = 0;
	struct str body = str_from(v, prefix);
	bool hex = !is_name && is_hex(body);
	struct stream s;

	for (size_t i = 0; i < body.n && n < SHAPE_LEAST; i++)
		n += find_is_alnum(body.p[i]);
	if (n < (is_name ? 1 : SHAPE_LEAST)) {
		pseudonym_mask(v.n, out);
		return;
	}
	for (unsigned attempt = 0; attempt < TRIES; attempt++) {
		strbuf_truncate(out, at);
		strbuf_add(out, v.p, prefix);
		stream_begin(&s, p, v, attempt);
		for (size_t i = 0; i < body.n; i++)
			strbuf_addc(out, stand_in(&s, body.p[i], hex));
		if (!str_eq(str_mem(out->s + at, v.n), v))
			break;
	}
	pseudonym_remember(p, str_mem(out->s + at, v.n));
}

/* Each label by itself, so that a host's short name is the first label of its long one. */
static void add_host(struct pseudonyms *p, struct str v, struct strbuf *out)
{
	size_t at = out->n;
	struct str label;
	bool named = false; /* a label in front was replaced: the top level may stay */

	while (str_split(&v, '.', &label)) {
		if (v.p || !named)
			add_shape(p, label, true, out);
		else
			strbuf_addstr(out, label);
		named |= label.n > 0;
		if (v.p)
			strbuf_addc(out, '.');
	}
	pseudonym_remember(p, str_mem(out->s + at, out->n - at));
}

static void add_address(struct pseudonyms *p, struct str v, struct strbuf *out)
{
	size_t at = out->n;
	struct ipaddr a;

	if (!ipaddr_parse(v, &a)) {
		pseudonym_mask(v.n, out);
		return;
	}
	address_map(p, &a, &a);
	ipaddr_text(&a, out);
	pseudonym_remember(p, str_mem(out->s + at, out->n - at));
}

static void add_mac(struct pseudonyms *p, struct str v, struct strbuf *out)
{
	uint8_t mac[6];

	if (v.n != 17) {
		pseudonym_mask(v.n, out);
		return;
	}
	for (size_t i = 0; i < 6; i++)
		mac[i] = (uint8_t)((unsigned)hex_digit(v.p[3 * i]) << 4 |
				   (unsigned)hex_digit(v.p[3 * i + 1]));
	address_mac_map(p, mac, mac);
	for (size_t i = 0; i < 6; i++) {
		if (i)
			strbuf_addc(out, v.p[2]);
		strbuf_addf(out, "%02x", mac[i]);
	}
}

void pseudonym_add(struct pseudonyms *p, enum pseudonym_form form, struct str v, struct strbuf *out)
{
	size_t at = out->n;
	ptrdiff_t sign;

	switch (form) {
	case FORM_SHAPE:
		add_shape(p, v, false, out);
		break;
	case FORM_NAME:
		add_shape(p, v, true, out);
		break;
	case FORM_HOST:
		add_host(p, v, out);
		break;
	case FORM_EMAIL:
		sign = str_chr(v, '@');
		if (sign < 0) {
			add_shape(p, v, true, out);
			break;
		}
		add_shape(p, str_mem(v.p, (size_t)sign), true, out);
		strbuf_addc(out, '@');
		add_host(p, str_from(v, (size_t)sign + 1), out);
		pseudonym_remember(p, str_mem(out->s + at, out->n - at));
		break;
	case FORM_ADDRESS:
		add_address(p, v, out);
		break;
	case FORM_MAC:
		add_mac(p, v, out);
		break;
	}
}
