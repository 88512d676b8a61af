/* The rules over events; see replay_pass.h. */
#include "cli/replay_pass.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "output/alert.h"

void replay_rules_init(struct replay_rules *rr, const struct replay_options *opt,
		       struct ruleset *rules)
{
	*rr = (struct replay_rules){ .opt = opt, .rules = rules, .n = ruleset_count(rules) };
	rr->position = xcalloc(rr->n + 1, sizeof(*rr->position));
	for (size_t i = 0; i < rr->n; i++) {
		const struct rule *rule = ruleset_rule(rules, i);

		if (rule->id >= 0)
			rr->position[rule->id] = i;
	}
}

void replay_rules_free(struct replay_rules *rr)
{
	free(rr->position);
	rr->position = NULL;
}

void replay_pass_init(struct replay_pass *p, const struct replay_rules *rules, const char *trace,
		      int (*put)(void *arg, struct str line), void *arg)
{
	*p = (struct replay_pass){ .rules = rules, .trace = trace, .put = put, .arg = arg };
	arena_init(&p->arena);
	strbuf_init(&p->line);
	p->run = program_run_new(ruleset_program(rules->rules));
	p->env = (struct field_env){ .arena = &p->arena, .memory = field_state_new() };
	p->ids = xcalloc(rules->n + 1, sizeof(*p->ids));
	p->counts.by_rule = xcalloc(rules->n + 1, sizeof(*p->counts.by_rule));
}

void replay_pass_free(struct replay_pass *p)
{
	program_run_free(p->run);
	field_state_free(p->env.memory);
	arena_destroy(&p->arena);
	strbuf_release(&p->line);
	free(p->ids);
	free(p->counts.by_rule);
}

static int raise_alert(struct replay_pass *p, int id)
{
	const struct replay_options *opt = p->rules->opt;
	const struct rule *rule = ruleset_rule_by_id(p->rules->rules, id);
	struct alert a = { rule, &p->env, p->trace };

	strbuf_reset(&p->line);
	alert_line(&a, &opt->alert, &p->line);
	p->counts.by_rule[p->rules->position[id]]++;
	p->counts.by_priority[rule->priority]++;
	p->counts.total++;
	if (opt->has_fail_on && rule->priority <= opt->fail_on)
		p->counts.failed_on = true;
	return p->put(p->arg, strbuf_str(&p->line));
}

int replay_pass_event(struct replay_pass *p, struct event_ctx *ctx)
{
	size_t n;
	int r = 0;

	p->env.ctx = ctx;
	arena_reset(&p->arena);
	n = program_match(p->run, &p->env, !p->rules->opt->match_all, p->ids);
	for (size_t i = 0; i < n && !r; i++)
		r = raise_alert(p, p->ids[i]);
	return r;
}

enum open_verdict replay_pass_open(struct replay_pass *p, const struct state_open *o)
{
	arena_reset(&p->arena);
	return program_open(p->run, &p->env, o);
}

bool replay_pass_use(struct replay_pass *p, const struct state_use *u)
{
	return program_use(p->run, &p->env, u);
}
