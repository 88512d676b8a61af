/* Threads that call at the same time: each one's calls must come in its order, and none get into
 * another's. */
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>

#include "calls.h"

enum { THREADS = 6, ROUNDS = 200 };

static uint32_t word;

static void *work(void *arg)
{
	char path[64];
	long me = (long)arg;

	for (int i = 0; i < ROUNDS; i++) {
		int fd;

		snprintf(path, sizeof(path), "thread-%ld-%d", me, i);
		fd = (int)CALL(openat, AT_FDCWD, path, O_RDWR | O_CREAT, 0600);
		CALL(write, fd, path, strlen(path));
		CALL(pread64, fd, path, 4, 0);
		CALL(close, fd);
		CALL(unlink, path);
		if (i % 10 == 0)
			CALL(sched_yield);
	}
	return NULL;
}

static void *execs(void *arg)
{
	char *argv[] = { arg, "child", NULL }, *envp[] = { NULL };

	CALL(execve, arg, argv, envp);
	return NULL;
}

int main(int argc, char **argv)
{
	struct timespec ts = { 0, 1000000 }, late = { 1, 0 }, wrong = { -1, 5 }, rem;
	cpu_set_t cpus;
	pthread_t t[THREADS];

	if (argc > 1)
		return 0;
	for (long i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, work, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	CALL(futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0);
	CALL(futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 7, NULL, NULL, 0);
	CALL(futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &late, NULL, -1);
	CALL(futex, BAD_POINTER, FUTEX_WAKE, 1, NULL, NULL, 0);
	CALL(futex_waitv, NULL, 0, 0, NULL, 0);
	CALL(nanosleep, &ts, &rem);
	CALL(nanosleep, &wrong, NULL);
	CALL(nanosleep, BAD_POINTER, NULL);
	CALL(clock_nanosleep, CLOCK_MONOTONIC, 0, &ts, NULL);
	CALL(clock_gettime, CLOCK_TAI, &ts);
	CALL(clock_getres, CLOCK_MONOTONIC, &ts);
	CALL(gettimeofday, &ts, NULL);
	CALL(time, NULL);
	CALL(sched_getaffinity, 0, sizeof(cpus), &cpus);
	CALL(sched_setaffinity, 0, sizeof(cpus), &cpus);
	CALL(sched_getscheduler, 0);
	CALL(sched_setscheduler, 0, 77, NULL);
	CALL(sched_getparam, 0, &cpus);
	CALL(sched_setparam, 0, NULL);
	CALL(sched_get_priority_max, SCHED_FIFO);
	CALL(sched_get_priority_min, SCHED_FIFO);
	CALL(sched_rr_get_interval, 0, &ts);
	CALL(sched_getattr, 0, &cpus, sizeof(cpus), 0);
	CALL(sched_setattr, 0, NULL, 0);
	CALL(getcpu, &word, NULL, NULL);
	CALL(set_robust_list, NULL, 0);
	CALL(get_robust_list, 0, &ts, &rem);
	CALL(set_tid_address, &word);
	CALL(rseq, NULL, 0, 0, 0);
	/* an exec by a thread that is not the first: it takes the first one's number */
	pthread_create(&t[0], NULL, execs, argv[0]);
	pthread_join(t[0], NULL);
	return 1;
}
