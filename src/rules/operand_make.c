/* Operands from trees: fields are looked up, transformers checked. See operand.h. */
#include "rules/operand.h"

#include "rules/lexer.h"

void problem_add(struct problems *pr, bool is_error, struct text_pos pos, const char *message,
		 const char *hint)
{
	struct check_problem p = { is_error, pos, message, hint };

	vec_push(pr->list, p);
	pr->n_errors += is_error;
}

void problem_error(struct problems *pr, struct text_pos pos, const char *message)
{
	problem_add(pr, true, pos, message, NULL);
}

void operand_maker_free(struct operand_maker *m)
{
	vec_free(&m->operands);
	strmap_free(&m->by_key);
	strmap_free(&m->field_prefixes);
}

static void unknown_field(struct operand_maker *m, const struct ast *n, struct text_pos pos,
			  const char *why)
{
	struct strbuf sb = STRBUF_INIT;
	const char *message, *hint = NULL;

	if (strcmp(why, "unknown field") == 0) {
		if (m->problems->n_errors < PROBLEMS_WITH_NAMES)
			field_nearest(n->text, &sb);
		if (sb.n)
			hint = arena_printf(m->problems->a, "known fields with a similar name: %s",
					    sb.s);
		else
			hint = "'eyas list fields' shows all fields";
		strbuf_reset(&sb);
	} else {
		hint = arena_printf(m->problems->a, "%s", why);
	}
	strbuf_addstr(&sb, n->text);
	if (n->has_arg)
		strbuf_addf(&sb, "[%.*s]", STR_FMT(n->arg));
	message =
		arena_printf(m->problems->a, "filter_check called with nonexistent field %s", sb.s);
	problem_add(m->problems, true, pos, message, hint);
	strbuf_release(&sb);
}

const char *operand_wrong_source(const struct operand_maker *m, const struct field_def *def,
				 struct arena *a)
{
	enum event_source source = (enum event_source)(m->of_source - 1);
	const char *whose;

	if (!m->of_source || field_of_source(def, source))
		return NULL;
	whose = event_source_name(source);
	return arena_printf(a, "%s is a field of source %s; the rule has source %s", def->name,
			    field_source_text(def), whose ? whose : "of a plugin");
}

static bool note_prefix(struct operand_maker *m)
{
	size_t i;

	for (i = 0; i < field_count(); i++) {
		struct str name = str_of(field_at(i)->name);
		ptrdiff_t dot = str_chr(name, '.');

		if (dot > 0)
			name.n = (size_t)dot;
		if (!strmap_has(&m->field_prefixes, name))
			strmap_put(&m->field_prefixes, name, NULL);
	}
	return true;
}

/* The whole of `text`, blanks behind it aside, is a field with its argument, or a call of a
 * transformer. */
bool looks_like_field(struct operand_maker *m, struct str text, struct arena *a, bool *ret_is_call)
{
	struct str name, arg = STR(""), prefix;
	struct field_ref ref;
	struct lexer lx;
	bool has_arg = false;

	lexer_init(&lx, text);
	*ret_is_call = lexer_call(&lx, &name);
	if (*ret_is_call)
		return text.p[text.n - 1] == ')';
	if (!lexer_field(&lx, &name))
		return false;
	if (lexer_peek(&lx, 0) == '[') {
		lexer_skip(&lx, 1);
		has_arg = lexer_bare_arg(&lx, &arg);
		if (!has_arg || !lexer_char(&lx, ']'))
			return false;
	}
	lexer_blank(&lx);
	if (!lexer_at_end(&lx))
		return false;
	/* Most constants with a dot are file names: do not search all fields for each. */
	prefix = name;
	prefix.n = (size_t)str_chr(name, '.');
	if (m->field_prefixes.n == 0)
		note_prefix(m);
	if (!strmap_has(&m->field_prefixes, prefix) && !m->stand_ins)
		return false;
	return stand_in_resolve(m->stand_ins, name, has_arg, arg, a, &ref) == NULL;
}

static struct operand *add_operand(struct operand_maker *m, const struct operand *o, struct str key)
{
	struct operand *op = arena_alloc(m->arena, sizeof(*op));

	*op = *o;
	op->slot = (uint32_t)m->operands.n;
	vec_push(&m->operands, op);
	if (!op->stateful)
		strmap_put(&m->by_key, arena_str(m->arena, key), op);
	return op;
}

