/* Results of tests, for people and as TAP; see test_report.h. */
#include "cli/test_report.h"

#include "base/json_writer.h"
#include "base/text.h"
#include "base/timefmt.h"

#define ALERTS_SHOWN 5

void test_title(const struct test_result *res, struct strbuf *out)
{
	const struct rule_test *t = res->test;

	text_escape(out, t->name);
	if (t->cases.n) {
		strbuf_adds(out, " [");
		text_escape(out, t->cases);
		strbuf_addc(out, ']');
	}
	if (res->trace && t->traces.n > 1) {
		strbuf_adds(out, " (");
		text_escape(out, res->trace->shown);
		strbuf_addc(out, ')');
	}
}

void test_counts_text(const struct test_run *r, struct strbuf *out)
{
	strbuf_addf(out, "%zu passed, %zu failed", r->n_passed, r->n_failed);
	if (r->n_errors)
		strbuf_addf(out, ", %zu not judged", r->n_errors);
	if (r->n_skipped)
		strbuf_addf(out, ", %zu skipped", r->n_skipped);
}

static void add_alert(const struct fired *a, struct strbuf *out)
{
	strbuf_addf(out, "event %llu at ", (unsigned long long)a->num);
	time_iso8601(out, a->ts, "Z");
}

static void add_got(const struct mismatch *d, const struct fired *a, struct strbuf *out)
{
	if (d->present) {
		json_escape(out, d->got);
		return;
	}
	if (!d->unknown) {
		strbuf_adds(out, "no value");
		return;
	}
	strbuf_adds(out, "nothing: the rule's output has no such field (it has ");
	for (size_t i = 0; i < a->n_fields; i++) {
		strbuf_adds(out, i ? ", " : "");
		text_escape(out, a->fields[i].name);
	}
	strbuf_addc(out, ')');
}

static void add_nearest(const struct outcome_verdict *v, const char *indent, struct strbuf *out)
{
	strbuf_addf(out, "%snearest alert: ", indent);
	add_alert(v->nearest, out);
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < v->differences.n; i++) {
		const struct mismatch *d = &v->differences.v[i];

		strbuf_addf(out, "%s  ", indent);
		if (d->what)
			strbuf_adds(out, d->what);
		else
			text_escape(out, d->field);
		strbuf_adds(out, ": expected ");
		if (d->matcher)
			matcher_text(d->matcher, out);
		else
			json_escape(out, d->expected);
		strbuf_adds(out, ", got ");
		add_got(d, v->nearest, out);
		strbuf_addc(out, '\n');
	}
}

/* Rules that fired instead, each once, in the order in which they fired first. */
static void add_others(const struct test_result *res, struct str rule, const char *indent,
		       struct strbuf *out)
{
	const struct replay_unit *u = res->unit;
	size_t shown = 0;

	for (size_t i = 0; i < u->alerts.n && shown < ALERTS_SHOWN; i++) {
		const struct fired *a = u->alerts.v[i];
		bool seen = str_eq(a->rule->name, rule);

		for (size_t k = 0; k < i && !seen; k++)
			seen = u->alerts.v[k]->rule == a->rule;
		if (seen)
			continue;
		if (shown++)
			strbuf_adds(out, ", \"");
		else
			strbuf_addf(out, "%sfired instead: \"", indent);
		text_escape(out, a->rule->name);
		strbuf_addc(out, '"');
	}
	if (shown)
		strbuf_addc(out, '\n');
	else if (!u->alerts.n)
		strbuf_addf(out, "%sno rule fired; the trace has %llu event%s\n", indent,
			    (unsigned long long)u->events, u->events == 1 ? "" : "s");
}

static void add_fired(const struct fired *a, const char *indent, struct strbuf *out)
{
	strbuf_adds(out, indent);
	add_alert(a, out);
	strbuf_adds(out, ": ");
	text_escape(out, a->output);
	strbuf_addc(out, '\n');
}

/* Alerts of a rule, when there are too many. */
static void add_alerts_of(const struct test_result *res, struct str rule, const char *indent,
			  struct strbuf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < res->unit->alerts.n; i++) {
		const struct fired *a = res->unit->alerts.v[i];

		if (rule.n && !str_eq(a->rule->name, rule))
			continue;
		if (n++ < ALERTS_SHOWN)
			add_fired(a, indent, out);
	}
	if (n > ALERTS_SHOWN)
		strbuf_addf(out, "%sand %zu more\n", indent, n - ALERTS_SHOWN);
}

static void add_outcome(const struct test_result *res, const struct outcome_verdict *v,
			const char *indent, struct strbuf *out)
{
	const struct outcome *o = v->outcome;
	bool plain = !o->has_priority && !o->source.n && !o->hostname.n && !o->output.matchers.n &&
		     !o->fields.n;
	bool too_many =
		(o->has_count && v->matched > o->count) || (o->has_max && v->matched > o->max);

	strbuf_addf(out, "%sexpected ", indent);
	outcome_count_text(o, res->test->is_baseline, out);
	if (o->rule.n) {
		strbuf_adds(out, " of rule \"");
		text_escape(out, o->rule);
		strbuf_addc(out, '"');
	}
	if (!plain)
		strbuf_adds(out, " as described");
	strbuf_addf(out, ", got %llu", (unsigned long long)v->matched);
	if (!plain && v->of_rule != v->matched)
		strbuf_addf(out, " (of %llu alert%s of the rule)", (unsigned long long)v->of_rule,
			    v->of_rule == 1 ? "" : "s");
	strbuf_addc(out, '\n');
	if (too_many)
		add_alerts_of(res, o->rule, indent, out);
	else if (v->nearest)
		add_nearest(v, indent, out);
	else if (!v->of_rule)
		add_others(res, o->rule, indent, out);
}

