/*
 * eyas diff: what a change of rules changes in the alerts of traces.
 *
 * The traces are replayed with the old rules and with the new ones. Alerts are the same when rule,
 * trace and event are. What is there once only is then explained with the rules that do not raise
 * it.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/near_miss.h"
#include "output/alert.h"

enum { OPT_OLD = 256, OPT_NEW, OPT_JSON, OPT_MARKDOWN, OPT_MATCHING };

static const struct option_row rows[] = {
	{ OPT_OLD, "old", "PATH",
	  "the rules before: a file or a directory (repeatable, in order)" },
	{ OPT_NEW, "new", "PATH", "the rules after (repeatable, in order)" },
	{ OPT_MATCHING, "rule-matching", "first|all",
	  "per event, only the first rule that matches, or all (default: first)" },
	{ OPT_JSON, "json", NULL, "JSON, one object" },
	{ OPT_MARKDOWN, "markdown", NULL, "Markdown, as for a comment on a pull request" },
	CORPUS_JOBS_ROW,
	CORPUS_SELECTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas diff [OPTION]... --old RULES --new RULES TRACE...",
	.about =
		"Tells which alerts a change of rules loses, gains or changes, by rule, and which comparison is why.",
	.rows = rows,
	.more = "Exit status: 0 nothing is lost, 1 an alert is lost, 2 wrong usage or invalid rules, 3 a trace was damaged\n"
		"or cut, 4 could not do it.",
};

struct found {
	struct str key, rule, text;
	const char *trace;
	uint64_t num;
};

/* One set of rules, its alerts, and what it says of the other's. */
struct side {
	struct corpus corpus;
	VEC(const char *) paths;
	struct arena arena;
	struct strmap alerts;           /* struct found by key, in order of time */
	const struct strmap *questions; /* alerts of the other side that this one does not raise */
	struct u64map asked;            /* numbers of their events in the trace in hand */
	bool remembers;                 /* a rule does: it must see all events */
	struct strmap why;              /* struct near_miss by rule */
	bool match_all;
	int *ids;
};

enum form { FORM_TEXT, FORM_JSON, FORM_MARKDOWN };

struct diff {
	struct corpus_options opt;
	struct side old, new;
	bool match_all;
	enum form form;
	struct strmap lost, gained;        /* struct found by key */
	VEC(const struct found *) changed; /* of the old side */
	struct strbuf out;
};

static struct str key_of(const char *trace, uint64_t num, struct str rule, struct strbuf *sb)
{
	strbuf_reset(sb);
	strbuf_addf(sb, "%s\n%llu\n", trace, (unsigned long long)num);
	strbuf_addstr(sb, rule);
	return strbuf_str(sb);
}

/* The alerts of some events in a row. */
struct harvest {
	const struct side *side;
	struct arena arena;
	VEC(struct found *) found;
	int *ids;
};

static void *harvest_new(void *arg)
{
	const struct side *s = arg;
	struct harvest *h = xcalloc(1, sizeof(*h));

	h->side = s;
	arena_init(&h->arena);
	h->ids = xcalloc(ruleset_count(s->corpus.rules) + 1, sizeof(*h->ids));
	return h;
}

static int collect(struct corpus *c, void *arg)
{
	struct harvest *h = arg;
	struct alert_options opt = { .iso_time = true };
	struct strbuf sb = STRBUF_INIT;
	size_t n = program_match(c->run, &c->env, !h->side->match_all, h->ids);

	for (size_t i = 0; i < n; i++) {
		struct alert a = { ruleset_rule_by_id(c->rules, h->ids[i]), &c->env, NULL };
		struct found *f = arena_calloc(&h->arena, 1, sizeof(*f));

		f->rule = a.rule->name;
		f->trace = c->trace;
		f->num = c->env.ctx->ev->num;
		f->key = arena_str(&h->arena, key_of(f->trace, f->num, f->rule, &sb));
		strbuf_reset(&sb);
		alert_text(&a, &opt, &sb);
		f->text = arena_str(&h->arena, strbuf_str(&sb));
		vec_push(&h->found, f);
	}
	strbuf_release(&sb);
	return 0;
}

