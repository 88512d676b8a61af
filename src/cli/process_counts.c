/* Events by process; see process_counts.h. */
#include "cli/process_counts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"

static int most_first(const void *va, const void *vb)
{
	const struct process_record *a = *(const struct process_record *const *)va,
				    *b = *(const struct process_record *const *)vb;

	if (a->events != b->events)
		return a->events < b->events ? 1 : -1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->started < b->started ? -1 : a->started > b->started;
}

/* Those with events, most first; malloc'ed. */
static const struct process_record **sorted(const struct history *h, size_t *ret_n)
{
	const struct process_record **v = xcalloc(h->records.n + 1, sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < h->records.n; i++)
		if (h->records.v[i].events)
			v[n++] = &h->records.v[i];
	qsort(v, n, sizeof(*v), most_first);
	*ret_n = n;
	return v;
}

static void line(struct strbuf *out, bool first, uint64_t count, uint64_t events)
{
	strbuf_addf(out, "  %-11s%10" PRIu64 "  %5.1f %%  ", first ? "by process" : "", count,
		    events ? 100.0 * (double)count / (double)events : 0.0);
}

void process_counts_text(const struct history *h, uint64_t events, unsigned top, struct strbuf *out)
{
	uint64_t rest = events;
	size_t n, shown;
	const struct process_record **v = sorted(h, &n);

	shown = top && n > top ? top : n;
	for (size_t i = 0; i < shown; i++) {
		line(out, i == 0, v[i]->events, events);
		text_escape(out, v[i]->comm);
		strbuf_addf(out, " (%" PRId64 ")\n", v[i]->pid);
		rest -= v[i]->events < rest ? v[i]->events : rest;
	}
	if (shown < n) {
		line(out, false, rest, events);
		strbuf_addf(out, "of %zu other processes\n", n - shown);
	}
	free(v);
}

void process_counts_json(const struct history *h, struct json_writer *w)
{
	size_t n;
	const struct process_record **v = sorted(h, &n);

	json_key(w, "processes");
	json_begin_array(w);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(w);
		json_key(w, "pid");
		json_i64(w, v[i]->pid);
		json_key(w, "comm");
		json_str(w, v[i]->comm);
		json_key(w, "command");
		json_str(w, v[i]->command);
		json_key(w, "events");
		json_u64(w, v[i]->events);
		json_end_object(w);
	}
	json_end_array(w);
	free(v);
}
