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
#include "call_regs.h"
#include "fetch_task.h"

char LICENSE[] SEC("license") = "GPL";

#define PF_EXITING 0x00000004
#define SIGCHLD    17

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

		fill_memory(m, GET(task_of(w), mm));
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
		fetch_task(w, i);
	return 0;
}

/* The first piece begins behind the arguments that count. */
static __always_inline void begin_pieces(struct work *w)
{
	struct eyas_record *r = (void *)w->data;

	/* all of them, since it is as quick */
	__builtin_memcpy(r + 1, w->args, sizeof(w->args));
	w->off = sizeof(*r) + plan_get(w->index)->n_args * sizeof(w->args[0]);
	w->failed = 0;
}

/* Does the plan's fetches of these moments; `tasks`: with those of kind TASK, which none at enter
 * is. */
static __always_inline void run_fetches(struct work *w, __u32 when_mask, bool tasks)
{
	const volatile struct eyas_plan *plan = plan_get(w->index);

#pragma unroll 1
	for (__u32 i = 0; i < EYAS_MAX_FETCHES; i++) {
		if (i >= plan->n_fetches)
			break;
		if (!(when_mask & 1u << (plan->fetches[i].when & 31)) || w->ok_mask & 1u << i)
			continue;
		if (tasks && plan->fetches[i].kind == EYAS_FETCH_TASK)
			run_fetch_task(i);
		else
			run_fetch(i);
	}
}

static __always_inline void send_pieces(struct work *w, __u64 ts)
{
	struct eyas_record *r = (void *)w->data;
	__u32 n;

	r->ts = ts;
	r->tid = w->tid;
	r->pid = w->pid;
	r->nr = w->nr;
	r->kind = w->kind;
	r->flags = w->flags;
	r->n_args = plan_get(w->index)->n_args;
	r->ret = w->ret;
	n = w->off;
	BOUND(n);
	if (n > EYAS_RECORD_MAX)
		lose(EYAS_LOST_SIZE, ts);
	else
		send(w->data, n, ts);
}

/* Sends what was taken at enter as a record of its own, and notes what could not be taken. */
static __always_inline void send_enter(struct work *w, __u64 ts)
{
	struct enter_state e = { w->index, w->failed };

	send_pieces(w, ts);
	if (!w->failed)
		return;
	if (bpf_map_update_elem(&faulted, &w->tid, &e, BPF_NOEXIST) == 0)
		__sync_fetch_and_add(&n_faulted, 1);
	else
		bpf_map_update_elem(&faulted, &w->tid, &e, BPF_ANY);
}

