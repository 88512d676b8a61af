/* Rows of values as text and JSON; see table.h. */
#include "cli/table.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/hashmap.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"

/* A longer cell does not make its whole column as wide. */
#define WIDEST 40

void table_init(struct table *t, const struct table_column *columns, size_t n)
{
	*t = (struct table){ .columns = columns, .n_columns = n };
	arena_init(&t->arena);
}

void table_free(struct table *t)
{
	vec_free(&t->cells);
	vec_free(&t->keys);
	vec_free(&t->leads);
	vec_free(&t->notes);
	arena_destroy(&t->arena);
}

void table_clear(struct table *t)
{
	t->cells.n = t->keys.n = t->leads.n = t->notes.n = 0;
	arena_reset(&t->arena);
}

void table_row(struct table *t, struct str key)
{
	vec_push(&t->keys, arena_str(&t->arena, key));
	vec_push(&t->leads, STR(""));
	vec_reserve(&t->cells, t->cells.n + t->n_columns);
	memset(t->cells.v + t->cells.n, 0, t->n_columns * sizeof(*t->cells.v));
	t->cells.n += t->n_columns;
}

static struct table_cell *last_row(struct table *t)
{
	return t->cells.v + (t->cells.n - t->n_columns);
}

static const struct table_cell *row_of(const struct table *t, size_t row)
{
	return t->cells.v + row * t->n_columns;
}

void table_text(struct table *t, size_t column, struct str s)
{
	last_row(t)[column] =
		(struct table_cell){ .kind = CELL_TEXT, .s = arena_str(&t->arena, s) };
}

void table_int(struct table *t, size_t column, int64_t v)
{
	last_row(t)[column] = (struct table_cell){ .kind = CELL_INT, .i = v };
}

void table_uint(struct table *t, size_t column, uint64_t v)
{
	last_row(t)[column] = (struct table_cell){ .kind = CELL_UINT, .u = v };
}

void table_time(struct table *t, size_t column, uint64_t ns)
{
	last_row(t)[column] = (struct table_cell){ .kind = CELL_TIME, .u = ns };
}

void table_bool(struct table *t, size_t column, bool v)
{
	last_row(t)[column] = (struct table_cell){ .kind = CELL_BOOL, .u = v };
}

void table_json(struct table *t, size_t column, struct str json)
{
	last_row(t)[column] =
		(struct table_cell){ .kind = CELL_JSON, .s = arena_str(&t->arena, json) };
}

void table_lead(struct table *t, struct str lead)
{
	t->leads.v[t->leads.n - 1] = arena_str(&t->arena, lead);
}

void table_note(struct table *t, struct str lead, struct str text)
{
	struct table_note note = { .row = t->keys.n - 1 };

	note.lead = arena_str(&t->arena, lead);
	note.text = arena_str(&t->arena, text);
	vec_push(&t->notes, note);
}

unsigned table_terminal_width(void)
{
	struct winsize ws;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0 || ws.ws_col < 20)
		return 80;
	return ws.ws_col;
}

