/* List names in a condition's text replaced by their items: see list_expand.h. */
#include "rules/list_expand.h"

#include "base/hashmap.h"
#include "base/strbuf.h"
#include "base/vec.h"

struct list {
	uint32_t order;
	struct str name, raw; /* items joined */
	bool *used;
	bool odd; /* the name has a delimiter in it: not a word */
	enum { LIST_NEW, LIST_READY, LIST_TOO_LARGE } state;
	struct str text;           /* raw with later lists replaced, no blanks at its ends */
	VEC(struct list *) brings; /* lists used by `text` */
	enum { SHARE_NEW, SHARE_READY, SHARE_NOT } share;
	struct ast *values; /* AST_LIST of `text`, when it can be shared */
};

#define SHARE_MIN_BYTES 512 /* smaller lists are written out */
#define MARK            '\x01' /* begins the mark of a list; cannot stand in what is parsed otherwise */

struct list_expander {
	struct arena *a;
	struct strmap map;
	VEC(struct list *) lists;
	bool any_odd;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_delim(char c)
{
	return is_blank(c) || c == '(' || c == ')' || c == ',' || c == '=';
}

struct list_expander *list_expander_new(struct arena *a)
{
	struct list_expander *le = arena_calloc(a, 1, sizeof(*le));
	le->a = a;
	return le;
}

/* Lists that came in through used ones are used too: orders only grow, so one pass does. */
void list_expander_mark_used(struct list_expander *le)
{
	for (size_t i = 0; i < le->lists.n; i++) {
		const struct list *l = le->lists.v[i];
		if (!*l->used)
			continue;
		for (size_t k = 0; k < l->brings.n; k++)
			*l->brings.v[k]->used = true;
	}
}

void list_expander_done(struct list_expander *le)
{
	for (size_t i = 0; i < le->lists.n; i++)
		vec_free(&le->lists.v[i]->brings);
	vec_free(&le->lists);
	strmap_free(&le->map);
}

void list_expander_add(struct list_expander *le, struct str name, const struct str *items, size_t n,
		       bool *used)
{
	struct list *l = arena_calloc(le->a, 1, sizeof(*l));
	struct strbuf sb = STRBUF_INIT;

	for (size_t i = 0; i < n; i++) {
		struct str it = items[i];
		bool quote = str_chr(it, ' ') >= 0 && it.p[0] != '"' && it.p[0] != '\'';
		if (sb.n)
			strbuf_adds(&sb, ", ");
		if (quote)
			strbuf_addc(&sb, '"');
		strbuf_addstr(&sb, it);
		if (quote)
			strbuf_addc(&sb, '"');
	}
	l->order = (uint32_t)le->lists.n;
	l->name = name;
	l->raw = arena_str(le->a, strbuf_str(&sb));
	l->used = used;
	for (size_t i = 0; i < name.n; i++)
		l->odd |= is_delim(name.p[i]);
	le->any_odd |= l->odd;
	strbuf_release(&sb);
	vec_push(&le->lists, l);
	strmap_put(&le->map, name, l);
}

static void make_ready(struct list_expander *le, struct list *first);

static void trim_end(struct strbuf *out, size_t floor)
{
	while (out->n > floor && is_blank(out->s[out->n - 1]))
		strbuf_truncate(out, out->n - 1);
}

/*
 * One word at in[*pos] was a list: its text goes to `out`, with one blank on each side in place of
 * whatever blanks there were; an empty one takes a comma next to it along.
 */
static void put_list(struct str in, size_t *pos, size_t word_end, struct str sub,
		     struct strbuf *out)
{
	size_t end = word_end;
	trim_end(out, 0);
	while (end < in.n && is_blank(in.p[end]))
		end++;
	if (!sub.n) {
		if (out->n && out->s[out->n - 1] == ',')
			strbuf_truncate(out, out->n - 1);
		else if (end < in.n && in.p[end] == ',')
			end++;
	}
	if (out->n)
		strbuf_addc(out, ' ');
	strbuf_addstr(out, sub);
	strbuf_addc(out, ' ');
	*pos = end;
}

/* The list's values as a tree; false when its text is more, or less, than values. */
static bool share(struct list_expander *le, struct list *l)
{
	struct condition_error err;
	struct ast *n = NULL, *values;

	if (l->share != SHARE_NEW)
		return l->share == SHARE_READY;
	l->share = SHARE_NOT;
	n = condition_parse(str_of(arena_printf(le->a, "a.b in (%.*s)", STR_FMT(l->text))), NULL,
			    le->a, &err, NULL);
	if (!n || n->kind != AST_BINARY || n->kids[1]->kind != AST_LIST)
		return false;
	values = n->kids[1];
	for (uint32_t i = 0; i < values->n_kids; i++)
		if (values->kids[i]->kind != AST_VALUE)
			return false;
	values->shared = l->order + 1;
	l->values = values;
	l->share = SHARE_READY;
	return true;
}

/* Where in a text words stand: inside quotes they are no values. */
static char quote_after(struct str word, char quote)
{
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];
		if (quote && c == '\\')
			i++;
		else if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
	}
	return quote;
}

