/*
 * driver_feature: which of the driver's programs a kernel takes.
 *
 * Layer: capture, needs no libbpf. Kernels are built without this or that tracepoint, and
 * their verifiers differ: what a recording can do without is left out and told, and of what it
 * cannot, the one that was refused is named.
 */
#ifndef EYAS_DRIVER_FEATURE_H
#define EYAS_DRIVER_FEATURE_H

#include <stdbool.h>
#include <stdint.h>

enum driver_feature {
#define FEATURE(name, program, typed, without) FEATURE_##name,
#include "capture/driver_feature.def"
#undef FEATURE
	FEATURE_N
};

struct driver_feature_info {
	const char *program;
	const char *without; /* what a recording then lacks: a clause */
};

enum feature_need {
	FEATURE_LEFT = 0, /* nothing asks for it */
	FEATURE_WISHED = 1,
	FEATURE_NEEDED = 2,
};

struct feature_choice {
	bool typed; /* the forms with typed arguments */
	bool on[FEATURE_N];
	int why[FEATURE_N];        /* -errno of what was asked for and is off */
	enum driver_feature stuck; /* when choosing failed: what was refused; FEATURE_N: all */
};

/* A row of driver_feature.def. */
const struct driver_feature_info *driver_feature_info(enum driver_feature f);

/* What this machine's object has and a recording asks for: `tree` when children are followed. */
void driver_feature_needs(bool signals, bool tree, uint8_t ret_need[FEATURE_N]);

/*
 * Finds what loads: everything, if it can be, typed forms before others; else without what is
 * merely wished. load() tries to load a set, unloads what was there before, and returns 0 or
 * -errno. When this returns 0, the chosen set is loaded; else it is -errno, and ret->stuck names
 * what was needed and refused. -EPERM ends the search: it would be the same for all.
 */
typedef int (*feature_load_fn)(void *arg, bool typed, const bool on[FEATURE_N]);
int driver_feature_choose(const uint8_t need[FEATURE_N], feature_load_fn load, void *arg,
			  struct feature_choice *ret);

#endif
