/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * eyas: the programs at the tracepoints.
 *
 * What a call needs is data (struct eyas_plan, from src/capture/call_list.def): sys_exit() sends
 * the arguments and the return value of every selected call and runs its fetches; sys_enter() does
 * something only for calls with a fetch that must be done before the call.
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
	struct work *w = work_get();
	struct eyas_fetch *f;
	__u64 value;

	if (!w || i >= EYAS_MAX_FETCHES)
		return 0;
	if (w->off > EYAS_RECORD_MAX / 2) {
		w->flags |= EYAS_RF_CUT;
		return 0;
	}
	f = &w->plan.fetches[i];
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

		fill_mm(m, (void *)bpf_get_current_task());
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
		fetch_task(w, i, w->plan.fetches[i].n != 0 && w->ret >= 0);
	return 0;
}

static __always_inline void record_head(struct eyas_record *r, const struct work *w, __u64 ts)
{
	r->ts = ts;
	r->tid = w->tid;
	r->pid = w->pid;
	r->nr = w->nr;
	r->kind = w->kind;
	r->flags = w->flags;
	r->ret = w->ret;
	__builtin_memcpy(r->args, w->args, sizeof(r->args));
}

/* Does the plan's fetches of these moments and sends the record. */
static __always_inline void run_and_send(struct work *w, __u32 when_mask, __u64 ts)
{
	struct eyas_record *r = (void *)w->data;
	__u32 n;

	w->off = sizeof(*r);
	w->failed = 0;
#pragma unroll 1
	for (__u32 i = 0; i < EYAS_MAX_FETCHES; i++) {
		if (i >= w->plan.n_fetches)
			break;
		if (!(when_mask & 1u << (w->plan.fetches[i].when & 31)) || w->ok_mask & 1u << i)
			continue;
		if (w->plan.fetches[i].kind == EYAS_FETCH_TASK)
			run_fetch_task(i);
		else
			run_fetch(i);
	}
	record_head(r, w, ts);
	n = w->off;
	BOUND(n);
	if (n > EYAS_RECORD_MAX) {
		count_loss(EYAS_LOST_SIZE, ts);
		return;
	}
	r->len = n;
	send(w->data, n, ts);
}

/* 0: not to be recorded. */
static __always_inline bool wanted(const struct eyas_config *cfg, __u32 pid)
{
	if (pid == cfg->own_pid || pid == cfg->peer_pid)
		return false;
	if (!cfg->select)
		return true;
	if (cfg->select & (EYAS_SELECT_PID | EYAS_SELECT_TREE) &&
	    !bpf_map_lookup_elem(&selected, &pid))
		return false;
	if (cfg->select & EYAS_SELECT_UID && (__u32)bpf_get_current_uid_gid() != cfg->uid)
		return false;
	if (cfg->select & EYAS_SELECT_CGROUP && bpf_current_task_under_cgroup(&cgroup, 0) != 1)
		return false;
	if (cfg->select & EYAS_SELECT_COMM) {
		char comm[16];

		bpf_get_current_comm(comm, sizeof(comm));
#pragma unroll
		for (int i = 0; i < 16; i++) {
			if (comm[i] != cfg->comm[i])
				return false;
			if (!comm[i])
				break;
		}
	}
	return true;
}

/* The snap length for the kind of descriptor the call is about. */
static __always_inline __u32 snap_of(struct work *w, const struct eyas_config *cfg)
{
	struct file *file;
	__u32 mode;

	if (w->plan.snap_arg > 5 || !cfg->snap_by_kind)
		return cfg->snaplen;
	file = file_of_fd((int)arg_at(w, w->plan.snap_arg));
	mode = file ? BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT : 0;
	if (mode == S_IFSOCK)
		return cfg->snaplen_socket;
	return mode == S_IFREG ? cfg->snaplen_file : cfg->snaplen_other;
}

