/*
 * The data of a checkpoint, without the version and the options that it begins with: whatever it
 * is, it is refused, or the state it gives holds all invariants, is the same after being saved and
 * restored again, and takes events.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/varint.h"
#include "replay/replay.h"
#include "state/state_save.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct walk {
	struct source none;
	struct state *state;
	struct replay_stats stats;
	struct replay_walk *walk;
};

static void walk_open(struct walk *w)
{
	static const struct replay_select all;
	static const struct replay_visitor visitor;

	*w = (struct walk){ .state = state_new(NULL) };
	w->walk = replay_walk_new(&w->none, w->state, &all, &visitor, &w->stats);
}

static void walk_close(struct walk *w)
{
	replay_walk_free(w->walk);
	state_free(w->state);
}

/* An event without values: what it does follows from its type and from the thread. */
static void run_event(struct state *st, unsigned type, int64_t tid, uint64_t ts)
{
	struct event ev = {
		.ts = ts, .tid = tid, .type = (uint16_t)type, .info = event_info(type)
	};
	struct event_ctx ctx;

	state_begin(st, &ev, &ctx);
	state_end(st, &ctx);
}

static void go_on(struct state *st)
{
	static const unsigned types[] = {
		EVT_SYSCALL_CLOSE_X,    EVT_SYSCALL_EXECVE_19_X, EVT_SYSCALL_SETSID_X,
		EVT_SYSCALL_CLONE_20_X, EVT_PROCEXIT_1_E,        EVT_SYSCALL_GETCWD_X,
	};
	size_t n;
	struct thread **threads = state_threads_sorted(st, &n);
	int64_t *tids = xcalloc(n + 1, sizeof(*tids));
	const char *why;

	for (size_t i = 0; i < n; i++)
		tids[i] = threads[i]->tid;
	free(threads);
	for (size_t i = 0; i < n; i++)
		run_event(st, types[i % (sizeof(types) / sizeof(*types))], tids[i], 1000 + i);
	run_event(st, EVT_SYSCALL_CLOSE_X, 1, 2000);
	assert(state_check(st, &why));
	free(tids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf bytes = STRBUF_INIT, saved = STRBUF_INIT, again = STRBUF_INIT,
		      dump = STRBUF_INIT;
	struct state_options o;
	struct walk w, second;

	state_options_default(&o);
	varint_add(&bytes, STATE_VERSION);
	varint_add(&bytes, o.max_threads);
	varint_add(&bytes, o.max_fds);
	varint_add(&bytes, o.max_containers);
	varint_add(&bytes, o.max_users);
	varint_add(&bytes, o.connection_tracking);
	strbuf_add(&bytes, data, size);
	walk_open(&w);
	if (replay_walk_restore(w.walk, strbuf_str(&bytes)) == 0) {
		replay_walk_save(w.walk, false, &saved);
		walk_open(&second);
		assert(replay_walk_restore(second.walk, strbuf_str(&saved)) == 0);
		replay_walk_save(second.walk, false, &again);
		assert(str_eq(strbuf_str(&saved), strbuf_str(&again)));
		walk_close(&second);
		state_dump(w.state, &dump);
		go_on(w.state);
	}
	walk_close(&w);
	strbuf_release(&bytes);
	strbuf_release(&saved);
	strbuf_release(&again);
	strbuf_release(&dump);
	return 0;
}
