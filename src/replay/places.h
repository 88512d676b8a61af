/*
 * places: where the replay of a trace can begin, and need not go on.
 *
 * Layer: replay. The checkpoints that the index of an .eyas trace names. Only a plain file that is
 * one whole trace with its index has any; every other trace is replayed from its beginning.
 */
#ifndef EYAS_PLACES_H
#define EYAS_PLACES_H

#include "base/vec.h"
#include "replay/replay.h"

struct replay_place {
	uint64_t offset; /* of the checkpoint's block in the file */
	uint64_t shown;  /* events before it, as evt.num counts */
	uint64_t ts;     /* greatest time of those */
};

struct replay_places {
	VEC(struct replay_place) v; /* in order */
	uint64_t end;               /* offset where nothing that is selected follows; UINT64_MAX */
};

/* The places in the trace at `path` that the selection leaves; none when it has none. */
void replay_places_read(const char *path, const struct replay_select *sel,
			struct replay_places *ret);
void replay_places_free(struct replay_places *p);
/* Number of the last place that everything selected lies behind, plus 1; 0: there is none. */
size_t replay_places_first(const struct replay_places *p, const struct replay_select *sel);

#endif
