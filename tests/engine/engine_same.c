/*
 * engine_same: what the engine makes faster makes no difference.
 *
 *	engine_same [-r RULES]... [-c CONDITIONS] [-m MUTANTS] [-t DIR] TRACE...
 *
 * Each trace is replayed plainly: every event is decoded and goes through the state, and every
 * condition is evaluated as a tree, from its first operand to its last, with nothing folded for the
 * event's type, nothing remembered and nothing passed over. Then as `eyas replay` does it, with
 * what is remembered kept, forgotten before every event, and forgotten at random. The matches must
 * be the same ones, and the state at the end the same to the last byte. Conditions are those of the
 * rules and made-up ones; traces are those given and mutants of them. Everything is made from fixed
 * seeds. Writes TAP.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "replay/replay.h"
#include "rules/program_internal.h"
#include "rules/ruleset.h"
#include "trace/trace.h"

#define MAX_PARAMS 64

/* xorshift64*: the same numbers everywhere. */
struct dice {
	uint64_t x;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
	d->x ^= d->x >> 12;
	d->x ^= d->x << 25;
	d->x ^= d->x >> 27;
	return (uint32_t)((d->x * UINT64_C(2685821657736338717)) >> 33) % sides;
}

/* ---- made-up conditions */

static const char *const atoms[] = {
	"evt.type = openat",
	"evt.type in (open, openat, openat2, creat)",
	"evt.type in (read, write, close, fcntl)",
	"evt.type in (mmap, munmap, brk, getdents64, fstat, newfstatat)",
	"evt.type = execve",
	"evt.type startswith c",
	"syscall.type exists",
	"evt.is_open_read = true",
	"evt.is_open_write = true",
	"evt.is_open_exec = true",
	"evt.failed = true",
	"evt.res = SUCCESS",
	"evt.rawres >= 0",
	"evt.num > 20",
	"evt.dir = <",
	"evt.arg.flags contains O_RDONLY",
	"evt.arg.name contains e",
	"evt.arg.data exists",
	"evt.category = file",
	"fd.num >= 0",
	"fd.num = 3",
	"fd.typechar = f",
	"fd.type = directory",
	"fd.name startswith /etc",
	"fd.name startswith /",
	"fd.name endswith .so",
	"fd.name contains lib",
	"fd.name icontains LIB",
	"fd.name glob /*/*",
	"fd.name regex '.*[0-9].*'",
	"fd.name pmatch (/etc, /usr/lib, /proc)",
	"fd.name in (/etc/passwd, /etc/ld.so.cache, /dev/null)",
	"fd.name = /etc/passwd",
	"fd.name != /etc/passwd",
	"fd.name exists",
	"fd.directory = /etc",
	"fd.directory in (/etc, /lib, /usr/lib, /dev)",
	"fd.filename startswith l",
	"fd.filename in (passwd, null, ld.so.cache)",
	"fd.nameraw contains ..",
	"toupper(fd.name) startswith /ETC",
	"len(fd.name) > 10",
	"basename(fd.name) = passwd",
	"fd.name = val(proc.exepath)",
	"fd.sport > 0",
	"fd.l4proto = tcp",
	"proc.name in (sh, bash, cat, curl, ls)",
	"proc.name startswith c",
	"proc.pname exists",
	"proc.aname[2] exists",
	"proc.aname in (bash, sshd, systemd)",
	"proc.cmdline contains -",
	"proc.args contains e",
	"proc.exepath endswith sh",
	"proc.cwd startswith /",
	"proc.env icontains PATH",
	"proc.nthreads > 1",
	"proc.vmsize > 1000",
	"thread.vmrss > 100",
	"proc.duration > 1000",
	"proc.tty = 0",
	"proc.fdopencount > 2",
	"thread.tid > 10",
	"thread.cap_effective contains CAP_SYS_ADMIN",
	"user.uid = 0",
	"user.name exists",
	"group.gid = 0",
	"container.id = host",
	"container.name exists",
};

