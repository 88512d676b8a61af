/* Coverage as text and as JSON; see coverage.h. */
#include "cli/coverage.h"

#include "base/text.h"
#include "cli/explained.h"

#define MAX_ITEMS_SHOWN 12

double coverage_percent(size_t part, size_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 100.0;
}

void coverage_sum(const struct cover_rule *r, struct coverage_sum *ret)
{
	ret->rules++;
	ret->fired += r->fired > 0;
	for (uint32_t i = 0; r->tree && i < r->tree->n_nodes; i++) {
		const struct rule_node *n = r->tree->nodes[i];

		if (n->kind == RULE_EXCEPTION) {
			ret->exceptions++;
			ret->exceptions_seen += r->seen_true[i] > 0;
		}
		if (n->kind != RULE_CHECK)
			continue;
		ret->outcomes += 2;
		ret->outcomes_seen += (r->seen_true[i] > 0) + (r->seen_false[i] > 0);
		for (uint32_t k = 0; r->items[i] && k < n->n_items; k++) {
			ret->items++;
			ret->items_seen += r->items[i][k] > 0;
		}
	}
}

static void put_share(const char *name, size_t part, size_t whole, struct strbuf *out)
{
	strbuf_addf(out, "%-12s%6zu of %6zu  %5.1f %%\n", name, part, whole,
		    coverage_percent(part, whole));
}

static void put_items(const struct cover_rule *r, const struct rule_node *n, struct strbuf *out)
{
	unsigned shown = 0, unseen = 0;

	for (uint32_t k = 0; k < n->n_items; k++)
		unseen += !r->items[n->number][k];
	if (!unseen)
		return;
	strbuf_addf(out, "    %u of %u items not met   ", unseen, n->n_items);
	explained_node_text(n, 60, out);
	strbuf_adds(out, ": ");
	for (uint32_t k = 0; k < n->n_items && shown < MAX_ITEMS_SHOWN; k++) {
		if (r->items[n->number][k])
			continue;
		strbuf_adds(out, shown++ ? ", " : "");
		text_escape(out, n->items[k].text);
	}
	strbuf_adds(out, unseen > shown ? ", ...   (" : "   (");
	explained_place(n, out);
	strbuf_adds(out, ")\n");
}

static void put_missing(const struct cover_rule *r, struct strbuf *out)
{
	for (uint32_t i = 0; r->tree && i < r->tree->n_nodes; i++) {
		const struct rule_node *n = r->tree->nodes[i];
		const char *what = NULL;

		if (n->kind == RULE_EXCEPTION && !r->seen_true[i])
			what = "never applied";
		if (n->kind == RULE_CHECK && !r->seen_true[i] && !r->seen_false[i])
			what = "never reached";
		else if (n->kind == RULE_CHECK && !r->seen_true[i])
			what = "never true";
		else if (n->kind == RULE_CHECK && !r->seen_false[i])
			what = "never false";
		if (what) {
			strbuf_addf(out, "    %-15s", what);
			explained_node_text(n, 100, out);
			strbuf_adds(out, "   (");
			explained_place(n, out);
			strbuf_adds(out, ")\n");
		}
		if (n->kind == RULE_CHECK && r->items[i] && n->n_items > 1 && r->seen_true[i])
			put_items(r, n, out);
	}
}

void coverage_text(const struct coverage *c, bool missing, struct strbuf *out)
{
	struct coverage_sum all = { 0 };

	for (size_t i = 0; i < c->rules.n; i++)
		coverage_sum(&c->rules.v[i], &all);
	put_share("rules", all.fired, all.rules, out);
	put_share("outcomes", all.outcomes_seen, all.outcomes, out);
	put_share("list items", all.items_seen, all.items, out);
	put_share("exceptions", all.exceptions_seen, all.exceptions, out);
	if (c->uncounted)
		strbuf_addf(out, "Items of %zu comparisons are not counted: there are too many.\n",
			    c->uncounted);
	strbuf_adds(out, "\n   fired  outcomes   items  rule\n");
	for (size_t i = 0; i < c->rules.n; i++) {
		const struct cover_rule *r = &c->rules.v[i];
		struct coverage_sum s = { 0 };

		coverage_sum(r, &s);
		strbuf_addf(out, "%8llu  %3zu / %-3zu", (unsigned long long)r->fired,
			    s.outcomes_seen, s.outcomes);
		if (s.items)
			strbuf_addf(out, " %3zu / %-3zu ", s.items_seen, s.items);
		else
			strbuf_addf(out, "%11s", "-    ");
		text_escape(out, r->rule->name);
		strbuf_addc(out, '\n');
		if (missing)
			put_missing(r, out);
	}
	if (!missing && all.outcomes_seen < all.outcomes)
		strbuf_adds(out, "\n--missing names what was not seen.\n");
}

static void check_json(const struct cover_rule *r, const struct rule_node *n, struct json_writer *w)
{
	uint32_t i = n->number;

	json_begin_object(w);
	json_key(w, "kind");
	json_strz(w, n->kind == RULE_CHECK ? "check" : "exception");
	json_key(w, n->kind == RULE_CHECK ? "text" : "name");
	json_str(w, n->kind == RULE_CHECK ? n->text : n->name);
	json_key(w, "true");
	json_u64(w, r->seen_true[i]);
	json_key(w, "false");
	json_u64(w, r->seen_false[i]);
	explained_place_json(n, w);
	if (r->items[i]) {
		json_key(w, "items");
		json_begin_array(w);
		for (uint32_t k = 0; k < n->n_items; k++) {
			json_begin_object(w);
			json_key(w, "text");
			json_str(w, n->items[k].text);
			if (n->items[k].list.n) {
				json_key(w, "list");
				json_str(w, n->items[k].list);
			}
			json_key(w, "events");
			json_u64(w, r->items[i][k]);
			json_end_object(w);
		}
		json_end_array(w);
	}
	json_end_object(w);
}

void coverage_json(const struct coverage *c, struct strbuf *out)
{
	for (size_t i = 0; i < c->rules.n; i++) {
		const struct cover_rule *r = &c->rules.v[i];
		struct coverage_sum s = { 0 };
		struct json_writer w;

		coverage_sum(r, &s);
		json_init(&w, out);
		json_begin_object(&w);
		json_key(&w, "rule");
		json_str(&w, r->rule->name);
		json_key(&w, "file");
		json_strz(&w, r->rule->file);
		json_key(&w, "line");
		json_u64(&w, r->rule->line + 1);
		json_key(&w, "candidates");
		json_u64(&w, r->candidates);
		json_key(&w, "fired");
		json_u64(&w, r->fired);
		json_key(&w, "outcomes");
		json_u64(&w, s.outcomes);
		json_key(&w, "outcomes_seen");
		json_u64(&w, s.outcomes_seen);
		json_key(&w, "items");
		json_u64(&w, s.items);
		json_key(&w, "items_seen");
		json_u64(&w, s.items_seen);
		json_key(&w, "parts");
		json_begin_array(&w);
		for (uint32_t k = 0; r->tree && k < r->tree->n_nodes; k++)
			if (r->tree->nodes[k]->kind == RULE_CHECK ||
			    r->tree->nodes[k]->kind == RULE_EXCEPTION)
				check_json(r, r->tree->nodes[k], &w);
		json_end_array(&w);
		json_end_object(&w);
		strbuf_addc(out, '\n');
	}
}
