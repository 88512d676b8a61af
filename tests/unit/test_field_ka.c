/* ka.* and jevt.*: what the fields say of an audit event. A field that is missing is shown as "-".
 */
#include "unit.h"

#include "base/cursor.h"
#include "fields/field.h"

#define BEGIN "{\"auditID\":\"id\",\"kind\":\"Event\",\"verb\":\"create\","

static struct arena arena;
static struct field_env env;
static struct state *st;

/* Asserts the text of a field, with its argument as rules write it, of an audit event in JSON. */
static void has(const char *json, const char *field, const char *expected)
{
	static uint8_t id[4];
	struct param params[2] = { { id, 4 }, { (const uint8_t *)json, (uint32_t)strlen(json) } };
	struct event ev = {
		.ts = 12345, .type = EVT_PLUGINEVENT_E, .params = params, .n_params = 2
	};
	struct str name = str_of(field), arg = STR("");
	ptrdiff_t at = str_chr(name, '[');
	struct strbuf text = STRBUF_INIT;
	struct values vals = { .arena = &arena };
	struct event_ctx ctx;
	struct field_ref ref;
	const char *wrong;

	put_le32(id, PLUGIN_K8SAUDIT);
	ev.tid = EVENT_NO_TID;
	ev.info = event_info(EVT_PLUGINEVENT_E);
	if (at >= 0) {
		arg = str_mem(field + at + 1, strlen(field) - (size_t)at - 2);
		name.n = (size_t)at;
	}
	wrong = field_resolve(name, at >= 0, arg, &arena, &ref);
	if (wrong)
		fail_msg("%s: %s", field, wrong);
	state_begin(st, &ev, &ctx);
	env.ctx = &ctx;
	if (field_extract(&ref, &env, &vals))
		values_text(&ref, &vals, &text);
	else
		strbuf_addc(&text, '-');
	state_end(st, &ctx);
	assert_string_equal(text.s, expected);
	strbuf_release(&text);
	arena_reset(&arena);
}

static void single_values_are_text(void **state)
{
	static const char e[] =
		BEGIN "\"responseStatus\":{\"code\":201},\"user\":{\"username\":\"a\\\"b\"},"
		      "\"annotations\":{\"authorization.k8s.io/decision\":\"allow\","
		      "\"cluster_name\":\"c\"},\"requestObject\":{\"data\":{ \"k\": \"v w\" }}}";

	(void)state;
	has(e, "ka.verb", "create");
	has(e, "ka.response.code", "201");
	has(e, "ka.user.name", "a\"b");
	has(e, "ka.auth.decision", "allow");
	has(e, "ka.cluster.name", "c");
	has(e, "ka.req.configmap.obj", "{\"k\":\"v w\"}");
	has(e, "ka.auth.reason", "-");
	has(e, "ka.user.groups", "-");
	has(e, "evt.source", "k8s_audit");
	has(e, "evt.pluginname", "k8saudit");
	has(e, "evt.type", "pluginevent");
	has(e, "proc.name", "-");
	has(e, "container.id", "-");
}

static void other_json_has_no_ka_fields(void **state)
{
	(void)state;
	has("{\"verb\":\"get\"}", "ka.verb", "-");
	has("{\"verb\":\"get\"}", "jevt.value[/verb]", "get");
	has("not json", "ka.verb", "-");
	has("{\"auditID\":\"x\",\"verb\":\"get\"", "ka.verb", "-");
	has("[]", "jevt.value[/verb]", "-");
}

static void lists_have_all_elements(void **state)
{
	static const char e[] =
		BEGIN "\"user\":{\"groups\":[\"a\",\"b\"]},\"sourceIPs\":[\"1\",\"2\"],"
		      "\"requestObject\":{\"rules\":[{\"verbs\":[\"get\",\"list\"]},"
		      "{\"resources\":[\"pods\"]},{\"verbs\":[\"*\"]}],"
		      "\"spec\":{\"ports\":[{\"port\":1},{\"port\":2}]}}}";

	(void)state;
	has(e, "ka.user.groups", "(a,b)");
	has(e, "ka.sourceips", "(1,2)");
	has(e, "ka.sourceips[1]", "(2)");
	has(e, "ka.sourceips[2]", "-");
	has(e, "ka.req.role.rules.verbs", "(get,list,*)");
	has(e, "ka.req.role.rules.verbs[0]", "(get,list)");
	has(e, "ka.req.role.rules.verbs[1]", "-");
	has(e, "ka.req.role.rules",
	    "({\"verbs\":[\"get\",\"list\"]},{\"resources\":[\"pods\"]},"
	    "{\"verbs\":[\"*\"]})");
	has(e, "ka.req.service.ports", "({\"port\":1},{\"port\":2})");
	has(e, "ka.req.service.ports[1]", "({\"port\":2})");
}

