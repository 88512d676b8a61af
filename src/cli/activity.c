#include "cli/activity.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "event/event_category.h"
#include "state/fd_table.h"

#define FIRST_WIDTH 10000 /* ns */

void activity_init(struct activity *a)
{
	*a = (struct activity){ .width = FIRST_WIDTH };
	a->counts = xcalloc(ACTIVITY_SLICES, sizeof(*a->counts));
}

void activity_free(struct activity *a)
{
	free(a->counts);
	a->counts = NULL;
}

/* Each two slices become one. */
static void widen(struct activity *a)
{
	for (size_t i = 0; i < ACTIVITY_SLICES / 2; i++)
		for (size_t k = 0; k < ACTIVITY_N; k++)
			a->counts[i][k] = a->counts[2 * i][k] + a->counts[2 * i + 1][k];
	memset(a->counts + ACTIVITY_SLICES / 2, 0, ACTIVITY_SLICES / 2 * sizeof(*a->counts));
	a->width *= 2;
	a->used = (a->used + 1) / 2;
}

void activity_add(struct activity *a, uint64_t ts, enum activity_kind kind, bool failed)
{
	uint64_t at;

	if (!a->used)
		a->from = ts;
	if (ts < a->from)
		ts = a->from;
	/* Times go up to 2^64, slices to 2^11: the width stays below 2^54. */
	while ((at = (ts - a->from) / a->width) >= ACTIVITY_SLICES)
		widen(a);
	if (at >= a->used)
		a->used = (size_t)at + 1;
	a->counts[at][kind]++;
	if (failed)
		a->counts[at][ACTIVITY_FAILED]++;
}

static enum activity_kind kind_of_fd(const struct fd_entry *f)
{
	if (!f)
		return ACTIVITY_OTHER;
	if (fd_is_ip(f) || f->type == FD_UNIX_SOCK)
		return ACTIVITY_NETWORK;
	return fd_is_file(f) || f->type == FD_DIRECTORY ? ACTIVITY_FILES : ACTIVITY_OTHER;
}

void activity_event(struct activity *a, const struct event_ctx *ctx)
{
	enum activity_kind kind = ACTIVITY_OTHER;

	switch (ctx->ev->info->category & 0xff) {
	case EC_FILE:
		kind = ACTIVITY_FILES;
		break;
	case EC_NET:
		kind = ACTIVITY_NETWORK;
		break;
	case EC_PROCESS:
		kind = ACTIVITY_PROCESSES;
		break;
	case EC_IO_READ:
	case EC_IO_WRITE:
	case EC_IO_OTHER:
		kind = kind_of_fd(ctx->fd);
		break;
	default:
		break;
	}
	activity_add(a, ctx->ev->ts, kind, ctx->has_res && ctx->res < 0);
}
