#include "replay/places.h"

#include <unistd.h>

#include "trace/eyas_format.h"
#include "trace/eyas_index.h"

/*
 * Behind the last block with an event before `until`; the events of CPUs stand a little out of
 * order, so that the first event that is not before it says nothing.
 */
static uint64_t end_of(const struct eyas_summary *s, uint64_t until)
{
	uint64_t end = UINT64_MAX;

	for (size_t i = s->blocks.n; until && i-- > 0;) {
		const struct eyas_index_entry *e = &s->blocks.v[i];

		if (e->kind == EYAS_EVENTS && e->count && e->min_ts < until)
			break;
		/* A snapshot or a note in front of events that are left out is left out, too. */
		end = e->offset;
	}
	return end;
}

static void add_places(int fd, const struct eyas_summary *s, struct replay_places *ret)
{
	for (size_t i = 0; i < s->blocks.n; i++) {
		const struct eyas_index_entry *e = &s->blocks.v[i];
		struct eyas_checkpoint cp;

		if (e->offset >= ret->end)
			break;
		if (e->kind == EYAS_CHECKPOINT && !eyas_summary_checkpoint(fd, s, e, &cp)) {
			struct replay_place p = { e->offset, cp.shown, cp.ts };

			vec_push(&ret->v, p);
		}
	}
}

void replay_places_read(const char *path, const struct replay_select *sel,
			struct replay_places *ret)
{
	struct eyas_summary s = { 0 };
	int fd = eyas_summary_open(path, &s);

	*ret = (struct replay_places){ .end = UINT64_MAX };
	if (fd < 0)
		return;
	if (!s.trace_start) {
		ret->end = end_of(&s, sel->until);
		add_places(fd, &s, ret);
	}
	eyas_summary_free(&s);
	close(fd);
}

void replay_places_free(struct replay_places *p)
{
	vec_free(&p->v);
}

/* All that is selected lies behind it, and it is not behind where a replay would have ended. */
static bool before_all(const struct replay_place *p, const struct replay_select *sel)
{
	if (sel->last_num && p->shown > sel->last_num)
		return false;
	return p->ts < sel->since || p->shown < sel->first_num;
}

size_t replay_places_first(const struct replay_places *p, const struct replay_select *sel)
{
	size_t i = p->v.n;

	while (i > 0 && !before_all(&p->v.v[i - 1], sel))
		i--;
	return i;
}