/* Columns on a terminal, a character being one. */
static size_t display_width(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void cell_text(const struct table_cell *c, struct strbuf *out)
{
	size_t at = out->n;

	switch (c->kind) {
	case CELL_TEXT:
	case CELL_JSON:
		text_escape(out, c->s);
		break;
	case CELL_INT:
		strbuf_addi(out, c->i);
		break;
	case CELL_UINT:
		strbuf_addu(out, c->u);
		break;
	case CELL_TIME:
		time_iso8601(out, c->u, "");
		strbuf_truncate(out, out->n - 6); /* nothing finer than milliseconds */
		strbuf_addc(out, 'Z');
		break;
	case CELL_BOOL:
		strbuf_adds(out, c->u ? "yes" : "no");
		break;
	default:
		strbuf_addc(out, '-');
	}
	if (out->n == at)
		strbuf_addc(out, '-');
}

static void cell_json(const struct table_cell *c, struct json_writer *w)
{
	struct strbuf sb = STRBUF_INIT;

	switch (c->kind) {
	case CELL_TEXT:
		json_str(w, c->s);
		break;
	case CELL_JSON:
		json_raw(w, c->s);
		break;
	case CELL_INT:
		json_i64(w, c->i);
		break;
	case CELL_UINT:
		json_u64(w, c->u);
		break;
	case CELL_TIME:
		time_iso8601(&sb, c->u, "Z");
		json_str(w, strbuf_str(&sb));
		strbuf_release(&sb);
		break;
	case CELL_BOOL:
		json_bool(w, c->u);
		break;
	default:
		json_nil(w);
	}
}

/* How wide each column is in text; 0: it is left out. */
struct layout_of {
	size_t *width;
	size_t last; /* the last column that is shown */
};

static void measure(const struct table *t, const struct table *more, struct layout_of *ret)
{
	const struct table *tables[] = { t, more };
	struct strbuf sb = STRBUF_INIT;

	ret->width = xcalloc(t->n_columns, sizeof(*ret->width));
	ret->last = 0;
	for (size_t c = 0; c < t->n_columns; c++) {
		const struct table_column *col = &t->columns[c];
		bool any = !(col->flags & TABLE_OPTIONAL);
		size_t w;

		if (!col->title)
			continue;
		w = strlen(col->title);
		for (size_t k = 0; k < 2; k++) {
			for (size_t r = 0; tables[k] && r < table_rows(tables[k]); r++) {
				const struct table_cell *cell = row_of(tables[k], r) + c;
				size_t n;

				any |= cell->kind != CELL_NONE;
				strbuf_reset(&sb);
				cell_text(cell, &sb);
				n = display_width(strbuf_str(&sb));
				w = n > w && n <= WIDEST ? n : w;
			}
		}
		if (!any)
			continue;
		ret->width[c] = w;
		ret->last = c;
	}
	strbuf_release(&sb);
}

static void pad(struct strbuf *out, size_t n)
{
	while (n--)
		strbuf_addc(out, ' ');
}

/* Cuts what stands from `at` on to `width` columns, and ends the line. */
static void end_line(struct strbuf *out, size_t at, unsigned width)
{
	size_t n = 0;

	while (out->n > at && out->s[out->n - 1] == ' ')
		strbuf_truncate(out, out->n - 1);
	if (width && display_width((struct str){ out->s + at, out->n - at }) > width) {
		for (size_t i = at; i < out->n; i++) {
			n += ((unsigned char)out->s[i] & 0xc0) != 0x80;
			if (n > width - 3) {
				strbuf_truncate(out, i);
				break;
			}
		}
		strbuf_adds(out, "...");
	}
	strbuf_addc(out, '\n');
}

static void put_cell(const struct table_column *col, size_t width, bool last, struct str text,
		     struct strbuf *out)
{
	size_t n = display_width(text), fill = n < width ? width - n : 0;

	if (col->flags & TABLE_RIGHT)
		pad(out, fill);
	strbuf_addstr(out, text);
	if (!last) {
		if (!(col->flags & TABLE_RIGHT))
			pad(out, fill);
		strbuf_adds(out, "  ");
	}
}

static void head_line(const struct table *t, const struct layout_of *l, const char *mark,
		      unsigned width, struct strbuf *out)
{
	size_t at = out->n;

	strbuf_adds(out, mark);
	for (size_t c = 0; c < t->n_columns; c++)
		if (l->width[c])
			put_cell(&t->columns[c], l->width[c], c == l->last,
				 str_of(t->columns[c].title), out);
	end_line(out, at, width);
}

static void row_line(const struct table *t, size_t row, const struct layout_of *l, const char *mark,
		     unsigned width, struct strbuf *out)
{
	const struct table_cell *cells = row_of(t, row);
	struct strbuf sb = STRBUF_INIT;
	size_t at = out->n;

	strbuf_adds(out, mark);
	for (size_t c = 0; c < t->n_columns; c++) {
		if (!l->width[c])
			continue;
		strbuf_reset(&sb);
		if (t->columns[c].flags & TABLE_TREE)
			strbuf_addstr(&sb, t->leads.v[row]);
		cell_text(&cells[c], &sb);
		put_cell(&t->columns[c], l->width[c], c == l->last, strbuf_str(&sb), out);
	}
	end_line(out, at, width);
	strbuf_release(&sb);
}

/* Where the tree begins. */
static size_t tree_column(const struct table *t, const struct layout_of *l)
{
	size_t at = 0;

	for (size_t c = 0; c < t->n_columns && !(t->columns[c].flags & TABLE_TREE); c++)
		at += l->width[c] ? l->width[c] + 2 : 0;
	return at;
}

void table_print_text(const struct table *t, unsigned width, struct strbuf *out)
{
	struct layout_of l;
	size_t note = 0, indent;

	measure(t, NULL, &l);
	indent = tree_column(t, &l);
	head_line(t, &l, "", width, out);
	for (size_t r = 0; r < table_rows(t); r++) {
		row_line(t, r, &l, "", width, out);
		for (; note < t->notes.n && t->notes.v[note].row == r; note++) {
			size_t at = out->n;

			pad(out, indent);
			strbuf_addstr(out, t->notes.v[note].lead);
			text_escape(out, t->notes.v[note].text);
			end_line(out, at, width);
		}
	}
	free(l.width);
}

static void row_json(const struct table *t, size_t row, struct json_writer *w)
{
	const struct table_cell *cells = row_of(t, row);

	for (size_t c = 0; c < t->n_columns; c++) {
		if (!t->columns[c].key || cells[c].kind == CELL_NONE)
			continue;
		json_key(w, t->columns[c].key);
		cell_json(&cells[c], w);
	}
}

void table_print_json(const struct table *t, struct strbuf *out)
{
	for (size_t r = 0; r < table_rows(t); r++) {
		struct json_writer w;

		json_init(&w, out);
		json_begin_object(&w);
		row_json(t, r, &w);
		json_end_object(&w);
		strbuf_addc(out, '\n');
	}
}

static bool cell_same(const struct table_cell *a, const struct table_cell *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == CELL_TEXT || a->kind == CELL_JSON)
		return str_eq(a->s, b->s);
	return a->kind == CELL_NONE || a->u == b->u;
}

