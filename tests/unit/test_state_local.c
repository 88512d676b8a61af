/* Which addresses are this host's, or a container's. */
#include "state_world.h"

#define CGROUP(c) "cpu=/docker/" c "0123456789abcdef0123456789abcdef0123456789abcdef0123"

static struct ipaddr ip(const char *text)
{
	struct ipaddr a;

	assert_true(ipaddr_parse(str_of(text), &a));
	return a;
}

static bool local(struct world *w, int64_t tid, const char *text)
{
	struct ipaddr a = ip(text);

	return state_is_local(w->st, world_thread(w, tid), &a);
}

static void container(struct world *w, const char *id, const char *address)
{
	struct made_event *m = world_event(w, EVT_CONTAINER_JSON_2_E, -1);
	char json[200];

	snprintf(json, sizeof(json), "{\"container\":{\"id\":\"%s\",\"ip\":\"%s\"}}", id, address);
	arg_text(m, json);
	world_run(w);
	assert_non_null(w->ctx.container);
}

static void removed(struct world *w, const char *id)
{
	struct made_event *m = world_event(w, EVT_ASYNCEVENT_E, -1);
	char json[200];

	snprintf(json, sizeof(json), "{\"container\":{\"id\":\"%s\"}}", id);
	arg_int(m, 1);
	arg_text(m, "container_removed");
	arg_text(m, json);
	world_run(w);
	INTS(w, EVT_SYSCALL_GETUID_X, 10, 0);
}

static void on_the_host_the_interfaces_count(void **state)
{
	struct world *w = *state;

	assert_true(local(w, 10, "127.0.0.1"));
	assert_true(local(w, 10, "10.0.0.2"));
	assert_false(local(w, 10, "10.0.0.3"));
}

static void ipv6_addresses_count_by_their_subnet(void **state)
{
	struct world *w = *state;
	struct snapshot s;

	snapshot_init(&s);
	world_snap(&s, 10, 10, 0);
	vec_push(&s.ifaces, ((struct snap_iface){ .type = 2, .addr = ip("2001:db8:0:7::1") }));
	state_load(w->st, &s);
	snapshot_free(&s);
	assert_true(local(w, 10, "2001:db8:0:7::99"));
	assert_false(local(w, 10, "2001:db8:0:8::1"));
	assert_false(local(w, 10, "127.0.0.1"));
}

static void in_a_container_its_address_counts(void **state)
{
	struct world *w = *state;

	world_clone(
		w, (struct made_clone){ .tid = 20, .ptid = 10, .cgroups = CGROUP("aaaaaaaaaaaa") });
	world_clone(
		w, (struct made_clone){ .tid = 21, .ptid = 10, .cgroups = CGROUP("bbbbbbbbbbbb") });
	assert_false(local(w, 20, "10.0.0.2"));
	container(w, "aaaaaaaaaaaa", "172.17.0.2");
	assert_true(local(w, 20, "172.17.0.2"));
	assert_false(local(w, 20, "10.0.0.2"));
	assert_false(local(w, 20, "::1"));
	/* Of the other one the address is not known: any container's will do. */
	assert_true(local(w, 21, "172.17.0.2"));
	container(w, "aaaaaaaaaaaa", "172.17.0.3");
	assert_false(local(w, 21, "172.17.0.2"));
	container(w, "cccccccccccc", "172.17.0.3");
	removed(w, "aaaaaaaaaaaa");
	assert_true(local(w, 21, "172.17.0.3"));
	removed(w, "cccccccccccc");
	assert_false(local(w, 21, "172.17.0.3"));
	assert_null(state_container(w->st, STR("cccccccccccc")));
	assert_non_null(state_container(w->st, STR("aaaaaaaaaaaa")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(on_the_host_the_interfaces_count),
		WORLD_TEST(ipv6_addresses_count_by_their_subnet),
		WORLD_TEST(in_a_container_its_address_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
