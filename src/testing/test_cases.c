/* The cases of a test: which values ${item.KEY} takes; see test_reader.h. */
#include "base/hashmap.h"
#include "testing/test_reader.h"

void test_cases_free(test_cases *c)
{
	for (size_t i = 0; i < c->n; i++)
		vec_free(&c->v[i].values);
	vec_free(c);
}

void test_case_text(const struct test_case *c, struct strbuf *out)
{
	for (size_t i = 0; i < c->values.n; i++)
		strbuf_addf(out, "%s%.*s=%.*s", i ? ", " : "", STR_FMT(c->values.v[i].key),
			    STR_FMT(c->values.v[i].value));
}

/* The values a key can take: a list, or a single one. */
static bool choices(struct test_reader *r, const struct ynode *n, bool may_be_list, str_vec *ret)
{
	if (n->kind == YNODE_SEQ && !may_be_list) {
		reader_error(r, n,
			     "a vector gives each key one value; lists are for `strategy: matrix`");
		return false;
	}
	if (n->kind == YNODE_SEQ && !n->n) {
		reader_error(r, n, "an empty list: there would be no case at all");
		return false;
	}
	return reader_texts(r, n, "the value of a case", ret);
}

/* All combinations of the lists of a map, the last key changing fastest. */
static bool expand(struct test_reader *r, const struct ynode *map, bool may_be_list,
		   test_cases *ret)
{
	str_vec *lists;
	size_t total = 1;
	bool ok = true;

	if (map->kind != YNODE_MAP || !map->n) {
		reader_error(r, map, "a map of names to values is expected here");
		return false;
	}
	lists = xcalloc(map->n, sizeof(*lists));
	for (uint32_t i = 0; i < map->n && ok; i++) {
		const struct ynode *key = map->kids[2 * i];

		if (key->kind != YNODE_SCALAR) {
			reader_error(r, key, "the name of a case's value must be a text");
			ok = false;
			break;
		}
		ok = choices(r, map->kids[2 * i + 1], may_be_list, &lists[i]);
		if (ok && total * lists[i].n + ret->n > TEST_CASES_MAX) {
			reader_error(r, map, "these are more than %d cases", TEST_CASES_MAX);
			ok = false;
		}
		total *= lists[i].n;
	}
	for (size_t k = 0; ok && k < total; k++) {
		struct test_case *c = vec_add(ret);
		size_t rest = k, span = total;

		for (uint32_t i = 0; i < map->n; i++) {
			struct case_value v = { .key = map->kids[2 * i]->text };

			span /= lists[i].n;
			v.value = lists[i].v[rest / span];
			rest %= span;
			vec_push(&c->values, v);
		}
	}
	for (uint32_t i = 0; i < map->n; i++)
		vec_free(&lists[i]);
	free(lists);
	return ok;
}

/* One item of a list of cases: {strategy, values}, or the values themselves. */
static bool item(struct test_reader *r, const struct ynode *n, test_cases *ret)
{
	static const char *const keys[] = { "strategy", "values", NULL };
	const struct ynode *strategy = n->kind == YNODE_MAP ? ynode_get(n, "strategy", NULL) : NULL;
	const struct ynode *values;
	bool matrix;

	if (!strategy)
		return expand(r, n, true, ret);
	matrix = str_eqz(strategy->text, "matrix");
	if (!matrix && !str_eqz(strategy->text, "vector")) {
		reader_error(r, strategy, "strategy is `vector` or `matrix`, not '%.*s'",
			     STR_FMT(strategy->text));
		return false;
	}
	if (!reader_check_keys(r, n, keys, "a case"))
		return false;
	values = ynode_get(n, "values", NULL);
	if (!values) {
		reader_error(r, n, "a case needs `values`");
		return false;
	}
	return expand(r, values, matrix, ret);
}

/* Each case has the keys of the first. */
static bool same_keys(struct test_reader *r, const struct ynode *n, const test_cases *c)
{
	for (size_t i = 1; i < c->n; i++) {
		const struct test_case *a = &c->v[0], *b = &c->v[i];
		bool same = a->values.n == b->values.n;

		for (size_t k = 0; same && k < a->values.n; k++) {
			bool found = false;

			for (size_t j = 0; j < b->values.n; j++)
				found |= str_eq(a->values.v[k].key, b->values.v[j].key);
			same = found;
		}
		if (!same) {
			reader_error(r, n, "all cases of a test must have the same keys");
			return false;
		}
	}
	return true;
}

bool reader_cases(struct test_reader *r, const struct ynode *n, test_cases *ret)
{
	if (n->kind == YNODE_MAP)
		return item(r, n, ret);
	if (n->kind != YNODE_SEQ || !n->n) {
		reader_error(r, n, "cases is a map of lists, or a list of cases");
		return false;
	}
	for (uint32_t i = 0; i < n->n; i++)
		if (!item(r, n->kids[i], ret))
			return false;
	return same_keys(r, n, ret);
}
