/* Semaphores, message queues, timers, io_uring, BPF, modules, and calls that are only refused. */
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>

#include "calls.h"

static void ipc(void)
{
	struct sembuf ops[3] = { { 0, 2, IPC_NOWAIT },
				 { 1, 1, SEM_UNDO },
				 { 0, -1, IPC_NOWAIT | SEM_UNDO } };
	struct {
		long type;
		char text[16];
	} m = { 1, "message" };
	struct timespec ts = { 0, 1000 };
	unsigned short all[2];
	char room[512];
	int id = (int)CALL(semget, IPC_PRIVATE, 2, IPC_CREAT | IPC_EXCL | 0600);

	CALL(semget, 0x77777777, 0, 0);
	CALL(semctl, id, 1, SETVAL, 5);
	CALL(semctl, id, 1, GETVAL, 0);
	CALL(semctl, id, 0, GETALL, all);
	CALL(semctl, id, 0, GETPID, 0);
	CALL(semctl, id, 0, GETNCNT, 0);
	CALL(semctl, id, 0, IPC_STAT, room);
	CALL(semop, id, ops, 3);
	CALL(semop, id, ops, 1);
	CALL(semop, id, ops, 0);
	CALL(semop, -1, ops, 1);
	CALL(semtimedop, id, ops, 1, &ts);
	CALL(semctl, id, 0, IPC_RMID, 0);
	CALL(semctl, id, 0, IPC_RMID, 0);
	id = (int)CALL(msgget, IPC_PRIVATE, IPC_CREAT | 0600);
	CALL(msgsnd, id, &m, 8, 0);
	CALL(msgrcv, id, &m, 16, 0, 0);
	CALL(msgctl, id, IPC_RMID, NULL);
	id = (int)CALL(mq_open, "witness", O_RDWR | O_CREAT, 0600, NULL);
	CALL(mq_timedsend, id, "m", 1, 0, NULL);
	CALL(mq_timedreceive, id, room, 8192, NULL, NULL);
	CALL(mq_notify, id, NULL);
	CALL(mq_getsetattr, id, NULL, room);
	CALL(mq_unlink, "witness");
}

static void timers(void)
{
	struct itimerval it = { { 0, 0 }, { 100, 0 } };
	struct itimerspec its = { { 0, 0 }, { 100, 0 } };
	struct sigevent ev = { .sigev_notify = SIGEV_NONE };
	struct timex tx = { 0 };
	int id = 0;

	CALL(setitimer, ITIMER_REAL, &it, NULL);
	CALL(getitimer, ITIMER_REAL, &it);
	CALL(timer_create, CLOCK_MONOTONIC, &ev, &id);
	CALL(timer_settime, id, 0, &its, NULL);
	CALL(timer_gettime, id, &its);
	CALL(timer_getoverrun, id);
	CALL(timer_delete, id);
	CALL(adjtimex, &tx);
	CALL(clock_adjtime, 0, &tx);
	CALL(settimeofday, BAD_POINTER, NULL);
	CALL(clock_settime, 99, NULL);
}

static void rings(void)
{
	struct io_uring_params p = { .flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
				     .cq_entries = 16 };
	int fd = (int)CALL(io_uring_setup, 4, &p), aio[2] = { 0 };

	CALL(io_uring_setup, 0, &p);
	CALL(io_uring_setup, 4, BAD_POINTER);
	CALL(io_uring_enter, fd, 0, 0, IORING_ENTER_GETEVENTS, NULL, 0);
	CALL(io_uring_enter, NO_FD, 1, 1, 0, NULL, 0);
	CALL(io_uring_register, fd, IORING_REGISTER_EVENTFD, NULL, 1);
	CALL(io_uring_register, NO_FD, IORING_UNREGISTER_FILES, NULL, 0);
	CALL(io_setup, 1, aio);
	CALL(io_submit, 0, 0, NULL);
	CALL(io_cancel, 0, NULL, NULL);
	CALL(io_getevents, 0, 0, 0, NULL, NULL);
	CALL(io_pgetevents, 0, 0, 0, NULL, NULL, NULL);
	CALL(io_destroy, 0);
}

static void kernel(void)
{
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1
	};

	CALL(bpf, BPF_MAP_CREATE, &map, sizeof(map));
	CALL(bpf, BPF_MAP_CREATE, NULL, 0);
	CALL(bpf, 999, &map, sizeof(map));
	CALL(perf_event_open, NULL, 0, 0, -1, 0);
	CALL(init_module, "not a module", 12, "a=1 b=2");
	CALL(init_module, NULL, 12, "");
	CALL(finit_module, NO_FD, "a=1", 1);
	CALL(delete_module, "no_such_module", O_NONBLOCK);
	CALL(delete_module, "no_such_module", O_NONBLOCK | O_TRUNC);
	CALL(kexec_load, 0, 99, NULL, 0x12345);
	CALL(kexec_file_load, -1, -1, 0, NULL, 0x12345);
	CALL(reboot, 0, 0, 0, NULL);
	CALL(syslog, 10, NULL, 0);
	CALL(acct, "no/such");
	CALL(swapon, "no/such", 0);
	CALL(swapoff, "no/such");
	CALL(iopl, 77);
	CALL(ioperm, 0x10000, 1, 1);
	CALL(modify_ldt, 99, NULL, 0);
	CALL(ioprio_get, 1, 0);
	CALL(ioprio_set, 99, 0, 0);
	CALL(getrandom, NULL, 0, 0);
	CALL(kcmp, 1, 1, 99, 0, 0);
	CALL(sysfs, 3);
	CALL(landlock_create_ruleset, NULL, 0, 1);
	CALL(landlock_add_rule, NO_FD, 1, NULL, 0);
	CALL(landlock_restrict_self, NO_FD, 0);
	CALL_NR(451 /* cachestat */, NO_FD, NULL, NULL, 0);
	CALL(restart_syscall);
	CALL(lookup_dcookie, 0, NULL, 0);
	CALL(uselib, "no/such");
	CALL(nfsservctl, 0);
	CALL(getpmsg, 0);
	CALL(create_module, 0);
	CALL(get_kernel_syms, 0);
	CALL(query_module, 0);
	CALL(_sysctl, 0);
	CALL(afs_syscall, 0);
	CALL(tuxcall, 0);
	CALL(security, 0);
	CALL(vserver, 0);
	CALL(epoll_ctl_old, 0);
	CALL(epoll_wait_old, 0);
	CALL(get_thread_area, 0);
	CALL(set_thread_area, 0);
	CALL(sync_file_range, NO_FD, 0, 0, 0);
	CALL_NR(400, 1, 2, 3);
	CALL_NR(510, 1, 2, 3);
	CALL_NR(1000, 1, 2, 3);
}

int main(void)
{
	if (unshare(CLONE_NEWIPC))
		return 2;
	ipc();
	timers();
	rings();
	kernel();
	return 0;
}
