#include "trace/script_reader.h"

#include <errno.h>

#include "base/text.h"
#include "trace/eyas_format.h"
#include "trace/script_event.h"
#include "trace/script_snapshot.h"

#define MAX_SCRIPT ((size_t)1 << 30)
#define MAX_ERRORS 100
#define EXCERPT    100 /* bytes of the line shown, at most */
#define FIRST_LINE "eyas-script 1"

/* Events begin here when a script gives no time: 2026-01-01T00:00:00Z. */
#define SCRIPT_EPOCH UINT64_C(1767225600000000000)

struct script_reader {
	struct source source;
	struct input *in;
	struct str text, rest;
	struct arena event_arena, texts;
	struct snapshot snap;
	struct u64map listed;
	bool have_snap; /* a snapshot is being gathered */
	bool body;      /* something else than a snapshot line has come in this section */
	uint64_t ts;
	struct strbuf note, author;
	bool checking; /* the first walk: errors are told */
	size_t n_errors;
};

static struct script_reader *reader_of(struct source *s)
{
	return (struct script_reader *)s;
}

/* ---- errors */

static void add_excerpt(struct strbuf *out, struct str line, size_t col, size_t len)
{
	size_t from = col > EXCERPT / 2 ? col - EXCERPT / 2 : 0, before;
	struct str shown = str_from(line, from);

	if (shown.n > EXCERPT)
		shown.n = EXCERPT;
	if (from)
		strbuf_adds(out, "...");
	before = col - from;
	for (size_t i = 0; i < shown.n; i++) {
		/* One column a byte, so that the caret stands right. */
		char c = shown.p[i];

		strbuf_addc(out, c == '\t' ? ' ' : (unsigned char)c < 0x20 || c == 0x7f ? '.' : c);
	}
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < before + (from ? 3 : 0); i++)
		strbuf_addc(out, ' ');
	strbuf_addc(out, '^');
	for (size_t i = 1; i < len && i + before < shown.n; i++)
		strbuf_addc(out, '^');
}

static void script_error(struct script_reader *r, struct str at, const char *what)
{
	struct strbuf snippet = STRBUF_INIT, clean = STRBUF_INIT;
	size_t pos = (size_t)(at.p - r->text.p), line = 0, start = 0;
	struct diag_item *it;
	struct str l;
	ptrdiff_t end;

	r->n_errors++;
	if (!r->checking || r->n_errors > MAX_ERRORS)
		return;
	for (size_t i = 0; i < pos; i++)
		if (r->text.p[i] == '\n') {
			line++;
			start = i + 1;
		}
	l = str_from(r->text, start);
	end = str_chr(l, '\n');
	if (end >= 0)
		l.n = (size_t)end;
	text_escape(&clean, str_of(what));
	it = diag_add(r->source.diag, DIAG_ERROR, "SCRIPT", "%s", clean.s);
	it->file = r->source.name;
	it->has_pos = true;
	it->line = (uint32_t)line;
	it->col = (uint32_t)(pos - start);
	add_excerpt(&snippet, l, pos - start, at.n);
	it->snippet = arena_strdup(&r->source.diag->arena, snippet.s);
	strbuf_release(&snippet);
	strbuf_release(&clean);
}

/* ---- lines */

/* To the end of the line, over continuations. */
static void skip_line(struct script_reader *r)
{
	struct script_word w;
	ptrdiff_t end;
	int n;

	while ((n = script_next_word(&r->rest, &w)) > 0)
		;
	end = str_chr(r->rest, '\n');
	r->rest = end < 0 ? str_from(r->rest, r->rest.n) : str_from(r->rest, (size_t)end + 1);
	(void)n;
}

/* One more word, or an error: 1, 0 at the end of the line, -1 told. */
static int next_word(struct script_reader *r, struct script_word *w)
{
	int n = script_next_word(&r->rest, w);

	if (n < 0)
		script_error(r, (struct str){ r->rest.p, 0 },
			     "a quote or bracket is not closed on this line");
	return n;
}

static void snapshot_begin(struct script_reader *r)
{
	snapshot_reset(&r->snap);
	r->snap.machine.n_cpus = UINT32_MAX;
	u64map_clear(&r->listed);
	r->have_snap = true;
	r->body = false;
}

static void snapshot_line(struct script_reader *r, const struct script_word *first)
{
	struct strbuf why = STRBUF_INIT;
	struct script_row row;
	struct script_word w;
	const char *what;
	int n;

	if (!r->have_snap)
		snapshot_begin(r);
	script_row_begin(&row, first->text, &r->snap, &r->listed);
	while ((n = next_word(r, &w)) > 0) {
		what = script_row_word(&row, &w, &why);
		if (what)
			script_error(r, w.text, what);
		strbuf_reset(&why);
	}
	what = n ? NULL : script_row_end(&row);
	if (what)
		script_error(r, first->text, what);
	strbuf_release(&why);
}

