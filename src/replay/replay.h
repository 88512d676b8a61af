/*
 * replay: source → layout conversion → state → visitor.
 *
 * Layer: replay. What all commands that walk a trace share: section changes, numbering, selection
 * by time and number, losses, damage, statistics. A visitor sees each visible, selected event with
 * its context.
 */
#ifndef EYAS_REPLAY_H
#define EYAS_REPLAY_H

#include "event/source.h"
#include "state/state.h"

struct replay_select {
	uint64_t since, until;        /* ns; 0: no bound. until is exclusive */
	uint64_t first_num, last_num; /* evt.num, inclusive; 0: no bound */
};

struct replay_stats {
	uint64_t events;  /* delivered (numbered) */
	uint64_t visited; /* shown to the visitor */
	uint64_t raw;     /* read */
	uint64_t lost;    /* sum of loss records (unknown counts as 1) */
	uint64_t loss_records;
	uint64_t losses_unknown; /* of them, those that do not say how many: counted as one event */
	uint64_t lost_by_cause[LOSS_N];
	uint64_t guessed; /* events of which something had to be assumed */
	uint64_t unknown_types;
	uint64_t first_ts, last_ts;
	unsigned sections;
	bool damaged; /* the input ended in damage */
};

struct replay_visitor {
	void *arg;
	/*
	 * Which events it looks at; NULL: all. Others are not shown to it, and the source may pass
	 * over those that do not change the state either; all are counted. Copied.
	 */
	const struct event_wants *wants;
	/* 0 to go on, >0 to stop quietly, -errno to stop with that. */
	int (*event)(void *arg, struct event_ctx *ctx);
	/*
	 * With `wants`: which opens it looks at, of types that are wanted; see state_judge_opens().
	 * NULL: all of them.
	 */
	state_open_judge open;
	/* The same of events that use a descriptor; see state_judge_uses(). */
	state_use_judge use;
	void (*loss)(void *arg, const struct loss *loss); /* may be NULL */
	void (*progress)(void *arg, const struct source *src,
			 const struct replay_stats *st); /* may be NULL */
	/* A section begins; may be NULL. 0 or -errno to stop with that. */
	int (*snapshot)(void *arg, const struct snapshot *snap);
};

/*
 * The same in steps, so that walks over several sources can be taken in order of time. The walk
 * borrows all it is given but `sel` and `v`, which it copies.
 */
struct replay_walk;
struct replay_walk *replay_walk_new(struct source *src, struct state *st,
				    const struct replay_select *sel, const struct replay_visitor *v,
				    struct replay_stats *stats);
/* Which events the visitor looks at, as replay_visitor.wants: before the first of them is taken. */
void replay_walk_wants(struct replay_walk *w, const struct event_wants *wants);
/*
 * Reads the next record unless one was read and not yet taken: 1 and *ret_ts, the time of an event,
 * 0 of what belongs before the next one; 0 at the end; -EBADMSG or another -errno.
 */
int replay_walk_peek(struct replay_walk *w, uint64_t *ret_ts);
/* What was peeked at is an event, or the snapshot that a section begins with. */
bool replay_walk_at_event(const struct replay_walk *w);
bool replay_walk_at_section(const struct replay_walk *w);
/* Takes the record that was peeked at. 0 to go on, else what the visitor returned. */
int replay_walk_step(struct replay_walk *w);
/*
 * Appends what the walk, its state and *stats (all but `visited` and `damaged`) have come to, to be
 * gone on with by another walk over the records from here on. `lasting`: only what a walk that
 * passes over events without effect has, too: to be compared, not to be restored.
 */
void replay_walk_save(const struct replay_walk *w, bool lasting, struct strbuf *out);
/*
 * Makes a new walk, with a new state and cleared statistics, what the saved one was. The bytes may
 * be anybody's. 0; -ENOTSUP when they are another version's (nothing is changed then); -EBADMSG
 * when they are damaged: walk and state can then only be freed.
 */
int replay_walk_restore(struct replay_walk *w, struct str bytes);
/*
 * Takes all records that are left, the one that was peeked at first. 0; what the visitor returned,
 * if that is not 0; or the error that replay_walk_peek() would have returned.
 */
int replay_walk_rest(struct replay_walk *w);
/* Adds the last counts to the statistics and frees the walk; the source and the state are left. */
void replay_walk_free(struct replay_walk *w);

/*
 * Runs one source to its end through a state that the caller keeps (so several traces can follow
 * each other). Counts are added to *stats. 0; -EBADMSG when the input was damaged (everything
 * before it was visited); another -errno.
 */
int replay_run(struct source *src, struct state *st, const struct replay_select *sel,
	       const struct replay_visitor *v, struct replay_stats *stats);

#endif
