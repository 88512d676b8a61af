/* Who and where: names of users, e-mail addresses, hosts, cards. See find.h. */
#include "redact/find.h"

static bool is_local(char c)
{
	return find_is_alnum(c) || (c && strchr("._%+-", c));
}

static bool is_host(char c)
{
	return find_is_alnum(c) || c == '-' || c == '.';
}

static struct str last_label(struct str host)
{
	return str_from(host, (size_t)(str_rchr(host, '.') + 1));
}

/* name@host.domain, and not "getty@tty1.service" or "icon@2x.png". */
static bool is_mail_domain(struct str host)
{
	static const char *const no_domains[] = {
		"service", "socket", "mount", "timer", "target", "slice", "scope", "device",
		"path",    "swap",   "png",   "jpg",   "jpeg",   "gif",   "svg",   "webp",
		"conf",    "cfg",    "json",  "js",    "mjs",    "ts",    "css",   "html",
		"md",      "txt",    "log",   "gz",    "xz",     "zst",   "tgz",   "so",
		"py",      "rb",     "pm",    "yaml",  "yml",    "toml",  "lock",  "pid",
		"sock",    "h",      "c",     "go",    "rs",     "git",   "tmp",   "d"
	};
	struct str top = last_label(host);

	if (str_chr(host, '.') <= 0 || top.n < 2)
		return false;
	for (size_t i = 0; i < top.n; i++)
		if (find_is_digit(top.p[i]) || top.p[i] == '-')
			return false;
	for (size_t i = 0; i < sizeof(no_domains) / sizeof(no_domains[0]); i++)
		if (str_eqz(top, no_domains[i]))
			return false;
	return true;
}

/* What is in front belongs to a URL, whose user and password find_web() knows. */
static bool is_in_url(const struct find *f, size_t i, size_t from)
{
	enum { LONGEST = 256 };

	for (size_t n = 0; i > from + 1 && n < LONGEST && !find_is_blank(f->text.p[i - 1]);
	     n++, i--)
		if (f->text.p[i - 1] == '/')
			return f->text.p[i - 2] == '/';
	return false;
}

/* name@host: an e-mail address, or a user of ssh and its kin. */
static void find_at_signs(struct find *f, size_t from, size_t to)
{
	const char *p = f->text.p;
	size_t left = from;

	for (size_t i = from; i < to; i++) {
		size_t begin = i, end = i + 1;
		struct str name, host;

		if (p[i] != '@')
			continue;
		while (begin > left && is_local(p[begin - 1]))
			begin--;
		while (end < to && is_host(p[end]))
			end++;
		while (end > i + 1 && !find_is_alnum(p[end - 1]))
			end--;
		left = i + 1;
		/* what is a word of a longer thing is no name: node_modules/@types/x, x:y@z of a
		 * URL */
		while (begin < i && !find_is_alnum(p[begin]))
			begin++;
		name = str_mem(p + begin, i - begin);
		host = str_mem(p + i + 1, end - i - 1);
		if (!name.n || !host.n || find_name_is_known(name) || is_in_url(f, begin, from))
			continue;
		if (is_mail_domain(host))
			find_add(f, DETECT_EMAIL, begin, end);
		else if ((begin == from || find_is_blank(p[begin - 1])) &&
			 find_at(f, end, from, to) == ':')
			find_add(f, DETECT_USER, begin, i); /* scp alice@box:file */
	}
}

static bool is_user(char c)
{
	return find_is_word(c) || c == '-' || c == '.' || c == '@';
}

