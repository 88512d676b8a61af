#include "capture/ring_merge.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "eyas_abi.h"

/* One CPU's records, back to back; [begin, end) are not handed out yet. */
struct queue {
	uint8_t *p;
	size_t begin, end, cap;
	uint64_t first_ts; /* of the record at begin; UINT64_MAX when empty */
};

struct ring_merge {
	struct queue *queues;
	uint16_t *heap; /* CPUs with records, the oldest on top */
	uint16_t n_cpus, n_heap;
};

struct ring_merge *ring_merge_new(uint16_t n_cpus)
{
	struct ring_merge *m = xcalloc(1, sizeof(*m));

	m->n_cpus = n_cpus;
	m->queues = xcalloc(n_cpus, sizeof(*m->queues));
	m->heap = xcalloc(n_cpus, sizeof(*m->heap));
	return m;
}

void ring_merge_free(struct ring_merge *m)
{
	if (!m)
		return;
	for (uint16_t i = 0; i < m->n_cpus; i++)
		free(m->queues[i].p);
	free(m->queues);
	free(m->heap);
	free(m);
}

uint64_t ring_merge_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Ties go to the lower CPU, so that the order does not depend on how the heap came about. */
static bool older(const struct ring_merge *m, uint16_t a, uint16_t b)
{
	uint64_t ta = m->queues[a].first_ts, tb = m->queues[b].first_ts;

	return ta < tb || (ta == tb && a < b);
}

static void sift_up(struct ring_merge *m, uint16_t i)
{
	while (i) {
		uint16_t up = (uint16_t)((i - 1) / 2), t = m->heap[i];

		if (!older(m, m->heap[i], m->heap[up]))
			return;
		m->heap[i] = m->heap[up];
		m->heap[up] = t;
		i = up;
	}
}

static void sift_down(struct ring_merge *m)
{
	uint16_t i = 0;

	for (;;) {
		uint16_t kid = (uint16_t)(2 * i + 1), t = m->heap[i];

		if (kid >= m->n_heap)
			return;
		if (kid + 1 < m->n_heap && older(m, m->heap[kid + 1], m->heap[kid]))
			kid++;
		if (!older(m, m->heap[kid], m->heap[i]))
			return;
		m->heap[i] = m->heap[kid];
		m->heap[kid] = t;
		i = kid;
	}
}

/* A record's head may be anywhere in the queue: copied, since nothing aligns it. */
static struct eyas_record head_at(const struct queue *q, size_t at)
{
	struct eyas_record r;

	memcpy(&r, q->p + at, sizeof(r));
	return r;
}

void ring_merge_put(struct ring_merge *m, uint16_t cpu, const void *record, size_t n)
{
	struct queue *q = &m->queues[cpu];
	bool was_empty = q->begin == q->end;

	if (n < sizeof(struct eyas_record))
		return;
	if (was_empty)
		q->begin = q->end = 0;
	if (q->cap - q->end < n) {
		if (q->begin > q->cap / 2) {
			memmove(q->p, q->p + q->begin, q->end - q->begin);
			q->end -= q->begin;
			q->begin = 0;
		}
		if (q->cap - q->end < n) {
			q->cap = q->cap ? q->cap * 2 : 1 << 16;
			while (q->cap - q->end < n)
				q->cap *= 2;
			q->p = xrealloc(q->p, q->cap);
		}
	}
	memcpy(q->p + q->end, record, n);
	/* the length of what came out of the ring is what counts, whatever the record says */
	((struct eyas_record *)(void *)(q->p + q->end))->len = (uint32_t)n;
	q->end += n;
	if (was_empty) {
		q->first_ts = head_at(q, q->begin).ts;
		m->heap[m->n_heap++] = cpu;
		sift_up(m, (uint16_t)(m->n_heap - 1));
	}
}

int ring_merge_take(struct ring_merge *m, uint64_t now, int most,
		    int (*fn)(void *arg, const void *record, size_t n, uint16_t cpu), void *arg)
{
	uint64_t until = now == UINT64_MAX           ? UINT64_MAX
			 : now > RING_MERGE_SLACK_NS ? now - RING_MERGE_SLACK_NS
						     : 0;
	int given = 0;

	while (given < most && m->n_heap && m->queues[m->heap[0]].first_ts < until) {
		uint16_t cpu = m->heap[0];
		struct queue *q = &m->queues[cpu];
		const uint8_t *record = q->p + q->begin;
		size_t n = head_at(q, q->begin).len;
		int r;

		q->begin += n;
		if (q->begin < q->end) {
			q->first_ts = head_at(q, q->begin).ts;
		} else {
			m->heap[0] = m->heap[--m->n_heap];
		}
		if (m->n_heap)
			sift_down(m);
		r = fn(arg, record, n, cpu);
		if (r)
			return r;
		given++;
	}
	return given;
}

size_t ring_merge_bytes(const struct ring_merge *m)
{
	size_t n = 0;

	for (uint16_t i = 0; i < m->n_cpus; i++)
		n += m->queues[i].end - m->queues[i].begin;
	return n;
}
