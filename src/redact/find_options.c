/* Options of programs that take a secret: see find.h. */
#include "redact/find.h"

#define MAX_NAME 128

enum option_value {
	VALUE_WHOLE,
	VALUE_COLON,
	VALUE_PERCENT,
	VALUE_GLUED,
	VALUE_PAIRS,
	VALUE_LOGIN,
	VALUE_USER,
};

struct option_rule {
	const char *program, *option;
	uint8_t value;
};

static const struct option_rule rules[] = {
#define PROGRAM_OPTION(program, option, value) { program, option, VALUE_##value },
#include "redact/program_option.def"
#undef PROGRAM_OPTION
};

static void add_behind(struct find *f, struct find_piece v, char sep)
{
	struct str s = str_mem(f->text.p + v.from, v.to - v.from);
	ptrdiff_t at = str_chr(s, sep);

	if (at >= 0) {
		if (at > 0 && !find_name_is_known(str_mem(s.p, (size_t)at)))
			find_add(f, DETECT_USER, v.from, v.from + (size_t)at);
		find_add_secret(f, DETECT_PASSWORD, v.from + (size_t)at + 1, v.to);
	} else if (s.n >= 16) {
		find_add_secret(f, DETECT_PASSWORD, v.from, v.to);
	} else if (!find_name_is_known(s)) {
		find_add(f, DETECT_USER, v.from, v.to);
	}
}

static void add_pairs(struct find *f, struct find_piece v)
{
	const char *p = f->text.p;
	size_t i = v.from;

	while (i < v.to) {
		size_t end = i, value;

		while (end < v.to && p[end] != ';')
			end++;
		for (value = i; value < end && p[value] != '=';)
			value++;
		if (value < end)
			find_add_secret(f, DETECT_COOKIE, value + 1, end);
		i = end + 1;
	}
}

static struct str piece_text(const struct find *f, const struct find_piece *p)
{
	return str_mem(f->text.p + p->from, p->to - p->from);
}

static void add_user(struct find *f, struct find_piece v)
{
	struct str s = piece_text(f, &v);

	/* a number is no name, and what has other signs in it is something else */
	for (size_t i = 0; i < s.n; i++)
		if (!find_is_word(s.p[i]) && s.p[i] != '-' && s.p[i] != '.')
			return;
	if (s.n && !find_is_digit(s.p[0]) && !find_name_is_known(s))
		find_add(f, DETECT_USER, v.from, v.to);
}

static void add_value(struct find *f, enum option_value form, struct find_piece v)
{
	if (form == VALUE_COLON || form == VALUE_PERCENT)
		add_behind(f, v, form == VALUE_COLON ? ':' : '%');
	else if (form == VALUE_PAIRS)
		add_pairs(f, v);
	else if (form == VALUE_USER)
		add_user(f, v);
	else
		find_add_secret(f, DETECT_PASSWORD, v.from, v.to);
}

static struct str base_name(struct str path)
{
	ptrdiff_t slash = str_rchr(path, '/');

	return str_from(path, (size_t)(slash + 1));
}

static bool is_program(struct str name)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (str_eqz(name, rules[i].program))
			return true;
	return false;
}

/* Of the table, those that run another program. */
static bool is_runner(struct str name)
{
	return str_eqz(name, "sudo") || str_eqz(name, "runuser") || str_eqz(name, "sshpass") ||
	       str_eqz(name, "docker") || str_eqz(name, "podman") || str_eqz(name, "nerdctl");
}

/* What the options of the table say of argument i. True when the next argument is its value. */
static bool use_rules(struct find *f, struct str program, bool login,
		      const struct find_piece *pieces, size_t i, size_t n)
{
	struct str word = piece_text(f, &pieces[i]);

	for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++) {
		struct str option = str_of(rules[r].option);
		enum option_value form = rules[r].value;
		struct find_piece v = pieces[i];

		if (!str_eqz(program, rules[r].program) || !str_starts(word, option) ||
		    (form == VALUE_LOGIN && !login))
			continue;
		v.from += option.n;
		if (word.n == option.n) {
			if (form == VALUE_GLUED || i + 1 == n)
				return false;
			add_value(f, form, pieces[i + 1]);
			return true;
		}
		if (option.n > 2) {
			if (word.p[option.n] != '=')
				continue;
			v.from++;
		}
		add_value(f, form, v);
		return false;
	}
	return false;
}

/* ssh jdoe@box, where no domain makes an e-mail address of it. */
static void find_login(struct find *f, struct str program, const struct find_piece *piece)
{
	static const char *const programs[] = { "ssh",  "scp",   "sftp",        "rsync",
						"mosh", "sshfs", "ssh-copy-id", "autossh" };
	ptrdiff_t at = str_chr(piece_text(f, piece), '@');

	for (size_t i = 0; at > 0 && i < sizeof(programs) / sizeof(programs[0]); i++)
		if (str_eqz(program, programs[i]))
			add_user(f, (struct find_piece){ piece->from, piece->from + (size_t)at });
}

/* --password word, and aws_secret_access_key word */
static bool takes_secret(struct str word)
{
	size_t dashes = 0;

	while (dashes < word.n && word.p[dashes] == '-')
		dashes++;
	word = str_from(word, dashes);
	if (!word.n || word.n > MAX_NAME || dashes > 2)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (!find_is_word(word.p[i]) && word.p[i] != '-' && word.p[i] != '.')
			return false;
	if (!dashes && str_chr(word, '_') < 0)
		return false;
	/* -pass is openssl's; -token and the like of Go programs */
	return find_name_is_secret(word);
}

void find_arguments(struct find *f, const struct find_piece *pieces, size_t n)
{
	struct str program = base_name(f->program);
	bool login = false;

	for (size_t i = 0; i < n; i++) {
		struct str word = piece_text(f, &pieces[i]);

		if (!word.n)
			continue;
		if (word.p[0] != '-' && is_program(base_name(word)) &&
		    (!is_program(program) || is_runner(program)))
			program = base_name(word);
		login |= str_eqz(word, "login");
		find_login(f, program, &pieces[i]);
		if (use_rules(f, program, login, pieces, i, n)) {
			i++;
		} else if (takes_secret(word) && i + 1 < n) {
			struct str next = piece_text(f, &pieces[i + 1]);

			if (next.n && next.p[0] != '-')
				find_add_named(f, word, pieces[i + 1].from, pieces[i + 1].to);
		}
	}
}
