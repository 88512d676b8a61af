/* An .eyas trace of which everything is checked; see eyas_check.h. */
#include "trace/eyas_check.h"

#include <errno.h>

#include "base/json_tree.h"
#include "trace/eyas_index.h"
#include "trace/eyas_reader.h"
#include "trace/eyas_schema_check.h"

#define TYPE_BYTES ((UINT16_MAX + 1) / 8)

/* What the events and losses of the block in hand are, to be compared with what it says. */
struct seen {
	uint64_t count, shown, first_ts, last_ts, min_ts, max_ts, lost;
	uint8_t types[TYPE_BYTES];
	unsigned max_type;
};

struct eyas_check {
	struct source source;
	struct source *inner;
	struct eyas_check_facts facts;

	/* Of the trace in hand. */
	uint64_t trace_start, index_at, last_ts;
	unsigned previous_kind;
	bool ended;
	struct eyas_summary sum; /* as an index should tell of what has been read so far */
	uint64_t *type_counts;
	struct eyas_events_fields fields; /* of the events block in hand; types is copied */
	uint8_t field_types[EYAS_MAX_FIELDS];
	struct seen seen;
	struct json_tree json;
};

static struct eyas_check *check_of(struct source *s)
{
	return (struct eyas_check *)s;
}

static struct eyas_checked_trace *trace_in_hand(struct eyas_check *k)
{
	return &k->facts.traces.v[k->facts.traces.n - 1];
}

static const char *begin_trace(struct eyas_check *k, const struct eyas_block *b, uint64_t offset)
{
	struct eyas_header_fields h;
	struct eyas_checked_trace *t;

	if (k->facts.traces.n && !trace_in_hand(k)->finished)
		k->facts.unfinished++;
	if (!eyas_header_fields_decode(b->fields, &h))
		return "its fields are malformed";
	t = vec_add(&k->facts.traces);
	memcpy(t->uuid, h.uuid, sizeof(t->uuid));
	k->trace_start = offset;
	k->last_ts = 0;
	eyas_summary_free(&k->sum);
	memset(&k->sum, 0, sizeof(k->sum));
	memset(k->type_counts, 0, (UINT16_MAX + 1) * sizeof(*k->type_counts));
	return NULL;
}

static struct eyas_index_entry *block_add(struct eyas_check *k, const struct eyas_block *b,
					  uint64_t offset)
{
	struct eyas_index_entry *e = vec_add(&k->sum.blocks);

	e->kind = b->kind;
	e->offset = offset - k->trace_start;
	return e;
}

static const char *begin_events(struct eyas_check *k, const struct eyas_block *b, uint64_t offset)
{
	struct eyas_index_entry *e = block_add(k, b, offset);
	struct eyas_events_fields *f = &k->fields;

	if (!eyas_events_fields_decode(b->fields, f) || f->types.n > sizeof(k->field_types))
		return "its fields are malformed";
	memcpy(k->field_types, f->types.p, f->types.n);
	f->types.p = (const char *)k->field_types;
	e->first_num = f->first_num;
	e->count = f->count;
	e->min_ts = f->min_ts;
	e->max_ts = f->max_ts;
	e->lost = f->lost;
	memset(k->seen.types, 0, k->seen.max_type / 8 + 1);
	k->seen.count = k->seen.shown = k->seen.lost = k->seen.max_type = 0;
	k->facts.events_blocks++;
	return NULL;
}

static bool bit(const uint8_t *set, size_t n, unsigned i)
{
	return i / 8 < n && set[i / 8] >> i % 8 & 1;
}

static bool same_types(const struct eyas_check *k)
{
	const struct str t = k->fields.types;

	for (unsigned i = 0; i < 8 * t.n || i <= k->seen.max_type; i++)
		if (bit((const uint8_t *)t.p, t.n, i) != bit(k->seen.types, TYPE_BYTES, i))
			return false;
	return true;
}

static const char *end_events(void *arg)
{
	struct eyas_check *k = arg;
	const struct eyas_events_fields *f = &k->fields;
	const struct seen *s = &k->seen;

	if (s->lost != f->lost)
		return "it says that more or fewer events were lost than its records do";
	if (s->count && (s->first_ts != f->first_ts || s->last_ts != f->last_ts ||
			 s->min_ts != f->min_ts || s->max_ts != f->max_ts))
		return "the times it says its events have are not theirs";
	if (f->shown != UINT64_MAX && s->shown != f->shown)
		return "it says that more or fewer events are for the state only than are";
	if (s->count && !same_types(k))
		return "the event types it says are in it are not those of its events";
	return NULL;
}

static bool same_counts(const struct eyas_check *k, const struct eyas_summary *told)
{
	size_t i = 0;

	for (unsigned t = 0; t <= UINT16_MAX; t++) {
		if (!k->type_counts[t])
			continue;
		if (i == told->types.n || told->types.v[i].type != t ||
		    told->types.v[i].count != k->type_counts[t])
			return false;
		i++;
	}
	return i == told->types.n;
}

