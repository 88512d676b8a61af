#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rules/output_format.h"
#include "rules/program.h"
#include "rules/stand_in.h"
#include "unit.h"

static struct arena a, event_arena;

struct bench {
	struct stand_ins s;
	struct program *p;
	check_problems problems;
	struct program_run *run;
	struct event ev;
	struct event_ctx ctx;
	struct field_env env;
};

static void given(struct bench *b, const char *name, uint8_t type, uint16_t flags,
		  const char *const *values)
{
	const char *wrong = NULL;
	struct stand_in *in = stand_in_add(&b->s, str_of(name), type, flags, &wrong);

	assert_non_null(in);
	stand_in_present(in);
	for (; *values; values++)
		assert_null(stand_in_value(&b->s, in, str_of(*values)));
}

#define GIVEN(b, name, type, flags, ...) \
	given((b), (name), (type), (flags), (const char *const[]){ __VA_ARGS__, NULL })

static int setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));

	stand_ins_init(&b->s);
	b->s.others_missing = true;
	b->p = program_new();
	program_stand_ins(b->p, &b->s);
	b->ctx.ev = &b->ev;
	b->ev.type = EVT_SYSCALL_OPEN_X;
	b->ev.info = event_info(EVT_SYSCALL_OPEN_X);
	b->env.ctx = &b->ctx;
	b->env.arena = &event_arena;
	b->env.memory = field_state_new();
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	program_run_free(b->run);
	program_free(b->p);
	stand_ins_free(&b->s);
	field_state_free(b->env.memory);
	vec_free(&b->problems);
	free(b);
	return 0;
}

static int add(struct bench *b, const char *text)
{
	struct condition_error err;
	struct ast *n = condition_parse(str_of(text), NULL, &a, &err, NULL);

	assert_non_null(n);
	return program_add(b->p, n, &a, &b->problems);
}

static bool holds(struct bench *b, const char *text)
{
	int id = add(b, text);

	assert_true(id >= 0);
	if (!b->run)
		b->run = program_run_new(b->p);
	arena_reset(&event_arena);
	return program_eval(b->run, &b->env, id);
}

static void a_missing_value_makes_every_comparison_false(void **state)
{
	struct bench *b = *state;

	assert_false(holds(b, "proc.name = x"));
	assert_false(holds(b, "proc.name != x"));
	assert_false(holds(b, "proc.name exists"));
	assert_false(holds(b, "proc.name != allof (x, y)"));
	assert_true(holds(b, "not proc.name = x"));
}

static void lists_want_all_for_in_and_any_for_intersects(void **state)
{
	struct bench *b = *state;

	GIVEN(b, "x.list", PT_CHARBUF, FIELD_LIST, "a", "b");
	assert_true(holds(b, "x.list in (a, b, c)"));
	assert_false(holds(b, "x.list in (a, c)"));
	assert_true(holds(b, "x.list intersects (a, c)"));
	assert_false(holds(b, "x.list intersects (c)"));
	assert_int_equal(add(b, "x.list = a"), -1);
}

static void large_sets_find_what_small_ones_do(void **state)
{
	struct bench *b = *state;

	GIVEN(b, "x.ip", PT_IPADDR, 0, "10.1.2.3");
	GIVEN(b, "x.net", PT_IPNET, 0, "10.1.2.3");
	GIVEN(b, "x.n", PT_INT64, 0, "-5");
	GIVEN(b, "x.s", PT_CHARBUF, 0, "h");
	assert_true(holds(
		b, "x.ip in (1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4, 1.1.1.5, 1.1.1.6, 10.1.2.3)"));
	assert_true(holds(
		b, "x.net in (1.0.0.0/8, 2.0.0.0/8, ::1/128, 3.0.0.0/8, 4.0.0.0/9, 5.0.0.0/8, "
		   "10.1.128.0/16)"));
	assert_false(holds(
		b, "x.net in (1.0.0.0/8, 2.0.0.0/8, ::1/128, 3.0.0.0/8, 4.0.0.0/9, 5.0.0.0/8, "
		   "10.1.0.0/24)"));
	assert_true(holds(b, "x.n in (1, 2, 3, 4, 5, 6, 7, -5)"));
	assert_true(holds(b, "x.s in (a, b, c, d, e, f, g, h)"));
	assert_false(holds(b, "x.s in (a, b, c, d, e, f, g, i)"));
}

