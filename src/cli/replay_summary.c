/* What a replay says at its end; see replay_summary.h. */
#include "cli/replay_summary.h"

#include <stdlib.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"
#include "base/xalloc.h"

void replay_summary_init(struct replay_summary *s, const struct ruleset *rules)
{
	*s = (struct replay_summary){ .rules = rules };
	s->alerts.by_rule = xcalloc(ruleset_count(rules) + 1, sizeof(*s->alerts.by_rule));
}

void replay_summary_free(struct replay_summary *s)
{
	free(s->alerts.by_rule);
	s->alerts.by_rule = NULL;
}

void replay_summary_count(struct replay_summary *s, const struct alert_counts *c)
{
	for (size_t i = 0; i < ruleset_count(s->rules); i++)
		s->alerts.by_rule[i] += c->by_rule[i];
	for (unsigned p = 0; p < PRIORITY_N; p++)
		s->alerts.by_priority[p] += c->by_priority[p];
	s->alerts.total += c->total;
	s->alerts.failed_on |= c->failed_on;
}

void replay_summary_add(struct replay_summary *s, const struct replay_stats *stats,
			const struct state_stats *state)
{
	struct replay_stats *t = &s->stats;

	t->events += stats->events;
	t->visited += stats->visited;
	t->raw += stats->raw;
	t->lost += stats->lost;
	t->loss_records += stats->loss_records;
	t->losses_unknown += stats->losses_unknown;
	for (unsigned c = 0; c < LOSS_N; c++)
		t->lost_by_cause[c] += stats->lost_by_cause[c];
	t->guessed += stats->guessed;
	t->unknown_types += stats->unknown_types;
	t->sections += stats->sections;
	if (stats->first_ts && (!t->first_ts || stats->first_ts < t->first_ts))
		t->first_ts = stats->first_ts;
	if (stats->last_ts > t->last_ts)
		t->last_ts = stats->last_ts;
	s->damaged += stats->damaged;
	s->traces++;
	if (!state)
		return;
	s->state.threads_dropped += state->threads_dropped;
	s->state.fds_dropped += state->fds_dropped;
	s->state.containers_dropped += state->containers_dropped;
	s->state.users_dropped += state->users_dropped;
}

/* Share of all events that were lost, in percent. */
static double lost_percent(const struct replay_stats *st)
{
	double all = (double)st->events + (double)st->lost;

	return all > 0 ? 100.0 * (double)st->lost / all : 0;
}