static __always_inline void on_exit(struct work *w, const struct eyas_config *cfg, __u64 ts)
{
	__u32 when = 1u << EYAS_AT_EXIT | 1u << EYAS_AT_ENTER;

	when |= 1u << (w->ret >= 0 ? EYAS_AT_EXIT_OK : EYAS_AT_EXIT_FAIL);
	w->ok_mask = 0;
	if (w->plan.enter) {
		struct enter_state *e = bpf_map_lookup_elem(&faulted, &w->tid);

		w->ok_mask = w->plan.enter;
		if (e) {
			if (e->nr == w->nr)
				w->ok_mask &= ~e->failed;
			bpf_map_delete_elem(&faulted, &w->tid);
		}
	}
	w->snaplen = snap_of(w, cfg);
	run_and_send(w, when, ts);
}

static __always_inline void on_enter(struct work *w, const struct eyas_config *cfg, __u64 ts)
{
	w->ok_mask = 0;
	w->snaplen = snap_of(w, cfg);
	run_and_send(w, 1u << EYAS_AT_ENTER, ts);
	if (w->failed) {
		struct enter_state e = { w->nr, w->failed };

		bpf_map_update_elem(&faulted, &w->tid, &e, BPF_ANY);
	}
}

/* A record without pieces. Not made on the stack, of which all calls together have 512 bytes. */
static __always_inline void send_plain(struct work *w, __u64 ts)
{
	struct eyas_record *r = (void *)w->data;

	record_head(r, w, ts);
	r->len = sizeof(*r);
	send(r, sizeof(*r), ts);
}

/* This CPU's scratch with the head of a record of `kind` for the current thread; NULL when it is
 * not wanted. */
static __always_inline struct work *begin(__u32 kind, __u32 nr, const struct eyas_config **ret_cfg)
{
	const struct eyas_config *cfg = config_get();
	__u64 id = bpf_get_current_pid_tgid();
	struct work *w;

	if (!cfg || !wanted(cfg, (__u32)(id >> 32)))
		return NULL;
	w = work_get();
	if (!w)
		return NULL;
	w->pid = (__u32)(id >> 32);
	w->tid = (__u32)id;
	w->nr = (__u16)nr;
	w->kind = (__u8)kind;
	w->flags = 0;
	w->ret = 0;
	w->child = 0;
	*ret_cfg = cfg;
	return w;
}

/*
 * The two ways to look at a thread's registers: tp_btf programs load them, raw_tp ones read them
 * with a helper. The rest of a program is the same; these macros give it both forms. GET is one of
 * the first two.
 */
#define LOADED(regs, member) ((regs)->member)
#define PROBED(regs, member) BPF_CORE_READ(regs, member)

#if defined(__TARGET_ARCH_x86)
#define CALL_NR(GET, regs)  ((__u32)GET(regs, orig_ax))
#define NR_SIGRETURN        15
#define NR_COMPAT_SIGRETURN 173
#define NR_ABI_BITS         0x40000000 /* x32 */
#define CALL_ARGS(GET, w, regs)                \
	do {                                   \
		(w)->args[0] = GET(regs, di);  \
		(w)->args[1] = GET(regs, si);  \
		(w)->args[2] = GET(regs, dx);  \
		(w)->args[3] = GET(regs, r10); \
		(w)->args[4] = GET(regs, r8);  \
		(w)->args[5] = GET(regs, r9);  \
	} while (0)
#define COMPAT_ARGS(GET, w, regs)                    \
	do {                                         \
		(w)->args[0] = (__u32)GET(regs, bx); \
		(w)->args[1] = (__u32)GET(regs, cx); \
		(w)->args[2] = (__u32)GET(regs, dx); \
		(w)->args[3] = (__u32)GET(regs, si); \
		(w)->args[4] = (__u32)GET(regs, di); \
		(w)->args[5] = (__u32)GET(regs, bp); \
	} while (0)
