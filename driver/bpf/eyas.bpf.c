/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * eyas: the programs at the tracepoints.
 *
 * What a call needs is data (struct eyas_plan, from src/capture/call_list.def): sys_exit() sends
 * the arguments and the return value of every selected call and runs its fetches; sys_enter() does
 * something only for calls with a fetch that must be done before the call. A call without fetches
 * is written straight into the ring; others are put together in the scratch, since their length is
 * known at the end only.
 *
 * Each tracepoint has a tp_btf program, which reads kernel structures directly, and a raw_tp one
 * for kernels where that does not load; user space turns one of the two off before loading.
 */
#include "fetch_task.h"

char LICENSE[] SEC("license") = "GPL";

#define TS_COMPAT      0x0002
#define TIF_32BIT_MASK (1ul << 22)
#define PF_EXITING     0x00000004
#define SIGCHLD        17

/*
 * Fetch i of the plan in this CPU's scratch. Global, so that the verifier checks it once for all i;
 * it cannot be told more than numbers (5.10 has no pointer arguments), so it looks the scratch up
 * again.
 */
__attribute__((noinline)) int run_fetch(__u32 i)
{
	const volatile struct eyas_fetch *f;
	struct work *w = work_get();
	__u64 value;

	if (!w || i >= EYAS_MAX_FETCHES)
		return 0;
	if (w->off > EYAS_RECORD_MAX / 2) {
		w->flags |= EYAS_RF_CUT;
		return 0;
	}
	f = &plan_get(w->index)->fetches[i];
	value = value_from(w, f->arg, f->n);
	switch (f->kind) {
	case EYAS_FETCH_STR:
		fetch_str(w, i, value);
		break;
	case EYAS_FETCH_BUF: {
		__u64 n = value_from(w, f->len, f->n);

		if ((__s64)n < 0)
			n = 0;
		fetch_bytes(w, i, EYAS_FETCH_BUF, value, n > w->snaplen ? w->snaplen : n);
		break;
	}
	case EYAS_FETCH_MEM: {
		__u64 n = f->len == EYAS_FROM_CONST ? f->n : value_from(w, f->len, 0) * f->n;

		fetch_bytes(w, i, EYAS_FETCH_MEM, value, n > 4096 ? 4096 : n);
		break;
	}
	case EYAS_FETCH_SOCKADDR: {
		__u64 n = value_from(w, f->len, 0);

		fetch_bytes(w, i, EYAS_FETCH_SOCKADDR, value, n > 128 ? 128 : n);
		break;
	}
	case EYAS_FETCH_SOCKADDR_OUT: {
		__u32 n = 0;

		if (value)
			bpf_probe_read_user(&n, sizeof(n), (void *)value_from(w, f->len, 0));
		fetch_bytes(w, i, EYAS_FETCH_SOCKADDR_OUT, value, n > 128 ? 128 : n);
		break;
	}
	case EYAS_FETCH_FD_FILE:
		fetch_fd_file(w, i, (int)value);
		break;
	case EYAS_FETCH_FD_SOCK:
		fetch_fd_sock(w, i, (int)value);
		break;
	case EYAS_FETCH_IOVEC:
		fetch_iovec(w, i, value, value_from(w, f->len, 0), f->n);
		break;
	case EYAS_FETCH_MSGHDR:
		fetch_msghdr(w, i, value, f->n);
		break;
	case EYAS_FETCH_STRV:
		fetch_strings(w, i, value);
		break;
	case EYAS_FETCH_FD_PATH:
		fetch_fd_path(w, i, (int)value);
		break;
	case EYAS_FETCH_MM: {
		struct eyas_mm *m = (void *)at(w, w->off + sizeof(struct eyas_piece));

		fill_memory(m, (void *)bpf_get_current_task());
		piece_end(w, i, EYAS_FETCH_MM, sizeof(*m), EYAS_PIECE_OK);
		break;
	}
	}
	return 0;
}

