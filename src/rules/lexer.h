/*
 * lexer: the tokens of a condition.
 *
 * Layer: rules. The grammar has no token stream of its own: what a word means depends on where it
 * stands, so the parser asks for the token it can use next. Each function consumes its token and
 * returns true, or consumes nothing and returns false. Time is linear: no token is looked at twice
 * from more than a fixed number of places. Private to parser.c, quoting.c and output_format.c.
 */
#ifndef EYAS_LEXER_H
#define EYAS_LEXER_H

#include "rules/condition.h"

struct lexer {
	struct str text;
	struct text_pos pos;
	struct str last; /* the token consumed last */
};

void lexer_init(struct lexer *lx, struct str text);
/* The byte `ahead` of the position; NUL at and behind the end (a NUL in the text is no token). */
char lexer_peek(const struct lexer *lx, size_t ahead);
bool lexer_at_end(const struct lexer *lx);
/* Consumes n bytes without making them a token. */
void lexer_skip(struct lexer *lx, size_t n);
/* One or more of blank, tab, backspace, carriage return, newline. */
bool lexer_blank(struct lexer *lx);
bool lexer_char(struct lexer *lx, char c);
/* The word, if it stands here and a blank follows (not consumed). */
bool lexer_word_blank(struct lexer *lx, struct str word);
/* [a-zA-Z][a-zA-Z0-9_]* */
bool lexer_ident(struct lexer *lx, struct str *ret);
/* Identifiers joined by dots, two at least. */
bool lexer_field(struct lexer *lx, struct str *ret);
/* A transformer's (or val's) name with a '(' right behind it; the '(' is consumed too. */
bool lexer_call(struct lexer *lx, struct str *ret);
/* [^()"' =,]+ and no white space. */
bool lexer_bare(struct lexer *lx, struct str *ret);
/* Bare text of a field's argument: no brackets, quotes or white space. */
bool lexer_bare_arg(struct lexer *lx, struct str *ret);
/* Text in quotes, the quotes included; ends at the first such quote that has no backslash before
 * it. */
bool lexer_quoted(struct lexer *lx, struct str *ret);
/* 0x1f, or a decimal number with optional fraction and exponent. */
bool lexer_number(struct lexer *lx, struct str *ret);

/* Grammar classes, also used for quoting. */
bool lexer_is_blank(char c);
bool lexer_is_bare(char c);
bool lexer_is_bare_arg(char c);

/* A constant, and a field's argument, as canonical text has them (quoting.c). */
void condition_quote_canonical(struct str value, struct strbuf *out);
void condition_quote_arg(struct str value, struct strbuf *out);

#endif
