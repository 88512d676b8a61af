/* Memory: maps, protection, locks, advice, NUMA. */
#include <sys/mman.h>
#include <sys/shm.h>

#include "calls.h"

int main(void)
{
	size_t page = 4096;
	int fd = open("f", O_RDWR | O_CREAT, 0600), pkey;
	char *brk0 = (char *)CALL(brk, 0), *p, *q;
	unsigned char vec[64];
	struct {
		void *base;
		size_t n;
	} local = { vec, 16 }, remote = { &page, 8 };
	int id;

	CALL(ftruncate, fd, 65536);
	CALL(brk, brk0 + 8192);
	CALL(brk, brk0);
	CALL(brk, 16);
	p = (char *)CALL(mmap, NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	q = (char *)CALL(mmap, NULL, 2 * page, PROT_READ, MAP_SHARED, fd, page);
	CALL(mmap, p, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CALL(mmap, NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_NORESERVE | MAP_POPULATE,
	     fd, 0);
	CALL(mmap, NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1,
	     0);
	CALL(mmap, NULL, page, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_STACK, -1, 0);
	CALL(mmap, NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CALL(mmap, NULL, page, PROT_READ, MAP_SHARED, NO_FD, 0);
	CALL(mprotect, p, page, PROT_READ | PROT_WRITE);
	CALL(mprotect, p + page, page, PROT_READ | PROT_EXEC);
	CALL(mprotect, p + page, page, PROT_READ | PROT_WRITE);
	CALL(mprotect, 0x1000, page, PROT_NONE);
	CALL(mprotect, p + 1, page, PROT_WRITE);
	CALL(mlock, p, page);
	CALL(mlock, 0x1000, page);
	CALL(mlock2, p, page, MLOCK_ONFAULT);
	CALL(mlock2, p, page, 0x10);
	CALL(munlock, p, page);
	CALL(munlock, 0x1000, page);
	CALL(mlockall, MCL_CURRENT | MCL_FUTURE);
	CALL(mlockall, MCL_CURRENT | MCL_ONFAULT);
	CALL(mlockall, 0x100);
	CALL(munlockall);
	CALL(msync, q, page, MS_SYNC);
	CALL(mincore, p, page, vec);
	CALL(madvise, p, page, MADV_DONTNEED);
	CALL(process_madvise, -1, NULL, 0, 0, 0);
	CALL(remap_file_pages, q, page, 0, 0, 0);
	p = (char *)CALL(mremap, p, 8 * page, 16 * page, MREMAP_MAYMOVE);
	CALL(munmap, p, 16 * page);
	CALL(munmap, q, 2 * page);
	CALL(munmap, 1, page);
	pkey = (int)CALL(pkey_alloc, 0, 0);
	CALL(pkey_mprotect, 1, page, PROT_READ, -1);
	CALL(pkey_free, pkey);
	CALL(mbind, 1, page, 0, NULL, 0, 0);
	CALL(set_mempolicy, 0, NULL, 0);
	CALL(get_mempolicy, NULL, NULL, 0, 0, 0);
	CALL(set_mempolicy_home_node, 0, 0, 0, 0);
	CALL(migrate_pages, 0, 0, NULL, NULL);
	CALL(move_pages, 0, 0, NULL, NULL, NULL, 0);
	CALL(process_vm_readv, getpid(), &local, 1, &remote, 1, 0);
	CALL(process_vm_writev, getpid(), &remote, 1, &remote, 1, 0);
	CALL(process_vm_readv, 0x7fffffff, &local, 1, &remote, 1, 0);
	CALL(process_vm_writev, 0x7fffffff, &local, 1, &remote, 1, 0);
	CALL(process_mrelease, -1, 0);
	id = (int)CALL(shmget, IPC_PRIVATE, page, IPC_CREAT | 0600);
	p = (char *)CALL(shmat, id, NULL, 0);
	CALL(shmctl, id, IPC_RMID, NULL);
	CALL(shmdt, p);
	CALL(membarrier, 0, 0, 0);
	CALL_NR(453 /* map_shadow_stack */, 0, 0, 1 << 20);
	return 0;
}