static void harvest_take(void *arg, void *part)
{
	struct side *s = arg;
	struct harvest *h = part;

	for (size_t i = 0; i < h->found.n; i++) {
		struct found *f = arena_alloc(&s->arena, sizeof(*f));

		*f = *h->found.v[i];
		f->key = arena_str(&s->arena, f->key);
		f->text = arena_str(&s->arena, f->text);
		strmap_put(&s->alerts, f->key, f);
	}
}

static void harvest_free(void *arg, void *part)
{
	struct harvest *h = part;

	(void)arg;
	vec_free(&h->found);
	arena_destroy(&h->arena);
	free(h->ids);
	free(h);
}

static int walk_side(struct diff *d, struct side *s, char *const *traces, size_t n)
{
	struct event_wants wants;
	const struct corpus_each harvest = {
		.new_part = harvest_new,
		.event = collect,
		.take = harvest_take,
		.free_part = harvest_free,
		.wants = &wants,
	};

	ruleset_wants(s->corpus.rules, &wants);
	return corpus_walk_each(&s->corpus, d->opt.jobs, traces, n, &harvest, s);
}

/* Why this side does not raise what the other does. */
static int ask(struct corpus *c, void *arg)
{
	struct side *s = arg;
	uint64_t num = c->env.ctx->ev->num;
	struct strbuf sb = STRBUF_INIT;
	size_t n;

	if (!s->remembers && !u64map_get(&s->asked, num))
		return 0;
	n = program_match(c->run, &c->env, false, s->ids);
	program_begin(c->run, &c->env);
	for (size_t i = 0; i < s->why.n; i++) {
		struct near_miss *m = s->why.entries[i].value;

		if (!m)
			continue;
		if (strmap_has(s->questions, key_of(c->trace, num, m->rule->name, &sb)))
			near_miss_take(m, c, s->ids, n);
		else if (m->tree && m->tree->stateful)
			rule_trace(m->tree, c->run, false, m->res);
	}
	strbuf_release(&sb);
	return 0;
}

/* --- comparison ------------------------------------------------------------------------------ */

static const struct rule *find_rule(const struct side *s, struct str name)
{
	for (size_t i = 0; i < ruleset_count(s->corpus.rules); i++) {
		const struct rule *r = ruleset_rule(s->corpus.rules, i);

		if (str_eq(r->name, name))
			return r;
	}
	return NULL;
}

/* Which events of a trace questions are about. */
static void ask_of_trace(struct side *s, const char *trace)
{
	u64map_clear(&s->asked);
	for (size_t i = 0; i < s->questions->n; i++) {
		const struct found *f = s->questions->entries[i].value;

		if (strcmp(f->trace, trace) == 0)
			u64map_put(&s->asked, f->num, s);
	}
}

static int explain_missing(struct side *s, const struct strmap *missing, char *const *traces,
			   size_t n)
{
	int status = EXIT_DONE;

	s->questions = missing;
	for (size_t i = 0; i < missing->n; i++) {
		const struct found *f = missing->entries[i].value;
		const struct rule *r;
		struct near_miss *m = NULL;

		if (strmap_has(&s->why, f->rule))
			continue;
		r = find_rule(s, f->rule);
		if (r && r->id >= 0) {
			m = arena_calloc(&s->arena, 1, sizeof(*m));
			near_miss_init(m, r, rule_trees_get(s->corpus.trees, r));
		}
		strmap_put(&s->why, f->rule, m);
	}
	s->remembers = ruleset_remembers(s->corpus.rules);
	for (size_t i = 0; i < n; i++) {
		int one = 0;

		ask_of_trace(s, traces[i]);
		/* Of the other traces there is nothing to ask. */
		if (s->asked.n)
			one = corpus_walk(&s->corpus, &traces[i], 1, ask, s);
		status = one > status ? one : status;
	}
	for (size_t i = 0; i < s->why.n; i++)
		if (s->why.entries[i].value)
			near_miss_sort(s->why.entries[i].value);
	return status;
}

static void compare(struct diff *d)
{
	for (size_t i = 0; i < d->old.alerts.n; i++) {
		struct found *f = d->old.alerts.entries[i].value;
		const struct found *g = strmap_get(&d->new.alerts, f->key);

		if (!g)
			strmap_put(&d->lost, f->key, f);
		else if (!str_eq(f->text, g->text))
			vec_push(&d->changed, f);
	}
	for (size_t i = 0; i < d->new.alerts.n; i++) {
		struct found *f = d->new.alerts.entries[i].value;

		if (!strmap_has(&d->old.alerts, f->key))
			strmap_put(&d->gained, f->key, f);
	}
}