/* The word that ends at `end` is an element between brackets or commas. */
static bool is_element(const struct strbuf *out, struct str in, size_t end)
{
	size_t n = out->n;

	while (n && is_blank(out->s[n - 1]))
		n--;
	while (end < in.n && is_blank(in.p[end]))
		end++;
	return n && (out->s[n - 1] == '(' || out->s[n - 1] == ',') && end < in.n &&
	       (in.p[end] == ')' || in.p[end] == ',');
}

/*
 * Replaces words that are lists of order >= min. For a list's own text, stops at the first list
 * that is not ready and gives it in *want; returns whether the end was reached.
 */
static bool expand_words(struct list_expander *le, struct str in, uint32_t min, struct strbuf *out,
			 struct list *for_list, struct list **want, size_t *marks, bool *too_large,
			 struct list_map *map)
{
	char quote = 0;
	size_t i = 0;
	while (i < in.n) {
		if (is_delim(in.p[i])) {
			strbuf_addc(out, in.p[i++]);
			continue;
		}
		size_t end = i;
		while (end < in.n && !is_delim(in.p[end]))
			end++;
		struct str word = str_mem(in.p + i, end - i);
		struct list *l = strmap_get(&le->map, word);
		if (!l || l->order < min) {
			strbuf_addstr(out, word);
			quote = marks ? quote_after(word, quote) : 0;
			i = end;
			continue;
		}
		if (l->state == LIST_NEW && for_list) {
			*want = l;
			return false;
		}
		if (l->state == LIST_NEW)
			make_ready(le, l);
		if (l->state == LIST_TOO_LARGE || out->n + l->text.n > LIST_EXPAND_MAX) {
			*too_large = true;
			return true;
		}
		if (marks && !quote && l->text.n >= SHARE_MIN_BYTES && is_element(out, in, end) &&
		    share(le, l)) {
			struct list_segment seg = { out->n, 0, i, end, l->name };

			strbuf_addf(out, "%c%u", MARK, l->order);
			seg.to = out->n;
			if (map)
				vec_push(map, seg);
			i = end;
			(*marks)++;
		} else {
			struct list_segment seg = { .list = l->name, .in_from = i };

			put_list(in, &i, end, l->text, out);
			seg.in_to = i;
			seg.to = out->n;
			seg.from = out->n - 1 - l->text.n;
			if (map)
				vec_push(map, seg);
		}
		if (for_list)
			vec_push(&for_list->brings, l);
		else
			*l->used = true;
	}
	return true;
}

