/*
 * eyas rules list: the rules with their priorities and tags.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/rules_options.h"

enum {
	OPT_JSON = 256,
	OPT_PRIORITY,
	OPT_TAG,
	OPT_NOT_TAG,
	OPT_ENABLE,
	OPT_DISABLE,
	OPT_SELECTED,
	OPT_DESCRIPTION,
	OPT_RULE
};

static const struct option_row rows[] = {
	RULES_OPTION_ROWS,
	{ OPT_JSON, "json", NULL, "one JSON object a rule" },
	{ OPT_PRIORITY, "priority", "P", "only rules of priority P or more severe are selected" },
	{ OPT_TAG, "tag", "TAG", "select rules with this tag" },
	{ OPT_NOT_TAG, "not-tag", "TAG", "do not select rules with this tag" },
	{ OPT_ENABLE, "enable", "PATTERN", "select rules by name; * stands for anything" },
	{ OPT_DISABLE, "disable", "PATTERN", "do not select rules by name; * stands for anything" },
	{ OPT_SELECTED, "selected", NULL, "list only the rules that are selected" },
	{ OPT_RULE, "rule", "NAME", "list only the rule NAME" },
	{ OPT_DESCRIPTION, "description", NULL,
	  "names and descriptions in two columns, as falco -L gives them" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas rules list [OPTION]... FILE...",
	.about =
		"Lists the rules of files or directories in load order. Rules that are disabled, or not\n"
		"selected by the options (which apply in the order given), are marked.",
	.rows = rows,
};

struct list_options {
	struct rules_options rules;
	VEC(struct rule_selection) steps;
	bool json, description, selected_only, has_priority;
	const char *rule; /* NULL: all */
	enum priority priority;
};

static void put_json(const struct rule *r, struct strbuf *out)
{
	struct json_writer w;

	json_init(&w, out);
	json_begin_object(&w);
	json_key(&w, "name");
	json_str(&w, r->name);
	json_key(&w, "priority");
	json_strz(&w, priority_name(r->priority));
	json_key(&w, "source");
	json_str(&w, r->source);
	json_key(&w, "enabled");
	json_bool(&w, r->enabled);
	json_key(&w, "selected");
	json_bool(&w, r->selected);
	json_key(&w, "tags");
	json_begin_array(&w);
	for (size_t i = 0; i < r->tags.n; i++)
		json_str(&w, r->tags.v[i]);
	json_end_array(&w);
	json_key(&w, "file");
	json_strz(&w, r->file);
	json_key(&w, "line");
	json_u64(&w, (uint64_t)r->line + 1);
	json_end_object(&w);
	strbuf_addc(out, '\n');
}

static void put_text(const struct rule *r, struct strbuf *out)
{
	strbuf_addf(out, "%-13s %s ", priority_name(r->priority), r->selected ? " " : "-");
	text_escape(out, r->name);
	for (size_t i = 0; i < r->tags.n; i++) {
		strbuf_adds(out, i ? ", " : "  [");
		text_escape(out, r->tags.v[i]);
	}
	strbuf_adds(out, r->tags.n ? "]\n" : "\n");
}

#define NAME_WIDTH  50
#define TABLE_WIDTH 110

/* The name, and the description's words in lines behind it; an empty line. */
static void put_description(struct str name, struct str desc, struct strbuf *out)
{
	size_t col = NAME_WIDTH + 1, line_start = out->n;
	struct strbuf text = STRBUF_INIT;
	size_t i = 0;

	text_escape(out, name);
	while (out->n - line_start < NAME_WIDTH)
		strbuf_addc(out, ' ');
	strbuf_addc(out, ' ');
	for (size_t k = 0; k < desc.n; k++)
		strbuf_addc(&text, desc.p[k] == '\n' || desc.p[k] == '\t' ? ' ' : desc.p[k]);
	while (i < text.n) {
		size_t end = i;
		while (end < text.n && text.s[end] != ' ')
			end++;
		if (end > i) {
			if (col + (end - i) > TABLE_WIDTH && col > NAME_WIDTH + 1) {
				strbuf_addf(out, "\n%*s", NAME_WIDTH + 1, "");
				col = NAME_WIDTH + 1;
			} else if (col > NAME_WIDTH + 1) {
				strbuf_addc(out, ' ');
				col++;
			}
			text_escape(out, str_mem(text.s + i, end - i));
			col += end - i;
		}
		i = end + 1;
	}
	strbuf_adds(out, "\n\n");
	strbuf_release(&text);
}