#define N_ATOMS (sizeof(atoms) / sizeof(*atoms))

static void make_condition(struct dice *d, unsigned depth, struct strbuf *out)
{
	unsigned kids = depth ? 2 + roll(d, 3) : 0;
	const char *join = roll(d, 3) ? " and " : " or ";

	if (roll(d, 5) == 0)
		strbuf_adds(out, "not ");
	if (!kids) {
		strbuf_adds(out, atoms[roll(d, N_ATOMS)]);
		return;
	}
	strbuf_addc(out, '(');
	for (unsigned i = 0; i < kids; i++) {
		if (i)
			strbuf_adds(out, join);
		make_condition(d, roll(d, depth + 1) ? depth - 1 : 0, out);
	}
	strbuf_addc(out, ')');
}

/* Conditions by themselves; wants say which events they need. */
static struct program *made_program(unsigned n)
{
	struct dice d = { UINT64_C(0x9e3779b97f4a7c15) };
	struct program *p = program_new();
	check_problems problems = { 0 };
	struct strbuf text = STRBUF_INIT;
	struct condition_error err;
	struct arena a = ARENA_INIT;

	for (unsigned i = 0; i < n; i++) {
		struct ast *ast;

		strbuf_reset(&text);
		/* Every other one is of some types only, as those of rules are. */
		if (i % 2)
			strbuf_addf(&text, "%s and ", atoms[roll(&d, 6)]);
		make_condition(&d, 1 + roll(&d, 3), &text);
		ast = condition_parse(arena_str(&a, strbuf_str(&text)), NULL, &a, &err, NULL);
		if (!ast || program_add(p, ast, &a, &problems) != (int)i) {
			printf("Bail out! %s: %s\n", text.s,
			       problems.n ? problems.v[0].message : "does not parse");
			exit(EXIT_FAILURE);
		}
	}
	strbuf_release(&text);
	vec_free(&problems);
	arena_destroy(&a);
	program_build(p, NULL);
	return p;
}

/* ---- replays */

struct match {
	uint64_t num;
	int id;
};

struct outcome {
	VEC(struct match) matches;
	struct strbuf dump; /* the state at the end */
	struct replay_stats stats;
	uint64_t seen; /* events the visitor was shown */
};

enum forget { KEEP, FORGET_ALWAYS, FORGET_AT_RANDOM, N_FORGET };

static const char *const forget_names[] = { "kept", "always forgotten", "forgotten at random" };

struct walk {
	const struct program *p;
	struct program_run *run; /* NULL: the plain way */
	enum forget forget;
	struct dice dice;
	struct compare_scratch scratch;
	struct field_env env;
	struct arena arena;
	int *ids;
	struct outcome *out;
};

static bool plain_value(struct walk *w, uint32_t id)
{
	const struct node *n = &w->p->nodes.v[id];
	struct operand_values left, right = { false, 0, NULL };

	switch (n->kind) {
	case NODE_TRUE:
		return true;
	case NODE_PREDICATE:
		left = operand_eval(n->predicate->left, NULL, &w->env);
		if (n->predicate->right && left.present)
			right = operand_eval(n->predicate->right, NULL, &w->env);
		return predicate_compare(n->predicate, &w->scratch, &left, &right);
	case NODE_NOT:
		return !plain_value(w, n->kids[0]);
	case NODE_AND:
		for (uint32_t i = 0; i < n->n_kids; i++)
			if (!plain_value(w, n->kids[i]))
				return false;
		return true;
	case NODE_OR:
		for (uint32_t i = 0; i < n->n_kids; i++)
			if (plain_value(w, n->kids[i]))
				return true;
		return false;
	default:
		return false;
	}
}

static void note_match(struct walk *w, int id)
{
	struct match m = { w->env.ctx->ev->num, id };

	vec_push(&w->out->matches, m);
}

static void forget(struct walk *w)
{
	if (w->forget == FORGET_ALWAYS || (w->forget == FORGET_AT_RANDOM && roll(&w->dice, 7) == 0))
		program_forget(w->run);
}

