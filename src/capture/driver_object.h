/*
 * driver_object: the BPF object: its constants, what of it this kernel takes, loading, attaching.
 *
 * Layer: capture. Holds the embedded object; the rest of the driver knows only the descriptors of
 * its maps.
 */
#ifndef EYAS_DRIVER_OBJECT_H
#define EYAS_DRIVER_OBJECT_H

#include "capture/driver.h"
#include "capture/driver_feature.h"
#include "capture/driver_member.h"

struct driver_object;

enum driver_map { MAP_RINGS, MAP_STATS, MAP_SELECTED, MAP_CGROUP };

/*
 * Loads for n_cpus CPUs whatever of it this kernel takes, and notes in `diag` what it does not. 0
 * or -errno, with an error in `diag` that names the missing right or what was refused.
 */
int driver_object_load(const struct driver_options *opt, uint16_t n_cpus, struct diag *diag,
		       struct driver_object **ret);
/* Begins tracing. As driver_object_load(). */
int driver_object_attach(struct driver_object *o, struct diag *diag);
/* Ends it. */
void driver_object_detach(struct driver_object *o);
void driver_object_free(struct driver_object *o);
/* Descriptor of a map; the object's own. */
int driver_object_map(const struct driver_object *o, enum driver_map map);
/* What is in force; borrowed. */
const struct feature_choice *driver_object_features(const struct driver_object *o);
/* The kernel was built without this. */
bool driver_object_lacks(const struct driver_object *o, enum driver_member m);
/* What libbpf says goes to EYAS_DEBUG=capture: to be called before anything of libbpf. */
void driver_object_hush(void);
/* Says in `diag` why the driver does not work, when it is not known better. */
void driver_object_say_why(int r, struct diag *diag);

#endif
