/*
 * cuts version TRACE...: for each trace, the version of the state engine and a hash of what a
 * replay has come to at its end, which must not change while the version is the same.
 *
 * cuts [-n CUTS] [-r RULES]... TRACE...: a replay that is cut, saved and gone on with by another is
 * the same replay.
 *
 * Each trace is replayed as a whole first. Of each event the values of all fields (but those with a
 * memory of their own) and the matching rules are noted, and of some events the state. Then, for
 * each cut, a new walk is restored from what was saved there, and must go on to find the same to
 * the end. Saving what was just restored must give the same bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/checkpoint.h"
#include "rules/ruleset.h"
#include "state/state_save.h"
#include "trace/trace.h"

#define STATE_EVERY 97 /* events */

struct seen {
	uint64_t fields, rules, state; /* hashes; state: 0 when it was not looked at */
};

typedef VEC(struct seen) seen_vec;

struct fields {
	VEC(struct field_ref) refs;
	struct arena arena;
};

struct world {
	struct fields fields;
	struct ruleset *rules;
	int *ids;
};

/* One walk over a trace. */
struct walk {
	struct world *world;
	struct source *src;
	struct state *state;
	struct replay_walk *walk;
	struct replay_stats stats;
	struct program_run *run;
	struct field_env env;
	struct arena arena;
	struct strbuf text;
	seen_vec seen;        /* of the whole walk */
	const seen_vec *same; /* what must be seen again, or NULL */
	const char *differs;  /* what did not */
	uint64_t differs_at;
};

static void resolve_fields(struct fields *f)
{
	static const struct str args[] = { STR("1"), STR("fd"), STR("/etc") };
	struct field_ref ref;

	for (size_t i = 0; i < field_count(); i++) {
		struct str name = str_of(field_at(i)->name);

		if (field_is_stateful(field_at(i)))
			continue;
		if (!field_resolve(name, false, STR(""), &f->arena, &ref))
			vec_push(&f->refs, ref);
		for (size_t k = 0; k < sizeof(args) / sizeof(*args); k++)
			if (!field_resolve(name, true, args[k], &f->arena, &ref))
				vec_push(&f->refs, ref);
	}
}

/* FNV-1a. */
static uint64_t hash_more(uint64_t h, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * UINT64_C(0x100000001b3);
	return (h ^ 0x100) * UINT64_C(0x100000001b3);
}

static uint64_t hash_state(struct walk *w)
{
	strbuf_reset(&w->text);
	state_dump(w->state, &w->text);
	return hash_more(1, strbuf_str(&w->text));
}

static struct seen look(struct walk *w, struct event_ctx *ctx)
{
	struct seen s = { .fields = ctx->ev->num, .rules = 1 };
	size_t n;

	w->env.ctx = ctx;
	for (size_t i = 0; i < w->world->fields.refs.n; i++) {
		const struct field_ref *ref = &w->world->fields.refs.v[i];
		struct values vals = { .arena = &w->arena };

		strbuf_reset(&w->text);
		if (field_extract(ref, &w->env, &vals))
			values_text(ref, &vals, &w->text);
		else
			strbuf_adds(&w->text, "(none)");
		s.fields = hash_more(s.fields, strbuf_str(&w->text));
	}
	n = program_match(w->run, &w->env, false, w->world->ids);
	for (size_t i = 0; i < n; i++)
		s.rules = hash_more(s.rules, str_mem(&w->world->ids[i], sizeof(int)));
	if (ctx->ev->num % STATE_EVERY == 0)
		s.state = hash_state(w);
	return s;
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct walk *w = arg;
	uint64_t num = ctx->ev->num;
	struct seen s;

	arena_reset(&w->arena);
	s = look(w, ctx);
	if (!w->same) {
		while (w->seen.n < num)
			(void)vec_add(&w->seen);
		w->seen.v[num - 1] = s;
		return 0;
	}
	if (num > w->same->n)
		w->differs = "number";
	else if (s.fields != w->same->v[num - 1].fields)
		w->differs = "fields";
	else if (s.rules != w->same->v[num - 1].rules)
		w->differs = "rules";
	else if (s.state != w->same->v[num - 1].state)
		w->differs = "state";
	w->differs_at = num;
	return w->differs ? 1 : 0;
}

static bool walk_open(struct walk *w, struct world *world, const char *path, struct diag *diag)
{
	static const struct replay_select all;
	const struct replay_visitor v = { .arg = w, .event = on_event };

	*w = (struct walk){ .world = world, .text = STRBUF_INIT };
	if (trace_open(path, diag, &w->src))
		return false;
	w->state = state_new(NULL);
	w->run = program_run_new(ruleset_program(world->rules));
	w->env = (struct field_env){ .arena = &w->arena, .memory = field_state_new() };
	w->walk = replay_walk_new(w->src, w->state, &all, &v, &w->stats);
	return true;
}

static void walk_close(struct walk *w)
{
	replay_walk_free(w->walk);
	program_run_free(w->run);
	field_state_free(w->env.memory);
	state_free(w->state);
	source_close(w->src);
	arena_destroy(&w->arena);
	strbuf_release(&w->text);
	vec_free(&w->seen);
}

/* Takes records up to number `until`; false at the end. */
static bool walk_to(struct walk *w, uint64_t *at, uint64_t until)
{
	uint64_t ts;

	for (; *at < until; ++*at)
		if (replay_walk_peek(w->walk, &ts) != 1 || replay_walk_step(w->walk))
			return false;
	return true;
}

