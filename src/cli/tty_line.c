/* Lines as they were typed; see tty_line.h. */
#include "cli/tty_line.h"

#include <stdlib.h>

#include "base/text.h"

enum {
	KEY_CTRL_A = 0x01,
	KEY_CTRL_B = 0x02,
	KEY_CTRL_C = 0x03,
	KEY_CTRL_D = 0x04,
	KEY_CTRL_E = 0x05,
	KEY_CTRL_F = 0x06,
	KEY_BACKSPACE = 0x08,
	KEY_TAB = 0x09,
	KEY_LINE_FEED = 0x0a,
	KEY_CTRL_K = 0x0b,
	KEY_RETURN = 0x0d,
	KEY_CTRL_U = 0x15,
	KEY_CTRL_W = 0x17,
	KEY_CTRL_Z = 0x1a,
	KEY_ESCAPE = 0x1b,
	KEY_DELETE = 0x7f,
};

void tty_line_free(struct tty_line *t)
{
	vec_free(&t->typed.v);
	vec_free(&t->screen.v);
}

static void cells_clear(struct tty_cells *c)
{
	c->v.n = c->cursor = 0;
	c->dropped = 0;
}

static struct tty_cell cell_of(const char *p, size_t n)
{
	struct tty_cell cell = { { 0 } };

	memcpy(cell.s, p, n < sizeof(cell.s) ? n : sizeof(cell.s) - 1);
	return cell;
}

/* Removes `n` cells from `at` on. */
static void cells_remove(struct tty_cells *c, size_t at, size_t n)
{
	if (at >= c->v.n)
		return;
	if (n > c->v.n - at)
		n = c->v.n - at;
	memmove(c->v.v + at, c->v.v + at + n, (c->v.n - at - n) * sizeof(*c->v.v));
	c->v.n -= n;
	if (c->cursor > c->v.n)
		c->cursor = c->v.n;
}

static void cells_insert(struct tty_cells *c, struct tty_cell cell)
{
	if (c->v.n >= TTY_LINE_MAX) {
		c->dropped++;
		return;
	}
	vec_push(&c->v, cell);
	memmove(c->v.v + c->cursor + 1, c->v.v + c->cursor,
		(c->v.n - 1 - c->cursor) * sizeof(*c->v.v));
	c->v.v[c->cursor++] = cell;
}

/* As on a screen: over what is there. */
static void cells_put(struct tty_cells *c, struct tty_cell cell)
{
	if (c->cursor >= TTY_LINE_MAX) {
		c->dropped++;
		return;
	}
	while (c->v.n <= c->cursor)
		vec_push(&c->v, cell_of(" ", 1));
	c->v.v[c->cursor++] = cell;
}

static void cells_text(const struct tty_cells *c, struct strbuf *out)
{
	for (size_t i = 0; i < c->v.n; i++)
		strbuf_adds(out, c->v.v[i].s);
}

/* What could still become a complete sequence or character. */
static bool is_partial(const struct tty_partial *p)
{
	unsigned char first = (unsigned char)p->s[0], last = (unsigned char)p->s[p->n - 1];
	size_t want;

	if (p->n >= sizeof(p->s))
		return false;
	if (first == KEY_ESCAPE) {
		if (p->n == 1)
			return true;
		if (p->s[1] == '[')
			return p->n == 2 || last < 0x40 || last > 0x7e;
		if (p->s[1] == ']') /* a title: ends with BEL or ESC \ */
			return last != 0x07 && !(last == '\\' && p->s[p->n - 2] == KEY_ESCAPE);
		return p->s[1] == 'O' && p->n == 2;
	}
	if (first < 0xc0)
		return false;
	want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	return p->n < want && (p->n == 1 || (last & 0xc0) == 0x80);
}

