#include "cli/redact_report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"

#define PLACES_SHOWN 4

static int by_count(const void *a, const void *b)
{
	const struct redact_place *x = a, *y = b;

	if (x->detector != y->detector)
		return x->detector < y->detector ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* The places of all rows, each row's most frequent first. */
static struct redact_place *sorted(const struct redact_report *r)
{
	size_t n = r->counts->places.n;
	struct redact_place *p = xcalloc(n + 1, sizeof(*p));

	if (n)
		memcpy(p, r->counts->places.v, n * sizeof(*p));
	qsort(p, n, sizeof(*p), by_count);
	return p;
}

static void put_places(const struct redact_report *r, const struct redact_place *places,
		       uint32_t row, struct strbuf *out)
{
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < r->counts->places.n; i++) {
		if (places[i].detector != row)
			continue;
		if (shown == PLACES_SHOWN) {
			more++;
			continue;
		}
		strbuf_addf(out, "%s%s (%" PRIu64 ")", shown ? ", " : "", places[i].name,
			    places[i].count);
		shown++;
	}
	if (more)
		strbuf_addf(out, ", and %zu more", more);
	strbuf_addc(out, '\n');
}

static void put_difference(const struct keep_rules *k, size_t i, struct strbuf *out)
{
	const struct kept_alert *a = &k->shown[i].alert;

	strbuf_addf(out, "  %s  event %" PRIu64 "  ", k->shown[i].gained ? "gained" : "lost  ",
		    a->num);
	time_iso8601(out, a->ts, "Z");
	strbuf_adds(out, "  ");
	text_escape(out, keep_rules_name(k, a));
	strbuf_addc(out, '\n');
}

static void put_kept(const struct keep_rules *k, struct strbuf *out)
{
	if (!k->lost && !k->gained)
		strbuf_addf(out, "alerts: %zu, the same as before\n", k->before.n);
	else
		strbuf_addf(out,
			    "%zu alerts were raised before, %zu are now: %" PRIu64 " lost, %" PRIu64
			    " gained\n",
			    k->before.n, k->after.n, k->lost, k->gained);
	for (size_t i = 0; i < k->n_shown; i++)
		put_difference(k, i, out);
	if (k->texts_differ)
		strbuf_addf(out,
			    "%" PRIu64 " of them are worded differently beyond what was replaced\n",
			    k->texts_differ);
}

static void put_limits(const struct redact_counts *c, struct strbuf *out)
{
	if (c->ordinary)
		strbuf_addf(out,
			    "%" PRIu64 " secrets are also the name of a program or a common word: "
			    "replaced only where they are secret\n",
			    c->ordinary);
	if (c->too_short)
		strbuf_addf(out,
			    "%" PRIu64
			    " secrets are too short to be looked for elsewhere: replaced "
			    "only where they were found\n",
			    c->too_short);
	if (c->over_cap)
		strbuf_addf(out,
			    "%" PRIu64
			    " findings were over the number of values that are remembered: "
			    "replaced only where they were found\n",
			    c->over_cap);
	if (c->given_up)
		strbuf_addf(out,
			    "%" PRIu64
			    " texts were replaced as a whole, since a --pattern took too "
			    "long on them\n",
			    c->given_up);
}

void redact_report_text(const struct redact_report *r, struct strbuf *out)
{
	const struct redact_counts *c = r->counts;
	struct redact_place *places = sorted(r);

	if (!c->total)
		strbuf_adds(out, "nothing had to be replaced\n");
	else
		strbuf_addf(out, "%-16s %8s %9s  where\n", "what", "values", "replaced");
	for (uint32_t row = 0; row < REDACT_ROWS; row++) {
		if (!c->replaced[row])
			continue;
		strbuf_addf(out, "%-16s %8" PRIu64 " %9" PRIu64 "  ", redact_row_name(row),
			    c->distinct[row], c->replaced[row]);
		put_places(r, places, row, out);
	}
	put_limits(c, out);
	strbuf_addf(out,
		    "%" PRIu64 " events; %" PRIu64 " unpacked bytes searched: nothing is left\n",
		    r->events, r->searched);
	if (r->kept)
		put_kept(r->kept, out);
	free(places);
}

static void member(struct json_writer *w, const char *key, uint64_t v)
{
	json_key(w, key);
	json_u64(w, v);
}

static void put_kept_json(const struct keep_rules *k, struct json_writer *w)
{
	struct strbuf time = STRBUF_INIT;

	json_key(w, "alerts");
	json_begin_object(w);
	member(w, "before", k->before.n);
	member(w, "after", k->after.n);
	member(w, "lost", k->lost);
	member(w, "gained", k->gained);
	member(w, "worded_differently", k->texts_differ);
	json_key(w, "differences");
	json_begin_array(w);
	for (size_t i = 0; i < k->n_shown; i++) {
		const struct kept_alert *a = &k->shown[i].alert;

		json_begin_object(w);
		json_key(w, "rule");
		json_str(w, keep_rules_name(k, a));
		json_key(w, "change");
		json_strz(w, k->shown[i].gained ? "gained" : "lost");
		member(w, "event", a->num);
		strbuf_reset(&time);
		time_iso8601(&time, a->ts, "Z");
		json_key(w, "time");
		json_str(w, strbuf_str(&time));
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
	strbuf_release(&time);
}

void redact_report_json(const struct redact_report *r, struct strbuf *out)
{
	const struct redact_counts *c = r->counts;
	struct redact_place *places = sorted(r);
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	member(&w, "events", r->events);
	member(&w, "replaced", c->total);
	json_key(&w, "detectors");
	json_begin_array(&w);
	for (uint32_t row = 0; row < REDACT_ROWS; row++) {
		if (!c->replaced[row])
			continue;
		json_begin_object(&w);
		json_key(&w, "name");
		json_strz(&w, redact_row_name(row));
		member(&w, "values", c->distinct[row]);
		member(&w, "replaced", c->replaced[row]);
		json_key(&w, "places");
		json_begin_array(&w);
		for (size_t i = 0; i < c->places.n; i++) {
			if (places[i].detector != row)
				continue;
			json_begin_object(&w);
			json_key(&w, "place");
			json_strz(&w, places[i].name);
			member(&w, "replaced", places[i].count);
			json_end_object(&w);
		}
		json_end_array(&w);
		json_end_object(&w);
	}
	json_end_array(&w);
	member(&w, "only_in_place_common", c->ordinary);
	member(&w, "only_in_place_short", c->too_short);
	member(&w, "over_cap", c->over_cap);
	member(&w, "pattern_given_up", c->given_up);
	member(&w, "searched_bytes", r->searched);
	if (r->kept)
		put_kept_json(r->kept, &w);
	json_end_object(&w);
	strbuf_addc(out, '\n');
	free(places);
}