#elif defined(__TARGET_ARCH_arm64)
#define CALL_NR(GET, regs)  ((__u32)GET(regs, syscallno))
#define NR_SIGRETURN        139
#define NR_COMPAT_SIGRETURN 173
#define NR_ABI_BITS         0
#define CALL_ARGS(GET, w, from)                    \
	do {                                       \
		(w)->args[0] = GET(from, orig_x0); \
		(w)->args[1] = GET(from, regs[1]); \
		(w)->args[2] = GET(from, regs[2]); \
		(w)->args[3] = GET(from, regs[3]); \
		(w)->args[4] = GET(from, regs[4]); \
		(w)->args[5] = GET(from, regs[5]); \
	} while (0)
#define COMPAT_ARGS(GET, w, regs) CALL_ARGS(GET, w, regs)
#endif

/* The current call came through the 32-bit table. */
static __always_inline bool compat_call(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

#if defined(__TARGET_ARCH_x86)
	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
#else
	return BPF_CORE_READ(task, thread_info.flags) & TIF_32BIT_MASK;
#endif
}

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

#define NOTE_FORK(GET, from, number, is_compat)                                             \
	do {                                                                                \
		if (makes_thread(number, is_compat)) {                                      \
			struct fork_call fork_call = { .nr = number, .compat = is_compat }; \
			__u32 tid = (__u32)bpf_get_current_pid_tgid();                      \
                                                                                            \
			CALL_ARGS(GET, &fork_call, from);                                   \
			bpf_map_update_elem(&forking, &tid, &fork_call, BPF_ANY);           \
		}                                                                           \
	} while (0)
#else
#define NOTE_FORK(GET, from, number, is_compat)
#define forgotten_number(raw, nr) (nr)
#endif

#define SYS_EXIT_BODY(GET, regs, ret_value)                               \
	const struct eyas_config *cfg;                                    \
	bool compat = compat_call();                                      \
	__u32 raw_nr = CALL_NR(GET, regs);                                \
	__u32 nr = forgotten_number(raw_nr, call_number(raw_nr, compat)); \
	__u32 index = plan_index(nr, compat);                             \
	struct eyas_plan *plan = bpf_map_lookup_elem(&plans, &index);     \
	struct work *w;                                                   \
	__u64 ts;                                                         \
                                                                          \
	if (!plan || !plan->recorded)                                     \
		return 0;                                                 \
	w = begin(EYAS_REC_EXIT, nr, &cfg);                               \
	if (!w)                                                           \
		return 0;                                                 \
	ts = bpf_ktime_get_boot_ns();                                     \
	w->ret = (__s64)(ret_value);                                      \
	if (compat) {                                                     \
		w->flags = EYAS_RF_COMPAT;                                \
		/* an error, or an address above 2 GiB */                 \
		if ((__u32)w->ret > 0xfffff000)                           \
			w->ret = (__s32)w->ret;                           \
		COMPAT_ARGS(GET, w, regs);                                \
	} else {                                                          \
		CALL_ARGS(GET, w, regs);                                  \
	}                                                                 \
	if (!plan->n_fetches) {                                           \
		send_plain(w, ts);                                        \
		return 0;                                                 \
	}                                                                 \
	w->plan = *plan;                                                  \
	on_exit(w, cfg, ts);                                              \
	return 0;

#define SYS_ENTER_BODY(GET, regs, number)                             \
	const struct eyas_config *cfg;                                \
	bool compat = compat_call();                                  \
	__u32 nr = call_number((__u32)(number), compat);              \
	__u32 index = plan_index(nr, compat);                         \
	struct eyas_plan *plan = bpf_map_lookup_elem(&plans, &index); \
	struct work *w;                                               \
                                                                      \
	NOTE_FORK(GET, regs, nr, compat);                             \
	if (!plan || !plan->enter)                                    \
		return 0;                                             \
	w = begin(EYAS_REC_ENTER, nr, &cfg);                          \
	if (!w)                                                       \
		return 0;                                             \
	if (compat) {                                                 \
		w->flags = EYAS_RF_COMPAT;                            \
		COMPAT_ARGS(GET, w, regs);                            \
	} else {                                                      \
		CALL_ARGS(GET, w, regs);                              \
	}                                                             \
	w->plan = *plan;                                              \
	on_enter(w, cfg, bpf_ktime_get_boot_ns());                    \
	return 0;

