/*
 * eyas rules show: a rule as it is written, as it is understood, as it is run.
 */
#include <stdio.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/rules_options.h"

enum show_form { SHOW_TEXT, SHOW_AST = 256, SHOW_COMPILED, SHOW_PROGRAM, SHOW_JSON };

static const struct option_row rows[] = {
	RULES_OPTION_ROWS,
	{ SHOW_AST, "ast", NULL, "the condition as a tree, macros and lists in place" },
	{ SHOW_COMPILED, "compiled", NULL, "the condition in one line, macros and lists in place" },
	{ SHOW_PROGRAM, "program", NULL, "the predicates that the engine evaluates" },
	{ SHOW_JSON, "json", NULL, "everything as JSON, as falco -l tells" },
	{ 0, NULL, NULL, NULL },
};

static const struct option_spec spec = {
	.usage = "eyas rules show [OPTION]... -r FILE... RULE...",
	.about =
		"Shows rules by name (* stands for anything) as they are after everything in the files that\n"
		"appends to them or overrides them.",
	.rows = rows,
};

static void put_ast(const struct ast *n, unsigned depth, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;

	for (unsigned i = 0; i < depth; i++)
		strbuf_adds(out, "  ");
	switch (n->kind) {
	case AST_AND:
	case AST_OR:
	case AST_NOT:
		strbuf_adds(out, n->kind == AST_AND  ? "and\n"
				 : n->kind == AST_OR ? "or\n"
						     : "not\n");
		for (uint32_t i = 0; i < n->n_kids; i++)
			put_ast(n->kids[i], depth + 1, out);
		break;
	default:
		ast_text(n, &text);
		text_escape(out, strbuf_str(&text));
		strbuf_addc(out, '\n');
		strbuf_release(&text);
	}
}

static void put_block(const char *key, struct str s, struct strbuf *out)
{
	struct str rest = str_trim(s), line;

	strbuf_addf(out, "%s:\n", key);
	while (str_split(&rest, '\n', &line)) {
		strbuf_adds(out, "    ");
		text_escape(out, line);
		strbuf_addc(out, '\n');
	}
}

static void put_text(const struct ruleset *rs, const struct rule *r, struct strbuf *out)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_adds(out, "rule: ");
	text_escape(out, r->name);
	strbuf_addf(out, "\ndefined: ");
	text_escape(out, str_of(r->file));
	strbuf_addf(out, ":%u\npriority: %s\nsource: ", r->line + 1, priority_name(r->priority));
	text_escape(out, r->source);
	strbuf_addf(out, "\nenabled: %s\ntags:", r->enabled ? "yes" : "no");
	for (size_t i = 0; i < r->tags.n; i++) {
		strbuf_adds(out, i ? ", " : " ");
		text_escape(out, r->tags.v[i]);
	}
	strbuf_addc(out, '\n');
	put_block("description", r->desc, out);
	put_block("condition", r->condition_text, out);
	if (!str_eq(r->condition_text, ruleset_expanded_text(rs, r)))
		put_block("with exceptions and lists", ruleset_expanded_text(rs, r), out);
	if (r->ast) {
		ast_text(r->ast, &text);
		put_block("compiled", strbuf_str(&text), out);
		strbuf_release(&text);
	}
	put_block("output", r->output_full, out);
}

/* The rule's condition alone, as the engine would run it. */
static void put_program(const struct rule *r, struct strbuf *out)
{
	struct program *p = program_new();
	check_problems problems = { 0 };
	struct arena a = ARENA_INIT;

	if (r->ast && program_add(p, r->ast, &a, &problems) >= 0) {
		program_build(p, NULL);
		program_dump_graph(p, out);
	}
	vec_free(&problems);
	program_free(p);
	arena_destroy(&a);
}

static void put_rule(const struct ruleset *rs, const struct rule *r, int form, struct strbuf *out)
{
	struct json_writer w;

	switch (form) {
	case SHOW_AST:
		if (r->ast)
			put_ast(r->ast, 0, out);
		break;
	case SHOW_COMPILED:
		if (r->ast) {
			ast_text(r->ast, out);
			strbuf_addc(out, '\n');
		}
		break;
	case SHOW_PROGRAM:
		put_program(r, out);
		break;
	case SHOW_JSON:
		json_init(&w, out);
		w.comma = ",";
		w.colon = ":";
		ruleset_describe(rs, r, &w);
		strbuf_addc(out, '\n');
		break;
	default:
		put_text(rs, r, out);
	}
}

static int show(struct rules_options *o, int form, char *const *names, size_t n)
{
	struct strbuf out = STRBUF_INIT;
	struct ruleset *rs;
	struct diag diag;
	int status;

	diag_init(&diag);
	status = rules_load(o, &diag, &rs);
	if (status)
		diag_print(&diag, stderr);
	for (size_t k = 0; k < n; k++) {
		struct rule_selection want = { .match = RULE_MATCH_WILDCARD,
					       .pattern = str_of(names[k]) };
		size_t found = 0;
		for (size_t i = 0; i < ruleset_count(rs); i++) {
			const struct rule *r = ruleset_rule(rs, i);
			if (!rule_matches(r, &want))
				continue;
			if (out.n && form == SHOW_TEXT)
				strbuf_addc(&out, '\n');
			put_rule(rs, r, form, &out);
			found++;
		}
		if (!found) {
			fprintf(stderr,
				"eyas rules show: there is no rule '%s'; eyas rules list names them\n",
				names[k]);
			status = status ? status : EXIT_USAGE;
		}
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

int rules_show(int argc, char **argv)
{
	int key, status, form = SHOW_TEXT;
	struct rules_options o;
	struct option_state st;

	rules_options_init(&o);
	option_init(&st, &spec, argc, argv);
	while ((key = option_next(&st)) >= 0)
		if (!rules_option(&o, &st, key))
			form = key;
	if (key != OPTION_END)
		status = key == OPTION_EXIT ? EXIT_DONE : EXIT_USAGE;
	else if ((status = rules_options_config(&o, false)) != EXIT_DONE)
		;
	else if (!o.files.n)
		status = option_usage_error(&st, "give the rules with -r");
	else if (!st.operands.n)
		status = option_usage_error(&st, "give the name of a rule");
	else
		status = show(&o, form, st.operands.v, st.operands.n);
	rules_options_free(&o);
	option_free(&st);
	return status;
}
