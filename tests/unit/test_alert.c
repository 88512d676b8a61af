#include "unit.h"

#include <unistd.h>

#include "output/alert.h"
#include "replay/replay.h"
#include "trace/trace.h"

/* A program with an escape sequence, a line end and a broken byte in its arguments. */
static const char script[] =
	"eyas-script 1\n"
	"thread tid=7 comm=bash exe=bash\n"
	"2026-11-20T09:14:00.5Z tid=7 execve res=0 exe=cat args=[\"a\\x1b[2J\\nb\",\"\\xff\"] tid=7 pid=7 "
	"ptid=1 comm=cat flags=0 uid=0 filename=/bin/cat trusted_exepath=/bin/cat\n";

static const char rules[] = "- rule: a \"rule\"\n"
			    "  desc: d\n"
			    "  condition: evt.type = execve\n"
			    "  output: ran (command=%proc.cmdline dir=%fd.name)\n"
			    "  priority: WARNING\n"
			    "  tags: [b, a]\n";

struct world {
	struct alert_options opt;
	struct output_append append;
	struct strbuf text, json;
	struct ruleset *rs;
	struct program_run *run;
	struct field_env env;
	struct arena arena;
	int ids[8];
};

static int take(void *arg, struct event_ctx *ctx)
{
	struct world *w = arg;
	struct alert a = { NULL, &w->env, "t.eyt" };

	w->env.ctx = ctx;
	assert_int_equal(program_match(w->run, &w->env, false, w->ids), 1);
	a.rule = ruleset_rule_by_id(w->rs, w->ids[0]);
	alert_text(&a, &w->opt, &w->text);
	alert_json(&a, &w->opt, &w->json);
	return 0;
}

/* The one alert of the script, as text and as JSON. */
static void raise_alert(struct world *w)
{
	struct ruleset_options ro = { .appends = &w->append,
				      .n_appends = w->append.extra_fields.n ? 1 : 0 };
	struct replay_visitor v = { .arg = w, .event = take };
	struct replay_stats stats = { 0 };
	struct replay_select sel = { 0 };
	char path[] = "/tmp/eyas-alert.XXXXXX";
	struct state_options so;
	struct state *st;
	struct source *src;
	struct diag d;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, script, sizeof(script) - 1), sizeof(script) - 1);
	close(fd);
	diag_init(&d);
	arena_init(&w->arena);
	w->rs = ruleset_new(&ro);
	assert_int_equal(ruleset_add_text(w->rs, "r.yaml", str_of(rules), &d), 0);
	assert_int_equal(ruleset_compile(w->rs, &d), 0);
	ruleset_build(w->rs, "syscall");
	w->run = program_run_new(ruleset_program(w->rs));
	w->env = (struct field_env){ .arena = &w->arena, .memory = field_state_new() };
	state_options_default(&so);
	st = state_new(&so);
	assert_int_equal(trace_open(path, &d, &src), 0);
	assert_int_equal(replay_run(src, st, &sel, &v, &stats), 0);
	assert_int_equal(stats.visited, 1);
	source_close(src);
	unlink(path);
	program_run_free(w->run);
	field_state_free(w->env.memory);
	state_free(st);
	ruleset_free(w->rs);
	arena_destroy(&w->arena);
	diag_free(&d);
	vec_free(&w->append.extra_fields);
}

static void release(struct world *w)
{
	strbuf_release(&w->text);
	strbuf_release(&w->json);
}

#define WORLD                                            \
	{                                                \
		.text = STRBUF_INIT, .json = STRBUF_INIT \
	}

static void text_is_one_line_without_control_characters(void **state)
{
	struct world w = WORLD;

	(void)state;
	raise_alert(&w);
	assert_string_equal(
		w.text.s,
		"09:14:00.500000000: Warning ran (command=cat a\\x1b[2J\\nb \\xff dir=<NA>)");
	release(&w);
}

static void iso_time_and_trace_stand_in_front(void **state)
{
	struct world w = WORLD;

	(void)state;
	w.opt.iso_time = w.opt.with_trace = true;
	raise_alert(&w);
	assert_non_null(strstr(w.text.s, "t.eyt: 2026-11-20T09:14:00.500000000+0000: Warning ran"));
	assert_non_null(strstr(w.json.s, "\"trace\": \"t.eyt\""));
	assert_non_null(strstr(w.json.s, "\"evt.time.iso8601\": 1795166040500000000"));
	release(&w);
}