static void an_empty_list_is_no_value(void **state)
{
	(void)state;
	has(BEGIN "\"user\":{\"groups\":[]}}", "ka.user.groups", "-");
	has(BEGIN "\"user\":{\"groups\":\"x\"}}", "ka.user.groups", "-");
}

#define POD(spec) \
	BEGIN "\"objectRef\":{\"resource\":\"pods\"},\"requestObject\":{\"spec\":{" spec "}}}"

static void containers_of_each_kind_are_apart(void **state)
{
	static const char e[] =
		POD("\"containers\":[{\"name\":\"a\",\"image\":\"r.io/a:1\","
		    "\"securityContext\":{\"privileged\":false}},"
		    "{\"name\":\"b\",\"image\":\"b@sha256:0\"}],"
		    "\"initContainers\":[{\"image\":\"i\",\"securityContext\":"
		    "{\"privileged\":true,\"capabilities\":{\"add\":[\"X\",\"Y\"]}}}]");

	(void)state;
	has(e, "ka.req.pod.containers.name", "(a,b)");
	has(e, "ka.req.pod.containers.image", "(r.io/a:1,b@sha256:0)");
	has(e, "ka.req.pod.containers.image.repository", "(r.io/a,b)");
	has(e, "ka.req.pod.containers.image[1]", "(b@sha256:0)");
	has(e, "ka.req.container.image.repository", "r.io/a");
	has(e, "ka.req.pod.containers.privileged", "(false)");
	has(e, "ka.req.container.privileged", "false");
	has(e, "ka.req.pod.initContainers.privileged", "(true)");
	has(e, "ka.req.pod.initContainers.add_capabilities", "(X,Y)");
	has(e, "ka.req.pod.ephemeralContainers.image", "-");
}

static void images_are_known_of_all_or_of_none(void **state)
{
	static const char e[] = POD("\"containers\":[{\"image\":\"a\"},{\"name\":\"b\"}]");

	(void)state;
	has(e, "ka.req.pod.containers.image", "-");
	has(e, "ka.req.pod.containers.image[0]", "(a)");
	has(e, "ka.req.pod.containers.image[1]", "-");
	has(e, "ka.req.container.image", "a");
}

static void ids_fall_back_to_the_pod_and_to_root(void **state)
{
	(void)state;
	has(POD("\"containers\":[{\"securityContext\":{\"runAsUser\":5}},{}]"),
	    "ka.req.pod.containers.eff_run_as_user", "(5,0)");
	has(POD("\"securityContext\":{\"runAsUser\":7},"
		"\"containers\":[{\"securityContext\":{\"runAsUser\":5}},{}]"),
	    "ka.req.pod.containers.eff_run_as_user", "(5,7)");
	has(POD("\"securityContext\":{\"runAsUser\":7},\"containers\":[{},{}]"),
	    "ka.req.pod.containers.run_as_user", "-");
	has(POD("\"hostPID\":true"), "ka.req.pod.containers.eff_run_as_group", "-");
}

static void ports_are_those_of_the_host(void **state)
{
	static const char e[] =
		POD("\"containers\":[{\"ports\":[{\"containerPort\":80,\"hostPort\":8080},"
		    "{\"containerPort\":81}]},{},{\"ports\":[{\"hostPort\":9}]}]");

	(void)state;
	has(e, "ka.req.pod.containers.host_port", "(8080,81,9)");
	has(e, "ka.req.pod.containers.host_port[2]", "(9)");
}

static void volumes_are_told_by_path_and_type(void **state)
{
	static const char e[] =
		POD("\"volumes\":[{\"name\":\"v\",\"hostPath\":{\"path\":\"/var/run\"}},"
		    "{\"name\":\"s\",\"secret\":{}}]");

	(void)state;
	has(e, "ka.req.pod.volumes.hostpath", "(/var/run)");
	has(e, "ka.req.pod.volumes.volume_type", "(hostPath,secret)");
	has(e, "ka.req.pod.volumes.volume_type[1]", "(secret)");
	has(e, "ka.req.volume.hostpath[/var*]", "true");
	has(e, "ka.req.volume.hostpath[/var]", "false");
	has(e, "ka.req.volume.hostpath[/var/run]", "true");
	has(POD("\"hostPID\":true"), "ka.req.volume.hostpath[/var*]", "-");
}

