/*
 * Any text as a condition: parsing, printing and parsing again, compiling, evaluation on fields
 * that have values and on fields that have none. What parses must print as text that parses to the
 * same tree.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/program.h"
#include "rules/stand_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void give(struct stand_ins *s, const char *name, uint8_t type, uint16_t flags,
		 const char *value)
{
	const char *wrong = NULL;
	struct stand_in *in = stand_in_add(s, str_of(name), type, flags, &wrong);

	if (in)
		stand_in_value(s, in, str_of(value));
}

static void compile(const struct ast *n, struct arena *a)
{
	struct event ev = { .tid = EVENT_NO_TID,
			    .type = EVT_SYSCALL_OPEN_X,
			    .info = event_info(EVT_SYSCALL_OPEN_X) };
	struct event_ctx ctx = { .ev = &ev, .fd_num = -1 };
	struct arena event_arena = ARENA_INIT;
	struct field_env env = { .ctx = &ctx, .arena = &event_arena };
	struct program *p = program_new();
	check_problems problems = { 0 };
	struct strbuf sb = STRBUF_INIT;
	struct program_run *run;
	struct stand_ins given;
	int id, found;

	stand_ins_init(&given);
	given.others_missing = true;
	give(&given, "proc.name", PT_CHARBUF, 0, "a/b.c-AB");
	give(&given, "proc.args", PT_CHARBUF, FIELD_LIST, "-ab");
	give(&given, "fd.ip", PT_IPADDR, FIELD_ANY_END, "10.1.2.3");
	give(&given, "fd.net", PT_IPNET, FIELD_ANY_END, "10.1.2.3");
	give(&given, "fd.num", PT_INT64, 0, "-3");
	give(&given, "evt.buffer", PT_BYTEBUF, 0, "aGVsbG8=");
	program_stand_ins(p, &given);
	env.memory = field_state_new();
	id = program_add(p, n, a, &problems);
	if (id >= 0) {
		run = program_run_new(p);
		program_build(p, NULL);
		/* The program of the type and the whole condition agree. */
		assert(program_eval(run, &env, id) ==
		       (program_match(run, &env, true, &found) == 1));
		program_dump_graph(p, &sb);
		program_run_free(run);
	} else {
		assert(problems.n > 0);
	}
	field_state_free(env.memory);
	strbuf_release(&sb);
	vec_free(&problems);
	program_free(p);
	stand_ins_free(&given);
	arena_destroy(&event_arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct condition_options opt = { .max_depth = 200 };
	struct condition_error err;
	struct arena a = ARENA_INIT;
	struct strbuf sb = STRBUF_INIT;
	check_problems lint = { 0 };
	struct text_pos end;
	struct ast *n, *again;

	n = condition_parse(str_mem(data, size), &opt, &a, &err, &end);
	if (n) {
		assert(end.idx == size);
		ast_text(n, &sb);
		strbuf_reset(&sb);
		ast_text_parsable(n, &sb);
		opt.max_depth = 1000;
		again = condition_parse(strbuf_str(&sb), &opt, &a, &err, NULL);
		assert(again && ast_equal(n, again));
		condition_lint(n, &a, &lint);
		compile(n, &a);
	} else {
		assert(err.pos.idx <= size && err.message);
	}
	vec_free(&lint);
	strbuf_release(&sb);
	arena_destroy(&a);
	return 0;
}
