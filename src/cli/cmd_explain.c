/*
 * eyas explain: why a rule fired, or did not.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/near_miss.h"

#define MOST_STOPPERS 3

enum { OPT_RULE = 256, OPT_EVENT, OPT_NEAR, OPT_FULL };

static const struct option_row rows[] = {
	{ OPT_RULE, "rule", "NAME",
	  "explain this rule (repeatable; default: one line on every rule)" },
	{ OPT_EVENT, "event", "N", "on the event with this number (default: on the nearest ones)" },
	{ OPT_NEAR, "near", "N", "show the N nearest kinds of misses (default: 5)" },
	{ OPT_FULL, "full", NULL, "the whole condition, also the parts that decide nothing" },
	{ 'j', "json", NULL, "JSON, one object a rule, with all there is to say" },
	CORPUS_OPTION_ROWS,
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas explain [OPTION]... -r RULES... [--rule NAME] [--event N] TRACE...",
	.about =
		"Tells why a rule fired or did not: which comparisons held, what the values were, which one stopped\n"
		"it, and in which line of which file that stands.",
	.rows = rows,
	.more = "Without --rule, tells of each rule how often it fired and what came nearest.",
};

struct explain {
	struct corpus corpus;
	struct corpus_options opt;
	VEC(const char *) names;
	VEC(struct near_miss) subjects;
	int *ids;
	bool has_event, found_event, full, json, overview;
	uint64_t event, last_num;
	unsigned near;
	struct strbuf out;
};

static int on_event(struct corpus *c, void *arg)
{
	struct explain *x = arg;
	uint64_t num = c->env.ctx->ev->num;
	bool here = !x->has_event || num == x->event;
	size_t n;

	x->last_num = num;
	if (x->has_event && num > x->event)
		return 1;
	x->found_event |= x->has_event && here;
	/* What has a memory must see every event, also when only one is asked for. */
	n = program_match(c->run, &c->env, false, x->ids);
	program_begin(c->run, &c->env);
	for (size_t i = 0; i < x->subjects.n; i++) {
		struct near_miss *m = &x->subjects.v[i];

		if (here && x->has_event && !x->overview && m->tree) {
			/* Of any type: the answer may be that it is of another. */
			rule_trace(m->tree, c->run, false, m->res);
			m->fired = m->res[0] & TRACE_TRUE;
			m->fired_example = explained_new(c, m->tree, m->res,
							 rule_trace_blockers(m->tree, m->res));
			if (m->fired && n && x->ids[0] < m->rule->id)
				m->fired_example->winner = ruleset_rule_by_id(c->rules, x->ids[0]);
		} else if (here) {
			near_miss_event(m, c, x->ids, n);
		} else if (m->tree && m->tree->stateful) {
			rule_trace(m->tree, c->run, false, m->res);
		}
	}
	return x->has_event && here ? 1 : 0;
}

/* --- text ------------------------------------------------------------------------------------ */

