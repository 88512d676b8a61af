#include "trace/event_numbers.h"

void event_numbers_init(struct event_numbers *e)
{
	memset(e, 0, sizeof(*e));
	e->layout = layout_new();
}

void event_numbers_free(struct event_numbers *e)
{
	layout_free(e->layout);
	vec_free(&e->runs);
}

bool event_numbers_read(struct event_numbers *e, const struct record *rec)
{
	struct event ev;

	if (rec->kind == RECORD_SNAPSHOT)
		layout_reset(e->layout);
	if (rec->kind != RECORD_EVENT || layout_convert(e->layout, &rec->event, &ev) == LAYOUT_DROP)
		return false;
	e->last++;
	return true;
}

void event_numbers_copied(struct event_numbers *e, uint64_t new_num)
{
	struct event_numbers_run *r = e->runs.n ? &e->runs.v[e->runs.n - 1] : NULL;

	if (r && r->old_num + r->n == e->last && r->new_num + r->n == new_num) {
		r->n++;
		return;
	}
	r = vec_add(&e->runs);
	r->old_num = e->last;
	r->new_num = new_num;
	r->n = 1;
}

void event_numbers_note(const struct event_numbers *e, struct note *n)
{
	uint64_t first = 0, last = 0;

	if (!n->first_num)
		return;
	for (size_t i = 0; i < e->runs.n; i++) {
		const struct event_numbers_run *r = &e->runs.v[i];
		uint64_t end = r->old_num + r->n - 1;
		uint64_t from = n->first_num > r->old_num ? n->first_num : r->old_num;
		uint64_t to = n->last_num < end ? n->last_num : end;

		if (from > to)
			continue;
		if (!first)
			first = r->new_num + (from - r->old_num);
		last = r->new_num + (to - r->old_num);
	}
	n->first_num = first;
	n->last_num = last;
}