static void json_has_the_members_of_falco_in_order(void **state)
{
	struct world w = WORLD;

	(void)state;
	raise_alert(&w);
	assert_string_equal(
		w.json.s,
		"{\"output\": \"09:14:00.500000000: Warning ran (command=cat a\xef\xbf\xbd[2J\xef\xbf\xbd"
		"b \xef\xbf\xbd dir=<NA>)\", \"output_fields\": {\"evt.time\": 1795166040500000000, "
		"\"fd.name\": null, \"proc.cmdline\": \"cat a\xef\xbf\xbd[2J\xef\xbf\xbd"
		"b \xef\xbf\xbd\"}, \"priority\": \"Warning\", \"rule\": \"a \\\"rule\\\"\", "
		"\"source\": \"syscall\", \"tags\": [\"a\", \"b\"], "
		"\"time\": \"2026-11-20T09:14:00.500000000Z\"}");
	release(&w);
}

static void members_can_be_left_out_and_added(void **state)
{
	struct world w = WORLD;

	(void)state;
	w.opt.no_output = w.opt.no_fields = w.opt.no_tags = w.opt.message = true;
	w.opt.hostname = STR("web-1");
	raise_alert(&w);
	assert_string_equal(
		w.json.s,
		"{\"hostname\": \"web-1\", \"message\": \"ran (command=cat a\xef\xbf\xbd[2J\xef"
		"\xbf\xbd"
		"b \xef\xbf\xbd dir=<NA>)\", \"priority\": \"Warning\", "
		"\"rule\": \"a \\\"rule\\\"\", \"source\": \"syscall\", "
		"\"time\": \"2026-11-20T09:14:00.500000000Z\"}");
	release(&w);
}

static void an_added_field_keeps_its_type_and_comes_once(void **state)
{
	struct world w = WORLD;

	(void)state;
	vec_push(&w.append.extra_fields, STR("proc.pid"));
	vec_push(&w.append.extra_fields, STR("proc.cmdline"));
	vec_push(&w.append.extra_fields, STR("who=pid %proc.pid"));
	raise_alert(&w);
	assert_non_null(strstr(w.json.s, "\"proc.pid\": 7"));
	assert_non_null(strstr(w.json.s, "\"who\": \"pid 7\""));
	assert_null(strstr(strstr(w.json.s, "\"proc.cmdline\"") + 1, "\"proc.cmdline\""));
	release(&w);
}

static void an_internal_alert_has_its_own_source(void **state)
{
	const struct internal_field fields[] = { { "n_drops", 3 }, { "n_evts", 40 } };
	struct internal_alert a = {
		.ts = UINT64_C(1795166040500000000),
		.priority = PRIORITY_DEBUG,
		.rule = STR("title"),
		.text = STR("title. more\n"),
		.fields = fields,
		.n_fields = 2,
	};
	struct alert_options opt = { 0 };
	struct strbuf out = STRBUF_INIT;

	(void)state;
	internal_alert_text(&a, &opt, &out);
	assert_strbuf(&out,
		      "09:14:00.500000000: Debug title. more\\n (n_drops=\"3\" n_evts=\"40\")");
	opt.no_output = true;
	internal_alert_json(&a, &opt, &out);
	assert_strbuf(
		&out,
		"{\"output_fields\": {\"n_drops\": 3, \"n_evts\": 40}, \"priority\": \"Debug\", "
		"\"rule\": \"title\", \"source\": \"internal\", \"tags\": [], "
		"\"time\": \"2026-11-20T09:14:00.500000000Z\"}");
	strbuf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_one_line_without_control_characters),
		cmocka_unit_test(iso_time_and_trace_stand_in_front),
		cmocka_unit_test(json_has_the_members_of_falco_in_order),
		cmocka_unit_test(members_can_be_left_out_and_added),
		cmocka_unit_test(an_added_field_keeps_its_type_and_comes_once),
		cmocka_unit_test(an_internal_alert_has_its_own_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
