#include "state/fd_table_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static int64_t page_no(int64_t num)
{
	/* Rounds down also for negative numbers, without shifting those. */
	return num >= 0 ? num / PAGE_SIZE : -((-(num + 1)) / PAGE_SIZE) - 1;
}

/* Index of the first slot with a page number of at least `no`. */
static uint32_t slot_lower(const struct fd_table *t, int64_t no)
{
	uint32_t lo = 0, hi = t->n_slots;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (t->slots[mid].no < no)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct fd_slot *slot_search(const struct fd_table *t, int64_t no)
{
	uint32_t i = slot_lower(t, no);

	return i < t->n_slots && t->slots[i].no == no ? &t->slots[i] : NULL;
}

static inline struct fd_slot *slot_find(const struct fd_table *t, int64_t num)
{
	struct fd_slot *s = fd_dense_slot(t, num);

	return s ? s : slot_search(t, page_no(num));
}

static void page_put(struct fd_page *p)
{
	if (--p->refs == 0)
		free(p);
}

/* Makes a slot's page this table's own. */
static inline struct fd_page *page_own(struct fd_slot *s)
{
	struct fd_page *p = s->page;

	if (p->refs > 1) {
		s->page = xmemdup(p, sizeof(*p));
		s->page->refs = 1;
		p->refs--;
	}
	return s->page;
}

struct fd_table *fd_table_new(uint32_t max)
{
	struct fd_table *t = xcalloc(1, sizeof(*t));

	t->max = max;
	return t;
}

void fd_table_free(struct fd_table *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; i < t->n_slots; i++)
		page_put(t->slots[i].page);
	free(t->slots);
	free(t->spare);
	free(t);
}

struct fd_table *fd_table_copy(struct fd_table *t)
{
	struct fd_table *c = xmemdup(t, sizeof(*t));

	c->spare = NULL;
	c->cap_slots = c->n_slots;
	c->slots = c->n_slots ? xmemdup(t->slots, c->n_slots * sizeof(*c->slots)) : NULL;
	for (uint32_t i = 0; i < c->n_slots; i++)
		c->slots[i].page->refs++;
	return c;
}

const struct fd_entry *fd_table_get(const struct fd_table *t, int64_t num)
{
	const struct fd_slot *s = slot_find(t, num);

	return s && (s->page->used & fd_page_bit(num)) ? &s->page->v[fd_page_at(num)] : NULL;
}

struct fd_entry *fd_table_edit(struct fd_table *t, int64_t num)
{
	struct fd_slot *s = slot_find(t, num);

	return s && (s->page->used & fd_page_bit(num)) ? &page_own(s)->v[fd_page_at(num)] : NULL;
}

/* Its entries hold nothing of use: `used` says so. */
static struct fd_page *page_new(struct fd_table *t)
{
	struct fd_page *p = t->spare ? t->spare : xmalloc(sizeof(*p));

	t->spare = NULL;
	p->refs = 1;
	p->mark = 0;
	p->used = 0;
	return p;
}

static struct fd_slot *slot_insert(struct fd_table *t, int64_t no)
{
	uint32_t i = slot_lower(t, no);

	if (t->n_slots == t->cap_slots) {
		t->cap_slots = t->cap_slots ? t->cap_slots * 2 : 4;
		t->slots = xreallocarray(t->slots, t->cap_slots, sizeof(*t->slots));
	}
	memmove(&t->slots[i + 1], &t->slots[i], (t->n_slots - i) * sizeof(*t->slots));
	t->n_slots++;
	t->slots[i] = (struct fd_slot){ no, page_new(t) };
	return &t->slots[i];
}

/* An entry for `num`, with whatever it holds; NULL when the table is full. */
static inline struct fd_entry *entry_make(struct fd_table *t, int64_t num)
{
	struct fd_slot *s = slot_find(t, num);
	unsigned bit = fd_page_bit(num);
	struct fd_page *p;

	if (!s || !(s->page->used & bit)) {
		if (t->n >= t->max)
			return NULL;
		if (!s)
			s = slot_insert(t, page_no(num));
		t->n++;
	}
	p = page_own(s);
	p->used |= (uint8_t)bit;
	return &p->v[fd_page_at(num)];
}