static void put_types(const struct event_set *set, struct strbuf *out)
{
	const char *last = NULL;
	unsigned n = 0, total = 0;

	for (unsigned t = 0; t < EVENT_N_TYPES; t++) {
		const struct event_info *info = event_info(t);

		if (!info || !event_set_has(set, t) || (last && strcmp(last, info->name) == 0))
			continue;
		last = info->name;
		total++;
	}
	if (total > 100) {
		strbuf_adds(out, "any type");
		return;
	}
	last = NULL;
	for (unsigned t = 0; t < EVENT_N_TYPES && n < 6; t++) {
		const struct event_info *info = event_info(t);

		if (!info || !event_set_has(set, t) || (last && strcmp(last, info->name) == 0))
			continue;
		last = info->name;
		strbuf_addf(out, "%s%s", n++ ? ", " : "", last);
	}
	if (n < total)
		strbuf_addf(out, ", %u more", total - n);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void put_head(const struct near_miss *m, struct strbuf *out)
{
	strbuf_adds(out, "rule: ");
	text_escape(out, m->rule->name);
	strbuf_adds(out, "  (");
	text_escape(out, str_of(m->rule->file));
	strbuf_addf(out, ":%u)\n", m->rule->line + 1);
	if (!m->rule->selected)
		strbuf_adds(
			out,
			m->rule->enabled
				? "It is not selected, so it raises no alerts; "
				  "this is what it would do.\n"
				: "It is switched off (enabled: false), so it raises no alerts; "
				  "this is what it would do.\n");
	if (!m->tree)
		strbuf_adds(out, "Its condition is too large to be explained.\n");
}

static void put_winner(const struct explained *e, struct strbuf *out)
{
	if (!e->winner)
		return;
	strbuf_adds(out, "Rule '");
	text_escape(out, e->winner->name);
	strbuf_adds(
		out,
		"' comes before it and matches too: when only the first rule that matches raises an alert, "
		"this one is silent.\n");
}

static void put_example(const struct explain *x, const struct explained *e, struct strbuf *out)
{
	strbuf_addf(out, "event %llu: ", (unsigned long long)e->num);
	strbuf_addstr(out, e->what);
	strbuf_addf(out, "\n%u of %u clauses hold\n", e->held, e->clauses);
	explained_tree(e, x->full, 2, out);
}

static void put_fired(const struct explain *x, const struct near_miss *m, struct strbuf *out)
{
	strbuf_addf(out, "fired: %llu time%s: event%s", (unsigned long long)m->fired,
		    plural(m->fired), plural(m->fired));
	for (size_t i = 0; i < m->fired_nums.n; i++)
		strbuf_addf(out, "%s %llu", i ? "," : "", (unsigned long long)m->fired_nums.v[i]);
	strbuf_adds(out, m->fired > m->fired_nums.n ? ", ...\n" : "\n");
	if (m->taken) {
		uint64_t *keys = u64map_sorted_keys(&m->takers);

		strbuf_addf(
			out,
			"When only the first rule that matches raises an alert, earlier rules take %llu:",
			(unsigned long long)m->taken);
		for (size_t i = 0; i < m->takers.n; i++) {
			const struct rule *r =
				ruleset_rule_by_id(x->corpus.rules, (int)keys[i] - 1);

			strbuf_adds(out, i ? ", '" : " '");
			text_escape(out, r ? r->name : STR("?"));
			strbuf_addf(out, "' (%llu)",
				    (unsigned long long)(uintptr_t)u64map_get(&m->takers, keys[i]));
		}
		strbuf_addc(out, '\n');
		free(keys);
	}
	strbuf_addc(out, '\n');
	put_example(x, m->fired_example, out);
}

/* With one kind of miss it would say the same again. */
static void put_stoppers(const struct near_miss *m, struct strbuf *out)
{
	const struct rule_node *n;

	if (m->groups.n < 2)
		return;
	strbuf_adds(out, "  stood in the way most often:\n");
	for (uint32_t i = 0; i < MOST_STOPPERS && (n = near_miss_stopper(m, i)) != NULL; i++) {
		strbuf_addf(out, "    %6llu of %llu  ", (unsigned long long)m->stops[n->number],
			    (unsigned long long)m->candidates);
		explained_node_text(n->parent && n->parent->kind == RULE_NOT ? n->parent : n, 120,
				    out);
		strbuf_addc(out, '\n');
	}
}

static void put_missed(const struct explain *x, const struct near_miss *m, struct strbuf *out)
{
	const struct replay_stats *st = &x->corpus.stats;

	if (m->tree->source != SOURCE_SYSCALL) {
		strbuf_adds(out, "It is for events of ");
		text_escape(out, m->rule->source);
		strbuf_adds(out, ".\n");
	}
	strbuf_addf(out, "did not fire: %llu of %llu events %s of its types (",
		    (unsigned long long)m->candidates, (unsigned long long)st->visited,
		    m->candidates == 1 ? "is" : "are");
	put_types(&m->tree->types, out);
	strbuf_adds(out, ")\n");
	for (size_t i = 0; i < m->groups.n && i < x->near; i++)
		near_group_text(m->groups.v[i], 2, out);
	put_stoppers(m, out);
	if (m->groups.n > x->near)
		strbuf_addf(out, "  %zu more kinds of misses\n", m->groups.n - x->near);
	if (m->other_groups)
		strbuf_addf(out, "  %llu events were left out: they missed in too many ways\n",
			    (unsigned long long)m->other_groups);
	if (m->groups.n) {
		strbuf_addc(out, '\n');
		put_example(x, m->groups.v[0]->example, out);
	}
}

static void put_rule(const struct explain *x, const struct near_miss *m, struct strbuf *out)
{
	put_head(m, out);
	if (!m->tree)
		return;
	if (x->has_event) {
		const struct explained *e = m->fired_example;

		strbuf_addf(out, "%s\n", m->fired ? "matches" : "does not match");
		if (!m->fired)
			explained_blockers(e, 2, out);
		put_winner(e, out);
		strbuf_addc(out, '\n');
		put_example(x, e, out);
	} else if (m->fired) {
		put_fired(x, m, out);
	} else {
		put_missed(x, m, out);
	}
}

/* A line on a rule, and what stopped it in the nearest events. */
static void put_short(const struct near_miss *m, struct strbuf *out)
{
	if (m->fired)
		strbuf_addf(out, "%8llu  ", (unsigned long long)m->fired);
	else
		strbuf_addf(out, "%8s  ", m->rule->selected ? "-" : "off");
	text_escape(out, m->rule->name);
	if (m->taken)
		strbuf_addf(out, "  (%llu go to earlier rules)", (unsigned long long)m->taken);
	strbuf_addc(out, '\n');
	if (m->fired || !m->tree)
		return;
	if (!m->groups.n) {
		strbuf_adds(out, "              no event of its types: ");
		if (m->tree->source == SOURCE_SYSCALL)
			put_types(&m->tree->types, out);
		else
			text_escape(out, m->rule->source);
		strbuf_addc(out, '\n');
		return;
	}
	near_group_text(m->groups.v[0], 14, out);
}

/* Of one event: the rules that match, then the nearest. */
static void put_event(const struct explain *x, struct strbuf *out)
{
	const struct explained *any = NULL;
	unsigned shown = 0;

	for (uint32_t away = 0; away < 4; away++) {
		for (size_t i = 0; i < x->subjects.n; i++) {
			const struct near_miss *m = &x->subjects.v[i];
			const struct explained *e = m->fired      ? m->fired_example
						    : m->groups.n ? m->groups.v[0]->example
								  : NULL;

			if (!e || (m->fired ? 0 : e->away) != away || (away && shown >= x->near))
				continue;
			if (!any) {
				strbuf_addf(out, "event %llu: ", (unsigned long long)e->num);
				strbuf_addstr(out, e->what);
				strbuf_adds(out, "\n");
			}
			any = e;
			shown += away > 0;
			strbuf_addc(out, '\n');
			if (m->fired)
				strbuf_adds(out, m->rule->selected ? "matches: "
								   : "matches, but is off: ");
			else
				strbuf_addf(out, "%u comparison%s away: ", away, plural(away));
			text_escape(out, m->rule->name);
			strbuf_addc(out, '\n');
			if (m->fired) {
				put_winner(e, out);
				explained_tree(e, x->full, 2, out);
			} else {
				explained_blockers(e, 2, out);
			}
		}
	}
	if (!any)
		strbuf_addf(out, "event %llu: no rule matches, and none is near\n",
			    (unsigned long long)x->event);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void takers_json(const struct explain *x, const struct near_miss *m, struct json_writer *w)
{
	uint64_t *keys = u64map_sorted_keys(&m->takers);

	json_key(w, "taken_by");
	json_begin_object(w);
	for (size_t i = 0; i < m->takers.n; i++) {
		const struct rule *r = ruleset_rule_by_id(x->corpus.rules, (int)keys[i] - 1);

		json_key_str(w, r ? r->name : STR("?"));
		json_u64(w, (uintptr_t)u64map_get(&m->takers, keys[i]));
	}
	json_end_object(w);
	free(keys);
}

static void put_json(const struct explain *x, const struct near_miss *m, struct strbuf *out)
{
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "rule");
	json_str(&w, m->rule->name);
	json_key(&w, "file");
	json_strz(&w, m->rule->file);
	json_key(&w, "line");
	json_u64(&w, m->rule->line + 1);
	json_key(&w, "enabled");
	json_bool(&w, m->rule->enabled);
	json_key(&w, "selected");
	json_bool(&w, m->rule->selected);
	json_key(&w, "events");
	json_u64(&w, x->corpus.stats.visited);
	json_key(&w, "candidates");
	json_u64(&w, m->candidates);
	json_key(&w, "fired");
	json_u64(&w, m->fired);
	takers_json(x, m, &w);
	json_key(&w, "fired_on");
	json_begin_array(&w);
	for (size_t i = 0; i < m->fired_nums.n; i++)
		json_u64(&w, m->fired_nums.v[i]);
	json_end_array(&w);
	if (m->fired_example) {
		json_key(&w, "example");
		explained_json(m->fired_example, &w);
	}
	json_key(&w, "stoppers");
	json_begin_array(&w);
	for (uint32_t i = 0; m->tree && near_miss_stopper(m, i); i++) {
		const struct rule_node *n = near_miss_stopper(m, i);

		json_begin_object(&w);
		json_key(&w, "text");
		json_str(&w, n->text);
		json_key(&w, "events");
		json_u64(&w, m->stops[n->number]);
		explained_place_json(n, &w);
		json_end_object(&w);
	}
	json_end_array(&w);
	json_key(&w, "stopped_by");
	json_begin_array(&w);
	for (size_t i = 0; i < m->groups.n && i < x->near; i++)
		near_group_json(m->groups.v[i], &w);
	json_end_array(&w);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}

/* --- command --------------------------------------------------------------------------------- */

static int add_subject(struct explain *x, const struct rule *r)
{
	if (r->id < 0) {
		fprintf(stderr,
			"eyas explain: rule '%.*s' was not compiled: eyas rules check tells why\n",
			STR_FMT(r->name));
		return EXIT_USAGE;
	}
	near_miss_init(vec_add(&x->subjects), r, rule_trees_get(x->corpus.trees, r));
	return EXIT_DONE;
}

static int choose(struct explain *x)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < x->names.n && !status; i++) {
		const struct rule *r = corpus_rule(&x->corpus, x->names.v[i]);

		status = r ? add_subject(x, r) : EXIT_USAGE;
	}
	for (size_t i = 0; x->overview && i < ruleset_count(x->corpus.rules); i++) {
		const struct rule *r = ruleset_rule(x->corpus.rules, i);

		if (r->id >= 0)
			add_subject(x, r);
	}
	return status;
}

