/*
 * container: what a capture says about containers.
 *
 * Layer: state. Ids come from cgroup paths (container_id.c), metadata from
 * container events with JSON. Owned by the state. A container's metadata goes with its removal
 * event; of those that no thread is in, only the latest 1024 are kept.
 */
#ifndef EYAS_CONTAINER_H
#define EYAS_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/ipaddr.h"
#include "base/str.h"
#include "base/vec.h"

struct container_mount {
	struct str source, dest, mode, propagation;
	bool rdwr;
};

struct container_kv {
	struct str key, value;
};

/* Strings are borrowed from the container's own arena; absent ones are empty with p == NULL. */
struct container {
	struct str id; /* as container.id: 12 characters */
	struct str full_id, name, image, image_id, image_repo, image_tag, image_digest;
	struct str type; /* text of container.type */
	struct str ip, cni_json, user;
	struct str pod_sandbox_id, pod_cni_json;
	bool has_metadata; /* a container event described it */
	bool has_flags;    /* privileged, host_* were in the metadata */
	bool privileged, host_pid, host_network, host_ipc, is_pod_sandbox;
	uint64_t created_time; /* s since the epoch, 0 unknown */
	VEC(struct container_mount) mounts;
	VEC(struct container_kv) labels, pod_labels, env;
	uint32_t n_threads;                        /* in it */
	struct arena arena;                        /* of the metadata */
	struct id_table *ids;                      /* its users and groups, or NULL */
	struct ipaddr ip4;                         /* the same as ip; n is 0 when that is none */
	struct container *prev_ip, *next_ip;       /* others with this address */
	struct container *next_hash, *prev, *next; /* the state's */
};

struct state;

/* By short or full id, or NULL. */
struct container *state_container(const struct state *st, struct str id);

#endif
