#include "capture/driver_object.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/debug.h"
#include "base/xalloc.h"
#include "bpf/eyas.skel.h"
#include "capture/encode.h"
#include "capture/privilege.h"

#define USER_INIT_INO 0xeffffffdu /* the kernel's PROC_USER_INIT_INO */

struct driver_object {
	const struct driver_options *opt; /* while loading */
	struct eyas_bpf *skel;
	struct bpf_link *links[FEATURE_N];
	struct feature_choice choice;
	bool lacks[MEMBER_N];
	uint8_t need[FEATURE_N];
	uint16_t n_cpus;
};

/* Names of a feature's program in the object: [0] the only or raw form, [1] the typed one. */
static const char *const programs[FEATURE_N][2] = {
#define FEATURE(name, program, typed, without) { #program, #typed },
#include "capture/driver_feature.def"
#undef FEATURE
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

/* The constants of the programs. */
static void set_constants(struct eyas_bpf *skel, const struct driver_options *opt)
{
	skel->rodata->config = opt->config;
	skel->rodata->config.own_pid = (uint32_t)getpid();
	/* An eighth of the ring: a quarter may still be waiting there for its time (driver.c), and
	 * a burst must have room while the reader wakes up. */
	skel->rodata->config.wakeup_bytes = (uint32_t)(opt->ring_bytes / 8);
	for (uint32_t nr = 0; nr < 2 * EYAS_MAX_NR; nr++) {
		struct eyas_plan *plan = &skel->rodata->plans[nr];

		/* good for calls without an event of their own, too */
		(void)encode_plan(nr, plan);
		plan->recorded = !opt->syscalls || opt->syscalls[nr];
		if (!plan->recorded)
			plan->enter = 0;
		if (plan->enter)
			skel->rodata->enters[nr % EYAS_MAX_NR / 64] |= UINT64_C(1) << nr % 64;
	}
}

static struct bpf_program *program_of(const struct driver_object *o, unsigned f, bool typed)
{
	return bpf_object__find_program_by_name(o->skel->obj, programs[f][typed]);
}

static void select_programs(struct driver_object *o, bool typed, const bool on[FEATURE_N])
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, o->skel->obj)
	{
		bpf_program__set_autoload(p, false);
	}
	for (unsigned f = 0; f < FEATURE_N; f++) {
		p = on[f] ? program_of(o, f, typed) : NULL;
		if (p)
			bpf_program__set_autoload(p, true);
	}
}

static int set_sizes(struct driver_object *o)
{
	int r = bpf_map__set_max_entries(o->skel->maps.scratch, o->n_cpus);

	if (!r)
		r = bpf_map__set_max_entries(o->skel->maps.stats, o->n_cpus);
	if (!r)
		r = bpf_map__set_max_entries(o->skel->maps.rings, o->n_cpus);
	return r;
}

static void unload(struct driver_object *o)
{
	if (o->skel)
		eyas_bpf__destroy(o->skel);
	o->skel = NULL;
}

/* EYAS_BTF: for tests, as if the kernel had these types. */
static const char *types_path(void)
{
	return getenv("EYAS_BTF");
}

/* A feature_load_fn. */
static int load(void *arg, bool typed, const bool on[FEATURE_N])
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = types_path());
	struct driver_object *o = arg;
	int template, r;

	/* EYAS_RAW_TRACEPOINTS: for tests, as if there were no typed ones */
	if (typed && getenv("EYAS_RAW_TRACEPOINTS"))
		return -ENOTSUP;
	unload(o);
	o->skel = eyas_bpf__open_opts(&opts);
	if (!o->skel)
		return -errno;
	select_programs(o, typed, on);
	/* a kernel without control groups has no such maps */
	bpf_map__set_autocreate(o->skel->maps.cgroup, o->opt->config.select & EYAS_SELECT_CGROUP);
	set_constants(o->skel, o->opt);
	template = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "eyas_template", 0, 0,
				  (uint32_t)o->opt->ring_bytes, NULL);
	r = template <0 ? -errno : set_sizes(o);
	if (!r)
		r = bpf_map__set_inner_map_fd(o->skel->maps.rings, template);
	if (!r)
		r = eyas_bpf__load(o->skel);
	if (template >= 0)
		close(template);
	if (r) {
		debug(DEBUG_CAPTURE, 1, "%s tracepoints do not load: %s", typed ? "typed" : "raw",
		      strerror(-r));
		unload(o);
	}
	/* for the search: nothing else would load, either */
	return r && privilege_missing_for_driver() ? -EPERM : r;
}

