#include "cli/story.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define MAX_DEPTH 64

/* A link that may become a step, and how much it says: higher is shown first. */
struct candidate {
	struct story_step step;
	int weight;
	uint64_t bound; /* time for the walk below it */
};

/* A step whose links have not been looked at yet. */
struct open_step {
	uint32_t step;
	int weight;
	uint64_t bound;
};

struct walk {
	struct story *s;
	story_steps steps; /* in the order in which they were found */
	VEC(struct open_step) open;
	bool *processes, *objects; /* seen in this walk */
	bool forward;
};

typedef VEC(struct candidate) candidates;

static const struct lineage_link *next_link(const struct lineage *l, uint32_t *at, bool of_process)
{
	const struct lineage_link *k;

	if (*at == LINEAGE_NONE)
		return NULL;
	k = &l->links.v[*at];
	*at = of_process ? k->next_of_process : k->next_of_object;
	return k;
}

static struct candidate of_link(const struct lineage_link *k, bool to_process, const char *relation,
				int weight, uint64_t bound)
{
	return (struct candidate){
		.step = { .is_process = to_process,
			  .at = to_process ? k->process : k->object,
			  .relation = relation,
			  .ts = k->first_ts,
			  .num = k->first_num,
			  .count = k->count,
			  .bytes = k->bytes },
		.weight = weight,
		.bound = bound,
	};
}

/* Somebody else wrote the file, or put it in place, before. */
static bool written_by_other(const struct lineage *l, uint32_t obj, uint32_t process, uint64_t ts)
{
	uint32_t at = l->objects.v[obj].links;
	const struct lineage_link *k;

	while ((k = next_link(l, &at, false)))
		if (k->kind == LINK_WROTE && k->process != process && k->first_ts <= ts)
			return true;
	return false;
}

/* Somebody else ran or read the file later. */
static bool used_by_other(const struct lineage *l, uint32_t obj, uint32_t process, uint64_t ts,
			  enum link_kind kind)
{
	uint32_t at = l->objects.v[obj].links;
	const struct lineage_link *k;

	while ((k = next_link(l, &at, false)))
		if (k->kind == kind && k->process != process && k->last_ts >= ts)
			return true;
	return false;
}

static void back_of_process(const struct lineage *l, uint32_t process, uint64_t until,
			    candidates *out)
{
	const struct process_record *r = &l->history.records.v[process];
	uint32_t at = l->of_process.v[process];
	const struct lineage_link *k;

	if (r->parent != HISTORY_NONE)
		vec_push(out, ((struct candidate){ .step = { .is_process = true,
							     .at = r->parent,
							     .relation = "started by",
							     .ts = r->started },
						   .weight = 50,
						   .bound = r->started ? r->started : until }));
	while ((k = next_link(l, &at, true))) {
		if (k->first_ts > until)
			continue;
		if (k->kind == LINK_RAN)
			vec_push(out,
				 of_link(k, false, "ran",
					 written_by_other(l, k->object, process, k->first_ts) ? 90
											      : 20,
					 k->first_ts));
		else if (k->kind == LINK_ACCEPTED)
			vec_push(out, of_link(k, false, "had a connection from", 80, k->first_ts));
		else if (k->kind == LINK_CONNECTED)
			vec_push(out, of_link(k, false, "had a connection to", 70, k->first_ts));
		else if (k->kind == LINK_READ &&
			 written_by_other(l, k->object, process, k->first_ts))
			vec_push(out, of_link(k, false, "read", 60, k->first_ts));
	}
}

static void back_of_object(const struct lineage *l, uint32_t obj, uint64_t until, candidates *out)
{
	const struct lineage_object *o = &l->objects.v[obj];
	uint32_t at = o->links;
	const struct lineage_link *k;

	if (o->is_peer)
		return;
	if (o->renamed_from != LINEAGE_NONE && o->renamed_ts <= until)
		vec_push(out, ((struct candidate){ .step = { .at = o->renamed_from,
							     .relation = "was before",
							     .ts = o->renamed_ts },
						   .weight = 95,
						   .bound = o->renamed_ts }));
	while ((k = next_link(l, &at, false)))
		if (k->kind == LINK_WROTE && k->first_ts <= until)
			vec_push(out, of_link(k, true, "written by", 90,
					      k->last_ts < until ? k->last_ts : until));
}

