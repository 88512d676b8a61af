/* Plugins and sources of events: see plugin.h. */
#include "event/plugin.h"

const char *const event_source_names[] = {
	[SOURCE_SYSCALL] = "syscall",
	[SOURCE_K8S_AUDIT] = "k8s_audit",
	[SOURCE_N] = NULL,
};

const char *event_source_name(enum event_source s)
{
	return s < SOURCE_N ? event_source_names[s] : NULL;
}

enum event_source event_source_by_name(struct str name)
{
	for (unsigned s = 0; s < SOURCE_N; s++)
		if (str_eqz(name, event_source_names[s]))
			return (enum event_source)s;
	return SOURCE_OTHER;
}

enum event_source event_source_of(const struct event *ev)
{
	int64_t id;

	if (ev->type != EVT_PLUGINEVENT_E)
		return SOURCE_SYSCALL;
	return event_param_int(ev, 0, &id) && id == PLUGIN_K8SAUDIT ? SOURCE_K8S_AUDIT
								    : SOURCE_OTHER;
}

const char *event_plugin_name(const struct event *ev)
{
	return event_source_of(ev) == SOURCE_K8S_AUDIT ? "k8saudit" : NULL;
}

struct str event_plugin_data(const struct event *ev)
{
	return ev->type == EVT_PLUGINEVENT_E ? event_param_bytes(ev, 1) : STR("");
}
