#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rules/gates.h"
#include "unit.h"

static struct arena a;

struct bench {
	struct program *p;
	const struct type_program *tp;
	struct gate_set *s;
};

/* The gates of conditions for one type of event, one a line. */
static void given(struct bench *b, unsigned type, const char *conditions)
{
	struct str rest = str_of(conditions), text;
	check_problems problems = { 0 };
	struct condition_error err;

	b->p = program_new();
	while (str_split(&rest, '\n', &text)) {
		struct ast *n = condition_parse(text, NULL, &a, &err, NULL);

		assert_non_null(n);
		assert_true(program_add(b->p, n, &a, &problems) >= 0);
	}
	vec_free(&problems);
	program_build(b->p, NULL);
	b->tp = b->p->types[type];
	b->s = gate_set_new(b->p, b->tp);
}

static int setup(void **state)
{
	*state = xcalloc(1, sizeof(struct bench));
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	gate_set_free(b->s);
	program_free(b->p);
	free(b);
	return 0;
}

/* The group of a field; NULL: there is none. */
static struct gate_group *group_of(struct bench *b, const char *field)
{
	for (uint32_t i = 0; i < b->s->n_groups; i++) {
		struct gate_group *g = &b->s->groups[i];
		const struct node *n = &b->p->nodes.v[g->gates[0].node];

		if (n->kind == NODE_PREDICATE && str_eqz(n->predicate->left->ref.text, field))
			return g;
	}
	return NULL;
}

static uint32_t number_of(struct bench *b, const char *field)
{
	struct gate_group *g = group_of(b, field);

	assert_non_null(g);
	return (uint32_t)(g - b->s->groups);
}

/*
 * Events up to the end of the first lesson, and one more, all alike: all conditions are open, and
 * group g closes those of closes[g].
 */
static void learn(struct bench *b, const uint64_t *closes)
{
	const uint64_t open = (UINT64_C(1) << b->tp->n) - 1;
	bool learned = false;

	for (unsigned i = 0; i < 1000; i++) {
		if (!gate_set_learns(b->s)) {
			if (learned)
				return;
			continue;
		}
		learned = true;
		for (uint32_t g = 0; g < b->s->n_groups; g++) {
			uint64_t left = open & ~closes[g];

			gate_set_note(b->s, g, &open, &left);
		}
		gate_set_learned(b->s, &open);
	}
	fail_msg("the lesson does not end");
}

/* The group that a field is in has so many gates, which these conditions need. */
static const struct gate_group *is_group(struct bench *b, const char *field, uint32_t n,
					 uint64_t needed_by)
{
	const struct gate_group *g = group_of(b, field);

	assert_non_null(g);
	assert_int_equal(g->n, n);
	assert_int_equal(g->needed_by[0], needed_by);
	return g;
}

static void comparisons_of_one_field_are_one_group(void **state)
{
	struct bench *b = *state;

	given(b, EVT_SYSCALL_EXECVE_19_X,
	      "evt.type = execve and proc.name = a and proc.args contains x\n"
	      "evt.type = execve and not proc.name in (b, c)\n"
	      "evt.type = execve and proc.tty = 0");
	assert_non_null(is_group(b, "proc.name", 2, 3)->basis);
	assert_null(is_group(b, "proc.tty", 1, 4)->basis);
}

static void what_a_descriptor_is_is_one_group(void **state)
{
	struct bench *b = *state;
	const struct gate_group *g;

	given(b, EVT_SOCKET_SENDTO_X,
	      "evt.type = sendto and fd.type = ipv4\n"
	      "evt.type = sendto and fd.connected = false and fd.sport = 53");
	assert_true(is_group(b, "fd.type", 2, 3)->of_kind);
	g = is_group(b, "fd.sport", 1, 2);
	assert_true(g->of_fd);
	assert_false(g->of_kind);
}

static void what_is_dear_or_remembers_is_no_gate(void **state)
{
	struct bench *b = *state;

	given(b, EVT_SYSCALL_EXECVE_19_X, "evt.type = execve and proc.name regex 'a.*'");
	assert_int_equal(b->tp->n, 1);
	assert_int_equal(b->s->n_groups, 0);
	gate_set_free(b->s);
	program_free(b->p);
	given(b, EVT_SYSCALL_EXECVE_19_X,
	      "evt.type = execve and proc.name = a and evt.deltatime > 5\n"
	      "evt.type = execve and proc.name = b");
	assert_int_equal(b->tp->n, 2);
	assert_int_equal(b->s->n_groups, 0);
}

