/*
 * What the detectors find is remembered, and becomes words that are looked for everywhere: see
 * redactor_impl.h.
 */
#include "base/json_writer.h"
#include "base/text.h"
#include "redact/redactor_impl.h"

#define MAX_VALUES      (1u << 18)
#define MAX_VALUE_BYTES ((size_t)64 << 20)
#define MAX_ORDINARY    (1u << 16)
/* Shorter values are replaced only where they were found. */
#define SPREAD_LEAST 6
/* Shorter ones, and those of letters alone, only as whole words; their encodings not at all. */
#define ANYWHERE_LEAST 8
#define DIGITS_LEAST   10
#define NAME_LEAST     3

void redact_ordinary(struct redactor *r, struct str name)
{
	ptrdiff_t slash = str_rchr(name, '/');

	name = str_from(name, (size_t)(slash + 1));
	if (r->mode != MODE_LEARN || !name.n || name.n > 64 || r->ordinary.n >= MAX_ORDINARY ||
	    strmap_has(&r->ordinary, name))
		return;
	strmap_put(&r->ordinary, arena_str(&r->arena, name), NULL);
}

static void learn_value(struct redactor *r, enum detector d, struct str v, bool of_host)
{
	struct learnt_value *l;

	if (strmap_has(&r->values, v))
		return;
	if (r->values.n >= MAX_VALUES || r->learnt_bytes + v.n > MAX_VALUE_BYTES) {
		r->counts.over_cap++;
		return;
	}
	v = arena_str(&r->arena, v);
	strmap_put(&r->values, v, NULL);
	l = vec_add(&r->learnt);
	l->text = v;
	l->detector = (uint8_t)d;
	l->of_host = of_host;
	r->learnt_bytes += v.n;
}

/* The password of an Authorization header of the scheme Basic. */
static void learn_basic(struct redactor *r, struct str v)
{
	struct strbuf plain = STRBUF_INIT;
	ptrdiff_t colon;

	if (v.n <= 1024 && base64_decode(&plain, v) && utf8_valid(strbuf_str(&plain))) {
		colon = str_chr(strbuf_str(&plain), ':');
		if (colon >= 0 && plain.n > (size_t)colon + SPREAD_LEAST)
			learn_value(r, DETECT_PASSWORD,
				    str_from(strbuf_str(&plain), (size_t)colon + 1), false);
	}
	strbuf_release(&plain);
}

/* A private key may be read line by line. */
static void learn_lines(struct redactor *r, struct str v)
{
	struct str line;

	while (str_split(&v, '\n', &line))
		if (line.n >= 32)
			learn_value(r, DETECT_PRIVATE_KEY, line, false);
}

/*
 * Files that are read hold a lot that looks like "password: string": of what is only named a
 * secret, in them, values with letters and digits count.
 */
static bool is_strong(enum detector d, struct str v)
{
	bool letter = false, digit = false;

	if (detectors[d].group != GROUP_SECRET)
		return false;
	if (d != DETECT_PASSWORD && d != DETECT_COOKIE && d != DETECT_AUTH &&
	    d != DETECT_URL_PASSWORD)
		return true;
	for (size_t i = 0; i < v.n; i++) {
		letter |= find_is_lower(v.p[i]) || find_is_upper(v.p[i]);
		digit |= find_is_digit(v.p[i]);
	}
	return letter && digit && v.n >= ANYWHERE_LEAST;
}

void redact_learn(struct redactor *r, enum text_form form)
{
	for (size_t i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i];
		struct str v = str_mem(r->find.text.p + f->at, f->n);

		if (detectors[f->detector].group == GROUP_ADDRESS ||
		    (form == TEXT_PAYLOAD && !is_strong(f->detector, v)))
			continue;
		learn_value(r, f->detector, v, form == TEXT_HOST);
		if (f->detector == DETECT_AUTH)
			learn_basic(r, v);
		if (f->detector == DETECT_PRIVATE_KEY)
			learn_lines(r, v);
	}
}

static void add_word(struct redactor *r, struct str text, enum detector d, enum pseudonym_form form,
		     bool bounded)
{
	struct word_value v = { (uint8_t)d, (uint8_t)form, r->word_of };

	if (text.n < WORD_LEAST)
		return;
	vec_push(&r->word_values, v);
	word_index_add(r->words, text, (uint32_t)(r->word_values.n - 1), bounded);
}

/*
 * base64 of the value at each of the three places it can have among the groups of three bytes, less
 * the characters that its neighbours have a part in.
 */
static void add_base64(struct redactor *r, struct str v, enum detector d)
{
	struct strbuf padded = STRBUF_INIT, text = STRBUF_INIT;

	for (size_t skip = 0; skip < 3; skip++) {
		/* The characters that hold bits of what is in front; and of what is behind. */
		size_t front = skip ? skip + 1 : 0, bits = (skip + v.n) * 8;
		struct str word;

		strbuf_reset(&padded);
		strbuf_reset(&text);
		strbuf_add(&padded, "\0\0", skip);
		strbuf_addstr(&padded, v);
		base64_encode(&text, strbuf_str(&padded));
		word = str_mem(text.s + front, bits / 6 - front);
		add_word(r, word, d, FORM_SHAPE, false);
		for (size_t i = 0; i < text.n; i++)
			text.s[i] = text.s[i] == '+' ? '-' : text.s[i] == '/' ? '_' : text.s[i];
		add_word(r, word, d, FORM_SHAPE, false);
	}
	strbuf_release(&padded);
	strbuf_release(&text);
}