static enum open_verdict on_open(void *arg, const struct state_open *o)
{
	struct walk *w = arg;

	arena_reset(&w->arena);
	forget(w);
	return program_open(w->run, &w->env, o);
}

static bool on_use(void *arg, const struct state_use *u)
{
	struct walk *w = arg;

	forget(w);
	return program_use(w->run, &w->env, u);
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct walk *w = arg;
	size_t n;

	w->out->seen++;
	w->env.ctx = ctx;
	arena_reset(&w->arena);
	if (!w->run) {
		enum event_source source = event_source_of(ctx->ev);

		for (size_t i = 0; i < w->p->roots.n; i++)
			if ((!w->p->by_source ||
			     (source != SOURCE_OTHER && w->p->sources.v[i] & 1u << source)) &&
			    plain_value(w, w->p->roots.v[i]))
				note_match(w, (int)i);
		return 0;
	}
	forget(w);
	n = program_match(w->run, &w->env, false, w->ids);
	for (size_t i = 0; i < n; i++)
		note_match(w, w->ids[i]);
	return 0;
}

static void outcome_free(struct outcome *o)
{
	vec_free(&o->matches);
	strbuf_release(&o->dump);
}

/* Replays a trace: plainly, or with the engine and what it wants. False when it cannot be opened.
 */
static bool replay(const struct program *p, const struct event_wants *wants, enum forget forget,
		   const char *path, struct outcome *ret)
{
	struct walk w = { .p = p, .forget = forget, .dice = { 1 + forget }, .out = ret };
	struct replay_visitor v = {
		.arg = &w, .event = on_event, .open = on_open, .use = on_use, .wants = wants
	};
	const struct replay_select all = { 0 };
	struct source *src;
	struct state *st;
	struct diag diag;
	bool good;

	*ret = (struct outcome){ .dump = STRBUF_INIT };
	diag_init(&diag);
	good = trace_open(path, &diag, &src) == 0;
	if (good) {
		st = state_new(NULL);
		w.run = wants ? program_run_new(p) : NULL;
		w.scratch.regex = regex_scratch_new();
		w.env = (struct field_env){ .arena = &w.arena, .memory = field_state_new() };
		w.ids = xcalloc(p->roots.n + 1, sizeof(*w.ids));
		arena_init(&w.arena);
		replay_run(src, st, &all, &v, &ret->stats);
		/* What the last event closed may be gone, or go with the next one. */
		state_settle(st);
		state_dump(st, &ret->dump);
		arena_destroy(&w.arena);
		free(w.ids);
		field_state_free(w.env.memory);
		regex_scratch_free(w.scratch.regex);
		path_walk_free(&w.scratch.walk);
		program_run_free(w.run);
		state_free(st);
		source_close(src);
	}
	diag_free(&diag);
	return good;
}

/* ---- comparing */

struct tally {
	unsigned tests, failed;
	uint64_t events, matches, unseen;
};

static const char *difference(const struct outcome *a, const struct outcome *b, struct strbuf *text)
{
	size_t n = a->matches.n < b->matches.n ? a->matches.n : b->matches.n, i = 0;

	strbuf_reset(text);
	while (i < n && a->matches.v[i].num == b->matches.v[i].num &&
	       a->matches.v[i].id == b->matches.v[i].id)
		i++;
	if (i < a->matches.n || i < b->matches.n) {
		const struct match *m = i < a->matches.n ? &a->matches.v[i] : &b->matches.v[i];

		strbuf_addf(text,
			    "%zu and %zu matches; the first that differs is of event %llu or so, "
			    "condition %d",
			    a->matches.n, b->matches.n, (unsigned long long)m->num, m->id);
		return text->s;
	}
	if (a->stats.events != b->stats.events || a->stats.visited != b->stats.visited ||
	    a->stats.raw != b->stats.raw || a->stats.first_ts != b->stats.first_ts ||
	    a->stats.last_ts != b->stats.last_ts)
		return "the counts of events differ";
	if (b->dump.n && !str_eq(strbuf_str(&a->dump), strbuf_str(&b->dump)))
		return "the state at the end differs";
	return NULL;
}