static void forward_of_process(const struct lineage *l, uint32_t process, uint64_t from,
			       candidates *out)
{
	uint32_t at = l->of_process.v[process];
	const struct lineage_link *k;

	for (uint32_t c = l->children.v[process]; c; c = l->siblings.v[c - 1]) {
		const struct process_record *r = &l->history.records.v[c - 1];

		if (r->started >= from || !from)
			vec_push(out, ((struct candidate){ .step = { .is_process = true,
								     .at = c - 1,
								     .relation = "started",
								     .ts = r->started,
								     .num = r->first_num },
							   .weight = 60,
							   .bound = r->started }));
	}
	while ((k = next_link(l, &at, true))) {
		uint64_t since = k->first_ts > from ? k->first_ts : from;

		if (k->last_ts < from)
			continue;
		if (k->kind == LINK_WROTE)
			vec_push(out,
				 of_link(k, false, "wrote",
					 used_by_other(l, k->object, process, since, LINK_RAN) ? 90
											       : 50,
					 since));
		else if (k->kind == LINK_REMOVED)
			vec_push(out, of_link(k, false, "removed", 55, since));
		else if (k->kind == LINK_CONNECTED)
			vec_push(out, of_link(k, false, "connected to", 80, since));
		else if (k->kind == LINK_ACCEPTED)
			vec_push(out, of_link(k, false, "answered", 40, since));
	}
}

static void forward_of_object(const struct lineage *l, uint32_t obj, uint64_t from, candidates *out)
{
	uint32_t at = l->objects.v[obj].links;
	const struct lineage_link *k;

	if (l->objects.v[obj].is_peer)
		return;
	if (l->objects.v[obj].renamed_to != LINEAGE_NONE) {
		const struct lineage_object *to = &l->objects.v[l->objects.v[obj].renamed_to];

		if (to->renamed_from == obj && to->renamed_ts >= from)
			vec_push(out,
				 ((struct candidate){ .step = { .at = l->objects.v[obj].renamed_to,
								.relation = "became",
								.ts = to->renamed_ts },
						      .weight = 95,
						      .bound = to->renamed_ts }));
	}
	while ((k = next_link(l, &at, false))) {
		uint64_t since = k->first_ts > from ? k->first_ts : from;

		if (k->last_ts < from)
			continue;
		if (k->kind == LINK_RAN)
			vec_push(out, of_link(k, true, "was run by", 90, since));
		else if (k->kind == LINK_READ)
			vec_push(out, of_link(k, true, "was read by", 30, since));
	}
}

/* Who had to do with a peer: asked for only when the story starts from it, else it would go on to
 * everybody who spoke with the same server. */
static void partners(const struct lineage *l, uint32_t obj, candidates *out)
{
	uint32_t at = l->objects.v[obj].links;
	const struct lineage_link *k;

	while ((k = next_link(l, &at, false)))
		vec_push(out, of_link(k, true,
				      k->kind == LINK_ACCEPTED ? "connected to"
							       : "had a connection from",
				      80, k->first_ts));
}

/* The weightiest first, those of the same weight in order of time. */
static int by_weight(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	if (a->step.ts != b->step.ts)
		return a->step.ts < b->step.ts ? -1 : 1;
	if (a->step.num != b->step.num)
		return a->step.num < b->step.num ? -1 : 1;
	return a->step.at < b->step.at ? -1 : a->step.at > b->step.at;
}

