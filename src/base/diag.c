#include "base/diag.h"

#include "base/text.h"

void diag_init(struct diag *d)
{
	memset(d, 0, sizeof(*d));
	arena_init(&d->arena);
}

void diag_free(struct diag *d)
{
	arena_destroy(&d->arena);
	vec_free(&d->items);
}

static struct diag_item *add_item(struct diag *d, enum diag_level level, const char *code,
				  const char *fmt, va_list ap)
	__attribute__((format(printf, 4, 0)));

static struct diag_item *add_item(struct diag *d, enum diag_level level, const char *code,
				  const char *fmt, va_list ap)
{
	struct strbuf sb = STRBUF_INIT;
	struct diag_item *it;

	if (level == DIAG_ERROR)
		d->n_errors++;
	else if (level == DIAG_WARNING)
		d->n_warnings++;
	if (d->items.n == DIAG_MAX_ITEMS) {
		/* The last place is written over, so that the caller still has an item to fill. */
		d->n_dropped++;
		it = &d->items.v[d->items.n - 1];
		memset(it, 0, sizeof(*it));
	} else {
		it = vec_add(&d->items);
	}
	strbuf_vaddf(&sb, fmt, ap);
	it->level = level;
	it->code = code ? arena_strdup(&d->arena, code) : NULL;
	it->message = arena_memdup(&d->arena, sb.s, sb.n);
	it->offset = UINT64_MAX;
	strbuf_release(&sb);
	return it;
}

struct diag_item *diag_add(struct diag *d, enum diag_level level, const char *code, const char *fmt,
			   ...)
{
	struct diag_item *it;
	va_list ap;

	va_start(ap, fmt);
	it = add_item(d, level, code, fmt, ap);
	va_end(ap);
	return it;
}

struct diag_item *diag_add_at(struct diag *d, enum diag_level level, const char *code,
			      const char *file, uint64_t offset, const char *fmt, ...)
{
	struct diag_item *it;
	va_list ap;

	va_start(ap, fmt);
	it = add_item(d, level, code, fmt, ap);
	va_end(ap);
	it->file = arena_strdup(&d->arena, file);
	it->offset = offset;
	return it;
}

static void add_escaped(struct strbuf *out, const char *z)
{
	text_escape(out, str_of(z));
}

static void add_indented(struct strbuf *out, const char *text)
{
	struct str rest = str_of(text), line;

	while (str_split(&rest, '\n', &line)) {
		if (!line.n && !rest.p)
			break;
		strbuf_adds(out, "    ");
		text_escape(out, line);
		strbuf_addc(out, '\n');
	}
}

void diag_item_text(const struct diag_item *it, struct strbuf *out)
{
	static const char *const words[] = {
		[DIAG_ERROR] = "error", [DIAG_WARNING] = "warning", [DIAG_NOTE] = "note"
	};

	if (it->file) {
		add_escaped(out, it->file);
		if (it->has_pos)
			strbuf_addf(out, ":%u:%u", it->line + 1, it->col + 1);
		strbuf_adds(out, ": ");
	}
	strbuf_addf(out, "%s: ", words[it->level]);
	add_escaped(out, it->message);
	if (it->file && !it->has_pos && it->offset != UINT64_MAX)
		strbuf_addf(out, " (at byte %llu)", (unsigned long long)it->offset);
	if (it->code)
		strbuf_addf(out, " [%s]", it->code);
	strbuf_addc(out, '\n');
	if (it->snippet)
		add_indented(out, it->snippet);
	for (size_t i = it->n_where; i-- > 0;) {
		const struct diag_where *w = &it->where[i];

		strbuf_adds(out, "  in ");
		add_escaped(out, w->kind);
		if (w->name && w->name[0]) {
			strbuf_adds(out, " '");
			add_escaped(out, w->name);
			strbuf_addc(out, '\'');
		}
		if (w->file) {
			strbuf_adds(out, " at ");
			add_escaped(out, w->file);
			strbuf_addf(out, ":%u:%u", w->line + 1, w->col + 1);
		}
		strbuf_addc(out, '\n');
	}
}

void diag_print(const struct diag *d, FILE *f)
{
	struct strbuf sb = STRBUF_INIT;

	for (size_t i = 0; i < d->items.n; i++)
		diag_item_text(&d->items.v[i], &sb);
	if (d->n_dropped)
		strbuf_addf(&sb, "and %zu more\n", d->n_dropped);
	fwrite(sb.s, 1, sb.n, f);
	strbuf_release(&sb);
}

void diag_print_errors(const struct diag *d, FILE *f)
{
	struct strbuf sb = STRBUF_INIT;

	for (size_t i = 0; i < d->items.n; i++)
		if (d->items.v[i].level == DIAG_ERROR)
			diag_item_text(&d->items.v[i], &sb);
	fwrite(sb.s, 1, sb.n, f);
	strbuf_release(&sb);
}

void diag_print_new(const struct diag *d, size_t *told, FILE *f)
{
	struct strbuf sb = STRBUF_INIT;

	for (; *told < d->items.n; (*told)++)
		diag_item_text(&d->items.v[*told], &sb);
	fwrite(sb.s, 1, sb.n, f);
	strbuf_release(&sb);
}