static bool loss_word(const struct script_word *w, struct loss *l)
{
	uint64_t v;

	if (str_eqz(w->key, "count") && str_eqz(w->value, "unknown")) {
		l->count = UINT64_MAX;
		return true;
	}
	if (str_eqz(w->key, "count"))
		return script_number(w->value, 8, &l->count);
	if (str_eqz(w->key, "from"))
		return script_parse_time(w->value, &l->from_ts);
	if (str_eqz(w->key, "to"))
		return script_parse_time(w->value, &l->to_ts);
	if (str_eqz(w->key, "cpu")) {
		if (!script_number(w->value, 2, &v))
			return false;
		l->cpu = (uint16_t)v;
		return true;
	}
	if (str_eqz(w->key, "cause")) {
		for (unsigned i = 0; i < LOSS_N; i++)
			if (str_eqz(w->value, script_causes[i])) {
				l->cause = (uint16_t)i;
				return true;
			}
		if (!script_number(w->value, 2, &v))
			return false;
		l->cause = (uint16_t)v;
		return true;
	}
	return false;
}

static int loss_line(struct script_reader *r, struct record *ret)
{
	struct script_word w;
	int n;

	ret->kind = RECORD_LOSS;
	ret->loss = (struct loss){ .count = UINT64_MAX, .cpu = UINT16_MAX };
	while ((n = next_word(r, &w)) > 0)
		if (!loss_word(&w, &ret->loss))
			script_error(
				r, w.text,
				"a loss line has count= (a number or unknown), from=, to= (times), cpu= "
				"and cause= (buffer_full, fault, too_large, disk, damage, rate, "
				"unknown)");
	return n < 0 ? 0 : 1;
}

static int note_line(struct script_reader *r, struct record *ret)
{
	struct script_word w;
	int n;

	ret->kind = RECORD_NOTE;
	ret->note = (struct note){ 0 };
	strbuf_reset(&r->note);
	strbuf_reset(&r->author);
	while ((n = next_word(r, &w)) > 0) {
		bool good = false;

		if (str_eqz(w.key, "time"))
			good = script_parse_time(w.value, &ret->note.ts);
		else if (str_eqz(w.key, "text"))
			good = script_unquote(w.value, &r->note);
		else if (str_eqz(w.key, "author"))
			good = script_unquote(w.value, &r->author) &&
			       r->author.n <= EYAS_MAX_AUTHOR;
		else if (str_eqz(w.key, "first"))
			good = script_number(w.value, 8, &ret->note.first_num);
		else if (str_eqz(w.key, "last"))
			good = script_number(w.value, 8, &ret->note.last_num);
		else if (str_eqz(w.key, "from"))
			good = script_parse_time(w.value, &ret->note.from_ts);
		else if (str_eqz(w.key, "to"))
			good = script_parse_time(w.value, &ret->note.to_ts);
		if (!good)
			script_error(
				r, w.text,
				"a note line has time=, author=, first= and last= (events), from= and "
				"to= (times), and text=");
	}
	if (ret->note.last_num < ret->note.first_num)
		ret->note.last_num = ret->note.first_num;
	if (ret->note.to_ts < ret->note.from_ts)
		ret->note.to_ts = ret->note.from_ts;
	ret->note.author = strbuf_str(&r->author);
	ret->note.text = strbuf_str(&r->note);
	return n < 0 ? 0 : 1;
}

static int event_line(struct script_reader *r, const struct script_word *first, struct record *ret)
{
	struct script_event_error e = { .why = STRBUF_INIT };
	int n = 1;

	arena_reset(&r->event_arena);
	ret->kind = RECORD_EVENT;
	if (script_event_parse(first, &r->rest, r->ts, &r->event_arena, &ret->event, &e)) {
		r->ts = ret->event.ts;
	} else {
		script_error(r, e.at.p ? e.at : first->text, e.what);
		n = 0;
	}
	strbuf_release(&e.why);
	return n;
}

/* "provenance" and the rest of the line, which is JSON, or a quoted string of it. */
static void provenance_line(struct script_reader *r)
{
	struct strbuf text = STRBUF_INIT;
	ptrdiff_t end = str_chr(r->rest, '\n');
	struct str line = r->rest;

	if (end >= 0)
		line.n = (size_t)end;
	r->rest = str_from(r->rest, line.n);
	line = str_trim(line);
	if (!script_unquote(line, &text))
		script_error(r, line, "the string is malformed");
	else if (r->source.provenance && r->checking)
		script_error(r, line, "a second provenance line");
	else if (!r->source.provenance)
		r->source.provenance = arena_memdup(&r->texts, text.s, text.n);
	strbuf_release(&text);
}

static bool is_snapshot_word(const struct script_word *w)
{
	return !w->has_value && (str_eqz(w->text, "snapshot") || script_snapshot_kind(w->text));
}

static int give_snapshot(struct script_reader *r, struct record *ret)
{
	r->have_snap = false;
	ret->kind = RECORD_SNAPSHOT;
	ret->snapshot = &r->snap;
	return 1;
}