static void add_error(const struct test_result *res, const char *indent, struct strbuf *out)
{
	const struct replay_unit *u = res->unit;
	struct strbuf text = STRBUF_INIT;
	struct str rest, line;

	if (u->too_many)
		strbuf_addf(out, "%smore than %d alerts: the replay was stopped\n", indent,
			    TEST_ALERTS_MAX);
	for (size_t i = 0; i < u->diag.items.n; i++)
		if (u->diag.items.v[i].level == DIAG_ERROR)
			diag_item_text(&u->diag.items.v[i], &text);
	if (!text.n && u->error)
		strbuf_addf(&text, "the trace cannot be read: %s\n", strerror(-u->error));
	rest = strbuf_str(&text);
	while (str_split(&rest, '\n', &line))
		if (line.n)
			strbuf_addf(out, "%s%.*s\n", indent, STR_FMT(line));
	strbuf_release(&text);
}

void test_failure_text(const struct test_result *res, const char *indent, struct strbuf *out)
{
	if (res->status == TEST_ERROR)
		add_error(res, indent, out);
	if (res->status != TEST_FAILED)
		return;
	for (size_t i = 0; i < res->verdict.outcomes.n; i++)
		if (!res->verdict.outcomes.v[i].ok)
			add_outcome(res, &res->verdict.outcomes.v[i], indent, out);
	for (size_t i = 0; i < res->verdict.unexpected.n; i++) {
		if (i == ALERTS_SHOWN) {
			strbuf_addf(out, "%sand %zu more\n", indent,
				    res->verdict.unexpected.n - ALERTS_SHOWN);
			break;
		}
		strbuf_addf(out, "%snot expected: rule \"", indent);
		text_escape(out, res->verdict.unexpected.v[i]->rule->name);
		strbuf_adds(out, "\", ");
		add_fired(res->verdict.unexpected.v[i], "", out);
	}
}

static void add_place(const struct rule_test *t, struct strbuf *out)
{
	text_escape(out, str_of(t->file->path));
	strbuf_addf(out, ":%u", t->node->line + 1);
}

/* Known false positives of a baseline that none of its traces raised; after its last trace. */
static void add_gone(const struct test_run *r, size_t last, struct strbuf *out)
{
	const struct rule_test *t = r->results.v[last].test;

	if (!t->is_baseline || (last + 1 < r->results.n && r->results.v[last + 1].test == t))
		return;
	for (size_t i = 0; i < t->outcomes.n; i++) {
		uint64_t matched = t->outcomes.v[i].has_count && !t->outcomes.v[i].count;

		for (size_t k = 0; k <= last; k++) {
			const struct test_result *res = &r->results.v[k];

			/* One that was not judged may have it. */
			if (res->test == t && i < res->verdict.outcomes.n)
				matched += res->verdict.outcomes.v[i].matched;
			else if (res->test == t)
				matched++;
		}
		if (matched)
			continue;
		strbuf_adds(out, "      a known false positive of rule \"");
		text_escape(out, t->outcomes.v[i].rule);
		strbuf_adds(out, "\" is gone\n");
	}
}

void test_report_human(const struct test_run *r, bool verbose, struct strbuf *out)
{
	static const char *const words[] = { "ok   ", "FAIL ", "skip ", "ERROR" };

	for (size_t i = 0; i < r->results.n; i++) {
		const struct test_result *res = &r->results.v[i];

		if (res->status == TEST_PASSED && !verbose)
			continue;
		strbuf_addf(out, "%s ", words[res->status]);
		add_place(res->test, out);
		strbuf_adds(out, ": ");
		test_title(res, out);
		if (res->status == TEST_SKIPPED) {
			strbuf_adds(out, ": ");
			text_escape(out, res->test->skip);
		}
		strbuf_addc(out, '\n');
		test_failure_text(res, "      ", out);
		add_gone(r, i, out);
	}
	if (!r->results.n)
		strbuf_adds(out, "no tests\n");
	test_counts_text(r, out);
	strbuf_addc(out, '\n');
}

/* A description ends at '#', which begins a directive. */
static void add_tap_text(struct str s, struct strbuf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '#' || s.p[i] == '\\')
			strbuf_addc(out, '\\');
		strbuf_addc(out, s.p[i]);
	}
}

void test_report_tap(const struct test_run *r, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_addf(out, "TAP version 13\n1..%zu\n", r->results.n);
	for (size_t i = 0; i < r->results.n; i++) {
		const struct test_result *res = &r->results.v[i];
		bool ok = res->status == TEST_PASSED || res->status == TEST_SKIPPED;

		strbuf_reset(&text);
		add_place(res->test, &text);
		strbuf_adds(&text, ": ");
		test_title(res, &text);
		strbuf_addf(out, "%s %zu - ", ok ? "ok" : "not ok", i + 1);
		add_tap_text(strbuf_str(&text), out);
		if (res->status == TEST_SKIPPED) {
			strbuf_adds(out, " # SKIP ");
			text_escape(out, res->test->skip);
		}
		strbuf_addc(out, '\n');
		test_failure_text(res, "# ", out);
	}
	strbuf_release(&text);
}
