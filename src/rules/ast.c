/* Trees of conditions: the operators' table, equality, copies, the names in use. See condition.h.
 */
#include "rules/condition.h"

static const struct op_row {
	const char *text;
	bool list;
} op_rows[OP_N] = {
#define X(name, text, list, blank) { text, list },
	CONDITION_OP_LIST(X)
#undef X
};

static const char *const modifier_texts[] = { "", "oneof", "anyof", "allof" };

static const char *const transformers[] = {
#define X(name, text, least, most) text,
	TRANSFORMER_LIST(X)
#undef X
};

const char *condition_op_text(unsigned op)
{
	return op < OP_N ? op_rows[op].text : "?";
}

const char *condition_modifier_text(unsigned modifier)
{
	return modifier <= MOD_ALLOF ? modifier_texts[modifier] : "?";
}

int condition_op_by_text(struct str text)
{
	int i;

	for (i = 0; i < OP_N; i++)
		if (str_eqz(text, op_rows[i].text))
			return i;
	return -1;
}

bool condition_op_is_list(unsigned op)
{
	return op < OP_N && op_rows[op].list;
}

bool condition_is_transformer(struct str name)
{
	size_t i;

	for (i = 0; i < sizeof(transformers) / sizeof(*transformers); i++)
		if (str_eqz(name, transformers[i]))
			return true;
	return false;
}

bool ast_equal(const struct ast *a, const struct ast *b)
{
	uint32_t i;

	if (a->kind != b->kind || a->op != b->op || a->modifier != b->modifier ||
	    a->has_arg != b->has_arg || a->n_kids != b->n_kids || !str_eq(a->text, b->text) ||
	    (a->has_arg && !str_eq(a->arg, b->arg)))
		return false;
	for (i = 0; i < a->n_kids; i++)
		if (!ast_equal(a->kids[i], b->kids[i]))
			return false;
	return true;
}

struct ast *ast_copy(const struct ast *n, struct arena *a)
{
	struct ast *c = arena_alloc(a, sizeof(*c));
	uint32_t i;

	*c = *n;
	c->text = arena_str(a, n->text);
	c->arg = arena_str(a, n->arg);
	if (n->n_kids == 0) {
		c->kids = NULL;
		return c;
	}
	c->kids = arena_alloc(a, n->n_kids * sizeof(*c->kids));
	for (i = 0; i < n->n_kids; i++)
		c->kids[i] = ast_copy(n->kids[i], a);
	return c;
}

struct names_walk {
	const struct strmap *known_lists;
	struct arena *a;
	struct condition_names *ret;
	struct strmap fields, macros, lists;
	bool ops[OP_N];
};

static void note_list(struct names_walk *w, const struct ast *value)
{
	if (!w->known_lists || !strmap_has(w->known_lists, value->text) ||
	    strmap_has(&w->lists, value->text))
		return;
	strmap_put(&w->lists, value->text, NULL);
	vec_push(&w->ret->lists, value->text);
}

static void note_field(struct names_walk *w, const struct ast *field)
{
	struct str text = field->text;

	if (field->has_arg)
		text = str_of(arena_printf(w->a, "%.*s[%.*s]", STR_FMT(field->text),
					   STR_FMT(field->arg)));
	if (strmap_has(&w->fields, text))
		return;
	strmap_put(&w->fields, text, NULL);
	vec_push(&w->ret->fields, text);
}

static void walk_names(struct names_walk *w, const struct ast *n)
{
	uint32_t i;

	switch (n->kind) {
	case AST_MACRO:
		if (!strmap_has(&w->macros, n->text)) {
			strmap_put(&w->macros, n->text, NULL);
			vec_push(&w->ret->macros, n->text);
		}
		break;
	case AST_FIELD:
		note_field(w, n);
		break;
	case AST_VALUE:
		note_list(w, n);
		break;
	case AST_UNARY:
	case AST_BINARY:
		if (!w->ops[n->op]) {
			w->ops[n->op] = true;
			vec_push(&w->ret->operators, str_of(condition_op_text(n->op)));
		}
		break;
	default:
		break;
	}
	for (i = 0; i < n->n_kids; i++)
		walk_names(w, n->kids[i]);
}

void condition_names(const struct ast *n, const struct strmap *known_lists, struct arena *a,
		     struct condition_names *ret)
{
	struct names_walk w = { .known_lists = known_lists, .a = a, .ret = ret };

	memset(ret, 0, sizeof(*ret));
	walk_names(&w, n);
	strmap_free(&w.fields);
	strmap_free(&w.macros);
	strmap_free(&w.lists);
}

void condition_names_free(struct condition_names *names)
{
	vec_free(&names->fields);
	vec_free(&names->operators);
	vec_free(&names->macros);
	vec_free(&names->lists);
}
