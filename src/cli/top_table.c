/* Sums by key; see top_table.h. */
#include "cli/top_table.h"

#include <stdlib.h>

void top_init(struct top_table *t, enum top_metric metric, size_t cap)
{
	*t = (struct top_table){ .metric = metric, .cap = cap };
}

static void entry_free(struct top_entry *e)
{
	free((char *)e->key.p);
	free((char *)e->text.p);
	free(e);
}

void top_free(struct top_table *t)
{
	for (size_t i = 0; i < t->heap.n; i++)
		entry_free(t->heap.v[i]);
	vec_free(&t->heap);
	u64map_free(&t->map);
}

static struct str copy(struct str s)
{
	char *p = xmalloc(s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

void top_text(struct top_entry *e, struct str text)
{
	free((char *)e->text.p);
	e->text = copy(text);
}

static uint64_t weight(const struct top_table *t, const struct top_entry *e)
{
	return e->sum[t->metric] + e->error;
}

/* The one to be dropped first; of equals the one that came last. */
static bool smaller(const struct top_table *t, const struct top_entry *a, const struct top_entry *b)
{
	uint64_t x = weight(t, a), y = weight(t, b);

	return x != y ? x < y : a->born > b->born;
}

static void place(struct top_table *t, size_t at, struct top_entry *e)
{
	t->heap.v[at] = e;
	e->at = at;
}

/* An entry has become larger. */
static void sift_down(struct top_table *t, size_t at)
{
	struct top_entry *e = t->heap.v[at];

	for (;;) {
		size_t kid = 2 * at + 1;

		if (kid >= t->heap.n)
			break;
		if (kid + 1 < t->heap.n && smaller(t, t->heap.v[kid + 1], t->heap.v[kid]))
			kid++;
		if (!smaller(t, t->heap.v[kid], e))
			break;
		place(t, at, t->heap.v[kid]);
		at = kid;
	}
	place(t, at, e);
}

static void make_heap(struct top_table *t)
{
	for (size_t i = t->heap.n; i-- > 0;)
		sift_down(t, i);
	t->is_heap = true;
}

static struct top_entry *find(const struct top_table *t, struct str key, uint64_t hash)
{
	struct top_entry *e = u64map_get(&t->map, hash);

	while (e && !str_eq(e->key, key))
		e = e->next;
	return e;
}

static void link_in(struct top_table *t, struct top_entry *e)
{
	e->next = u64map_put(&t->map, e->hash, e);
}

static void unlink_from(struct top_table *t, struct top_entry *e)
{
	struct top_entry *first = u64map_get(&t->map, e->hash);

	if (first == e) {
		if (e->next)
			u64map_put(&t->map, e->hash, e->next);
		else
			u64map_del(&t->map, e->hash);
		return;
	}
	while (first->next != e)
		first = first->next;
	first->next = e->next;
}

/* An entry for a key that has none. */
static struct top_entry *enter(struct top_table *t, struct str key, uint64_t hash)
{
	struct top_entry *e;
	uint64_t error = 0;

	if (t->heap.n < t->cap) {
		e = xcalloc(1, sizeof(*e));
		e->at = t->heap.n;
		vec_push(&t->heap, e);
	} else {
		if (!t->is_heap)
			make_heap(t);
		e = t->heap.v[0];
		error = weight(t, e);
		unlink_from(t, e);
		free((char *)e->key.p);
		free((char *)e->text.p);
		*e = (struct top_entry){ .at = 0 };
		t->evicted++;
	}
	e->key = copy(key);
	e->hash = hash;
	e->error = error;
	e->born = t->born++;
	link_in(t, e);
	return e;
}

struct top_entry *top_add(struct top_table *t, struct str key, const uint64_t sum[TOP_N_METRICS],
			  bool timed, bool *ret_new)
{
	uint64_t hash = hash_bytes(key.p, key.n);
	struct top_entry *e = find(t, key, hash);

	*ret_new = !e;
	if (!e)
		e = enter(t, key, hash);
	for (int i = 0; i < TOP_N_METRICS; i++) {
		e->sum[i] += sum[i];
		t->total[i] += sum[i];
	}
	e->timed += timed;
	t->timed += timed;
	t->events++;
	if (t->is_heap)
		sift_down(t, e->at);
	return e;
}

static int largest_first(const void *va, const void *vb)
{
	const struct top_entry *a = *(struct top_entry *const *)va,
			       *b = *(struct top_entry *const *)vb;

	if (a->rank != b->rank)
		return a->rank < b->rank ? 1 : -1;
	if (a->sum[TOP_COUNT] != b->sum[TOP_COUNT])
		return a->sum[TOP_COUNT] < b->sum[TOP_COUNT] ? 1 : -1;
	return str_cmp(a->key, b->key);
}

void top_sort(struct top_table *t)
{
	for (size_t i = 0; i < t->heap.n; i++)
		t->heap.v[i]->rank = t->heap.v[i]->sum[t->metric];
	if (t->heap.n)
		qsort(t->heap.v, t->heap.n, sizeof(struct top_entry *), largest_first);
}
