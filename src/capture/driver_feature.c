#include "capture/driver_feature.h"

#include <errno.h>
#include <string.h>

static const struct driver_feature_info infos[FEATURE_N] = {
#define FEATURE(name, program, typed, without) { #program, without },
#include "capture/driver_feature.def"
#undef FEATURE
};

const struct driver_feature_info *driver_feature_info(enum driver_feature f)
{
	return &infos[f];
}

void driver_feature_needs(bool signals, bool tree, uint8_t ret_need[FEATURE_N])
{
	memset(ret_need, FEATURE_LEFT, FEATURE_N);
	ret_need[FEATURE_CALL_EXIT] = FEATURE_NEEDED;
	ret_need[FEATURE_CALL_ENTER] = FEATURE_NEEDED;
	ret_need[FEATURE_THREAD_EXIT] = FEATURE_NEEDED;
	ret_need[FEATURE_EXEC] = FEATURE_WISHED;
	ret_need[FEATURE_SWITCH] = FEATURE_WISHED;
	if (tree) {
		ret_need[FEATURE_FORK] = FEATURE_NEEDED;
		ret_need[FEATURE_FREE] = FEATURE_WISHED;
	}
	if (signals)
		ret_need[FEATURE_SIGNAL] = FEATURE_WISHED;
#if defined(__aarch64__)
	/* a new thread has no sys_exit there (eyas.bpf.c) */
	ret_need[FEATURE_FORK] = FEATURE_NEEDED;
#endif
}

struct search {
	const uint8_t *need;
	feature_load_fn load;
	void *arg;
	struct feature_choice *choice;
};

/* Tries the set in both forms; 0 with choice->typed set, or the error of the last. */
static int try_forms(struct search *s, const bool on[FEATURE_N])
{
	int r = s->load(s->arg, true, on);

	s->choice->typed = r == 0;
	if (r && r != -EPERM)
		r = s->load(s->arg, false, on);
	return r;
}

/* All that is at least this much asked for. */
static void select_needs(const struct search *s, enum feature_need least, bool on[FEATURE_N])
{
	for (unsigned f = 0; f < FEATURE_N; f++)
		on[f] = s->need[f] >= least;
}

/* What is needed does not load together: does one of them not load by itself? */
static void find_stuck(struct search *s)
{
	for (unsigned f = 0; f < FEATURE_N; f++) {
		bool on[FEATURE_N] = { false };

		if (s->need[f] != FEATURE_NEEDED)
			continue;
		on[f] = true;
		if (try_forms(s, on) == 0)
			continue;
		s->choice->stuck = (enum driver_feature)f;
		return;
	}
}

/* What is needed loads: adds what is wished, one by one. */
static int add_wishes(struct search *s, bool on[FEATURE_N])
{
	bool loaded = true;

	for (unsigned f = 0; f < FEATURE_N; f++) {
		int r;

		if (s->need[f] != FEATURE_WISHED)
			continue;
		on[f] = true;
		r = s->load(s->arg, s->choice->typed, on);
		loaded = r == 0;
		if (loaded)
			continue;
		on[f] = false;
		s->choice->why[f] = r;
	}
	return loaded ? 0 : s->load(s->arg, s->choice->typed, on);
}

int driver_feature_choose(const uint8_t need[FEATURE_N], feature_load_fn load, void *arg,
			  struct feature_choice *ret)
{
	struct search s = { need, load, arg, ret };
	bool on[FEATURE_N];
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->stuck = FEATURE_N;
	select_needs(&s, FEATURE_WISHED, on);
	r = try_forms(&s, on);
	if (r && r != -EPERM) {
		select_needs(&s, FEATURE_NEEDED, on);
		r = try_forms(&s, on);
		if (!r)
			r = add_wishes(&s, on);
		else if (r != -EPERM)
			find_stuck(&s);
	}
	if (!r)
		memcpy(ret->on, on, sizeof(on));
	return r;
}
