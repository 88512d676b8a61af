/* Values of what is named a password, a secret, a token or a key: see find.h. */
#include "redact/find.h"

#define MAX_NAME 128

static bool is_name(char c)
{
	return find_is_word(c) || c == '-' || c == '.';
}

static bool is_any(struct str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqz(s, words[i]))
			return true;
	return false;
}

#define IS_ANY(s, words) is_any(s, words, sizeof(words) / sizeof((words)[0]))

/*
 * The name in lower case, an underscore between its words: of "clientSecret" and "X-Client-Secret"
 * alike. The last two words are borrowed from buf.
 */
static void split_name(struct str name, char buf[2 * MAX_NAME], struct str *ret_last,
		       struct str *ret_before, bool *ret_single)
{
	size_t n = 0, start = 0;
	struct str words[2] = { { buf, 0 }, { buf, 0 } };
	unsigned count = 0;

	if (name.n > MAX_NAME)
		name = str_from(name, name.n - MAX_NAME);
	for (size_t i = 0; i <= name.n; i++) {
		char c = i < name.n ? name.p[i] : '_';
		bool camel = i && i < name.n && find_is_upper(c) && find_is_lower(name.p[i - 1]);

		if ((!find_is_alnum(c) || camel) && n > start) {
			words[1] = words[0];
			words[0] = str_mem(buf + start, n - start);
			start = n;
			count++;
		}
		if (find_is_alnum(c))
			buf[n++] = find_is_upper(c) ? (char)(c + 32) : c;
	}
	/* "password2" */
	while (words[0].n > 1 && find_is_digit(words[0].p[words[0].n - 1]))
		words[0].n--;
	*ret_last = words[0];
	*ret_before = words[1];
	*ret_single = count == 1;
}

bool find_name_is_secret(struct str name)
{
	static const char *const last_words[] = { "pass",       "pwd",           "sshpass",
						  "dbpass",     "userpass",      "smtppass",
						  "apikey",     "secretkey",     "accesskey",
						  "authkey",    "privatekey",    "masterkey",
						  "accountkey", "passcode",      "credentials",
						  "credential", "connectionkey", "signature" };
	static const char *const key_of[] = { "api",        "access",  "secret",  "private",
					      "encryption", "signing", "auth",    "account",
					      "master",     "license", "session", "app",
					      "service",    "shared",  "hmac",    "jwt",
					      "storage",    "deploy",  "crypt",   "webhook",
					      "publish",    "write",   "ingest" };
	static const char *const endings[] = { "password", "passwd", "passphrase",
					       "secret",   "token",  "apitoken" };
	char buf[2 * MAX_NAME];
	struct str last, before;
	bool single;

	split_name(name, buf, &last, &before, &single);
	if (single && (str_eqz(last, "pwd") || str_eqz(last, "oldpwd")))
		return false; /* the shell's working directory */
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_ends(last, str_of(endings[i])))
			return true;
	if (IS_ANY(last, last_words))
		return true;
	if (str_eqz(last, "base") && str_eqz(before, "key"))
		return true; /* SECRET_KEY_BASE */
	return str_eqz(last, "key") && IS_ANY(before, key_of);
}

/* A name of things that hold the name of a user. */
static bool name_is_user(struct str name)
{
	static const char *const names[] = { "USER",      "LOGNAME",  "SUDO_USER",
					     "USERNAME",  "PGUSER",   "username",
					     "user_name", "userName", "login_name" };

	return IS_ANY(name, names);
}

/* What is not secret though it stands where a secret could: switches, names of files. */
static bool is_no_secret(struct str v)
{
	static const char *const words[] = { "true", "false",  "yes",   "no",  "on",
					     "off",  "none",   "null",  "nil", "0",
					     "1",    "prompt", "stdin", "ask", "-",
					     "env",  "file",   "...",   "\\",  "auto" };
	static const char *const places[] = { "/etc/",  "/run/",     "/var/",  "/home/",  "/root/",
					      "/usr/",  "/opt/",     "/tmp/",  "/srv/",   "/mnt/",
					      "/proc/", "/dev/",     "/data/", "/app/",   "/sys/",
					      "/lib/",  "/secrets/", "./",     "../",     "~/",
					      "file:",  "env:",      "fd:",    "arn:aws:" };

	if (IS_ANY(v, words) || find_is_mask(v))
		return true;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (str_starts(v, str_of(places[i])))
			return true;
	/* ${NAME} stands for what is elsewhere */
	return str_starts(v, STR("${")) && str_ends(v, STR("}"));
}

void find_add_secret(struct find *f, enum detector d, size_t from, size_t to)
{
	struct str v;

	/* openssl -passin pass:word */
	if (from < to && str_starts(str_mem(f->text.p + from, to - from), STR("pass:")))
		from += 5;
	if (from >= to)
		return;
	v = str_mem(f->text.p + from, to - from);
	if (!is_no_secret(v))
		find_add(f, d, from, to);
}

