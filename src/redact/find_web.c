/* Secrets in URLs and in headers of HTTP: see find.h. */
#include "redact/find.h"

static bool ends_authority(char c)
{
	return !c || find_is_blank(c) || strchr("/?#\"'<>`\\", c);
}

/* scheme://user:password@host: the password; the user; without a colon a token, when it is long. */
static void find_userinfo(struct find *f, size_t from, size_t to)
{
	struct str all = str_mem(f->text.p, to);
	ptrdiff_t found;

	while ((found = str_find(str_from(all, from), STR("://"))) >= 0) {
		size_t begin = from + (size_t)found + 3, end = begin, last = 0, colon = 0;

		for (; end < to && !ends_authority(all.p[end]); end++) {
			if (all.p[end] == '@')
				last = end;
			else if (all.p[end] == ':' && !colon && !last)
				colon = end;
		}
		from = end;
		if (!last)
			continue;
		if (colon > last)
			colon = 0;
		if (colon)
			find_add_secret(f, DETECT_URL_PASSWORD, colon + 1, last);
		else if (last - begin >= 16)
			find_add_secret(f, DETECT_URL_PASSWORD, begin, last);
		if (colon || last - begin < 16) {
			size_t stop = colon ? colon : last;

			if (!find_name_is_known(str_mem(all.p + begin, stop - begin)))
				find_add(f, stop - begin >= 16 ? DETECT_URL_PASSWORD : DETECT_USER,
					 begin, stop);
		}
	}
}

/* user:password@tcp(host), the form that Go programs take. */
static void find_source_names(struct find *f, size_t from, size_t to)
{
	static const struct str marks[] = { { "@tcp(", 5 }, { "@unix(", 6 } };
	struct str all = str_mem(f->text.p, to);

	for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++) {
		size_t left = from;
		ptrdiff_t found;

		while ((found = str_find(str_from(all, left), marks[m])) >= 0) {
			size_t at = left + (size_t)found, begin = at, colon = at;

			while (begin > left && !find_is_blank(all.p[begin - 1]) &&
			       !strchr("\"'=", all.p[begin - 1]))
				begin--;
			for (size_t i = begin; i < at && colon == at; i++)
				if (all.p[i] == ':')
					colon = i;
			if (colon < at)
				find_add_secret(f, DETECT_URL_PASSWORD, colon + 1, at);
			if (!find_name_is_known(str_mem(all.p + begin, colon - begin)))
				find_add(f, DETECT_USER, begin, colon);
			left = at + marks[m].n;
		}
	}
}

static size_t line_end(const struct find *f, size_t i, size_t to)
{
	while (i < to && f->text.p[i] && !strchr("\r\n\"'\\", f->text.p[i]))
		i++;
	return i;
}

static size_t skip_blanks(const struct find *f, size_t i, size_t to)
{
	while (i < to && (f->text.p[i] == ' ' || f->text.p[i] == '\t'))
		i++;
	return i;
}

/* "Authorization: SCHEME credentials": what is behind the scheme, or all of one word. */
static void find_authorization(struct find *f, size_t from, size_t to)
{
	const struct str name = STR("authorization");
	struct str all = str_mem(f->text.p, to);
	ptrdiff_t found;

	while ((found = str_find_nocase(str_from(all, from), name)) >= 0) {
		size_t i = from + (size_t)found + name.n, end, word;

		from = i;
		while (i < to && strchr("\"'\\", all.p[i]) && all.p[i])
			i++;
		if (i == to || (all.p[i] != ':' && all.p[i] != '='))
			continue;
		i = skip_blanks(f, i + 1, to);
		while (i < to && strchr("\"'\\", all.p[i]) && all.p[i])
			i++;
		end = line_end(f, i, to);
		from = end;
		for (word = i; word < end && !find_is_blank(all.p[word]);)
			word++;
		word = skip_blanks(f, word, end);
		find_add_secret(f, DETECT_AUTH, word < end ? word : i, end);
	}
}

/* "Bearer token" wherever it stands. */
static void find_bearers(struct find *f, size_t from, size_t to)
{
	struct str all = str_mem(f->text.p, to);
	ptrdiff_t found;

	while ((found = str_find_nocase(str_from(all, from), STR("bearer "))) >= 0) {
		size_t i = from + (size_t)found + 7, end;

		i = skip_blanks(f, i, to);
		for (end = i; end < to &&
			      (find_is_word(all.p[end]) || strchr("-.~+/=", all.p[end])) &&
			      all.p[end];)
			end++;
		if (end - i >= 8)
			find_add_secret(f, DETECT_AUTH, i, end);
		from = end;
	}
}

/* Cookie: a=b; c=d, and Set-Cookie: a=b; Path=/ */
static void find_cookies(struct find *f, size_t from, size_t to)
{
	static const char *const attributes[] = { "path",    "domain",   "expires",
						  "max-age", "samesite", "priority" };
	struct str all = str_mem(f->text.p, to);
	ptrdiff_t found;

	while ((found = str_find_nocase(str_from(all, from), STR("cookie:"))) >= 0) {
		size_t i = skip_blanks(f, from + (size_t)found + 7, to), end = line_end(f, i, to);

		from = end;
		while (i < end) {
			size_t stop = i, value;
			bool attribute = false;

			while (stop < end && all.p[stop] != ';')
				stop++;
			for (value = i; value < stop && all.p[value] != '=';)
				value++;
			for (size_t a = 0; a < sizeof(attributes) / sizeof(attributes[0]); a++)
				attribute |= str_eq_nocase(str_mem(all.p + i, value - i),
							   str_of(attributes[a]));
			if (value < stop && !attribute)
				find_add_secret(f, DETECT_COOKIE, value + 1, stop);
			i = skip_blanks(f, stop + 1, end);
		}
	}
}

void find_web(struct find *f, size_t from, size_t to)
{
	find_userinfo(f, from, to);
	find_source_names(f, from, to);
	find_authorization(f, from, to);
	find_bearers(f, from, to);
	find_cookies(f, from, to);
}