static bool row_same(const struct table *a, size_t ra, const struct table *b, size_t rb)
{
	const struct table_cell *x = row_of(a, ra), *y = row_of(b, rb);

	for (size_t c = 0; c < a->n_columns; c++)
		if (!cell_same(&x[c], &y[c]))
			return false;
	return true;
}

/* Calls `fn` for each difference in order: appeared, vanished, changed. */
typedef void (*diff_fn)(void *arg, char change, size_t ra, size_t rb);

/* The rows of a table by key, as row number + 1. */
static void index_rows(const struct table *t, struct strmap *ret)
{
	for (size_t r = 0; r < table_rows(t); r++)
		strmap_put(ret, t->keys.v[r], (void *)(uintptr_t)(r + 1));
}

static size_t row_at(const struct strmap *m, struct str key)
{
	return (size_t)(uintptr_t)strmap_get(m, key);
}

static size_t walk_diff(const struct table *a, const struct table *b, diff_fn fn, void *arg)
{
	struct strmap of_a = { 0 }, of_b = { 0 };
	size_t n = 0, r;

	index_rows(a, &of_a);
	index_rows(b, &of_b);
	for (size_t i = 0; i < table_rows(b); i++) {
		if (row_at(&of_a, b->keys.v[i]))
			continue;
		fn(arg, '+', 0, i);
		n++;
	}
	for (size_t i = 0; i < table_rows(a); i++) {
		if (row_at(&of_b, a->keys.v[i]))
			continue;
		fn(arg, '-', i, 0);
		n++;
	}
	for (size_t i = 0; i < table_rows(b); i++) {
		r = row_at(&of_a, b->keys.v[i]);
		if (!r || row_same(a, r - 1, b, i))
			continue;
		fn(arg, '~', r - 1, i);
		n++;
	}
	strmap_free(&of_a);
	strmap_free(&of_b);
	return n;
}

struct diff_print {
	const struct table *a, *b;
	struct layout_of layout;
	unsigned width;
	struct strbuf *out;
};

/* "      user: www-data -> root" for each value that changed. */
static void changed_text(const struct diff_print *p, size_t ra, size_t rb)
{
	const struct table_cell *x = row_of(p->a, ra), *y = row_of(p->b, rb);

	for (size_t c = 0; c < p->a->n_columns; c++) {
		const struct table_column *col = &p->a->columns[c];
		size_t at = p->out->n;

		/* A text-only column shows in another form what a JSON-only one holds. */
		if (!col->key || cell_same(&x[c], &y[c]))
			continue;
		strbuf_addf(p->out, "      %s: ", col->key);
		cell_text(&x[c], p->out);
		strbuf_adds(p->out, " -> ");
		cell_text(&y[c], p->out);
		end_line(p->out, at, p->width);
	}
}

static void diff_text(void *arg, char change, size_t ra, size_t rb)
{
	const struct diff_print *p = arg;
	const char mark[] = { change, ' ', '\0' };

	row_line(change == '-' ? p->a : p->b, change == '-' ? ra : rb, &p->layout, mark, p->width,
		 p->out);
	if (change == '~')
		changed_text(p, ra, rb);
}

size_t table_diff_text(const struct table *a, const struct table *b, unsigned width,
		       struct strbuf *out)
{
	struct diff_print p = { .a = a, .b = b, .width = width, .out = out };
	size_t n;

	measure(a, b, &p.layout);
	head_line(a, &p.layout, "  ", width, out);
	n = walk_diff(a, b, diff_text, &p);
	free(p.layout.width);
	return n;
}

static void was_json(const struct diff_print *p, size_t ra, size_t rb, struct json_writer *w)
{
	const struct table_cell *x = row_of(p->a, ra), *y = row_of(p->b, rb);

	json_key(w, "was");
	json_begin_object(w);
	for (size_t c = 0; c < p->a->n_columns; c++) {
		if (!p->a->columns[c].key || cell_same(&x[c], &y[c]))
			continue;
		json_key(w, p->a->columns[c].key);
		cell_json(&x[c], w);
	}
	json_end_object(w);
}

static void diff_json(void *arg, char change, size_t ra, size_t rb)
{
	const struct diff_print *p = arg;
	struct json_writer w;

	json_init(&w, p->out);
	json_begin_object(&w);
	json_key(&w, "change");
	json_strz(&w, change == '+' ? "appeared" : change == '-' ? "vanished" : "changed");
	if (change == '-')
		row_json(p->a, ra, &w);
	else
		row_json(p->b, rb, &w);
	if (change == '~')
		was_json(p, ra, rb, &w);
	json_end_object(&w);
	strbuf_addc(p->out, '\n');
}

size_t table_diff_json(const struct table *a, const struct table *b, struct strbuf *out)
{
	struct diff_print p = { .a = a, .b = b, .out = out };

	return walk_diff(a, b, diff_json, &p);
}