static void subjects_are_told_by_kind(void **state)
{
	static const char e[] =
		BEGIN "\"requestObject\":{\"subjects\":[{\"kind\":\"User\",\"name\":\"u\"},"
		      "{\"kind\":\"ServiceAccount\",\"name\":\"s\",\"namespace\":\"n\"},"
		      "{\"kind\":\"Group\",\"name\":\"g\"}],\"roleRef\":{\"name\":\"r\"}}}";

	(void)state;
	has(e, "ka.req.binding.subjects.user_names", "(u)");
	has(e, "ka.req.binding.subjects.serviceaccount_names", "(s)");
	has(e, "ka.req.binding.subjects.serviceaccount_ns_names", "(n:s)");
	has(e, "ka.req.binding.subjects.group_names", "(g)");
	has(e, "ka.req.binding.role", "r");
}

static void query_parameters_are_decoded(void **state)
{
	static const char e[] =
		BEGIN "\"requestURI\":\"/p/exec?command=sh&command=-c&a=b%20c+d&e&f=%2\"}";

	(void)state;
	has(e, "ka.uri.param[command]", "sh");
	has(e, "ka.uri.param[a]", "b c d");
	has(e, "ka.uri.param[e]", "");
	has(e, "ka.uri.param[f]", "-");
	has(e, "ka.uri.param[x]", "-");
	has(BEGIN "\"requestURI\":\"/p\"}", "ka.uri.param[a]", "-");
}

static void a_new_pod_has_its_name_from_the_response(void **state)
{
	(void)state;
	has(BEGIN
	    "\"objectRef\":{\"resource\":\"pods\"},\"responseObject\":{\"metadata\":{\"name\":\"p\"}}}",
	    "ka.target.pod.name", "p");
	has(BEGIN "\"objectRef\":{\"resource\":\"pods\",\"subresource\":\"exec\",\"name\":\"q\"},"
		  "\"responseObject\":{\"metadata\":{\"name\":\"p\"}}}",
	    "ka.target.pod.name", "q");
	has(BEGIN "\"objectRef\":{\"resource\":\"configmaps\",\"name\":\"m\"}}",
	    "ka.req.configmap.name", "m");
	has(BEGIN "\"objectRef\":{\"resource\":\"secrets\",\"name\":\"m\"}}",
	    "ka.req.configmap.name", "-");
}

static void pointers_lead_to_values(void **state)
{
	static const char e[] = "{\"a\":{\"b/c\":[1,{\"~\":\"t\"}]},\"\":null}";

	(void)state;
	has(e, "jevt.value[/a/b~1c/0]", "1");
	has(e, "json.value[/a/b~1c/1/~0]", "t");
	has(e, "jevt.value[a/b~1c]", "[1,{\"~\":\"t\"}]");
	has(e, "jevt.value[/]", "null");
	has(e, "jevt.value[/a/x]", "-");
	has(e, "jevt.value[/a/b~1c/2]", "-");
	has(e, "jevt.rawtime", "12345");
	has("{\"a\":[]}", "jevt.obj", "{\n  \"a\": []\n}");
}

static void fields_belong_to_sources(void **state)
{
	const struct field_def *ka = field_find(STR("ka.verb"));
	const struct field_def *proc = field_find(STR("proc.name"));
	const struct field_def *json = field_find(STR("jevt.value"));
	const struct field_def *num = field_find(STR("evt.num"));

	(void)state;
	assert_true(field_of_source(ka, SOURCE_K8S_AUDIT) && !field_of_source(ka, SOURCE_SYSCALL));
	assert_true(!field_of_source(proc, SOURCE_K8S_AUDIT) &&
		    field_of_source(proc, SOURCE_SYSCALL));
	assert_true(field_of_source(json, SOURCE_OTHER) && !field_of_source(json, SOURCE_SYSCALL));
	assert_true(field_of_source(num, SOURCE_K8S_AUDIT) && field_of_source(num, SOURCE_SYSCALL));
}

static int setup(void **state)
{
	(void)state;
	st = state_new(NULL);
	env = (struct field_env){ .arena = &arena, .memory = field_state_new() };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	field_state_free(env.memory);
	state_free(st);
	arena_destroy(&arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_values_are_text),
		cmocka_unit_test(other_json_has_no_ka_fields),
		cmocka_unit_test(lists_have_all_elements),
		cmocka_unit_test(an_empty_list_is_no_value),
		cmocka_unit_test(containers_of_each_kind_are_apart),
		cmocka_unit_test(images_are_known_of_all_or_of_none),
		cmocka_unit_test(ids_fall_back_to_the_pod_and_to_root),
		cmocka_unit_test(ports_are_those_of_the_host),
		cmocka_unit_test(volumes_are_told_by_path_and_type),
		cmocka_unit_test(subjects_are_told_by_kind),
		cmocka_unit_test(query_parameters_are_decoded),
		cmocka_unit_test(a_new_pod_has_its_name_from_the_response),
		cmocka_unit_test(pointers_lead_to_values),
		cmocka_unit_test(fields_belong_to_sources),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