/* Home directories, and files that have the name of a user. */
static void find_homes(struct find *f, size_t from, size_t to)
{
	static const struct str places[] = {
		{ "/home/", 6 },
		{ "/var/mail/", 10 },
		{ "/var/spool/mail/", 16 },
		{ "/var/spool/cron/crontabs/", 25 },
		{ "/var/spool/cron/", 16 },
		{ "/var/lib/sudo/lectured/", 23 },
		{ "/run/sudo/ts/", 13 },
		{ "/Users/", 7 },
	};
	struct str all = str_mem(f->text.p, to);

	for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
		size_t at = from;
		ptrdiff_t found;

		while ((found = str_find(str_from(all, at), places[k])) >= 0) {
			size_t name = at + (size_t)found + places[k].n, end = name;

			while (end < to && is_user(all.p[end]))
				end++;
			at = name;
			if (end > name && all.p[name] != '.' && all.p[name] != '-' &&
			    !find_name_is_known(str_mem(all.p + name, end - name)) &&
			    !str_eqz(str_mem(all.p + name, end - name), "crontabs"))
				find_add(f, DETECT_USER, name, end);
		}
	}
	/* ~alice/x */
	for (size_t i = from; i < to; i++) {
		size_t end = i + 1;

		if (all.p[i] != '~' ||
		    (i > from && !find_is_blank(all.p[i - 1]) && !strchr("=:\"'", all.p[i - 1])))
			continue;
		while (end < to && is_user(all.p[end]))
			end++;
		if (end < to && all.p[end] == '/' && end > i + 1 && find_is_lower(all.p[i + 1]) &&
		    !find_name_is_known(str_mem(all.p + i + 1, end - i - 1)))
			find_add(f, DETECT_USER, i + 1, end);
	}
}

void find_people(struct find *f, size_t from, size_t to)
{
	find_at_signs(f, from, to);
	find_homes(f, from, to);
}

/* Domains that are nobody else's business; those of clusters are the same in every cluster. */
static bool is_private(struct str host)
{
	static const char *const tops[] = { ".internal", ".corp",      ".local", ".lan",
					    ".intranet", ".home.arpa", ".priv",  ".private" };
	static const char *const same[] = { ".cluster.local", "docker.internal",
					    "containers.internal", "metadata.google.internal" };

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (str_ends(host, str_of(same[i])))
			return false;
	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++)
		if (str_ends(host, str_of(tops[i])) && host.n > strlen(tops[i]))
			return true;
	return false;
}

void find_hosts(struct find *f, size_t from, size_t to)
{
	const char *p = f->text.p;

	for (size_t i = from; i < to; i++) {
		size_t end = i;
		struct str host;

		while (end < to && is_host(p[end]))
			end++;
		if (end == i)
			continue;
		host = str_mem(p + i, end - i);
		while (host.n && !find_is_alnum(host.p[host.n - 1]))
			host.n--;
		/* "/home/alice/.local" and "x.local/" are files */
		if (host.n && host.p[0] != '.' && host.p[0] != '-' && is_private(host) &&
		    (i == from ||
		     (p[i - 1] != '_' && (p[i - 1] != '/' || (i >= from + 2 && p[i - 2] == '/')))))
			find_add(f, DETECT_HOST, i, i + host.n);
		i = end;
	}
}

static bool luhn(const char *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned)(digits[n - 1 - i] - '0');

		if (i % 2)
			d = d * 2 > 9 ? d * 2 - 9 : d * 2;
		sum += d;
	}
	return sum % 10 == 0;
}

/* The first digits and the lengths that the card schemes have. */
static bool is_issued(const char *d, size_t n)
{
	unsigned two = (unsigned)(d[0] - '0') * 10 + (unsigned)(d[1] - '0');

	if (n == 16)
		return d[0] == '4' || (two >= 51 && two <= 55) || (two >= 22 && two <= 27) ||
		       two == 60 || two == 65;
	return n == 15 && (two == 34 || two == 37);
}

void find_cards(struct find *f, size_t from, size_t to)
{
	const char *p = f->text.p;

	for (size_t i = from; i < to; i++) {
		char digits[17];
		size_t n = 0, end = i;

		if (!find_is_digit(p[i]) ||
		    (i > from && (find_is_word(p[i - 1]) || p[i - 1] == '.' || p[i - 1] == '-')))
			continue;
		while (end < to && n < sizeof(digits)) {
			if (find_is_digit(p[end]))
				digits[n++] = p[end];
			else if ((p[end] != ' ' && p[end] != '-') || !find_is_digit(p[end - 1]) ||
				 end + 1 >= to || !find_is_digit(p[end + 1]))
				break;
			end++;
		}
		if (n < sizeof(digits) && is_issued(digits, n) && luhn(digits, n) &&
		    !find_is_word(find_at(f, end, from, to)))
			find_add(f, DETECT_CARD, i, end);
		while (end < to && find_is_digit(p[end]))
			end++;
		i = end;
	}
}
