/*
 * Kernel values into the capture's: tables of bits, and of numbers where one value stands for
 * another. Kernel values come from the headers of the architecture this is built for, which is that
 * of the kernel it records.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>

#include "capture/encode_call.h"

/* Not in the headers of older systems, or 0 there because libraries need not set them. */
#define KERNEL_O_LARGEFILE_X86 0100000
#define KERNEL_O_LARGEFILE_ARM 0400000
#define KERNEL_O_SYNC          04010000
#define KERNEL_O_DSYNC         010000
#define KERNEL_O_TMPFILE       020000000
#define KERNEL_CLONE_NEWCGROUP 0x02000000
#define KERNEL_CLONE_NEWTIME   0x80

struct bits {
	uint64_t from;
	uint32_t to;
};

static uint64_t map_bits(const struct bits *table, size_t n, uint64_t v)
{
	uint64_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if ((v & table[i].from) == table[i].from)
			to |= table[i].to;
	}
	return to;
}

#define BITS(table, v) map_bits(table, sizeof(table) / sizeof((table)[0]), v)

static const struct bits open_bits[] = {
	{ O_CREAT, 0x4 },
	{ O_APPEND, 0x8 },
	{ KERNEL_O_DSYNC, 0x10 },
	{ O_EXCL, 0x20 },
	{ O_NONBLOCK, 0x40 },
	{ KERNEL_O_SYNC, 0x80 },
	{ O_TRUNC, 0x100 },
	{ O_DIRECT, 0x200 },
	{ O_DIRECTORY, 0x400 },
#if defined(__aarch64__)
	{ KERNEL_O_LARGEFILE_ARM, 0x800 },
#else
	{ KERNEL_O_LARGEFILE_X86, 0x800 },
#endif
	{ O_CLOEXEC, 0x1000 },
	{ KERNEL_O_TMPFILE, 0x2000 },
};

uint64_t map_open_flags(uint64_t flags)
{
	/* the access mode is a number in the kernel and bits here */
	static const uint8_t access[4] = { 1, 2, 3, 0 };

	return access[flags & O_ACCMODE] | BITS(open_bits, flags);
}

uint32_t map_open_mode(uint64_t flags, uint64_t mode)
{
	return flags & (O_CREAT | KERNEL_O_TMPFILE) ? (uint32_t)mode & 07777 : 0;
}

uint16_t map_poll_flags(uint16_t events)
{
	static const struct bits bits[] = {
		{ POLLIN, 0x1 },       { POLLPRI, 0x2 },      { POLLOUT, 0x4 },
		{ POLLRDHUP, 0x8 },    { POLLERR, 0x10 },     { POLLHUP, 0x20 },
		{ POLLNVAL, 0x40 },    { POLLRDNORM, 0x80 },  { POLLRDBAND, 0x100 },
		{ POLLWRNORM, 0x200 }, { POLLWRBAND, 0x400 },
	};
	return (uint16_t)BITS(bits, events);
}

static uint64_t map_clone(uint64_t v)
{
	/* the portable bits have no room for the signal in the low byte, nor for CLONE_NEWTIME in
	 * it */
	static const struct bits bits[] = {
		{ 0x00000400 /* FILES */, 0x1 },
		{ 0x00000200 /* FS */, 0x2 },
		{ 0x80000000 /* IO */, 0x4 },
		{ 0x08000000 /* NEWIPC */, 0x8 },
		{ 0x40000000 /* NEWNET */, 0x10 },
		{ 0x00020000 /* NEWNS */, 0x20 },
		{ 0x20000000 /* NEWPID */, 0x40 },
		{ 0x04000000 /* NEWUTS */, 0x80 },
		{ 0x00008000 /* PARENT */, 0x100 },
		{ 0x00100000 /* PARENT_SETTID */, 0x200 },
		{ 0x00002000 /* PTRACE */, 0x400 },
		{ 0x00000800 /* SIGHAND */, 0x800 },
		{ 0x00040000 /* SYSVSEM */, 0x1000 },
		{ 0x00010000 /* THREAD */, 0x2000 },
		{ 0x00800000 /* UNTRACED */, 0x4000 },
		{ 0x00000100 /* VM */, 0x8000 },
		{ 0x10000000 /* NEWUSER */, 0x100000 },
		{ 0x00200000 /* CHILD_CLEARTID */, 0x800000 },
		{ 0x01000000 /* CHILD_SETTID */, 0x1000000 },
		{ 0x00080000 /* SETTLS */, 0x2000000 },
		{ 0x00004000 /* VFORK */, 0x8000000 },
		{ KERNEL_CLONE_NEWCGROUP, 0x10000000 },
	};
	return BITS(bits, v);
}