/* The big one by itself, so that run_fetch() stays small for the verifier. */
__attribute__((noinline)) int run_fetch_task(__u32 i)
{
	struct work *w = work_get();

	if (w && i < EYAS_MAX_FETCHES)
		fetch_task(w, i, plan_get(w->index)->fetches[i].n != 0 && w->ret >= 0);
	return 0;
}

/* Does the plan's fetches of these moments and sends the record. */
static __always_inline void run_and_send(struct work *w, __u32 when_mask, __u64 ts)
{
	const volatile struct eyas_plan *plan = plan_get(w->index);
	struct eyas_record *r = (void *)w->data;
	__u32 n = w->kind == EYAS_REC_ENTER ? EYAS_ENTER_ARGS : plan->n_args;

	/* all of them, since it is as quick; the first piece begins behind those that count */
	__builtin_memcpy(r + 1, w->args, sizeof(w->args));
	w->off = sizeof(*r) + n * sizeof(w->args[0]);
	w->failed = 0;
#pragma unroll 1
	for (__u32 i = 0; i < EYAS_MAX_FETCHES; i++) {
		if (i >= plan->n_fetches)
			break;
		if (!(when_mask & 1u << (plan->fetches[i].when & 31)) || w->ok_mask & 1u << i)
			continue;
		if (plan->fetches[i].kind == EYAS_FETCH_TASK)
			run_fetch_task(i);
		else
			run_fetch(i);
	}
	r->ts = ts;
	r->tid = w->tid;
	r->pid = w->pid;
	r->nr = w->nr;
	r->kind = w->kind;
	r->flags = w->flags;
	r->n_args = n;
	r->ret = w->ret;
	n = w->off;
	BOUND(n);
	if (n > EYAS_RECORD_MAX)
		lose(EYAS_LOST_SIZE, ts);
	else
		send(w->data, n, ts);
}

/* 0: not to be recorded. */
static __always_inline bool wanted(__u32 pid)
{
	if (pid == config.own_pid || pid == config.peer_pid)
		return false;
	if (config.select & (EYAS_SELECT_PID | EYAS_SELECT_TREE) &&
	    !bpf_map_lookup_elem(&selected, &pid))
		return false;
	if (config.select & EYAS_SELECT_UID && (__u32)bpf_get_current_uid_gid() != config.uid)
		return false;
	if (config.select & EYAS_SELECT_CGROUP && bpf_current_task_under_cgroup(&cgroup, 0) != 1)
		return false;
	if (config.select & EYAS_SELECT_COMM) {
		char comm[16];

		bpf_get_current_comm(comm, sizeof(comm));
#pragma unroll
		for (int i = 0; i < 16; i++) {
			if (comm[i] != config.comm[i])
				return false;
			if (!comm[i])
				break;
		}
	}
	return true;
}

/* The snap length for the kind of descriptor the call is about. */
static __always_inline __u32 snap_of(struct work *w)
{
	__u32 arg, mode;
	struct file *file;

	if (!config.snap_by_kind)
		return config.snaplen;
	arg = plan_get(w->index)->snap_arg;
	if (arg > 5)
		return config.snaplen;
	file = file_of_fd((int)arg_at(w, arg));
	mode = file ? BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT : 0;
	if (mode == S_IFSOCK)
		return config.snaplen_socket;
	return mode == S_IFREG ? config.snaplen_file : config.snaplen_other;
}

static __always_inline void on_exit(struct work *w, __u64 ts)
{
	__u32 when = 1u << EYAS_AT_EXIT | 1u << EYAS_AT_ENTER | 1u << EYAS_AT_CREATOR;
	__u32 enter = plan_get(w->index)->enter;

	when |= 1u << (w->ret >= 0 ? EYAS_AT_EXIT_OK : EYAS_AT_EXIT_FAIL);
	w->ok_mask = enter;
	if (enter && n_faulted) {
		struct enter_state *e = bpf_map_lookup_elem(&faulted, &w->tid);

		if (e) {
			if (e->nr == w->nr)
				w->ok_mask &= ~e->failed;
			if (bpf_map_delete_elem(&faulted, &w->tid) == 0)
				__sync_fetch_and_sub(&n_faulted, 1);
		}
	}
	/* of a call that makes a thread, 0 is what the new one returns */
	if (enter && !w->ret)
		w->ok_mask &= ~(__u32)plan_get(w->index)->again;
	w->snaplen = snap_of(w);
	run_and_send(w, when, ts);
}