/* --- text and Markdown ----------------------------------------------------------------------- */

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void put_code(struct diff *d, struct str text)
{
	const char *mark = d->form == FORM_MARKDOWN ? "`" : "";
	size_t begin;

	strbuf_adds(&d->out, mark);
	begin = d->out.n;
	text_escape(&d->out, text);
	for (size_t i = begin; d->form == FORM_MARKDOWN && i < d->out.n; i++)
		if (d->out.s[i] == '`')
			d->out.s[i] = '\'';
	strbuf_adds(&d->out, mark);
}

/* Why `side` has no such alert, for all alerts of a rule. */
static void put_why(struct diff *d, const struct side *side, struct str rule)
{
	const struct near_miss *m = strmap_get(&side->why, rule);
	const char *when = side == &d->new ? "in the new rules" : "in the old rules";

	if (!find_rule(side, rule)) {
		strbuf_addf(&d->out, "    there is no such rule %s\n", when);
		return;
	}
	if (!m) {
		strbuf_addf(&d->out, "    it does not compile %s\n", when);
		return;
	}
	if (!m->rule->selected)
		strbuf_addf(&d->out, "    it is switched off %s\n", when);
	if (m->taken && m->fired_example && m->fired_example->winner) {
		strbuf_addf(&d->out, "    %s, %llu event%s taken by an earlier rule: ", when,
			    (unsigned long long)m->taken, m->taken == 1 ? " is" : "s are");
		text_escape(&d->out, m->fired_example->winner->name);
		strbuf_addc(&d->out, '\n');
	}
	if (m->groups.n)
		strbuf_addf(&d->out, "    %s it does not match:\n", when);
	for (size_t i = 0; i < m->groups.n && i < 3; i++)
		near_group_text(m->groups.v[i], 6, &d->out);
	if (m->groups.n > 3)
		strbuf_addf(&d->out, "      %zu more kinds\n", m->groups.n - 3);
}

static void put_rule(struct diff *d, const struct strmap *set, size_t first,
		     const struct side *without)
{
	const struct found *f = set->entries[first].value;
	size_t n = 0, shown = 0;

	for (size_t i = first; i < set->n; i++)
		n += str_eq(((const struct found *)set->entries[i].value)->rule, f->rule);
	strbuf_adds(&d->out, d->form == FORM_MARKDOWN ? "* **" : "  ");
	text_escape(&d->out, f->rule);
	strbuf_addf(&d->out, "%s: %zu alert%s\n", d->form == FORM_MARKDOWN ? "**" : "", n,
		    plural(n));
	if (d->form == FORM_MARKDOWN)
		strbuf_adds(&d->out, "  ```\n");
	for (size_t i = first; i < set->n && shown < 3; i++) {
		const struct found *g = set->entries[i].value;

		if (!str_eq(g->rule, f->rule))
			continue;
		strbuf_addf(&d->out, "    %s event %llu: ", g->trace, (unsigned long long)g->num);
		text_escape(&d->out, g->text);
		strbuf_addc(&d->out, '\n');
		shown++;
	}
	if (n > shown)
		strbuf_addf(&d->out, "    %zu more\n", n - shown);
	put_why(d, without, f->rule);
	if (d->form == FORM_MARKDOWN)
		strbuf_adds(&d->out, "  ```\n");
}

static void put_set(struct diff *d, const char *title, const struct strmap *set,
		    const struct side *without)
{
	struct strmap seen = { 0 };

	if (!set->n)
		return;
	strbuf_addf(&d->out, d->form == FORM_MARKDOWN ? "\n### %s\n\n" : "\n%s\n", title);
	for (size_t i = 0; i < set->n; i++) {
		const struct found *f = set->entries[i].value;

		if (strmap_has(&seen, f->rule))
			continue;
		strmap_put(&seen, f->rule, NULL);
		put_rule(d, set, i, without);
	}
	strmap_free(&seen);
}