/* Adds a byte; true when p->s is complete, and is to be emptied. */
static bool partial_add(struct tty_partial *p, char c)
{
	/* A long title: its bytes do not matter, its end does. */
	if (p->n == sizeof(p->s) - 1 && p->s[0] == KEY_ESCAPE && p->s[1] == ']')
		p->n--;
	p->s[p->n++] = c;
	return !is_partial(p);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void key_name(struct tty_line *t, const char *name)
{
	t->told_by_name = true;
	cells_insert(&t->typed, cell_of(name, strlen(name)));
}

/* Up and Down show another line in place of this one. */
static void key_history(struct tty_line *t, const char *name)
{
	cells_clear(&t->typed);
	key_name(t, name);
}

static void erase_word(struct tty_cells *c)
{
	size_t end = c->cursor, at = end;

	while (at && strcmp(c->v.v[at - 1].s, " ") == 0)
		at--;
	while (at && strcmp(c->v.v[at - 1].s, " ") != 0)
		at--;
	c->cursor = at;
	cells_remove(c, at, end - at);
}

static void escape_key(struct tty_line *t, const struct tty_partial *p)
{
	struct tty_cells *c = &t->typed;
	char last = p->s[p->n - 1];

	if (p->n < 3) {
		key_name(t, "<Esc>");
		return;
	}
	switch (last) {
	case 'A':
		key_history(t, "<Up>");
		return;
	case 'B':
		key_history(t, "<Down>");
		return;
	case 'C':
		c->cursor += c->cursor < c->v.n;
		return;
	case 'D':
		c->cursor -= c->cursor > 0;
		return;
	case 'H':
		c->cursor = 0;
		return;
	case 'F':
		c->cursor = c->v.n;
		return;
	case '~':
		if (p->n == 4 && p->s[2] == '3')
			cells_remove(c, c->cursor, 1);
		else if (p->n == 4 && (p->s[2] == '1' || p->s[2] == '7'))
			c->cursor = 0;
		else if (p->n == 4 && (p->s[2] == '4' || p->s[2] == '8'))
			c->cursor = c->v.n;
		/* 200~ and 201~ are around what is pasted. */
		return;
	default:
		return; /* answers of the terminal, and keys that type nothing */
	}
}

/* A control character; true when it ends the line. */
static bool control_key(struct tty_line *t, unsigned char key)
{
	struct tty_cells *c = &t->typed;
	char name[8];

	switch (key) {
	case KEY_LINE_FEED:
	case KEY_RETURN:
		return true;
	case KEY_CTRL_C:
		key_name(t, "^C");
		return true;
	case KEY_CTRL_D:
		if (c->v.n) {
			cells_remove(c, c->cursor, 1);
			return false;
		}
		key_name(t, "^D");
		return true;
	case KEY_BACKSPACE:
	case KEY_DELETE:
		if (c->cursor)
			cells_remove(c, --c->cursor, 1);
		return false;
	case KEY_CTRL_U:
		cells_remove(c, 0, c->cursor);
		c->cursor = 0;
		return false;
	case KEY_CTRL_W:
		erase_word(c);
		return false;
	case KEY_CTRL_K:
		cells_remove(c, c->cursor, c->v.n);
		return false;
	case KEY_CTRL_A:
		c->cursor = 0;
		return false;
	case KEY_CTRL_E:
		c->cursor = c->v.n;
		return false;
	case KEY_CTRL_B:
		c->cursor -= c->cursor > 0;
		return false;
	case KEY_CTRL_F:
		c->cursor += c->cursor < c->v.n;
		return false;
	case KEY_TAB:
		key_name(t, "<Tab>");
		return false;
	default:
		name[0] = '<';
		name[1] = '^';
		name[2] = (char)(key + 0x40);
		name[3] = '>';
		name[4] = '\0';
		key_name(t, name);
		return false;
	}
}

bool tty_line_read(struct tty_line *t, struct str *rest)
{
	while (rest->n) {
		unsigned char c = (unsigned char)rest->p[0];
		bool second = c == KEY_LINE_FEED && t->after_return;

		*rest = str_from(*rest, 1);
		t->after_return = c == KEY_RETURN;
		if (second)
			continue;
		if (!t->in.n && (c < 0x20 || c == KEY_DELETE) && c != KEY_ESCAPE) {
			if (control_key(t, c))
				return true;
			continue;
		}
		if (!partial_add(&t->in, (char)c))
			continue;
		if (t->in.s[0] == KEY_ESCAPE)
			escape_key(t, &t->in);
		else
			cells_insert(&t->typed, cell_of(t->in.s, t->in.n));
		t->in.n = 0;
	}
	return false;
}

/* --- the screen ------------------------------------------------------------------------------- */

/* Control sequences that line editors use to draw a line (ECMA-48). */
static void draw_sequence(struct tty_cells *c, const struct tty_partial *p)
{
	size_t n = 0;
	bool given = false;

	if (p->n < 3 || p->s[1] != '[')
		return;
	for (size_t i = 2; i + 1 < p->n && p->s[i] >= '0' && p->s[i] <= '9' && n < 10000; i++) {
		n = n * 10 + (size_t)(p->s[i] - '0');
		given = true;
	}
	switch (p->s[p->n - 1]) {
	case 'C':
		n = given ? n : 1;
		c->cursor = c->cursor + n < TTY_LINE_MAX ? c->cursor + n : TTY_LINE_MAX;
		break;
	case 'D':
		n = given ? n : 1;
		c->cursor -= n < c->cursor ? n : c->cursor;
		break;
	case 'G':
		c->cursor = n ? n - 1 : 0;
		if (c->cursor > TTY_LINE_MAX)
			c->cursor = TTY_LINE_MAX;
		break;
	case 'K':
		if (!n && c->cursor < c->v.n)
			c->v.n = c->cursor;
		break;
	case 'P':
		cells_remove(c, c->cursor, given ? n : 1);
		break;
	case '@':
		for (n = given ? n : 1; n && c->cursor < c->v.n; n--) {
			cells_insert(c, cell_of(" ", 1));
			c->cursor--;
		}
		break;
	case 'J':
		if (n >= 2)
			cells_clear(c);
		else if (c->cursor < c->v.n)
			c->v.n = c->cursor;
		break;
	}
}

void tty_line_write(struct tty_line *t, struct str data)
{
	struct tty_cells *c = &t->screen;

	for (size_t i = 0; i < data.n; i++) {
		unsigned char b = (unsigned char)data.p[i];

		if (!t->out.n && b < 0x20 && b != KEY_ESCAPE) {
			if (b == KEY_LINE_FEED)
				cells_clear(c);
			else if (b == KEY_RETURN)
				c->cursor = 0;
			else if (b == KEY_BACKSPACE)
				c->cursor -= c->cursor > 0;
			continue;
		}
		if (!partial_add(&t->out, (char)b))
			continue;
		if (t->out.s[0] == KEY_ESCAPE)
			draw_sequence(c, &t->out);
		else
			cells_put(c, cell_of(t->out.s, t->out.n));
		t->out.n = 0;
	}
}

void tty_line_typed(const struct tty_line *t, struct strbuf *out)
{
	cells_text(&t->typed, out);
	if (t->typed.dropped)
		strbuf_addf(out, "<%llu more>", (unsigned long long)t->typed.dropped);
}

void tty_line_screen(const struct tty_line *t, struct strbuf *out)
{
	cells_text(&t->screen, out);
}

bool tty_line_is_empty(const struct tty_line *t)
{
	return !t->typed.v.n;
}

void tty_line_next(struct tty_line *t)
{
	cells_clear(&t->typed);
	t->told_by_name = false;
}
