#include "trace/eyas_salvage_gaps.h"

#include <errno.h>

#include "trace/eyas_index.h"

/* Events that are known to have been in some block, whether that is good or not. */
struct known {
	uint64_t first_num, count, min_ts, max_ts;
};

struct finder {
	const struct salvage_scan *scan;
	const struct salvage_trace *trace;
	size_t which;
	struct salvage_report *report;
	VEC(struct known) known; /* by number */
	bool indexed;
	uint64_t total, snapshots; /* events and snapshots of the whole trace, when indexed */

	/* While the blocks are walked. */
	uint64_t next_num, last_ts; /* behind the last good events block */
	size_t open;                /* first gap since then */
};

static int by_number(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return x->first_num < y->first_num ? -1 : x->first_num > y->first_num;
}

static void know(struct finder *f, uint64_t first, uint64_t count, uint64_t min, uint64_t max)
{
	if (count)
		vec_push(&f->known, ((struct known){ first, count, min, max }));
}

/* What the last good index says, or else headers of blocks whose streams are damaged. */
static int find_known(struct finder *f, int fd)
{
	const struct salvage_trace *t = f->trace;
	struct eyas_summary sum = { 0 };
	int r = 0;

	for (size_t i = t->blocks.n; i-- > 0 && !f->indexed;) {
		const struct salvage_block *b = &t->blocks.v[i];

		if (b->kind != EYAS_INDEX || !b->good)
			continue;
		r = eyas_index_read(fd, b->offset, f->scan->size, &sum);
		f->indexed = r == 0;
		if (r && r != -EBADMSG)
			return r;
		if (r)
			eyas_summary_free(&sum);
	}
	if (f->indexed) {
		f->total = sum.events;
		f->snapshots = sum.snapshots;
		for (size_t i = 0; i < sum.blocks.n; i++) {
			const struct eyas_index_entry *e = &sum.blocks.v[i];

			if (e->kind == EYAS_EVENTS)
				know(f, e->first_num, e->count, e->min_ts, e->max_ts);
		}
		eyas_summary_free(&sum);
	} else {
		for (size_t i = 0; i < t->blocks.n; i++) {
			const struct salvage_block *b = &t->blocks.v[i];

			if (b->kind == EYAS_EVENTS)
				know(f, b->first_num, b->count, b->min_ts, b->max_ts);
		}
	}
	if (f->known.n)
		qsort(f->known.v, f->known.n, sizeof(f->known.v[0]), by_number);
	return 0;
}

/* The gap in which the blocks from..to are missing; those of them that have a header are at
 * v[0..n); `next` is the good block behind them, or NULL. */
static void gap_add(struct finder *f, uint64_t from, uint64_t to, const struct salvage_block *v,
		    size_t n, const struct salvage_block *next, uint64_t offset)
{
	struct salvage_gap *g = vec_add(&f->report->gaps);

	g->trace = f->which;
	g->first_block = from;
	g->last_block = to;
	g->offset = offset;
	g->maybe_snapshot = to == UINT64_MAX || to - from >= n;
	for (size_t i = 0; i < n; i++) {
		g->maybe_snapshot |= v[i].kind == EYAS_SNAPSHOT;
		g->events += v[i].count;
	}
	if (from == to && n)
		g->kind = v[0].kind;
	/* The block in front of a footer is its index. */
	if (from == to && !n && next && next->kind == EYAS_FOOTER) {
		g->kind = EYAS_INDEX;
		g->maybe_snapshot = false;
	}
	if (from == 0 && to != UINT64_MAX)
		g->maybe_snapshot = to > 1; /* header and provenance come first */
}

/* Gap blocks of which not even a header is left, and which may have held events. */
static bool has_unknown(const struct finder *f, const struct salvage_gap *g)
{
	size_t headers = 0;

	if (g->kind == EYAS_INDEX || g->kind == EYAS_FOOTER ||
	    (g->first_block == 0 && g->last_block <= 1))
		return false;
	for (size_t i = 0; i < f->trace->blocks.n; i++) {
		uint64_t seq = f->trace->blocks.v[i].seq;

		headers += seq >= g->first_block && seq <= g->last_block;
	}
	return g->last_block == UINT64_MAX || g->last_block - g->first_block >= headers;
}