static void put_rule(const struct list_options *o, const struct rule *r, struct strbuf *out)
{
	if (o->json)
		put_json(r, out);
	else if (o->description)
		put_description(r->name, r->desc, out);
	else
		put_text(r, out);
}

static int list(struct list_options *o)
{
	struct strbuf out = STRBUF_INIT;
	struct ruleset *rs;
	struct diag diag;
	size_t found = 0;
	const struct falco_config *c = &o->rules.config;
	int status;

	diag_init(&diag);
	status = rules_load(&o->rules, &diag, &rs);
	if (status)
		diag_print(&diag, stderr);
	for (size_t i = 0; i < c->selection.n; i++)
		ruleset_select(rs, &c->selection.v[i]);
	for (size_t i = 0; i < o->steps.n; i++)
		ruleset_select(rs, &o->steps.v[i]);
	if (o->has_priority || c->has_priority)
		ruleset_min_priority(rs, o->has_priority ? o->priority : c->priority);
	if (o->description)
		strbuf_addf(&out, "%-50s %s\n%-50s %s\n", "Rule", "Description", "----",
			    "-----------");
	for (size_t i = 0; i < ruleset_count(rs); i++) {
		const struct rule *r = ruleset_rule(rs, i);
		if ((o->selected_only && !r->selected) || (o->rule && !str_eqz(r->name, o->rule)))
			continue;
		put_rule(o, r, &out);
		found++;
	}
	if (o->rule && !found && !status) {
		fprintf(stderr, "eyas rules list: there is no rule '%s'\n", o->rule);
		status = EXIT_USAGE;
	}
	if (fwrite(out.s, 1, out.n, stdout) != out.n || fflush(stdout) != 0) {
		perror("eyas rules: cannot write");
		status = EXIT_FAILED;
	}
	strbuf_release(&out);
	ruleset_free(rs);
	diag_free(&diag);
	return status;
}

static void add_step(struct list_options *o, bool enable, enum rule_match match,
		     const char *pattern)
{
	struct rule_selection s = { enable, match, str_of(pattern) };
	vec_push(&o->steps, s);
}

/* Takes one option; an exit_status. */
static int take(struct list_options *o, const struct option_state *st, int key)
{
	switch (key) {
	case OPT_JSON:
		o->json = true;
		break;
	case OPT_DESCRIPTION:
		o->description = true;
		break;
	case OPT_RULE:
		o->rule = st->arg;
		break;
	case OPT_SELECTED:
		o->selected_only = true;
		break;
	case OPT_PRIORITY:
		if (!priority_parse(str_of(st->arg), &o->priority))
			return option_usage_error(st, "'%s' is not a priority", st->arg);
		o->has_priority = true;
		break;
	case OPT_TAG:
	case OPT_NOT_TAG:
		add_step(o, key == OPT_TAG, RULE_MATCH_TAG, st->arg);
		break;
	case OPT_ENABLE:
	case OPT_DISABLE:
		add_step(o, key == OPT_ENABLE, RULE_MATCH_WILDCARD, st->arg);
		break;
	default:
		rules_option(&o->rules, st, key);
	}
	return EXIT_DONE;
}

int rules_list(int argc, char **argv)
{
	struct list_options o = { .json = false };
	struct option_state st;
	int key, status = EXIT_DONE;

	rules_options_init(&o.rules);
	option_init(&st, &spec, argc, argv);
	while (!status && (key = option_next(&st)) >= 0)
		status = take(&o, &st, key);
	if (!status && key != OPTION_END)
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	else if (!status) {
		for (size_t i = 0; i < st.operands.n; i++)
			vec_push(&o.rules.files, st.operands.v[i]);
		status = rules_options_config(&o.rules, false);
	}
	if (!status && key == OPTION_END) {
		status = o.rules.files.n
				 ? list(&o)
				 : option_usage_error(&st, "give a rules file or directory");
	}
	vec_free(&o.steps);
	rules_options_free(&o.rules);
	option_free(&st);
	return status;
}