/* A secret access key of AWS: 40 characters of base64, where it is named. */
static enum detector kind_of(struct str name, struct str v)
{
	if (v.n != 40 || str_find_nocase(name, STR("aws")) < 0)
		return DETECT_PASSWORD;
	for (size_t i = 0; i < v.n; i++)
		if (!find_is_alnum(v.p[i]) && v.p[i] != '/' && v.p[i] != '+')
			return DETECT_PASSWORD;
	return DETECT_AWS_SECRET;
}

void find_add_named(struct find *f, struct str name, size_t from, size_t to)
{
	find_add_secret(f, kind_of(name, str_mem(f->text.p + from, to - from)), from, to);
}

/* "...&sig=" of a URL that is signed. */
static bool is_signature(const struct find *f, struct str name, size_t from)
{
	size_t at = (size_t)(name.p - f->text.p);

	return str_eqz(name, "sig") && at > from && strchr("?&", f->text.p[at - 1]);
}

/* An npm or docker configuration's "auth": base64 of user:password. */
static bool is_auth(struct str name, struct str v)
{
	if (!str_eqz(name, "auth") && !str_eqz(name, "_auth"))
		return false;
	for (size_t i = 0; i < v.n; i++)
		if (!find_is_alnum(v.p[i]) && !strchr("+/=", v.p[i]))
			return false;
	return v.n >= 12;
}

/* The value that begins at i: its bytes, less quotes; *ret_end is behind it. */
static struct find_piece value_at(const struct find *f, size_t i, size_t to, size_t *ret_end)
{
	const char *p = f->text.p;
	struct find_piece v;
	size_t escapes = 0;
	char quote;

	while (i < to && p[i] == '\\') {
		i++;
		escapes++;
	}
	if (i < to && (p[i] == '"' || p[i] == '\'')) {
		quote = p[i++];
		v.from = v.to = i;
		while (v.to < to &&
		       (p[v.to] != quote || (!escapes && p[v.to - 1] == '\\' && v.to > i)))
			v.to++;
		*ret_end = v.to;
		if (escapes && v.to > i && p[v.to - 1] == '\\')
			v.to--;
		return v;
	}
	i -= escapes;
	v.from = v.to = i;
	while (v.to < to && p[v.to] && !find_is_blank(p[v.to]) &&
	       !strchr("\"'&;|<>,)}]\\", p[v.to]))
		v.to++;
	*ret_end = v.to;
	return v;
}

/* The name in front of the separator at i, without quotes and blanks. */
static struct find_piece name_before(const struct find *f, size_t i, size_t from, bool *ret_blank)
{
	const char *p = f->text.p;
	struct find_piece name;

	*ret_blank = false;
	while (i > from && (p[i - 1] == ' ' || p[i - 1] == '\t')) {
		*ret_blank = true;
		i--;
	}
	if (i > from && (p[i - 1] == '"' || p[i - 1] == '\'')) {
		i--;
		while (i > from && p[i - 1] == '\\')
			i--;
	}
	name.from = name.to = i;
	while (name.from > from && is_name(p[name.from - 1]))
		name.from--;
	return name;
}

/* "--password=two words" does, "PASSWORD=x program" does not, unless it is a variable. */
static bool goes_to_end(const struct find *f, const struct find_piece *name, size_t from, size_t to,
			enum find_values values)
{
	size_t i = from;

	while (i < to && f->text.p[i] == '-')
		i++;
	if (values == VALUES_TEXT || (name->from != from && name->from != i))
		return false;
	return values == VALUES_VARIABLE || i > from || !memchr(f->text.p + from, ' ', to - from);
}

void find_named(struct find *f, size_t from, size_t to, enum find_values values)
{
	const char *p = f->text.p;
	size_t left = from; /* what is behind it belongs to no name or value yet */

	for (size_t i = from; i < to; i++) {
		struct find_piece name, v;
		bool blank, is_user, is_secret;
		struct str n, value;
		size_t end, at = i + 1;

		if (p[i] != '=' && p[i] != ':')
			continue;
		name = name_before(f, i, left, &blank);
		left = i + 1;
		n = str_mem(p + name.from, name.to - name.from);
		if (!n.n || (p[i] == ':' &&
			     (find_at(f, name.from - 1, from, to) == '/' ||
			      find_at(f, at, from, to) == ':' || find_at(f, at, from, to) == '/')))
			continue;
		is_user = name_is_user(n);
		is_secret = find_name_is_secret(n) || is_signature(f, n, from);
		if (!is_user && !is_secret && !str_eqz(n, "auth") && !str_eqz(n, "_auth"))
			continue;
		if (p[i] == ':' || blank)
			while (at < to && (p[at] == ' ' || p[at] == '\t'))
				at++;
		if (p[i] == '=' && goes_to_end(f, &name, from, to, values)) {
			v = (struct find_piece){ at, to };
			end = to;
		} else {
			v = value_at(f, at, to, &end);
		}
		value = str_mem(p + v.from, v.to - v.from);
		if (is_user && !find_name_is_known(value) && !str_starts(value, STR("system:")))
			find_add(f, DETECT_USER, v.from, v.to);
		if (!is_user && (is_secret || is_auth(n, value)))
			find_add_named(f, n, v.from, v.to);
		/* what is secret holds no further names; nor is it looked through again and again
		 */
		if (!is_user && end > at)
			i = end - 1;
		left = i + 1;
	}
}
