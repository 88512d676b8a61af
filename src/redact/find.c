#include "redact/find.h"

/* Commands in an argument ("sh -c"): words of one of them. */
#define MAX_WORDS 4096

static const char token_starts[] = {
#define TOKEN(detector, prefix, chars, least, most) prefix[0],
#include "redact/token_list.def"
#undef TOKEN
	'e', /* JSON web tokens */
};

void find_init(struct find *f, const struct detector_set *set)
{
	*f = (struct find){ .set = set };
	for (size_t i = 0; i < sizeof(token_starts); i++)
		f->token_first[(uint8_t)token_starts[i]] = true;
}

void find_add(struct find *f, enum detector d, size_t from, size_t to)
{
	const char *nul = from < to ? memchr(f->text.p + from, '\0', to - from) : NULL;
	struct finding x = { .at = (uint32_t)from,
			     .detector = (uint8_t)d,
			     .form = detectors[d].form };

	if (nul)
		to = (size_t)(nul - f->text.p);
	x.n = (uint32_t)(to - from);
	if (from < to && f->set->on[d] && to <= UINT32_MAX)
		vec_push(f->out, x);
}

bool find_is_mask(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '*')
			return false;
	return true;
}

bool find_name_is_known(struct str name)
{
	static const char *const known[] = {
#define KNOWN_NAME(name) name,
#include "redact/known_name.def"
#undef KNOWN_NAME
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq_nocase(name, str_of(known[i])))
			return true;
	/* systemd-network, _apt, _chrony */
	return str_starts(name, STR("systemd-")) || str_starts(name, STR("_"));
}

static void find_in_piece(struct find *f, size_t from, size_t to, enum find_values values);

/* The next word of a command line at or behind *i, without quotes around it; false at its end. */
static bool next_word(const struct find *f, size_t *i, size_t to, struct find_piece *ret)
{
	const char *p = f->text.p;
	size_t at = *i;
	char quote;

	while (at < to && find_is_blank(p[at]))
		at++;
	if (at == to || p[at] == ';' || p[at] == '|' || p[at] == '&')
		return *i = at, false;
	quote = p[at] == '"' || p[at] == '\'' ? p[at] : '\0';
	if (quote)
		at++;
	ret->from = at;
	while (at < to &&
	       (quote ? p[at] != quote : !find_is_blank(p[at]) && !strchr(";|&", p[at]) && p[at]))
		at++;
	ret->to = at;
	*i = at + (at < to && (quote || !p[at]));
	return true;
}

/* "PASSWORD=x" in front of a command, and programs that run another one. */
static bool goes_on(struct str word)
{
	static const char *const runners[] = { "sudo", "env", "exec", "nohup", "time", "timeout" };
	ptrdiff_t slash = str_rchr(word, '/');

	if (str_chr(word, '=') > 0)
		return true;
	word = str_from(word, (size_t)(slash + 1));
	for (size_t i = 0; i < sizeof(runners) / sizeof(runners[0]); i++)
		if (str_eqz(word, runners[i]))
			return true;
	return false;
}

/* An argument with blanks may be a command line, or several. */
static void find_commands(struct find *f, size_t from, size_t to)
{
	const struct str program = f->program;
	VEC(struct find_piece) words = { 0 };
	struct find_piece w;
	size_t i = from;

	while (i < to) {
		bool named = false;

		words.n = 0;
		while (words.n < MAX_WORDS && next_word(f, &i, to, &w)) {
			struct str word = str_mem(f->text.p + w.from, w.to - w.from);

			if (!named) {
				f->program = word;
				named = !goes_on(word);
			}
			vec_push(&words, w);
		}
		find_arguments(f, words.v, words.n);
		while (i < to && strchr(";|&", f->text.p[i]) && f->text.p[i])
			i++;
	}
	vec_free(&words);
	f->program = program;
}

static void find_list(struct find *f, bool arguments)
{
	VEC(struct find_piece) pieces = { 0 };
	size_t from = 0;

	while (from < f->text.n) {
		ptrdiff_t nul = str_chr(str_from(f->text, from), '\0');
		size_t to = nul < 0 ? f->text.n : from + (size_t)nul;
		struct find_piece p = { from, to };

		vec_push(&pieces, p);
		from = to + 1;
	}
	if (arguments)
		find_arguments(f, pieces.v, pieces.n);
	for (size_t i = 0; i < pieces.n; i++) {
		const struct find_piece *p = &pieces.v[i];

		find_in_piece(f, p->from, p->to, arguments ? VALUES_ARGUMENT : VALUES_VARIABLE);
		if (arguments && memchr(f->text.p + p->from, ' ', p->to - p->from))
			find_commands(f, p->from, p->to);
	}
	vec_free(&pieces);
}

/* Which bytes there are in a text, to leave out the finders that have nothing to begin with. */
struct bytes_seen {
	uint64_t w[4];
};

static bool seen(const struct bytes_seen *s, char c)
{
	uint8_t b = (uint8_t)c;

	return s->w[b / 64] >> (b % 64) & 1;
}

static void find_in_piece(struct find *f, size_t from, size_t to, enum find_values values)
{
	struct bytes_seen s = { { 0 } };
	unsigned digits = 0;

	for (size_t i = from; i < to; i++) {
		uint8_t b = (uint8_t)f->text.p[i];

		s.w[b / 64] |= UINT64_C(1) << (b % 64);
		digits += b >= '0' && b <= '9';
	}
	find_tokens(f, from, to);
	if (seen(&s, '-') || seen(&s, '$'))
		find_blocks(f, from, to);
	if (seen(&s, '=') || seen(&s, ':'))
		find_named(f, from, to, values);
	if (seen(&s, ':') || seen(&s, ' '))
		find_web(f, from, to);
	if (seen(&s, '@') || seen(&s, '/') || seen(&s, '~'))
		find_people(f, from, to);
	if (seen(&s, '.'))
		find_hosts(f, from, to);
	if (digits >= 13)
		find_cards(f, from, to);
	if (digits && (seen(&s, '.') || seen(&s, ':') || seen(&s, '-')))
		find_addresses(f, from, to);
}

static void find_name(struct find *f, enum detector d)
{
	ptrdiff_t nul = str_chr(f->text, '\0');
	size_t to = nul < 0 ? f->text.n : (size_t)nul;

	if (!find_name_is_known(str_mem(f->text.p, to)))
		find_add(f, d, 0, to);
}

void find_all(struct find *f, enum text_form form)
{
	switch (form) {
	case TEXT_ARGUMENTS:
		find_list(f, true);
		break;
	case TEXT_ENVIRONMENT:
		find_list(f, false);
		break;
	case TEXT_USER:
		find_name(f, DETECT_USER);
		break;
	case TEXT_HOST:
		find_name(f, DETECT_HOST);
		break;
	default:
		find_in_piece(f, 0, f->text.n, VALUES_TEXT);
	}
}