static bool same_entry(const struct eyas_index_entry *a, const struct eyas_index_entry *b)
{
	return a->kind == b->kind && a->offset == b->offset && a->first_num == b->first_num &&
	       a->count == b->count && a->min_ts == b->min_ts && a->max_ts == b->max_ts &&
	       a->lost == b->lost;
}

/* Kinds that every index lists. Others may be listed, too. */
static bool always_indexed(unsigned kind)
{
	return kind == EYAS_EVENTS || kind == EYAS_SNAPSHOT || kind == EYAS_NOTE;
}

static bool same_blocks(const struct eyas_summary *real, const struct eyas_summary *told)
{
	size_t i = 0;

	for (size_t j = 0; j < told->blocks.n; j++) {
		while (i < real->blocks.n && real->blocks.v[i].offset < told->blocks.v[j].offset)
			if (always_indexed(real->blocks.v[i++].kind))
				return false;
		if (i == real->blocks.n || !same_entry(&real->blocks.v[i++], &told->blocks.v[j]))
			return false;
	}
	for (; i < real->blocks.n; i++)
		if (always_indexed(real->blocks.v[i].kind))
			return false;
	return true;
}

static const char *check_index(struct eyas_check *k, uint64_t offset, const struct strbuf *streams)
{
	const struct eyas_summary *real = &k->sum;
	struct eyas_summary told = { 0 };
	const char *wrong = NULL;

	k->index_at = offset;
	if (!eyas_index_decode(strbuf_str(&streams[EYAS_STREAM_DATA]),
			       strbuf_str(&streams[EYAS_STREAM_STATS]), offset - k->trace_start,
			       &told))
		wrong = "the index is malformed";
	else if (!same_blocks(real, &told))
		wrong = "the index does not tell of the blocks that are there";
	else if (real->events != told.events || real->shown != told.shown ||
		 real->lost != told.lost || real->losses != told.losses ||
		 real->snapshots != told.snapshots || real->notes != told.notes ||
		 real->min_ts != told.min_ts || real->max_ts != told.max_ts ||
		 real->raw_bytes != told.raw_bytes || !same_counts(k, &told))
		wrong = "the statistics are not those of the trace";
	eyas_summary_free(&told);
	return wrong;
}

static const char *check_footer(struct eyas_check *k, const struct eyas_block *b, uint64_t offset,
				const uint8_t *hash)
{
	struct eyas_checked_trace *t = trace_in_hand(k);
	struct eyas_complete *c;
	struct eyas_footer_fields f;

	if (!eyas_footer_fields_decode(b->fields, &f))
		return "its fields are malformed";
	if (k->previous_kind != EYAS_INDEX)
		return "the index is missing in front of it";
	if (f.index_back != offset - k->index_at || f.trace_length != offset - k->trace_start)
		return "what it says of the place of the index or the length of the trace is wrong";
	c = vec_add(&t->complete);
	c->blocks = b->seq + 1;
	memcpy(c->hash, hash, sizeof(c->hash));
	return NULL;
}

/* What any block may and may not be. */
static const char *check_header(struct eyas_check *k, const struct eyas_block *b)
{
	bool optional = b->flags & EYAS_BLOCK_OPTIONAL;

	for (size_t i = 0; i < b->n_streams; i++)
		for (size_t j = 0; j < i; j++)
			if (b->streams[i].kind == b->streams[j].kind)
				return "it has two streams of one kind";
	switch (b->kind) {
	case EYAS_HEADER:
	case EYAS_SNAPSHOT:
	case EYAS_EVENTS:
		if (optional)
			return "it is marked as one that readers may skip";
		break;
	case EYAS_PROVENANCE:
		if (b->seq != 1)
			return "a provenance block in the middle of a trace";
		break;
	}
	/* A finished trace can be added to, but nothing that was recorded. */
	if (b->kind != EYAS_HEADER && trace_in_hand(k)->complete.n &&
	    (b->kind == EYAS_EVENTS || b->kind == EYAS_SNAPSHOT))
		return "it stands behind the end of the trace";
	return NULL;
}

static const char *check_provenance(struct eyas_check *k, struct str text)
{
	const struct json_node *root;

	json_tree_parse(&k->json, text);
	root = json_tree_root(&k->json);
	return root && root->kind == JSON_KIND_OBJECT ? NULL : "it is not a JSON object";
}

