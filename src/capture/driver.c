/* The BPF object and its life. See driver.h; the merging of the rings is in ring_merge.c. */
#include "capture/driver.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/debug.h"
#include "base/xalloc.h"
#include "bpf/eyas.skel.h"
#include "capture/encode.h"
#include "capture/privilege.h"
#include "capture/ring_merge.h"

/* Bytes copied out of the rings that wait; beyond, they stay there, and the rings count what they
 * lose. */
#define MAX_WAITING ((size_t)512 << 20)

/* Records handed out between two looks at the rings: a storm fills 8 MiB in 18 ms. */
#define BATCH 8192

/* A ring buffer's two mappings: what we write, and what the kernel does. */
struct cpu_ring {
	void *ours, *kernels;
	int fd;
};

struct driver {
	struct eyas_bpf *skel;
	struct cpu_ring *rings;
	struct ring_merge *merge;
	size_t ring_bytes;
	int epoll;
	const struct eyas_cpu_stats *stats; /* the map, mapped: an element a CPU */
	size_t stats_bytes;
	uint16_t n_cpus;
	bool detached;
};

/* The verifier's log comes as one message of up to megabytes, of which only the end tells
 * something. */
#define LOG_BYTES 8192

static int to_debug(enum libbpf_print_level level, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static int to_debug(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char *text, *line, *rest;
	int n;

	(void)level;
	if (debug_level[DEBUG_CAPTURE] < 1)
		return 0;
	n = vasprintf(&text, fmt, ap);
	if (n < 0)
		return 0;
	rest = n > LOG_BYTES ? text + n - LOG_BYTES : text;
	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			debug(DEBUG_CAPTURE, 1, "libbpf: %s", line);
	}
	free(text);
	return 0;
}

/* A ring is a descriptor. */
static void raise_descriptor_limit(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) < 0)
		return;
	lim.rlim_cur = lim.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &lim);
}

/* The kernel has two pages of positions, the first of them writable, then the data, twice. */
static int map_ring(struct driver *d, struct cpu_ring *c, uint16_t cpu)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct ring_pages pages;

	c->ours = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
	if (c->ours == MAP_FAILED) {
		c->ours = NULL;
		return -errno;
	}
	c->kernels =
		mmap(NULL, page + 2 * d->ring_bytes, PROT_READ, MAP_SHARED, c->fd, (off_t)page);
	if (c->kernels == MAP_FAILED) {
		c->kernels = NULL;
		return -errno;
	}
	pages = (struct ring_pages){ .data = (const uint8_t *)c->kernels + page,
				     .size = d->ring_bytes,
				     .producer = c->kernels,
				     .consumer = c->ours };
	ring_merge_attach(d->merge, cpu, &pages);
	return 0;
}

static void unmap_ring(const struct driver *d, struct cpu_ring *c)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (c->ours)
		munmap(c->ours, page);
	if (c->kernels)
		munmap(c->kernels, page + 2 * d->ring_bytes);
	if (c->fd >= 0)
		close(c->fd);
}

/*
 * One ring a CPU. libbpf 1.1 cannot size an inner map's template, so the rings are made by hand.
 * They are waited for edge-triggered: a ring that is not empty would otherwise keep the reader
 * awake for every single record.
 */
static int make_rings(struct driver *d, struct diag *diag)
{
	int map = bpf_map__fd(d->skel->maps.rings);

	raise_descriptor_limit();
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll < 0)
		return -errno;
	for (uint32_t cpu = 0; cpu < d->n_cpus; cpu++) {
		struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.u32 = cpu };
		struct cpu_ring *c = &d->rings[cpu];
		int r;

		c->fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "eyas_ring", 0, 0,
				       (uint32_t)d->ring_bytes, NULL);
		if (c->fd < 0) {
			r = -errno;
			diag_add(diag, DIAG_ERROR, "DRIVER",
				 "no buffer of %zu bytes for CPU %u: %s; give a smaller --buffer",
				 d->ring_bytes, cpu, strerror(-r));
			return r;
		}
		if (bpf_map_update_elem(map, &cpu, &c->fd, BPF_ANY) < 0)
			return -errno;
		r = map_ring(d, c, (uint16_t)cpu);
		if (r < 0)
			return r;
		if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, c->fd, &ev) < 0)
			return -errno;
	}
	return 0;
}

static int map_stats(struct driver *d)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p;

	d->stats_bytes = (d->n_cpus * sizeof(*d->stats) + page - 1) / page * page;
	p = mmap(NULL, d->stats_bytes, PROT_READ, MAP_SHARED, bpf_map__fd(d->skel->maps.stats), 0);
	if (p == MAP_FAILED)
		return -errno;
	d->stats = p;
	return 0;
}