static void what_all_alternatives_need_is_a_gate(void **state)
{
	struct bench *b = *state;
	struct gate_group *g;

	given(b, EVT_SYSCALL_EXECVE_19_X,
	      "evt.type = execve and ((proc.tty = 1 and proc.name = a) or "
	      "(proc.tty = 1 and proc.exe = b and proc.name = c) or proc.tty in (1, 2))");
	assert_int_equal(b->tp->n, 3);
	assert_int_equal(b->tp->conditions[0].id, b->tp->conditions[2].id);
	assert_int_equal(b->tp->conditions[0].root, b->tp->conditions[2].root);
	g = group_of(b, "proc.name");
	assert_non_null(g);
	assert_int_equal(__builtin_popcountll(g->needed_by[0]), 2);
}

static void what_can_never_hold_is_left_out(void **state)
{
	struct bench *b = *state;

	given(b, EVT_SOCKET_SENDTO_X,
	      "evt.type = sendto and proc.name in ()\n"
	      "evt.type = sendto and fd.sip.name != x\n"
	      "evt.type = sendto and (proc.name intersects () or fd.sip.name exists)\n"
	      "evt.type = sendto and not proc.name in ()");
	assert_int_equal(b->tp->n, 1);
	assert_int_equal(b->tp->conditions[0].id, 3);
	assert_int_equal(b->tp->conditions[0].of_thread, ID_TRUE);
	assert_int_equal(b->tp->conditions[0].rest, ID_TRUE);
}

static void what_closes_most_is_asked_first(void **state)
{
	struct bench *b = *state;
	uint64_t closes[8] = { 0 };

	given(b, EVT_SYSCALL_EXECVE_19_X,
	      "evt.type = execve and proc.tty = 1 and proc.vpid = 1 and proc.sid = 1\n"
	      "evt.type = execve and proc.tty = 1 and proc.vpid = 1\n"
	      "evt.type = execve and proc.vpid = 1 and proc.pid = 1");
	assert_int_equal(b->s->n_groups, 4);
	closes[number_of(b, "proc.tty")] = 3;
	closes[number_of(b, "proc.sid")] = 1;
	closes[number_of(b, "proc.pid")] = 4;
	assert_int_equal(b->s->n_order, 0);
	learn(b, closes);
	/* proc.vpid closes nothing, and proc.sid nothing that is still open. */
	assert_int_equal(b->s->n_order, 2);
	assert_ptr_equal(b->s->order[0], group_of(b, "proc.tty"));
	assert_ptr_equal(b->s->order[1], group_of(b, "proc.pid"));
}

static void strings_that_never_come_again_are_no_help(void **state)
{
	struct bench *b = *state;
	uint64_t closes[8] = { 0 };
	const char *conditions = "evt.type = execve and proc.args contains x and "
				 "proc.args contains y and proc.args contains z";

	given(b, EVT_SYSCALL_EXECVE_19_X, conditions);
	assert_int_equal(b->s->n_groups, 1);
	closes[0] = 1;
	b->s->groups[0].n_asked = 1000;
	learn(b, closes);
	assert_int_equal(b->s->n_order, 1);
	gate_set_free(b->s);
	program_free(b->p);
	given(b, EVT_SYSCALL_EXECVE_19_X, conditions);
	b->s->groups[0].n_asked = 1000;
	b->s->groups[0].n_unknown = 1000;
	learn(b, closes);
	assert_int_equal(b->s->n_order, 0);
}

static void lessons_come_again(void **state)
{
	struct bench *b = *state;
	unsigned n = 0, last = 0;
	const uint64_t open = 1;

	given(b, EVT_SYSCALL_EXECVE_19_X, "evt.type = execve and proc.tty = 1");
	for (unsigned i = 1; i <= 20000; i++) {
		if (!gate_set_learns(b->s))
			continue;
		gate_set_note(b->s, 0, &open, &(uint64_t){ i < 1000 ? 1 : 0 });
		gate_set_learned(b->s, &open);
		n++;
		last = i;
	}
	/* Few of many, some of them late: when something begins to be closed it is learned. */
	assert_true(n >= 64 && n < 200);
	assert_true(last > 5000);
	assert_int_equal(b->s->n_order, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(comparisons_of_one_field_are_one_group),
		TEST(what_a_descriptor_is_is_one_group),
		TEST(what_is_dear_or_remembers_is_no_gate),
		TEST(what_all_alternatives_need_is_a_gate),
		TEST(what_can_never_hold_is_left_out),
		TEST(what_closes_most_is_asked_first),
		TEST(strings_that_never_come_again_are_no_help),
		TEST(lessons_come_again),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	arena_destroy(&a);
	return failed;
}
