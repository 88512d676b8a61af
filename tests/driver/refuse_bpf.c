/*
 * refuse_bpf: a preloaded library that makes this kernel one that refuses some BPF programs.
 *
 * REFUSE_LOAD and REFUSE_ATTACH are names of programs, with a colon behind each: loading them fails
 * with EINVAL, as a verifier that does not like them, and attaching the raw tracepoints of that
 * name with ENOENT, as a kernel without them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_named(const char *variable, const char *name)
{
	const char *list = getenv(variable), *at = list;
	size_t n = strlen(name);

	while (at && n && (at = strstr(at, name))) {
		if ((at == list || at[-1] == ':') && at[n] == ':')
			return 1;
		at += n;
	}
	return 0;
}

/* The C library's: seven words, of which each call takes what it needs. */
long syscall(long nr, ...)
{
	static long (*real)(long, ...);
	const union bpf_attr *attr;
	long a[6];
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	attr = (const union bpf_attr *)(uintptr_t)a[1];
	if (nr == SYS_bpf && a[0] == BPF_PROG_LOAD && is_named("REFUSE_LOAD", attr->prog_name)) {
		errno = EINVAL;
		return -1;
	}
	if (nr == SYS_bpf && a[0] == BPF_RAW_TRACEPOINT_OPEN && attr->raw_tracepoint.name &&
	    is_named("REFUSE_ATTACH", (const char *)(uintptr_t)attr->raw_tracepoint.name)) {
		errno = ENOENT;
		return -1;
	}
	return real(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}