/* The constants of the programs. */
static void set_constants(struct eyas_bpf *skel, const struct driver_options *opt)
{
	skel->rodata->config = opt->config;
	skel->rodata->config.own_pid = (uint32_t)getpid();
	/* A quarter of the ring, so that a burst has room while the reader wakes up. */
	skel->rodata->config.wakeup_bytes = (uint32_t)(opt->ring_bytes / 4);
	for (uint32_t nr = 0; nr < 2 * EYAS_MAX_NR; nr++) {
		struct eyas_plan *plan = &skel->rodata->plans[nr];

		/* good for calls without an event of their own, too */
		(void)encode_plan(nr, plan);
		plan->recorded = !opt->syscalls || opt->syscalls[nr];
		if (!plan->recorded)
			plan->enter = 0;
	}
}

static int set_selection(struct driver *d, const struct driver_options *opt)
{
	uint32_t zero = 0;

	if (opt->cgroup_fd >= 0 && bpf_map_update_elem(bpf_map__fd(d->skel->maps.cgroup), &zero,
						       &opt->cgroup_fd, BPF_ANY) < 0)
		return -errno;
	for (size_t i = 0; i < opt->n_pids; i++) {
		int r = driver_select_pid(d, opt->pids[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Which form of the system call programs to load; the others stay off. */
static void choose(struct eyas_bpf *skel, bool btf, const struct driver_options *opt)
{
	bpf_program__set_autoload(skel->progs.sys_enter_btf, btf);
	bpf_program__set_autoload(skel->progs.sys_exit_btf, btf);
	bpf_program__set_autoload(skel->progs.sys_enter_raw, !btf);
	bpf_program__set_autoload(skel->progs.sys_exit_raw, !btf);
	bpf_program__set_autoload(skel->progs.signal_deliver, opt->signals);
	bpf_program__set_autoattach(skel->progs.signal_deliver, false);
}

static int load(struct driver *d, bool btf, const struct driver_options *opt)
{
	int template, r;

	d->skel = eyas_bpf__open();
	if (!d->skel)
		return -errno;
	choose(d->skel, btf, opt);
	set_constants(d->skel, opt);
	r = bpf_map__set_max_entries(d->skel->maps.scratch, d->n_cpus);
	if (!r)
		r = bpf_map__set_max_entries(d->skel->maps.stats, d->n_cpus);
	if (!r)
		r = bpf_map__set_max_entries(d->skel->maps.rings, d->n_cpus);
	if (r)
		return r;
	template = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "eyas_template", 0, 0,
				  (uint32_t)opt->ring_bytes, NULL);
	if (template <0)
		return -errno;
	r = bpf_map__set_inner_map_fd(d->skel->maps.rings, template);
	if (!r)
		r = eyas_bpf__load(d->skel);
	close(template);
	if (r) {
		eyas_bpf__destroy(d->skel);
		d->skel = NULL;
	}
	return r;
}

/* All programs; what a kernel built without some tracepoint can do without is said, and left out.
 */
static int attach(struct driver *d, const struct driver_options *opt, struct diag *diag)
{
	int r = eyas_bpf__attach(d->skel);

	if (r || !opt->signals)
		return r;
	d->skel->links.signal_deliver = bpf_program__attach(d->skel->progs.signal_deliver);
	if (!d->skel->links.signal_deliver)
		diag_add(diag, DIAG_WARNING, "DRIVER",
			 "the delivery of signals is not recorded: %s", strerror(errno));
	return 0;
}

static int say_why(int r, struct diag *diag)
{
	const char *missing = privilege_missing_for_driver();

	if (missing)
		diag_add(
			diag, DIAG_ERROR, "DRIVER",
			"the driver cannot be loaded without %s; run as root, or give the program these "
			"capabilities",
			missing);
	else if (access("/sys/kernel/btf/vmlinux", R_OK) < 0)
		diag_add(
			diag, DIAG_ERROR, "DRIVER",
			"this kernel has no BTF (/sys/kernel/btf/vmlinux, CONFIG_DEBUG_INFO_BTF), which the "
			"driver needs");
	else
		diag_add(diag, DIAG_ERROR, "DRIVER",
			 "this kernel refused the driver: %s; EYAS_DEBUG=capture shows why",
			 strerror(-r));
	return r;
}

int driver_open(const struct driver_options *opt, struct diag *diag, struct driver **ret)
{
	struct driver *d = xcalloc(1, sizeof(*d));
	int cpus = libbpf_num_possible_cpus(), r;

	libbpf_set_print(to_debug);
	if (cpus < 1 || cpus > EYAS_MAX_CPUS) {
		free(d);
		diag_add(diag, DIAG_ERROR, "DRIVER",
			 "this machine has %d CPUs; the driver knows up to %d", cpus,
			 EYAS_MAX_CPUS);
		return -ENOTSUP;
	}
	d->n_cpus = (uint16_t)cpus;
	d->ring_bytes = opt->ring_bytes;
	d->epoll = -1;
	d->rings = xcalloc(d->n_cpus, sizeof(*d->rings));
	for (uint16_t i = 0; i < d->n_cpus; i++)
		d->rings[i] = (struct cpu_ring){ .fd = -1 };
	d->merge = ring_merge_new(d->n_cpus);

	/* EYAS_RAW_TRACEPOINTS: for tests, as if there were no typed ones */
	r = getenv("EYAS_RAW_TRACEPOINTS") ? -ENOTSUP : load(d, true, opt);
	if (r && !privilege_missing_for_driver()) {
		debug(DEBUG_CAPTURE, 1, "typed tracepoints do not load (%s), raw ones are tried",
		      strerror(-r));
		r = load(d, false, opt);
		if (!r)
			diag_add(
				diag, DIAG_NOTE, "DRIVER",
				"this kernel has no typed tracepoints for system calls; recording costs a "
				"little more");
	}
	if (r) {
		r = say_why(r, diag);
		goto fail;
	}
	r = make_rings(d, diag);
	if (!r)
		r = map_stats(d);
	if (!r)
		r = set_selection(d, opt);
	if (!r)
		r = attach(d, opt, diag);
	if (r) {
		r = say_why(r, diag);
		goto fail;
	}
	*ret = d;
	return 0;
fail:
	driver_close(d);
	return r;
}

void driver_close(struct driver *d)
{
	if (!d)
		return;
	for (uint16_t i = 0; i < d->n_cpus; i++)
		unmap_ring(d, &d->rings[i]);
	if (d->epoll >= 0)
		close(d->epoll);
	if (d->stats)
		munmap((void *)(uintptr_t)d->stats, d->stats_bytes);
	if (d->skel)
		eyas_bpf__destroy(d->skel);
	ring_merge_free(d->merge);
	free(d->rings);
	free(d);
}

int driver_select_pid(struct driver *d, uint32_t pid)
{
	uint32_t one = 1;

	return bpf_map_update_elem(bpf_map__fd(d->skel->maps.selected), &pid, &one, BPF_ANY) < 0
		       ? -errno
		       : 0;
}

/* A ring more than one part in `parts` full is emptied into memory, as long as there is some. */
static void relieve(struct driver *d, unsigned parts)
{
	if (ring_merge_bytes(d->merge) < MAX_WAITING)
		ring_merge_relieve(d->merge, parts);
}

void driver_fill(struct driver *d)
{
	ring_merge_look(d->merge);
	relieve(d, 8);
}

/* All before `until`, a little at a time: what is recorded meanwhile must find room in the rings.
 */
static int hand_out(struct driver *d, uint64_t until, driver_record_fn fn, void *arg)
{
	int given = 0, r;

	do {
		ring_merge_look(d->merge);
		relieve(d, 2);
		r = ring_merge_take(d->merge, until, BATCH, fn, arg);
		if (r < 0)
			return r;
		given = given < INT_MAX - r ? given + r : INT_MAX;
	} while (r == BATCH);
	return given;
}

int driver_poll(struct driver *d, int timeout_ms, driver_record_fn fn, void *arg)
{
	struct epoll_event ev;
	uint64_t now;

	if (epoll_wait(d->epoll, &ev, 1, timeout_ms) < 0 && errno != EINTR)
		return -errno;
	/* Taken before the rings are read: what is older than this is in them, but for a program
	 * that has its time and has not sent yet, which the merge's slack allows for. */
	now = ring_merge_now();
	return hand_out(d, now, fn, arg);
}

int driver_take_until(struct driver *d, uint64_t ts, driver_record_fn fn, void *arg)
{
	const struct timespec slack = { 0, RING_MERGE_SLACK_NS };

	(void)nanosleep(&slack, NULL);
	return hand_out(d, ts + RING_MERGE_SLACK_NS, fn, arg);
}

int driver_drain(struct driver *d, driver_record_fn fn, void *arg)
{
	return hand_out(d, UINT64_MAX, fn, arg);
}

void driver_detach(struct driver *d)
{
	if (!d->detached)
		eyas_bpf__detach(d->skel);
	d->detached = true;
}

void driver_stats(const struct driver *d, uint16_t cpu, struct eyas_cpu_stats *ret)
{
	*ret = d->stats[cpu];
}

uint16_t driver_cpus(const struct driver *d)
{
	return d->n_cpus;
}
