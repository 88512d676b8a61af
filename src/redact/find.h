/*
 * find: where in a text there is something that has to be replaced.
 *
 * Layer: redact. The detectors look at one text at a time and remember nothing; what a value is
 * found out to be in one place and has to be replaced in others is word_index.h's. Time is linear
 * in the text, whatever it holds. Findings may overlap, and come in no order.
 */
#ifndef EYAS_FIND_H
#define EYAS_FIND_H

#include "base/vec.h"
#include "redact/detector.h"

struct finding {
	uint32_t at, n;
	uint8_t detector; /* enum detector */
	uint8_t form;     /* enum pseudonym_form */
	uint64_t value;   /* what it is a form of, as a number: an encoded secret; 0: of itself */
};

typedef VEC(struct finding) findings;

/* What a text is. */
enum text_form {
	TEXT_PLAIN,
	TEXT_PAYLOAD,
	TEXT_PATH,
	TEXT_ARGUMENTS,   /* each ends in NUL */
	TEXT_ENVIRONMENT, /* NAME=VALUE, each ends in NUL */
	TEXT_USER,        /* the name of a user, all of it */
	TEXT_HOST,        /* the name of the host */
	TEXT_FORM_N,
};

struct find {
	const struct detector_set *set;
	struct str text;
	struct str program; /* whose arguments they are: a path or a name; may be empty */
	findings *out;
	bool token_first[256]; /* a row of token_list.def begins so */
};

/* For texts of detectors that `set` has; the rest is filled in for each text. */
void find_init(struct find *f, const struct detector_set *set);
/* All that the detectors see in f->text. */
void find_all(struct find *f, enum text_form form);

/* The finders; of the bytes [from, to) of f->text. */
void find_tokens(struct find *f, size_t from, size_t to);
void find_blocks(struct find *f, size_t from, size_t to); /* PEM, SSH keys, password hashes */
/* How far a value goes whose name begins the piece: in an environment to its end, in an argument
 * too unless it looks like a command line. */
enum find_values { VALUES_TEXT, VALUES_ARGUMENT, VALUES_VARIABLE };
void find_named(struct find *f, size_t from, size_t to, enum find_values values);
void find_web(struct find *f, size_t from, size_t to); /* URLs, headers */
void find_people(struct find *f, size_t from, size_t to);
void find_hosts(struct find *f, size_t from, size_t to);
void find_cards(struct find *f, size_t from, size_t to);
void find_addresses(struct find *f, size_t from, size_t to);

/* A piece of a text: an argument, a word of a command line. */
struct find_piece {
	size_t from, to;
};

/* The secrets among the arguments of f->program: what names and forms of values tell. */
void find_arguments(struct find *f, const struct find_piece *pieces, size_t n);

/* Adds a finding of an enabled detector, up to a NUL, which ends every text; empty ones are
 * ignored. */
void find_add(struct find *f, enum detector d, size_t from, size_t to);
/* The value of something that is named secret, which need not be one ("true", a path, "***"). */
void find_add_secret(struct find *f, enum detector d, size_t from, size_t to);
/* The same for the value of a secret of this name. */
void find_add_named(struct find *f, struct str name, size_t from, size_t to);
/* Whether so named a thing is secret: "DB_PASSWORD", "x-api-key", "clientSecret". */
bool find_name_is_secret(struct str name);
/* A name of known_name.def. */
bool find_name_is_known(struct str name);
/* Nothing but asterisks: it was replaced already. */
bool find_is_mask(struct str s);

static inline bool find_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool find_is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool find_is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool find_is_alnum(char c)
{
	return find_is_digit(c) || find_is_upper(c) || find_is_lower(c);
}

static inline bool find_is_word(char c)
{
	return find_is_alnum(c) || c == '_';
}

static inline bool find_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The byte at i, or NUL outside of [from, to). */
static inline char find_at(const struct find *f, size_t i, size_t from, size_t to)
{
	return i >= from && i < to ? f->text.p[i] : '\0';
}

#endif
