/* Mutants that tests notice or not; see mutation_report.h. */
#include "cli/mutation_report.h"

#include "base/hashmap.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "rules/rule_tree.h"

unsigned mutation_score(size_t noticed, size_t counted)
{
	return counted ? (unsigned)(noticed * 1000 / counted) : 1000;
}

static void add_score(size_t noticed, size_t counted, struct strbuf *out)
{
	unsigned s = mutation_score(noticed, counted);

	strbuf_addf(out, "%zu of %zu mutants noticed (%u.%u %%)", noticed, counted, s / 10, s % 10);
}

/* Where the parts of a rule stand: of the rule's tree, whose comparisons come in the same order as
 * those of the condition that was compiled. */
struct places {
	struct rule_trees *trees;
	const struct rule *rule;
	struct u64map number_of; /* a comparison as compiled to 1 + its number */
	VEC(const struct rule_node *) checks;
};

struct place {
	struct rule_origin at;
	struct str macro; /* it stands in; empty: in the rule itself */
};

static bool is_joint(const struct ast *n)
{
	return (n->kind == AST_AND || n->kind == AST_OR || n->kind == AST_NOT) && n->n_kids;
}

static size_t number_leaves(struct places *p, const struct ast *n, size_t number)
{
	if (is_joint(n)) {
		for (uint32_t i = 0; i < n->n_kids; i++)
			number = number_leaves(p, n->kids[i], number);
		return number;
	}
	/* one that a macro brings in twice stands where the macro stands */
	if (!u64map_get(&p->number_of, (uintptr_t)n))
		u64map_put(&p->number_of, (uintptr_t)n, (void *)(uintptr_t)(number + 1));
	return number + 1;
}

static void places_init(struct places *p, struct ruleset *rs, const struct rule *rule)
{
	const struct rule_tree *t;

	*p = (struct places){ .trees = rule_trees_new(rs), .rule = rule };
	t = rule_trees_get(p->trees, rule);
	for (uint32_t i = 0; t && i < t->n_nodes; i++)
		if (t->nodes[i]->kind == RULE_CHECK)
			vec_push(&p->checks, t->nodes[i]);
	if (rule->ast && number_leaves(p, rule->ast, 0) != p->checks.n)
		u64map_clear(&p->number_of);
}

static void places_free(struct places *p)
{
	vec_free(&p->checks);
	u64map_free(&p->number_of);
	rule_trees_free(p->trees);
}

/* Where it was changed, as near as can be said; a rule that is disabled is so as a whole. */
static struct place find_place(const struct places *p, const struct mutant *mu)
{
	struct place ret = { rule_trees_rule_origin(p->rule), { "", 0 } };
	const struct rule_node *n;
	const struct ast *leaf = mu->at;
	uintptr_t number;

	while (is_joint(leaf))
		leaf = leaf->kids[0];
	number = (uintptr_t)u64map_get(&p->number_of, (uintptr_t)leaf);
	if (mu->kind == MUTATION_DISABLED || !number)
		return ret;
	n = p->checks.v[number - 1];
	ret.at = n->at;
	while (n && n->kind != RULE_MACRO)
		n = n->parent;
	if (n)
		ret.macro = n->name;
	return ret;
}

static void add_mutant(const struct places *p, const struct mutant *mu, bool verbose,
		       struct strbuf *out)
{
	struct place place = find_place(p, mu);

	strbuf_adds(out, verbose ? mu->noticed ? "  noticed  " : "  MISSED   " : "  ");
	text_escape(out, str_of(place.at.file));
	strbuf_addf(out, ":%u:%u: ", place.at.line, place.at.col);
	text_escape(out, str_of(mu->text));
	if (place.macro.n)
		strbuf_addf(out, " [macro %.*s]", STR_FMT(place.macro));
	strbuf_addc(out, '\n');
}

static void add_rule(const struct rule_mutants *rm, bool verbose, struct strbuf *out)
{
	struct places p;

	places_init(&p, rm->rules->rules, rm->rule);
	text_escape(out, rm->rule->name);
	strbuf_adds(out, ": ");
	add_score(rm->n_noticed, rm->n_counted, out);
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < rm->mutants.n; i++) {
		const struct mutant *mu = &rm->mutants.v[i];

		if (!mu->invalid && !mu->equivalent && (verbose || !mu->noticed))
			add_mutant(&p, mu, verbose, out);
	}
	places_free(&p);
}

void mutation_report_human(const struct mutation *m, bool verbose, struct strbuf *out)
{
	for (size_t i = 0; i < m->rules.n; i++)
		add_rule(&m->rules.v[i], verbose, out);
	for (size_t i = 0; i < m->untested.n; i++) {
		strbuf_adds(out, i ? ", \"" : "not tested: \"");
		text_escape(out, m->untested.v[i]->name);
		strbuf_addc(out, '"');
	}
	if (m->untested.n)
		strbuf_addc(out, '\n');
	strbuf_adds(out, "score: ");
	add_score(m->n_noticed, m->n_counted, out);
	strbuf_addf(out, ", %zu rule%s; %zu mutant%s left out that change%s nothing\n", m->rules.n,
		    m->rules.n == 1 ? "" : "s", m->n_equivalent, m->n_equivalent == 1 ? "" : "s",
		    m->n_equivalent == 1 ? "s" : "");
}

static void json_mutant(const struct places *p, const struct mutant *mu, struct strbuf *out)
{
	struct place place = find_place(p, mu);
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "column");
	json_u64(&w, place.at.col);
	json_key(&w, "file");
	json_strz(&w, place.at.file);
	json_key(&w, "kind");
	json_strz(&w, mutation_word(mu->kind));
	json_key(&w, "line");
	json_u64(&w, place.at.line);
	json_key(&w, "macro");
	if (place.macro.n)
		json_str(&w, place.macro);
	else
		json_nil(&w);
	json_key(&w, "mutant");
	json_strz(&w, mu->text);
	json_key(&w, "noticed");
	json_bool(&w, mu->noticed);
	json_key(&w, "rule");
	json_str(&w, p->rule->name);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}

static void json_score(size_t noticed, size_t counted, struct json_writer *w)
{
	json_key(w, "mutants");
	json_u64(w, counted);
	json_key(w, "noticed");
	json_u64(w, noticed);
	json_key(w, "percent");
	json_double(w, mutation_score(noticed, counted) / 10.0);
}

void mutation_report_json(const struct mutation *m, struct strbuf *out)
{
	struct json_writer w;

	for (size_t i = 0; i < m->rules.n; i++) {
		const struct rule_mutants *rm = &m->rules.v[i];
		struct places p;

		places_init(&p, rm->rules->rules, rm->rule);
		for (size_t k = 0; k < rm->mutants.n; k++)
			if (!rm->mutants.v[k].invalid && !rm->mutants.v[k].equivalent)
				json_mutant(&p, &rm->mutants.v[k], out);
		places_free(&p);
		json_init(&w, out);
		json_begin_object(&w);
		json_score(rm->n_noticed, rm->n_counted, &w);
		json_key(&w, "rule");
		json_str(&w, rm->rule->name);
		json_end_object(&w);
		strbuf_addc(out, '\n');
	}
	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "equivalent");
	json_u64(&w, m->n_equivalent);
	json_score(m->n_noticed, m->n_counted, &w);
	json_key(&w, "rules");
	json_u64(&w, m->rules.n);
	json_key(&w, "untested");
	json_begin_array(&w);
	for (size_t i = 0; i < m->untested.n; i++)
		json_str(&w, m->untested.v[i]->name);
	json_end_array(&w);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}