static const char *begin_block(void *arg, const struct eyas_block *b, uint64_t offset,
			       const uint8_t *hash, const struct strbuf *streams)
{
	struct eyas_check *k = arg;
	struct eyas_checked_trace *t;
	const char *wrong = NULL;

	if (b->kind == EYAS_HEADER)
		wrong = begin_trace(k, b, offset);
	if (!wrong)
		wrong = check_header(k, b);
	if (wrong)
		return wrong;
	switch (b->kind) {
	case EYAS_SCHEMA:
		wrong = eyas_schema_check(&k->json, strbuf_str(&streams[EYAS_STREAM_DATA]));
		break;
	case EYAS_PROVENANCE:
		wrong = check_provenance(k, strbuf_str(&streams[EYAS_STREAM_DATA]));
		break;
	case EYAS_EVENTS:
		wrong = begin_events(k, b, offset);
		break;
	case EYAS_INDEX:
		wrong = check_index(k, offset, streams);
		break;
	case EYAS_FOOTER:
		wrong = check_footer(k, b, offset, hash);
		break;
	case EYAS_HEADER:
		break;
	default:
		block_add(k, b, offset);
	}
	for (size_t i = 0; i < b->n_streams; i++)
		k->sum.raw_bytes += b->streams[i].raw;
	t = trace_in_hand(k);
	t->blocks = b->seq + 1;
	t->finished = b->kind == EYAS_FOOTER;
	memcpy(t->last_hash, hash, sizeof(t->last_hash));
	k->previous_kind = b->kind;
	k->facts.blocks++;
	return wrong;
}

static void note_bad(void *arg, uint64_t seq, unsigned kind, uint64_t offset, const char *what)
{
	struct eyas_check *k = arg;

	k->facts.bad.found = true;
	k->facts.bad.seq = seq;
	k->facts.bad.kind = kind;
	k->facts.bad.offset = offset;
	k->facts.bad.what = what;
}

static void count_event(struct eyas_check *k, const struct event *ev)
{
	struct eyas_summary *s = &k->sum;
	struct seen *seen = &k->seen;

	if (!seen->count++)
		seen->first_ts = seen->min_ts = seen->max_ts = ev->ts;
	if (ev->ts < seen->min_ts)
		seen->min_ts = ev->ts;
	if (ev->ts > seen->max_ts)
		seen->max_ts = ev->ts;
	seen->last_ts = ev->ts;
	seen->types[ev->type / 8] |= (uint8_t)(1u << ev->type % 8);
	if (ev->type > seen->max_type)
		seen->max_type = ev->type;
	k->type_counts[ev->type]++;
	if (!s->events || ev->ts < s->min_ts)
		s->min_ts = ev->ts;
	if (!s->events || ev->ts > s->max_ts)
		s->max_ts = ev->ts;
	s->events++;
	seen->shown += !(ev->delivery & EVENT_STATE_ONLY);
	s->shown += !(ev->delivery & EVENT_STATE_ONLY);
	if (ev->ts < k->last_ts) {
		k->facts.back_events++;
		if (k->last_ts - ev->ts > k->facts.back_ns)
			k->facts.back_ns = k->last_ts - ev->ts;
	}
	k->last_ts = ev->ts;
	k->facts.events++;
}

static uint64_t saturating_add(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

static int check_next(struct source *s, struct record *ret)
{
	struct eyas_check *k = check_of(s);
	int r = source_next(k->inner, ret);

	s->position = k->inner->position;
	s->size = k->inner->size;
	if (r == 0 && !k->ended && !trace_in_hand(k)->finished)
		k->facts.unfinished++;
	k->ended |= r != 1;
	if (r != 1)
		return r;
	switch (ret->kind) {
	case RECORD_EVENT:
		count_event(k, &ret->event);
		break;
	case RECORD_LOSS:
		k->seen.lost = saturating_add(k->seen.lost, ret->loss.count);
		k->sum.lost = saturating_add(k->sum.lost, ret->loss.count);
		k->sum.losses++;
		k->facts.losses++;
		break;
	case RECORD_SNAPSHOT:
		k->sum.snapshots++;
		k->facts.snapshots++;
		k->last_ts = 0;
		break;
	case RECORD_NOTE:
		k->sum.notes++;
		k->facts.notes++;
		break;
	}
	return 1;
}

static void check_free(struct eyas_check *k)
{
	for (size_t i = 0; i < k->facts.traces.n; i++)
		vec_free(&k->facts.traces.v[i].complete);
	vec_free(&k->facts.traces);
	eyas_summary_free(&k->sum);
	json_tree_free(&k->json);
	free(k->type_counts);
	free(k);
}

static void check_close(struct source *s)
{
	struct eyas_check *k = check_of(s);

	source_close(k->inner);
	check_free(k);
}

static const struct source_ops check_ops = {
	.next = check_next,
	.close = check_close,
};

int eyas_check_open(struct input *in, struct diag *diag, struct source **ret,
		    const struct eyas_check_facts **ret_facts)
{
	struct eyas_check *k = xcalloc(1, sizeof(*k));
	struct eyas_watch watch = {
		.arg = k, .begin = begin_block, .end = end_events, .bad = note_bad
	};
	int r;

	k->type_counts = xcalloc(UINT16_MAX + 1, sizeof(*k->type_counts));
	k->facts.gzip = in->gzip;
	r = eyas_reader_open_watched(in, diag, &watch, &k->inner);
	if (r) {
		check_free(k);
		return r;
	}
	k->source = *k->inner;
	k->source.ops = &check_ops;
	*ret = &k->source;
	*ret_facts = &k->facts;
	return 0;
}