static struct str trimmed(struct str s)
{
	while (s.n && is_blank(s.p[0]))
		s = str_from(s, 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Makes the expansion of `first` and of what it needs; a list needs only later ones, so this ends.
 */
static void make_ready(struct list_expander *le, struct list *first)
{
	VEC(struct list *) stack = { 0 };
	struct strbuf out = STRBUF_INIT;

	vec_push(&stack, first);
	while (stack.n) {
		struct list *l = stack.v[stack.n - 1], *want = NULL;
		bool too_large = false;
		strbuf_reset(&out);
		l->brings.n = 0;
		if (!expand_words(le, l->raw, l->order + 1, &out, l, &want, NULL, &too_large,
				  NULL)) {
			vec_push(&stack, want);
			continue;
		}
		l->state = too_large ? LIST_TOO_LARGE : LIST_READY;
		l->text = l->brings.n ? arena_str(le->a, trimmed(strbuf_str(&out))) : l->raw;
		stack.n--;
	}
	strbuf_release(&out);
	vec_free(&stack);
}

/*
 * The definition taken at its word, list by list: needed only where a list's name has a blank or
 * another delimiter in it (which is warned about), as then names are not words.
 */
static bool expand_by_list(struct list_expander *le, struct str text, struct str *ret)
{
	struct strbuf out = STRBUF_INIT;
	struct str cur = text;
	bool ok = true;

	for (size_t k = 0; ok && k < le->lists.n; k++) {
		const struct list *l = le->lists.v[k];
		size_t i = 0;
		bool any = false;
		if (!l->name.n || strmap_get(&le->map, l->name) != l)
			continue;
		strbuf_reset(&out);
		for (;;) {
			ptrdiff_t at = str_find(str_from(cur, i), l->name);
			if (at < 0)
				break;
			size_t start = i + (size_t)at, end = start + l->name.n;
			if ((start && !is_delim(cur.p[start - 1])) ||
			    (end < cur.n && !is_delim(cur.p[end]))) {
				strbuf_add(&out, cur.p + i, start + 1 - i);
				i = start + 1;
				continue;
			}
			strbuf_add(&out, cur.p + i, start - i);
			put_list(cur, &i, end, l->raw, &out);
			any = true;
			ok = out.n <= LIST_EXPAND_MAX;
			if (!ok)
				break;
		}
		if (!any)
			continue;
		strbuf_addstr(&out, str_from(cur, i));
		cur = arena_str(le->a, strbuf_str(&out));
		*l->used = true;
	}
	strbuf_release(&out);
	*ret = cur;
	return ok;
}

static bool has_odd_name(const struct list_expander *le, struct str text)
{
	for (size_t i = 0; i < le->lists.n; i++)
		if (le->lists.v[i]->odd && str_find(text, le->lists.v[i]->name) >= 0)
			return true;
	return false;
}

bool list_expand(struct list_expander *le, struct str text, struct str *ret)
{
	struct strbuf out = STRBUF_INIT;
	struct list *want;
	bool too_large = false;

	if (le->any_odd && has_odd_name(le, text))
		return expand_by_list(le, text, ret);
	(void)expand_words(le, text, 0, &out, NULL, &want, NULL, &too_large, NULL);
	*ret = arena_str(le->a, strbuf_str(&out));
	strbuf_release(&out);
	return !too_large;
}

bool list_expand_mapped(struct list_expander *le, struct str text, struct str *ret,
			struct list_map *map)
{
	struct strbuf out = STRBUF_INIT;
	struct list *want;
	bool too_large = false;

	if (le->any_odd && has_odd_name(le, text))
		return false;
	(void)expand_words(le, text, 0, &out, NULL, &want, NULL, &too_large, map);
	*ret = arena_str(le->a, strbuf_str(&out));
	strbuf_release(&out);
	return !too_large;
}

bool list_expand_shared(struct list_expander *le, struct str text, struct str *ret,
			size_t *ret_marks, struct list_map *map)
{
	struct strbuf out = STRBUF_INIT;
	struct list *want;
	bool too_large = false;
	size_t marks = 0;

	if ((le->any_odd && has_odd_name(le, text)) || str_chr(text, MARK) >= 0)
		return false;
	(void)expand_words(le, text, 0, &out, NULL, &want, &marks, &too_large, map);
	if (marks && !too_large) {
		*ret = arena_str(le->a, strbuf_str(&out));
		*ret_marks = marks;
	}
	strbuf_release(&out);
	return marks && !too_large;
}

static struct list *marked(struct list_expander *le, const struct ast *n)
{
	unsigned long long order;

	if (n->kind != AST_VALUE || n->quoted || n->text.n < 2 || n->text.p[0] != MARK ||
	    !str_to_u64(str_from(n->text, 1), &order) || order >= le->lists.n)
		return NULL;
	return le->lists.v[order];
}

const struct ast *list_shared_values(struct list_expander *le, const struct ast *value)
{
	const struct list *l = marked(le, value);

	return l ? l->values : NULL;
}

/* Puts the values of marked elements into a list; their number. */
static size_t fill_list(struct list_expander *le, struct ast *n)
{
	size_t marks = 0, total = 0, at = 0;
	struct ast **kids;

	for (uint32_t i = 0; i < n->n_kids; i++) {
		const struct list *l = marked(le, n->kids[i]);
		marks += l != NULL;
		total += l ? l->values->n_kids : 1;
	}
	if (!marks || total > UINT32_MAX)
		return 0;
	if (n->n_kids == 1) {
		const struct list *l = marked(le, n->kids[0]);
		n->kids = l->values->kids;
		n->n_kids = l->values->n_kids;
		n->shared = l->values->shared;
		return 1;
	}
	kids = arena_calloc(le->a, total + 1, sizeof(struct ast *));
	for (uint32_t i = 0; i < n->n_kids; i++) {
		const struct list *l = marked(le, n->kids[i]);
		if (!l) {
			kids[at++] = n->kids[i];
			continue;
		}
		memcpy(kids + at, l->values->kids, l->values->n_kids * sizeof(*kids));
		at += l->values->n_kids;
	}
	n->kids = kids;
	n->n_kids = (uint32_t)total;
	return marks;
}

/* As deep as the parser let the tree be. */
static size_t fill(struct list_expander *le, struct ast *n)
{
	size_t marks = 0;

	if (n->kind == AST_LIST)
		return fill_list(le, n);
	for (uint32_t i = 0; i < n->n_kids; i++)
		marks += fill(le, n->kids[i]);
	return marks;
}

bool list_fill_shared(struct list_expander *le, struct ast *n, size_t marks)
{
	return fill(le, n) == marks;
}
