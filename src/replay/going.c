#include "replay/going.h"

#include <errno.h>
#include <string.h>

#include "trace/eyas_reader.h"
#include "trace/trace.h"

int replay_going_open(struct replay_going *g, const char *path, struct source *opened,
		      const struct replay_select *sel, const struct replay_visitor *v,
		      struct diag *diag)
{
	int r = 0;

	memset(g, 0, sizeof(*g));
	g->src = opened;
	if (!opened)
		r = trace_open(path, diag, &g->src);
	if (r)
		return r;
	g->state = state_new(NULL);
	g->walk = replay_walk_new(g->src, g->state, sel, v, &g->stats);
	return 0;
}

int replay_going_open_at(struct replay_going *g, const char *path, const struct replay_place *at,
			 const struct replay_select *sel, const struct replay_visitor *v,
			 struct diag *diag)
{
	struct eyas_checkpoint cp;
	struct diag unsaid;
	int r;

	diag_init(&unsaid);
	r = replay_going_open(g, path, NULL, sel, v, &unsaid);
	diag_free(&unsaid);
	if (r)
		return -ENOTSUP;
	g->src->diag = diag;
	r = eyas_reader_seek(g->src, at->offset, &cp);
	if (!r)
		r = replay_walk_restore(g->walk, cp.data);
	if (!r)
		return 0;
	replay_going_close(g);
	return -ENOTSUP;
}

int replay_going_open_near(struct replay_going *g, const char *path,
			   const struct replay_select *sel, const struct replay_visitor *v,
			   struct diag *diag)
{
	struct replay_places places = { .end = UINT64_MAX };
	int r = -ENOTSUP;
	size_t i;

	if (sel->since || sel->until || sel->first_num)
		replay_places_read(path, sel, &places);
	for (i = replay_places_first(&places, sel); r == -ENOTSUP && i > 0; i--)
		r = replay_going_open_at(g, path, &places.v.v[i - 1], sel, v, diag);
	if (r == -ENOTSUP)
		r = replay_going_open(g, path, NULL, sel, v, diag);
	if (!r)
		eyas_reader_end_at(g->src, places.end);
	replay_places_free(&places);
	return r;
}

int replay_going_run(struct replay_going *g)
{
	return replay_walk_rest(g->walk);
}

void replay_going_close(struct replay_going *g)
{
	if (g->walk)
		replay_walk_free(g->walk);
	state_free(g->state);
	source_close(g->src);
	g->walk = NULL;
	g->state = NULL;
	g->src = NULL;
}