/* Adds what a step leads to. */
static void expand(struct walk *w, const struct open_step *o)
{
	const struct lineage *l = w->s->lineage;
	struct story_step at = w->steps.v[o->step];
	bool *seen = at.is_process ? w->processes : w->objects;
	candidates next = { 0 };
	size_t n;

	if (seen[at.at]) {
		w->steps.v[o->step].again = true;
		return;
	}
	seen[at.at] = true;
	if (at.is_process && w->forward)
		forward_of_process(l, at.at, o->bound, &next);
	else if (at.is_process)
		back_of_process(l, at.at, o->bound, &next);
	else if (w->forward && !at.depth && l->objects.v[at.at].is_peer)
		partners(l, at.at, &next);
	else if (w->forward)
		forward_of_object(l, at.at, o->bound, &next);
	else
		back_of_object(l, at.at, o->bound, &next);
	if (next.n)
		qsort(next.v, next.n, sizeof(*next.v), by_weight);
	n = next.n < w->s->width ? next.n : w->s->width;
	if (w->steps.n + n > w->s->limit)
		n = w->s->limit - w->steps.n;
	if (at.depth == MAX_DEPTH)
		n = 0;
	w->steps.v[o->step].left_out = next.n - n;
	w->s->cut |= n < next.n;
	for (size_t i = 0; i < n; i++) {
		struct open_step more = { .step = (uint32_t)w->steps.n,
					  .weight = next.v[i].weight - 5 * (int)at.depth,
					  .bound = next.v[i].bound };

		next.v[i].step.parent = o->step;
		next.v[i].step.depth = at.depth + 1;
		vec_push(&w->steps, next.v[i].step);
		vec_push(&w->open, more);
	}
	vec_free(&next);
}

/* The most telling step is looked at first: a limit cuts off what tells least. */
static void expand_all(struct walk *w)
{
	while (w->open.n) {
		size_t best = 0;
		struct open_step o;

		for (size_t i = 1; i < w->open.n; i++)
			if (w->open.v[i].weight > w->open.v[best].weight)
				best = i;
		o = w->open.v[best];
		/* the others stay in the order in which they were found */
		memmove(&w->open.v[best], &w->open.v[best + 1],
			(w->open.n - best - 1) * sizeof(*w->open.v));
		w->open.n--;
		expand(w, &o);
	}
}

struct place {
	uint64_t ts;
	uint32_t step;
};

static int by_time(const void *x, const void *y)
{
	const struct place *a = x, *b = y;

	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	return a->step < b->step ? -1 : a->step > b->step;
}

/* Appends a step and all below it, each in order of time, to `out`. Depth is at most MAX_DEPTH. */
static void put_in_order(const struct walk *w, uint32_t step, uint32_t parent, story_steps *out)
{
	VEC(struct place) below = { 0 };
	uint32_t number = (uint32_t)out->n;
	struct story_step s = w->steps.v[step];

	s.parent = parent;
	vec_push(out, s);
	for (size_t i = step + 1; i < w->steps.n; i++)
		if (w->steps.v[i].parent == step)
			vec_push(&below, ((struct place){ w->steps.v[i].ts, (uint32_t)i }));
	if (below.n)
		qsort(below.v, below.n, sizeof(*below.v), by_time);
	for (size_t i = 0; i < below.n; i++)
		put_in_order(w, below.v[i].step, number, out);
	vec_free(&below);
}

static void tell(struct story *s, const struct story_start *start, bool forward, story_steps *out)
{
	struct story_step first = {
		.parent = STORY_NONE,
		.is_process = start->is_process,
		.at = start->at,
		.relation = "",
	};
	struct open_step open = { .bound = forward ? start->forward_from : start->back_until };
	struct walk w = {
		.s = s,
		.processes = xcalloc(s->lineage->history.records.n + 1, sizeof(bool)),
		.objects = xcalloc(s->lineage->objects.n + 1, sizeof(bool)),
		.forward = forward,
	};

	vec_push(&w.steps, first);
	vec_push(&w.open, open);
	expand_all(&w);
	put_in_order(&w, 0, STORY_NONE, out);
	vec_free(&w.steps);
	vec_free(&w.open);
	free(w.processes);
	free(w.objects);
}

void story_tell(struct story *s, const struct story_start *start)
{
	tell(s, start, false, &s->back);
	tell(s, start, true, &s->forward);
}

void story_free(struct story *s)
{
	vec_free(&s->back);
	vec_free(&s->forward);
}
