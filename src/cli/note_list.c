#include "cli/note_list.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"

/* Where a note belongs among the events: those without a place come last. */
static bool is_before(const struct note *a, const struct note *b)
{
	bool placed_a = a->first_num || a->from_ts, placed_b = b->first_num || b->from_ts;

	if (placed_a != placed_b)
		return placed_a;
	if (a->first_num && b->first_num)
		return a->first_num < b->first_num;
	return a->from_ts && b->from_ts && a->from_ts < b->from_ts;
}

void note_list_read(struct note_list *l, const char *path)
{
	struct stat st;
	/* A pipe has none to be read twice, and would be broken for its writer once it is closed.
	 */
	bool is_file = strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
	int fd = is_file ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	int r = fd < 0 ? -1 : eyas_notes_read(fd, &l->notes);
	size_t n;

	if (fd >= 0)
		close(fd);
	if (r) {
		memset(&l->notes, 0, sizeof(l->notes));
		arena_init(&l->notes.arena);
	}
	l->next = 0;
	n = l->notes.v.n;
	l->order = xcalloc(n + 1, sizeof(*l->order));
	/* Insertion keeps those that cannot be compared in the order they were written. */
	for (size_t i = 0; i < n; i++) {
		size_t k = i;

		while (k > 0 && is_before(&l->notes.v.v[i], &l->notes.v.v[l->order[k - 1]])) {
			l->order[k] = l->order[k - 1];
			k--;
		}
		l->order[k] = i;
	}
}

void note_list_free(struct note_list *l)
{
	eyas_notes_free(&l->notes);
	free(l->order);
}

const struct note *note_list_due(struct note_list *l, uint64_t num, uint64_t ts)
{
	/* By number and by time are two orders: what is due is searched for among all that are
	 * left. */
	for (size_t i = l->next; i < l->notes.v.n; i++) {
		const struct note *n = &l->notes.v.v[l->order[i]];
		size_t taken = l->order[i];

		if (num != UINT64_MAX && !(n->first_num && n->first_num <= num) &&
		    !(!n->first_num && n->from_ts && n->from_ts <= ts))
			continue;
		memmove(&l->order[l->next + 1], &l->order[l->next],
			(i - l->next) * sizeof(*l->order));
		l->order[l->next++] = taken;
		return n;
	}
	return NULL;
}

void note_text(const struct note *n, struct strbuf *out)
{
	strbuf_adds(out, "note");
	if (n->author.n) {
		strbuf_adds(out, " by ");
		text_escape(out, n->author);
	}
	if (n->first_num && n->first_num == n->last_num)
		strbuf_addf(out, " on event %" PRIu64, n->first_num);
	else if (n->first_num)
		strbuf_addf(out, " on events %" PRIu64 " to %" PRIu64, n->first_num, n->last_num);
	if (n->from_ts || n->to_ts) {
		strbuf_adds(out, " on ");
		time_iso8601(out, n->from_ts, "Z");
		if (n->to_ts != n->from_ts) {
			strbuf_adds(out, " to ");
			time_iso8601(out, n->to_ts, "Z");
		}
	}
	strbuf_adds(out, ": ");
	text_escape(out, n->text);
}

void note_json(const struct note *n, struct json_writer *w)
{
	json_begin_object(w);
	json_optional_time(w, "time", n->ts);
	json_optional_str(w, "author", n->author);
	if (n->first_num) {
		json_key(w, "first_event");
		json_u64(w, n->first_num);
		json_key(w, "last_event");
		json_u64(w, n->last_num);
	}
	json_optional_time(w, "from", n->from_ts);
	json_optional_time(w, "to", n->to_ts);
	json_key(w, "text");
	json_str(w, n->text);
	json_end_object(w);
}

static void put_line(const struct note *n, bool json, struct strbuf *out)
{
	struct json_writer w;

	if (json) {
		json_init(&w, out);
		json_begin_object(&w);
		json_key(&w, "note");
		note_json(n, &w);
		json_end_object(&w);
	} else {
		strbuf_adds(out, "-- ");
		note_text(n, out);
	}
	strbuf_addc(out, '\n');
}

void note_list_put(struct note_list *l, uint64_t num, uint64_t ts, bool json, struct strbuf *out)
{
	const struct note *n;

	while ((n = note_list_due(l, num, ts)))
		put_line(n, json, out);
}

static bool touches(const struct note *n, const struct note_span *s)
{
	if (n->first_num)
		return n->first_num <= s->last_num && n->last_num >= s->first_num;
	return !n->from_ts || (n->from_ts <= s->to_ts && n->to_ts >= s->from_ts);
}

void note_list_put_span(const struct note_list *l, const struct note_span *span, bool json,
			struct strbuf *out)
{
	for (size_t i = 0; i < l->notes.v.n; i++)
		if (touches(&l->notes.v.v[l->order[i]], span))
			put_line(&l->notes.v.v[l->order[i]], json, out);
}

void notes_put(const char *path, bool json, struct strbuf *out)
{
	struct note_list l;

	note_list_read(&l, path);
	note_list_put(&l, UINT64_MAX, UINT64_MAX, json, out);
	note_list_free(&l);
}
