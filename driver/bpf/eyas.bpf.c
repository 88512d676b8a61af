/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * eyas: the programs at the tracepoints.
 *
 * What a call needs is data (struct eyas_plan, from driver/call_list.def): sys_exit() sends the arguments and
 * the return value of every selected call and runs its fetches; sys_enter() does something only for
 * calls with a fetch that must be done before the call.
 *
 * Each tracepoint has a tp_btf program, which reads kernel structures directly, and a raw_tp one for kernels
 * where that does not load; user space turns one of the two off before loading.
 */
#include "fetch_task.h"

char LICENSE[] SEC("license") = "GPL";

#define TS_COMPAT 0x0002

/*
 * Fetch i of the plan in this CPU's scratch. Global, so that the verifier checks it once for all i; it
 * cannot be told more than numbers (5.10 has no pointer arguments), so it looks the scratch up again.
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
		fetch_iovec(w, i, value, value_from(w, f->len, 0), w->ret < 0 ? 0 : (__u64)w->ret);
		break;
	case EYAS_FETCH_MSGHDR:
		fetch_msghdr(w, i, value, w->ret < 0 ? 0 : (__u64)w->ret, f->n != 0);
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
		fetch_task(w, i, w->plan.fetches[i].n != 0);
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

static __always_inline void run_and_send(struct work *w, __u32 when_mask, __u64 ts)
{
	struct eyas_record *r = (void *)w->data;

	w->off = sizeof(*r);
#pragma unroll 1
	for (__u32 i = 0; i < EYAS_MAX_FETCHES; i++) {
		if (i >= w->plan.n_fetches)
			break;
		if (!(when_mask & 1u << w->plan.fetches[i].when) || w->ok_mask & 1u << i)
			continue;
		if (w->plan.fetches[i].kind == EYAS_FETCH_TASK)
			run_fetch_task(i);
		else
			run_fetch(i);
	}
	record_head(r, w, ts);
	r->len = w->off;
	if (w->off <= EYAS_RECORD_MAX) {
		__u32 n = w->off;

		BOUND(n);
		if (n <= EYAS_RECORD_MAX)
			send(w->data, n, ts);
	}
}

/* 0: not to be recorded. */
static __always_inline bool wanted(const struct eyas_config *cfg, __u32 pid)
{
	if (pid == cfg->own_pid || pid == cfg->peer_pid)
		return false;
	if (!cfg->select)
		return true;
	if (cfg->select & (EYAS_SELECT_PID | EYAS_SELECT_TREE) && !bpf_map_lookup_elem(&selected, &pid))
		return false;
	if (cfg->select & EYAS_SELECT_UID && (__u32)bpf_get_current_uid_gid() != cfg->uid)
		return false;
	if (cfg->select & EYAS_SELECT_CGROUP && bpf_get_current_cgroup_id() != cfg->cgroup_id)
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

static __always_inline __u32 snap_of(struct work *w, const struct eyas_config *cfg)
{
	struct file *file;
	__u32 mode;

	if (w->plan.snap_arg > 5)
		return cfg->snaplen;
	if (cfg->snaplen_file == cfg->snaplen && cfg->snaplen_socket == cfg->snaplen &&
	    cfg->snaplen_other == cfg->snaplen)
		return cfg->snaplen;
	file = file_of_fd((int)w->args[w->plan.snap_arg & 7 & 5 ? w->plan.snap_arg : 0]);
	mode = file ? BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT : 0;
	if (mode == S_IFSOCK)
		return cfg->snaplen_socket;
	return mode == 0100000 ? cfg->snaplen_file : cfg->snaplen_other;
}

static __always_inline void on_exit(struct work *w, const struct eyas_config *cfg, __u64 ts)
{
	__u32 when = 1u << EYAS_AT_EXIT | 1u << EYAS_AT_ENTER;

	if (w->ret >= 0)
		when |= 1u << EYAS_AT_EXIT_OK;
	w->ok_mask = 0;
	if (w->plan.enter) {
		struct enter_state *e = bpf_map_lookup_elem(&entered, &w->tid);

		if (e) {
			if (e->nr == w->nr)
				w->ok_mask = e->ok_mask;
			bpf_map_delete_elem(&entered, &w->tid);
		}
	}
	w->snaplen = snap_of(w, cfg);
	run_and_send(w, when, ts);
}

/* A call without fetches: the head alone, straight into the ring. */
static __always_inline void send_plain(const struct work *w, __u64 ts)
{
	struct eyas_record r;

	__builtin_memset(&r, 0, sizeof(r));
	record_head(&r, w, ts);
	r.len = sizeof(r);
	send(&r, sizeof(r), ts);
}

#if defined(__TARGET_ARCH_x86)
#define REGS_NR(regs)     ((regs)->orig_ax)
#define REGS_ARGS(get, w)                                                                     \
	do {                                                                                  \
		(w)->args[0] = get(di);                                                       \
		(w)->args[1] = get(si);                                                       \
		(w)->args[2] = get(dx);                                                       \
		(w)->args[3] = get(r10);                                                      \
		(w)->args[4] = get(r8);                                                       \
		(w)->args[5] = get(r9);                                                       \
	} while (0)
#endif

SEC("tp_btf/sys_exit")
int sys_exit_btf(__u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];
	const struct eyas_config *cfg = config_get();
	__u64 id = bpf_get_current_pid_tgid();
	struct eyas_plan *plan;
	struct work *w;
	__u64 ts;
	__u32 nr = (__u32)regs->orig_ax;

	if (!cfg || nr >= EYAS_MAX_NR || !wanted(cfg, (__u32)(id >> 32)))
		return 0;
	plan = bpf_map_lookup_elem(&plans, &nr);
	if (!plan || !plan->recorded)
		return 0;
	w = work_get();
	if (!w)
		return 0;
	ts = bpf_ktime_get_boot_ns();
	w->pid = (__u32)(id >> 32);
	w->tid = (__u32)id;
	w->nr = (__u16)nr;
	w->kind = EYAS_REC_EXIT;
	w->flags = 0;
	w->ret = (__s64)ctx[1];
#define GET(r) regs->r
	REGS_ARGS(GET, w);
#undef GET
	if (!plan->n_fetches) {
		send_plain(w, ts);
		return 0;
	}
	w->plan = *plan;
	on_exit(w, cfg, ts);
	return 0;
}

SEC("tp_btf/sys_enter")
int sys_enter_btf(__u64 *ctx)
{
	const struct pt_regs *regs = (const struct pt_regs *)ctx[0];
	__u32 nr = (__u32)ctx[1];
	const struct eyas_config *cfg;
	struct eyas_plan *plan;
	struct work *w;
	__u64 id;

	if (nr >= EYAS_MAX_NR)
		return 0;
	plan = bpf_map_lookup_elem(&plans, &nr);
	if (!plan || !plan->enter)
		return 0;
	cfg = config_get();
	id = bpf_get_current_pid_tgid();
	if (!cfg || !wanted(cfg, (__u32)(id >> 32)))
		return 0;
	w = work_get();
	if (!w)
		return 0;
	w->pid = (__u32)(id >> 32);
	w->tid = (__u32)id;
	w->nr = (__u16)nr;
	w->kind = EYAS_REC_ENTER;
	w->flags = 0;
	w->ret = 0;
#define GET(r) regs->r
	REGS_ARGS(GET, w);
#undef GET
	w->plan = *plan;
	w->ok_mask = 0;
	w->snaplen = cfg->snaplen;
	run_and_send(w, 1u << EYAS_AT_ENTER, bpf_ktime_get_boot_ns());
	return 0;
}
