/*
 * What program_match() gives, with everything folded for the event's type and remembered with
 * threads and strings, is what evaluating each condition by itself gives. On the traces of the
 * source tree, and on conformance captures when they are there.
 */
#include "unit.h"

#include <glob.h>

#include "replay/replay.h"
#include "rules/program.h"
#include "trace/trace.h"

static const char *const conditions[] = {
	"evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.num >= 0",
	"evt.type = execve and proc.pname exists",
	"not evt.type in (openat, close)",
	"evt.type != close and fd.name startswith /etc",
	"evt.type = mkdir or evt.type startswith get or syscall.type = brk",
	"evt.type contains stat and not evt.failed = true",
	"evt.type = anyof (read, write, uname) and evt.is_io = true",
	"evt.type.is.openat = 1 or evt.category = file",
	"evt.arg.name contains a or evt.arg.path exists or evt.rawarg.res < 0",
	"not evt.arg.flags contains O_RDONLY",
	"not (evt.arg.path = 1 or evt.arg.name = /etc/passwd)",
	"proc.name = cat and user.uid = 0 and thread.tid > 0",
	"proc.name in (sh, bash, dash, zsh, csh, ksh, fish, ash) or proc.aname in (sh, bash)",
	"proc.cmdline contains -c and proc.pname regex '[a-z]+' and proc.exepath glob /*bin/*",
	"not proc.name glob *a* and proc.duration > 1000",
	"container.id = host and proc.vpid = val(proc.pid)",
	"fd.ip = 127.0.0.1 or fd.net in (10.0.0.0/8, 127.0.0.0/8) or fd.port < 1024",
	"toupper(proc.name) = CAT or len(fd.name) > 20 or basename(fd.name) = passwd",
	"evt.dir = < and evt.num > 10 and evt.num != 12",
	"evt.is_async = true or evt.type = procexit or evt.type = switch",
	"proc.is_exe_writable = true or proc.cwd startswith /root or proc.sname exists",
	"fd.typechar = f and (evt.is_open_write = true or evt.type in (unlink, unlinkat, rename))",
};

#define N (sizeof(conditions) / sizeof(*conditions))

struct compared {
	struct program_run *all, *single;
	struct field_env env, single_env;
	struct arena arena, arena2;
	uint64_t events, matches;
};

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct compared *c = arg;
	bool matched[N] = { false };
	int ids[N];
	size_t n, i;

	arena_reset(&c->arena);
	c->env.ctx = ctx;
	n = program_match(c->all, &c->env, false, ids);
	for (i = 0; i < n; i++)
		matched[ids[i]] = true;
	c->single_env.ctx = ctx;
	for (i = 0; i < N; i++) {
		arena_reset(&c->arena2);
		if (program_eval(c->single, &c->single_env, (int)i) != matched[i])
			fail_msg("event %llu: %s", (unsigned long long)ctx->ev->num, conditions[i]);
	}
	c->events++;
	c->matches += n;
	return 0;
}

static struct program *make_program(void)
{
	struct program *p = program_new();
	check_problems problems = { 0 };
	struct condition_error err;
	struct arena a = ARENA_INIT;
	size_t i;

	for (i = 0; i < N; i++) {
		struct ast *n = condition_parse(str_of(conditions[i]), NULL, &a, &err, NULL);

		assert_non_null(n);
		if (program_add(p, n, &a, &problems) != (int)i)
			fail_msg("%s: %s", conditions[i], problems.v[0].message);
	}
	vec_free(&problems);
	arena_destroy(&a);
	program_build(p, NULL);
	return p;
}

static void compare_on(const struct program *p, const char *path, struct compared *sum)
{
	struct replay_visitor v = { .arg = sum, .event = on_event };
	struct replay_select sel = { 0 };
	struct replay_stats stats = { 0 };
	struct state_options so;
	struct source *src;
	struct state *st;
	struct diag diag;

	diag_init(&diag);
	if (trace_open(path, &diag, &src) == 0) {
		state_options_default(&so);
		st = state_new(&so);
		sum->all = program_run_new(p);
		sum->single = program_run_new(p);
		sum->env = (struct field_env){ .arena = &sum->arena, .memory = field_state_new() };
		sum->single_env =
			(struct field_env){ .arena = &sum->arena2, .memory = field_state_new() };
		replay_run(src, st, &sel, &v, &stats);
		field_state_free(sum->env.memory);
		field_state_free(sum->single_env.memory);
		program_run_free(sum->all);
		program_run_free(sum->single);
		source_close(src);
		state_free(st);
	}
	diag_free(&diag);
}

static void folded_and_remembered_values_are_the_plain_ones(void **state)
{
	const char *srcdir = getenv("srcdir"), *data = getenv("EYAS_CONFORMANCE");
	struct program *p = make_program();
	struct compared sum = { .events = 0 };
	char pattern[2][4096];
	glob_t found = { 0 };
	size_t i;

	(void)state;
	snprintf(pattern[0], sizeof(pattern[0]), "%s/traces/good/*.scap", srcdir ? srcdir : ".");
	snprintf(pattern[1], sizeof(pattern[1]), "%s/captures/*.scap",
		 data ? data : "../shared/conformance");
	glob(pattern[0], 0, NULL, &found);
	glob(pattern[1], GLOB_APPEND, NULL, &found);
	for (i = 0; i < found.gl_pathc; i++)
		compare_on(p, found.gl_pathv[i], &sum);
	globfree(&found);
	assert_true(sum.events > 0 && sum.matches > 0);
	arena_destroy(&sum.arena);
	arena_destroy(&sum.arena2);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folded_and_remembered_values_are_the_plain_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