/* What was asked for and is off. */
static void say_off(const struct driver_object *o, struct diag *diag)
{
	for (unsigned f = 0; f < FEATURE_N; f++) {
		if (o->need[f] != FEATURE_LEFT && !o->choice.on[f])
			diag_add(diag, DIAG_WARNING, "DRIVER",
				 "this kernel refused the driver's program %s (%s): %s",
				 programs[f][o->choice.typed], strerror(-o->choice.why[f]),
				 driver_feature_info((enum driver_feature)f)->without);
	}
	for (unsigned m = 0; m < MEMBER_N; m++) {
		const struct driver_member_info *info = driver_member_info((enum driver_member)m);

		if (o->lacks[m])
			diag_add(diag, DIAG_NOTE, "DRIVER", "this kernel was built without %s: %s",
				 info->config, info->without);
	}
}

static void say_stuck(enum driver_feature f, int r, struct diag *diag)
{
	diag_add(
		diag, DIAG_ERROR, "DRIVER",
		"this kernel refused the driver's program %s (%s), which a recording cannot do without: "
		"%s; EYAS_DEBUG=capture shows why",
		programs[f][0], strerror(-r), driver_feature_info(f)->without);
}

void driver_object_hush(void)
{
	libbpf_set_print(to_debug);
}

static bool in_first_userns(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) < 0 || st.st_ino == USER_INIT_INO;
}

void driver_object_say_why(int r, struct diag *diag)
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
	else if (r == -EMFILE)
		diag_add(diag, DIAG_ERROR, "DRIVER",
			 "the driver needs more open files than this process may have; raise the "
			 "limit (ulimit -n 256)");
	else if (r == -EPERM && !in_first_userns())
		diag_add(diag, DIAG_ERROR, "DRIVER",
			 "the kernel refused the driver: it takes root of the host, not of a user "
			 "namespace (such as a rootless container)");
	else
		diag_add(diag, DIAG_ERROR, "DRIVER",
			 "this kernel refused the driver: %s; EYAS_DEBUG=capture shows why",
			 strerror(-r));
}

int driver_object_load(const struct driver_options *opt, uint16_t n_cpus, struct diag *diag,
		       struct driver_object **ret)
{
	struct driver_object *o = xcalloc(1, sizeof(*o));
	int r;

	o->opt = opt;
	o->n_cpus = n_cpus;
	driver_feature_needs(opt->signals, opt->config.select & EYAS_SELECT_TREE, o->need);
	r = driver_feature_choose(o->need, load, o, &o->choice);
	o->opt = NULL;
	if (r) {
		if (o->choice.stuck < FEATURE_N && r != -EMFILE &&
		    access("/sys/kernel/btf/vmlinux", R_OK) == 0)
			say_stuck(o->choice.stuck, r, diag);
		else
			driver_object_say_why(r, diag);
		driver_object_free(o);
		return r;
	}
	if (!o->choice.typed)
		diag_add(
			diag, DIAG_NOTE, "DRIVER",
			"this kernel has no typed tracepoints for system calls; recording costs a little "
			"more");
	driver_members_find(types_path(), o->lacks);
	say_off(o, diag);
	*ret = o;
	return 0;
}

int driver_object_attach(struct driver_object *o, struct diag *diag)
{
	for (unsigned f = 0; f < FEATURE_N; f++) {
		struct bpf_program *p = program_of(o, f, o->choice.typed);
		int r;

		if (!o->choice.on[f] || !p)
			continue;
		o->links[f] = bpf_program__attach(p);
		if (o->links[f])
			continue;
		r = -errno;
		if (o->need[f] == FEATURE_NEEDED) {
			say_stuck((enum driver_feature)f, r, diag);
			return r;
		}
		o->choice.on[f] = false;
		o->choice.why[f] = r;
		diag_add(diag, DIAG_WARNING, "DRIVER",
			 "this kernel has no place for the driver's program %s (%s): %s",
			 programs[f][o->choice.typed], strerror(-r),
			 driver_feature_info((enum driver_feature)f)->without);
	}
	o->skel->bss->may_wait = o->choice.on[FEATURE_SWITCH];
	return 0;
}

void driver_object_detach(struct driver_object *o)
{
	for (unsigned f = 0; f < FEATURE_N; f++) {
		if (o->links[f])
			(void)bpf_link__destroy(o->links[f]);
		o->links[f] = NULL;
	}
}

void driver_object_free(struct driver_object *o)
{
	if (!o)
		return;
	driver_object_detach(o);
	unload(o);
	free(o);
}

int driver_object_map(const struct driver_object *o, enum driver_map map)
{
	switch (map) {
	case MAP_RINGS:
		return bpf_map__fd(o->skel->maps.rings);
	case MAP_STATS:
		return bpf_map__fd(o->skel->maps.stats);
	case MAP_SELECTED:
		return bpf_map__fd(o->skel->maps.selected);
	case MAP_CGROUP:
		return bpf_map__fd(o->skel->maps.cgroup);
	}
	return -1;
}

bool driver_object_lacks(const struct driver_object *o, enum driver_member m)
{
	return o->lacks[m];
}

const struct feature_choice *driver_object_features(const struct driver_object *o)
{
	return &o->choice;
}
