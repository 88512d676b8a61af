#include "replay/checkpoint.h"

#include <stdlib.h>

#include "base/xalloc.h"

/* A source of the one record in hand, so that the walk is the one that a replay takes. */
struct checkpointer {
	struct source source;
	const struct record *rec;
	struct state *state;
	struct replay_walk *walk;
	struct replay_stats stats;
	struct strbuf data;
};

static int give_record(struct source *s, struct record *ret)
{
	struct checkpointer *c = (struct checkpointer *)s;

	if (!c->rec)
		return 0;
	*ret = *c->rec;
	c->rec = NULL;
	return 1;
}

static int ignore_event(void *arg, struct event_ctx *ctx)
{
	(void)arg;
	(void)ctx;
	return 0;
}

struct checkpointer *checkpointer_new(void)
{
	static const struct source_ops ops = { .next = give_record };
	static const struct replay_visitor visitor = { .event = ignore_event };
	static const struct replay_select all;
	struct checkpointer *c = xcalloc(1, sizeof(*c));

	c->source.ops = &ops;
	c->state = state_new(NULL);
	c->walk = replay_walk_new(&c->source, c->state, &all, &visitor, &c->stats);
	strbuf_init(&c->data);
	return c;
}

void checkpointer_free(struct checkpointer *c)
{
	if (!c)
		return;
	replay_walk_free(c->walk);
	state_free(c->state);
	strbuf_release(&c->data);
	free(c);
}

void checkpointer_take(struct checkpointer *c, const struct record *rec)
{
	uint64_t ts;

	c->rec = rec;
	if (replay_walk_peek(c->walk, &ts) == 1)
		replay_walk_step(c->walk);
}

void checkpointer_save(struct checkpointer *c, struct eyas_checkpoint *ret)
{
	strbuf_reset(&c->data);
	replay_walk_save(c->walk, false, &c->data);
	*ret = (struct eyas_checkpoint){
		.shown = c->stats.events,
		.ts = c->stats.last_ts,
		.data = strbuf_str(&c->data),
	};
}
