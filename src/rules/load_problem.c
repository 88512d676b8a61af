/* Problems of rules files and their places: see load_problem.h. */
#include "rules/load_problem.h"

#define SNIPPET_SIDE                                                                               \
	80                /* bytes of a long line shown on each side of the marker in load results \
			   */
#define EXCERPT_WIDTH 100 /* and around the caret, for people */

static const struct {
	const char *name, *description;
	bool is_error;
} codes[] = {
#define LOAD_CODE(name, is_error, description) { #name, description, is_error },
#include "rules/load_code.def"
#undef LOAD_CODE
	{ NULL, "", false },
};

const char *load_code_name(enum load_code c)
{
	return codes[c].name;
}

bool load_code_is_error(enum load_code c)
{
	return codes[c].is_error;
}

const char *load_code_description(enum load_code c)
{
	return codes[c].description;
}

const struct load_place *load_place_file(struct arena *a, struct load_file *f)
{
	struct load_place *p = arena_calloc(a, 1, sizeof(*p));
	p->kind = "rules content";
	p->file = f;
	return p;
}

const struct load_place *load_place_node(struct arena *a, const struct load_place *parent,
					 const char *kind, struct str name, const struct ynode *n)
{
	struct load_place *p = arena_calloc(a, 1, sizeof(*p));
	p->parent = parent;
	p->kind = kind;
	p->name = name;
	p->file = parent->file;
	p->line = n->line;
	p->col = n->col;
	p->offset = n->start;
	p->end = n->end;
	return p;
}

struct load_place *load_place_expr(struct arena *a, const struct load_place *parent,
				   struct str expr, const struct text_pos *at)
{
	struct load_place *p = arena_calloc(a, 1, sizeof(*p));
	p->parent = parent;
	p->kind = "condition expression";
	p->file = parent->file;
	p->line = parent->line + (at ? at->line : 0);
	p->col = parent->col + (at ? at->col : 0);
	p->offset = parent->offset + (at ? at->idx : 0);
	p->expr = expr.p ? expr : STR("");
	if (at)
		p->at = *at;
	return p;
}

void load_expr_name(struct str expr, struct strbuf *out)
{
	size_t n = expr.n > 20 ? 17 : expr.n;
	strbuf_addc(out, '"');
	for (size_t i = 0; i < n; i++)
		strbuf_addc(out, expr.p[i] == '\n' || expr.p[i] == '\r' ? ' ' : expr.p[i]);
	strbuf_adds(out, expr.n > 20 ? "...\"" : "\"");
}

struct load_problem *load_problem_add(struct arena *a, struct load_file *f, enum load_code code,
				      const struct load_place *place, const char *fmt, ...)
{
	struct strbuf sb = STRBUF_INIT;
	struct load_problem *p;
	va_list ap;

	if (load_code_is_error(code))
		f->n_errors++;
	if (f->problems.n == LOAD_MAX_PROBLEMS)
		return &f->beyond;
	va_start(ap, fmt);
	strbuf_vaddf(&sb, fmt, ap);
	va_end(ap);
	p = vec_add(&f->problems);
	p->code = code;
	p->place = place;
	p->message = arena_memdup(a, sb.s, sb.n);
	strbuf_release(&sb);
	return p;
}

/* The line around byte `at` of text (or the last line, when `at` is behind the end), at most `max`
 * bytes to each side. */
static struct str line_around(struct str text, size_t at, size_t max, size_t *ret_start)
{
	size_t from = at < text.n ? at : text.n, to, left, right;

	while (from > 0 && (from >= text.n || text.p[from] == '\n'))
		from--;
	to = from;
	left = from > max ? from - max : 0;
	right = text.n - to > max ? to + max : text.n;
	while (from > left && text.p[from - 1] != '\n')
		from--;
	while (to < right && text.p[to] != '\n')
		to++;
	if (!from && str_starts(text, STR("\xef\xbb\xbf"))) /* has no width */
		from = to < 3 ? to : 3;
	*ret_start = from;
	return str_mem(text.p + from, to - from);
}

void load_snippet(const struct load_place *place, struct strbuf *out)
{
	struct str text = place->expr.p ? place->expr : place->file->text;
	size_t start, at = place->offset;

	if (!text.n) {
		strbuf_adds(out, "<No context available>\n");
		return;
	}
	struct str line = line_around(text, at, 4 * SNIPPET_SIDE, &start);
	/* The tools that read this take the offset in the file also for a place in a condition. */
	while (at > start && (at >= text.n || text.p[at] == '\n'))
		at--;
	size_t caret = at - start, skip = caret > SNIPPET_SIDE ? caret - SNIPPET_SIDE : 0;
	bool cut = line.n > caret + SNIPPET_SIDE;

	if (skip) {
		strbuf_adds(out, "...");
		line = str_from(line, skip);
		caret = SNIPPET_SIDE;
	}
	strbuf_add(out, line.p, cut ? caret + SNIPPET_SIDE - 2 : line.n);
	if (cut)
		strbuf_adds(out, "...");
	if (skip)
		caret += 3;
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < caret; i++)
		strbuf_addc(out, ' ');
	strbuf_adds(out, "^\n");
}

