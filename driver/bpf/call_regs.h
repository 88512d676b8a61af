/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * call_regs: a system call's number and arguments, in the registers that the kernel has saved of
 * the thread, by architecture; and where the plan for that number is.
 */
#ifndef EYAS_CALL_REGS_H
#define EYAS_CALL_REGS_H

#include "work.h"

#define TS_COMPAT      0x0002
#define TIF_32BIT_MASK (1ul << 22)

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

/* The call of this number, of one of the tables, may have a plan with something to do at enter. */
static __always_inline bool has_enter(__u32 nr)
{
	nr &= EYAS_MAX_NR - 1;
	return enters[nr / 64] >> (nr & 63) & 1;
}

/* Where its plan is: the last of a table stands for all numbers behind it. */
static __always_inline __u32 plan_index(__u32 nr, bool compat)
{
	if (nr > EYAS_MAX_NR - 1)
		nr = EYAS_MAX_NR - 1;
	return compat ? nr + EYAS_MAX_NR : nr;
}

#endif
