#include "base/option.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/exit_status.h"

void option_init(struct option_state *st, const struct option_spec *spec, int argc, char **argv)
{
	*st = (struct option_state){ .spec = spec, .argc = argc, .next = 1, .argv = argv };
}

int option_outcome(int key, int status)
{
	if (status)
		return status;
	if (key == OPTION_EXIT)
		return -1;
	return key == OPTION_ERROR ? EXIT_USAGE : 0;
}

void option_free(struct option_state *st)
{
	vec_free(&st->operands);
}

static void print_help(const struct option_spec *spec)
{
	printf("usage: %s\n\n%s\n\nOptions:\n", spec->usage, spec->about);
	for (const struct option_row *r = spec->rows; r->key; r++) {
		char left[64];
		int n = 0;

		if (r->key < 256)
			n = snprintf(left, sizeof(left), "-%c%s", r->key, r->name ? ", " : "");
		else
			n = snprintf(left, sizeof(left), "    ");
		if (r->name)
			n += snprintf(left + n, sizeof(left) - (size_t)n, "--%s", r->name);
		if (r->arg)
			snprintf(left + n, sizeof(left) - (size_t)n, " %s", r->arg);
		if (strlen(left) > 28)
			printf("  %s\n  %-28s %s\n", left, "", r->help);
		else
			printf("  %-28s %s\n", left, r->help);
	}
	printf("  %-28s %s\n", "    --help", "print this and exit");
	if (spec->more)
		printf("\n%s\n", spec->more);
}

/* "eyas replay" from "eyas replay [OPTION]...": the words before the first that is not a name. */
static size_t command_words(const char *usage)
{
	size_t n = 0, end = 0;

	for (;; n++) {
		if (usage[n] == ' ' || usage[n] == '\0')
			end = n;
		if (usage[n] == '-' && n && usage[n - 1] != ' ')
			continue; /* of eyas-capture */
		if (usage[n] == '\0' || !((usage[n] >= 'a' && usage[n] <= 'z') || usage[n] == ' '))
			return end;
	}
}

int option_usage_error(const struct option_state *st, const char *fmt, ...)
{
	int words = (int)command_words(st->spec->usage);
	va_list ap;

	fprintf(stderr, "%.*s: ", words, st->spec->usage);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n\"%.*s --help\" lists the options.\n", words, st->spec->usage);
	return EXIT_USAGE;
}

int option_bad_value(const struct option_state *st, const char *takes)
{
	const struct option_row *r = st->row;

	if (takes)
		return option_usage_error(st, "'%s' is not what --%s takes: %s", st->arg, r->name,
					  takes);
	return option_usage_error(st, "'%s' is not what --%s takes: %s, %s", st->arg, r->name,
				  r->arg, r->help);
}

/* For the inside of single quotes; fish also looks at backslashes there, and no help needs one. */
static void print_quoted(const char *text)
{
	for (; text && *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (*text != '\\')
			putchar(*text);
	}
}

static void print_table(const struct option_spec *spec)
{
	int words = (int)command_words(spec->usage);
	const char *cmd = strchr(spec->usage, ' '), *options = strstr(spec->usage, "[OPTION]...");
	int n = cmd ? words - (int)(cmd - spec->usage) - 1 : 0;

	cmd = cmd ? cmd + 1 : "";
	n = n > 0 ? n : 0;
	printf("U\t%.*s\t%.*s", n, cmd, words, spec->usage);
	print_quoted(options ? options + strlen("[OPTION]...") : spec->usage + words);
	printf("\nO\t%.*s\t\t--help\t\tprint a summary and exit\n", n, cmd);
	for (const struct option_row *r = spec->rows; r->key; r++) {
		printf("O\t%.*s\t", n, cmd);
		if (r->key < 256)
			printf("-%c", r->key);
		printf("\t%s%s\t", r->name ? "--" : "", r->name ? r->name : "");
		print_quoted(r->arg);
		putchar('\t');
		print_quoted(r->help);
		putchar('\n');
	}
}

static int long_option(struct option_state *st, const char *word)
{
	const char *eq = strchr(word, '=');
	size_t n = eq ? (size_t)(eq - word) : strlen(word);
	const struct option_row *found = NULL;
	bool ambiguous = false;

	if (n == 4 && memcmp(word, "help", 4) == 0) {
		print_help(st->spec);
		return OPTION_EXIT;
	}
	if (strcmp(word, OPTION_TABLE) == 0) {
		print_table(st->spec);
		return OPTION_EXIT;
	}
	for (const struct option_row *r = st->spec->rows; r->key; r++) {
		if (!r->name || strncmp(r->name, word, n) != 0)
			continue;
		if (strlen(r->name) == n) {
			found = r;
			ambiguous = false;
			break;
		}
		ambiguous = found != NULL;
		found = r;
	}
	if (!found || ambiguous) {
		option_usage_error(st, "%s option '--%.*s'", found ? "ambiguous" : "unknown",
				   (int)n, word);
		return OPTION_ERROR;
	}
	st->row = found;
	if (!found->arg) {
		if (eq) {
			option_usage_error(st, "option '--%s' takes no argument", found->name);
			return OPTION_ERROR;
		}
		return found->key;
	}
	if (eq) {
		st->arg = eq + 1;
	} else if (st->next < st->argc) {
		st->arg = st->argv[st->next++];
	} else {
		option_usage_error(st, "option '--%s' needs %s", found->name, found->arg);
		return OPTION_ERROR;
	}
	return found->key;
}

static int short_option(struct option_state *st)
{
	char c = *st->cluster++;
	const struct option_row *r = st->spec->rows;

	while (r->key && r->key != (unsigned char)c)
		r++;
	if (!r->key) {
		if (c == 'h') {
			print_help(st->spec);
			return OPTION_EXIT;
		}
		option_usage_error(st, "unknown option '-%c'", c);
		return OPTION_ERROR;
	}
	st->row = r;
	if (!r->arg)
		return r->key;
	if (*st->cluster) {
		st->arg = st->cluster;
		st->cluster = NULL;
	} else if (st->next < st->argc) {
		st->arg = st->argv[st->next++];
	} else {
		option_usage_error(st, "option '-%c' needs %s", c, r->arg);
		return OPTION_ERROR;
	}
	return r->key;
}

int option_next(struct option_state *st)
{
	st->arg = NULL;
	st->row = NULL;
	if (st->cluster && *st->cluster)
		return short_option(st);
	while (st->next < st->argc) {
		char *word = st->argv[st->next++];

		if (st->only_operands || word[0] != '-' || !word[1]) {
			vec_push(&st->operands, word);
		} else if (strcmp(word, "--") == 0) {
			st->only_operands = true;
		} else if (word[1] == '-') {
			return long_option(st, word + 2);
		} else {
			st->cluster = word + 1;
			return short_option(st);
		}
	}
	return OPTION_END;
}

void option_operands_text(const struct option_state *st, size_t from, struct strbuf *out)
{
	for (size_t i = from; i < st->operands.n; i++) {
		if (i > from)
			strbuf_addc(out, ' ');
		strbuf_adds(out, st->operands.v[i]);
	}
}
