/*
 * story: where something came from, and what came of it.
 *
 * Layer: cli. Two walks over the lineage of a trace, back and forward in time, as lists of steps
 * that each hang below another: what `eyas story` prints. A walk never goes against time: what a
 * process did after it wrote a file is not part of where that file came from.
 */
#ifndef EYAS_STORY_H
#define EYAS_STORY_H

#include "replay/lineage.h"

#define STORY_NONE UINT32_MAX

struct story_step {
	uint32_t parent; /* number of a step; STORY_NONE for the first */
	uint32_t depth;
	bool is_process;
	uint32_t at;          /* number of a record of the history, or of an object */
	const char *relation; /* to the parent: "started by", "wrote" ... */
	uint64_t ts, num;     /* of the act that links them; 0: not known */
	uint64_t count, bytes;
	bool again;        /* what follows is below its other step */
	uint64_t left_out; /* links of this step that are not shown: the least interesting */
};

typedef VEC(struct story_step) story_steps;

struct story {
	const struct lineage *lineage;
	story_steps back, forward; /* each step behind its parent, below which it is printed */
	size_t limit;              /* steps in each */
	size_t width;              /* links of one kind below a step */
	bool cut;                  /* a limit was reached */
};

/* What it starts from; times are ns. */
struct story_start {
	bool is_process;
	uint32_t at;
	uint64_t back_until, forward_from;
};

void story_tell(struct story *s, const struct story_start *start);
void story_free(struct story *s);

#endif