static uint64_t map_prot(uint64_t v)
{
	static const struct bits bits[] = {
		{ PROT_READ, 0x1 },
		{ PROT_WRITE, 0x2 },
		{ PROT_EXEC, 0x4 },
		{ 0x8, 0x8 },
		{ 0x01000000 /* DOWN */, 0x10 },
		{ 0x02000000 /* UP */, 0x20 },
	};
	return BITS(bits, v);
}

static uint64_t map_mmap(uint64_t v)
{
	static const struct bits bits[] = {
		{ 0x01 /* SHARED */, 0x1 },
		{ 0x02 /* PRIVATE */, 0x2 },
		{ 0x10 /* FIXED */, 0x4 },
		{ 0x20 /* ANONYMOUS */, 0x8 },
#if defined(__x86_64__)
		{ 0x40 /* 32BIT */, 0x10 },
#endif
		{ 0x4000 /* NORESERVE */, 0x40 },
		{ 0x8000 /* POPULATE */, 0x80 },
		{ 0x10000 /* NONBLOCK */, 0x100 },
		{ 0x0100 /* GROWSDOWN */, 0x200 },
		{ 0x0800 /* DENYWRITE */, 0x400 },
		{ 0x1000 /* EXECUTABLE */, 0x800 },
		{ 0x2000 /* LOCKED */, 0x4000 },
	};
	return BITS(bits, v);
}

static uint64_t map_flock(uint64_t v)
{
	static const struct bits bits[] = {
		{ LOCK_SH, 0x1 }, { LOCK_EX, 0x2 }, { LOCK_NB, 0x4 }, { LOCK_UN, 0x8 }
	};
	return BITS(bits, v);
}

/* SOCK_, EFD_, IN_, SFD_, TFD_ and O_ have the same two bits. */
static uint64_t map_fd_flags(uint64_t v)
{
	static const struct bits bits[] = { { O_NONBLOCK, 0x40 },
					    { O_CLOEXEC, 0x1000 },
					    { O_DIRECT, 0x200 } };
	return BITS(bits, v);
}

static uint64_t map_sock_flags(uint64_t v)
{
	static const struct bits bits[] = { { SOCK_NONBLOCK, 0x40 }, { SOCK_CLOEXEC, 0x1000 } };

	return BITS(bits, v);
}

static uint64_t map_fcntl(uint64_t v)
{
	static const struct bits numbers[] = {
		{ F_DUPFD, 1 },
		{ F_GETFD, 2 },
		{ F_SETFD, 3 },
		{ F_GETFL, 4 },
		{ F_SETFL, 5 },
		{ 5 /* GETLK */, 6 },
		{ 6 /* SETLK */, 8 },
		{ 7 /* SETLKW */, 9 },
		{ F_SETOWN, 10 },
		{ F_GETOWN, 12 },
		{ F_SETSIG, 13 },
		{ F_GETSIG, 15 },
		{ 12 /* GETLK64 */, 17 },
		{ 13 /* SETLK64 */, 18 },
		{ 14 /* SETLKW64 */, 19 },
		{ 15 /* SETOWN_EX */, 21 },
		{ 16 /* GETOWN_EX */, 22 },
		{ 1024 /* SETLEASE */, 23 },
		{ 1025 /* GETLEASE */, 24 },
		{ 1029 /* CANCELLK */, 25 },
		{ 1030 /* DUPFD_CLOEXEC */, 26 },
		{ 1026 /* NOTIFY */, 27 },
		{ 1031 /* SETPIPE_SZ */, 28 },
		{ 1032 /* GETPIPE_SZ */, 29 },
		{ 36 /* OFD_GETLK */, 30 },
		{ 37 /* OFD_SETLK */, 31 },
		{ 38 /* OFD_SETLKW */, 32 },
	};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].from == (uint32_t)v)
			return numbers[i].to;
	}
	return 0;
}