struct fd_entry *fd_table_add(struct fd_table *t, int64_t num)
{
	struct fd_entry *f = entry_make(t, num);

	if (f)
		*f = (struct fd_entry){ .num = num };
	return f;
}

struct fd_entry *fd_table_dup(struct fd_table *t, const struct fd_entry *from, int64_t num)
{
	struct fd_entry *f = entry_make(t, num);

	/* A page that this table no longer shares is still there, with others. */
	if (f && f != from) {
		*f = *from;
		f->num = num;
	}
	return f;
}

bool fd_table_del(struct fd_table *t, int64_t num)
{
	struct fd_slot *s = slot_find(t, num);
	unsigned bit = fd_page_bit(num);

	if (!s || !(s->page->used & bit))
		return false;
	t->n--;
	if (s->page->used == bit) {
		size_t i = (size_t)(s - t->slots);

		if (s->page->refs == 1 && !t->spare)
			t->spare = s->page;
		else
			page_put(s->page);
		t->n_slots--;
		memmove(s, s + 1, (t->n_slots - i) * sizeof(*s));
		return true;
	}
	page_own(s)->used &= (uint8_t)~bit;
	return true;
}

void fd_table_filter(struct fd_table *t, bool (*keep)(void *arg, const struct fd_entry *f),
		     void *arg)
{
	uint32_t to = 0;

	for (uint32_t i = 0; i < t->n_slots; i++) {
		struct fd_slot *s = &t->slots[i];
		uint8_t drop = 0;

		for (unsigned at = 0; at < PAGE_SIZE; at++) {
			if ((s->page->used >> at & 1) && !keep(arg, &s->page->v[at])) {
				drop |= (uint8_t)(1u << at);
				t->n--;
			}
		}
		if (drop == s->page->used) {
			page_put(s->page);
			continue;
		}
		if (drop)
			page_own(s)->used &= (uint8_t)~drop;
		t->slots[to++] = *s;
	}
	t->n_slots = to;
}

size_t fd_table_count(const struct fd_table *t)
{
	return t->n;
}

const struct fd_entry *fd_table_next(const struct fd_table *t, size_t *pos)
{
	while (*pos < (size_t)t->n_slots * PAGE_SIZE) {
		const struct fd_page *p = t->slots[*pos / PAGE_SIZE].page;
		size_t at = (*pos)++ % PAGE_SIZE;

		if (p->used >> at & 1)
			return &p->v[at];
	}
	return NULL;
}

void fd_table_walk(struct fd_table *t, uint32_t round,
		   void (*fn)(void *arg, const struct fd_entry *f), void *arg)
{
	for (uint32_t i = 0; i < t->n_slots; i++) {
		struct fd_page *p = t->slots[i].page;

		if (p->mark == round)
			continue;
		p->mark = round;
		for (unsigned at = 0; at < PAGE_SIZE; at++)
			if (p->used >> at & 1)
				fn(arg, &p->v[at]);
	}
}

bool fd_table_check(const struct fd_table *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n_slots; i++) {
		const struct fd_slot *s = &t->slots[i];

		if ((i && t->slots[i - 1].no >= s->no) || !s->page->refs || !s->page->used)
			return false;
		for (unsigned at = 0; at < PAGE_SIZE; at++) {
			const struct fd_entry *f = &s->page->v[at];

			if (!(s->page->used >> at & 1))
				continue;
			n++;
			if (page_no(f->num) != s->no || fd_page_at(f->num) != at || !f->nameraw ||
			    (f->naming == FD_NAME_KEPT && !f->kept_name))
				return false;
		}
	}
	return n == t->n && n <= t->max;
}
