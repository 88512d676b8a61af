/*
 * Events that need not go through the state; see state_wants() in state.h.
 *
 * The exit of a system call without a parser does only what the prologue does: its thread comes
 * into being if it was not known, an enter event that was kept for another call is dropped, and
 * the event gets a number. That is the same however many such events follow each other.
 */
#include "state/state_impl.h"

/* parse_fcntl() has a case for these. */
static const uint64_t fcntl_commands[1] = {
	UINT64_C(1) << F_CAP_DUPFD | UINT64_C(1) << F_CAP_SETFD |
		UINT64_C(1) << F_CAP_DUPFD_CLOEXEC,
};

static bool changes_state(const struct event_info *info, bool memory)
{
	state_parser parser = state_parser_of(info->type);

	/* The prologue knows several kinds of events; this is about the plainest one. */
	if (!info->exit || !(info->category & EC_SYSCALL) ||
	    (info->flags & (EF_SKIPPARSERESET | EF_OLD_VERSION | EF_UNUSED)))
		return true;
	return parser && (parser != parse_vm || memory);
}

void state_wants(struct event_wants *ret, bool memory)
{
	struct event_want *fcntl = &ret->of[EVT_SYSCALL_FCNTL_X];

	*ret = (struct event_wants){ .memory = memory };
	for (unsigned type = 0; type < EVENT_N_TYPES; type++) {
		const struct event_info *info = event_info(type);

		if (!info)
			continue;
		if (!changes_state(info, memory))
			ret->of[type].how = WANT_NONE;
		else
			state_numbers_want(info, &ret->of[type]);
	}
	fcntl->how = WANT_VALUES;
	fcntl->param = 2;
	fcntl->n_values = 64;
	fcntl->values = fcntl_commands;
}

void state_pass(struct state *st, uint64_t n)
{
	st->n_events += n;
}

bool state_pass_thread(void *arg, int64_t tid)
{
	struct state *st = arg;
	struct thread *t;

	if (st->deferred)
		state_do_deferred(st);
	t = state_thread_look(st, tid);
	if (!t)
		t = thread_get_or_fake(st, tid);
	st->section_began = true;
	if (!t)
		return false;
	if (t->enter)
		enter_drop(st, t);
	t->last_valid = false;
	return true;
}

uint64_t state_last_num(const struct state *st)
{
	return st->n_events;
}

uint64_t state_first_ts(const struct state *st)
{
	return st->first_ts;
}

uint32_t state_epoch(const struct state *st)
{
	return st->epoch;
}
