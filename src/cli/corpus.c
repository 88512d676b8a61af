/* Rules over traces, event by event; see corpus.h. */
#include "cli/corpus.h"

#include <stdio.h>

#include "base/parallel.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/file_kind.h"
#include "replay/runs.h"
#include "trace/trace.h"

static void select_rules(struct corpus_options *o, bool enable, bool by_tag, const char *pattern)
{
	struct rule_selection s = { .enable = enable,
				    .match = by_tag ? RULE_MATCH_TAG : RULE_MATCH_WILDCARD,
				    .pattern = str_of(pattern) };

	vec_push(&o->selection, s);
}

bool corpus_option(struct corpus_options *o, const struct option_state *st, int key,
		   int *ret_status)
{
	*ret_status = EXIT_DONE;
	switch (key) {
	case 'r':
		vec_push(&o->rules, st->arg);
		return true;
	case OPT_C_ENABLE:
	case OPT_C_DISABLE:
		select_rules(o, key == OPT_C_ENABLE, false, st->arg);
		return true;
	case OPT_C_TAG:
		/* The first leaves only its rules; further ones add theirs. */
		if (!o->tag_seen)
			select_rules(o, false, false, "*");
		o->tag_seen = true;
		select_rules(o, true, true, st->arg);
		return true;
	case OPT_C_NOT_TAG:
		select_rules(o, false, true, st->arg);
		return true;
	case 'j':
		*ret_status = option_jobs(st, &o->jobs);
		return true;
	case OPT_SINCE:
	case OPT_UNTIL:
	case OPT_EVENTS:
		*ret_status = option_select(st, key, &o->select);
		return true;
	default:
		return false;
	}
}

void corpus_options_free(struct corpus_options *o)
{
	vec_free(&o->rules);
	vec_free(&o->selection);
}

void corpus_confine(const struct corpus_options *o, const char *const *more, size_t n_more,
		    char *const *traces, size_t n)
{
	VEC(const char *) paths = { 0 };

	for (size_t i = 0; i < o->rules.n; i++)
		vec_push(&paths, o->rules.v[i]);
	for (size_t i = 0; i < n_more; i++)
		vec_push(&paths, more[i]);
	for (size_t i = 0; i < n; i++)
		vec_push(&paths, (const char *)traces[i]);
	struct confine_rules rules = { paths.v, paths.n };
	confine(&rules);
	vec_free(&paths);
}

#define BUILTIN "(eyas)" /* name of the command's own rules, as that of a file */