SEC("tp_btf/sys_exit")
int sys_exit_btf(__u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];

	SYS_EXIT_BODY(LOADED, regs, ctx[1])
}

SEC("tp_btf/sys_enter")
int sys_enter_btf(__u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];

	SYS_ENTER_BODY(LOADED, regs, ctx[1])
}

SEC("raw_tp/sys_exit")
int sys_exit_raw(__u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];

	SYS_EXIT_BODY(PROBED, regs, ctx[1])
}

SEC("raw_tp/sys_enter")
int sys_enter_raw(__u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];

	SYS_ENTER_BODY(PROBED, regs, ctx[1])
}

#if defined(__TARGET_ARCH_arm64)
static __always_inline void record_child(struct task_struct *child)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid(), index;
	struct fork_call *call = bpf_map_lookup_elem(&forking, &tid);
	const struct eyas_config *cfg;
	struct eyas_plan *plan;
	struct work *w;

	if (!call)
		return;
	index = plan_index(call->nr, call->compat);
	plan = bpf_map_lookup_elem(&plans, &index);
	if (!plan || !plan->recorded)
		return;
	w = begin(EYAS_REC_FORK_CHILD, call->nr, &cfg);
	if (!w)
		return;
	w->child = (__u64)child;
	w->tid = (__u32)BPF_CORE_READ(child, pid);
	w->pid = (__u32)BPF_CORE_READ(child, tgid);
	w->flags = call->compat ? EYAS_RF_COMPAT : 0;
	__builtin_memcpy(w->args, call->args, sizeof(w->args));
	w->plan = *plan;
	on_exit(w, cfg, bpf_ktime_get_boot_ns());
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
	const struct eyas_config *cfg = config_get();
	struct task_struct *child = (void *)ctx[1];
	__u32 parent = (__u32)(bpf_get_current_pid_tgid() >> 32), tgid, one = 1;

	if (cfg && cfg->select & EYAS_SELECT_TREE && bpf_map_lookup_elem(&selected, &parent)) {
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
	const struct eyas_config *cfg;
	struct work *w = begin(EYAS_REC_PROC_EXIT, 0, &cfg);

	if (!w)
		return 0;
	__builtin_memset(w->args, 0, sizeof(w->args));
	w->ret = BPF_CORE_READ(task, exit_code);
	w->args[0] = reaper_of(task);
	send_plain(w, bpf_ktime_get_boot_ns());
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
	const struct eyas_config *cfg = config_get();
	__u32 pid = (__u32)BPF_CORE_READ(task, pid);

	if (cfg && cfg->select & EYAS_SELECT_TREE && pid == (__u32)BPF_CORE_READ(task, tgid))
		bpf_map_delete_elem(&selected, &pid);
	return 0;
}

/* ctx: signal, struct kernel_siginfo *, struct k_sigaction *. */
SEC("raw_tp/signal_deliver")
int signal_deliver(__u64 *ctx)
{
	struct kernel_siginfo *info = (void *)ctx[1];
	const struct eyas_config *cfg;
	struct work *w = begin(EYAS_REC_SIGNAL, 0, &cfg);

	if (!w)
		return 0;
	__builtin_memset(w->args, 0, sizeof(w->args));
	/* only a signal that some process sent carries its pid (SI_USER, SI_QUEUE, SI_TKILL,
	 * SIGCHLD's CLD_*) */
	w->args[0] = BPF_CORE_READ(info, si_code) <= 0 || ctx[0] == SIGCHLD
			     ? (__u32)BPF_CORE_READ(info, _sifields._kill._pid)
			     : 0;
	w->args[1] = ctx[0];
	send_plain(w, bpf_ktime_get_boot_ns());
	return 0;
}
