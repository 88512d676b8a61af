/*
 * layout: old event layouts into the newest, one event at a time.
 *
 * Layer: trace. Rules are data (event/conversion_list.def, from events.json `conversion`); the
 * order of tests is scap-format.md section 11. Enter events that exits need are kept per thread
 * (enter_store.h). An event of the newest layout is passed on without a copy.
 */
#ifndef EYAS_LAYOUT_H
#define EYAS_LAYOUT_H

#include "base/strbuf.h"
#include "event/event.h"

struct layout;

struct layout *layout_new(void);
void layout_free(struct layout *l);
/* Forgets all stored enter events (a new section). */
void layout_reset(struct layout *l);

enum layout_result {
	LAYOUT_DELIVER, /* use *ret: borrowed from `raw` and `l` until the next call */
	LAYOUT_DROP,    /* consumes no evt.num: unused, old enter events, unknown types */
	LAYOUT_GUESSED, /* as DELIVER, but something had to be assumed; counted */
};

/*
 * Converts one raw event. Never fails: what upstream treats as fatal (no row, wrong stored enter,
 * too many parameters) is delivered as well as it can be and counted as guessed.
 */
enum layout_result layout_convert(struct layout *l, const struct event *raw, struct event *ret);

/* An event of this type with so many parameters is delivered as it is, whatever was before it. */
static inline bool layout_is_plain(const struct event_info *info, uint32_t n_params)
{
	if (!info || (info->flags & EF_UNUSED))
		return false;
	if (!(info->flags & EF_CONVERTER_MANAGED))
		return info->exit || !(info->flags & EF_OLD_VERSION);
	return info->exit && !(info->flags & EF_OLD_VERSION) && n_params == info->n_params;
}

struct layout_stats {
	uint64_t converted;      /* events delivered in another layout than recorded */
	uint64_t dropped_enter;  /* enters that were only remembered, or of no use */
	uint64_t dropped_unused; /* types that only fill a pair of numbers */
	uint64_t unknown_type;   /* types newer than this build */
	uint64_t guessed;        /* events with values made up: no enter was seen, odd parameters */
	uint64_t evicted_enters; /* remembered enters dropped for want of room */
};

/* Good until the next call on `l`. */
const struct layout_stats *layout_stats(const struct layout *l);

/* Appends what the next events will need, and the counters: same layout, same bytes. */
void layout_save(const struct layout *l, struct strbuf *out);
/* Restores that into a new layout; false when the bytes, which may be anybody's, are damaged: it
 * can then only be freed. */
bool layout_restore(struct layout *l, struct cursor *from);

#endif
