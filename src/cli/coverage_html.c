/* Coverage as one page that needs nothing else. */
#include "base/text.h"
#include "cli/coverage.h"
#include "cli/explained.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<title>Coverage of rules</title>\n<style>\n"
	"body{font:14px/1.5 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em;color:#222;background:#fff}\n"
	"table{border-collapse:collapse;width:100%}\n"
	"th,td{text-align:left;padding:.2em .6em;border-bottom:1px solid #ddd;vertical-align:top}\n"
	"td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\n"
	"code{font:13px ui-monospace,monospace}\n"
	".y{background:#dff3d8}.p{background:#fff3c4}.m{background:#fbdcdc}\n"
	".item{display:inline-block;padding:0 .4em;margin:.1em;border-radius:.3em}\n"
	"details{margin:.4em 0}summary{cursor:pointer;padding:.2em .4em}\n"
	".place{color:#666;font-size:12px}\n"
	"@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}th,td{border-color:#444}"
	".y{background:#24451c}.p{background:#4d4215}.m{background:#552222}.place{color:#999}}\n"
	"</style>\n</head>\n<body>\n<h1>Coverage of rules</h1>\n";

static void put(struct strbuf *out, struct str text)
{
	struct strbuf sb = STRBUF_INIT;

	text_escape(&sb, text);
	for (size_t i = 0; i < sb.n; i++) {
		switch (sb.s[i]) {
		case '&':
			strbuf_adds(out, "&amp;");
			break;
		case '<':
			strbuf_adds(out, "&lt;");
			break;
		case '>':
			strbuf_adds(out, "&gt;");
			break;
		case '"':
			strbuf_adds(out, "&quot;");
			break;
		default:
			strbuf_addc(out, sb.s[i]);
		}
	}
	strbuf_release(&sb);
}

static void put_share(const char *name, size_t part, size_t whole, struct strbuf *out)
{
	strbuf_addf(
		out,
		"<tr><td>%s</td><td class=\"n\">%zu of %zu</td><td class=\"n\">%.1f %%</td></tr>\n",
		name, part, whole, coverage_percent(part, whole));
}

static void put_items(const struct cover_rule *r, const struct rule_node *n, struct strbuf *out)
{
	strbuf_adds(out, "<br>");
	for (uint32_t k = 0; k < n->n_items; k++) {
		uint64_t hits = r->items[n->number][k];

		strbuf_addf(out, "<span class=\"item %s\" title=\"%llu\">", hits ? "y" : "m",
			    (unsigned long long)hits);
		put(out, n->items[k].text);
		strbuf_adds(out, "</span> ");
	}
}

static void put_node(const struct cover_rule *r, const struct rule_node *n, struct strbuf *out)
{
	uint64_t yes = r->seen_true[n->number], no = r->seen_false[n->number];
	bool enough = n->kind == RULE_EXCEPTION ? yes > 0 : yes && no;
	struct strbuf sb = STRBUF_INIT;

	strbuf_addf(out, "<tr class=\"%s\"><td><code>", enough ? "y" : yes || no ? "p" : "m");
	explained_node_text(n, 0, &sb);
	put(out, strbuf_str(&sb));
	strbuf_adds(out, "</code>");
	if (n->kind == RULE_CHECK && r->items[n->number] && n->n_items > 1)
		put_items(r, n, out);
	strbuf_reset(&sb);
	explained_place(n, &sb);
	strbuf_adds(out, "<br><span class=\"place\">");
	put(out, strbuf_str(&sb));
	strbuf_addf(out, "</span></td><td class=\"n\">%llu</td><td class=\"n\">%llu</td></tr>\n",
		    (unsigned long long)yes, (unsigned long long)no);
	strbuf_release(&sb);
}

static void put_rule(const struct cover_rule *r, struct strbuf *out)
{
	struct coverage_sum s = { 0 };

	coverage_sum(r, &s);
	strbuf_addf(out, "<details><summary class=\"%s\">",
		    !r->fired                      ? "m"
		    : s.outcomes_seen < s.outcomes ? "p"
						   : "y");
	put(out, r->rule->name);
	strbuf_addf(out, ": fired %llu times, %zu of %zu outcomes", (unsigned long long)r->fired,
		    s.outcomes_seen, s.outcomes);
	if (s.items)
		strbuf_addf(out, ", %zu of %zu list items", s.items_seen, s.items);
	strbuf_adds(out, "</summary>\n<table>\n<tr><th>Condition</th><th class=\"n\">true</th>"
			 "<th class=\"n\">false</th></tr>\n");
	for (uint32_t i = 0; r->tree && i < r->tree->n_nodes; i++)
		if (r->tree->nodes[i]->kind == RULE_CHECK ||
		    r->tree->nodes[i]->kind == RULE_EXCEPTION)
			put_node(r, r->tree->nodes[i], out);
	strbuf_adds(out, "</table>\n</details>\n");
}

void coverage_html(const struct coverage *c, struct strbuf *out)
{
	struct coverage_sum all = { 0 };

	for (size_t i = 0; i < c->rules.n; i++)
		coverage_sum(&c->rules.v[i], &all);
	strbuf_adds(out, head);
	strbuf_addf(out, "<p>%llu events</p>\n<table>\n", (unsigned long long)c->events);
	put_share("rules that fired", all.fired, all.rules, out);
	put_share("outcomes of comparisons", all.outcomes_seen, all.outcomes, out);
	put_share("list items", all.items_seen, all.items, out);
	put_share("exceptions", all.exceptions_seen, all.exceptions, out);
	strbuf_adds(out, "</table>\n<h2>Rules</h2>\n");
	for (size_t i = 0; i < c->rules.n; i++)
		put_rule(&c->rules.v[i], out);
	strbuf_adds(out, "</body>\n</html>\n");
}
