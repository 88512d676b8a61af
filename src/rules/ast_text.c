/* Trees of conditions as text and as JSON. See condition.h. */
#include "rules/lexer.h"

struct printer {
	struct strbuf *out;
	void (*constant)(struct str value, struct strbuf *out);
};

static void print(const struct printer *p, const struct ast *n);

static void print_list(const struct printer *p, const struct ast *n, const char *between)
{
	uint32_t i;

	for (i = 0; i < n->n_kids; i++) {
		if (i)
			strbuf_adds(p->out, between);
		print(p, n->kids[i]);
	}
}

static void print_arg(const struct printer *p, const struct ast *n)
{
	if (!n->has_arg)
		return;
	strbuf_addc(p->out, '[');
	condition_quote_arg(n->arg, p->out);
	strbuf_addc(p->out, ']');
}

static void print_check(const struct printer *p, const struct ast *n)
{
	print(p, n->kids[0]);
	strbuf_addc(p->out, ' ');
	strbuf_adds(p->out, condition_op_text(n->op));
	if (n->kind == AST_UNARY)
		return;
	strbuf_addc(p->out, ' ');
	if (n->modifier != MOD_NONE) {
		strbuf_adds(p->out, condition_modifier_text(n->modifier));
		strbuf_addc(p->out, ' ');
	}
	print(p, n->kids[1]);
}

static void print(const struct printer *p, const struct ast *n)
{
	switch (n->kind) {
	case AST_AND:
	case AST_OR:
		strbuf_addc(p->out, '(');
		print_list(p, n, n->kind == AST_AND ? " and " : " or ");
		strbuf_addc(p->out, ')');
		break;
	case AST_NOT:
		strbuf_adds(p->out, "not ");
		print(p, n->kids[0]);
		break;
	case AST_MACRO:
		strbuf_addstr(p->out, n->text);
		break;
	case AST_UNARY:
	case AST_BINARY:
		print_check(p, n);
		break;
	case AST_FIELD:
		strbuf_addstr(p->out, n->text);
		print_arg(p, n);
		break;
	case AST_TRANSFORM:
	case AST_VAL:
		strbuf_addstr(p->out, n->text);
		strbuf_addc(p->out, '(');
		print_list(p, n, ",");
		strbuf_addc(p->out, ')');
		print_arg(p, n);
		break;
	case AST_VALUE:
		p->constant(n->text, p->out);
		break;
	case AST_LIST:
		strbuf_addc(p->out, '(');
		print_list(p, n, ", ");
		strbuf_addc(p->out, ')');
		break;
	}
}

void ast_text(const struct ast *n, struct strbuf *out)
{
	const struct printer p = { out, condition_quote_canonical };

	print(&p, n);
}

/*
 * Arguments of a transformer are never bare: "nt:" is written nt: in canonical text, which is no
 * token there. Numbers are, and are printed as they were written.
 */
static void print_parsable(const struct ast *n, struct strbuf *out, bool in_call);

static void print_parsable_kids(const struct ast *n, struct strbuf *out, const char *between,
				bool in_call)
{
	uint32_t i;

	for (i = 0; i < n->n_kids; i++) {
		if (i)
			strbuf_adds(out, between);
		print_parsable(n->kids[i], out, in_call);
	}
}

static void quote_always(struct str value, struct strbuf *out)
{
	struct strbuf sb = STRBUF_INIT;

	condition_quote(value, &sb);
	if (sb.s[0] == '"') {
		strbuf_addstr(out, strbuf_str(&sb));
	} else {
		/* Bare text holds no quote; a backslash in it must be doubled, the last one spelt
		 * out. */
		size_t i;

		strbuf_addc(out, '"');
		for (i = 0; i < value.n; i++) {
			if (value.p[i] != '\\')
				strbuf_addc(out, value.p[i]);
			else
				strbuf_adds(out, i + 1 == value.n ? "\\x5c" : "\\\\");
		}
		strbuf_addc(out, '"');
	}
	strbuf_release(&sb);
}

