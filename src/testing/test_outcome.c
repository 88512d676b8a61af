/* What a test expects: `expectedOutcome` and `falsePositives`; see test_reader.h. */
#include "base/text.h"
#include "testing/test_reader.h"

static bool is_truth(struct str s, bool *ret)
{
	if (str_eqz(s, "true") || str_eqz(s, "yes"))
		*ret = true;
	else if (str_eqz(s, "false") || str_eqz(s, "no"))
		*ret = false;
	else
		return false;
	return true;
}

static bool number(struct test_reader *r, const struct ynode *n, const char *what, uint64_t *ret)
{
	struct str text;
	unsigned long long v;

	if (!reader_text(r, n, what, &text))
		return false;
	if (!str_to_u64(text, &v)) {
		reader_error(r, n, "%s is a whole number, not '%.*s'", what, STR_FMT(text));
		return false;
	}
	*ret = v;
	return true;
}

static bool add_regex(struct test_reader *r, struct matcher *m, const struct ynode *n)
{
	const char *wrong;
	struct regex *re = regex_new(m->text, &r->set->arena, &wrong);

	if (!re) {
		reader_error(r, n, "the regular expression is malformed: %s", wrong);
		return false;
	}
	vec_push(&r->set->regexes, re);
	m->regex = re;
	return true;
}

/* What stands behind a matcher's word. */
static bool argument(struct test_reader *r, struct matcher *m, const struct ynode *n)
{
	str_vec items = { 0 };
	bool truth;

	if (matcher_argument(m->kind) == MATCHER_ARG_LIST) {
		if (!reader_texts(r, n, "a list of values", &items))
			return false;
		m->n_items = items.n;
		m->items =
			(struct str *)(void *)arena_memdup(&r->set->arena,
							   items.n ? (void *)items.v : (void *)"",
							   items.n * sizeof(*items.v));
		vec_free(&items);
		return true;
	}
	if (n->kind == YNODE_NULL && (m->kind == MATCHER_EQUALS || m->kind == MATCHER_NOT)) {
		m->missing = true;
		return true;
	}
	if (!reader_text(r, n, "what a value is compared with", &m->text))
		return false;
	switch (matcher_argument(m->kind)) {
	case MATCHER_ARG_REGEX:
		return add_regex(r, m, n);
	case MATCHER_ARG_NUMBER:
		if (matcher_number(m->text, &m->number))
			return true;
		reader_error(r, n, "'%s' compares numbers, and '%.*s' is none",
			     matcher_word(m->kind), STR_FMT(m->text));
		return false;
	case MATCHER_ARG_LENGTH:
		return number(r, n, "a length", &m->length);
	case MATCHER_ARG_TRUTH:
		if (is_truth(m->text, &truth)) {
			m->missing = truth;
			return true;
		}
		reader_error(r, n, "'%s' is true or false", matcher_word(m->kind));
		return false;
	default:
		return true;
	}
}

static bool unknown_matcher(struct test_reader *r, const struct ynode *key)
{
	struct strbuf words = STRBUF_INIT;

	matcher_words(&words);
	reader_error(r, key, "there is no matcher '%.*s'; there are %s", STR_FMT(key->text),
		     words.s);
	strbuf_release(&words);
	return false;
}

/* A value, or a map of matchers. */
static bool matchers(struct test_reader *r, const struct ynode *n, struct field_matchers *ret)
{
	if (n->kind != YNODE_MAP) {
		struct matcher *m = vec_add(&ret->matchers);

		if (n->kind == YNODE_SEQ) {
			reader_error(r, n,
				     "a value or a map of matchers is expected; for one of "
				     "several values write `in: [...]`");
			return false;
		}
		m->kind = MATCHER_EQUALS;
		m->value = n;
		return argument(r, m, n);
	}
	if (!n->n) {
		reader_error(r, n, "an empty map of matchers: nothing would be compared");
		return false;
	}
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ynode *key = n->kids[2 * i];
		struct matcher *m;
		int kind = key->kind == YNODE_SCALAR ? matcher_by_word(key->text) : -1;

		if (kind < 0)
			return unknown_matcher(r, key);
		m = vec_add(&ret->matchers);
		m->kind = (uint8_t)kind;
		m->key = key;
		m->value = n->kids[2 * i + 1];
		if (!argument(r, m, m->value))
			return false;
	}
	return true;
}

static bool fields(struct test_reader *r, const struct ynode *n, struct outcome *o)
{
	bool ok = true;

	if (n->kind != YNODE_MAP || !n->n) {
		reader_error(r, n, "outputFields is a map of field names to values");
		return false;
	}
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ynode *key = n->kids[2 * i];
		struct field_matchers *f;

		if (key->kind != YNODE_SCALAR) {
			reader_error(r, key, "a field's name is expected");
			return false;
		}
		for (size_t k = 0; k < o->fields.n; k++)
			if (str_eq(o->fields.v[k].name, key->text)) {
				reader_error(r, key, "field '%.*s' is given twice",
					     STR_FMT(key->text));
				ok = false;
			}
		f = vec_add(&o->fields);
		f->name = key->text;
		ok &= matchers(r, n->kids[2 * i + 1], f);
	}
	return ok;
}