static uint64_t map_semctl(uint64_t v)
{
	/* IPC_64 is a bit beside the number */
	switch (v & ~UINT64_C(0x100) & UINT32_MAX) {
	case IPC_RMID:
		return 0x4;
	case IPC_SET:
		return 0x2;
	case IPC_STAT:
		return 0x1;
	case IPC_INFO:
		return 0x8;
	case GETPID:
		return 0x100;
	case GETVAL:
		return 0x200;
	case GETALL:
		return 0x40;
	case GETNCNT:
		return 0x80;
	case GETZCNT:
		return 0x400;
	case SETVAL:
		return 0x1000;
	case SETALL:
		return 0x800;
	case SEM_STAT:
		return 0x20;
	case SEM_INFO:
		return 0x10;
	default:
		return 0;
	}
}

static uint64_t map_semget(uint64_t v)
{
	static const struct bits bits[] = { { IPC_CREAT, 0x2000 }, { IPC_EXCL, 0x4000 } };

	return BITS(bits, v);
}

static uint64_t map_semop(uint64_t v)
{
	static const struct bits bits[] = { { IPC_NOWAIT, 0x1 }, { SEM_UNDO, 0x2 } };

	return BITS(bits, v);
}

static uint64_t map_resolve(uint64_t v)
{
	static const struct bits bits[] = {
		{ 0x08 /* BENEATH */, 0x1 },       { 0x10 /* IN_ROOT */, 0x2 },
		{ 0x02 /* NO_MAGICLINKS */, 0x4 }, { 0x04 /* NO_SYMLINKS */, 0x8 },
		{ 0x01 /* NO_XDEV */, 0x10 },      { 0x20 /* CACHED */, 0x20 },
	};
	return BITS(bits, v);
}

static uint64_t map_uring_setup(uint64_t v)
{
	static const struct bits bits[] = {
		{ 0x01 /* IOPOLL */, 0x1 },      { 0x02 /* SQPOLL */, 0x2 },
		{ 0x04 /* SQ_AFF */, 0x8 },      { 0x08 /* CQSIZE */, 0x10 },
		{ 0x10 /* CLAMP */, 0x20 },      { 0x20 /* ATTACH_WQ */, 0x40 },
		{ 0x40 /* R_DISABLED */, 0x80 },
	};
	return BITS(bits, v);
}

static uint64_t map_chownat(uint64_t v)
{
	/* the capture's table gives AT_SYMLINK_NOFOLLOW the value of AT_SYMLINK_FOLLOW */
	static const struct bits bits[] = { { AT_SYMLINK_NOFOLLOW, 0x400 },
					    { AT_EMPTY_PATH, 0x1000 } };

	return BITS(bits, v);
}

static uint64_t map_delete_module(uint64_t v)
{
	static const struct bits bits[] = { { O_NONBLOCK, 0x2 }, { O_TRUNC, 0x1 } };

	return BITS(bits, v);
}

static uint64_t map_ptrace(uint64_t v)
{
	static const struct bits numbers[] = {
		{ 0, 1 },
		{ 1, 2 },
		{ 2, 3 },
		{ 3, 4 },
		{ 4, 5 },
		{ 5, 6 },
		{ 6, 7 },
		{ 7, 8 },
		{ 8, 9 },
		{ 9, 10 },
		{ 16, 11 },
		{ 17, 12 },
		{ 24, 13 },
		{ 0x4200, 14 },
		{ 0x4201, 15 },
		{ 0x4202, 16 },
		{ 0x4203, 17 },
		{ 0x4204, 18 },
		{ 0x4205, 19 },
		{ 0x4206, 20 },
		{ 0x4207, 21 },
		{ 0x4208, 22 },
		{ 0x4209, 23 },
		{ 0x420a, 24 },
		{ 0x420b, 25 },
#if defined(__x86_64__)
		{ 12, 26 },
		{ 13, 27 },
		{ 14, 28 },
		{ 15, 29 },
		{ 18, 30 },
		{ 19, 31 },
		{ 21, 32 },
		{ 25, 33 },
		{ 26, 34 },
		{ 30, 35 },
		{ 31, 36 },
		{ 32, 37 },
		{ 33, 38 },
#endif
	};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].from == v)
			return numbers[i].to;
	}
	return 0;
}