static __always_inline void on_enter(struct work *w, __u64 ts)
{
	w->ok_mask = 0;
	w->snaplen = snap_of(w);
	run_and_send(w, 1u << EYAS_AT_ENTER | 1u << EYAS_AT_CREATOR, ts);
	if (w->failed) {
		struct enter_state e = { w->nr, w->failed };

		if (bpf_map_update_elem(&faulted, &w->tid, &e, BPF_NOEXIST) == 0)
			__sync_fetch_and_add(&n_faulted, 1);
		else
			bpf_map_update_elem(&faulted, &w->tid, &e, BPF_ANY);
	}
}

/* Room for a record of n arguments in this CPU's ring, its head filled in; NULL when there is none.
 * The clock is read once the place is taken. */
static __always_inline struct eyas_record *plain_begin(__u32 n_args, struct eyas_cpu_stats **ret_s)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct eyas_cpu_stats *s = bpf_map_lookup_elem(&stats, &cpu);
	void *ring = bpf_map_lookup_elem(&rings, &cpu);
	struct eyas_record *r;

	if (!s || !ring)
		return NULL;
	r = bpf_ringbuf_reserve(ring, sizeof(*r) + n_args * sizeof(__u64), 0);
	if (!r) {
		count_loss(s, EYAS_LOST_BUFFER, bpf_ktime_get_boot_ns());
		return NULL;
	}
	r->ts = bpf_ktime_get_boot_ns();
	r->n_args = n_args;
	*ret_s = s;
	return r;
}

static __always_inline void plain_end(struct eyas_record *r, __u32 n_args, struct eyas_cpu_stats *s)
{
	bpf_ringbuf_submit(r, count_sent(s, sizeof(*r) + n_args * sizeof(__u64), r->ts));
}

/* A record of something that is no call. */
static __always_inline void send_happening(__u32 kind, __s64 ret, __u64 arg0, __u64 arg1)
{
	__u64 id = bpf_get_current_pid_tgid(), *args;
	struct eyas_cpu_stats *s;
	struct eyas_record *r;

	if (!wanted((__u32)(id >> 32)))
		return;
	r = plain_begin(2, &s);
	if (!r)
		return;
	r->pid = (__u32)(id >> 32);
	r->tid = (__u32)id;
	r->nr = 0;
	r->kind = (__u8)kind;
	r->flags = 0;
	r->ret = ret;
	args = (__u64 *)(r + 1);
	args[0] = arg0;
	args[1] = arg1;
	plain_end(r, 2, s);
}

/* This CPU's scratch with the head of a record of `kind` for the current thread. */
static __always_inline struct work *begin(__u32 kind, __u32 nr, __u32 index, __u32 pid, __u32 tid)
{
	struct work *w = work_get();

	if (!w)
		return NULL;
	w->index = index;
	w->pid = pid;
	w->tid = tid;
	w->nr = (__u16)nr;
	w->kind = (__u8)kind;
	w->flags = 0;
	w->ret = 0;
	w->child = 0;
	return w;
}

/*
 * The two ways to look at a thread's registers: tp_btf programs load them, raw_tp ones read them
 * with a helper. The rest of a program is the same; these macros give it both forms. GET is one of
 * the first two. TASK is the same for the current thread, which programs can load from since 5.11.
 */
#define LOADED(regs, member) ((regs)->member)
#define PROBED(regs, member) BPF_CORE_READ(regs, member)