/* An excerpt that fits a terminal: the part of the line around the caret. */
static const char *excerpt(struct arena *a, struct str text, size_t at)
{
	struct strbuf sb = STRBUF_INIT;
	const char *ret;
	size_t start;
	struct str line = line_around(text, at, 4 * EXCERPT_WIDTH, &start);
	size_t caret = at > start ? at - start : 0, from = 0;

	if (caret > line.n)
		caret = line.n;
	if (caret > EXCERPT_WIDTH * 3 / 4)
		from = caret - EXCERPT_WIDTH / 2;
	if (from)
		strbuf_adds(&sb, "...");
	size_t n = line.n - from > EXCERPT_WIDTH ? EXCERPT_WIDTH : line.n - from;
	strbuf_add(&sb, line.p + from, n);
	if (from + n < line.n)
		strbuf_adds(&sb, "...");
	strbuf_addc(&sb, '\n');
	for (size_t i = from ? from - 3 : 0; i < caret; i++)
		strbuf_addc(&sb, line.p[i] == '\t' && i >= from ? '\t' : ' ');
	strbuf_addc(&sb, '^');
	ret = arena_memdup(a, sb.s, sb.n);
	strbuf_release(&sb);
	return ret;
}

static bool word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '-' || c == '/' || (unsigned char)c >= 0x80;
}

/*
 * Where in the file the word stands that begins at `at` in an expanded condition: known when it
 * stands exactly once in the condition's value, as lists, exceptions and folding move everything
 * else about.
 */
static bool find_in_file(const struct load_place *p, const struct load_place *up, size_t at,
			 uint64_t *ret)
{
	struct str file = p->file->text, expr = p->expr;
	size_t n = 0;

	if (!up || up->end <= up->offset || up->end > file.n || at >= expr.n)
		return false;
	while (at + n < expr.n && word_char(expr.p[at + n]))
		n++;
	if (!n)
		return false;
	struct str word = str_mem(expr.p + at, n),
		   span = str_mem(file.p + up->offset, up->end - up->offset);
	size_t found = 0, where = 0;
	for (size_t i = 0; i + n <= span.n;) {
		ptrdiff_t k = str_find(str_from(span, i), word);
		if (k < 0)
			break;
		i += (size_t)k;
		if ((i == 0 || !word_char(span.p[i - 1])) &&
		    (i + n == span.n || !word_char(span.p[i + n]))) {
			found++;
			where = i;
		}
		i += n;
	}
	*ret = up->offset + where;
	return found == 1;
}

/* The line and column of an offset behind `up`. */
static void set_pos(struct diag_item *it, const struct load_place *up, uint64_t offset)
{
	/* Counted from the enclosing place, which is near, not from the start of a large file. */
	struct str text = up->file->text;
	uint32_t line = up->line;
	uint64_t start = up->offset - up->col;
	for (uint64_t i = up->offset; i < offset && i < text.n; i++) {
		if (text.p[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	it->has_pos = true;
	it->line = line;
	it->col = (uint32_t)(offset - start);
	it->offset = offset;
}

static void report_one(const struct load_problem *pr, struct diag *diag)
{
	enum diag_level level = load_code_is_error(pr->code) ? DIAG_ERROR : DIAG_WARNING;
	const struct load_place *p = pr->shown ? pr->shown : pr->place;
	size_t dropped = diag->n_dropped;
	const struct load_place *value = p && p->value ? p->value : p ? p->parent : NULL;
	struct diag_item *it;
	uint64_t off;
	size_t n = 0;

	it = diag_add(diag, level, load_code_name(pr->code), "%s%s%s%s",
		      pr->plain ? pr->plain : pr->message, pr->hint ? " (" : "",
		      pr->hint ? pr->hint : "", pr->hint ? ")" : "");
	if (diag->n_dropped != dropped || !p)
		return;
	it->file = arena_strdup(&diag->arena, p->file->name);
	if (p->expr.p && p->at.line && find_in_file(p, value, p->at.idx, &off)) {
		set_pos(it, value, off);
		it->snippet = excerpt(&diag->arena, p->file->text, off);
	} else if (p->expr.p) {
		it->has_pos = true;
		it->line = value->line;
		it->col = value->col;
		if (p->at.line)
			it->snippet = excerpt(&diag->arena, p->expr, p->at.idx);
	} else if (p->parent) {
		it->has_pos = true;
		it->line = p->line;
		it->col = p->col;
		it->offset = p->offset;
		it->snippet = excerpt(&diag->arena, p->file->text, p->offset);
	}
	/* The innermost place is told by the position; the file itself by its name. */
	for (const struct load_place *w = p->expr.p ? p->parent : p; w && w->parent; w = w->parent)
		n++;
	it->where = arena_calloc(&diag->arena, n ? n : 1, sizeof(*it->where));
	it->n_where = n;
	for (const struct load_place *w = p->expr.p ? p->parent : p; w && w->parent;
	     w = w->parent) {
		struct diag_where *dw = &it->where[--n];
		dw->kind = arena_strdup(&diag->arena, w->kind);
		dw->name = arena_memdup(&diag->arena, w->name.p ? w->name.p : "", w->name.n);
		dw->file = arena_strdup(&diag->arena, w->file->name);
		dw->line = w->line;
		dw->col = w->col;
		dw->offset = w->offset;
	}
}

void load_report(struct load_file *f, struct diag *diag)
{
	for (; f->n_reported < f->problems.n; f->n_reported++)
		report_one(&f->problems.v[f->n_reported], diag);
	if (f->problems.n == LOAD_MAX_PROBLEMS && !f->told_more) {
		diag_add(diag, DIAG_NOTE, NULL,
			 "there are more than %d problems in %s: the rest is not told",
			 LOAD_MAX_PROBLEMS, f->name);
		f->told_more = true;
	}
}