static void put_changed(struct diff *d)
{
	if (!d->changed.n)
		return;
	strbuf_adds(&d->out, d->form == FORM_MARKDOWN ? "\n### Changed\n\n" : "\nchanged\n");
	for (size_t i = 0; i < d->changed.n; i++) {
		const struct found *f = d->changed.v[i];
		const struct found *g = strmap_get(&d->new.alerts, f->key);

		strbuf_adds(&d->out, d->form == FORM_MARKDOWN ? "* **" : "  ");
		text_escape(&d->out, f->rule);
		strbuf_addf(&d->out, "%s: %s event %llu\n", d->form == FORM_MARKDOWN ? "**" : "",
			    f->trace, (unsigned long long)f->num);
		strbuf_adds(&d->out, d->form == FORM_MARKDOWN ? "  - old: " : "    old: ");
		put_code(d, f->text);
		strbuf_adds(&d->out, d->form == FORM_MARKDOWN ? "\n  - new: " : "\n    new: ");
		put_code(d, g->text);
		strbuf_addc(&d->out, '\n');
	}
}

static void put_report(struct diff *d)
{
	if (d->form == FORM_MARKDOWN)
		strbuf_addf(
			&d->out,
			"## Alerts before and after\n\n| old | new | lost | gained | changed |\n"
			"|---:|---:|---:|---:|---:|\n| %zu | %zu | %zu | %zu | %zu |\n",
			d->old.alerts.n, d->new.alerts.n, d->lost.n, d->gained.n, d->changed.n);
	else
		strbuf_addf(&d->out,
			    "%zu alert%s before, %zu after: %zu lost, %zu gained, %zu changed\n",
			    d->old.alerts.n, plural(d->old.alerts.n), d->new.alerts.n, d->lost.n,
			    d->gained.n, d->changed.n);
	put_set(d, d->form == FORM_MARKDOWN ? "Lost" : "lost", &d->lost, &d->new);
	put_set(d, d->form == FORM_MARKDOWN ? "Gained" : "gained", &d->gained, &d->old);
	put_changed(d);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void alert_members(const struct found *f, struct json_writer *w)
{
	json_key(w, "rule");
	json_str(w, f->rule);
	json_key(w, "trace");
	json_strz(w, f->trace);
	json_key(w, "event");
	json_u64(w, f->num);
}

static void set_json(const struct strmap *set, struct json_writer *w, const char *key)
{
	json_key(w, key);
	json_begin_array(w);
	for (size_t i = 0; i < set->n; i++) {
		const struct found *f = set->entries[i].value;

		json_begin_object(w);
		alert_members(f, w);
		json_key(w, "output");
		json_str(w, f->text);
		json_end_object(w);
	}
	json_end_array(w);
}

static void why_json(const struct side *s, struct json_writer *w, const char *key)
{
	json_key(w, key);
	json_begin_array(w);
	for (size_t i = 0; i < s->why.n; i++) {
		const struct near_miss *m = s->why.entries[i].value;
		struct str name = s->why.entries[i].key;

		json_begin_object(w);
		json_key(w, "rule");
		json_str(w, name);
		json_key(w, "exists");
		json_bool(w, find_rule(s, name) != NULL);
		json_key(w, "selected");
		json_bool(w, m && m->rule->selected);
		if (m && m->fired_example && m->fired_example->winner) {
			json_key(w, "taken_by");
			json_str(w, m->fired_example->winner->name);
		}
		json_key(w, "stopped_by");
		json_begin_array(w);
		for (size_t k = 0; m && k < m->groups.n; k++)
			near_group_json(m->groups.v[k], w);
		json_end_array(w);
		json_end_object(w);
	}
	json_end_array(w);
}

static void put_json(struct diff *d)
{
	struct json_writer w;

	json_init(&w, &d->out);
	json_begin_object(&w);
	json_key(&w, "alerts_old");
	json_u64(&w, d->old.alerts.n);
	json_key(&w, "alerts_new");
	json_u64(&w, d->new.alerts.n);
	set_json(&d->lost, &w, "lost");
	why_json(&d->new, &w, "why_lost");
	set_json(&d->gained, &w, "gained");
	why_json(&d->old, &w, "why_gained");
	json_key(&w, "changed");
	json_begin_array(&w);
	for (size_t i = 0; i < d->changed.n; i++) {
		const struct found *f = d->changed.v[i];

		json_begin_object(&w);
		alert_members(f, &w);
		json_key(&w, "old");
		json_str(&w, f->text);
		json_key(&w, "new");
		json_str(&w, ((const struct found *)strmap_get(&d->new.alerts, f->key))->text);
		json_end_object(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
	strbuf_addc(&d->out, '\n');
}

/* --- command --------------------------------------------------------------------------------- */

static int load_side(struct diff *d, struct side *s)
{
	int status = corpus_load(&s->corpus, "eyas diff", &d->opt, s->paths.v, s->paths.n);

	if (!status)
		s->ids = xcalloc(ruleset_count(s->corpus.rules) + 1, sizeof(*s->ids));
	return status;
}

static void free_side(struct side *s)
{
	for (size_t i = 0; i < s->why.n; i++)
		if (s->why.entries[i].value)
			near_miss_free(s->why.entries[i].value);
	strmap_free(&s->why);
	strmap_free(&s->alerts);
	u64map_free(&s->asked);
	vec_free(&s->paths);
	free(s->ids);
	corpus_free(&s->corpus);
	arena_destroy(&s->arena);
}

static int worst(int a, int b)
{
	return a > b ? a : b;
}

static int diff(struct diff *d, char *const *traces, size_t n)
{
	VEC(const char *) paths = { 0 };
	int status;

	for (size_t i = 0; i < d->old.paths.n; i++)
		vec_push(&paths, d->old.paths.v[i]);
	for (size_t i = 0; i < d->new.paths.n; i++)
		vec_push(&paths, d->new.paths.v[i]);
	corpus_confine(&d->opt, paths.v, paths.n, traces, n);
	vec_free(&paths);
	status = load_side(d, &d->old);
	if (!status)
		status = load_side(d, &d->new);
	if (status)
		return status;
	status = walk_side(d, &d->old, traces, n);
	if (status == EXIT_USAGE || status == EXIT_FAILED)
		return status;
	/* What is wrong with a trace was told. */
	d->old.corpus.silent = d->new.corpus.silent = true;
	status = worst(status, walk_side(d, &d->new, traces, n));
	compare(d);
	explain_missing(&d->new, &d->lost, traces, n);
	explain_missing(&d->old, &d->gained, traces, n);
	if (d->form == FORM_JSON)
		put_json(d);
	else
		put_report(d);
	status = worst(status, corpus_print(&d->new.corpus, &d->out));
	return worst(status, d->lost.n ? EXIT_TEST_FAILED : EXIT_DONE);
}

static int take_option(struct diff *d, const struct option_state *st, int key)
{
	int status;

	switch (key) {
	case OPT_OLD:
		vec_push(&d->old.paths, st->arg);
		return EXIT_DONE;
	case OPT_NEW:
		vec_push(&d->new.paths, st->arg);
		return EXIT_DONE;
	case OPT_MARKDOWN:
		d->form = FORM_MARKDOWN;
		return EXIT_DONE;
	case OPT_JSON:
		d->form = FORM_JSON;
		return EXIT_DONE;
	case OPT_MATCHING:
		if (!str_eqz(str_of(st->arg), "first") && !str_eqz(str_of(st->arg), "all"))
			return option_usage_error(
				st, "--rule-matching is 'first' or 'all', not '%s'", st->arg);
		d->match_all = str_eqz(str_of(st->arg), "all");
		return EXIT_DONE;
	default:
		corpus_option(&d->opt, st, key, &status);
		return status;
	}
}

int cmd_diff(int argc, char **argv)
{
	struct diff d = { .out = STRBUF_INIT };
	struct option_state st;
	int key, status = EXIT_DONE;

	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take_option(&d, &st, key);
	status = option_outcome(key, status);
	if (!status && (!d.old.paths.n || !d.new.paths.n))
		status = option_usage_error(&st,
					    "give the rules before and after with --old and --new");
	else if (!status && !st.operands.n)
		status = option_usage_error(&st, "give a trace");
	for (size_t i = 0; !status && i < st.operands.n; i++)
		if (strcmp(st.operands.v[i], "-") == 0)
			status = option_usage_error(
				&st, "traces are read more than once: standard input cannot be");
	d.old.match_all = d.new.match_all = d.match_all;
	if (!status)
		status = diff(&d, st.operands.v, st.operands.n);
	free_side(&d.old);
	free_side(&d.new);
	strmap_free(&d.lost);
	strmap_free(&d.gained);
	vec_free(&d.changed);
	strbuf_release(&d.out);
	corpus_options_free(&d.opt);
	option_free(&st);
	return status < 0 ? EXIT_DONE : status;
}