static void pmatch_compares_components(void **state)
{
	struct bench *b = *state;

	GIVEN(b, "x.p", PT_FSPATH, 0, "/opt/dir//sub/file.txt");
	assert_true(holds(b, "x.p pmatch (opt/dir/)"));
	assert_true(holds(b, "x.p pmatch (/opt/*/sub, /etc)"));
	assert_true(holds(b, "x.p pmatch (/opt/dir/none, /opt/dir)"));
	assert_true(holds(b, "x.p pmatch (/)"));
	assert_false(holds(b, "x.p pmatch (/opt/di)"));
	assert_false(holds(b, "x.p pmatch (/opt/dir/sub/file.txt/more)"));
}

static void equal_predicates_are_one_node(void **state)
{
	struct bench *b = *state;
	struct strbuf one = STRBUF_INIT, two = STRBUF_INIT;

	GIVEN(b, "x.s", PT_CHARBUF, 0, "a");
	add(b, "x.s = a and (x.s = b or x.s contains c)");
	program_dump_graph(b->p, &one);
	add(b, "(x.s == b or x.s contains c) and x.s = a");
	program_dump_graph(b->p, &two);
	/* One more condition, not one more node. */
	assert_int_equal(strstr(two.s, "condition 1")[-1], '\n');
	assert_null(strstr(two.s, "\nn7"));
	strbuf_release(&one);
	strbuf_release(&two);
}

static void a_type_no_rule_wants_has_no_conditions(void **state)
{
	struct bench *b = *state;
	struct strbuf sb = STRBUF_INIT;
	int ids[4];

	b->s.others_missing = false;
	assert_int_equal(add(b, "evt.type = open and fd.num >= 0"), 0);
	assert_int_equal(add(b, "evt.type in (open, close)"), 1);
	assert_int_equal(add(b, "evt.type = connect or not evt.type in (open, close)"), 2);
	program_build(b->p, NULL);
	b->run = program_run_new(b->p);
	b->ctx.fd_num = -1;
	assert_int_equal(program_match(b->run, &b->env, false, ids), 1);
	assert_int_equal(ids[0], 1);
	program_dump_type(b->p, EVT_SYSCALL_CLOSE_X, &sb);
	assert_string_equal(sb.s, "condition 1\tn1\nn1\ttype\t0\ttrue\n");
	program_build(b->p, (const uint8_t[]){ 1, 0, 0 });
	assert_int_equal(program_match(b->run, &b->env, false, ids), 0);
	strbuf_release(&sb);
}

static void every_problem_of_a_condition_is_reported(void **state)
{
	struct bench *b = *state;

	assert_int_equal(add(b, "proc.nobody = 1 and fd.num contains 1 and evt.type = nosuch"), -1);
	assert_int_equal(b->problems.n, 3);
	assert_string_equal(b->problems.v[0].message,
			    "filter_check called with nonexistent field proc.nobody");
	assert_int_equal(b->problems.v[1].pos.idx, 20);
	assert_string_equal(b->problems.v[2].message, "unknown event type nosuch");
}

static void a_regular_expression_cannot_stall(void **state)
{
	struct bench *b = *state;
	char long_text[20001];

	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	GIVEN(b, "x.s", PT_CHARBUF, 0, long_text);
	assert_false(holds(b, "x.s regex '(a*)*(a*)*b'"));
	assert_false(holds(b, "x.s regex '(a|aa)+$b'"));
	assert_int_equal(add(b, "x.s regex '(a)\\\\1'"), -1);
	assert_int_equal(add(b, "x.s regex '(?=a)'"), -1);
}

static void an_output_takes_the_longest_known_field(void **state)
{
	struct bench *b = *state;
	struct output_format_options opt = { .stand_ins = &b->s };
	struct condition_error err;
	struct output_format *f;
	struct strbuf sb = STRBUF_INIT;

	GIVEN(b, "proc.name", PT_NONE, 0, "init");
	f = output_format_new_with(STR("*a%proc.nameand%6proc.name|%2proc.name|%proc.pname"), &opt,
				   &a, &err);
	assert_non_null(f);
	assert_true(output_format_text(f, &b->env, &sb));
	assert_string_equal(sb.s, "ainitandinit  |in|<NA>");
	assert_int_equal(output_format_count(f), 2);
	assert_null(output_format_new_with(STR("a %"), &opt, &a, &err));
	assert_null(output_format_new_with(STR("%no.field"), &opt, &a, &err));
	strbuf_release(&sb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_missing_value_makes_every_comparison_false),
		TEST(lists_want_all_for_in_and_any_for_intersects),
		TEST(large_sets_find_what_small_ones_do),
		TEST(pmatch_compares_components),
		TEST(equal_predicates_are_one_node),
		TEST(a_type_no_rule_wants_has_no_conditions),
		TEST(every_problem_of_a_condition_is_reported),
		TEST(a_regular_expression_cannot_stall),
		TEST(an_output_takes_the_longest_known_field),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_destroy(&a);
	arena_destroy(&event_arena);
	return failed;
}
