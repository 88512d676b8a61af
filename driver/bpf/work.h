/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * work: maps, and the scratch in which a record is put together.
 *
 * A record is built in one element of `scratch` per CPU (programs of a tracepoint do not move or
 * nest on a CPU) and sent in one piece. The verifier knows only that `off` is masked to the size of
 * the record and that nothing longer than the slack behind it is ever read.
 */
#ifndef EYAS_WORK_H
#define EYAS_WORK_H

#include "kernel_types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "../eyas_abi.h"

#define EYAS_OFF_MASK (EYAS_RECORD_MAX - 1)
#define EYAS_SLACK    65536

#define MAX_IOVECS 32

struct user_iovec {
	__u64 base, len;
};

struct work {
	__u64 args[EYAS_MAX_ARGS];
	__s64 ret;
	__u32 index; /* of the call's plan */
	__u32 off;   /* where the next piece begins in data */
	__u32 cur;   /* where the next bytes of a piece go; loops keep it here and not in a */
	__u32 got;   /* register, as do counts, so that the verifier sees the same unknown at */
	__u32 total; /* each turn */
	__u32 snaplen;
	__u64 child; /* the struct task_struct * a record is about when it is not the caller's */
	__u32 pid, tid;
	__u16 nr;
	__u8 kind, flags;
	__u32 ok_mask; /* fetches that need not be done: they were at enter */
	__u32 failed;  /* fetches whose memory could not be read, a bit each */
	__u32 waits;   /* the thread for whose call's return waits what was taken at enter */
	__u8 chunk[112] __attribute__((aligned(8))); /* the beginning of a kernel structure */
	union {
		struct user_iovec iov[MAX_IOVECS];
		__u64 strings[EYAS_MAX_STRINGS]; /* where they are in user memory */
	};
	__u8 data[EYAS_RECORD_MAX + EYAS_SLACK];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the number of CPUs, set at load */
	__type(key, __u32);
	__type(value, struct work);
} scratch SEC(".maps");

/*
 * Set before loading and frozen: the verifier takes branches on `config` as decided and removes the
 * others, and a plan is a load at an address it knows.
 */
const volatile struct eyas_config config;
const volatile struct eyas_plan plans[2 * EYAS_MAX_NR]; /* the 32-bit table behind the native one */

/* Numbers of which a call of either table has something to do at enter, a bit each: most have not,
 * and this is one cache line. */
const volatile __u64 enters[EYAS_MAX_NR / 64];

/* One element a CPU, which only that CPU writes; mapped into user space, which reads it without a
 * call (and so also after it has dropped its capabilities). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* the number of CPUs, set at load */
	__type(key, __u32);
	__type(value, struct eyas_cpu_stats);
} stats SEC(".maps");

/* Processes selected by --pid or as the tree of a command: tgid -> 1. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, __u32);
} selected SEC(".maps");

/* The cgroup selected by --container: it and what is below. */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} cgroup SEC(".maps");

/*
 * Threads in a call of which some fetch at enter found its memory not there (yet): the call's plan
 * and the fetches to do again at exit. Nearly always empty: n_faulted says so (an entry that the
 * map pushed out stays counted).
 */
__u64 n_faulted;

/* What is taken at enter may wait in the scratch: set once all programs that mind it are attached.
 */
__u64 may_wait;

struct enter_state {
	__u32 index, failed;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct enter_state);
} faulted SEC(".maps");

#if defined(__TARGET_ARCH_arm64)
/* The call by which a thread may be making another: where the child does not return from it
 * (eyas.bpf.c). */
struct fork_call {
	__u64 args[6];
	__u32 nr, compat;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct fork_call);
} forking SEC(".maps");

/* Threads between the exec of a program and its return. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, __u32);
} executing SEC(".maps");
#endif

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* a template: the real size is set at load */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, EYAS_MAX_CPUS);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

static __always_inline struct work *work_get(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratch, &cpu);
}

/* The current thread can be loaded from, without a helper for each member. */
#define HAS_TASK_BTF bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)

/*
 * A member of what is reached from the current thread, at the end of a chain of members. Loads cost
 * a fifth of reads with a helper; they need pointers that the verifier knows from their beginning,
 * so `from` is the thread or was got by this. On arm64 a record can be about another thread.
 */
#if defined(__TARGET_ARCH_arm64)
#define CAN_LOAD false
#else
#define CAN_LOAD HAS_TASK_BTF
#endif
#define GET(from, ...)                                                \
	({                                                            \
		__typeof__(___arrow(from, __VA_ARGS__)) got_;         \
                                                                      \
		if (CAN_LOAD) {                                       \
			got_ = ___arrow(from, __VA_ARGS__);           \
			BOUND(got_); /* not one load for both ways */ \
		} else {                                              \
			got_ = BPF_CORE_READ(from, __VA_ARGS__);      \
		}                                                     \
		got_;                                                 \
	})

/* Keeps the compiler from losing the bound just checked, or from thinking it needs none. */
#define BOUND(var) asm volatile("" : "+r"(var))

static __always_inline const volatile struct eyas_plan *plan_get(__u64 index)
{
	BOUND(index);
	return &plans[index & (2 * EYAS_MAX_NR - 1)];
}

static __always_inline void count_loss(struct eyas_cpu_stats *s, __u32 cause, __u64 ts)
{
	cause &= EYAS_LOST_N - 1;
	if (!s->lost[cause])
		s->lost_first[cause] = ts;
	s->lost_last[cause] = ts;
	s->lost[cause]++;
}

/* The bytes of a record's head in the ring. */
#define RING_HEAD 8

/* Counts a record of n bytes. A reader is woken only when enough has gathered; one query of how
 * much it is costs as much as a reserve, so it is asked only now and then. */
static __always_inline __u64 count_sent(struct eyas_cpu_stats *s, __u32 n, __u64 ts)
{
	s->sent++;
	s->last_ts = ts;
	s->bytes += n + RING_HEAD;
	if (s->bytes < config.wakeup_bytes)
		return BPF_RB_NO_WAKEUP;
	s->bytes = 0;
	return BPF_RB_FORCE_WAKEUP;
}

/* Sends n bytes at `p` over this CPU's ring. */
static __always_inline void send(void *p, __u64 n, __u64 ts)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct eyas_cpu_stats *s = bpf_map_lookup_elem(&stats, &cpu);
	void *ring = bpf_map_lookup_elem(&rings, &cpu);

	if (!ring || !s)
		return;
	if (bpf_ringbuf_output(ring, p, n, count_sent(s, (__u32)n, ts))) {
		s->sent--;
		count_loss(s, EYAS_LOST_BUFFER, ts);
	}
}

/*
 * A time for a record that is merely kept until its call returns: a place in the order of this CPU
 * is enough, and the clock costs as much as a path.
 */
static __always_inline __u64 last_time(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct eyas_cpu_stats *s = bpf_map_lookup_elem(&stats, &cpu);

	return s ? s->last_ts : 0;
}

static __always_inline void lose(__u32 cause, __u64 ts)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct eyas_cpu_stats *s = bpf_map_lookup_elem(&stats, &cpu);

	if (s)
		count_loss(s, cause, ts);
}

#endif
