/*
 * tty_line: lines as a person typed them, from what a program read from a terminal and wrote to it.
 *
 * Layer: cli. Keys edit a line as line editors do (erase a character, a word, the line; move;
 * delete); keys of which only the program knows what they do (completion, history) stand in the
 * line as <Tab>, <Up> and so on. Beside that, what the program wrote is drawn into one line of a
 * screen: with a line editor that shows what such keys did. Everything is bounded: a longer line
 * loses its end, counted.
 */
#ifndef EYAS_TTY_LINE_H
#define EYAS_TTY_LINE_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "base/vec.h"

#define TTY_LINE_MAX 4096 /* characters of a line */

/* A character (up to four bytes of UTF-8) or a key's name. */
struct tty_cell {
	char s[12];
};

struct tty_cells {
	VEC(struct tty_cell) v;
	size_t cursor;
	uint64_t dropped; /* characters beyond TTY_LINE_MAX */
};

/* An escape sequence or UTF-8 character that is not yet complete. */
struct tty_partial {
	char s[32];
	size_t n;
};

struct tty_line {
	struct tty_cells typed, screen;
	struct tty_partial in, out;
	bool after_return; /* the last key was Return: a line feed right behind it is part of it */
	bool told_by_name; /* a key's name was in the line */
};

void tty_line_free(struct tty_line *t);
/*
 * Takes what was read, up to the end of a line or all of it; *rest moves behind it. True when a
 * line has ended: tty_line_typed() and tty_line_screen() tell it, tty_line_next() begins the next
 * one.
 */
bool tty_line_read(struct tty_line *t, struct str *rest);
/* Takes what was written. */
void tty_line_write(struct tty_line *t, struct str data);
/* The line as it was edited; unescaped. */
void tty_line_typed(const struct tty_line *t, struct strbuf *out);
/* What the last line of the screen showed when it ended; empty when nothing was written. */
void tty_line_screen(const struct tty_line *t, struct strbuf *out);
/* Nothing has been typed since the line began. */
bool tty_line_is_empty(const struct tty_line *t);
void tty_line_next(struct tty_line *t);

#endif