static void set_times(const struct finder *f, struct salvage_gap *g, uint64_t next_ts)
{
	uint64_t found = 0;

	g->from_ts = f->last_ts;
	g->to_ts = next_ts;
	if (g->events == UINT64_MAX)
		return;
	for (size_t i = 0; i < f->known.n; i++) {
		const struct known *k = &f->known.v[i];

		if (k->first_num < g->first_num || k->first_num - g->first_num >= g->events)
			continue;
		if (!found || k->min_ts < g->from_ts)
			g->from_ts = k->min_ts;
		if (!found || k->max_ts > g->to_ts)
			g->to_ts = k->max_ts;
		found += k->count;
	}
	g->exact_times = found == g->events;
	if (!g->exact_times) {
		g->from_ts = f->last_ts;
		g->to_ts = next_ts;
	}
}

/*
 * The gaps since the last good events block are followed by event `num` at `ts`; UINT64_MAX: by
 * none, and how many are missing is not known.
 */
static void close_gaps(struct finder *f, uint64_t num, uint64_t ts)
{
	struct salvage_report *r = f->report;
	uint64_t headers = 0, rest = UINT64_MAX, at = f->next_num;

	for (size_t i = f->open; i < r->gaps.n; i++)
		headers += r->gaps.v[i].events;
	if (num != UINT64_MAX)
		rest = num > at && num - at > headers ? num - at - headers : 0;
	for (size_t i = f->open; i < r->gaps.n; i++) {
		struct salvage_gap *g = &r->gaps.v[i];

		/* What no header tells of was in the first place where it can have been. */
		if (rest && has_unknown(f, g)) {
			g->events = rest == UINT64_MAX ? rest : g->events + rest;
			rest = 0;
		}
		g->first_num = at;
		if (g->events)
			set_times(f, g, ts);
		if (g->events != UINT64_MAX)
			at += g->events;
	}
	f->open = r->gaps.n;
}

/* Is the end there: a footer, or what comes before it, though damaged? */
static void find_end(struct finder *f)
{
	const struct salvage_trace *t = f->trace;
	const struct salvage_block *last = &t->blocks.v[t->blocks.n - 1];
	uint64_t end = f->which + 1 < f->scan->traces.n
			       ? f->scan->traces.v[f->which + 1].blocks.v[0].offset
			       : f->scan->size;
	bool more = last->cut || t->end < end;

	if (last->kind == EYAS_FOOTER)
		return;
	/* Nothing but a footer stands behind an index. */
	if (last->kind == EYAS_INDEX) {
		gap_add(f, last->seq + 1, last->seq + 1, NULL, 0, NULL, t->end);
		f->report->gaps.v[f->report->gaps.n - 1].kind = EYAS_FOOTER;
		f->report->gaps.v[f->report->gaps.n - 1].maybe_snapshot = false;
	} else if (more)
		gap_add(f, last->seq + 1, UINT64_MAX, NULL, 0, NULL, t->end);
	else
		f->report->unfinished++;
}

int salvage_gaps(int fd, const struct salvage_scan *scan, size_t which, struct salvage_report *ret)
{
	const struct salvage_trace *t = &scan->traces.v[which];
	struct finder f = { .scan = scan,
			    .trace = t,
			    .which = which,
			    .report = ret,
			    .next_num = 1,
			    .open = ret->gaps.n };
	uint64_t seq = 0, offset = 0, highest = 0, snapshots = 0;
	size_t from = 0, first_gap = ret->gaps.n;
	int r = find_known(&f, fd);

	for (size_t i = 0; !r && i < t->blocks.n; i++) {
		const struct salvage_block *b = &t->blocks.v[i];

		if (!b->good)
			continue;
		if (b->seq > seq)
			gap_add(&f, seq, b->seq - 1, &t->blocks.v[from], i - from, b, offset);
		if (b->kind == EYAS_EVENTS || b->kind == EYAS_CHECKPOINT) {
			close_gaps(&f, b->first_num, b->min_ts);
			f.next_num = b->first_num + b->count;
			if (b->count)
				f.last_ts = b->max_ts;
		}
		snapshots += b->kind == EYAS_SNAPSHOT;
		ret->moved += b->offset < highest;
		highest = b->offset;
		offset = b->offset + b->total;
		seq = b->seq + 1;
		from = i + 1;
	}
	if (!r && from < t->blocks.n)
		gap_add(&f, seq, t->blocks.v[t->blocks.n - 1].seq, &t->blocks.v[from],
			t->blocks.n - from, NULL, offset);
	if (!r)
		find_end(&f);
	if (!r)
		close_gaps(&f, f.indexed ? f.total + 1 : UINT64_MAX, 0);
	for (size_t i = first_gap; f.indexed && snapshots == f.snapshots && i < ret->gaps.n; i++)
		ret->gaps.v[i].maybe_snapshot = false;
	vec_free(&f.known);
	return r;
}
