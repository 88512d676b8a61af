#include "cli/keep_rules.h"

#include <stdlib.h>

#include "fields/field.h"
#include "rules/output_format.h"
#include "rules/program.h"
#include "rules/ruleset.h"

int keep_rules_load(struct keep_rules *k, const char *command)
{
	return corpus_load(&k->corpus, command, &k->options, k->options.rules.v,
			   k->options.rules.n);
}

void keep_rules_free(struct keep_rules *k)
{
	if (k->options.rules.n)
		corpus_free(&k->corpus);
	corpus_options_free(&k->options);
	vec_free(&k->before);
	vec_free(&k->after);
}

struct walk {
	struct keep_rules *k;
	keep_rules_text_fn *change;
	void *arg;
	kept_alerts *out;
	struct program_run *run;
	struct field_env env;
	struct arena arena;
	struct strbuf text, changed;
	int *ids;
};

static void take(struct walk *w, const struct event *ev, int id)
{
	const struct rule *rule = ruleset_rule_by_id(w->k->corpus.rules, id);
	struct kept_alert a = { ev->num, ev->ts, 0, id };
	struct str text;

	strbuf_reset(&w->text);
	strbuf_reset(&w->changed);
	w->env.for_output = true;
	output_format_text(rule->output, &w->env, &w->text);
	w->env.for_output = false;
	text = strbuf_str(&w->text);
	if (w->change) {
		w->change(w->arg, text, &w->changed);
		text = strbuf_str(&w->changed);
	}
	a.text = hash_bytes(text.p, text.n);
	vec_push(w->out, a);
}

static int on_event(void *arg, struct event_ctx *ctx)
{
	struct walk *w = arg;
	size_t n;

	arena_reset(&w->arena);
	w->env.ctx = ctx;
	n = program_match(w->run, &w->env, false, w->ids);
	for (size_t i = 0; i < n; i++)
		take(w, ctx->ev, w->ids[i]);
	return 0;
}

int keep_rules_walk(struct keep_rules *k, struct source *src, keep_rules_text_fn *change, void *arg,
		    kept_alerts *out)
{
	struct walk w = { .k = k, .change = change, .arg = arg, .out = out };
	const struct replay_visitor v = { .arg = &w, .event = on_event };
	const struct replay_select all = { 0 };
	struct replay_stats stats = { 0 };
	struct state_options so;
	struct state *st;
	int r;

	strbuf_init(&w.text);
	strbuf_init(&w.changed);
	arena_init(&w.arena);
	state_options_default(&so);
	st = state_new(&so);
	w.run = program_run_new(ruleset_program(k->corpus.rules));
	w.env = (struct field_env){ .arena = &w.arena, .memory = field_state_new() };
	w.ids = xcalloc(ruleset_count(k->corpus.rules) + 1, sizeof(*w.ids));
	r = replay_run(src, st, &all, &v, &stats);
	free(w.ids);
	program_run_free(w.run);
	field_state_free(w.env.memory);
	state_free(st);
	arena_destroy(&w.arena);
	strbuf_release(&w.text);
	strbuf_release(&w.changed);
	return r;
}

static int order(const struct kept_alert *a, const struct kept_alert *b)
{
	if (a->num != b->num)
		return a->num < b->num ? -1 : 1;
	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	return a->ts == b->ts ? 0 : a->ts < b->ts ? -1 : 1;
}

static void differs(struct keep_rules *k, const struct kept_alert *a, bool gained)
{
	if (gained)
		k->gained++;
	else
		k->lost++;
	if (k->n_shown == KEEP_RULES_SHOWN)
		return;
	k->shown[k->n_shown].alert = *a;
	k->shown[k->n_shown++].gained = gained;
}

bool keep_rules_compare(struct keep_rules *k)
{
	size_t i = 0, j = 0;

	while (i < k->before.n || j < k->after.n) {
		const struct kept_alert *a = &k->before.v[i], *b = &k->after.v[j];
		int o = i == k->before.n ? 1 : j == k->after.n ? -1 : order(a, b);

		if (o == 0 && a->text != b->text)
			k->texts_differ++;
		else if (o < 0)
			differs(k, a, false);
		else if (o > 0)
			differs(k, b, true);
		i += o <= 0;
		j += o >= 0;
	}
	return !k->lost && !k->gained;
}

struct str keep_rules_name(const struct keep_rules *k, const struct kept_alert *a)
{
	return ruleset_rule_by_id(k->corpus.rules, a->rule)->name;
}
