#include "cli/counting_source.h"

static int counting_next(struct source *s, struct record *ret)
{
	struct counting_source *c = (struct counting_source *)s;
	int r = source_next(c->inner, ret);

	c->source.position = c->inner->position;
	if (r == 1)
		trace_summary_add(c->summary, ret);
	return r;
}

/* The inner one belongs to whoever opened it. */
static void counting_close(struct source *s)
{
	(void)s;
}

void counting_source_init(struct counting_source *c, struct source *inner,
			  struct trace_summary *summary)
{
	static const struct source_ops ops = { .next = counting_next, .close = counting_close };

	*c = (struct counting_source){ .source = *inner, .inner = inner, .summary = summary };
	c->source.ops = &ops;
}