static uint64_t map_quota_cmd(uint64_t v)
{
	static const struct bits numbers[] = {
		{ 0x800001, 0x80 }, { 0x800002, 0x1 },  { 0x800003, 0x2 },  { 0x800004, 0x4 },
		{ 0x800005, 0x8 },  { 0x800006, 0x10 }, { 0x800007, 0x20 }, { 0x800008, 0x40 },
		{ 0x5801, 0x100 },  { 0x5802, 0x200 },  { 0x5803, 0x400 },  { 0x5804, 0x800 },
		{ 0x5805, 0x1000 }, { 0x5806, 0x2000 }, { 0x5807, 0x4000 },
	};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i].from == (uint32_t)v >> 8)
			return numbers[i].to;
	}
	return 0;
}

uint64_t map_value(enum encode_map map, uint64_t v)
{
	switch (map) {
	case MAP_CLONE:
		return map_clone(v);
	case MAP_PROT:
		return map_prot(v);
	case MAP_MMAP:
		return map_mmap(v);
	case MAP_SOCK_FLAGS:
		return map_sock_flags(v);
	case MAP_FD_FLAGS:
		return map_fd_flags(v);
	/* the command and the two bits beside it have the kernel's numbers */
	case MAP_FUTEX:
		return v & (FUTEX_CMD_MASK | FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME) & 0xffff;
	case MAP_FLOCK:
		return map_flock(v);
	case MAP_FCNTL:
		return map_fcntl(v);
	case MAP_RLIMIT:
		return (uint32_t)v < RLIM_NLIMITS ? v & 0xff : 255;
	case MAP_SOL:
		return (uint32_t)v == SOL_SOCKET ? 1 : (uint32_t)v == 6 /* SOL_TCP */ ? 2 : 0;
	case MAP_SEMGET:
		return map_semget(v);
	case MAP_SEMCTL:
		return map_semctl(v);
	case MAP_SEMOP:
		return map_semop(v);
	/* up to 1.0 programs had to put a magic number in the upper half */
	case MAP_MOUNT:
		return (v & 0xffff0000) == 0xc0ed0000 ? v & 0xffff : v;
	case MAP_ACCESS:
		return v & 7;
	case MAP_UNLINKAT:
		return v & AT_REMOVEDIR;
	case MAP_LINKAT:
		return v & (AT_SYMLINK_FOLLOW | AT_EMPTY_PATH);
	case MAP_STATAT:
		return v & (AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW);
	case MAP_CHOWNAT:
		return map_chownat(v);
	case MAP_CHMOD:
		return v & 07777;
	case MAP_RESOLVE:
		return map_resolve(v);
	case MAP_URING_SETUP:
		return map_uring_setup(v);
	case MAP_URING_FEATURES:
		return v & 0x7ff;
	case MAP_EPOLL_CREATE:
		return v & O_CLOEXEC ? 1 : 0;
	case MAP_PIDFD_OPEN:
		return v & O_NONBLOCK ? 1 : 0;
	case MAP_DELETE_MODULE:
		return map_delete_module(v);
	case MAP_PTRACE:
		return map_ptrace(v);
	case MAP_QUOTA_CMD:
		return map_quota_cmd(v);
	/* user, group: 0 and 1 */
	case MAP_QUOTA_TYPE:
		return (v & 0xff) < 2 ? (v & 0xff) + 1 : 0;
	case MAP_SAME:
	case MAP_N:
		break;
	}
	return v;
}