static void tell(struct tally *t, const char *path, const char *what, const char *wrong)
{
	t->tests++;
	t->failed += wrong != NULL;
	printf("%sok %u - %s: %s\n", wrong ? "not " : "", t->tests, path, what);
	if (wrong)
		printf("# %s\n", wrong);
}

/* All ways over one trace. */
static void compare(const struct program *p, const struct event_wants *wants, const char *name,
		    const char *path, struct tally *t)
{
	struct strbuf text = STRBUF_INIT, what = STRBUF_INIT;
	struct event_wants full = *wants;
	struct outcome plain, fast;

	/* With the memory sizes, the state is all there. */
	full.memory = true;
	if (!replay(p, NULL, KEEP, path, &plain)) {
		tell(t, path, "opened", "it cannot be opened");
		return;
	}
	t->events += plain.stats.events;
	t->matches += plain.matches.n;
	for (int forget = 0; forget < N_FORGET; forget++) {
		for (int all = 0; all < 2; all++) {
			replay(p, all ? &full : wants, (enum forget)forget, path, &fast);
			if (!all && !wants->memory)
				strbuf_reset(&fast.dump);
			strbuf_reset(&what);
			strbuf_addf(&what, "%s, %s%s", name, forget_names[forget],
				    all ? ", with memory sizes" : "");
			t->unseen += plain.seen - fast.seen;
			tell(t, path, what.s, difference(&plain, &fast, &text));
			outcome_free(&fast);
		}
	}
	outcome_free(&plain);
	strbuf_release(&text);
	strbuf_release(&what);
}

/* ---- mutants of traces */

struct mutator {
	struct dice dice;
	struct param params[MAX_PARAMS];
	uint8_t bytes[16];
	int64_t tids[16]; /* seen lately */
	unsigned n_tids;
};

static void mutate_param(struct mutator *m, struct event *ev)
{
	unsigned i = ev->n_params ? roll(&m->dice, ev->n_params) : 0;
	struct param *p = &m->params[i];

	if (!ev->n_params)
		return;
	switch (roll(&m->dice, 4)) {
	case 0:
		p->n = 0;
		break;
	case 1:
		ev->n_params = i;
		break;
	default:
		/* A small number of the same size: another descriptor, command, result. */
		if (p->n > sizeof(m->bytes))
			break;
		memset(m->bytes, roll(&m->dice, 8) ? 0 : 0xff, sizeof(m->bytes));
		m->bytes[0] = (uint8_t)roll(&m->dice, roll(&m->dice, 2) ? 8 : 256);
		p->p = m->bytes;
	}
}

static void mutate(struct mutator *m, struct event *ev)
{
	m->tids[m->n_tids++ % 16] = ev->tid;
	switch (roll(&m->dice, 24)) {
	case 0:
	case 1:
	case 2:
		mutate_param(m, ev);
		break;
	case 3:
		ev->tid = m->tids[roll(&m->dice, m->n_tids < 16 ? m->n_tids : 16)];
		break;
	case 4:
		ev->tid = roll(&m->dice, 4) ? 5000000 + (int64_t)roll(&m->dice, 4) : -1;
		break;
	case 5:
		if (roll(&m->dice, 4) == 0)
			ev->delivery ^= EVENT_STATE_ONLY;
		break;
	case 6:
		if (roll(&m->dice, 3) == 0)
			ev->type ^= 1;
		else if (roll(&m->dice, 3) == 0)
			ev->type = (uint16_t)roll(&m->dice, EVENT_N_TYPES + 3);
		ev->info = event_info(ev->type);
		break;
	case 7:
		ev->ts -= roll(&m->dice, 1000000);
		break;
	default:
		break;
	}
}

