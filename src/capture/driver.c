/* Rings and selection. The BPF object is in driver_object.c, the merging of the rings in
 * ring_merge.c. */
#include "capture/driver.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/xalloc.h"
#include "capture/driver_object.h"
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
	struct driver_object *object;
	struct cpu_ring *rings;
	struct ring_merge *merge;
	size_t ring_bytes;
	int epoll;
	const struct eyas_cpu_stats *stats; /* the map, mapped: an element a CPU */
	size_t stats_bytes;
	uint16_t n_cpus;
};

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
	int map = driver_object_map(d->object, MAP_RINGS);

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
			if (r == -EMFILE)
				return r;
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
	p = mmap(NULL, d->stats_bytes, PROT_READ, MAP_SHARED,
		 driver_object_map(d->object, MAP_STATS), 0);
	if (p == MAP_FAILED)
		return -errno;
	d->stats = p;
	return 0;
}

static int set_selection(struct driver *d, const struct driver_options *opt)
{
	uint32_t zero = 0;

	if (opt->cgroup_fd >= 0 && bpf_map_update_elem(driver_object_map(d->object, MAP_CGROUP),
						       &zero, &opt->cgroup_fd, BPF_ANY) < 0)
		return -errno;
	for (size_t i = 0; i < opt->n_pids; i++) {
		int r = driver_select_pid(d, opt->pids[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int driver_open(const struct driver_options *opt, struct diag *diag, struct driver **ret)
{
	struct driver *d = xcalloc(1, sizeof(*d));
	size_t n_errors;
	int cpus, r;

	driver_object_hush();
	raise_descriptor_limit();
	cpus = libbpf_num_possible_cpus();
	if (cpus < 1) {
		free(d);
		diag_add(
			diag, DIAG_ERROR, "DRIVER",
			"how many CPUs there are cannot be read (/sys/devices/system/cpu/possible): %s; "
			"the recorder needs /sys",
			strerror(-cpus));
		return cpus ? cpus : -ENOTSUP;
	}
	if (cpus > EYAS_MAX_CPUS) {
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

	r = driver_object_load(opt, d->n_cpus, diag, &d->object);
	if (r)
		goto fail;
	n_errors = diag->n_errors;
	r = make_rings(d, diag);
	if (!r)
		r = map_stats(d);
	if (!r)
		r = set_selection(d, opt);
	if (!r)
		r = driver_object_attach(d->object, diag);
	if (r) {
		if (diag->n_errors == n_errors)
			driver_object_say_why(r, diag);
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
	driver_object_free(d->object);
	ring_merge_free(d->merge);
	free(d->rings);
	free(d);
}

int driver_select_pid(struct driver *d, uint32_t pid)
{
	uint32_t one = 1;

	return bpf_map_update_elem(driver_object_map(d->object, MAP_SELECTED), &pid, &one,
				   BPF_ANY) < 0
		       ? -errno
		       : 0;
}

/*
 * A ring more than a quarter full is emptied into memory, as long as there is some. What is not old
 * enough yet to be handed out stays in the rings else: a megabyte at a million records a second.
 */
static void relieve(struct driver *d)
{
	if (ring_merge_bytes(d->merge) < MAX_WAITING)
		ring_merge_relieve(d->merge, 4);
}

void driver_fill(struct driver *d)
{
	ring_merge_look(d->merge);
	relieve(d);
}

/* All before `until`, a little at a time: what is recorded meanwhile must find room in the rings.
 */
static int hand_out(struct driver *d, uint64_t until, driver_record_fn fn, void *arg)
{
	int given = 0, r;

	do {
		ring_merge_look(d->merge);
		relieve(d);
		r = ring_merge_take(d->merge, until, BATCH, fn, arg);
		if (r < 0)
			return r;
		given = given < INT_MAX - r ? given + r : INT_MAX;
	} while (r == BATCH);
	ring_merge_look(d->merge);
	relieve(d);
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
	driver_object_detach(d->object);
}

void driver_stats(const struct driver *d, uint16_t cpu, struct eyas_cpu_stats *ret)
{
	*ret = d->stats[cpu];
}

void driver_describe(const struct driver *d, struct json_writer *w)
{
	const struct feature_choice *c = driver_object_features(d->object);

	json_begin_object(w);
	json_key(w, "tracepoints");
	json_strz(w, c->typed ? "typed" : "raw");
	json_key(w, "missing");
	json_begin_array(w);
	for (unsigned f = 0; f < FEATURE_N; f++) {
		if (c->why[f])
			json_strz(w, driver_feature_info((enum driver_feature)f)->without);
	}
	for (unsigned m = 0; m < MEMBER_N; m++) {
		if (driver_object_lacks(d->object, (enum driver_member)m))
			json_strz(w, driver_member_info((enum driver_member)m)->without);
	}
	json_end_array(w);
	json_end_object(w);
}

uint16_t driver_cpus(const struct driver *d)
{
	return d->n_cpus;
}
