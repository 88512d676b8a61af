/* Conditions that load but hardly mean what was meant. See program.h. */
#include "rules/program.h"

static bool is_na(const struct ast *n)
{
	uint32_t i;

	if (n->kind == AST_VALUE)
		return str_eq(n->text, STR("<NA>"));
	for (i = 0; n->kind == AST_LIST && i < n->n_kids; i++)
		if (is_na(n->kids[i]))
			return true;
	return false;
}

bool condition_unsafe_na(const struct ast *check)
{
	if (check->kind != AST_BINARY || check->kids[0]->kind != AST_FIELD)
		return false;
	switch (check->op) {
	case OP_EQ:
	case OP_EQ2:
	case OP_NE:
	case OP_IN:
	case OP_INTERSECTS:
	case OP_PMATCH:
		break;
	default:
		return false;
	}
	return (str_starts(check->kids[0]->text, STR("ka.")) ||
		str_starts(check->kids[0]->text, STR("jevt."))) &&
	       is_na(check->kids[1]);
}

void condition_lint(const struct ast *n, struct arena *a, check_problems *out)
{
	const struct field_def *def;
	struct check_problem pr = { .is_error = false, .pos = n->pos };
	uint32_t i;

	if (condition_unsafe_na(n)) {
		pr.message = "comparing a field with <NA> is always false";
		pr.hint = "use 'exists'";
		vec_push(out, pr);
	}
	if (n->kind == AST_FIELD) {
		def = field_find(n->text);
		if (def && (def->flags & FIELD_DEPRECATED)) {
			pr.message = arena_printf(a, "field %.*s is deprecated", STR_FMT(n->text));
			pr.hint = def->doc;
			vec_push(out, pr);
		}
	}
	for (i = 0; i < n->n_kids; i++)
		if (n->kids[i]->kind != AST_VALUE)
			condition_lint(n->kids[i], a, out);
}
