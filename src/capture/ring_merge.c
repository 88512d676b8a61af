#include "capture/ring_merge.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/xalloc.h"
#include "eyas_abi.h"

/* What was copied is given back when it was more than this. */
#define KEEP_BYTES ((size_t)4 << 20)

/* One CPU's records: those copied out of the ring, then those in it. */
struct queue {
	struct ring_pages ring;
	unsigned long pos, seen; /* in the ring: the next record; the end as last looked at */
	uint8_t *p;              /* copies, as they were in the ring; [begin, end) wait */
	size_t begin, end, cap;
	uint64_t first_ts; /* of the next record */
	bool in_heap;
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

void ring_merge_attach(struct ring_merge *m, uint16_t cpu, const struct ring_pages *pages)
{
	m->queues[cpu].ring = *pages;
	m->queues[cpu].pos = m->queues[cpu].seen = *pages->consumer;
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

/* From one record to the next. */
static size_t stride(uint32_t len)
{
	return ((size_t)len + RING_MERGE_HEAD + 7) & ~(size_t)7;
}

static const uint8_t *in_ring(const struct queue *q, unsigned long pos)
{
	return q->ring.data + (pos & (q->ring.size - 1));
}

/* The length word of the record at q->pos, which the kernel may be about to write. */
static uint32_t ring_len(const struct queue *q)
{
	/* 8-aligned: the ring is made of pages, and records of multiples of 8 */
	return __atomic_load_n((const uint32_t *)(const void *)in_ring(q, q->pos),
			       __ATOMIC_ACQUIRE);
}

/* Moves q->pos to a whole record, and returns its length word; 0: there is none (yet). */
static uint32_t ring_next(struct queue *q)
{
	while (q->pos < q->seen) {
		uint32_t len = ring_len(q);

		if (len & RING_MERGE_BUSY)
			return 0;
		if (!(len & RING_MERGE_DISCARD) && len >= sizeof(struct eyas_record))
			return len;
		q->pos += stride(len & ~RING_MERGE_DISCARD);
	}
	return 0;
}

/* The next record; NULL without one. */
static const uint8_t *peek(struct queue *q, uint32_t *ret_n)
{
	if (q->begin < q->end) {
		memcpy(ret_n, q->p + q->begin, sizeof(*ret_n));
		return q->p + q->begin + RING_MERGE_HEAD;
	}
	*ret_n = ring_next(q);
	return *ret_n ? in_ring(q, q->pos) + RING_MERGE_HEAD : NULL;
}

static bool peek_time(struct queue *q)
{
	uint32_t n;
	const uint8_t *record = peek(q, &n);

	if (record)
		memcpy(&q->first_ts, record + offsetof(struct eyas_record, ts),
		       sizeof(q->first_ts));
	return record != NULL;
}

static void skip(struct queue *q, uint32_t n)
{
	if (q->begin == q->end) {
		q->pos += stride(n);
		return;
	}
	q->begin += stride(n);
	if (q->begin < q->end)
		return;
	q->begin = q->end = 0;
	if (q->cap > KEEP_BYTES) {
		free(q->p);
		q->p = NULL;
		q->cap = 0;
	}
}

/* The kernel may write over what is before q->pos. */
static void give_back(struct queue *q)
{
	if (q->ring.consumer && *q->ring.consumer != q->pos)
		__atomic_store_n(q->ring.consumer, q->pos, __ATOMIC_RELEASE);
}

void ring_merge_look(struct ring_merge *m)
{
	for (uint16_t cpu = 0; cpu < m->n_cpus; cpu++) {
		struct queue *q = &m->queues[cpu];

		if (!q->ring.producer)
			continue;
		q->seen = __atomic_load_n(q->ring.producer, __ATOMIC_ACQUIRE);
		if (q->in_heap || !peek_time(q))
			continue;
		q->in_heap = true;
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
	int given = 0, r = 0;

	while (!r && given < most && m->n_heap && m->queues[m->heap[0]].first_ts < until) {
		uint16_t cpu = m->heap[0];
		struct queue *q = &m->queues[cpu];
		uint32_t n;
		const uint8_t *record = peek(q, &n);

		r = fn(arg, record, n, cpu);
		skip(q, n);
		q->in_heap = peek_time(q);
		if (!q->in_heap)
			m->heap[0] = m->heap[--m->n_heap];
		if (m->n_heap > 1)
			sift_down(m);
		given++;
	}
	for (uint16_t cpu = 0; cpu < m->n_cpus; cpu++)
		give_back(&m->queues[cpu]);
	return r ? r : given;
}

/* Appends a piece of the ring to the copies. */
static void copy_out(struct queue *q, const uint8_t *from, size_t n)
{
	if (q->cap - q->end < n && q->begin > q->cap / 2) {
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
	memcpy(q->p + q->end, from, n);
	q->end += n;
}

void ring_merge_relieve(struct ring_merge *m, unsigned parts)
{
	for (uint16_t cpu = 0; cpu < m->n_cpus; cpu++) {
		struct queue *q = &m->queues[cpu];
		uint32_t len;

		if (!q->ring.producer || q->seen - q->pos <= q->ring.size / parts)
			continue;
		while ((len = ring_next(q))) {
			copy_out(q, in_ring(q, q->pos), stride(len));
			q->pos += stride(len);
		}
		give_back(q);
	}
}

size_t ring_merge_bytes(const struct ring_merge *m)
{
	size_t n = 0;

	for (uint16_t i = 0; i < m->n_cpus; i++)
		n += m->queues[i].end - m->queues[i].begin;
	return n;
}
