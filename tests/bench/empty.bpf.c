/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Programs that do nothing at the two tracepoints: what any recorder costs that attaches there. */
char LICENSE[] __attribute__((section("license"), used)) = "GPL";

__attribute__((section("raw_tp/sys_enter"), used)) int empty_enter(void *ctx)
{
	(void)ctx;
	return 0;
}

__attribute__((section("raw_tp/sys_exit"), used)) int empty_exit(void *ctx)
{
	(void)ctx;
	return 0;
}