static int add_rules(struct corpus *c, const char *const *paths, size_t n, struct diag *diag)
{
	int failed = 0;

	if (c->opt->builtin.n)
		failed = ruleset_add_text(c->rules, BUILTIN, c->opt->builtin, diag);
	for (size_t i = 0; i < n; i++) {
		int e;

		if (file_looks_like_trace(paths[i])) {
			fprintf(stderr, "%s: %s is a trace, not rules: give traces without -r\n",
				c->command, paths[i]);
			return EXIT_USAGE;
		}
		e = ruleset_add_path(c->rules, paths[i], diag);
		if (e && !failed)
			failed = e;
	}
	if (!failed)
		failed = ruleset_compile(c->rules, diag);
	/* Warnings are for eyas rules check; here they would hide the answer. */
	if (failed)
		diag_print(diag, stderr);
	return !failed ? EXIT_DONE : failed == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

int corpus_load(struct corpus *c, const char *command, const struct corpus_options *opt,
		const char *const *paths, size_t n)
{
	struct ruleset_options ro = { 0 };
	struct diag diag;
	int status;

	*c = (struct corpus){ .command = command, .opt = opt };
	arena_init(&c->arena);
	ruleset_options_known(&ro);
	c->rules = ruleset_new(&ro);
	diag_init(&diag);
	status = add_rules(c, paths, n, &diag);
	diag_free(&diag);
	if (status)
		return status;
	for (size_t i = 0; i < opt->selection.n; i++)
		ruleset_select(c->rules, &opt->selection.v[i]);
	for (size_t i = 0; opt->builtin.n && i < ruleset_count(c->rules); i++) {
		struct rule *r = ruleset_rule(c->rules, i);

		r->selected |= str_eqz(str_of(r->file), BUILTIN);
	}
	ruleset_build(c->rules, NULL);
	c->trees = rule_trees_new(c->rules);
	return EXIT_DONE;
}

void corpus_free(struct corpus *c)
{
	rule_trees_free(c->trees);
	if (c->rules)
		ruleset_free(c->rules);
	arena_destroy(&c->arena);
}

struct walk {
	struct corpus *c;
	int (*event)(struct corpus *c, void *arg);
	void *arg;
};

static void on_loss(void *arg, const struct loss *loss)
{
	struct walk *w = arg;

	w->c->loss(w->arg, loss);
}

static int on_snapshot(void *arg, const struct snapshot *snap)
{
	struct walk *w = arg;

	(void)snap; /* the state has loaded it */
	w->c->section(w->arg, w->c->state);
	return 0;
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct walk *w = arg;

	w->c->env.ctx = ctx;
	arena_reset(&w->c->arena);
	return w->event(w->c, w->arg);
}

static void say_progress(struct corpus *c, const struct source *src, const struct replay_stats *st)
{
	if (progress_due(&c->progress))
		progress_say(&c->progress, "%s: %llu events", src->name,
			     (unsigned long long)st->events);
}

static void on_progress(void *arg, const struct source *src, const struct replay_stats *st)
{
	say_progress(((struct walk *)arg)->c, src, st);
}

/* Walks one trace, telling nothing yet: 0 or -errno, and *ret_opened. */
static int walk_quietly(struct walk *w, const char *path, const struct replay_visitor *v,
			struct diag *diag, bool *ret_opened)
{
	struct corpus *c = w->c;
	struct state_options so;
	struct source *src;
	int e = trace_open(path, diag, &src);

	*ret_opened = e == 0;
	if (e)
		return e;
	state_options_default(&so);
	c->trace = path;
	c->state = state_new(&so);
	c->run = c->rules ? program_run_new(ruleset_program(c->rules)) : NULL;
	c->env = (struct field_env){ .arena = &c->arena, .memory = field_state_new() };
	e = replay_run(src, c->state, &c->opt->select, v, &c->stats);
	if (c->run)
		program_run_free(c->run);
	field_state_free(c->env.memory);
	state_free(c->state);
	c->run = NULL;
	c->state = NULL;
	source_close(src);
	return e;
}

static int tell_end(const struct corpus *c, const char *path, const struct diag *diag, bool opened,
		    int e)
{
	if (!c->silent)
		diag_print(diag, stderr);
	if (opened && e < 0 && e != -EBADMSG)
		fprintf(stderr, "%s: %s: %s\n", c->command, path, strerror(-e));
	return exit_of_trace(e);
}

static int walk_trace(struct walk *w, const char *path)
{
	struct replay_visitor v = { .arg = w, .event = on_event };
	struct corpus *c = w->c;
	struct diag diag;
	bool opened;
	int e, status;

	progress_begin(&c->progress);
	if (c->progress.on)
		v.progress = on_progress;
	if (c->loss)
		v.loss = on_loss;
	if (c->section)
		v.snapshot = on_snapshot;
	diag_init(&diag);
	e = walk_quietly(w, path, &v, &diag, &opened);
	progress_end(&c->progress);
	status = tell_end(c, path, &diag, opened, e);
	diag_free(&diag);
	return status;
}

int corpus_walk(struct corpus *c, char *const *traces, size_t n,
		int (*event)(struct corpus *c, void *arg), void *arg)
{
	struct walk w = { c, event, arg };
	int status = EXIT_DONE;

	for (size_t i = 0; i < n; i++) {
		int s = walk_trace(&w, traces[i]);

		if (s > status)
			status = s;
	}
	return status;
}

/* --- in several threads --------------------------------------------------------------------- */

struct each_walk {
	struct corpus *c;
	const struct corpus_each *each;
	void *arg;
	size_t n, taken; /* traces */
	int status;
};

/* A run's own: a corpus that has the rules of the common one. */
struct each_run {
	struct each_walk *ew;
	struct run *run;
	struct corpus corpus;
	void *part;
};

static void *each_begin(void *arg, struct run *run, const char *path)
{
	struct each_walk *ew = arg;
	struct each_run *er = xcalloc(1, sizeof(*er));
	struct corpus *c = &er->corpus;

	er->ew = ew;
	er->run = run;
	c->command = ew->c->command;
	c->opt = ew->c->opt;
	c->rules = ew->c->rules;
	c->trees = ew->c->trees;
	c->trace = path;
	arena_init(&c->arena);
	c->run = program_run_new(ruleset_program(c->rules));
	c->env = (struct field_env){ .arena = &c->arena, .memory = field_state_new() };
	er->part = ew->each->new_part(ew->arg);
	return er;
}

static int each_event(void *arg, struct event_ctx *ctx)
{
	struct each_run *er = arg;

	er->corpus.env.ctx = ctx;
	arena_reset(&er->corpus.arena);
	return er->ew->each->event(&er->corpus, er->part);
}

static void each_progress(void *arg, const struct source *src, const struct replay_stats *st)
{
	const struct each_run *er = arg;

	if (run_keeps(er->run, 0))
		say_progress(er->ew->c, src, st);
}

static void each_end(void *arg)
{
	struct each_run *er = arg;

	program_run_free(er->corpus.run);
	field_state_free(er->corpus.env.memory);
	arena_destroy(&er->corpus.arena);
}

static void each_take(void *arg, void *mine, const struct run_result *res)
{
	struct each_walk *ew = arg;
	struct each_run *er = mine;
	struct corpus *c = ew->c;
	int status;

	progress_end(&c->progress);
	status = tell_end(c, res->path, res->diag, res->opened, res->e);
	if (status > ew->status)
		ew->status = status;
	if (er)
		ew->each->take(ew->arg, er->part);
	if (!res->ended_it)
		return;
	if (res->opened)
		c->stats.events += res->stats->events;
	ew->taken++;
	if (progress_due(&c->progress))
		progress_say(&c->progress, "%s: %zu of %zu traces", c->command, ew->taken, ew->n);
}

static void each_drop(void *arg, void *mine)
{
	struct each_walk *ew = arg;
	struct each_run *er = mine;

	ew->each->free_part(ew->arg, er->part);
	free(er);
}

int corpus_walk_each(struct corpus *c, unsigned jobs, char *const *traces, size_t n,
		     const struct corpus_each *each, void *arg)
{
	struct each_walk ew = { .c = c, .each = each, .arg = arg, .n = n };
	const struct runs_client client = {
		.arg = &ew,
		.select = &c->opt->select,
		.wants = each->wants,
		.begin = each_begin,
		.event = each_event,
		.progress = each_progress,
		.end = each_end,
		.take = each_take,
		.drop = each_drop,
	};
	struct runs *all;

	progress_begin(&c->progress);
	all = runs_new(&client, (const char *const *)traces, n);
	if (ruleset_remembers(c->rules))
		runs_keep_whole(all);
	runs_walk(all, parallel_jobs(jobs));
	runs_free(all);
	progress_end(&c->progress);
	return ew.status;
}

struct rule *corpus_rule(const struct corpus *c, const char *name)
{
	struct str near;

	for (size_t i = 0; i < ruleset_count(c->rules); i++) {
		struct rule *r = ruleset_rule(c->rules, i);

		if (str_eqz(r->name, name))
			return r;
	}
	near = ruleset_nearest_rule(c->rules, str_of(name));
	fprintf(stderr, "%s: there is no rule '%s'", c->command, name);
	if (near.n)
		fprintf(stderr, "; did you mean '%.*s'?\n", STR_FMT(near));
	else
		fputs("; eyas rules list names them\n", stderr);
	return NULL;
}

int corpus_print(const struct corpus *c, const struct strbuf *out)
{
	return corpus_write(c->command, "-", stdout, out);
}

FILE *corpus_create(const char *command, const char *path)
{
	bool is_standard = str_eqz(str_of(path), "-");
	const char *kind = is_standard ? NULL : file_not_to_replace(path);
	FILE *f;

	if (kind) {
		fprintf(stderr, "%s: %s is %s, which would be lost: give another name\n", command,
			path, kind);
		return NULL;
	}
	f = is_standard ? stdout : fopen(path, "w");
	if (!f)
		fprintf(stderr, "%s: cannot write %s: %s\n", command, path, strerror(errno));
	return f;
}

int corpus_write(const char *command, const char *path, FILE *f, const struct strbuf *text)
{
	bool ok = fwrite(text->s, 1, text->n, f) == text->n && fflush(f) == 0;

	if (f != stdout)
		ok = fclose(f) == 0 && ok;
	if (ok)
		return EXIT_DONE;
	fprintf(stderr, "%s: cannot write %s: %s\n", command,
		f == stdout ? "standard output" : path, strerror(errno));
	return EXIT_FAILED;
}