static int report(struct explain *x, int status)
{
	int s;

	if (x->has_event && !x->found_event) {
		uint64_t n = x->corpus.stats.events;

		if (!n)
			fprintf(stderr, "eyas explain: the trace has no events\n");
		else if (x->event > n || !x->event)
			fprintf(stderr,
				"eyas explain: there is no event %llu: the trace has events 1 to %llu\n",
				(unsigned long long)x->event, (unsigned long long)n);
		else
			fprintf(stderr,
				"eyas explain: event %llu is not one that rules see; eyas events lists those\n",
				(unsigned long long)x->event);
		return status > EXIT_USAGE ? status : EXIT_USAGE;
	}
	for (size_t i = 0; i < x->subjects.n; i++) {
		struct near_miss *m = &x->subjects.v[i];

		near_miss_sort(m);
		if (x->json) {
			put_json(x, m, &x->out);
		} else if (!x->overview) {
			if (i)
				strbuf_addc(&x->out, '\n');
			put_rule(x, m, &x->out);
		} else if (!x->has_event) {
			put_short(m, &x->out);
		}
	}
	if (x->overview && x->has_event && !x->json)
		put_event(x, &x->out);
	s = corpus_print(&x->corpus, &x->out);
	return s > status ? s : status;
}

static int explain(struct explain *x, char *const *traces, size_t n)
{
	int status;

	corpus_confine(&x->opt, NULL, 0, traces, n);
	x->overview = !x->names.n;
	status = corpus_load(&x->corpus, "eyas explain", &x->opt, x->opt.rules.v, x->opt.rules.n);
	if (!status)
		status = choose(x);
	if (!status) {
		x->ids = xcalloc(ruleset_count(x->corpus.rules) + 1, sizeof(*x->ids));
		status = corpus_walk(&x->corpus, traces, n, on_event, x);
		if (status != EXIT_USAGE && (status != EXIT_FAILED || x->corpus.stats.events))
			status = report(x, status);
	}
	for (size_t i = 0; i < x->subjects.n; i++)
		near_miss_free(&x->subjects.v[i]);
	vec_free(&x->subjects);
	free(x->ids);
	corpus_free(&x->corpus);
	return status;
}

