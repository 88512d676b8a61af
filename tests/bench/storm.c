/*
 * storm CALL N: makes a call N times on one CPU and prints the nanoseconds of CPU time that each
 * took.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static double cpu_ns(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return ((double)u.ru_utime.tv_sec + (double)u.ru_stime.tv_sec) * 1e9 +
	       ((double)u.ru_utime.tv_usec + (double)u.ru_stime.tv_usec) * 1e3;
}

int main(int argc, char **argv)
{
	long n = argc > 2 ? atol(argv[2]) : 0;
	double before;
	char c = 0;
	int fd;

	if (n < 1)
		return 2;
	fd = open("/dev/zero", O_RDWR);
	before = cpu_ns();
	if (strcmp(argv[1], "getppid") == 0) {
		for (long i = 0; i < n; i++)
			(void)syscall(SYS_getppid);
	} else if (strcmp(argv[1], "read") == 0) {
		for (long i = 0; i < n; i++)
			if (read(fd, &c, 1) != 1)
				return 1;
	} else if (strcmp(argv[1], "open") == 0) {
		for (long i = 0; i < n; i++)
			close(open("/dev/null", O_RDONLY));
	} else {
		return 2;
	}
	printf("%.1f\n", (cpu_ns() - before) / (double)n);
	return 0;
}
