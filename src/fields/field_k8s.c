/* k8s.pod.* and k8s.ns.*: the pod of the container, from the labels of the container and its
 * sandbox. */
#include "fields/field_extract.h"

#define SHORT_ID 12

bool field_x_k8s_label(const struct field_ref *ref, const struct field_env *env, struct values *out)
{
	static const char *const keys[] = {
		[K8S_POD_NAME] = "io.kubernetes.pod.name",
		[K8S_NS_NAME] = "io.kubernetes.pod.namespace",
		[K8S_POD_UID] = "io.kubernetes.pod.uid",
	};
	const struct container *c = env->ctx->container;

	for (size_t i = 0; c && i < c->labels.n; i++)
		if (str_eqz(c->labels.v[i].key, keys[ref->aux]))
			return values_add_str(out, ref, c->labels.v[i].value);
	return false;
}

/* aux: the whole id. */
bool field_x_k8s_sandbox(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	const struct container *c = env->ctx->container;

	if (!c || c->pod_sandbox_id.n == 0)
		return false;
	struct str id = c->pod_sandbox_id;
	if (!ref->aux && id.n > SHORT_ID)
		id.n = SHORT_ID;
	return values_add_str(out, ref, id);
}

bool field_x_k8s_pod_label(const struct field_ref *ref, const struct field_env *env,
			   struct values *out)
{
	const struct container *c = env->ctx->container;

	for (size_t i = 0; c && i < c->pod_labels.n; i++)
		if (str_eq(c->pod_labels.v[i].key, ref->arg))
			return values_add_str(out, ref, c->pod_labels.v[i].value);
	return false;
}

bool field_x_k8s_pod_labels(const struct field_ref *ref, const struct field_env *env,
			    struct values *out)
{
	const struct container *c = env->ctx->container;

	if (!c || c->pod_labels.n == 0)
		return false;
	struct strbuf *sb = field_scratch(env);
	for (size_t i = 0; i < c->pod_labels.n; i++) {
		if (i)
			strbuf_adds(sb, ", ");
		strbuf_addstr(sb, c->pod_labels.v[i].key);
		strbuf_addc(sb, ':');
		strbuf_addstr(sb, c->pod_labels.v[i].value);
	}
	return values_add_scratch(out, ref, sb);
}

/* The sandbox container has the pod's address. */
static const struct container *sandbox(const struct field_env *env)
{
	const struct container *c = env->ctx->container;

	if (!c || c->is_pod_sandbox || c->pod_sandbox_id.n == 0)
		return c && c->is_pod_sandbox ? c : NULL;
	return state_container(env->ctx->st, c->pod_sandbox_id);
}

bool field_x_k8s_pod_ip(const struct field_ref *ref, const struct field_env *env,
			struct values *out)
{
	const struct container *c = sandbox(env);

	return c && c->ip.n && values_add_str(out, ref, c->ip);
}

bool field_x_k8s_pod_cni(const struct field_ref *ref, const struct field_env *env,
			 struct values *out)
{
	const struct container *c = env->ctx->container;

	return c && c->pod_cni_json.n && values_add_str(out, ref, c->pod_cni_json);
}