static void add_count(struct strbuf *out, uint64_t n, const char *one, const char *many)
{
	strbuf_addf(out, "%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

static void add_rules_of(const struct replay_summary *s, unsigned priority, struct strbuf *out)
{
	for (size_t i = 0; i < ruleset_count(s->rules); i++) {
		const struct rule *r = ruleset_rule(s->rules, i);

		if (!s->alerts.by_rule[i] || r->priority != priority)
			continue;
		strbuf_addf(out, "  %8llu  %-13s ", (unsigned long long)s->alerts.by_rule[i],
			    priority_name(priority));
		text_escape(out, r->name);
		strbuf_addc(out, '\n');
	}
}

static void add_alerts(const struct replay_summary *s, struct strbuf *out)
{
	const char *sep = ": ";

	add_count(out, s->alerts.total, "alert", "alerts");
	for (unsigned p = 0; p < PRIORITY_N; p++) {
		if (!s->alerts.by_priority[p])
			continue;
		strbuf_addf(out, "%s%llu %s", sep, (unsigned long long)s->alerts.by_priority[p],
			    priority_name(p));
		sep = ", ";
	}
	strbuf_addc(out, '\n');
	for (unsigned p = 0; p < PRIORITY_N; p++)
		add_rules_of(s, p, out);
}

static void add_losses(const struct replay_summary *s, const struct loss_policy *policy,
		       struct strbuf *out)
{
	const struct replay_stats *st = &s->stats;
	const char *sep = ": ";

	if (!st->loss_records && !st->lost) {
		strbuf_adds(out, "losses: none recorded\n");
	} else {
		strbuf_adds(out, st->losses_unknown ? "losses: at least " : "losses: ");
		add_count(out, st->lost, "event", "events");
		strbuf_addf(out, " (%.4f %%)", lost_percent(st));
		for (unsigned c = 0; c < LOSS_N; c++) {
			if (!st->lost_by_cause[c])
				continue;
			strbuf_addf(out, "%s%llu %s", sep, (unsigned long long)st->lost_by_cause[c],
				    loss_cause_name(c));
			sep = ", ";
		}
		strbuf_adds(out, "; what happened in those cannot be known\n");
	}
	if (policy && policy->occurrences) {
		strbuf_addf(out, "event drop detected: %llu occurrences\n",
			    (unsigned long long)policy->occurrences);
		strbuf_addf(out, "num times actions taken: %llu\n",
			    (unsigned long long)policy->actions_taken);
	}
}

static void add_limits(const struct replay_summary *s, struct strbuf *out)
{
	const struct state_stats *st = &s->state;

	if (st->threads_dropped || st->fds_dropped || st->containers_dropped || st->users_dropped)
		strbuf_addf(out,
			    "limits reached: left out %llu threads, %llu descriptors, %llu "
			    "containers, %llu users\n",
			    (unsigned long long)st->threads_dropped,
			    (unsigned long long)st->fds_dropped,
			    (unsigned long long)st->containers_dropped,
			    (unsigned long long)st->users_dropped);
}

void replay_summary_text(const struct replay_summary *s, const struct loss_policy *policy,
			 struct strbuf *out)
{
	const struct replay_stats *st = &s->stats;

	add_alerts(s, out);
	add_count(out, st->events, "event", "events");
	if (st->visited != st->events)
		strbuf_addf(out, " (%llu looked at)", (unsigned long long)st->visited);
	if (s->traces > 1)
		strbuf_addf(out, " of %u traces", s->traces);
	if (st->first_ts) {
		strbuf_adds(out, ", ");
		time_iso8601(out, st->first_ts, "Z");
		strbuf_adds(out, " to ");
		time_iso8601(out, st->last_ts, "Z");
	}
	strbuf_addc(out, '\n');
	add_losses(s, policy, out);
	if (s->damaged)
		strbuf_addf(
			out,
			"damage: %u of %u traces were damaged; all that could be read was replayed\n",
			s->damaged, s->traces);
	if (st->guessed) {
		strbuf_adds(out, "guessed: ");
		add_count(out, st->guessed, "event", "events");
		strbuf_adds(out, " for which something had to be assumed\n");
	}
	if (st->unknown_types) {
		strbuf_adds(out, "unknown: ");
		add_count(out, st->unknown_types, "event", "events");
		strbuf_adds(out, " of types that this version does not know\n");
	}
	add_limits(s, out);
	strbuf_addf(out, "replayed in %.3f s", s->seconds);
	if (s->seconds > 0)
		strbuf_addf(out, ", %.0f events/s", (double)st->events / s->seconds);
	strbuf_addc(out, '\n');
}

static void json_count(struct json_writer *w, const char *key, uint64_t n)
{
	json_key(w, key);
	json_u64(w, n);
}

static void json_alerts(const struct replay_summary *s, struct json_writer *w)
{
	json_count(w, "alerts", s->alerts.total);
	json_key(w, "priorities");
	json_begin_object(w);
	for (unsigned p = 0; p < PRIORITY_N; p++)
		if (s->alerts.by_priority[p])
			json_count(w, priority_name(p), s->alerts.by_priority[p]);
	json_end_object(w);
	json_key(w, "rules");
	json_begin_object(w);
	for (size_t i = 0; i < ruleset_count(s->rules); i++) {
		if (!s->alerts.by_rule[i])
			continue;
		json_key_str(w, ruleset_rule(s->rules, i)->name);
		json_u64(w, s->alerts.by_rule[i]);
	}
	json_end_object(w);
}

void replay_summary_json(const struct replay_summary *s, const struct loss_policy *policy,
			 struct strbuf *out)
{
	const struct replay_stats *st = &s->stats;
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	json_alerts(s, &w);
	json_count(&w, "traces", s->traces);
	json_count(&w, "damaged", s->damaged);
	json_count(&w, "events", st->events);
	json_count(&w, "looked_at", st->visited);
	json_count(&w, "first_ns", st->first_ts);
	json_count(&w, "last_ns", st->last_ts);
	json_count(&w, "lost", st->lost);
	json_count(&w, "losses_of_unknown_size", st->losses_unknown);
	json_key(&w, "lost_percent");
	json_double(&w, lost_percent(st));
	json_key(&w, "lost_by_cause");
	json_begin_object(&w);
	for (unsigned c = 0; c < LOSS_N; c++)
		if (st->lost_by_cause[c])
			json_count(&w, loss_cause_name(c), st->lost_by_cause[c]);
	json_end_object(&w);
	if (policy && policy->actions) {
		json_count(&w, "loss_occurrences", policy->occurrences);
		json_count(&w, "loss_actions_taken", policy->actions_taken);
	}
	json_count(&w, "guessed", st->guessed);
	json_count(&w, "unknown_types", st->unknown_types);
	json_count(&w, "threads_dropped", s->state.threads_dropped);
	json_count(&w, "fds_dropped", s->state.fds_dropped);
	json_count(&w, "containers_dropped", s->state.containers_dropped);
	json_count(&w, "users_dropped", s->state.users_dropped);
	json_key(&w, "seconds");
	json_double(&w, s->seconds);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}
