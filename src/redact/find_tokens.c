/* Secrets that are known by how they look: see find.h. */
#include "redact/find.h"

/* Of a text of this size, the end may have been cut off: the recorder keeps 4096 bytes of
 * arguments. */
#define MAY_BE_CUT 4000
#define CUT_LEAST  4

enum token_chars {
	CHARS_ALNUM,
	CHARS_WORD,   /* and _ */
	CHARS_DASH,   /* and - */
	CHARS_URL,    /* and _ - */
	CHARS_DOTS,   /* and _ - . */
	CHARS_PATH,   /* and / */
	CHARS_BASE32, /* A-Z 2-7 */
};

struct token_row {
	const char *prefix;
	uint8_t prefix_n, detector, chars, least, most;
};

static const struct token_row rows[] = {
#define TOKEN(detector, prefix, chars, least, most) \
	{ prefix, sizeof(prefix) - 1, DETECT_##detector, CHARS_##chars, least, most },
#include "redact/token_list.def"
#undef TOKEN
};

static bool is_of(enum token_chars chars, char c)
{
	switch (chars) {
	case CHARS_BASE32:
		return find_is_upper(c) || (c >= '2' && c <= '7');
	case CHARS_WORD:
		return find_is_word(c);
	case CHARS_DASH:
		return find_is_alnum(c) || c == '-';
	case CHARS_URL:
		return find_is_word(c) || c == '-';
	case CHARS_DOTS:
		return find_is_word(c) || c == '-' || c == '.';
	case CHARS_PATH:
		return find_is_alnum(c) || c == '/';
	default:
		return find_is_alnum(c);
	}
}

static size_t run_of(const struct find *f, enum token_chars chars, size_t i, size_t to)
{
	size_t n = 0;

	while (i + n < to && is_of(chars, f->text.p[i + n]))
		n++;
	return n;
}

/* Header, payload and signature of a JSON web token; with five parts when it is encrypted. */
static size_t web_token(const struct find *f, size_t i, size_t to)
{
	size_t at = i, parts = 0;

	while (parts < 5) {
		size_t n = run_of(f, CHARS_URL, at, to);

		if (parts < 2 && n < 8)
			break;
		at += n;
		parts++;
		if (at >= to || f->text.p[at] != '.')
			break;
		at++;
	}
	if (at > i && f->text.p[at - 1] == '.' && parts != 2)
		at--;
	return parts >= 2 ? at - i : 0;
}

/* Bytes of the token that begins at i, or 0. */
static size_t token_at(const struct find *f, size_t i, size_t to, enum detector *ret)
{
	struct str rest = str_mem(f->text.p + i, to - i);
	bool cut = f->text.n >= MAY_BE_CUT;

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		const struct token_row *row = &rows[r];
		size_t n, least = row->least;

		if (row->prefix[0] != rest.p[0] ||
		    !str_starts(rest, str_mem(row->prefix, row->prefix_n)))
			continue;
		n = run_of(f, row->chars, i + row->prefix_n, to);
		if (cut && i + row->prefix_n + n == f->text.n && least > CUT_LEAST)
			least = CUT_LEAST;
		if (n < least || (row->most && n > row->most))
			continue;
		*ret = row->detector;
		return row->prefix_n + n;
	}
	*ret = DETECT_JWT;
	return str_starts(rest, STR("eyJ")) ? web_token(f, i, to) : 0;
}

void find_tokens(struct find *f, size_t from, size_t to)
{
	enum detector d;

	for (size_t i = from; i < to; i++) {
		size_t n;

		if (!f->token_first[(uint8_t)f->text.p[i]] ||
		    (i > from && find_is_word(f->text.p[i - 1])))
			continue;
		n = token_at(f, i, to, &d);
		if (n) {
			find_add(f, d, i, i + n);
			i += n - 1;
		}
	}
}

