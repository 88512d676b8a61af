/* Alerts against expectations; see judge.h. */
#include "testing/judge.h"

struct judge {
	struct regex_scratch *regex;
};

struct judge *judge_new(void)
{
	struct judge *j = xcalloc(1, sizeof(*j));

	j->regex = regex_scratch_new();
	return j;
}

void judge_free(struct judge *j)
{
	if (!j)
		return;
	regex_scratch_free(j->regex);
	free(j);
}

void verdict_free(struct verdict *v)
{
	for (size_t i = 0; i < v->outcomes.n; i++)
		vec_free(&v->outcomes.v[i].differences);
	vec_free(&v->outcomes);
	vec_free(&v->unexpected);
}

static const struct fired_field *find_field(const struct fired *a, struct str name)
{
	for (size_t i = 0; i < a->n_fields; i++)
		if (str_eq(a->fields[i].name, name))
			return &a->fields[i];
	return NULL;
}

static bool of_rule(const struct outcome *o, const struct fired *a)
{
	return !o->rule.n || str_eq(o->rule, a->rule->name);
}

/* Counts a difference; adds it to `out` when that is not NULL. */
static void differ(mismatches *out, size_t *n, const struct mismatch *m)
{
	++*n;
	if (out)
		vec_push(out, *m);
}

static void compare_matchers(struct judge *j, const struct field_matchers *f, const char *what,
			     bool known, bool present, struct str value, mismatches *out, size_t *n)
{
	for (size_t i = 0; i < f->matchers.n; i++) {
		const struct matcher *m = &f->matchers.v[i];
		struct mismatch d = { .what = what, .field = f->name, .matcher = m };

		if (matcher_accepts(m, present, value, j->regex))
			continue;
		d.present = present;
		d.unknown = !known;
		d.got = value;
		differ(out, n, &d);
	}
}

/* The number of differences between an alert and what is described. */
static size_t compare(struct judge *j, const struct outcome *o, const struct fired *a,
		      mismatches *out)
{
	size_t n = 0;

	if (o->has_priority && a->rule->priority != o->priority) {
		struct mismatch d = { .what = "priority",
				      .expected = str_of(priority_name(o->priority)),
				      .present = true,
				      .got = str_of(priority_name(a->rule->priority)),
				      .node = o->priority_node };

		differ(out, &n, &d);
	}
	if (o->source.n && !str_eq(o->source, a->rule->source)) {
		struct mismatch d = { .what = "source",
				      .expected = o->source,
				      .present = true,
				      .got = a->rule->source,
				      .node = o->source_node };

		differ(out, &n, &d);
	}
	if (o->hostname.n && !str_eq(o->hostname, a->hostname)) {
		struct mismatch d = { .what = "hostname",
				      .expected = o->hostname,
				      .present = a->hostname.n != 0,
				      .got = a->hostname,
				      .node = o->hostname_node };

		differ(out, &n, &d);
	}
	compare_matchers(j, &o->output, "output", true, true, a->output, out, &n);
	for (size_t i = 0; i < o->fields.n; i++) {
		const struct field_matchers *f = &o->fields.v[i];
		const struct fired_field *v = find_field(a, f->name);

		compare_matchers(j, f, NULL, v != NULL, v && v->present,
				 v && v->present ? v->text : STR(""), out, &n);
	}
	return n;
}

static bool count_ok(const struct rule_test *t, const struct outcome *o, uint64_t n)
{
	if (o->has_count)
		return n == o->count;
	if (o->has_min && n < o->min)
		return false;
	if (o->has_max && n > o->max)
		return false;
	/* A known false positive may be gone; an expected alert may not. */
	return t->is_baseline || o->has_min || o->has_max || n > 0;
}

void outcome_count_text(const struct outcome *o, bool is_baseline, struct strbuf *out)
{
	uint64_t last = o->has_count ? o->count : o->has_max ? o->max : o->has_min ? o->min : 1;

	if (o->has_count && !o->count) {
		strbuf_adds(out, "no alert");
		return;
	}
	if (o->has_count)
		strbuf_addu(out, o->count);
	else if (o->has_min && o->has_max)
		strbuf_addf(out, "%llu to %llu", (unsigned long long)o->min,
			    (unsigned long long)o->max);
	else if (o->has_max)
		strbuf_addf(out, "at most %llu", (unsigned long long)o->max);
	else if (is_baseline && !o->has_min)
		strbuf_adds(out, "any number of");
	else
		strbuf_addf(out, "at least %llu", (unsigned long long)last);
	strbuf_adds(out, last == 1 && !(is_baseline && !o->has_min && !o->has_max && !o->has_count)
				 ? " alert"
				 : " alerts");
}

/* Only looked for when it will be shown. */
static void find_nearest(struct judge *j, const struct outcome *o,
			 const struct fired *const *alerts, size_t n, struct outcome_verdict *v)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		size_t d;

		if (!of_rule(o, alerts[i]))
			continue;
		d = compare(j, o, alerts[i], NULL);
		if (d && d < best) {
			best = d;
			v->nearest = alerts[i];
		}
	}
	if (v->nearest)
		compare(j, o, v->nearest, &v->differences);
}

static bool judge_outcome(struct judge *j, const struct rule_test *t, const struct outcome *o,
			  const struct fired *const *alerts, size_t n, bool *described,
			  struct verdict *ret)
{
	struct outcome_verdict v = { .outcome = o };

	for (size_t i = 0; i < n; i++) {
		if (!of_rule(o, alerts[i]))
			continue;
		v.of_rule++;
		if (compare(j, o, alerts[i], NULL))
			continue;
		v.matched++;
		described[i] = true;
	}
	v.ok = count_ok(t, o, v.matched);
	if (!ret)
		return v.ok;
	if (!v.ok)
		find_nearest(j, o, alerts, n, &v);
	vec_push(&ret->outcomes, v);
	return v.ok;
}

bool judge_alerts(struct judge *j, const struct rule_test *t, const struct fired *const *alerts,
		  size_t n, struct verdict *ret)
{
	bool ok = true, *described = xcalloc(n + 1, sizeof(*described));

	if (ret)
		memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < t->outcomes.n && (ok || ret); i++)
		ok &= judge_outcome(j, t, &t->outcomes.v[i], alerts, n, described, ret);
	for (size_t i = 0; t->only && i < n && (ok || ret); i++) {
		if (described[i] || (t->rule.n && !str_eq(t->rule, alerts[i]->rule->name)))
			continue;
		ok = false;
		if (ret)
			vec_push(&ret->unexpected, alerts[i]);
	}
	if (ret)
		ret->ok = ok;
	free(described);
	return ok;
}
