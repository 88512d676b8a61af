/* Which events are wanted; see event_wants.h. */
#include "event/event_wants.h"

bool event_is_wanted(const struct event_wants *w, const struct event *ev)
{
	const struct event_want *want;
	struct param p;
	uint32_t v;

	if (ev->type >= EVENT_N_TYPES)
		return true;
	want = &w->of[ev->type];
	if (want->how != WANT_VALUES)
		return want->how == WANT_ALL;
	p = event_param(ev, want->param);
	switch (p.n) {
	case 1:
		v = p.p[0];
		break;
	case 2:
		v = get_le16(p.p);
		break;
	case 4:
		v = get_le32(p.p);
		break;
	default:
		return true;
	}
	return v >= want->n_values || (want->values[v / 64] >> (v % 64) & 1);
}

bool event_numbers(const struct event_want *want, const struct event *ev, int64_t *ret)
{
	for (unsigned i = 0; i < want->n_numbers; i++) {
		struct param p = event_param(ev, want->numbers[i].param);

		if (p.n == 0 && want->numbers[i].or_zero) {
			ret[i] = 0;
			continue;
		}
		if (p.n != want->numbers[i].size)
			return false;
		ret[i] = (int64_t)(p.n == 8   ? get_le64(p.p)
				   : p.n == 4 ? get_le32(p.p)
				   : p.n == 2 ? get_le16(p.p)
					      : p.p[0]);
	}
	return want->n_numbers > 0;
}

void event_wants_none(struct event_wants *w)
{
	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < EVENT_N_TYPES; i++)
		w->of[i].how = WANT_NONE;
}

static bool same(const struct event_want *a, const struct event_want *b)
{
	return a->how == b->how &&
	       (a->how != WANT_VALUES ||
		(a->param == b->param && a->n_values == b->n_values && a->values == b->values));
}

void event_wants_merge(struct event_wants *w, const struct event_wants *other)
{
	for (size_t i = 0; i < EVENT_N_TYPES; i++) {
		const struct event_want *o = &other->of[i];
		uint32_t params;

		if (o->how == WANT_NONE)
			continue;
		params = w->of[i].how == WANT_NONE      ? o->params
			 : w->of[i].params && o->params ? w->of[i].params | o->params
							: 0;
		if (w->of[i].how == WANT_NONE)
			w->of[i] = *o;
		else if (!same(&w->of[i], o))
			w->of[i] = (struct event_want){ .how = WANT_ALL };
		w->of[i].n_numbers = 0;
		w->of[i].params = params;
	}
	w->memory |= other->memory;
}