static bool read_priority(struct test_reader *r, const struct ynode *n, struct outcome *o)
{
	struct str text;

	if (!reader_text(r, n, "priority", &text))
		return false;
	if (!priority_parse(text, &o->priority)) {
		reader_error(r, n,
			     "there is no priority '%.*s'; there are emergency, alert, "
			     "critical, error, warning, notice, informational, debug",
			     STR_FMT(text));
		return false;
	}
	o->has_priority = true;
	o->priority_node = n;
	return true;
}

static bool counts(struct test_reader *r, const struct ynode *map, struct outcome *o)
{
	const struct ynode *key;

	o->count_node = ynode_get(map, "count", &key);
	if (o->count_node) {
		if (!number(r, o->count_node, "count", &o->count))
			return false;
		o->has_count = true;
	}
	o->min_node = ynode_get(map, "min", NULL);
	if (o->min_node) {
		if (!number(r, o->min_node, "min", &o->min))
			return false;
		o->has_min = true;
	}
	o->max_node = ynode_get(map, "max", NULL);
	if (o->max_node) {
		if (!number(r, o->max_node, "max", &o->max))
			return false;
		o->has_max = true;
	}
	if (o->has_count && (o->has_min || o->has_max)) {
		reader_error(r, key, "count is exact: it does not go with min or max");
		return false;
	}
	if (o->has_min && o->has_max && o->min > o->max) {
		reader_error(r, o->max_node, "max is less than min: no number of alerts is both");
		return false;
	}
	return true;
}

static bool read_outcome(struct test_reader *r, const struct ynode *n, struct outcome *o,
			 const char *const *keys, const char *what)
{
	const struct ynode *k;
	bool ok;

	o->node = n;
	if (n->kind != YNODE_MAP) {
		reader_error(r, n, "%s is a map", what);
		return false;
	}
	ok = reader_check_keys(r, n, keys, what) && counts(r, n, o);
	k = ynode_get(n, "priority", NULL);
	if (k)
		ok &= read_priority(r, k, o);
	o->source_node = ynode_get(n, "source", NULL);
	if (o->source_node)
		ok &= reader_text(r, o->source_node, "source", &o->source);
	o->hostname_node = ynode_get(n, "hostname", NULL);
	if (o->hostname_node)
		ok &= reader_text(r, o->hostname_node, "hostname", &o->hostname);
	k = ynode_get(n, "rule", NULL);
	if (k)
		ok &= reader_text(r, k, "rule", &o->rule);
	k = ynode_get(n, "reason", NULL);
	if (k)
		ok &= reader_text(r, k, "reason", &o->reason);
	k = ynode_get(n, "output", NULL);
	if (k)
		ok &= matchers(r, k, &o->output);
	k = ynode_get(n, "outputFields", NULL);
	if (k)
		ok &= fields(r, k, o);
	return ok;
}

bool reader_outcomes(struct test_reader *r, const struct ynode *n, struct rule_test *t)
{
	static const char *const keys[] = { "count",    "min",          "max",
					    "priority", "source",       "hostname",
					    "output",   "outputFields", NULL };

	if (n->kind == YNODE_SCALAR && n->plain && str_eqz(n->text, "none")) {
		struct outcome *o = vec_add(&t->outcomes);

		o->node = n;
		o->has_count = true;
		o->rule = t->rule;
		return true;
	}
	if (n->kind == YNODE_SEQ && n->n) {
		for (uint32_t i = 0; i < n->n; i++) {
			struct outcome *o = vec_add(&t->outcomes);

			if (!read_outcome(r, n->kids[i], o, keys, "an expected outcome"))
				return false;
			o->rule = t->rule;
		}
		return true;
	}
	if (n->kind != YNODE_MAP || !n->n) {
		reader_error(r, n, "expectedOutcome is `none`, a map, or a list of maps");
		return false;
	}
	struct outcome *o = vec_add(&t->outcomes);

	if (!read_outcome(r, n, o, keys, "expectedOutcome"))
		return false;
	o->rule = t->rule;
	return true;
}

bool reader_false_positive(struct test_reader *r, const struct ynode *n, struct rule_test *t)
{
	static const char *const keys[] = { "rule",     "count",        "min",      "max",
					    "priority", "source",       "hostname", "output",
					    "reason",   "outputFields", NULL };
	struct outcome *o = vec_add(&t->outcomes);

	if (!read_outcome(r, n, o, keys, "a known false positive"))
		return false;
	if (!o->rule.n) {
		reader_error(r, n, "a known false positive needs the name of its rule (`rule`)");
		return false;
	}
	return true;
}