static void add_percent(struct redactor *r, struct str v, enum detector d, bool upper)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < v.n; i++) {
		if (find_is_word(v.p[i]) || strchr("-.~", v.p[i]))
			strbuf_addc(&text, v.p[i]);
		else
			strbuf_addf(&text, upper ? "%%%02X" : "%%%02x", (uint8_t)v.p[i]);
	}
	add_word(r, strbuf_str(&text), d, FORM_SHAPE, false);
	strbuf_release(&text);
}

/* As it stands in JSON, when that is another text. */
static void add_json(struct redactor *r, struct str v, enum detector d)
{
	struct strbuf text = STRBUF_INIT;

	json_escape(&text, v);
	add_word(r, str_mem(text.s + 1, text.n - 2), d, FORM_SHAPE, false);
	strbuf_release(&text);
}

static void add_encodings(struct redactor *r, struct str v, enum detector d)
{
	struct strbuf hex = STRBUF_INIT;

	add_base64(r, v, d);
	add_percent(r, v, d, true);
	add_percent(r, v, d, false);
	add_json(r, v, d);
	hex_encode(&hex, v);
	add_word(r, strbuf_str(&hex), d, FORM_SHAPE, false);
	for (size_t i = 0; i < hex.n; i++)
		if (find_is_lower(hex.s[i]))
			hex.s[i] = (char)(hex.s[i] - 32);
	add_word(r, strbuf_str(&hex), d, FORM_SHAPE, false);
	strbuf_release(&hex);
}

static bool is_ordinary(const struct redactor *r, struct str v)
{
	for (size_t i = 0; i < DETECT_N; i++)
		if (str_eqz(v, detectors[i].name))
			return true; /* the provenance lists them */
	return strmap_has(&r->ordinary, v) || find_name_is_known(v);
}

static void spread_secret(struct redactor *r, const struct learnt_value *l)
{
	struct str v = l->text;
	bool letters = true, digits = true;

	for (size_t i = 0; i < v.n; i++) {
		letters &= find_is_lower(v.p[i]) || find_is_upper(v.p[i]);
		digits &= find_is_digit(v.p[i]);
	}
	if (is_ordinary(r, v)) {
		r->counts.ordinary++;
	} else if (v.n < SPREAD_LEAST || (digits && v.n < DIGITS_LEAST)) {
		r->counts.too_short++;
	} else {
		add_word(r, v, l->detector, FORM_SHAPE, letters || digits || v.n < ANYWHERE_LEAST);
		if (v.n >= ANYWHERE_LEAST)
			add_encodings(r, v, l->detector);
	}
}

/* The name with the letters of a range changed to those of the other. */
static void add_in_capitals(struct redactor *r, struct str v, enum detector d,
			    enum pseudonym_form form, char first, char last, int step)
{
	struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < v.n; i++)
		strbuf_addc(&text,
			    (char)(v.p[i] >= first && v.p[i] <= last ? v.p[i] + step : v.p[i]));
	if (!is_ordinary(r, strbuf_str(&text)))
		add_word(r, strbuf_str(&text), d, form, true);
	strbuf_release(&text);
}

static void spread_name(struct redactor *r, struct str v, enum detector d, enum pseudonym_form form)
{
	bool digits = true;

	for (size_t i = 0; i < v.n; i++)
		digits &= find_is_digit(v.p[i]) || v.p[i] == '.';
	if (v.n < NAME_LEAST || digits || is_ordinary(r, v))
		return;
	add_word(r, v, d, form, true);
	/* Hosts and mail know no capitals. */
	add_in_capitals(r, v, d, form, 'a', 'z', -32);
	add_in_capitals(r, v, d, form, 'A', 'Z', 32);
}

static void spread_host(struct redactor *r, const struct learnt_value *l)
{
	ptrdiff_t dot = str_chr(l->text, '.');

	spread_name(r, l->text, DETECT_HOST, FORM_HOST);
	if (dot <= 0)
		return;
	spread_name(r, str_mem(l->text.p, (size_t)dot), DETECT_HOST, FORM_NAME);
	if (l->of_host && str_chr(str_from(l->text, (size_t)dot + 1), '.') > 0)
		spread_name(r, str_from(l->text, (size_t)dot + 1), DETECT_HOST, FORM_HOST);
}

void redactor_ready(struct redactor *r)
{
	for (size_t i = 0; i < r->opt->n_words; i++) {
		struct str w = r->opt->words[i];

		r->word_of = hash_bytes(w.p, w.n);
		add_word(r, w, DETECT_WORD, FORM_SHAPE, false);
		if (w.n >= ANYWHERE_LEAST)
			add_encodings(r, w, DETECT_WORD);
	}
	for (size_t i = 0; i < r->learnt.n; i++) {
		const struct learnt_value *l = &r->learnt.v[i];

		r->word_of = hash_bytes(l->text.p, l->text.n);
		switch (l->detector) {
		case DETECT_USER:
			spread_name(r, l->text, DETECT_USER, FORM_NAME);
			break;
		case DETECT_EMAIL:
			spread_name(r, l->text, DETECT_EMAIL, FORM_EMAIL);
			if (r->opt->set.on[DETECT_USER])
				spread_name(r, str_mem(l->text.p, (size_t)str_chr(l->text, '@')),
					    DETECT_USER, FORM_NAME);
			break;
		case DETECT_HOST:
			spread_host(r, l);
			break;
		default:
			spread_secret(r, l);
		}
	}
	word_index_ready(r->words);
	r->mode = MODE_COUNT;
	strmap_free(&r->cache);
	arena_reset(&r->cache_arena);
}