/* The same when the scratch, or the CPU, is about to be another's. */
__attribute__((noinline)) int send_waiting(void)
{
	struct work *w = work_get();

	if (w && w->waits) {
		w->waits = 0;
		send_enter(w, last_time());
	}
	return 0;
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

static __always_inline void forget_faulted(__u32 tid)
{
	if (bpf_map_delete_elem(&faulted, &tid) == 0)
		__sync_fetch_and_sub(&n_faulted, 1);
}

/* The fetches that were done at enter, in a record that was sent then. */
static __always_inline __u32 done_at_enter(struct work *w, __u32 enter)
{
	__u32 done = enter;

	if (enter && n_faulted) {
		struct enter_state *e = bpf_map_lookup_elem(&faulted, &w->tid);

		if (e) {
			if (e->index == w->index)
				done &= ~e->failed;
			forget_faulted(w->tid);
		}
	}
	/* of a call that makes a thread, 0 is what the new one returns */
	if (enter && !w->ret)
		done &= ~(__u32)plan_get(w->index)->again;
	return done;
}

/* `waited`: the record was begun at enter. */
static __always_inline void on_exit(struct work *w, __u64 ts, bool waited)
{
	__u32 when = 1u << EYAS_AT_EXIT | 1u << EYAS_AT_ENTER | 1u << EYAS_AT_CREATOR;
	__u32 enter = plan_get(w->index)->enter;

	when |= 1u << (w->ret >= 0 ? EYAS_AT_EXIT_OK : EYAS_AT_EXIT_FAIL);
	if (waited) {
		w->ok_mask = enter & ~w->failed;
	} else {
		w->ok_mask = done_at_enter(w, enter);
		begin_pieces(w);
	}
	w->snaplen = snap_of(w);
	run_fetches(w, when, true);
	send_pieces(w, ts);
}

/*
 * What a call is given is taken into the scratch and waits there for its return, so that it is one
 * record. Should the thread be put off the CPU before, it is sent (task_switch()).
 */
static __always_inline void on_enter(struct work *w)
{
	w->ok_mask = 0;
	w->snaplen = snap_of(w);
	begin_pieces(w);
	run_fetches(w, 1u << EYAS_AT_ENTER | 1u << EYAS_AT_CREATOR, false);
	if (plan_get(w->index)->event)
		send_enter(w, bpf_ktime_get_boot_ns());
	else if (may_wait)
		w->waits = w->tid;
	else
		send_enter(w, last_time());
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
	if (w->waits)
		send_waiting();
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
	w = work_get();                                                   \
	if (w && w->waits == tid && w->index == index) {                  \
		w->waits = 0;                                             \
		w->kind = EYAS_REC_EXIT;                                  \
		w->ret = ret;                                             \
		on_exit(w, bpf_ktime_get_boot_ns(), true);                \
		return 0;                                                 \
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
	on_exit(w, bpf_ktime_get_boot_ns(), false);                       \
	return 0;

/* Most calls have nothing to do here, by either table: that is asked first, since it costs least.
 */
#define SYS_ENTER_BODY(GET, TASK, regs, number)                     \
	__u32 nr = (__u32)(number) & ~NR_ABI_BITS, index, pid, tid; \
	struct work *w;                                             \
	bool compat;                                                \
                                                                    \
	if (!has_enter(nr) && !MAKES_THREAD(nr))                    \
		return 0;                                           \
	compat = COMPAT_CALL(TASK);                                 \
	if (nr > 0xffff)                                            \
		nr = 0xffff;                                        \
	NOTE_FORK(GET, regs, nr, compat);                           \
	index = plan_index(nr, compat);                             \
	if (!plan_get(index)->enter)                                \
		return 0;                                           \
	pid = (__u32)TASK(tgid);                                    \
	tid = (__u32)TASK(pid);                                     \
	if (!wanted(pid))                                           \
		return 0;                                           \
	w = begin(EYAS_REC_ENTER, nr, index, pid, tid);             \
	if (!w)                                                     \
		return 0;                                           \
	if (compat) {                                               \
		w->flags = EYAS_RF_COMPAT;                          \
		COMPAT_ARGS(GET, w->args, 6, regs);                 \
	} else {                                                    \
		CALL_ARGS(GET, w->args, 6, regs);                   \
	}                                                           \
	on_enter(w);                                                \
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
	on_exit(w, bpf_ktime_get_boot_ns(), false);
}

#endif

/*
 * A thread that begins a new program has lost the memory in which the path was. If that could not
 * be read at enter, the kernel's own copy is sent in its place. `tid` is what the thread was known
 * by.
 */
static __always_inline void send_exec_path(__u32 tid, struct linux_binprm *bprm)
{
	struct enter_state *e = bpf_map_lookup_elem(&faulted, &tid);
	__u32 index, failed, fetch = 0;
	struct work *w;
	long n;

	if (!e)
		return;
	index = e->index & (2 * EYAS_MAX_NR - 1);
	failed = e->failed;
	forget_faulted(tid);
	w = begin(EYAS_REC_ENTER, index & (EYAS_MAX_NR - 1), index,
		  (__u32)(bpf_get_current_pid_tgid() >> 32), tid);
	if (!w)
		return;
	w->flags = EYAS_RF_AGAIN | (index & EYAS_MAX_NR ? EYAS_RF_COMPAT : 0);
	begin_pieces(w);
#pragma unroll
	for (__u32 i = 0; i < EYAS_MAX_FETCHES; i++) {
		if (failed & 1u << i)
			fetch = i;
	}
	n = bpf_probe_read_kernel_str(at(w, w->off + sizeof(struct eyas_piece)), EYAS_PATH_MAX,
				      BPF_CORE_READ(bprm, filename));
	if (n <= 0 || n > EYAS_PATH_MAX)
		return;
	piece_end(w, fetch, EYAS_FETCH_STR, (__u32)n, EYAS_PIECE_OK);
	send_pieces(w, last_time());
}

/* ctx: task, its number before the exec, struct linux_binprm *. */
SEC("raw_tp/sched_process_exec")
int process_exec(__u64 *ctx)
{
	__u32 tid = (__u32)ctx[1];
	struct work *w = work_get();

#if defined(__TARGET_ARCH_arm64)
	__u32 now = (__u32)bpf_get_current_pid_tgid(), one = 1;

	bpf_map_update_elem(&executing, &now, &one, BPF_ANY);
#endif
	if (w && w->waits == tid && w->failed)
		send_waiting();
	if (n_faulted)
		send_exec_path(tid, (void *)ctx[2]);
	return 0;
}

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
	struct work *w = work_get();

	/* it was killed in the call that this is of */
	if (w && w->waits == (__u32)bpf_get_current_pid_tgid())
		w->waits = 0;
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

/* A thread leaves this CPU, maybe in the middle of a call, and maybe for another CPU. */
SEC("raw_tp/sched_switch")
int task_switch(__u64 *ctx)
{
	struct work *w = work_get();

	if (w && w->waits)
		send_waiting();
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
