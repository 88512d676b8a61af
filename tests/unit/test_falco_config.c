/* A Falco configuration, as text of settings: what it comes to, what is wrong with it. */
#include "unit.h"

#include <errno.h>

#include "cli/falco_config.h"

struct loaded {
	struct falco_config c;
	struct diag diag;
	int e;
};

static void load(struct loaded *l, const char *const *sets, size_t n)
{
	falco_config_init(&l->c);
	diag_init(&l->diag);
	l->e = falco_config_load(&l->c, NULL, sets, n, &l->diag);
}

static void done(struct loaded *l)
{
	falco_config_free(&l->c);
	diag_free(&l->diag);
}

#define LOAD(l, ...)                                              \
	do {                                                      \
		const char *const sets_[] = { __VA_ARGS__ };      \
		load(l, sets_, sizeof(sets_) / sizeof(sets_[0])); \
	} while (0)

static void nothing_said_means_falcos_defaults(void **state)
{
	struct loaded l;

	(void)state;
	load(&l, NULL, 0);
	assert_int_equal(l.e, 0);
	assert_false(l.c.json || l.c.message || l.c.no_output || l.c.no_fields || l.c.no_tags);
	assert_true(l.c.to_stdout);
	assert_false(l.c.has_priority || l.c.has_rule_matching || l.c.has_loss || l.c.match_all);
	done(&l);
}

static void a_later_setting_wins(void **state)
{
	struct loaded l;

	(void)state;
	LOAD(&l, "priority=error", "json_output=true", "priority=Info",
	     "json_include_tags_property=off");
	assert_int_equal(l.e, 0);
	assert_true(l.c.json && l.c.no_tags && l.c.has_priority);
	assert_int_equal(l.c.priority, PRIORITY_INFORMATIONAL);
	done(&l);
}

static void brackets_reach_into_sequences(void **state)
{
	struct loaded l;

	(void)state;
	LOAD(&l, "rules[].disable.rule=*", "rules[].enable.tag=a", "rules[1].enable.tag=b");
	assert_int_equal(l.e, 0);
	assert_int_equal(l.c.selection.n, 2);
	assert_false(l.c.selection.v[0].enable);
	assert_int_equal(l.c.selection.v[0].match, RULE_MATCH_WILDCARD);
	assert_true(str_eqz(l.c.selection.v[1].pattern, "b"));
	assert_int_equal(l.c.selection.v[1].match, RULE_MATCH_TAG);
	done(&l);
}

static void appended_fields_are_raw_or_formats(void **state)
{
	struct loaded l;

	(void)state;
	LOAD(&l,
	     "append_output=[{extra_fields: [proc.pid, {x: 'a %proc.name'}], suggested_output: yes}]");
	assert_int_equal(l.e, 0);
	assert_int_equal(l.c.appends.n, 1);
	assert_true(l.c.appends.v[0].suggested);
	assert_true(str_eqz(l.c.appends.v[0].extra_fields.v[0], "proc.pid"));
	assert_true(str_eqz(l.c.appends.v[0].extra_fields.v[1], "x=a %proc.name"));
	done(&l);
}

static void a_policy_that_cannot_be_is_an_error(void **state)
{
	struct loaded l;

	(void)state;
	LOAD(&l, "syscall_event_drops={actions: [ignore, log]}");
	assert_int_equal(l.e, -EINVAL);
	done(&l);
	LOAD(&l, "syscall_event_drops.threshold=2");
	assert_int_equal(l.e, -EINVAL);
	assert_true(l.diag.items.v[0].has_pos);
	done(&l);
}

static void keys_of_a_running_falco_are_told_once(void **state)
{
	struct loaded l;

	(void)state;
	LOAD(&l, "grpc.enabled=true", "webserver.enabled=true", "buffered_outputs=true");
	assert_int_equal(l.e, 0);
	assert_int_equal(l.diag.items.n, 1);
	assert_int_equal(l.diag.items.v[0].level, DIAG_NOTE);
	assert_non_null(strstr(l.diag.items.v[0].message, "grpc, webserver"));
	done(&l);
}

static void only_keys_of_falco_are_settings(void **state)
{
	(void)state;
	assert_true(falco_config_is_setting("engine.kind=replay"));
	assert_true(falco_config_is_setting("rules[].disable.rule=*"));
	assert_true(falco_config_is_setting("json_output=true"));
	assert_false(falco_config_is_setting("alerts=1.txt"));
	assert_false(falco_config_is_setting("./json_output=true"));
	assert_false(falco_config_is_setting("json_output"));
	assert_false(falco_config_is_setting("engine/x=y"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said_means_falcos_defaults),
		cmocka_unit_test(a_later_setting_wins),
		cmocka_unit_test(brackets_reach_into_sequences),
		cmocka_unit_test(appended_fields_are_raw_or_formats),
		cmocka_unit_test(a_policy_that_cannot_be_is_an_error),
		cmocka_unit_test(keys_of_a_running_falco_are_told_once),
		cmocka_unit_test(only_keys_of_falco_are_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
