/*
 * Coverage as an lcov tracefile: rules are functions, comparisons are branches (true, false), items
 * of lists are lines. What a macro or list is used for in many rules is added up at its own place.
 */
#include "cli/coverage.h"

struct spot {
	struct rule_origin at;
	bool is_check;
	uint64_t yes, no; /* of an item or a rule's line: yes */
};

struct spots {
	VEC(struct spot) v;
};

static int cmp_spot(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;
	int c = strcmp(x->at.file, y->at.file);

	if (c)
		return c;
	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.col != y->at.col)
		return x->at.col < y->at.col ? -1 : 1;
	return (int)x->is_check - (int)y->is_check;
}

static void add(struct spots *s, struct rule_origin at, bool is_check, uint64_t yes, uint64_t no)
{
	struct spot p = { at, is_check, yes, no };

	if (at.line)
		vec_push(&s->v, p);
}

static void add_rule(struct spots *s, const struct coverage *c, const struct cover_rule *r)
{
	add(s, rule_trees_rule_origin(r->rule), false, r->candidates, 0);
	for (uint32_t i = 0; r->tree && i < r->tree->n_nodes; i++) {
		const struct rule_node *n = r->tree->nodes[i];

		if (n->kind == RULE_EXCEPTION)
			add(s, n->at, false, r->seen_true[i], 0);
		if (n->kind != RULE_CHECK)
			continue;
		add(s, n->at, true, r->seen_true[i], r->seen_false[i]);
		for (uint32_t k = 0; r->items[i] && k < n->n_items; k++)
			if (n->items[k].list.n)
				add(s,
				    rule_trees_item_origin(c->corpus->trees, n->items[k].list,
							   n->items[k].text),
				    false, r->items[i][k], 0);
	}
}

/* Sorts, and adds up what stands at one place. */
static void merge(struct spots *s)
{
	size_t n = 0;

	if (s->v.n)
		qsort(s->v.v, s->v.n, sizeof(*s->v.v), cmp_spot);
	for (size_t i = 0; i < s->v.n; i++) {
		if (n && cmp_spot(&s->v.v[n - 1], &s->v.v[i]) == 0) {
			s->v.v[n - 1].yes += s->v.v[i].yes;
			s->v.v[n - 1].no += s->v.v[i].no;
		} else {
			s->v.v[n++] = s->v.v[i];
		}
	}
	s->v.n = n;
}

static void put_functions(const struct coverage *c, const char *file, struct strbuf *out)
{
	size_t found = 0, hit = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < c->rules.n; i++) {
			const struct cover_rule *r = &c->rules.v[i];
			size_t begin;

			if (strcmp(r->rule->file, file) != 0)
				continue;
			if (pass == 0)
				strbuf_addf(out, "FN:%u,", r->rule->line + 1);
			else
				strbuf_addf(out, "FNDA:%llu,", (unsigned long long)r->fired);
			begin = out->n;
			strbuf_addstr(out, r->rule->name);
			/* A comma or a newline would end the name. */
			for (size_t k = begin; k < out->n; k++)
				if (out->s[k] == ',' || (unsigned char)out->s[k] < ' ')
					out->s[k] = ' ';
			strbuf_addc(out, '\n');
			found += pass;
			hit += pass && r->fired;
		}
	}
	strbuf_addf(out, "FNF:%zu\nFNH:%zu\n", found, hit);
}

static void put_branch(const struct spot *p, unsigned block, unsigned branch, uint64_t taken,
		       struct strbuf *out)
{
	strbuf_addf(out, "BRDA:%u,%u,%u,", p->at.line, block, branch);
	if (p->yes + p->no)
		strbuf_addf(out, "%llu\n", (unsigned long long)taken);
	else
		strbuf_adds(out, "-\n");
}

static void put_branches(const struct spot *p, size_t n, struct strbuf *out)
{
	size_t found = 0, hit = 0;
	unsigned block = 0;

	for (size_t i = 0; i < n; i++) {
		block = i && p[i].at.line == p[i - 1].at.line ? block : 0;
		if (!p[i].is_check)
			continue;
		put_branch(&p[i], block, 0, p[i].yes, out);
		put_branch(&p[i], block, 1, p[i].no, out);
		block++;
		found += 2;
		hit += (p[i].yes > 0) + (p[i].no > 0);
	}
	strbuf_addf(out, "BRF:%zu\nBRH:%zu\n", found, hit);
}

static void put_lines(const struct spot *p, size_t n, struct strbuf *out)
{
	size_t found = 0, hit = 0;

	for (size_t i = 0; i < n;) {
		size_t k = i;
		uint64_t most = 0;

		for (; k < n && p[k].at.line == p[i].at.line; k++)
			if (p[k].yes + p[k].no > most)
				most = p[k].yes + p[k].no;
		strbuf_addf(out, "DA:%u,%llu\n", p[i].at.line, (unsigned long long)most);
		found++;
		hit += most > 0;
		i = k;
	}
	strbuf_addf(out, "LF:%zu\nLH:%zu\n", found, hit);
}

void coverage_lcov(const struct coverage *c, struct strbuf *out)
{
	struct spots s = { 0 };

	for (size_t i = 0; i < c->rules.n; i++)
		add_rule(&s, c, &c->rules.v[i]);
	merge(&s);
	strbuf_adds(out, "TN:\n");
	for (size_t i = 0; i < s.v.n;) {
		size_t n = i;

		while (n < s.v.n && strcmp(s.v.v[n].at.file, s.v.v[i].at.file) == 0)
			n++;
		strbuf_addf(out, "SF:%s\n", s.v.v[i].at.file);
		put_functions(c, s.v.v[i].at.file, out);
		put_branches(&s.v.v[i], n - i, out);
		put_lines(&s.v.v[i], n - i, out);
		strbuf_adds(out, "end_of_record\n");
		i = n;
	}
	vec_free(&s.v);
}