static uint64_t count_records(const char *path)
{
	struct source *src;
	struct record rec;
	struct diag diag;
	uint64_t n = 0;

	diag_init(&diag);
	if (!trace_open(path, &diag, &src)) {
		while (source_next(src, &rec) == 1)
			n++;
		source_close(src);
	}
	diag_free(&diag);
	return n;
}

struct cut {
	uint64_t at; /* records before it */
	struct strbuf bytes;
};

/* NULL, or what is different. */
static const char *go_on(struct world *world, const char *path, const struct cut *cut,
			 const seen_vec *same, struct str end, uint64_t *ret_at)
{
	struct strbuf again = STRBUF_INIT;
	const char *wrong = NULL;
	uint64_t at = cut->at;
	struct record rec;
	struct diag diag;
	struct walk w;

	diag_init(&diag);
	if (!walk_open(&w, world, path, &diag))
		return "open";
	w.same = same;
	for (uint64_t i = 0; i < cut->at; i++)
		source_next(w.src, &rec);
	if (replay_walk_restore(w.walk, strbuf_str(&cut->bytes)))
		wrong = "restore";
	replay_walk_save(w.walk, false, &again);
	if (!wrong && !str_eq(strbuf_str(&again), strbuf_str(&cut->bytes)))
		wrong = "saving what was restored";
	if (!wrong) {
		walk_to(&w, &at, UINT64_MAX);
		wrong = w.differs;
		*ret_at = w.differs_at;
	}
	strbuf_reset(&again);
	replay_walk_save(w.walk, false, &again);
	if (!wrong && !str_eq(strbuf_str(&again), end))
		wrong = "the end";
	strbuf_release(&again);
	walk_close(&w);
	diag_free(&diag);
	return wrong;
}

static bool check_trace(struct world *world, const char *path, uint64_t n_cuts, unsigned number)
{
	uint64_t n = count_records(path), at = 0, wrong_at = 0;
	struct strbuf end = STRBUF_INIT;
	VEC(struct cut) cuts = { 0 };
	const char *wrong = NULL;
	struct diag diag;
	struct walk w;
	size_t i;

	diag_init(&diag);
	if (!walk_open(&w, world, path, &diag)) {
		printf("not ok %u - %s: cannot be opened\n", number, path);
		diag_free(&diag);
		return false;
	}
	if (n_cuts > n)
		n_cuts = n;
	for (i = 0; i < n_cuts; i++) {
		struct cut c = { n * i / n_cuts + 1, STRBUF_INIT };

		if (!walk_to(&w, &at, c.at))
			break;
		replay_walk_save(w.walk, false, &c.bytes);
		vec_push(&cuts, c);
	}
	walk_to(&w, &at, UINT64_MAX);
	replay_walk_save(w.walk, false, &end);
	for (i = 0; i < cuts.n && !wrong; i++)
		wrong = go_on(world, path, &cuts.v[i], &w.seen, strbuf_str(&end), &wrong_at);
	if (wrong)
		printf("not ok %u - %s: cut behind record %llu: differs: %s, event %llu\n", number,
		       path, (unsigned long long)cuts.v[i - 1].at, wrong,
		       (unsigned long long)wrong_at);
	else
		printf("ok %u - %s: %zu cuts\n", number, path, cuts.n);
	for (i = 0; i < cuts.n; i++)
		strbuf_release(&cuts.v[i].bytes);
	vec_free(&cuts);
	strbuf_release(&end);
	walk_close(&w);
	diag_free(&diag);
	return !wrong;
}

static int print_versions(char **traces, int n)
{
	for (int i = 0; i < n; i++) {
		struct checkpointer *c = checkpointer_new();
		const char *slash = strrchr(traces[i], '/');
		struct eyas_checkpoint cp;
		struct source *src;
		struct record rec;
		struct diag diag;

		diag_init(&diag);
		if (trace_open(traces[i], &diag, &src))
			return 1;
		while (source_next(src, &rec) == 1)
			checkpointer_take(c, &rec);
		checkpointer_save(c, &cp);
		printf("%d %016llx %s\n", STATE_VERSION, (unsigned long long)hash_more(1, cp.data),
		       slash ? slash + 1 : traces[i]);
		source_close(src);
		diag_free(&diag);
		checkpointer_free(c);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct ruleset_options options = { 0 };
	struct world world = { 0 };
	uint64_t n_cuts = 8;
	bool good = true;
	struct diag diag;
	unsigned n = 0;
	int i;

	if (argc > 1 && strcmp(argv[1], "version") == 0)
		return print_versions(argv + 2, argc - 2);
	diag_init(&diag);
	ruleset_options_known(&options);
	world.rules = ruleset_new(&options);
	for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2) {
		if (strcmp(argv[i], "-n") == 0)
			n_cuts = strtoull(argv[i + 1], NULL, 10);
		else if (ruleset_add_path(world.rules, argv[i + 1], &diag))
			good = false;
	}
	if (ruleset_compile(world.rules, &diag) || !good) {
		diag_print(&diag, stderr);
		return 2;
	}
	ruleset_build(world.rules, NULL);
	world.ids = xcalloc(ruleset_count(world.rules) + 1, sizeof(*world.ids));
	resolve_fields(&world.fields);
	for (; i < argc; i++)
		good &= check_trace(&world, argv[i], n_cuts, ++n);
	printf("1..%u\n", n);
	free(world.ids);
	vec_free(&world.fields.refs);
	arena_destroy(&world.fields.arena);
	ruleset_free(world.rules);
	diag_free(&diag);
	return good ? 0 : 1;
}