static bool is_base64(char c)
{
	return find_is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/* -----BEGIN ... PRIVATE KEY-----, to its end or as far as it goes. */
static void find_private_keys(struct find *f, size_t from, size_t to)
{
	const struct str begin = STR("-----BEGIN "), end = STR("-----END ");
	struct str all = str_mem(f->text.p, to);

	for (;;) {
		ptrdiff_t at = str_find(str_from(all, from), begin), dashes, last;
		size_t body;
		struct str label;

		if (at < 0)
			return;
		from += (size_t)at + begin.n;
		dashes = str_find(str_from(all, from), STR("-----"));
		if (dashes < 0)
			return;
		label = str_mem(all.p + from, (size_t)dashes);
		body = from + label.n + 5;
		from = body;
		if (label.n > 64 || !str_ends(label, STR("PRIVATE KEY")))
			continue;
		last = str_find(str_from(all, body), end);
		from = last < 0 ? to : body + (size_t)last;
		find_add(f, DETECT_PRIVATE_KEY, body, from);
	}
}

/* "ssh-ed25519 AAAA... comment": the key behind the bytes that name its type, and the comment. */
static void find_ssh_keys(struct find *f, size_t from, size_t to)
{
	static const struct str type[] = {
		{ "ssh-rsa ", 8 },
		{ "ssh-ed25519 ", 12 },
		{ "ssh-dss ", 8 },
		{ "ecdsa-sha2-nistp256 ", 20 },
		{ "ecdsa-sha2-nistp384 ", 20 },
		{ "ecdsa-sha2-nistp521 ", 20 },
		{ "sk-ssh-ed25519@openssh.com ", 27 },
	};
	struct str all = str_mem(f->text.p, to);

	for (size_t t = 0; t < sizeof(type) / sizeof(type[0]); t++) {
		size_t at = from;
		ptrdiff_t found;

		while ((found = str_find(str_from(all, at), type[t])) >= 0) {
			size_t key = at + (size_t)found + type[t].n, end = key, word;

			at = key;
			if (!str_starts(str_from(all, key), STR("AAAA")))
				continue;
			while (end < to && is_base64(all.p[end]))
				end++;
			if (end - key < 40)
				continue;
			/* AAAAB3NzaC1yc2EA and the like is the name of the type again. */
			find_add(f, DETECT_SSH_KEY, key + 20, end);
			at = end;
			if (end < to && all.p[end] == ' ') {
				word = end + 1;
				at = word;
				while (at < to && !find_is_blank(all.p[at]) &&
				       !strchr("\"'", all.p[at]))
					at++;
				find_add(f, DETECT_SSH_KEY, word, at);
			}
		}
	}
}

/* $6$salt$hash and its kin of crypt(5), and Apache's and others'. */
static void find_password_hashes(struct find *f, size_t from, size_t to)
{
	static const char *const ids[] = {
		"1",
		"2a",
		"2b",
		"2y",
		"5",
		"6",
		"7",
		"y",
		"gy",
		"sm3",
		"md5",
		"sha1",
		"apr1",
		"argon2i",
		"argon2id",
		"scrypt",
		"pbkdf2-sha256",
		"pbkdf2-sha512",
	};
	const char *p = f->text.p;

	for (size_t i = from; i + 4 < to; i++) {
		size_t id = i + 1, end, body;
		bool known = false;

		if (p[i] != '$')
			continue;
		end = id;
		while (end < to && end - id < 16 && (find_is_alnum(p[end]) || p[end] == '-'))
			end++;
		if (end >= to || p[end] != '$')
			continue;
		for (size_t k = 0; k < sizeof(ids) / sizeof(ids[0]) && !known; k++)
			known = str_eqz(str_mem(p + id, end - id), ids[k]);
		if (!known)
			continue;
		body = ++end;
		while (end < to && (is_base64(p[end]) || strchr("$.,-_", p[end])) && p[end])
			end++;
		if (end - body >= 20)
			find_add(f, DETECT_HASH, body, end);
		i = end - 1;
	}
}

void find_blocks(struct find *f, size_t from, size_t to)
{
	find_private_keys(f, from, to);
	find_ssh_keys(f, from, to);
	find_password_hashes(f, from, to);
}
