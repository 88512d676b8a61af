/* List names in a condition's text replaced by their items: see list_expand.h. */
#include "rules/list_expand.h"

#include "base/hashmap.h"
#include "base/strbuf.h"
#include "base/vec.h"

struct list {
	uint32_t order;
	struct str name, raw; /* items joined */
	bool *used;
	bool odd;             /* the name has a delimiter in it: not a word */
	enum { LIST_NEW, LIST_READY, LIST_TOO_LARGE } state;
	struct str text;      /* raw with later lists replaced, no blanks at its ends */
	VEC(struct list *) brings; /* lists used by `text` */
};

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
static void mark_brought(struct list_expander *le)
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
	mark_brought(le);
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
 * One word at in[*pos] was a list: its text goes to `out`, with one blank on each side in place of whatever blanks
 * there were; an empty one takes a comma next to it along.
 */
static void put_list(struct str in, size_t *pos, size_t word_end, struct str sub, struct strbuf *out)
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

/*
 * Replaces words that are lists of order >= min. For a list's own text, stops at the first list that is not
 * ready and gives it in *want; returns whether the end was reached.
 */
static bool expand_words(struct list_expander *le, struct str in, uint32_t min, struct strbuf *out,
			 struct list *for_list, struct list **want, bool *too_large)
{
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
		put_list(in, &i, end, l->text, out);
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

/* Makes the expansion of `first` and of what it needs; a list needs only later ones, so this ends. */
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
		if (!expand_words(le, l->raw, l->order + 1, &out, l, &want, &too_large)) {
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
 * The definition taken at its word, list by list: needed only where a list's name has a blank or another delimiter in
 * it (which is warned about), as then names are not words.
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
			if ((start && !is_delim(cur.p[start - 1])) || (end < cur.n && !is_delim(cur.p[end]))) {
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
	(void)expand_words(le, text, 0, &out, NULL, &want, &too_large);
	*ret = arena_str(le->a, strbuf_str(&out));
	strbuf_release(&out);
	return !too_large;
}
