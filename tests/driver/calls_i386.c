/* Calls through the 32-bit table of x86_64, from a 64-bit program: what only that table has, and
 * some of the others. */
#include <sys/mman.h>

#include "calls.h"

#if defined(__x86_64__)
static long call32(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

int main(void)
{
	/* memory that 32-bit pointers reach */
	char *low = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	char *path = low, *buf = low + 256;
	long at, out, fd;

	if (low == MAP_FAILED)
		return 2;
	at = (long)path;
	out = (long)buf;
	memcpy(path, "f32", 4);
	fd = call32(5 /* open */, at, O_RDWR | O_CREAT, 0600, 0, 0);
	call32(4 /* write */, fd, at, 3, 0, 0);
	call32(140 /* _llseek */, fd, 0, 1, out, SEEK_SET);
	call32(3 /* read */, fd, out, 10, 0, 0);
	call32(195 /* stat64 */, at, out, 0, 0, 0);
	call32(196 /* lstat64 */, at, out, 0, 0, 0);
	call32(197 /* fstat64 */, fd, out, 0, 0, 0);
	call32(195 /* stat64 */, 8, out, 0, 0, 0);
	call32(192 /* mmap2 */, 0, 4096, PROT_READ, MAP_PRIVATE, fd);
	memset(buf, 0, 256);
	call32(142 /* _newselect */, 0, 0, 0, 0, out);
	call32(22 /* umount */, at, 0, 0, 0, 0);
	call32(199 /* getuid32 */, 0, 0, 0, 0, 0);
	call32(20 /* getpid */, 0, 0, 0, 0, 0);
	call32(359 /* socket */, 1, 1, 0, 0, 0);
	call32(6 /* close */, fd, 0, 0, 0, 0);
	call32(10 /* unlink */, at, 0, 0, 0, 0);
	return 0;
}
#else
int main(void)
{
	return 77;
}
#endif