static void print_parsable(const struct ast *n, struct strbuf *out, bool in_call)
{
	const struct printer p = { out, condition_quote };

	switch (n->kind) {
	case AST_AND:
	case AST_OR:
		strbuf_addc(out, '(');
		print_parsable_kids(n, out, n->kind == AST_AND ? " and " : " or ", false);
		strbuf_addc(out, ')');
		break;
	case AST_NOT:
		/* "not not x" would be read as x. */
		strbuf_adds(out, n->kids[0]->kind == AST_NOT ? "not (" : "not ");
		print_parsable(n->kids[0], out, false);
		if (n->kids[0]->kind == AST_NOT)
			strbuf_addc(out, ')');
		break;
	case AST_UNARY:
	case AST_BINARY:
		print_parsable(n->kids[0], out, false);
		strbuf_addc(out, ' ');
		strbuf_adds(out, condition_op_text(n->op));
		if (n->kind == AST_UNARY)
			break;
		strbuf_addc(out, ' ');
		if (n->modifier != MOD_NONE) {
			strbuf_adds(out, condition_modifier_text(n->modifier));
			strbuf_addc(out, ' ');
		}
		print_parsable(n->kids[1], out, false);
		break;
	case AST_TRANSFORM:
	case AST_VAL:
		strbuf_addstr(out, n->text);
		strbuf_addc(out, '(');
		print_parsable_kids(n, out, ",", true);
		strbuf_addc(out, ')');
		print_arg(&p, n);
		break;
	case AST_LIST:
		strbuf_addc(out, '(');
		print_parsable_kids(n, out, ", ", in_call);
		strbuf_addc(out, ')');
		break;
	case AST_VALUE:
		if (in_call ? n->quoted : n->quoted && n->text.n > 0 && lexer_is_bare(n->text.p[0]))
			quote_always(n->text, out);
		else
			condition_quote(n->text, out);
		break;
	case AST_MACRO:
	case AST_FIELD:
		print(&p, n);
		break;
	}
}

void ast_text_parsable(const struct ast *n, struct strbuf *out)
{
	print_parsable(n, out, false);
}

static void json_kids(const struct ast *n, struct json_writer *w, const char *key)
{
	uint32_t i;

	json_key(w, key);
	json_begin_array(w);
	for (i = 0; i < n->n_kids; i++)
		ast_json(n->kids[i], w);
	json_end_array(w);
}

static void json_text(struct json_writer *w, const char *key, struct str text)
{
	json_key(w, key);
	json_str(w, text);
}

void ast_json(const struct ast *n, struct json_writer *w)
{
	if (w->depth + 3 >= JSON_MAX_DEPTH) {
		json_strz(w, "...");
		return;
	}
	json_begin_object(w);
	switch (n->kind) {
	case AST_AND:
		json_kids(n, w, "and");
		break;
	case AST_OR:
		json_kids(n, w, "or");
		break;
	case AST_NOT:
		json_key(w, "not");
		ast_json(n->kids[0], w);
		break;
	case AST_MACRO:
		json_text(w, "macro", n->text);
		break;
	case AST_UNARY:
	case AST_BINARY:
		json_text(w, "op", str_of(condition_op_text(n->op)));
		if (n->modifier != MOD_NONE)
			json_text(w, "modifier", str_of(condition_modifier_text(n->modifier)));
		json_key(w, "left");
		ast_json(n->kids[0], w);
		if (n->kind == AST_BINARY) {
			json_key(w, "right");
			ast_json(n->kids[1], w);
		}
		break;
	case AST_FIELD:
		json_text(w, "field", n->text);
		if (n->has_arg)
			json_text(w, "arg", n->arg);
		break;
	case AST_TRANSFORM:
	case AST_VAL:
		json_text(w, "transformer", n->text);
		json_kids(n, w, "of");
		if (n->has_arg)
			json_text(w, "arg", n->arg);
		break;
	case AST_VALUE:
		json_text(w, "value", n->text);
		break;
	case AST_LIST:
		json_kids(n, w, "list");
		break;
	}
	json_key(w, "pos");
	json_begin_array(w);
	json_u64(w, n->pos.idx);
	json_u64(w, n->pos.line);
	json_u64(w, n->pos.col);
	json_end_array(w);
	json_end_object(w);
}