/* Copies a trace with events left out, doubled and changed; false when that fails. */
static bool make_mutant(const char *from, const char *to, uint64_t seed)
{
	struct trace_create_options opt = { .format = TRACE_EYAS, .overwrite = true };
	struct mutator m = { .dice = { seed * 2 + 1 } };
	struct source *src = NULL;
	struct sink *sink = NULL;
	struct record rec;
	struct diag diag;
	int e = 0;

	diag_init(&diag);
	if (trace_open(from, &diag, &src) == 0 && trace_create(to, &opt, &diag, &sink) == 0) {
		while (!e && source_next(src, &rec) == 1) {
			unsigned times = 1;

			if (rec.kind == RECORD_EVENT && rec.event.n_params <= MAX_PARAMS) {
				memcpy(m.params, rec.event.params,
				       rec.event.n_params * sizeof(*m.params));
				rec.event.params = m.params;
				mutate(&m, &rec.event);
				times = (unsigned[]){
					0, 2, 3, 1
				}[roll(&m.dice, 60) > 2 ? 3 : roll(&m.dice, 3)];
			}
			while (!e && times--)
				e = sink->ops->put(sink, &rec);
		}
		e = sink->ops->finish(sink);
	} else {
		e = -EINVAL;
	}
	source_close(src);
	diag_free(&diag);
	return e == 0;
}

/* ---- main */

static struct ruleset *load_rules(char **paths, unsigned n)
{
	struct ruleset_options opt = { 0 };
	struct ruleset *rs;
	struct diag diag;

	diag_init(&diag);
	ruleset_options_known(&opt);
	rs = ruleset_new(&opt);
	for (unsigned i = 0; i < n; i++)
		ruleset_add_path(rs, paths[i], &diag);
	if (ruleset_compile(rs, &diag)) {
		printf("Bail out! the rules have errors\n");
		exit(EXIT_FAILURE);
	}
	ruleset_build(rs, NULL);
	diag_free(&diag);
	return rs;
}

int main(int argc, char **argv)
{
	unsigned n_rules = 0, n_conditions = 200, n_mutants = 2;
	struct event_wants rule_wants, made_wants;
	struct strbuf mutant = STRBUF_INIT;
	struct tally t = { 0 };
	const char *tmp = ".";
	struct ruleset *rules;
	struct program *made;
	bool *no_payload;
	char *paths[16];
	int opt;

	while ((opt = getopt(argc, argv, "r:c:m:t:")) != -1) {
		if (opt == 'r' && n_rules < 16)
			paths[n_rules++] = optarg;
		else if (opt == 'c')
			n_conditions = (unsigned)atoi(optarg);
		else if (opt == 'm')
			n_mutants = (unsigned)atoi(optarg);
		else if (opt == 't')
			tmp = optarg;
		else
			return 2;
	}
	rules = load_rules(paths, n_rules);
	ruleset_wants(rules, &rule_wants);
	made = made_program(n_conditions);
	no_payload = calloc(n_conditions, sizeof(*no_payload));
	if (!no_payload)
		return 2;
	program_wants(made, no_payload, &made_wants);
	strbuf_addf(&mutant, "%s/engine-mutant.%ld.eyas", tmp, (long)getpid());
	for (int i = optind; i < argc; i++) {
		for (unsigned m = 0; m <= n_mutants; m++) {
			const char *path = m ? mutant.s : argv[i];

			if (m && !make_mutant(argv[i], path, (uint64_t)i * 1000 + m)) {
				tell(&t, argv[i], "mutant", "it cannot be made");
				continue;
			}
			compare(ruleset_program(rules), &rule_wants, "rules", path, &t);
			compare(made, &made_wants, "made-up conditions", path, &t);
		}
	}
	unlink(mutant.s);
	printf("1..%u\n# %llu events, %llu matches, %llu times an event was not shown\n", t.tests,
	       (unsigned long long)t.events, (unsigned long long)t.matches,
	       (unsigned long long)t.unseen);
	strbuf_release(&mutant);
	free(no_payload);
	program_free(made);
	ruleset_free(rules);
	return t.failed || !t.matches || !t.unseen;
}