#define LOADED_TASK(member) \
	(HAS_TASK_BTF ? bpf_get_current_task_btf()->member : PROBED_TASK(member))
#define PROBED_TASK(member) BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), member)

/* The first n arguments of a call, n of 1, 3 and 6. */
#if defined(__TARGET_ARCH_x86)
#define CALL_NR(GET, regs)  ((__u32)GET(regs, orig_ax))
#define NR_SIGRETURN        15
#define NR_COMPAT_SIGRETURN 173
#define NR_ABI_BITS         0x40000000 /* x32 */
#define CALL_ARGS(GET, to, n, regs)               \
	do {                                      \
		(to)[0] = GET(regs, di);          \
		if ((n) > 1) {                    \
			(to)[1] = GET(regs, si);  \
			(to)[2] = GET(regs, dx);  \
		}                                 \
		if ((n) > 3) {                    \
			(to)[3] = GET(regs, r10); \
			(to)[4] = GET(regs, r8);  \
			(to)[5] = GET(regs, r9);  \
		}                                 \
	} while (0)
#define COMPAT_ARGS(GET, to, n, regs)                   \
	do {                                            \
		(to)[0] = (__u32)GET(regs, bx);         \
		if ((n) > 1) {                          \
			(to)[1] = (__u32)GET(regs, cx); \
			(to)[2] = (__u32)GET(regs, dx); \
		}                                       \
		if ((n) > 3) {                          \
			(to)[3] = (__u32)GET(regs, si); \
			(to)[4] = (__u32)GET(regs, di); \
			(to)[5] = (__u32)GET(regs, bp); \
		}                                       \
	} while (0)
/* The current call came through the 32-bit table. */
#define COMPAT_CALL(TASK) ((TASK(thread_info.status) & TS_COMPAT) != 0)
#elif defined(__TARGET_ARCH_arm64)
#define CALL_NR(GET, regs)  ((__u32)GET(regs, syscallno))
#define NR_SIGRETURN        139
#define NR_COMPAT_SIGRETURN 173
#define NR_ABI_BITS         0
#define CALL_ARGS(GET, to, n, from)                   \
	do {                                          \
		(to)[0] = GET(from, orig_x0);         \
		if ((n) > 1) {                        \
			(to)[1] = GET(from, regs[1]); \
			(to)[2] = GET(from, regs[2]); \
		}                                     \
		if ((n) > 3) {                        \
			(to)[3] = GET(from, regs[3]); \
			(to)[4] = GET(from, regs[4]); \
			(to)[5] = GET(from, regs[5]); \
		}                                     \
	} while (0)
#define COMPAT_ARGS(GET, to, n, regs) CALL_ARGS(GET, to, n, regs)
#define COMPAT_CALL(TASK)             ((TASK(thread_info.flags) & TIF_32BIT_MASK) != 0)
#endif

/*
 * The number of a call, of either table. rt_sigreturn() takes its own away, so that it is not
 * restarted; a number that the tables have not is recorded all the same, with what fits into a
 * record.
 */
static __always_inline __u32 call_number(__u32 raw, bool compat)
{
	if (raw == (__u32)-1)
		return compat ? NR_COMPAT_SIGRETURN : NR_SIGRETURN;
	raw &= ~NR_ABI_BITS;
	return raw > 0xffff ? 0xffff : raw;
}

/* Where its plan is: the last of a table stands for all numbers behind it. */
static __always_inline __u32 plan_index(__u32 nr, bool compat)
{
	if (nr > EYAS_MAX_NR - 1)
		nr = EYAS_MAX_NR - 1;
	return compat ? nr + EYAS_MAX_NR : nr;
}

/*
 * arm64: a new thread begins without returning from clone(), so its side of the call is recorded
 * when it is made, with what the caller's sys_enter noted; and kernels that forget the number of a
 * successful exec (5.10) are told by sched_process_exec that it was one.
 */
