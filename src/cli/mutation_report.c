/* Mutants that tests notice or not; see mutation_report.h. */
#include "cli/mutation_report.h"

#include "base/json_writer.h"
#include "base/text.h"

unsigned mutation_score(size_t noticed, size_t counted)
{
	return counted ? (unsigned)(noticed * 1000 / counted) : 1000;
}

static void add_score(size_t noticed, size_t counted, struct strbuf *out)
{
	unsigned s = mutation_score(noticed, counted);

	strbuf_addf(out, "%zu of %zu mutants noticed (%u.%u %%)", noticed, counted, s / 10, s % 10);
}

/* Where it was changed; a rule that is disabled is so as a whole. */
static void find_place(const struct node_origins *o, const struct rule *rule,
		       const struct mutant *mu, struct node_origin *ret)
{
	if (mu->kind == MUTATION_DISABLED)
		*ret = (struct node_origin){ rule->file, rule->line, rule->col, STR("") };
	else
		node_origin_find(o, rule, mu->at, ret);
}

static void add_mutant(const struct node_origins *o, const struct rule *rule,
		       const struct mutant *mu, bool verbose, struct strbuf *out)
{
	struct node_origin at;

	find_place(o, rule, mu, &at);
	strbuf_adds(out, verbose ? mu->noticed ? "  noticed  " : "  MISSED   " : "  ");
	text_escape(out, str_of(at.file));
	strbuf_addf(out, ":%u:%u: ", at.line + 1, at.col + 1);
	text_escape(out, str_of(mu->text));
	if (at.macro.n)
		strbuf_addf(out, " [macro %.*s]", STR_FMT(at.macro));
	strbuf_addc(out, '\n');
}

static void add_rule(const struct rule_mutants *rm, bool verbose, struct strbuf *out)
{
	struct node_origins *o = node_origins_new(rm->rules->rules);

	text_escape(out, rm->rule->name);
	strbuf_adds(out, ": ");
	add_score(rm->n_noticed, rm->n_counted, out);
	strbuf_addc(out, '\n');
	for (size_t i = 0; i < rm->mutants.n; i++) {
		const struct mutant *mu = &rm->mutants.v[i];

		if (!mu->invalid && !mu->equivalent && (verbose || !mu->noticed))
			add_mutant(o, rm->rule, mu, verbose, out);
	}
	node_origins_free(o);
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

static void json_mutant(const struct node_origins *o, const struct rule *rule,
			const struct mutant *mu, struct strbuf *out)
{
	struct node_origin at;
	struct json_writer w;

	find_place(o, rule, mu, &at);
	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "column");
	json_u64(&w, at.col + 1);
	json_key(&w, "file");
	json_strz(&w, at.file);
	json_key(&w, "kind");
	json_strz(&w, mutation_word(mu->kind));
	json_key(&w, "line");
	json_u64(&w, at.line + 1);
	json_key(&w, "macro");
	if (at.macro.n)
		json_str(&w, at.macro);
	else
		json_nil(&w);
	json_key(&w, "mutant");
	json_strz(&w, mu->text);
	json_key(&w, "noticed");
	json_bool(&w, mu->noticed);
	json_key(&w, "rule");
	json_str(&w, rule->name);
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
		struct node_origins *o = node_origins_new(rm->rules->rules);

		for (size_t k = 0; k < rm->mutants.n; k++)
			if (!rm->mutants.v[k].invalid && !rm->mutants.v[k].equivalent)
				json_mutant(o, rm->rule, &rm->mutants.v[k], out);
		node_origins_free(o);
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
