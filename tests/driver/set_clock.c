/*
 * set_clock: a preloaded library that lets somebody set the wall clock a second after the program
 * has begun, by SET_CLOCK seconds, which may be negative. The machine's clock stays as it is.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	static int (*real)(clockid_t, struct timespec *);
	static struct timespec begin;
	struct timespec now;
	int r;

	if (!real) {
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
		real(CLOCK_MONOTONIC, &begin);
	}
	r = real(clock, ret);
	real(CLOCK_MONOTONIC, &now);
	if (clock == CLOCK_REALTIME && now.tv_sec > begin.tv_sec + 1)
		ret->tv_sec += atol(getenv("SET_CLOCK"));
	return r;
}