#if defined(__TARGET_ARCH_arm64)
#define NR_EXECVE   221
#define NR_EXECVEAT 281

static __always_inline bool makes_thread(__u32 nr, bool compat)
{
	if (compat)
		return nr == 2 || nr == 120 || nr == 190 ||
		       nr == 435; /* fork, clone, vfork, clone3 */
	return nr == 220 || nr == 435;
}

static __always_inline __u32 forgotten_number(__u32 raw, __u32 nr)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();

	if (raw != (__u32)-1 && raw != NR_EXECVE && raw != NR_EXECVEAT)
		return nr;
	if (bpf_map_delete_elem(&executing, &tid) == 0 && raw == (__u32)-1)
		return NR_EXECVE;
	return nr;
}

#define MAKES_THREAD(number) (makes_thread(number, false) || makes_thread(number, true))
#define NOTE_FORK(GET, from, number, is_compat)                                             \
	do {                                                                                \
		if (makes_thread(number, is_compat)) {                                      \
			struct fork_call fork_call = { .nr = number, .compat = is_compat }; \
			__u32 tid = (__u32)bpf_get_current_pid_tgid();                      \
                                                                                            \
			CALL_ARGS(GET, fork_call.args, 6, from);                            \
			bpf_map_update_elem(&forking, &tid, &fork_call, BPF_ANY);           \
		}                                                                           \
	} while (0)
#else
#define MAKES_THREAD(number) false
#define NOTE_FORK(GET, from, number, is_compat)
#define forgotten_number(raw, nr) (nr)
#endif

/* A call without fetches, straight into the ring. */
#define SEND_PLAIN(GET, regs, n)                                     \
	do {                                                         \
		struct eyas_cpu_stats *s;                            \
		struct eyas_record *r = plain_begin(n, &s);          \
                                                                     \
		if (!r)                                              \
			return 0;                                    \
		r->tid = tid;                                        \
		r->pid = pid;                                        \
		r->nr = (__u16)nr;                                   \
		r->kind = EYAS_REC_EXIT;                             \
		r->flags = compat ? EYAS_RF_COMPAT : 0;              \
		r->ret = ret;                                        \
		if (compat)                                          \
			COMPAT_ARGS(GET, (__u64 *)(r + 1), n, regs); \
		else                                                 \
			CALL_ARGS(GET, (__u64 *)(r + 1), n, regs);   \
		plain_end(r, n, s);                                  \
		return 0;                                            \
	} while (0)

#define SYS_EXIT_BODY(GET, TASK, regs, ret_value)                         \
	bool compat = COMPAT_CALL(TASK);                                  \
	__u32 raw_nr = CALL_NR(GET, regs);                                \
	__u32 nr = forgotten_number(raw_nr, call_number(raw_nr, compat)); \
	__u32 index = plan_index(nr, compat), pid, tid;                   \
	const volatile struct eyas_plan *plan = plan_get(index);          \
	__s64 ret = (__s64)(ret_value);                                   \
	struct work *w;                                                   \
                                                                          \
	if (!plan->recorded)                                              \
		return 0;                                                 \
	pid = (__u32)TASK(tgid);                                          \
	tid = (__u32)TASK(pid);                                           \
	if (!wanted(pid))                                                 \
		return 0;                                                 \
	/* an error, or an address above 2 GiB */                         \
	if (compat && (__u32)ret > 0xfffff000)                            \
		ret = (__s32)ret;                                         \
	if (!plan->n_fetches) {                                           \
		if (plan->n_args <= 1)                                    \
			SEND_PLAIN(GET, regs, 1);                         \
		if (plan->n_args <= 3)                                    \
			SEND_PLAIN(GET, regs, 3);                         \
		SEND_PLAIN(GET, regs, 6);                                 \
	}                                                                 \
	w = begin(EYAS_REC_EXIT, nr, index, pid, tid);                    \
	if (!w)                                                           \
		return 0;                                                 \
	w->ret = ret;                                                     \
	if (compat) {                                                     \
		w->flags = EYAS_RF_COMPAT;                                \
		COMPAT_ARGS(GET, w->args, 6, regs);                       \
	} else {                                                          \
		CALL_ARGS(GET, w->args, 6, regs);                         \
	}                                                                 \
	on_exit(w, bpf_ktime_get_boot_ns());                              \
	return 0;

