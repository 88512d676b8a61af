/*
 * raw_dump TRACE: every record, plainly: numbers in decimal, bytes in hexadecimal. The other half
 * of independent_reader.py, whose output must be the same.
 */
#include <stdio.h>

#include "base/text.h"
#include "trace/trace.h"

static void number(unsigned long long v)
{
	printf(" %llu", v);
}

static void signed_number(long long v)
{
	printf(" %lld", v);
}

static void bytes(const void *p, size_t n)
{
	const unsigned char *b = p;

	printf(" x");
	for (size_t i = 0; i < n; i++)
		printf("%02x", b[i]);
}

/* clang-format off */
#define U(f) number(r->f);
#define I(f) signed_number(r->f);
#define S(f) bytes(r->f.p, r->f.n);
#define A(f) bytes(r->f.b, r->f.n);

static void dump_machine(const struct snap_machine *r)
{
	printf("1");
	U(n_cpus) U(memory_bytes) U(max_pid) S(hostname) U(boot_ts) U(flags) U(reserved[0])
	U(reserved[1])
	putchar('\n');
}

static void dump_iface(const struct snap_iface *r)
{
	printf("2");
	U(type) S(name) A(addr) A(mask) A(bcast) U(linkspeed)
	putchar('\n');
}

static void dump_user(const struct snap_user *r)
{
	printf("3");
	U(uid) U(gid) S(name) S(home) S(shell)
	putchar('\n');
}

static void dump_group(const struct snap_group *r)
{
	printf("4");
	U(gid) S(name)
	putchar('\n');
}

static void dump_thread(const struct snap_thread *r)
{
	printf("5");
	U(has) U(tid) U(pid) U(ptid) I(sid) I(vpgid) I(pgid) I(vtid) I(vpid) S(comm) S(exe)
	S(exepath) S(cwd) S(root) S(args) S(env) S(cgroups) I(fdlimit) U(flags) U(uid) U(gid)
	U(loginuid) U(tty) U(vmsize_kb) U(vmrss_kb) U(vmswap_kb) U(pfmajor) U(pfminor)
	U(pidns_init_start_ts) U(cap_inheritable) U(cap_permitted) U(cap_effective) U(exe_ino)
	U(exe_ino_ctime) U(exe_ino_mtime) U(exe_writable) U(exe_upper_layer) U(exe_lower_layer)
	U(exe_from_memfd) U(mnt_ns)
	putchar('\n');
}

static void dump_fd(const struct snap_fd *r)
{
	printf("6");
	U(tid) I(fd) U(ino) U(type) U(l4proto) A(sip) A(dip) U(sport) U(dport) U(unix_src)
	U(unix_dst) U(open_flags) U(has_dev) U(dev) S(name)
	putchar('\n');
}

static void dump_mount(const struct snap_mount *r)
{
	printf("8");
	U(ns) U(id) U(parent) U(major) U(minor) S(root) S(point) S(options) S(propagation)
	S(fstype) S(source) S(super)
	putchar('\n');
}

static void dump_cgroup(const struct snap_cgroup *r)
{
	printf("9");
	U(hierarchy) S(controllers) S(path) U(id) U(populated)
	putchar('\n');
}
/* clang-format on */

static void dump_snapshot(const struct snapshot *s)
{
	puts("snapshot");
	if (s->machine.present)
		dump_machine(&s->machine);
	for (size_t i = 0; i < s->ifaces.n; i++)
		dump_iface(&s->ifaces.v[i]);
	for (size_t i = 0; i < s->users.n; i++)
		dump_user(&s->users.v[i]);
	for (size_t i = 0; i < s->groups.n; i++)
		dump_group(&s->groups.v[i]);
	for (size_t i = 0; i < s->threads.n; i++)
		dump_thread(&s->threads.v[i]);
	for (size_t i = 0; i < s->fds.n; i++)
		dump_fd(&s->fds.v[i]);
	for (size_t i = 0; i < s->fd_tids.n; i++)
		printf("7 %llu\n", (unsigned long long)s->fd_tids.v[i]);
	for (size_t i = 0; i < s->mounts.n; i++)
		dump_mount(&s->mounts.v[i]);
	for (size_t i = 0; i < s->cgroups.n; i++)
		dump_cgroup(&s->cgroups.v[i]);
}

static void dump_record(const struct record *rec)
{
	const struct event *r = &rec->event;

	switch (rec->kind) {
	case RECORD_SNAPSHOT:
		dump_snapshot(rec->snapshot);
		break;
	case RECORD_EVENT:
		printf("event");
		U(ts)
		I(tid)
		U(cpu)
		U(type)
		U(delivery)
		for (uint32_t i = 0; i < r->n_params; i++)
			bytes(r->params[i].p, r->params[i].n);
		putchar('\n');
		break;
	case RECORD_LOSS:
		printf("loss %llu %llu %llu %u %u\n", (unsigned long long)rec->loss.count,
		       (unsigned long long)rec->loss.from_ts, (unsigned long long)rec->loss.to_ts,
		       rec->loss.cpu, rec->loss.cause);
		break;
	case RECORD_NOTE:
		printf("note %llu", (unsigned long long)rec->note.ts);
		bytes(rec->note.text.p, rec->note.text.n);
		printf(" %llu %llu %llu %llu", (unsigned long long)rec->note.first_num,
		       (unsigned long long)rec->note.last_num,
		       (unsigned long long)rec->note.from_ts, (unsigned long long)rec->note.to_ts);
		bytes(rec->note.author.p, rec->note.author.n);
		putchar('\n');
		break;
	}
}

int main(int argc, char **argv)
{
	struct source *src;
	struct record rec;
	struct diag diag;
	int r;

	diag_init(&diag);
	if (argc != 2 || trace_open(argv[1], &diag, &src)) {
		diag_print(&diag, stderr);
		return 1;
	}
	while ((r = source_next(src, &rec)) > 0)
		dump_record(&rec);
	diag_print(&diag, stderr);
	diag_free(&diag);
	source_close(src);
	return r ? 1 : 0;
}