static struct operand *field_operand(struct operand_maker *m, const struct ast *n,
				     struct text_pos pos, bool in_call, struct str key)
{
	struct operand o = { .kind = OPERAND_FIELD };
	const char *wrong =
		stand_in_resolve(m->stand_ins, n->text, n->has_arg, n->arg, m->arena, &o.ref);

	if (!wrong)
		wrong = operand_wrong_source(m, o.ref.def, m->problems->a);
	if (wrong) {
		unknown_field(m, n, pos, wrong);
		return NULL;
	}
	if ((o.ref.def->flags & FIELD_PRINT_ONLY) && !m->for_output) {
		problem_error(m->problems, pos,
			      arena_printf(m->problems->a, "field %.*s can only be printed",
					   STR_FMT(o.ref.text)));
		return NULL;
	}
	if (in_call && (o.ref.def->flags & FIELD_NO_TRANSFORMER)) {
		problem_error(m->problems, pos,
			      arena_printf(m->problems->a,
					   "field %.*s does not support transformers",
					   STR_FMT(o.ref.text)));
		return NULL;
	}
	o.stateful = field_is_stateful(o.ref.def);
	o.ref.id = o.stateful ? ++m->n_stateful : 0;
	o.type = o.ref.type;
	o.is_list = (o.ref.def->flags & FIELD_LIST) != 0;
	o.scope = o.ref.scope;
	return add_operand(m, &o, key);
}

static struct operand *call_operand(struct operand_maker *m, const struct ast *n,
				    struct text_pos pos, struct str key)
{
	struct operand o = { .kind = n->kind == AST_LIST ? OPERAND_LIST : OPERAND_CALL };
	const char *wrong = NULL;
	bool failed = false;
	uint32_t i;
	int t;

	o.n_kids = n->n_kids;
	o.kids = arena_alloc(m->arena, (n->n_kids + 1) * sizeof(*o.kids));
	for (i = 0; i < n->n_kids; i++) {
		struct operand *kid = operand_make(m, n->kids[i], pos, true);

		o.kids[i] = kid;
		if (!kid) {
			failed = true;
			continue;
		}
		o.stateful |= kid->stateful;
		if (kid->scope > o.scope)
			o.scope = kid->scope;
		if (o.kind == OPERAND_LIST && kid->is_list && !wrong)
			wrong = "a list cannot hold a list";
	}
	if (failed)
		return NULL;
	if (o.kind == OPERAND_LIST) {
		o.type = PT_CHARBUF;
		o.is_list = true;
	} else {
		t = transformer_by_name(n->text);
		if (t < 0) {
			wrong = arena_printf(m->problems->a, "unknown transformer '%.*s'",
					     STR_FMT(n->text));
		} else {
			o.transformer = (uint8_t)t;
			o.has_arg = n->has_arg;
			o.arg = arena_str(m->arena, n->arg);
			wrong = transformer_check(&o, m->problems->a, &o.type, &o.is_list);
		}
	}
	if (wrong) {
		problem_error(m->problems, pos, wrong);
		return NULL;
	}
	return add_operand(m, &o, key);
}

struct operand *operand_make(struct operand_maker *m, const struct ast *n, struct text_pos pos,
			     bool in_call)
{
	struct strbuf key = STRBUF_INIT;
	struct operand *op,
		o = { .kind = OPERAND_CONSTANT, .type = PT_CHARBUF, .slot = UINT32_MAX };

	if (n->kind == AST_VAL)
		return operand_make(m, n->kids[0], pos, in_call);
	if (n->kind == AST_VALUE) {
		op = arena_alloc(m->arena, sizeof(*op));
		o.constant.type = PT_CHARBUF;
		o.constant.s = arena_str(m->arena, n->text);
		*op = o;
		return op;
	}
	ast_text_parsable(n, &key);
	if (in_call)
		strbuf_addc(&key, '\0'); /* other checks apply: not the same entry */
	if (m->of_source)
		strbuf_addc(&key, (char)m->of_source); /* the same */
	op = strmap_get(&m->by_key, strbuf_str(&key));
	if (!op && n->kind == AST_FIELD)
		op = field_operand(m, n, pos, in_call, strbuf_str(&key));
	else if (!op)
		op = call_operand(m, n, pos, strbuf_str(&key));
	strbuf_release(&key);
	return op;
}