/* Most calls have nothing to do here, by either table: that is asked first, since it costs least.
 */
#define SYS_ENTER_BODY(GET, TASK, regs, number)                                                    \
	__u32 nr = (__u32)(number) & ~NR_ABI_BITS, index, pid, tid;                                \
	struct work *w;                                                                            \
	bool compat;                                                                               \
                                                                                                   \
	index = plan_index(nr, false);                                                             \
	if (!plan_get(index)->enter && !plan_get(index + EYAS_MAX_NR)->enter && !MAKES_THREAD(nr)) \
		return 0;                                                                          \
	compat = COMPAT_CALL(TASK);                                                                \
	if (nr > 0xffff)                                                                           \
		nr = 0xffff;                                                                       \
	NOTE_FORK(GET, regs, nr, compat);                                                          \
	index = plan_index(nr, compat);                                                            \
	if (!plan_get(index)->enter)                                                               \
		return 0;                                                                          \
	pid = (__u32)TASK(tgid);                                                                   \
	tid = (__u32)TASK(pid);                                                                    \
	if (!wanted(pid))                                                                          \
		return 0;                                                                          \
	w = begin(EYAS_REC_ENTER, nr, index, pid, tid);                                            \
	if (!w)                                                                                    \
		return 0;                                                                          \
	if (compat) {                                                                              \
		w->flags = EYAS_RF_COMPAT;                                                         \
		COMPAT_ARGS(GET, w->args, 6, regs);                                                \
	} else {                                                                                   \
		CALL_ARGS(GET, w->args, 6, regs);                                                  \
	}                                                                                          \
	on_enter(w, plan_get(index)->event ? bpf_ktime_get_boot_ns() : last_time());               \
	return 0;

SEC("tp_btf/sys_exit")
int sys_exit_btf(__u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];

	SYS_EXIT_BODY(LOADED, LOADED_TASK, regs, ctx[1])
}

SEC("tp_btf/sys_enter")
int sys_enter_btf(__u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];

	SYS_ENTER_BODY(LOADED, LOADED_TASK, regs, ctx[1])
}

SEC("raw_tp/sys_exit")
int sys_exit_raw(__u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];

	SYS_EXIT_BODY(PROBED, PROBED_TASK, regs, ctx[1])
}

SEC("raw_tp/sys_enter")
int sys_enter_raw(__u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];

	SYS_ENTER_BODY(PROBED, PROBED_TASK, regs, ctx[1])
}

#if defined(__TARGET_ARCH_arm64)
static __always_inline void record_child(struct task_struct *child)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid(), index;
	struct fork_call *call = bpf_map_lookup_elem(&forking, &tid);
	struct work *w;

	if (!call || !wanted((__u32)(bpf_get_current_pid_tgid() >> 32)))
		return;
	index = plan_index(call->nr, call->compat);
	if (!plan_get(index)->recorded)
		return;
	w = begin(EYAS_REC_FORK_CHILD, call->nr, index, (__u32)BPF_CORE_READ(child, tgid),
		  (__u32)BPF_CORE_READ(child, pid));
	if (!w)
		return;
	w->child = (__u64)child;
	w->flags = call->compat ? EYAS_RF_COMPAT : 0;
	__builtin_memcpy(w->args, call->args, sizeof(w->args));
	on_exit(w, bpf_ktime_get_boot_ns());
}

SEC("raw_tp/sched_process_exec")
int process_exec(__u64 *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid(), one = 1;

	bpf_map_update_elem(&executing, &tid, &one, BPF_ANY);
	return 0;
}
#endif

