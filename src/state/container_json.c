#include <jansson.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "state/state_impl.h"

/* Text of container.type by number. */
static const char *type_text(json_int_t n)
{
	static const char *const names[] = {
		"docker", "lxc",        "libvirt-lxc", "mesos", "rkt",    "custom",
		"cri",    "containerd", "cri-o",       "bpm",   "static", "podman",
	};

	if (n >= 0 && (size_t)n < sizeof(names) / sizeof(*names))
		return names[n];
	return n == 0xfffe ? "host" : "unknown";
}

static struct str copy_text(struct container *c, const json_t *v)
{
	const char *s = json_string_value(v);

	return s ? arena_str(&c->arena, (struct str){ s, json_string_length(v) })
		 : (struct str){ NULL, 0 };
}

static struct str get_text(struct container *c, const json_t *o, const char *key)
{
	return copy_text(c, json_object_get(o, key));
}

static void get_mounts(struct container *c, const json_t *list)
{
	size_t i;
	json_t *m;

	json_array_foreach(list, i, m)
	{
		struct container_mount v = {
			.source = get_text(c, m, "Source"),
			.dest = get_text(c, m, "Destination"),
			.mode = get_text(c, m, "Mode"),
			.propagation = get_text(c, m, "Propagation"),
			.rdwr = json_is_true(json_object_get(m, "RW")),
		};

		vec_push(&c->mounts, v);
	}
}

static int by_key(const void *a, const void *b)
{
	return str_cmp(((const struct container_kv *)a)->key,
		       ((const struct container_kv *)b)->key);
}

/* Labels, in order of their keys. Returns a malloc'ed array. */
static struct container_kv *get_pairs(struct container *c, json_t *object, size_t *ret_n)
{
	struct container_kv *v = NULL;
	const char *key;
	json_t *value;
	size_t n = 0;

	*ret_n = 0;
	if (!json_object_size(object))
		return NULL;
	v = xcalloc(json_object_size(object), sizeof(*v));
	json_object_foreach(object, key, value)
	{
		v[n].key = arena_str(&c->arena, str_of(key));
		v[n++].value = copy_text(c, value);
	}
	qsort(v, n, sizeof(*v), by_key);
	*ret_n = n;
	return v;
}

static void get_env(struct container *c, const json_t *list)
{
	size_t i;
	json_t *e;

	json_array_foreach(list, i, e)
	{
		struct str s = copy_text(c, e);
		ptrdiff_t eq = str_chr(s, '=');
		struct container_kv kv = { s, STR("") };

		if (!s.p)
			continue;
		if (eq >= 0) {
			kv.key.n = (size_t)eq;
			kv.value = str_from(s, (size_t)eq + 1);
		}
		vec_push(&c->env, kv);
	}
}

static void fill(struct state *st, struct container *c, const json_t *o)
{
	const json_t *type = json_object_get(o, "type"), *v;

	container_drop_ip(st, c);
	vec_free(&c->mounts);
	vec_free(&c->labels);
	vec_free(&c->pod_labels);
	vec_free(&c->env);
	arena_reset(&c->arena);
	c->has_metadata = true;
	c->full_id = get_text(c, o, "full_id");
	c->name = get_text(c, o, "name");
	c->image = get_text(c, o, "image");
	c->image_id = get_text(c, o, "imageid");
	c->image_repo = get_text(c, o, "imagerepo");
	c->image_tag = get_text(c, o, "imagetag");
	c->image_digest = get_text(c, o, "imagedigest");
	c->type = json_is_integer(type) ? str_of(type_text(json_integer_value(type)))
					: copy_text(c, type);
	c->ip = get_text(c, o, "ip");
	container_add_ip(st, c);
	c->cni_json = get_text(c, o, "cni_json");
	c->user = get_text(c, o, "User");
	c->pod_sandbox_id = get_text(c, o, "pod_sandbox_id");
	c->pod_cni_json = get_text(c, o, "pod_cni_json");
	v = json_object_get(o, "privileged");
	c->has_flags = v || json_object_get(o, "host_pid");
	c->privileged = json_is_true(v);
	c->host_pid = json_is_true(json_object_get(o, "host_pid"));
	c->host_network = json_is_true(json_object_get(o, "host_network"));
	c->host_ipc = json_is_true(json_object_get(o, "host_ipc"));
	c->is_pod_sandbox = json_is_true(json_object_get(o, "is_pod_sandbox"));
	c->created_time = (uint64_t)json_integer_value(json_object_get(o, "created_time"));
	get_mounts(c, json_object_get(o, "Mounts"));
	c->labels.v = get_pairs(c, json_object_get(o, "labels"), &c->labels.n);
	c->labels.cap = c->labels.n;
	c->pod_labels.v = get_pairs(c, json_object_get(o, "pod_sandbox_labels"), &c->pod_labels.n);
	c->pod_labels.cap = c->pod_labels.n;
	get_env(c, json_object_get(o, "env"));
}

struct container *container_from_json(struct state *st, struct str json)
{
	struct container *c;
	json_t *root, *o, *id;
	struct str key;

	root = json.n && json.n <= JSON_BYTES_MAX ? json_loadb(json.p, json.n, 0, NULL) : NULL;
	o = json_object_get(root, "container");
	if (!json_is_object(o))
		o = root;
	id = json_object_get(o, "id");
	key = (struct str){ json_string_value(id), json_string_length(id) };
	if (!key.n) {
		st->stats.json_errors++;
		json_decref(root);
		return NULL;
	}
	c = container_get(st, key);
	if (c) {
		fill(st, c, o);
		state_touch(st);
	}
	json_decref(root);
	return c;
}