static int number(const struct option_state *st, const char *name, uint64_t *ret)
{
	unsigned long long v;

	if (!str_to_u64(str_of(st->arg), &v))
		return option_usage_error(st, "--%s needs a number, not '%s'", name, st->arg);
	if (!v && strcmp(name, "event") == 0)
		return option_usage_error(st, "there is no event 0: events are numbered from 1");
	*ret = v;
	return EXIT_DONE;
}

static int take_option(struct explain *x, const struct option_state *st, int key)
{
	uint64_t v;
	int status;

	switch (key) {
	case OPT_RULE:
		vec_push(&x->names, st->arg);
		return EXIT_DONE;
	case OPT_EVENT:
		x->has_event = true;
		return number(st, "event", &x->event);
	case OPT_NEAR:
		status = number(st, "near", &v);
		if (!status)
			x->near = v > UINT32_MAX ? UINT32_MAX : (unsigned)v;
		return status;
	case OPT_FULL:
		x->full = true;
		return EXIT_DONE;
	case 'j':
		x->json = true;
		return EXIT_DONE;
	default:
		corpus_option(&x->opt, st, key, &status);
		return status;
	}
}

int cmd_explain(int argc, char **argv)
{
	struct explain x = { .near = 5, .out = STRBUF_INIT };
	struct option_state st;
	int key, status = EXIT_DONE;

	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take_option(&x, &st, key);
	status = option_outcome(key, status);
	if (!status && !x.opt.rules.n)
		status = option_usage_error(&st, "give the rules with -r");
	else if (!status && !st.operands.n)
		status = option_usage_error(&st, "give a trace");
	else if (!status && x.has_event && st.operands.n > 1)
		status = option_usage_error(
			&st, "--event is the number of an event in one trace: give one");
	if (!status)
		status = explain(&x, st.operands.v, st.operands.n);
	strbuf_release(&x.out);
	vec_free(&x.names);
	corpus_options_free(&x.opt);
	option_free(&st);
	return status < 0 ? EXIT_DONE : status;
}