/* fork: a child of a selected process is selected before it runs. ctx: parent, child. */
SEC("raw_tp/sched_process_fork")
int process_fork(__u64 *ctx)
{
	struct task_struct *child = (void *)ctx[1];
	__u32 parent = (__u32)(bpf_get_current_pid_tgid() >> 32), tgid, one = 1;

	if (config.select & EYAS_SELECT_TREE && bpf_map_lookup_elem(&selected, &parent)) {
		tgid = (__u32)BPF_CORE_READ(child, tgid);
		bpf_map_update_elem(&selected, &tgid, &one, BPF_ANY);
	}
#if defined(__TARGET_ARCH_arm64)
	record_child(child);
#endif
	return 0;
}

/*
 * Who gets the children of a thread that ends: another thread of its process, else the nearest
 * subreaper above it, else the init of its pid namespace (as the kernel's find_new_reaper()
 * decides). That is the one it lives in, not the one its children are born into after unshare(2). 0
 * when it is that init: all die with it.
 */
static __always_inline __u32 reaper_of(struct task_struct *task)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct list_head *head =
		(void *)((char *)signal + bpf_core_field_offset(signal->thread_head));
	struct list_head *node = BPF_CORE_READ(head, next);
	struct task_struct *t;

#pragma unroll 1
	for (int i = 0; i < 16 && node && node != head; i++) {
		t = (void *)((char *)node - bpf_core_field_offset(t->thread_node));
		if (t != task && !(BPF_CORE_READ(t, flags) & PF_EXITING))
			return (__u32)BPF_CORE_READ(t, pid);
		node = BPF_CORE_READ(node, next);
	}
	if (BPF_CORE_READ_BITFIELD_PROBED(signal, has_child_subreaper)) {
		t = BPF_CORE_READ(task, real_parent);
#pragma unroll 1
		for (int i = 0; i < 32 && t; i++) {
			struct signal_struct *s = BPF_CORE_READ(t, signal);

			if (BPF_CORE_READ_BITFIELD_PROBED(s, is_child_subreaper))
				return (__u32)BPF_CORE_READ(t, pid);
			if (BPF_CORE_READ(t, pid) <= 1)
				break;
			t = BPF_CORE_READ(t, real_parent);
		}
	}
	t = pidns_init(BPF_CORE_READ(task, thread_pid));
	return t == task ? 0 : t ? (__u32)BPF_CORE_READ(t, pid) : 1;
}

SEC("raw_tp/sched_process_exit")
int process_exit(__u64 *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	send_happening(EYAS_REC_PROC_EXIT, BPF_CORE_READ(task, exit_code), reaper_of(task), 0);
	return 0;
}

/*
 * A process is followed until its first thread, the last to go, is freed: when threads end at the
 * same time on two CPUs, none of them can tell that the others' ends have been recorded. A thread
 * that took the first one's place by exec has its number. ctx: the task.
 */
SEC("raw_tp/sched_process_free")
int process_free(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	__u32 pid = (__u32)BPF_CORE_READ(task, pid);

	if (config.select & EYAS_SELECT_TREE && pid == (__u32)BPF_CORE_READ(task, tgid))
		bpf_map_delete_elem(&selected, &pid);
	return 0;
}

/* ctx: signal, struct kernel_siginfo *, struct k_sigaction *. */
SEC("raw_tp/signal_deliver")
int signal_deliver(__u64 *ctx)
{
	struct kernel_siginfo *info = (void *)ctx[1];
	__u32 sender = 0;

	/* only a signal that some process sent carries its pid (SI_USER, SI_QUEUE, SI_TKILL,
	 * SIGCHLD's CLD_*) */
	if (BPF_CORE_READ(info, si_code) <= 0 || ctx[0] == SIGCHLD)
		sender = (__u32)BPF_CORE_READ(info, _sifields._kill._pid);
	send_happening(EYAS_REC_SIGNAL, 0, sender, ctx[0]);
	return 0;
}