/* A line that is none of a snapshot's: 1 and a record, or 0. */
static int body_line(struct script_reader *r, const struct script_word *first, struct record *ret)
{
	int n = 0;

	if (str_eqz(first->text, "provenance")) {
		provenance_line(r);
		return 0;
	}
	r->body = true;
	if (str_eqz(first->text, "loss"))
		n = loss_line(r, ret);
	else if (str_eqz(first->text, "note"))
		n = note_line(r, ret);
	else
		n = event_line(r, first, ret);
	skip_line(r);
	return n;
}

static void expect_line_end(struct script_reader *r)
{
	struct script_word w;

	if (next_word(r, &w) > 0)
		script_error(r, w.text, "nothing may follow here");
}

/* The next record of the text: 1; 0 at its end. */
static int parse_next(struct script_reader *r, struct record *ret)
{
	while (r->rest.n && r->n_errors <= MAX_ERRORS) {
		struct str line = r->rest;
		struct script_word first;
		int n = next_word(r, &first);

		if (n <= 0) {
			skip_line(r);
			continue;
		}
		if (!is_snapshot_word(&first)) {
			if (r->have_snap && !str_eqz(first.text, "provenance")) {
				r->rest = line; /* the snapshot is complete; this line comes next */
				return give_snapshot(r, ret);
			}
			if (body_line(r, &first, ret))
				return 1;
			continue;
		}
		if (str_eqz(first.text, "snapshot")) {
			if (r->have_snap) {
				r->rest = line;
				return give_snapshot(r, ret);
			}
			snapshot_begin(r);
			expect_line_end(r);
		} else if (r->body) {
			script_error(
				r, first.text,
				"a line of the snapshot behind events: move it before them, or begin "
				"a new section with a line \"snapshot\"");
		} else {
			snapshot_line(r, &first);
		}
		skip_line(r);
	}
	return r->have_snap ? give_snapshot(r, ret) : 0;
}

/* The first line that is not blank or a comment. */
static bool first_line(struct str head, struct str *ret_line, struct str *ret_rest)
{
	if (str_starts(head, STR("\xef\xbb\xbf"))) /* as editors of Windows write it */
		head = str_from(head, 3);
	while (str_split(&head, '\n', ret_line)) {
		*ret_line = str_trim(*ret_line);
		if (ret_line->n && ret_line->p[0] != '#') {
			*ret_rest = head.p ? head : (struct str){ ret_line->p + ret_line->n, 0 };
			return true;
		}
	}
	return false;
}

bool script_reader_probe(struct str head)
{
	struct str line, rest;

	return first_line(head, &line, &rest) && str_starts(line, STR("eyas-script"));
}

static void rewind_text(struct script_reader *r, struct str rest)
{
	r->rest = rest;
	r->ts = SCRIPT_EPOCH - SCRIPT_STEP;
	r->have_snap = r->body = false;
}

static int reader_next(struct source *s, struct record *ret)
{
	struct script_reader *r = reader_of(s);
	int n = parse_next(r, ret);

	s->position = (uint64_t)(r->text.n - r->rest.n);
	return n;
}

static void reader_close(struct source *s)
{
	struct script_reader *r = reader_of(s);

	arena_destroy(&r->event_arena);
	arena_destroy(&r->texts);
	snapshot_free(&r->snap);
	u64map_free(&r->listed);
	strbuf_release(&r->note);
	strbuf_release(&r->author);
	input_close(r->in);
	free(r);
}

static const struct source_ops reader_ops = {
	.next = reader_next,
	.close = reader_close,
};

/* Walks the whole text once, telling every error. */
static int check(struct script_reader *r)
{
	struct record rec;
	struct str line, rest;

	if (!first_line(r->text, &line, &rest) || !str_eqz(line, FIRST_LINE)) {
		script_error(r, line,
			     "the first line must be \"" FIRST_LINE "\" (another version needs "
			     "another eyas)");
		return -EINVAL;
	}
	rewind_text(r, rest);
	while (parse_next(r, &rec))
		;
	if (r->n_errors > MAX_ERRORS)
		diag_add(r->source.diag, DIAG_ERROR, "SCRIPT",
			 "too many errors: the rest is not shown")
			->file = r->source.name;
	rewind_text(r, rest);
	return r->n_errors ? -EINVAL : 0;
}

int script_reader_open(struct input *in, struct diag *diag, struct source **ret)
{
	struct script_reader *r = xcalloc(1, sizeof(*r));
	int err = 0;

	r->source.ops = &reader_ops;
	r->source.name = in->name;
	r->source.format = "script";
	r->source.diag = diag;
	r->in = in;
	arena_init(&r->event_arena);
	arena_init(&r->texts);
	snapshot_init(&r->snap);
	strbuf_init(&r->note);
	strbuf_init(&r->author);
	if (input_need(in, MAX_SCRIPT)) {
		diag_add(diag, DIAG_ERROR, "SCRIPT",
			 "the script is over 1 GiB: use the .eyas format")
			->file = in->name;
		err = -EFBIG;
	} else {
		err = input_report(in, diag);
	}
	if (!err) {
		r->text = str_mem(in->p, in->n);
		r->source.size = in->n;
		r->checking = true;
		err = check(r);
		r->checking = false;
	}
	if (err) {
		reader_close(&r->source);
		return err;
	}
	*ret = &r->source;
	return 0;
}
