/*
 * process_params: the parameters that clone, fork, vfork, clone3, execve and execveat have in
 * common.
 *
 * Layer: state, private. What is behind them differs, and is named where it is used.
 */
#ifndef EYAS_PROCESS_PARAMS_H
#define EYAS_PROCESS_PARAMS_H

#include "event/event.h"

enum process_param {
	P_EXE = 1,
	P_ARGS,
	P_TID,
	P_PID,
	P_PTID,
	P_CWD,
	P_FDLIMIT,
	P_PGFT_MAJ,
	P_PGFT_MIN,
	P_VM_SIZE,
	P_VM_RSS,
	P_VM_SWAP,
	P_COMM,
	P_CGROUPS,
	P_COMMON_END, /* the first that differs */
};

/*
 * event_param_int_or() of those that the table of events says to be of 8 bytes, and unsigned of 4:
 * two dozen of them an event. test_state_proc has what the table says.
 */
static inline int64_t process_i64(const struct event *ev, unsigned i, int64_t or_else)
{
	struct param p = event_param(ev, i);

	return p.n == 8 ? (int64_t)get_le64(p.p) : or_else;
}

static inline uint64_t process_u64(const struct event *ev, unsigned i, uint64_t or_else)
{
	struct param p = event_param(ev, i);

	return p.n == 8 ? get_le64(p.p) : or_else;
}

static inline uint32_t process_u32(const struct event *ev, unsigned i, uint32_t or_else)
{
	struct param p = event_param(ev, i);

	return p.n == 4 ? get_le32(p.p) : or_else;
}

#endif
